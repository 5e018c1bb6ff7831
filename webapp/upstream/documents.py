"""Every GraphQL document that the site ever sends. Nothing is built from input: values travel as variables.

The mutations, and `PROFILE`, ask for fields of the contract only, so that any gateway that speaks it will do.
The documents named as extensions ask for more than the contract has, and a gateway may refuse them.
"""

import re
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Document:
    """A GraphQL document of one operation.

    Attributes:
        text: The document.
        name: Its operation's name, sent as `operationName`.
        field: Its only root field: the member of `data` that holds the answer.
    """

    text: str
    name: str
    field: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Make one of its text, which tells its name and its field."""
        found = _BEGINNING.match(text)
        assert found is not None  # noqa: S101 (the texts are below)
        return cls(text, found["name"], found["field"])


_BEGINNING = re.compile(r"(query|mutation) (?P<name>\w+)(\(.*?\))? \{ (?P<field>\w+)")


def _mutation(field: str, request: str, answer: str = "status tsInServer") -> Document:
    name = field[0].upper() + field[1:]
    return Document.of(f"mutation {name}($input: {request}!) {{ {field}(input: $input) {{ {answer} }} }}")


FOLLOW = _mutation("follow", "FollowRequest")
UNFOLLOW = _mutation("unfollow", "UnFollowRequest")
REGISTER_SIGNING_KEY = _mutation("registerSigningKey", "RegisterSigningKeyRequest", "status")

REVOKE_SIGNING_KEY_EXTENSION = _mutation("revokeSigningKey", "SigningKeyRequest")
RENAME_SIGNING_KEY_EXTENSION = _mutation("renameSigningKey", "SigningKeyRequest")
RENEW_SIGNING_KEY_EXTENSION = _mutation("renewSigningKey", "RenewSigningKeyRequest")

CLAIM_HANDLE_EXTENSION = _mutation("claimHandle", "HandleRequest")
RELEASE_HANDLE_EXTENSION = _mutation("releaseHandle", "HandleRequest")
UPDATE_PROFILE_EXTENSION = _mutation("updateProfile", "HandleRequest")
REMOVE_FOLLOWER_EXTENSION = _mutation("removeFollower", "HandleRequest")
BLOCK_FOLLOWER_EXTENSION = _mutation("blockFollower", "HandleRequest")
UNBLOCK_FOLLOWER_EXTENSION = _mutation("unblockFollower", "HandleRequest")


def _profile(name: str, extension: str) -> Document:
    return Document.of(
        f"query {name}($handle: String!, $me: AddressEVM!, $signedIn: Boolean!) {{ "
        "profileByHandle(handle: $handle) { "
        f"handle avatar followerCount owner {{ address }} {extension}"
        "isFollowedByMe(me: $me) @include(if: $signedIn) } }"
    )


PROFILE = _profile("Profile", "")
PROFILE_EXTENSION = _profile("NamedProfile", "metadataInfo { displayName bio } ")

# What pages show of somebody, as the visitor sees them.
_AS_SEEN = "$me: AddressEVM!, $signedIn: Boolean!"
_ACCOUNT = "address followsHandleOf(owner: $me) @include(if: $signedIn) "
_SHOWN = "handle avatar metadataInfo { displayName } isFollowedByMe(me: $me) @include(if: $signedIn) "
_PAGES = "$search: String, $first: Int!, $after: String"
_PAGE = "totalCount pageInfo { hasNextPage endCursor } "
_SIGNED = "proof { content entryDigest } "

PROFILE_PAGE_EXTENSION = Document.of(
    f"query ProfilePage($handle: String!, {_AS_SEEN}) {{ profileByHandle(handle: $handle) {{ {_SHOWN}"
    f"followerCount about: metadataInfo {{ bio }} owner {{ {_ACCOUNT}followingCount }} }} }}"
)

_FOLLOWER_ROWS = (
    f"{_PAGE}edges {{ node {{ {_SIGNED}account: follower {{ {_ACCOUNT}"
    f"wallet {{ primaryProfile {{ {_SHOWN}}} }} }} }} }}"
)

FOLLOWERS_EXTENSION = Document.of(
    f"query Followers($handle: String!, {_AS_SEEN}, {_PAGES}) {{ profileByHandle(handle: $handle) {{ "
    f"list: followers(search: $search, first: $first, after: $after) {{ {_FOLLOWER_ROWS} }} }} }}"
)

BLOCKED_EXTENSION = Document.of(
    f"query Blocked($handle: String!, {_AS_SEEN}, $first: Int!, $after: String) {{ "
    f"profileByHandle(handle: $handle) {{ list: blocked(first: $first, after: $after) "
    f"{{ {_FOLLOWER_ROWS} }} }} }}"
)

FOLLOWINGS_EXTENSION = Document.of(
    f"query Followings($address: AddressEVM!, {_AS_SEEN}, {_PAGES}) {{ address(address: $address) {{ "
    f"list: followings(search: $search, first: $first, after: $after) {{ {_PAGE}"
    f"edges {{ node {{ {_SIGNED}handle profile {{ {_SHOWN}owner {{ {_ACCOUNT}}} }} }} }} }} }} }}"
)

OPERATIONS_EXTENSION = Document.of(
    "query Operations($address: AddressEVM!, $handle: String, $first: Int!, $after: String) { "
    "address(address: $address) { list: operations(handle: $handle, first: $first, after: $after) "
    f"{{ {_PAGE}edges {{ node {{ op handle ts acceptedAt sequence proof {{ entryDigest }} }} }} }} }} }}"
)

PEOPLE_EXTENSION = Document.of(
    f"query People($search: String, $order: ProfileOrder!, {_AS_SEEN}, $first: Int!, $after: String) {{ "
    f"profiles(search: $search, order: $order, first: $first, after: $after) {{ {_PAGE}"
    f"edges {{ node {{ {_SHOWN}followerCount owner {{ {_ACCOUNT}}} }} }} }} }}"
)

KNOWN_PROFILES_EXTENSION = Document.of(
    f"query KnownProfiles($handles: [String!]!, {_AS_SEEN}) {{ "
    f"profilesByHandles(handles: $handles) {{ {_SHOWN}owner {{ {_ACCOUNT}}} }} }}"
)

FOLLOWER_COUNTS_EXTENSION = Document.of(
    "query FollowerCounts($handles: [String!]!) "
    "{ profilesByHandles(handles: $handles) { handle followerCount } }"
)

PRIMARY_HANDLES = Document.of(
    "query PrimaryHandles($addresses: [AddressEVM!]!, $chainID: ChainID!) { "
    "batchGetAddresses(addresses: $addresses, chainID: $chainID) "
    "{ address wallet { primaryProfile { handle } } } }"
)

OWN_PROFILES_EXTENSION = Document.of(
    "query OwnProfiles($address: AddressEVM!, $first: Int!) { address(address: $address) { wallet { "
    f"list: profiles(first: $first) {{ {_PAGE}"
    "edges { node { handle avatar metadataInfo { displayName bio } } } } } } }"
)

_ENTRY = "address op sequence ts acceptedAt"
_SIGNED_BY = "content digest signature signingKeyAuth { address message signature }"
_PROVEN = f"{_SIGNED_BY} sequence previousDigest entryDigest"

_LOGGED = f"{_ENTRY} handle proof {{ {_PROVEN} signingKey arweaveTxHash }}"
_KEYS_LOGGED = f"{_ENTRY} signingKey proof {{ {_PROVEN} authorizedBy }}"


def _log(name: str, field: str, entry: str) -> Document:
    return Document.of(
        f"query {name}($address: AddressEVM!, $first: Int!, $after: String) {{ "
        f"address(address: $address) {{ list: {field}(first: $first, after: $after) "
        f"{{ {_PAGE}edges {{ node {{ {entry} }} }} }} }} }}"
    )


KEY_OPERATIONS_EXTENSION = _log(
    "KeyOperations",
    "keyOperations",
    "op signingKey ts acceptedAt sequence proof { content entryDigest }",
)
WHOLE_LOG_EXTENSION = _log("WholeLog", "operations", _LOGGED)
WHOLE_KEY_LOG_EXTENSION = _log("WholeKeyLog", "keyOperations", _KEYS_LOGGED)

PROOF_EXTENSION = Document.of(
    "query Proof($digest: String!) { proof(entryDigest: $digest) { "
    f"operation {{ {_LOGGED} }} keyOperation {{ {_KEYS_LOGGED} }} }} }}"
)

SIGNING_KEYS_EXTENSION = Document.of(
    "query SigningKeys($address: AddressEVM!, $chainID: ChainID!) { "
    "address(address: $address, chainID: $chainID) { "
    "signingKeys { signingKey fingerprint name entity registeredAt expiresAt revokedAt lastUsedAt } } }"
)

PROFILES_BY_PREFIX_EXTENSION = Document.of(
    "query ProfilesByPrefix($prefix: String!) { profilesByPrefix(prefix: $prefix, first: 8) "
    "{ handle avatar followerCount owner { address } metadataInfo { displayName } } }"
)

PING = Document.of("query Ping { __typename }")
