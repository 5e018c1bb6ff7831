"""One exchange over HTTP: a request out, the whole body back, in time and within a size, or a named error."""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import httpx

from webapp.network.deadline import Deadline, within
from webapp.network.errors import DeadlineError, MalformedError, UnreachableError

_GZIP_WBITS = 31
_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "connection": "keep-alive",
    "content-type": "application/json",
    "user-agent": "countersign",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, read whole; its body is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Carrier(Protocol):
    """What carries requests within this process: whole, and with no HTTP between."""

    def carry(self, url: httpx.URL, headers: Mapping[str, str], content: bytes) -> Reply:
        """Have a POST with these headers answered; names are in lower case."""

    def close(self) -> None:
        """Carry no more."""


Transport: TypeAlias = httpx.BaseTransport | Carrier


class JsonEndpoint:
    """A URL that JSON is posted to. Safe to share between threads.

    It speaks to the transport, and not through `httpx.Client`: there are no cookies, no redirects and nothing
    from the environment, and a request's headers are written once and not merged anew for each.
    """

    def __init__(
        self,
        url: str,
        transport: Transport,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Connect to nobody yet. A reply's body has `max_bytes` at most, decompressed."""
        self.url = httpx.URL(url)
        # What each request carries beside its `content-length`; names in lower case.
        self.headers = {"host": self.url.netloc.decode("ascii"), **_HEADERS, **(headers or {})}
        self._headers = httpx.Headers(self.headers)
        self._transport = transport
        self._max_bytes = max_bytes

    def post(self, content: bytes, *, seconds: float) -> Reply:
        """Send JSON once and read the reply, whatever its status.

        The whole exchange may take so many seconds, connection included. Raises `UnreachableError` where
        there is no connection, or it broke; `DeadlineError` where time is up; `MalformedError` for a reply
        that is not HTTP, too large, or oddly packed.
        """
        length = str(len(content))
        with within(seconds) as deadline:
            if not isinstance(self._transport, httpx.BaseTransport):
                return self._transport.carry(self.url, {**self.headers, "content-length": length}, content)
            headers = self._headers.copy()
            headers["content-length"] = length
            request = httpx.Request(
                "POST",
                self.url,
                headers=headers,
                stream=httpx.ByteStream(content),
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)},
            )
            with _named_failures(deadline):
                response = self._transport.handle_request(request)
                try:
                    body = _read(response, self._max_bytes, deadline)
                finally:
                    response.close()
            return Reply(response.status_code, response.headers, body)

    def close(self) -> None:
        """Close the kept connections."""
        self._transport.close()


def _read(response: httpx.Response, max_bytes: int, deadline: Deadline) -> bytes:
    """Read and decompress a body within the limit; httpx would inflate each chunk whole, a bomb too."""
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip"}:
        raise MalformedError("the reply has a content coding that nobody asked for")
    inflater = zlib.decompressobj(_GZIP_WBITS) if coding == "gzip" else None
    body = bytearray()
    received = 0
    for chunk in response.iter_raw():
        received += len(chunk)
        room = max_bytes + 1 - len(body)
        try:
            body += inflater.decompress(chunk, room) if inflater else chunk[:room]
        except zlib.error:
            raise MalformedError("the reply is not the gzip data that it says it is") from None
        if len(body) > max_bytes or received > max_bytes:
            raise MalformedError(f"the reply is larger than {max_bytes} bytes")
        if deadline.remaining() <= 0:
            raise DeadlineError("the deadline passed while the reply was read")
    if inflater and not inflater.eof:
        raise MalformedError("the reply's gzip data breaks off")
    return bytes(body)


@contextmanager
def _named_failures(deadline: Deadline) -> Iterator[None]:
    """Turn what httpx raises into our own errors, whose texts hold nothing that came from outside."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise DeadlineError(f"no complete reply within the deadline: {type(error).__name__}") from error
    except httpx.RemoteProtocolError as error:
        if deadline.closed_by_peer:
            raise UnreachableError("the connection ended before the reply was complete") from error
        raise MalformedError("the reply is not HTTP as it should be") from error
    except httpx.ConnectError as error:
        raise UnreachableError(f"no connection: {error}") from error
    except httpx.TransportError as error:
        raise UnreachableError(f"the connection failed: {type(error).__name__}") from error
