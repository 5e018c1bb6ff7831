"""What the site asks a gateway, a method for each question: the same over a network and in process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from webapp.network.fetch import Transport
from webapp.protocol.address import Address
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.status import HandleStatus, SigningKeyStatus, Status
from webapp.upstream import documents, lists, logs, mutations, people
from webapp.upstream.documents import Document
from webapp.upstream.errors import UpstreamRefusal
from webapp.upstream.graphql_over_http import GraphqlEndpoint, Variables
from webapp.upstream.replies import (
    AnyStatus,
    FollowRow,
    Listing,
    LoggedOperation,
    MutationReply,
    OperationRow,
    OwnProfile,
    PersonRow,
    Profile,
    ProfilePage,
    RegistrationReply,
    SigningKeyRecord,
    Someone,
)

DEADLINE_S = 5.0
"""As long as people wait for a click; longer than a gateway asks a chain (`chain/contract_wallets.py`)."""
MAX_BYTES = 1024 * 1024
ANY_CHAIN = 1  # chain ids do not divide the graph

_OF_HANDLES = {
    HandleOperation.CLAIM: documents.CLAIM_HANDLE_EXTENSION,
    HandleOperation.RELEASE: documents.RELEASE_HANDLE_EXTENSION,
    HandleOperation.PROFILE: documents.UPDATE_PROFILE_EXTENSION,
    HandleOperation.REMOVE: documents.REMOVE_FOLLOWER_EXTENSION,
    HandleOperation.BLOCK: documents.BLOCK_FOLLOWER_EXTENSION,
    HandleOperation.UNBLOCK: documents.UNBLOCK_FOLLOWER_EXTENSION,
}
_NOBODY = "0x0000000000000000000000000000000000000000"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SignedOperation:
    """The five fields of what a device signed about a handle, as text, exactly as the browser sent them."""

    address: str
    handle: str
    message: str
    signature: str
    signing_key: str

    def as_input(self) -> dict[str, str]:
        """The value of the mutation's `input` argument."""
        return {
            "address": self.address,
            "handle": self.handle,
            "message": self.message,
            "signature": self.signature,
            "signingKey": self.signing_key,
        }


