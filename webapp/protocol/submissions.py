"""What a mutation sends, read once: from here on there are types, and nothing is parsed again.

What cannot be read is None, and the decision says so. Whether a signature verifies depends on the submission
alone, so it is found out once and remembered: by whoever asks first, with no lock held.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Generic, Self, TypeAlias, TypeVar

from webapp.protocol.address import Address
from webapp.protocol.authorization import AuthorizationText, GivenSignature, WalletSignature, signer_of
from webapp.protocol.errors import ProtocolError
from webapp.protocol.handle import Handle, parse_handle
from webapp.protocol.handle_message import HandleMessage, HandleOperation
from webapp.protocol.key_message import KeyMessage, KeyOperation
from webapp.protocol.log_entries import BY_WALLET
from webapp.protocol.message import FollowMessage, Operation
from webapp.protocol.signing_key import MessageSignature, SigningKey

Fields: TypeAlias = Mapping[str, Any]
"""A mutation's input as it was sent, by GraphQL's names: texts, None and truth values."""

_T = TypeVar("_T")
_Operation = TypeVar("_Operation", Operation, HandleOperation)
_Message = TypeVar("_Message", FollowMessage, HandleMessage)


class _Verified(ABC):
    """A signature's verification, made when it is first asked for and then remembered."""

    @abstractmethod
    def _verify(self) -> bool: ...

    @property
    def is_genuine(self) -> bool:
        """Whether the key that is named made the signature over the message."""
        # No cached_property: that of Python 3.11 holds one lock for all submissions while it computes.
        known: bool | None = self.__dict__.get("_genuine")
        if known is None:
            known = self.__dict__["_genuine"] = self._verify()
        return known


@dataclass(frozen=True)
class _AboutHandle(_Verified, Generic[_Operation, _Message]):
    """A mutation about a handle, which a device signs."""

    operation: _Operation
    address: Address | None
    handle: Handle | None
    message: _Message | None  # None as well where it says otherwise than the other fields
    signature: MessageSignature | None
    signing_key: SigningKey | None

    _parse: ClassVar[Callable[..., Any]]

    @classmethod
    def read(cls, operation: _Operation, fields: Fields) -> Self:
        """Read the five fields as they were sent; never raises for any content of them."""
        whose, whom = read(Address.parse, fields["address"]), read(parse_handle, fields["handle"])
        said = read(cls._parse, fields["message"])
        if said and (said.operation is not operation or said.address != whose or said.handle != whom):
            said = None
        made = read(MessageSignature.parse, fields["signature"])
        return cls(operation, whose, whom, said, made, read(SigningKey.parse, fields["signingKey"]))

    def _verify(self) -> bool:
        key, signature, message = self.signing_key, self.signature, self.message
        if key is None or signature is None or message is None:
            return False
        return key.verify(signature, message.payload)


class Submission(_AboutHandle[Operation, FollowMessage]):
    """A `follow` or `unfollow` mutation."""

    _parse = FollowMessage.parse


class HandleSubmission(_AboutHandle[HandleOperation, HandleMessage]):
    """A mutation about a handle of one's own, `claimHandle` and its like."""

    _parse = HandleMessage.parse


@dataclass(frozen=True)
class KeySubmission(_Verified):
    """A `revokeSigningKey`, `renameSigningKey` or `renewSigningKey` mutation."""

    operation: KeyOperation
    address: Address | None
    signing_key: SigningKey | None
    message: KeyMessage | None  # what was signed; None as well where it says otherwise than the other fields
    signature: MessageSignature | WalletSignature | None  # a device's, or the wallet's
    authorized_by: SigningKey | None  # the device's key; None where the wallet signed
    by_wallet: bool  # whether the wallet signed

    @classmethod
    def read(cls, operation: KeyOperation, fields: Fields) -> Self:
        """Read the fields as they were sent; never raises for any content of them.

        `authorizedBy` is missing, None or empty where the wallet signed.
        """
        signing_key, given = fields["signingKey"], fields["signature"]
        authorized_by = fields.get("authorizedBy")
        whose, said = read(Address.parse, fields["address"]), read(KeyMessage.parse, fields["message"])
        if said and (said.operation, said.address, said.signing_key) != (operation, whose, signing_key):
            said = None
        by_wallet = authorized_by is None or authorized_by == BY_WALLET
        made: MessageSignature | WalletSignature | None
        made = read(WalletSignature.parse, given) if by_wallet else read(MessageSignature.parse, given)
        key, signer = read(SigningKey.parse, signing_key), read(SigningKey.parse, authorized_by)
        return cls(operation, whose, key, said, made, signer, by_wallet)

    def _verify(self) -> bool:
        if self.message is None:
            return False
        if isinstance(self.signature, WalletSignature):
            return signer_of(self.message.text, self.signature) == self.address
        if self.signature is None or self.authorized_by is None:
            return False
        return self.authorized_by.verify(self.signature, self.message.payload)


