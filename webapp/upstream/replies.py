"""What a gateway may answer, read from its bytes. Anything else is `UpstreamMalformed`, as a whole."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from webapp.protocol.status import RegistrationStatus
from webapp.protocol.strict_json import ANY_NUMBER, JsonError
from webapp.upstream.errors import UpstreamMalformed, UpstreamRefusal
from webapp.upstream.exchange import Exchange

JSON_TYPES = frozenset({"application/json", "application/graphql-response+json"})
MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that a page's JSON numbers hold exactly (ECMA-262, section 21.1.2.6)."""
LAST_MOMENT_MS = 8_640_000_000_000_000
"""The last moment that a page's clock can hold (ECMA-262, section 21.4.1.1)."""

_PICTURE = re.compile(r"https://|data:image/")
AnyStatus = TypeVar("AnyStatus", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class MutationReply(Generic[AnyStatus]):
    """Answer to `follow`, `unfollow` or `revokeSigningKey`; `ts_in_server` is in ms since the Unix epoch."""

    status: AnyStatus
    ts_in_server: int
    exchange: Exchange

    def as_json(self) -> dict[str, Any]:
        """The form that the page reads: `{status, tsInServer, exchange}`."""
        return {
            "status": self.status.value,
            "tsInServer": self.ts_in_server,
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
    avatar: str
    owner: str
    follower_count: int
    is_followed_by_me: bool


@dataclass(frozen=True, slots=True)
class SigningKeyRecord:
    """A registered signing key. Times are milliseconds since the Unix epoch."""

    signing_key: str
    fingerprint: str
    entity: str
    registered_at: int
    expires_at: int
    revoked_at: int | None


def read_field(body: bytes, field: str, *, executed: bool) -> object:
    """Read a GraphQL reply and give the one root field that was asked for.

    Args:
        body: The reply's bytes, decompressed.
        field: The member of `data` that must be there; it may be null.
        executed: Whether the reply's HTTP status admits that the document was executed; if not, whatever
            `data` says is no answer.

    Raises:
        UpstreamRefusal: `errors`, and no `data` at all: the document was not executed.
        UpstreamMalformed: Not UTF-8, not JSON, not a GraphQL reply, or one with any error in it.
    """
    try:
        reply = ANY_NUMBER.read(body)
    except JsonError as error:
        raise UpstreamMalformed(f"the reply: expected {error.expected}") from None
    if not isinstance(reply, dict):
        raise UpstreamMalformed("the reply is no JSON object")
    if reply.get("errors") is not None:
        if "data" not in reply:
            raise UpstreamRefusal("the gateway refused the document")
        raise UpstreamMalformed("the reply carries errors")
    if not executed:
        raise UpstreamMalformed("the reply refuses the document, and does not say why")
    data = reply.get("data")
    if not isinstance(data, dict) or field not in data:
        raise UpstreamMalformed(f"the reply has no data.{field}")
    value: object = data[field]
    return value


def tells_unknown_outcome(body: bytes) -> bool:
    """Whether a reply of HTTP 503 says that the gateway cannot tell what became of what it was sent."""
    try:
        match ANY_NUMBER.read(body):
            case {"errors": [{"extensions": {"code": "OUTCOME_UNKNOWN"}}, *_]}:
                return True
    except JsonError:
        pass
    return False


def read_mutation(value: object, kind: type[AnyStatus]) -> tuple[AnyStatus, int]:
    """Read `{status, tsInServer}`, with a status of this kind."""
    members = _object(value, "mutation")
    return _status(members, kind), _moment(members, "tsInServer")


def read_registration(value: object) -> RegistrationStatus:
    """Read `{status}`."""
    return _status(_object(value, "registration"), RegistrationStatus)


def read_profile(value: object) -> Profile:
    """Read a profile; `metadataInfo` and `isFollowedByMe` may be missing."""
    members = _object(value, "profile")
    handle = _text(members, "handle")
    named = members.get("metadataInfo")
    display_name = _text(_object(named, "metadataInfo"), "displayName") if named is not None else ""
    avatar = _text(members, "avatar") if members.get("avatar") is not None else ""
    followed = members.get("isFollowedByMe", False)
    if not isinstance(followed, bool):
        raise UpstreamMalformed("isFollowedByMe: expected a boolean")
    return Profile(
        handle=handle,
        display_name=display_name or handle,
        avatar=avatar if _PICTURE.match(avatar) else "",
        owner=_text(_object(members.get("owner"), "owner"), "address"),
        follower_count=_integer(members, "followerCount"),
        is_followed_by_me=followed,
    )


def read_profiles(value: object) -> tuple[Profile, ...]:
    """Read a list of profiles."""
    return tuple(read_profile(one) for one in _array(value, "profiles"))


def read_signing_keys(value: object) -> tuple[SigningKeyRecord, ...]:
    """Read the `signingKeys` of an address; an address that the gateway does not know has none."""
    if value is None:
        return ()
    return tuple(
        SigningKeyRecord(
            signing_key=_text(members, "signingKey"),
            fingerprint=_text(members, "fingerprint"),
            entity=_text(members, "entity"),
            registered_at=_moment(members, "registeredAt"),
            expires_at=_moment(members, "expiresAt"),
            revoked_at=None if members.get("revokedAt") is None else _moment(members, "revokedAt"),
        )
        for one in _array(_object(value, "address").get("signingKeys"), "signingKeys")
        for members in (_object(one, "signing key"),)
    )


# --- one value ---


def _object(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise UpstreamMalformed(f"{name}: expected an object")
    return value


def _array(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        raise UpstreamMalformed(f"{name}: expected a list")
    return value


def _text(members: dict[str, object], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise UpstreamMalformed(f"{name}: expected a string")
    return value


def _integer(members: dict[str, object], name: str, largest: int = MAX_SAFE_INTEGER) -> int:
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise UpstreamMalformed(f"{name}: expected an integer from 0 to {largest}")
    return value


def _moment(members: dict[str, object], name: str) -> int:
    """Read milliseconds since the Unix epoch."""
    return _integer(members, name, LAST_MOMENT_MS)


def _status(members: dict[str, object], kind: type[AnyStatus]) -> AnyStatus:
    try:
        return kind(_text(members, "status"))
    except ValueError:
        raise UpstreamMalformed("status: expected one that the contract names") from None
