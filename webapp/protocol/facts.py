"""What a decision is made from beside the submission, and what it is: plain values."""

from dataclasses import dataclass

from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.handle_message import LoggedMessage
from webapp.protocol.proofs.proof import OperationLogEntry
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.status import RegistrationStatus, Status


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules that decisions are made by.

    Attributes:
        past_ms: How old a message may be, in milliseconds, this end included.
        future_ms: How far ahead a message may be, in milliseconds, this end included.
        signer_quota: How many operations of one address are accepted within `quota_window_ms`.
        quota_window_ms: The length of that window, in milliseconds.
        entities: The entities that an authorisation text may name; None admits any.
        max_live_keys: How many keys of one address may be neither expired nor revoked.
        reserved_handles: Handles that nobody may claim.
        quarantine_ms: How long a released handle is kept from everybody but who released it, in milliseconds.
        max_handles: How many handles one address may own.
    """

    past_ms: int = 300_000
    future_ms: int = 60_000
    signer_quota: int = 600
    quota_window_ms: int = 60_000
    entities: frozenset[str] | None = None
    max_live_keys: int = 32
    reserved_handles: frozenset[str] = frozenset()
    quarantine_ms: int = 30 * 86_400_000
    max_handles: int = 32


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A pair of address and signing key that the gateway knows.

    Attributes:
        authorization: The wallet's authorisation of it.
        expires_at: Milliseconds since the epoch; from this millisecond on the key is expired.
        revoked_at: Milliseconds since the epoch, or None. A revoked pair stays revoked for ever.
    """

    authorization: SigningKeyAuthorization
    expires_at: int
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """Where the log of a pair stands: its last accepted operation, and what came of it.

    Attributes:
        sequence: The last operation's number in the pair's log.
        entry_digest: The digest of its log entry.
        ts: Its message's time, in milliseconds since the epoch.
        digest: SHA-256 of its message, in lower-case hex.
        following: Whether the address follows the handle since.
        since: When what holds now was accepted, in milliseconds since the epoch.
        position: Where that is in the whole log.
    """

    sequence: int
    entry_digest: str
    ts: int
    digest: str
    following: bool
    since: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """The newest message that was verified and answered ALREADY_DONE: kept beside the log, and no part of it.

    Attributes:
        ts: Its time, in milliseconds since the epoch.
        digest: SHA-256 of its text, in lower-case hex.
    """

    ts: int
    digest: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gateway knows about a submission's subject.

    Attributes:
        owner: Who owns the handle's profile, where there is one.
        profile_exists: Whether the handle has a profile.
        last: The last accepted operation of the pair.
        key: The registration of the signing key for the address.
        accepted_in_window: How many operations of the address were accepted within the quota's window.
        answered: The pair's newest message that was answered ALREADY_DONE, where it is newer than `last`.
    """

    owner: Address | None
    profile_exists: bool
    last: Edge | None
    key: RegisteredKey | None
    accepted_in_window: int
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What SUCCESS appends to the log."""

    message: LoggedMessage
    entry: OperationLogEntry


@dataclass(frozen=True, slots=True)
class Decision:
    """A status, with what belongs to it.

    Attributes:
        status: The answer.
        ts_in_server: A time that the pair's next message may carry, in milliseconds since the epoch.
        accepted: What to append, with SUCCESS only.
        answered: What to keep beside the log before this leaves, with ALREADY_DONE only: the pair's newest.
    """

    status: Status
    ts_in_server: int
    accepted: Accepted | None
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """What the gateway knows about a registration.

    Attributes:
        existing: The registration of this pair of address and key, in whatever state.
        live_keys: How many keys of the address are neither expired nor revoked.
    """

    existing: RegisteredKey | None
    live_keys: int


@dataclass(frozen=True, slots=True)
class RegistrationDecision:
    """A status, with what belongs to it.

    Attributes:
        status: The answer.
        accepted: With SUCCESS, the authorisation that holds: the one that was there before, if any.
        signing_key: With SUCCESS, the key.
        already: Whether the pair was live before, so that there is nothing to store.
    """

    status: RegistrationStatus
    accepted: SigningKeyAuthorization | None
    signing_key: SigningKey | None
    already: bool
