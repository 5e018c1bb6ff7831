"""An id for each of the site's requests, in its reply, and a line in the log."""

import logging
import time
from collections.abc import Callable

from flask import Flask, Response, g, request

from webapp.server.request_line import log_request

_logger = logging.getLogger(__name__)


def install_request_log(app: Flask, token: Callable[[int], str]) -> None:
    """Give every request an id, in its reply and in the log."""

    @app.before_request
    def begin() -> None:
        g.request_id = token(9)
        g.began = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["x-request-id"] = g.request_id
        log_request(
            _logger,
            method=request.method,
            path=request.path,
            status=response.status_code,
            began=g.began,
            request_id=g.request_id,
            client=request.remote_addr,
        )
        return response
