"""`/healthz` and `/readyz`: is this process alive, and can it do its work?"""

import json
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from webapp.read_only import read_only
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseUnavailable
from webapp.upstream.client import UpstreamClient
from webapp.upstream.errors import UpstreamError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ALIVE_PATH = "/healthz"
"""Asks nobody: it is answered beside the queue to the threads."""
HEALTH_PATHS = frozenset({ALIVE_PATH, "/readyz"})


def health_wsgi(database: Database, upstream: UpstreamClient | None) -> "WSGIApplication":
    """Answer both paths with JSON: 200, or 503 with what is missing.

    `/healthz` says that the process answers. `/readyz` also asks the database, and a remote upstream.
    """

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        checks: dict[str, str] = {}
        if environ["PATH_INFO"] == "/readyz":
            checks["database"] = _outcome(database.ping)
            if upstream is not None:
                checks["upstream"] = _outcome(upstream.ping)
        ready = all(outcome == "ok" for outcome in checks.values())
        body = json.dumps({"status": "ok" if ready else "unavailable", **checks}).encode()
        headers = [
            ("content-type", "application/json"),
            ("content-length", str(len(body))),
            ("cache-control", "no-store"),
        ]
        start_response("200 OK" if ready else "503 Service Unavailable", headers)
        return [body]

    return read_only(application)


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except (DatabaseUnavailable, UpstreamError) as error:
        return type(error).__name__
    return "ok"
