"""Sign-In with Ethereum (EIP-4361): writing the text, and deciding whether a signed one signs somebody in.

Only texts written here are taken, so none is parsed: each is compared, byte by byte, with its fields' text.
https://eips.ethereum.org/EIPS/eip-4361
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from webapp.chain.contract_wallets import ContractWallets
from webapp.protocol.address import Address
from webapp.protocol.authorization import GivenSignature, WalletSignature, personal_sign_digest
from webapp.protocol.errors import SignatureError
from webapp.siwe.package import siwe_package

MAX_TEXT = 2048
"""Bytes; longer than any text that is written."""
STATEMENT = "Sign in to Countersign. This is free, sends no transaction and moves no funds."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NONCE_LINE = re.compile(r"^Nonce: ([A-Za-z0-9]{1,64})$", re.MULTILINE)
_CHAIN_LINE = re.compile(r"^Chain ID: ([1-9][0-9]{0,15})$", re.MULTILINE)
_KEY_SIGNATURE_BYTES = 65


class Reason(StrEnum):
    """Why a sign-in was refused."""

    NONCE_UNKNOWN = "nonce-unknown"
    NONCE_EXPIRED = "nonce-expired"
    TEXT_DIFFERS = "text-differs"
    DOMAIN = "domain"
    CHAIN = "chain"
    SIGNATURE = "signature"
    UNSUPPORTED_WALLET = "unsupported-wallet"


class LoginRefused(Exception):  # noqa: N818 (an outcome, not a fault)
    """A sign-in that does not hold."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a wallet is asked to sign."""

    domain: str
    uri: str
    address: Address
    chain_id: int  # EIP-155, positive
    nonce: str  # unguessable letters and digits
    issued_at: int  # ms since the epoch
    expires_at: int  # the same, and the first moment that is too late

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


def find_address(text: str) -> Address:
    """Find the address that a text written here names."""
    return Address(text.split("\n", 2)[1])


def find_chain_id(text: str) -> int:
    """Find the chain that a text written here names; 0 in any other."""
    found = _CHAIN_LINE.search(text)
    return int(found[1]) if found else 0


def verify_login(
    text: str,
    signature: object,
    *,
    challenge: Challenge,
    chain_ids: frozenset[int] | None,
    now: int,
    max_age_ms: int,
    contract_wallets: ContractWallets | None = None,
) -> VerifiedLogin:
    """Decide whether a signed text is the challenge's, in time, and signed by the challenge's account.

    `signature` is `0x` and 130 hex digits of a key, or what the contract at the address accepts, where its
    chain may be asked. `chain_ids` None admits any; `now` and `max_age_ms` are milliseconds, and `now` may be
    that far from the time of issue, either way. Raises `LoginRefused`, or `RpcError` where the chain gave no
    answer.
    """
    if text != challenge.text:
        if not text.startswith(f"{challenge.domain} wants "):
            raise LoginRefused(Reason.DOMAIN, "The signed text is for another site.")
        raise text_differs()
    if chain_ids is not None and challenge.chain_id not in chain_ids:
        raise LoginRefused(Reason.CHAIN, "Accounts of this chain cannot sign in here.")
    if now >= challenge.expires_at or abs(now - challenge.issued_at) > max_age_ms:
        raise LoginRefused(Reason.NONCE_EXPIRED, "The signed text is too old. Sign in again.")
    try:
        given = GivenSignature.parse(signature)
    except SignatureError as error:
        raise _not_understood(error) from None
    if not _is_by_key(challenge, given, now):
        if contract_wallets is None or challenge.chain_id not in contract_wallets.chain_ids:
            raise _not_by_key(given)
        digest, payload = personal_sign_digest(text), given.payload
        if not contract_wallets.is_valid_signature(challenge.address, digest, payload):
            detail = "The signature is not this account's, nor does a contract wallet of it vouch for it."
            raise LoginRefused(Reason.SIGNATURE, detail)
    return VerifiedLogin(challenge.address, challenge.chain_id)


def text_differs() -> LoginRefused:
    """Refuse a text that nobody was asked to sign here."""
    return LoginRefused(Reason.TEXT_DIFFERS, "The signed text is not the one that was issued.")


def unsupported_wallet() -> LoginRefused:
    """Refuse a signature that only a contract could vouch for, where no chain is asked."""
    detail = "Contract wallets of this chain cannot sign in here."
    return LoginRefused(Reason.UNSUPPORTED_WALLET, detail)


def _is_by_key(challenge: Challenge, given: GivenSignature, now: int) -> bool:
    # What another key signed is told at a tenth of what the package costs.
    if not isinstance(given.by_key, WalletSignature) or given.signer(challenge.text) != challenge.address:
        return False
    package = siwe_package()
    # What the package lets through for a signature that no key can have made; it has loaded this.
    from eth_keys.exceptions import BadSignature  # noqa: PLC0415

    # Its validation would refuse hosts that its grammar or its URLs do not know; these fields are our own.
    message = package.SiweMessage.model_construct(
        domain=challenge.domain,
        address=challenge.address.checksummed,
        statement=STATEMENT,
        uri=challenge.uri,
        version="1",
        chain_id=challenge.chain_id,
        nonce=challenge.nonce,
        issued_at=package.ISO8601Datetime(_moment(challenge.issued_at)),
        expiration_time=package.ISO8601Datetime(_moment(challenge.expires_at)),
    )
    at = _EPOCH + timedelta(milliseconds=now)
    try:
        message.verify(given.by_key.text, domain=challenge.domain, nonce=challenge.nonce, timestamp=at)
    except (package.VerificationError, BadSignature):
        return False
    return True


def _not_by_key(given: GivenSignature) -> LoginRefused:
    """Say what is wrong with a signature where nobody but the address's own key could have made it."""
    if isinstance(given.by_key, WalletSignature):
        detail = (
            "The signature is not this account's, or is of another text."
            " Choose the account in the wallet, and sign again."
        )
        return LoginRefused(Reason.SIGNATURE, detail)
    length = len(given.payload)
    if length == 0 or length > _KEY_SIGNATURE_BYTES + 1:
        return unsupported_wallet()
    return _not_understood(given.by_key)


def _not_understood(fault: SignatureError) -> LoginRefused:
    return LoginRefused(Reason.SIGNATURE, f"The signature is not understood: expected {fault.expected}.")


def _moment(ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
