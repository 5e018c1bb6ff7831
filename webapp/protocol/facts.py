"""What a decision is made from beside the submission, and what it is: plain values."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.handle_message import LoggedMessage
from webapp.protocol.log_entries import OperationLogEntry
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.status import RegistrationStatus, Status

_StatusT = TypeVar("_StatusT")
_AcceptedT = TypeVar("_AcceptedT")


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that decisions are made by."""

    past_ms: int = 300_000  # how old a message may be, in ms, this end included
    future_ms: int = 60_000  # how far ahead a message may be, in ms, this end included
    signer_quota: int = 600  # how many operations of one address are accepted within `quota_window_ms`
    quota_window_ms: int = 60_000  # the length of that window, in ms
    # The entities that an authorisation text may name; None admits any
    entities: frozenset[str] | None = None
    max_live_keys: int = 32  # how many keys of one address may be neither expired nor revoked
    reserved_handles: frozenset[str] = frozenset()  # handles that nobody may claim
    # How long a released handle is kept from everybody but who released it, in ms
    quarantine_ms: int = 30 * 86_400_000
    max_handles: int = 32  # how many handles one address may own

    def quota_of(self, own: int | None) -> int:
        """Give a signer's quota: a number of its own, or what all others have."""
        return self.signer_quota if own is None else own


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A pair of address and signing key that the gateway knows."""

    authorization: SigningKeyAuthorization  # the wallet's authorisation of it
    expires_at: int  # ms since the epoch; from this millisecond on the key is expired
    revoked_at: int | None  # ms since the epoch, or None. A revoked pair stays revoked for ever


@dataclass(frozen=True, slots=True)
class Edge:
    """Where the log of a pair stands: its last accepted operation, and what came of it."""

    sequence: int  # the last operation's number in the pair's log
    entry_digest: str
    ts: int  # its message's time, in ms since the epoch
    digest: str  # SHA-256 of its message, in lower-case hex
    following: bool  # whether the address follows the handle since, and its owner has not ended that
    since: int = 0  # when what holds now was accepted, in ms since the epoch
    position: int = 0  # where that is in the whole log


@dataclass(frozen=True, slots=True)
class LastKeyOperation:
    """The accepted operations on the keys of an address."""

    sequence: int
    entry_digest: str
    digest: str  # the digest of its message
    ts: int  # the newest time of them all, in ms since the epoch


@dataclass(frozen=True, slots=True)
class Answered:
    """The newest message that was verified and answered ALREADY_DONE, kept beside the log."""

    ts: int  # its time, in ms since the epoch
    digest: str  # SHA-256 of its text, in lower-case hex


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gateway knows about a submission's subject."""

    owner: Address | None  # who owns the handle's profile, where there is one
    profile_exists: bool  # whether the handle has a profile
    last: Edge | None  # the last accepted operation of the pair
    key: RegisteredKey | None  # the registration of the signing key for the address
    accepted_in_window: int  # how many operations of the address were accepted within the quota's window
    # The pair's newest message that was answered ALREADY_DONE, where it is newer than `last`
    answered: Answered | None = None
    blocked: bool = False  # whether a block by the handle's owner keeps the address from following it
    quota: int | None = None  # the address's own quota, where that is not the policy's


@dataclass(frozen=True, slots=True)
class Accepted:
    """What SUCCESS appends to the log."""

    message: LoggedMessage
    entry: OperationLogEntry


@dataclass(frozen=True, slots=True)
class Outcome(Generic[_StatusT, _AcceptedT]):
    """A status, with what belongs to it."""

    status: _StatusT
    ts_in_server: int  # a time that the next message may carry, in ms since the epoch
    accepted: _AcceptedT | None  # what to append, with SUCCESS only
    answered: Answered | None = None  # with ALREADY_DONE only: what to keep before the answer leaves
    # With RATE_LIMITED only: in how many seconds one more will be accepted; None where no waiting helps
    retry_after: int | None = None


class Decision(Outcome[Status, Accepted]):
    """The answer to a follow or unfollow."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """What the gateway knows about a registration."""

    existing: RegisteredKey | None  # the registration of this pair of address and key, in whatever state
    live_keys: int  # how many keys of the address are neither expired nor revoked


@dataclass(frozen=True, slots=True)
class RegistrationDecision:
    """A status, with what belongs to it."""

    status: RegistrationStatus
    # With SUCCESS, the authorisation that holds: the one that was there before, if any
    accepted: SigningKeyAuthorization | None
    signing_key: SigningKey | None
    already: bool  # whether the pair was live before, so that there is nothing to store