@dataclass(frozen=True, slots=True)
class SignedKeyOperation:
    """The fields of an operation on a signing key, as text, exactly as the browser sent them."""

    address: str
    signing_key: str  # the key in question
    message: str
    signature: str
    authorized_by: str = ""  # the key that signed; empty where the wallet did

    def as_input(self) -> dict[str, str]:
        """The value of a mutation's `input` argument."""
        return {**self.as_wallets_input(), "authorizedBy": self.authorized_by}

    def as_wallets_input(self) -> dict[str, str]:
        """The same of a mutation that only a wallet signs."""
        return {
            "address": self.address,
            "signingKey": self.signing_key,
            "message": self.message,
            "signature": self.signature,
        }


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which page of a list is wanted."""

    first: int = 20
    after: str | None = None  # a cursor that the list gave
    search: str | None = None  # how handles or addresses begin, where the list can be searched

    def as_variables(self) -> dict[str, object]:
        """The variables that the documents name."""
        searched = {} if self.search is None else {"search": self.search}
        return {"first": self.first, "after": self.after, **searched}


class UpstreamClient:
    """One HTTP client, kept open, for one gateway.

    Every method that asks may raise UpstreamUnreachable, UpstreamTimeout, UpstreamBusy or UpstreamMalformed,
    and one that sends something to be kept UpstreamOutcomeUnknown.
    Nothing is retried: whether an operation that got no answer happened is for its sender to find out, by
    sending the same message again.
    """

    def __init__(
        self,
        *,
        url: str,
        transport: Transport,
        api_key: str | None,
        deadline_s: float = DEADLINE_S,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Keep a client open for one GraphQL endpoint.

        Args:
            url: The endpoint.
            transport: `network_transport(url)`, or what carries requests to an embedded gateway.
            api_key: Sent as `X-API-KEY`; in no exchange, error or log.
            deadline_s: Seconds for a whole exchange, connection included.
            max_bytes: Largest reply, decompressed.
        """
        self._endpoint = GraphqlEndpoint(
            url, transport, api_key=api_key, deadline_s=deadline_s, max_bytes=max_bytes
        )

    def follow(self, signed: SignedOperation) -> MutationReply[Status]:
        """Have a signed follow verified and recorded."""
        return self._mutate(documents.FOLLOW, signed.as_input(), Status)

    def unfollow(self, signed: SignedOperation) -> MutationReply[Status]:
        """Have a signed unfollow verified and recorded."""
        return self._mutate(documents.UNFOLLOW, signed.as_input(), Status)

    def about_handle(
        self, operation: HandleOperation, signed: SignedOperation
    ) -> MutationReply[HandleStatus] | None:
        """Have what an owner signed about a handle recorded; None where the gateway lacks this extension."""
        return self._mutate_extension(_OF_HANDLES[operation], signed.as_input(), HandleStatus)

    def register_signing_key(self, *, address: str, message: str, signature: str) -> RegistrationReply:
        """Have a wallet's authorisation of a signing key verified and recorded."""
        submission = {"address": address, "message": message, "signature": signature}
        told = self._endpoint.ask(documents.REGISTER_SIGNING_KEY, {"input": submission})
        return mutations.read_registration(*told)

    def revoke_signing_key(self, signed: SignedKeyOperation) -> MutationReply[SigningKeyStatus] | None:
        """Have a signing key's revocation recorded; None where the gateway lacks this extension."""
        document = documents.REVOKE_SIGNING_KEY_EXTENSION
        return self._mutate_extension(document, signed.as_input(), SigningKeyStatus)

    def rename_signing_key(self, signed: SignedKeyOperation) -> MutationReply[SigningKeyStatus] | None:
        """Have a signing key's new name recorded; None as above."""
        document = documents.RENAME_SIGNING_KEY_EXTENSION
        return self._mutate_extension(document, signed.as_input(), SigningKeyStatus)

    def renew_signing_key(self, signed: SignedKeyOperation) -> MutationReply[SigningKeyStatus] | None:
        """Have the wallet's renewal of a signing key recorded; None as above."""
        document = documents.RENEW_SIGNING_KEY_EXTENSION
        return self._mutate_extension(document, signed.as_wallets_input(), SigningKeyStatus)

    def profile(self, handle: str, me: Address | None, *, deadline_s: float | None = None) -> Profile | None:
        """Look a profile up, as `me` sees it; None where nobody has that handle.

        Args:
            handle: The exact handle.
            me: Whose follow `is_followed_by_me` tells of.
            deadline_s: A shorter deadline than the client's own.
        """
        variables = {"handle": handle, **_seen_by(me)}
        try:
            return self._find(documents.PROFILE_EXTENSION, variables, people.read_profile, deadline_s)
        except UpstreamRefusal:
            return self._find(documents.PROFILE, variables, people.read_profile, deadline_s)

    def profile_page(self, handle: str, me: Address | None) -> ProfilePage | None:
        """Read what a profile's page begins with; None where nobody has that handle."""
        variables = {"handle": handle, **_seen_by(me)}
        try:
            return self._find(documents.PROFILE_PAGE_EXTENSION, variables, people.read_profile_page)
        except UpstreamRefusal:  # it speaks the original API and nothing more
            known = self.profile(handle, me)
            return None if known is None else ProfilePage.of(known)

    def followers(self, handle: str, me: Address | None, page: PageOf) -> Listing[FollowRow] | None:
        """List who follows a handle, newest first, as `me` sees them; None where nobody has the handle.

        Raises:
            UpstreamRefusal: The gateway lacks this extension, or the cursor is none of this list.
        """
        variables = {"handle": handle, **_seen_by(me), **page.as_variables()}
        return self._find(documents.FOLLOWERS_EXTENSION, variables, lists.read_followers)

    def blocked(self, handle: str, me: Address | None, page: PageOf) -> Listing[FollowRow] | None:
        """List whom the owner of a handle keeps from following it; the rest as `followers`."""
        variables = {"handle": handle, **_seen_by(me), **page.as_variables()}
        return self._find(documents.BLOCKED_EXTENSION, variables, lists.read_followers)

    def followings(self, address: str, me: Address | None, page: PageOf) -> Listing[FollowRow]:
        """List whom an address follows; the rest as `followers`."""
        variables = {"address": address, **_seen_by(me), **page.as_variables()}
        return self._read(documents.FOLLOWINGS_EXTENSION, variables, lists.read_followings)

    def people(self, search: str, order: str, me: Address | None, page: PageOf) -> Listing[PersonRow]:
        """List profiles whose handle begins so, in an order of `ProfileOrder`; the rest as `followers`."""
        variables = {"search": search, "order": order, **_seen_by(me), **page.as_variables()}
        return self._read(documents.PEOPLE_EXTENSION, variables, lists.read_people)

    def operations(self, address: str, handle: str | None, page: PageOf) -> Listing[OperationRow]:
        """List what an address did, with a handle or with any, newest first; the rest as `followers`."""
        variables = {"address": address, "handle": handle, **page.as_variables()}
        read = logs.read_all_operations if handle is None else logs.read_operations
        return self._read(documents.OPERATIONS_EXTENSION, variables, read)

    def key_operations(self, address: str, page: PageOf) -> Listing[OperationRow]:
        """List what was done to an address's signing keys; the rest as `followers`."""
        variables = {"address": address, **page.as_variables()}
        return self._read(documents.KEY_OPERATIONS_EXTENSION, variables, logs.read_operations)

    def known_profiles(self, handles: Sequence[str], me: Address) -> tuple[Someone, ...]:
        """Tell which of up to a hundred handles somebody has, as `me` sees them.

        Raises:
            UpstreamRefusal: The gateway lacks this extension.
        """
        variables = {"handles": list(handles), **_seen_by(me)}
        return self._read(documents.KNOWN_PROFILES_EXTENSION, variables, people.read_known_profiles)

    def follower_counts(self, handles: Sequence[str]) -> dict[str, int]:
        """Count the followers of up to a hundred handles; one that nobody has is left out.

        Raises:
            UpstreamRefusal: The gateway lacks this extension.
        """
        variables = {"handles": list(handles)}
        return self._read(documents.FOLLOWER_COUNTS_EXTENSION, variables, people.read_follower_counts)

    def primary_handles(self, addresses: Sequence[Address]) -> dict[str, str]:
        """Find the primary profiles of up to a hundred addresses, by address; who has none is left out."""
        variables = {"addresses": [str(one) for one in addresses], "chainID": ANY_CHAIN}
        return self._read(documents.PRIMARY_HANDLES, variables, people.read_primary_handles)

    def own_profiles(self, address: Address) -> tuple[OwnProfile, ...] | None:
        """List up to a hundred profiles of an address; None where the gateway lacks this extension."""
        variables = {"address": str(address), "first": lists.LONGEST_PAGE}
        return self._read_extension(documents.OWN_PROFILES_EXTENSION, variables, lists.read_own_profiles)

    def whole_log(self, address: str, page: PageOf, *, keys: bool) -> Listing[LoggedOperation]:
        """List what an address did, or what was done to its keys, with proofs; the rest as `followers`."""
        variables = {"address": address, **page.as_variables()}
        document = documents.WHOLE_KEY_LOG_EXTENSION if keys else documents.WHOLE_LOG_EXTENSION
        return self._read(document, variables, logs.read_whole_log)

    def proof(self, entry_digest: str) -> LoggedOperation | None:
        """Find a log entry by its digest, 64 hex digits; None where nothing has it.

        Raises:
            UpstreamRefusal: The gateway lacks this extension.
        """
        return self._find(documents.PROOF_EXTENSION, {"digest": entry_digest}, logs.read_proof)

    def signing_keys(self, address: Address) -> tuple[SigningKeyRecord, ...] | None:
        """List the signing keys of an address; None where the gateway lacks this extension."""
        variables = {"address": str(address), "chainID": ANY_CHAIN}
        return self._read_extension(documents.SIGNING_KEYS_EXTENSION, variables, people.read_signing_keys)

    def suggest(self, prefix: str) -> tuple[Profile, ...] | None:
        """List profiles whose handle begins so; None where the gateway lacks this extension."""
        variables = {"prefix": prefix}
        return self._read_extension(documents.PROFILES_BY_PREFIX_EXTENSION, variables, people.read_profiles)

    def ping(self) -> None:
        """Ask something that costs nothing, to see that the gateway answers."""
        self._endpoint.ask(documents.PING, {})

    def close(self) -> None:
        """Close the kept connections."""
        self._endpoint.close()

    # --- what questions have in common ---

    def _mutate(
        self, document: Document, submission: dict[str, str], kind: type[AnyStatus]
    ) -> MutationReply[AnyStatus]:
        return mutations.read_mutation(*self._endpoint.ask(document, {"input": submission}), kind)

    def _mutate_extension(
        self, document: Document, submission: dict[str, str], kind: type[AnyStatus]
    ) -> MutationReply[AnyStatus] | None:
        """None where the gateway lacks this extension."""
        try:
            return self._mutate(document, submission, kind)
        except UpstreamRefusal:
            return None

    def _read(self, document: Document, variables: Variables, read: Callable[[object], T]) -> T:
        return read(self._endpoint.ask(document, variables)[0])

    def _read_extension(
        self, document: Document, variables: Variables, read: Callable[[object], T]
    ) -> T | None:
        """None where the gateway lacks this extension."""
        try:
            return self._read(document, variables, read)
        except UpstreamRefusal:
            return None

    def _find(
        self,
        document: Document,
        variables: Variables,
        read: Callable[[object], T],
        deadline_s: float | None = None,
    ) -> T | None:
        """None where there is no such thing."""
        value, _ = self._endpoint.ask(document, variables, deadline_s)
        return None if value is None else read(value)


def _seen_by(me: Address | None) -> dict[str, object]:
    """The variables that say who looks."""
    return {"me": str(me) if me else _NOBODY, "signedIn": me is not None}
