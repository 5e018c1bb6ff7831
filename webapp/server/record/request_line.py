"""One line a request: what was asked, what was answered, how long it took. It names nobody."""

import ipaddress
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "countersign.request_id"
"""What holds a request's id in its WSGI environment."""

_KEPT_BITS = {4: 24, 6: 48}
_LONGEST = 300
_ID_BYTES, _ID_LENGTH, _IDS_AT_ONCE = 9, 12, 64

REQUEST_LINE = "%(method)s %(path)s %(status)d %(ms).1f ms, request %(request_id)s from %(network)s"
"""The facts of a request's line; each is also a member of its JSON form."""


class RequestIds:
    """Ids of requests, made many at a time: the system's randomness lets go of the interpreter for each."""

    def __init__(self, token: Callable[[int], str]) -> None:
        """Make none yet.

        Args:
            token: Makes unguessable URL-safe text out of so many random bytes.
        """
        self._token = token
        self._made: list[str] = []

    def take(self) -> str:
        """Give 12 characters of URL-safe base64, from 9 random bytes; from any thread."""
        try:
            return self._made.pop()
        except IndexError:
            text = self._token(_ID_BYTES * _IDS_AT_ONCE)
            ids = [text[at : at + _ID_LENGTH] for at in range(0, len(text), _ID_LENGTH)]
            self._made += ids[1:]
            return ids[0]


def identified(inner: "WSGIApplication", ids: RequestIds) -> "WSGIApplication":
    """Give every request an id, in its environment and in its reply."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request_id = environ[REQUEST_ID] = ids.take()

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 (as PEP 3333 has it)
            return start_response(status, [*headers, ("x-request-id", request_id)], *rest)

        return inner(environ, started)

    return application


@lru_cache(1_024)
def network_of(client: str | None) -> str:
    """Shorten a client's IP address to its network (/24 or /48), which is enough to see a pattern."""
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return "-"
    return str(ipaddress.ip_network((address, _KEPT_BITS[address.version]), strict=False))


def request_facts(
    *, method: str, path: str, status: int, seconds: float, request_id: str, client: str | None
) -> dict[str, object]:
    """Put a request's facts together; it was answered in so many seconds."""
    return {
        "method": _quoted(method),
        "path": _quoted(path),
        "status": status,
        "ms": round(seconds * 1000, 1),
        "request_id": request_id,
        "network": network_of(client),
    }


@lru_cache(256)
def _quoted(text: str) -> str:
    """Write what a client sent so that it is one word, and no longer than can be read."""
    quoted = quote(text)
    return quoted if len(quoted) <= _LONGEST else f"{quoted[:_LONGEST]}...({len(text)} characters)"
