"""What a gateway may answer, read from its bytes. Anything else is `UpstreamMalformed`, as a whole."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from webapp.protocol.errors import HandleError, ProofError, ProtocolError
from webapp.protocol.handle import parse_handle
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.proofs.proof import AnyProof, parse_proof
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.status import RegistrationStatus
from webapp.protocol.strict_json import ANY_NUMBER, JsonError
from webapp.upstream.errors import UpstreamArgument, UpstreamMalformed, UpstreamRefusal
from webapp.upstream.exchange import Exchange

JSON_TYPES = frozenset({"application/json", "application/graphql-response+json"})
LONGEST_PAGE = 100
"""Of a list: more than that is asked for nowhere."""
MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that a page's JSON numbers hold exactly (ECMA-262, section 21.1.2.6)."""
MOST_COUNTED = 1_000
"""How far a gateway counts a list whose length it does not keep (docs/contract.md, "Pages")."""
LAST_MOMENT_MS = 8_640_000_000_000_000
"""The last moment that a page's clock can hold (ECMA-262, section 21.4.1.1)."""

_PICTURE = re.compile(r"https://|data:image/")
_LONGEST_WAIT_S = 86_400
_DIGEST = re.compile(r"[0-9a-f]{64}")
_OP = re.compile(r"[a-z]{1,20}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
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


def read_field(body: bytes, field: str, *, executed: bool) -> object:
    """Read a GraphQL reply and give the one root field that was asked for.

    Args:
        body: The reply's bytes, decompressed.
        field: The member of `data` that must be there; it may be null.
        executed: Whether the reply's HTTP status admits that the document was executed; if not, whatever
            `data` says is no answer.

    Raises:
        UpstreamArgument: An argument cannot be used, which is all that is wrong.
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
        match reply:
            case {"errors": [{"extensions": {"code": "BAD_ARGUMENT", **more}}]}:
                searched = more.get("argument") == "search"
                raise UpstreamArgument("an argument cannot be used", "search" if searched else "after")
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


def read_retry_after(body: bytes) -> int | None:
    """Read `extensions.retryAfter` of a reply that was read before: seconds, or None where there is none."""
    match ANY_NUMBER.read(body):
        case {"extensions": {"retryAfter": int(seconds)}} if 0 <= seconds <= _LONGEST_WAIT_S:
            return seconds
    return None


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
    who = _someone(members, members.get("owner"))
    shown = members.get("metadataInfo")
    return Profile(
        handle=who.handle,
        display_name=who.display_name,
        bio="" if shown is None else _text({"bio": "", **_object(shown, "metadataInfo")}, "bio"),
        avatar=who.avatar,
        owner=who.address,
        follower_count=_integer(members, "followerCount"),
        is_followed_by_me=who.is_followed_by_me,
    )


def read_profiles(value: object) -> tuple[Profile, ...]:
    """Read a list of profiles."""
    return tuple(read_profile(one) for one in _array(value, "profiles"))


def read_profile_page(value: object) -> ProfilePage:
    """Read what a profile's page begins with."""
    members = _object(value, "profile")
    return ProfilePage(
        who=_someone(members, members.get("owner")),
        bio=_text(_object(members.get("about"), "about"), "bio"),
        follower_count=_integer(members, "followerCount"),
        following_count=_integer(_object(members.get("owner"), "owner"), "followingCount"),
    )


def read_followers(value: object) -> Listing[FollowRow]:
    """Read who follows a profile, or may not: each an account, with its primary profile if it has any."""

    def who(node: dict[str, object]) -> Someone:
        account = _object(node.get("account"), "account")
        shown = _object(account.get("wallet"), "wallet").get("primaryProfile")
        return _someone({} if shown is None else _object(shown, "primaryProfile"), account)

    return _listing(value, lambda node: _follow(node, who(node)))


def read_followings(value: object) -> Listing[FollowRow]:
    """Read whom an address follows: each a handle, with its profile unless that is gone."""

    def who(node: dict[str, object]) -> Someone:
        profile = node.get("profile")
        shown = {} if profile is None else _object(profile, "profile")
        return _someone({**shown, "handle": node.get("handle")}, shown.get("owner", {"address": ""}))

    return _listing(value, lambda node: _follow(node, who(node)))


def read_people(value: object) -> Listing[PersonRow]:
    """Read a page of the directory."""
    return _counted(
        _rows(
            value, lambda node: PersonRow(_someone(node, node.get("owner")), _integer(node, "followerCount"))
        )
    )


def read_known_profiles(value: object) -> tuple[Someone, ...]:
    """Read those profiles of a list that there are."""
    members = (_object(one, "profile") for one in _array(value, "profiles") if one is not None)
    return tuple(_someone(each, each.get("owner")) for each in members)


def read_follower_counts(value: object) -> dict[str, int]:
    """Read how many followers those profiles of a list have that there are, by handle."""
    members = (_object(one, "profile") for one in _array(value, "profiles") if one is not None)
    return {_handle(each): _integer(each, "followerCount") for each in members}


def read_primary_handles(value: object) -> dict[str, str]:
    """Read the primary profiles' handles, by address in EIP-55 spelling; who has none is left out."""
    accounts = [_object(one, "address") for one in _array(value, "addresses")]
    shown = [(each, _object(each.get("wallet"), "wallet").get("primaryProfile")) for each in accounts]
    return {
        _text(each, "address"): _handle(_object(profile, "primaryProfile"))
        for each, profile in shown
        if profile is not None
    }


def read_own_profiles(value: object) -> tuple[OwnProfile, ...]:
    """Read the profiles that an address holds; an address that the gateway does not know has none."""
    if value is None:
        return ()

    def row(node: dict[str, object]) -> OwnProfile:
        named = _object(node.get("metadataInfo"), "metadataInfo")
        shown = (_text(named, "displayName"), _text(named, "bio"), _text(node, "avatar"))
        return OwnProfile(_handle(node), not any(shown))

    return _listing(_object(value, "address").get("wallet"), row).rows


def read_all_operations(value: object) -> Listing[OperationRow]:
    """Read a page of what somebody did with all handles."""
    return _counted(read_operations(value))


def read_operations(value: object) -> Listing[OperationRow]:
    """Read a page of a log, of one handle or of signing keys."""

    def row(node: dict[str, object]) -> OperationRow:
        about_key, proof = "signingKey" in node, _object(node.get("proof"), "proof")
        read = OperationRow(
            op=_op(node),
            about=_text(node, "signingKey") if about_key else _handle(node),
            signed_at=_moment(node, "ts"),
            accepted_at=_moment(node, "acceptedAt"),
            sequence=_integer(node, "sequence"),
            entry_digest=_digest(proof, "entryDigest"),
        )
        if not about_key:
            return read
        try:
            key, message = SigningKey.parse(read.about), KeyMessage.parse(proof.get("content"))
        except ProtocolError:
            return read  # the page of its proof shows it as it is
        return replace(read, fingerprint=key.fingerprint, name=message.name)

    return _listing(value, row)


def read_proof(value: object) -> LoggedOperation:
    """Read a log entry that was asked for by its digest."""
    members = _object(value, "proof")
    key_operation = members.get("keyOperation")
    return _logged(_object(members.get("operation") if key_operation is None else key_operation, "operation"))


def read_whole_log(value: object) -> Listing[LoggedOperation]:
    """Read a page of a log with its proofs."""
    return _listing(value, _logged)


def read_signing_keys(value: object) -> tuple[SigningKeyRecord, ...]:
    """Read the `signingKeys` of an address; an address that the gateway does not know has none."""
    if value is None:
        return ()
    return tuple(
        SigningKeyRecord(
            signing_key=_text(members, "signingKey"),
            fingerprint=_text(members, "fingerprint"),
            name=_text(members, "name"),
            entity=_text(members, "entity"),
            registered_at=_moment(members, "registeredAt"),
            expires_at=_moment(members, "expiresAt"),
            revoked_at=_moment_or_none(members, "revokedAt"),
            last_used_at=_moment_or_none(members, "lastUsedAt"),
        )
        for one in _array(_object(value, "address").get("signingKeys"), "signingKeys")
        for members in (_object(one, "signing key"),)
    )


# --- people and pages ---


def _someone(profile: dict[str, object], account: object) -> Someone:
    """Read somebody of a profile, empty where there is none, and the account that it belongs to."""
    owner = _object(account, "owner")
    handle = _handle(profile) if profile else ""
    named = profile.get("metadataInfo")
    display_name = _text(_object(named, "metadataInfo"), "displayName") if named is not None else ""
    avatar = _text(profile, "avatar") if profile.get("avatar") is not None else ""
    return Someone(
        address=_text(owner, "address"),
        handle=handle,
        display_name=display_name or handle,
        avatar=avatar if _PICTURE.match(avatar) else "",
        is_followed_by_me=_truth(profile, "isFollowedByMe"),
        follows_me=_truth(owner, "followsHandleOf"),
    )


def _listing(value: object, row: Callable[[dict[str, object]], RowT]) -> Listing[RowT]:
    return _rows(_object(value, "holder of the list").get("list"), row)


def _rows(value: object, row: Callable[[dict[str, object]], RowT]) -> Listing[RowT]:
    page = _object(value, "list")
    info = _object(page.get("pageInfo"), "pageInfo")
    edges = _array(page.get("edges"), "edges")
    if len(edges) > LONGEST_PAGE:
        raise UpstreamMalformed(f"edges: expected at most {LONGEST_PAGE}")
    nodes = (_object(edge, "edge").get("node") for edge in edges)
    return Listing(
        total=_integer(page, "totalCount"),
        rows=tuple(row(_object(node, "node")) for node in nodes),
        after=_text(info, "endCursor") if _truth(info, "hasNextPage") else None,
    )


def _logged(entry: dict[str, object]) -> LoggedOperation:
    about_key = "signingKey" in entry
    try:
        proof = parse_proof(entry.get("proof"))
    except ProofError as error:
        raise UpstreamMalformed(f"proof: {error}") from None
    return LoggedOperation(
        address=_text(entry, "address"),
        about=_text(entry, "signingKey") if about_key else _handle(entry),
        about_key=about_key,
        op=_op(entry),
        sequence=_integer(entry, "sequence"),
        signed_at=_moment(entry, "ts"),
        accepted_at=_moment(entry, "acceptedAt"),
        proof=proof,
    )


def _counted(listing: Listing[RowT]) -> Listing[RowT]:
    """Tell a list whose length is counted no further than `MOST_COUNTED` from one whose length is known."""
    return replace(listing, or_more=listing.total >= MOST_COUNTED)


def _follow(node: dict[str, object], who: Someone) -> FollowRow:
    proof = _object(node.get("proof"), "proof")
    try:
        message = ANY_NUMBER.read(_text(proof, "content"))
        signed_at = _moment(_object(message, "message"), "ts")
    except (JsonError, UpstreamMalformed):
        signed_at = None  # its signer wrote it, and the page of its proof shows it as it is
    return FollowRow(who, signed_at, _digest(proof, "entryDigest"))


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
    """Read text without lone surrogates, which no page can hold."""
    value = members.get(name)
    if not isinstance(value, str) or not (value.isascii() or _LONE_SURROGATE.search(value) is None):
        raise UpstreamMalformed(f"{name}: expected a string")
    return value


def _handle(members: dict[str, object]) -> str:
    try:
        return parse_handle(members.get("handle"))
    except HandleError as error:
        raise UpstreamMalformed(f"handle: expected {error.expected}") from None


def _op(members: dict[str, object]) -> str:
    """Read what an operation is called: a word, since a gateway may know more of them than we do."""
    value = _text(members, "op")
    if not _OP.fullmatch(value):
        raise UpstreamMalformed("op: expected a word in lower case")
    return value


def _truth(members: dict[str, object], name: str) -> bool:
    """Read a boolean that may be missing: then it is false."""
    value = members.get(name, False)
    if not isinstance(value, bool):
        raise UpstreamMalformed(f"{name}: expected a boolean")
    return value


def _digest(members: dict[str, object], name: str) -> str:
    value = _text(members, name)
    if not _DIGEST.fullmatch(value):
        raise UpstreamMalformed(f"{name}: expected 64 hex digits")
    return value


def _integer(members: dict[str, object], name: str, largest: int = MAX_SAFE_INTEGER) -> int:
    value = members.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise UpstreamMalformed(f"{name}: expected an integer from 0 to {largest}")
    return value


def _moment(members: dict[str, object], name: str) -> int:
    """Read milliseconds since the Unix epoch."""
    return _integer(members, name, LAST_MOMENT_MS)


def _moment_or_none(members: dict[str, object], name: str) -> int | None:
    return None if members.get(name) is None else _moment(members, name)


def _status(members: dict[str, object], kind: type[AnyStatus]) -> AnyStatus:
    try:
        return kind(_text(members, "status"))
    except ValueError:
        raise UpstreamMalformed("status: expected one that the contract names") from None
