"""Sign-In with Ethereum (EIP-4361): writing the text, and deciding whether a signed one signs somebody in.

The `siwe` package parses and verifies. What it leaves open is closed here: the text must be what its fields
say, to the byte; every field has one allowed value; the signature has one form.
https://eips.ethereum.org/EIPS/eip-4361
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from eth_keys.exceptions import BadSignature

from webapp.chain.contract_wallets import ContractWallets
from webapp.protocol.address import Address
from webapp.protocol.authorization import ContractSignature, personal_sign_digest
from webapp.protocol.errors import SignatureError
from webapp.siwe.package import siwe_package

if TYPE_CHECKING:
    import siwe  # type: ignore[import-untyped]  # the package carries no types

MAX_TEXT = 2048
"""Bytes. The package's parser takes 27 s for 20 kB."""
MIN_NONCE = 17
STATEMENT = "Sign in to Countersign. This is free, sends no transaction and moves no funds."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NONCE_LINE = re.compile(r"^Nonce: ([A-Za-z0-9]{1,64})$", re.MULTILINE)
_HEX = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")
_SIGNATURE_BYTES = 65


class Reason(StrEnum):
    """Why a sign-in was refused."""

    NONCE_UNKNOWN = "nonce-unknown"
    NONCE_EXPIRED = "nonce-expired"
    TEXT_DIFFERS = "text-differs"
    TEXT_MALFORMED = "text-malformed"
    FIELD = "field"
    DOMAIN = "domain"
    CHAIN = "chain"
    SIGNATURE = "signature"
    UNSUPPORTED_WALLET = "unsupported-wallet"


class LoginRefused(Exception):  # noqa: N818 (an outcome, not a fault)
    """A sign-in that does not hold.

    Attributes:
        reason: Why, as a code.
        detail: Why, in a sentence for the person who signs in.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a wallet is asked to sign.

    Attributes:
        domain: Host and port of the origin.
        uri: The origin.
        address: Who signs in.
        chain_id: EIP-155, positive.
        nonce: At least 17 letters and digits.
        issued_at: Milliseconds since the Unix epoch.
        expires_at: The same, and the first moment that is too late.
    """

    domain: str
    uri: str
    address: Address
    chain_id: int
    nonce: str
    issued_at: int
    expires_at: int

    @property
    def text(self) -> str:
        """The message, as EIP-4361 has it."""
        return (
            f"{self.domain} wants you to sign in with your Ethereum account:\n{self.address}\n\n"
            f"{STATEMENT}\n\n"
            f"URI: {self.uri}\nVersion: 1\nChain ID: {self.chain_id}\nNonce: {self.nonce}\n"
            f"Issued At: {_moment(self.issued_at)}\nExpiration Time: {_moment(self.expires_at)}"
        )


@dataclass(frozen=True, slots=True)
class VerifiedLogin:
    """Who signed in, and for which chain."""

    address: Address
    chain_id: int


def find_nonce(text: str) -> str | None:
    """Find the nonce that a text claims, cheaply: nothing else about the text is looked at."""
    found = _NONCE_LINE.search(text)
    return found[1] if found else None


def verify_login(
    text: str,
    signature: object,
    *,
    domain: str,
    uri: str,
    address: Address,
    nonce: str,
    chain_ids: frozenset[int] | None,
    now: int,
    max_age_ms: int,
    contract_wallets: ContractWallets | None = None,
) -> VerifiedLogin:
    """Decide whether a signed text signs somebody in.

    Args:
        text: The message, exactly as it was signed.
        signature: `0x` and 130 hex digits, v of 27 or 28; or what the contract at the address vouches for, if
            it is one of a chain that may be asked; anything else is refused.
        domain: The only domain allowed.
        uri: The only URI allowed.
        address: The only address allowed.
        nonce: The only nonce allowed.
        chain_ids: Chains allowed; None: any but 0.
        now: Milliseconds since the Unix epoch.
        max_age_ms: How far `now` may be from the time of issue, either way.
        contract_wallets: The chains that may be asked about contract wallets.

    Raises:
        LoginRefused: It does not.
        RpcError: The chain gave no answer.
    """
    at = _EPOCH + timedelta(milliseconds=now)
    message = _parse(text)
    _check_fields(message, domain=domain, uri=uri, address=address, nonce=nonce, chain_ids=chain_ids)
    _check_times(message, at, timedelta(milliseconds=max_age_ms))
    try:
        _check_key(message, signature, domain=domain, nonce=nonce, at=at)
    except LoginRefused:
        if contract_wallets is None or message.chain_id not in contract_wallets.chain_ids:
            raise
        _check_contract(contract_wallets, text, signature, address)
    return VerifiedLogin(address, message.chain_id)


