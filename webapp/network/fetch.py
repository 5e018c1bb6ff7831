"""One exchange over HTTP: a request out, the whole body back, in time and within a size, or a named error."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from webapp.network.deadline import Deadline, within
from webapp.network.errors import DeadlineError, MalformedError, UnreachableError

_GZIP_WBITS = 31


def open_client(transport: httpx.BaseTransport) -> httpx.Client:
    """Make a client that posts and reads JSON: no cookies, no redirects, nothing from the environment."""
    return httpx.Client(
        transport=transport,
        trust_env=False,  # which httpx may come to mind for a given transport, too
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # keeps none
        headers={
            "accept": "application/json",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "user-agent": "countersign",
        },
    )


def fetch(
    client: httpx.Client, request: httpx.Request, *, seconds: float, max_bytes: int
) -> tuple[httpx.Response, bytes]:
    """Send a request once and read its reply, whatever its status, in `seconds` for the whole exchange.

    `max_bytes` limits the decompressed body. Raises `UnreachableError`, `DeadlineError` or `MalformedError`.
    """
    with within(seconds) as deadline, _named_failures(deadline):
        response = client.send(request, stream=True)
        try:
            return response, _read(response, max_bytes, deadline)
        finally:
            response.close()


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
