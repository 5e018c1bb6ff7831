"""One exchange with a gateway: a fixed document out, and the value of its one field back."""

import json
import time
from collections.abc import Mapping
from typing import TypeAlias

import httpx

from webapp.network.errors import DeadlineError, MalformedError, UnreachableError
from webapp.network.fetch import JsonEndpoint, Reply, Transport
from webapp.protocol.strict_json import ANY_NUMBER, JsonError
from webapp.upstream.documents import Document
from webapp.upstream.errors import (
    UpstreamArgument,
    UpstreamBusy,
    UpstreamMalformed,
    UpstreamOutcomeUnknown,
    UpstreamRefusal,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from webapp.upstream.exchange import Exchange, Recorder

_JSON_TYPES = frozenset({"application/json", "application/graphql-response+json"})
_MAX_RETRY_AFTER_DIGITS = 6
_SHORTEST_SECRET = 8

Variables: TypeAlias = Mapping[str, object]


class GraphqlEndpoint:
    """Asks over one HTTP client, kept open; nothing is retried."""

    def __init__(
        self,
        url: str,
        transport: Transport,
        *,
        api_key: str | None,
        deadline_s: float,
        max_bytes: int,
    ) -> None:
        """Keep a client open, with arguments as `UpstreamClient` has them."""
        key = {"x-api-key": api_key} if api_key else {}
        self._endpoint = JsonEndpoint(url, transport, max_bytes=max_bytes, headers=key)
        # Some hosts keep their keys behind the question mark. What is shorter may be any word of a reply.
        in_url = (value or name for name, value in self._endpoint.url.params.multi_items())
        long = (text for text in in_url if len(text) >= _SHORTEST_SECRET)
        self._recorder = Recorder(self._endpoint, (*long, *key.values()))
        self._deadline_s = deadline_s

    def ask(
        self, document: Document, variables: Variables, deadline_s: float | None = None
    ) -> tuple[object, Exchange]:
        """Send a document; gives what its field holds, null included, and the whole exchange.

        Args:
            document: What is asked.
            variables: Its variables, by name.
            deadline_s: A shorter deadline than the endpoint's own, in seconds.

        Raises:
            UpstreamArgument: An argument cannot be used, which is all that is wrong.
            UpstreamRefusal: `errors`, and no `data` at all: the document was not executed.
            UpstreamMalformed: Not UTF-8, not JSON, not a GraphQL reply, or one with any error in it.
            UpstreamError: Another of them: no reply to the document came.
        """
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
        value = _read_field(reply.body, document.field, executed=reply.status == httpx.codes.OK)
        return value, self._recorder.record(text, reply, ms)

    def close(self) -> None:
        """Close the kept connections."""
        self._endpoint.close()


def _check_status(reply: Reply) -> None:
    """Accept 200 with JSON, and 400 with JSON, which some servers send with a refused document."""
    status = reply.status
    if status == httpx.codes.SERVICE_UNAVAILABLE and _tells_unknown_outcome(reply.body):
        raise UpstreamOutcomeUnknown(f"HTTP {status}")
    if status in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        raise UpstreamBusy(f"HTTP {status}", _seconds(reply.headers.get("retry-after", "")))
    if httpx.codes.is_server_error(status):
        raise UpstreamUnreachable(f"HTTP {status}")
    if status not in {httpx.codes.OK, httpx.codes.BAD_REQUEST}:
        raise UpstreamMalformed(f"HTTP {status}")
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _JSON_TYPES:
        raise UpstreamMalformed(f"HTTP {status} with a body of {len(reply.body)} bytes that is not JSON")


def _tells_unknown_outcome(body: bytes) -> bool:
    """Whether a reply of HTTP 503 says that the gateway cannot tell what became of what it was sent."""
    try:
        match ANY_NUMBER.read(body):
            case {"errors": [{"extensions": {"code": "OUTCOME_UNKNOWN"}}, *_]}:
                return True
    except JsonError:
        pass
    return False


def _seconds(retry_after: str) -> int | None:
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= _MAX_RETRY_AFTER_DIGITS:
        return int(retry_after)
    return None


def _read_field(body: bytes, field: str, *, executed: bool) -> object:
    """Give the member of a reply's `data` that must be there; it may be null.

    Where the reply's HTTP status does not admit that the document was executed, whatever `data` says is no
    answer.
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
