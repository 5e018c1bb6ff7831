"""One line a request: what was asked, what was answered, how long it took. It names nobody."""

import ipaddress
import logging
import time
from collections.abc import Callable
from urllib.parse import quote

from flask import Flask, Response, g, request

_KEPT_BITS = {4: 24, 6: 48}

_logger = logging.getLogger(__name__)


def network_of(client: str | None) -> str:
    """Shorten a client's IP address to its network (/24 or /48), which is enough to see a pattern."""
    try:
        address = ipaddress.ip_address(client or "")
    except ValueError:
        return "-"
    return str(ipaddress.ip_network((address, _KEPT_BITS[address.version]), strict=False))


def install_request_log(app: Flask, token: Callable[[int], str]) -> None:
    """Give every request an id, in its reply and in the log."""

    @app.before_request
    def begin() -> None:
        g.request_id = token(9)
        g.began = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["x-request-id"] = g.request_id
        _logger.info(
            "%s %s %d %.1f ms, request %s from %s",
            quote(request.method),
            quote(request.path),
            response.status_code,
            (time.perf_counter() - g.began) * 1000,
            g.request_id,
            network_of(request.remote_addr),
        )
        return response
