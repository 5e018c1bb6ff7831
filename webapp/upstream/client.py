"""The upstream client: a fixed document out, a checked reply back, the same over a network and in process."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from webapp.network.errors import DeadlineError, MalformedError, UnreachableError
from webapp.network.fetch import JsonEndpoint, Reply
from webapp.protocol.address import Address
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.status import HandleStatus, SigningKeyStatus, Status
from webapp.upstream import documents, replies
from webapp.upstream.documents import Document
from webapp.upstream.errors import (
    UpstreamBusy,
    UpstreamMalformed,
    UpstreamOutcomeUnknown,
    UpstreamRefusal,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from webapp.upstream.exchange import Exchange, Recorder
from webapp.upstream.replies import (
    LONGEST_PAGE,
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
_MAX_RETRY_AFTER_DIGITS = 6
_SHORTEST_SECRET = 8


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
        """The value of a mutation's `input` argument, but for who signed."""
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
        transport: httpx.BaseTransport,
        api_key: str | None,
        deadline_s: float = DEADLINE_S,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Keep a client open for one GraphQL endpoint.

        Args:
            url: The endpoint.
            transport: `network_transport(url)`, or one in process onto an embedded gateway.
            api_key: Sent as `X-API-KEY`; in no exchange, error or log.
            deadline_s: Seconds for a whole exchange, connection included.
            max_bytes: Largest reply, decompressed.
        """
        key = {"x-api-key": api_key} if api_key else {}
        self._endpoint = JsonEndpoint(url, transport, max_bytes=max_bytes, headers=key)
        # Some hosts keep their keys behind the question mark. What is shorter may be any word of a reply.
        in_url = (value or name for name, value in self._endpoint.url.params.multi_items())
        long = (text for text in in_url if len(text) >= _SHORTEST_SECRET)
        self._recorder = Recorder(self._endpoint, (*long, *key.values()))
        self._deadline_s = deadline_s

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
        try:
            return self._mutate(_OF_HANDLES[operation], signed.as_input(), HandleStatus)
        except UpstreamRefusal:
            return None

    def register_signing_key(self, *, address: str, message: str, signature: str) -> RegistrationReply:
        """Have a wallet's authorisation of a signing key verified and recorded."""
        submission = {"address": address, "message": message, "signature": signature}
        value, exchange = self._ask(documents.REGISTER_SIGNING_KEY, {"input": submission})
        return RegistrationReply(replies.read_registration(value), exchange)

    def revoke_signing_key(self, signed: SignedKeyOperation) -> MutationReply[SigningKeyStatus] | None:
        """Have a signing key's revocation recorded; None where the gateway lacks this extension."""
        submission = {**signed.as_input(), "authorizedBy": signed.authorized_by}
        return self._change_key(documents.REVOKE_SIGNING_KEY_EXTENSION, submission)

    def rename_signing_key(self, signed: SignedKeyOperation) -> MutationReply[SigningKeyStatus] | None:
        """Have a signing key's new name recorded; None as above."""
        submission = {**signed.as_input(), "authorizedBy": signed.authorized_by}
        return self._change_key(documents.RENAME_SIGNING_KEY_EXTENSION, submission)

    def renew_signing_key(self, signed: SignedKeyOperation) -> MutationReply[SigningKeyStatus] | None:
        """Have the wallet's renewal of a signing key recorded; None as above."""
        return self._change_key(documents.RENEW_SIGNING_KEY_EXTENSION, signed.as_input())

    def profile(self, handle: str, me: Address | None, *, deadline_s: float | None = None) -> Profile | None:
        """Look a profile up, as `me` sees it; None where nobody has that handle.

        Args:
            handle: The exact handle.
            me: Whose follow `is_followed_by_me` tells of.
            deadline_s: A shorter deadline than the client's own.
        """
        variables = {"handle": handle, **_seen_by(me)}
        try:
            value, _ = self._ask(documents.PROFILE_EXTENSION, variables, deadline_s)
        except UpstreamRefusal:
            value, _ = self._ask(documents.PROFILE, variables, deadline_s)
        return None if value is None else replies.read_profile(value)

    def profile_page(self, handle: str, me: Address | None) -> ProfilePage | None:
        """Read what a profile's page begins with; None where nobody has that handle."""
        try:
            value, _ = self._ask(documents.PROFILE_PAGE_EXTENSION, {"handle": handle, **_seen_by(me)})
        except UpstreamRefusal:  # it speaks the original API and nothing more
            known = self.profile(handle, me)
            return None if known is None else ProfilePage.of(known)
        return None if value is None else replies.read_profile_page(value)

    def followers(self, handle: str, me: Address | None, page: PageOf) -> Listing[FollowRow] | None:
        """List who follows a handle, newest first, as `me` sees them; None where nobody has the handle.

        Raises:
            UpstreamRefusal: The gateway lacks this extension, or the cursor is none of this list.
        """
        variables = {"handle": handle, **_seen_by(me), **page.as_variables()}
        value, _ = self._ask(documents.FOLLOWERS_EXTENSION, variables)
        return None if value is None else replies.read_followers(value)

    def blocked(self, handle: str, me: Address | None, page: PageOf) -> Listing[FollowRow] | None:
        """List whom the owner of a handle keeps from following it; the rest as `followers`."""
        variables = {"handle": handle, **_seen_by(me), **page.as_variables()}
        value, _ = self._ask(documents.BLOCKED_EXTENSION, variables)
        return None if value is None else replies.read_followers(value)

    def followings(self, address: str, me: Address | None, page: PageOf) -> Listing[FollowRow]:
        """List whom an address follows; the rest as `followers`."""
        variables = {"address": address, **_seen_by(me), **page.as_variables()}
        return replies.read_followings(self._ask(documents.FOLLOWINGS_EXTENSION, variables)[0])

    def people(self, search: str, order: str, me: Address | None, page: PageOf) -> Listing[PersonRow]:
        """List profiles whose handle begins so, in an order of `ProfileOrder`; the rest as `followers`."""
        variables = {"search": search, "order": order, **_seen_by(me), **page.as_variables()}
        return replies.read_people(self._ask(documents.PEOPLE_EXTENSION, variables)[0])

    def operations(self, address: str, handle: str | None, page: PageOf) -> Listing[OperationRow]:
        """List what an address did, with a handle or with any, newest first; the rest as `followers`."""
        variables = {"address": address, "handle": handle, **page.as_variables()}
        value, _ = self._ask(documents.OPERATIONS_EXTENSION, variables)
        return replies.read_all_operations(value) if handle is None else replies.read_operations(value)

    def key_operations(self, address: str, page: PageOf) -> Listing[OperationRow]:
        """List what was done to an address's signing keys; the rest as `followers`."""
        variables: dict[str, object] = {"address": address, **page.as_variables()}
        return replies.read_operations(self._ask(documents.KEY_OPERATIONS_EXTENSION, variables)[0])

    def known_profiles(self, handles: Sequence[str], me: Address) -> tuple[Someone, ...]:
        """Tell which of up to a hundred handles somebody has, as `me` sees them.

        Raises:
            UpstreamRefusal: The gateway lacks this extension.
        """
        variables = {"handles": list(handles), **_seen_by(me)}
        return replies.read_known_profiles(self._ask(documents.KNOWN_PROFILES_EXTENSION, variables)[0])

    def follower_counts(self, handles: Sequence[str]) -> dict[str, int]:
        """Count the followers of up to a hundred handles; one that nobody has is left out.

        Raises:
            UpstreamRefusal: The gateway lacks this extension.
        """
        value, _ = self._ask(documents.FOLLOWER_COUNTS_EXTENSION, {"handles": list(handles)})
        return replies.read_follower_counts(value)

    def primary_handles(self, addresses: Sequence[Address]) -> dict[str, str]:
        """Find the primary profiles of up to a hundred addresses, by address; who has none is left out."""
        variables: dict[str, object] = {"addresses": [str(one) for one in addresses], "chainID": ANY_CHAIN}
        return replies.read_primary_handles(self._ask(documents.PRIMARY_HANDLES, variables)[0])

    def own_profiles(self, address: Address) -> tuple[OwnProfile, ...] | None:
        """List up to a hundred profiles of an address; None where the gateway lacks this extension."""
        try:
            variables: dict[str, object] = {"address": str(address), "first": LONGEST_PAGE}
            value, _ = self._ask(documents.OWN_PROFILES_EXTENSION, variables)
        except UpstreamRefusal:
            return None
        return replies.read_own_profiles(value)

    def whole_log(self, address: str, page: PageOf, *, keys: bool) -> Listing[LoggedOperation]:
        """List what an address did, or what was done to its keys, with proofs; the rest as `followers`."""
        variables: dict[str, object] = {"address": address, **page.as_variables()}
        document = documents.WHOLE_KEY_LOG_EXTENSION if keys else documents.WHOLE_LOG_EXTENSION
        return replies.read_whole_log(self._ask(document, variables)[0])

    def proof(self, entry_digest: str) -> LoggedOperation | None:
        """Find a log entry by its digest, 64 hex digits; None where nothing has it.

        Raises:
            UpstreamRefusal: The gateway lacks this extension.
        """
        value, _ = self._ask(documents.PROOF_EXTENSION, {"digest": entry_digest})
        return None if value is None else replies.read_proof(value)

    def signing_keys(self, address: Address) -> tuple[SigningKeyRecord, ...] | None:
        """List the signing keys of an address; None where the gateway lacks this extension."""
        try:
            value, _ = self._ask(
                documents.SIGNING_KEYS_EXTENSION, {"address": str(address), "chainID": ANY_CHAIN}
            )
        except UpstreamRefusal:
            return None
        return replies.read_signing_keys(value)

    def suggest(self, prefix: str) -> tuple[Profile, ...] | None:
        """List profiles whose handle begins so; None where the gateway lacks this extension."""
        try:
            value, _ = self._ask(documents.PROFILES_BY_PREFIX_EXTENSION, {"prefix": prefix})
        except UpstreamRefusal:
            return None
        return replies.read_profiles(value)

    def ping(self) -> None:
        """Ask something that costs nothing, to see that the gateway answers."""
        self._ask(documents.PING, {})

    def close(self) -> None:
        """Close the kept connections."""
        self._endpoint.close()

    # --- one exchange ---

    def _change_key(
        self, document: Document, submission: dict[str, str]
    ) -> MutationReply[SigningKeyStatus] | None:
        try:
            return self._mutate(document, submission, SigningKeyStatus)
        except UpstreamRefusal:
            return None

    def _mutate(
        self, document: Document, submission: dict[str, str], kind: type[AnyStatus]
    ) -> MutationReply[AnyStatus]:
        value, exchange = self._ask(document, {"input": submission})
        status, ts_in_server = replies.read_mutation(value, kind)
        # Read once more only where waiting helps.
        limited = status.value == Status.RATE_LIMITED.value
        retry_after = replies.read_retry_after(exchange.response.body.encode()) if limited else None
        return MutationReply(status, ts_in_server, retry_after, exchange)

    def _ask(
        self, document: Document, variables: dict[str, object], deadline_s: float | None = None
    ) -> tuple[object, Exchange]:
        # ASCII only: somebody's lone surrogate must not make a body that cannot be encoded.
        asked = {"query": document.text, "operationName": document.name, "variables": variables}
        text = json.dumps(asked, ensure_ascii=True, separators=(",", ":"))
        seconds = self._deadline_s if deadline_s is None else min(deadline_s, self._deadline_s)
        began = time.perf_counter()
        try:
            reply = self._endpoint.post(text.encode("ascii"), seconds=seconds)
        except DeadlineError as error:
            raise UpstreamTimeout(str(error)) from error
        except UnreachableError as error:
            raise UpstreamUnreachable(str(error)) from error
        except MalformedError as error:
            raise UpstreamMalformed(str(error)) from error
        ms = (time.perf_counter() - began) * 1000
        _check_status(reply)
        value = replies.read_field(reply.body, document.field, executed=reply.status == httpx.codes.OK)
        return value, self._recorder.record(text, reply, ms)


def _seen_by(me: Address | None) -> dict[str, object]:
    """The variables that say who looks."""
    return {"me": str(me) if me else _NOBODY, "signedIn": me is not None}


def _check_status(reply: Reply) -> None:
    """Accept 200 with JSON, and 400 with JSON, which some servers send with a refused document."""
    status = reply.status
    if status == httpx.codes.SERVICE_UNAVAILABLE and replies.tells_unknown_outcome(reply.body):
        raise UpstreamOutcomeUnknown(f"HTTP {status}")
    if status in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        raise UpstreamBusy(f"HTTP {status}", _seconds(reply.headers.get("retry-after", "")))
    if httpx.codes.is_server_error(status):
        raise UpstreamUnreachable(f"HTTP {status}")
    if status not in {httpx.codes.OK, httpx.codes.BAD_REQUEST}:
        raise UpstreamMalformed(f"HTTP {status}")
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in replies.JSON_TYPES:
        raise UpstreamMalformed(f"HTTP {status} with a body of {len(reply.body)} bytes that is not JSON")


def _seconds(retry_after: str) -> int | None:
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= _MAX_RETRY_AFTER_DIGITS:
        return int(retry_after)
    return None
