"""How a wallet authorises a device's signing key: a text, signed with `personal_sign` (EIP-191)."""

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from coincurve import PublicKey
from eth_hash.auto import keccak

from webapp.protocol.address import Address
from webapp.protocol.errors import ProtocolError, SignatureError

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order n of secp256k1's base point (SEC 2, section 2.4.1)."""

# An entity may hold any printable ASCII, this sentence included: only the line's two ends are looked at.
_TEXT_FORM = re.compile(
    r"I authorize (?P<entity>[!-~](?:[ -~]{0,62}[!-~])?) from this device using signing key:\n(?P<key>[!-~]+)"
)
ENTITY_FORM = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")
_SIGNATURE_FORM = re.compile(r"0x([0-9a-fA-F]{64})([0-9a-fA-F]{64})([0-9a-fA-F]{2})")
_CONTRACT_SIGNATURE_FORM = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_RECOVERY_IDS = {0: 0, 1: 1, 27: 0, 28: 1}
_LEGACY_V = 27

MAX_CONTRACT_SIGNATURE = 8192
"""Bytes: room for the deployment of a wallet and several owners' signatures."""


@dataclass(frozen=True, slots=True)
class AuthorizationText:
    """The text that a wallet signed."""

    text: str
    entity: str  # who asked: 1 to 64 printable ASCII characters without outer spaces
    signing_key: str  # the second line, printable ASCII without spaces, not yet read as a key

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read the two lines, to the byte: no third line, no CR, no white space around the key."""
        found = _TEXT_FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            expected = "'I authorize {entity} from this device using signing key:', a line feed, and the key"
            raise ProtocolError("message", expected)
        return cls(found[0], found["entity"], found["key"])


def compose_authorization_text(entity: str, signing_key: str) -> str:
    """Write the text for a wallet to sign; the signing key is in base64."""
    if not ENTITY_FORM.fullmatch(entity):
        raise ProtocolError("entity", "1 to 64 printable ASCII characters without outer spaces")
    return f"I authorize {entity} from this device using signing key:\n{signing_key}"


@dataclass(frozen=True, slots=True)
class WalletSignature:
    """A recoverable secp256k1 signature in its normal form."""

    text: str  # `0x` and 130 hex digits: r, s and v, where v is 1b or 1c
    recoverable: bytes  # r, s and the recovery id 0 or 1, 65 bytes

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `0x` and 130 hex digits; r and s are in 1 to n - 1, v is 0, 1, 27 or 28 (wallets differ)."""
        found = _SIGNATURE_FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise SignatureError("signature", "0x and 130 hexadecimal digits: r, s and v")
        r, s, v = (int(part, 16) for part in found.groups())
        if not (0 < r < ORDER and 0 < s < ORDER):
            raise SignatureError("signature", "r and s from 1 to the order of secp256k1 less one")
        recovery_id = _RECOVERY_IDS.get(v)
        if recovery_id is None:
            raise SignatureError("signature", "v of 27 or 28, or of 0 or 1")
        rs = bytes.fromhex(found[1] + found[2])
        return cls(f"0x{rs.hex()}{_LEGACY_V + recovery_id:02x}", rs + bytes([recovery_id]))


@dataclass(frozen=True, slots=True)
class GivenSignature:
    """What a wallet gave for a text, read before anybody knows whether a key or a contract stands behind it.

    Wherever a wallet's signature is taken, it is read here: no entrance knows fewer spellings than another.
    """

    text: str  # for a contract to judge (EIP-1271, ERC-6492): `0x` and hex digits in lower case, or none
    by_key: WalletSignature | SignatureError  # the same as the signature of a key; else what it lacks for one

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `0x` and hex digits: 130 of a key, any even number up to 16,384 of a contract, none too."""
        longest = 2 + 2 * MAX_CONTRACT_SIGNATURE
        if not isinstance(text, str) or len(text) > longest or not _CONTRACT_SIGNATURE_FORM.fullmatch(text):
            expected = f"0x and hexadecimal digits, two a byte, of at most {MAX_CONTRACT_SIGNATURE} bytes"
            raise SignatureError("signature", expected)
        try:
            return cls(text.lower(), WalletSignature.parse(text))
        except SignatureError as fault:
            return cls(text.lower(), fault)

    @property
    def payload(self) -> bytes:
        return bytes.fromhex(self.text[2:])

    def signer(self, text: str) -> Address | None:
        """Find whose key signed a text with it; None: no key did."""
        return None if isinstance(self.by_key, SignatureError) else signer_of(text, self.by_key)


def personal_sign_digest(text: str) -> bytes:
    """Hash a text to the 32 bytes that `personal_sign` signs (EIP-191, version 0x45)."""
    try:
        payload = text.encode("utf-8")
    except UnicodeEncodeError:
        raise SignatureError("message", "text without lone surrogates") from None
    return keccak(f"\x19Ethereum Signed Message:\n{len(payload)}".encode("ascii") + payload)


def recover_personal_sign(text: str, signature: WalletSignature) -> Address:
    """Recover who signed the text's UTF-8 bytes with `personal_sign`."""
    digest = personal_sign_digest(text)
    try:
        key = PublicKey.from_signature_and_message(signature.recoverable, digest, hasher=None)
    except ValueError:  # no point of the curve belongs to this r, or the point found is at infinity
        raise SignatureError("signature", "one that a wallet can have made") from None
    return Address.from_digits(keccak(key.format(compressed=False)[1:])[-20:].hex())


def signer_of(text: str, signature: WalletSignature) -> Address | None:
    """Recover as `recover_personal_sign` does; None where that is not possible."""
    try:
        return recover_personal_sign(text, signature)
    except SignatureError:
        return None


@dataclass(frozen=True, slots=True)
class SigningKeyAuthorization:
    """A wallet's authorisation of a signing key, as it is stored and shown in proofs."""

    address: Address
    message: str
    signature: str  # the wallet's in normal form, as `WalletSignature` or `GivenSignature` has it

    @property
    def digest(self) -> str:
        """SHA-256 of message, line feed and signature, in lower-case hex: what the operation log names."""
        return hashlib.sha256(f"{self.message}\n{self.signature.lower()}".encode()).hexdigest()