def _check_fields(
    message: "siwe.SiweMessage",
    *,
    domain: str,
    uri: str,
    address: Address,
    nonce: str,
    chain_ids: frozenset[int] | None,
) -> None:
    if (
        message.scheme is not None
        or message.statement != STATEMENT
        or message.address != address.checksummed
        or len(message.nonce) < MIN_NONCE
        or message.not_before is not None
        or message.request_id is not None
        or message.resources is not None
    ):
        raise LoginRefused(Reason.FIELD, "The signed text has a field that this site does not write.")
    if uri != message.uri or domain != message.domain:
        raise LoginRefused(Reason.DOMAIN, "The signed text is for another site.")
    if message.chain_id == 0 or (chain_ids is not None and message.chain_id not in chain_ids):
        raise LoginRefused(Reason.CHAIN, "Accounts of this chain cannot sign in here.")
    if nonce != message.nonce:
        raise LoginRefused(Reason.NONCE_UNKNOWN, "The signed text answers another challenge.")


def _check_times(message: "siwe.SiweMessage", at: datetime, max_age: timedelta) -> None:
    expires, issued = message.expiration_time, message.issued_at
    if expires is None or at >= _time(expires) or abs(_time(issued) - at) > max_age:
        raise LoginRefused(Reason.NONCE_EXPIRED, "The signed text is too old. Sign in again.")


def _check_key(
    message: "siwe.SiweMessage", signature: object, *, domain: str, nonce: str, at: datetime
) -> None:
    """Refuse what the address's own key did not sign."""
    _check_form(signature)
    try:
        message.verify(signature, domain=domain, nonce=nonce, timestamp=at)
    except (siwe_package().VerificationError, BadSignature):
        raise LoginRefused(Reason.SIGNATURE, "The signature is not this account's.") from None


def _check_contract(wallets: ContractWallets, text: str, signature: object, address: Address) -> None:
    """Refuse what no contract wallet at the address vouches for (EIP-1271, ERC-6492)."""
    try:
        payload = ContractSignature.parse(signature).payload
    except SignatureError as error:
        raise LoginRefused(Reason.SIGNATURE, str(error)) from None
    if not wallets.vouches(address, personal_sign_digest(text), payload):
        detail = "The signature is not this account's, nor does a contract wallet of it vouch for it."
        raise LoginRefused(Reason.SIGNATURE, detail)


def _parse(text: str) -> "siwe.SiweMessage":
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise LoginRefused(Reason.TEXT_MALFORMED, f"The signed text is longer than {MAX_TEXT} bytes.")
    try:
        message: siwe.SiweMessage = siwe_package().SiweMessage.from_message(text)
    except ValueError:
        raise LoginRefused(Reason.TEXT_MALFORMED, "The signed text is no EIP-4361 message.") from None
    # The package verifies what it writes, not what it read: "Chain ID: 01" would pass, signed over "1".
    if message.prepare_message() != text:
        raise LoginRefused(Reason.TEXT_MALFORMED, "The signed text is not in its one canonical form.")
    return message


def _check_form(signature: object) -> None:
    found = _HEX.fullmatch(signature) if isinstance(signature, str) else None
    length = len(found[1]) // 2 if found else None
    if length is not None and (length == 0 or length > _SIGNATURE_BYTES + 1):
        # A contract's signature (EIP-1271, ERC-6492) can be of any length; only its contract can check it.
        raise LoginRefused(Reason.UNSUPPORTED_WALLET, "Contract wallets of this chain cannot sign in here.")
    if found is None or length != _SIGNATURE_BYTES:
        raise LoginRefused(Reason.SIGNATURE, "signature: expected 0x and 130 hexadecimal digits")
    if int(found[1][128:], 16) not in {27, 28}:  # r and s out of range give no key, which the package says
        raise LoginRefused(Reason.SIGNATURE, "signature: expected v of 27 or 28")


def _moment(ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)