@dataclass(frozen=True)
class Registration(_Verified):
    """A `registerSigningKey` mutation."""

    address: Address | None
    text: AuthorizationText | None
    signing_key: SigningKey | None  # the key that the text names
    signature: GivenSignature | None
    bearer: Address | None  # whose access token came along
    valid_by_contract: bool | None = None  # what the address's contract says; None where nobody asked it

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Read the fields as they were sent; never raises for any content of them.

        Besides them, where there are such: `bearer`, whose access token came along, as a checked address;
        `byContract`, what the address's contract says, once asked.
        """
        whose, text = read(Address.parse, fields["address"]), read(AuthorizationText.parse, fields["message"])
        key = None if text is None else read(SigningKey.parse, text.signing_key)
        made, token_of = read(GivenSignature.parse, fields["signature"]), fields.get("bearer")
        bearer = None if token_of is None else Address(token_of)
        return cls(whose, text, key, made, bearer, fields.get("byContract"))

    def _verify(self) -> bool:
        if self.address is None or self.text is None or self.signature is None:
            return False
        return self.signature.signer(self.text.text) == self.address

    @property
    def accepted_signature(self) -> str | None:
        """The signature as it is to be kept: of the address's own key, or what its contract accepts."""
        if self.signature is None:
            return None
        if isinstance(self.signature.by_key, WalletSignature) and self.is_genuine:
            return self.signature.by_key.text
        return self.signature.text if self.valid_by_contract else None


AnySubmission: TypeAlias = Submission | HandleSubmission | KeySubmission | Registration

REGISTER = "registerSigningKey"


def read(parse: Callable[[object], _T], value: object) -> _T | None:
    """Parse, where None says that it cannot be."""
    try:
        return parse(value)
    except ProtocolError:
        return None


def submission_of(mutation: str, fields: Fields) -> AnySubmission:
    """Read what a mutation sent, by the mutation's name; never raises for any content of the fields."""
    return READERS[mutation](fields)


READERS: Mapping[str, Callable[[Fields], AnySubmission]] = {
    "follow": partial(Submission.read, Operation.FOLLOW),
    "unfollow": partial(Submission.read, Operation.UNFOLLOW),
    "claimHandle": partial(HandleSubmission.read, HandleOperation.CLAIM),
    "releaseHandle": partial(HandleSubmission.read, HandleOperation.RELEASE),
    "updateProfile": partial(HandleSubmission.read, HandleOperation.PROFILE),
    "removeFollower": partial(HandleSubmission.read, HandleOperation.REMOVE),
    "blockFollower": partial(HandleSubmission.read, HandleOperation.BLOCK),
    "unblockFollower": partial(HandleSubmission.read, HandleOperation.UNBLOCK),
    "revokeSigningKey": partial(KeySubmission.read, KeyOperation.REVOKE),
    "renameSigningKey": partial(KeySubmission.read, KeyOperation.RENAME),
    "renewSigningKey": partial(KeySubmission.read, KeyOperation.RENEW),
    REGISTER: Registration.read,
}
SIGNED = READERS.keys() - {REGISTER}
"""The mutations that need nothing but their fields; for a registration, a contract may be asked first."""
