"""What the site makes of a gateway's replies: values that were read and checked."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from webapp.protocol.proofs.proof import AnyProof
from webapp.protocol.status import RegistrationStatus
from webapp.upstream.exchange import Exchange

AnyStatus = TypeVar("AnyStatus", bound=StrEnum)
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class MutationReply(Generic[AnyStatus]):
    """Answer to any mutation but `registerSigningKey`; `ts_in_server` is in ms since the Unix epoch."""

    status: AnyStatus
    ts_in_server: int
    retry_after: int | None  # in how many seconds one more is accepted; None where the gateway does not say
    exchange: Exchange

    def as_json(self) -> dict[str, Any]:
        """The form that the page reads: `{status, tsInServer, exchange}`, and `retryAfter` where told."""
        told = {} if self.retry_after is None else {"retryAfter": self.retry_after}
        return {
            "status": self.status.value,
            "tsInServer": self.ts_in_server,
            **told,
            "exchange": self.exchange.as_json(),
        }


@dataclass(frozen=True, slots=True)
class RegistrationReply:
    """Answer to `registerSigningKey`."""

    status: RegistrationStatus
    exchange: Exchange

    def as_json(self) -> dict[str, Any]:
        """The form that the page reads: `{status, exchange}`."""
        return {"status": self.status.value, "exchange": self.exchange.as_json()}


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as the gateway tells it. `display_name` is the handle where the gateway knows no other name.

    `avatar` is an https or data URL, or empty. `is_followed_by_me` is False where nobody was named.
    """

    handle: str
    display_name: str
    bio: str  # empty where the gateway does not tell
    avatar: str
    owner: str
    follower_count: int
    is_followed_by_me: bool


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody in a list, as the visitor sees them; nobody sees any follows where nobody is signed in."""

    address: str  # empty where a handle has no owner any more
    handle: str  # empty where the address has none
    display_name: str
    avatar: str  # as in `Profile`
    is_followed_by_me: bool
    follows_me: bool


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """What a profile's own page begins with."""

    who: Someone
    bio: str
    follower_count: int
    following_count: int | None  # None where the gateway does not tell

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """As far as a profile alone tells."""
        who = Someone(
            address=profile.owner,
            handle=profile.handle,
            display_name=profile.display_name,
            avatar=profile.avatar,
            is_followed_by_me=profile.is_followed_by_me,
            follows_me=False,
        )
        return cls(who, profile.bio, profile.follower_count, None)

    def as_profile(self) -> Profile:
        """The profile alone."""
        who = self.who
        return Profile(
            handle=who.handle,
            display_name=who.display_name,
            bio=self.bio,
            avatar=who.avatar,
            owner=who.address,
            follower_count=self.follower_count,
            is_followed_by_me=who.is_followed_by_me,
        )


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """A handle of somebody's, and whether its profile shows nothing: no name, no words, no picture."""

    handle: str
    is_blank: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody in the directory."""

    who: Someone
    follower_count: int


@dataclass(frozen=True, slots=True)
class FollowRow:
    """A follow that holds now, and who is at the end of it that the list is not of."""

    who: Someone
    signed_at: int | None  # by the signer's clock, ms since the Unix epoch; None where the message tells none
    entry_digest: str  # 64 hex digits


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An accepted operation; times are ms since the Unix epoch."""

    op: str
    about: str  # a handle, or a signing key: base64 of its SubjectPublicKeyInfo
    signed_at: int
    accepted_at: int
    sequence: int
    entry_digest: str  # 64 hex digits
    fingerprint: str = ""  # of the signing key, where it is about one that can be read
    name: str | None = None  # what the key was named; empty where its name was taken away


@dataclass(frozen=True, slots=True)
class LoggedOperation:
    """An accepted operation with its proof, none of which has been verified here."""

    address: str
    about: str  # a handle, or a signing key: base64 of its SubjectPublicKeyInfo
    about_key: bool
    op: str
    sequence: int
    signed_at: int  # ms since the Unix epoch, by the signer's clock
    accepted_at: int  # by the gateway's
    proof: AnyProof

    def as_file(self) -> dict[str, object]:
        """The proof and what it says, as `countersign verify` reads one by itself.

        With its `sequence` beside it, it would be a line of an export, and the log that begins with it lack
        all that came before.
        """
        return {
            "address": self.address,
            "signingKey" if self.about_key else "handle": self.about,
            "op": self.op,
            "proof": self.proof.to_json(),
        }

    def as_line(self) -> dict[str, object]:
        """A line of an export, which stands behind those of all earlier entries of its log."""
        return {**self.as_file(), "sequence": self.sequence}


@dataclass(frozen=True, slots=True)
class Listing(Generic[RowT]):
    """A page of a list."""

    total: int  # on all pages
    rows: tuple[RowT, ...]
    after: str | None  # where the next page begins; None where there is none
    or_more: bool = False  # whether the gateway counted no further than `total`


@dataclass(frozen=True, slots=True)
class SigningKeyRecord:
    """A registered signing key. Times are milliseconds since the Unix epoch."""

    signing_key: str
    fingerprint: str
    name: str  # empty where it has none
    entity: str
    registered_at: int
    expires_at: int
    revoked_at: int | None
    last_used_at: int | None  # None where it signed nothing lately
