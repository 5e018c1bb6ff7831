"""One line a request: what was asked, what was answered, how long it took. It names nobody."""

import ipaddress
import logging
import time
from functools import lru_cache
from urllib.parse import quote

_KEPT_BITS = {4: 24, 6: 48}
_LONGEST = 300

REQUEST_LINE = "%(method)s %(path)s %(status)d %(ms).1f ms, request %(request_id)s from %(network)s"
"""The facts of a request's line; each is also a member of its JSON form."""


@lru_cache(1_024)
def network_of(client: str | None) -> str:
    """Shorten a client's IP address to its network (/24 or /48), which is enough to see a pattern."""
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return "-"
    return str(ipaddress.ip_network((address, _KEPT_BITS[address.version]), strict=False))


def request_facts(
    *, method: str, path: str, status: int, began: float, request_id: str, client: str | None
) -> dict[str, object]:
    """Put a request's facts together; `began` is what `time.perf_counter` said when it came."""
    return {
        "method": _quoted(method),
        "path": _quoted(path),
        "status": status,
        "ms": round((time.perf_counter() - began) * 1000, 1),
        "request_id": request_id,
        "network": network_of(client),
    }


def log_request(
    logger: logging.Logger,
    *,
    method: str,
    path: str,
    status: int,
    began: float,
    request_id: str,
    client: str | None,
) -> None:
    """Write a request's line; what it takes is as for `request_facts`."""
    facts = request_facts(
        method=method, path=path, status=status, began=began, request_id=request_id, client=client
    )
    logger.info(REQUEST_LINE, facts, extra=facts)


@lru_cache(256)
def _quoted(text: str) -> str:
    """Write what a client sent so that it is one word, and no longer than can be read."""
    quoted = quote(text)
    return quoted if len(quoted) <= _LONGEST else f"{quoted[:_LONGEST]}...({len(text)} characters)"
