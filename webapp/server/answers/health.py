"""`/healthz` and `/readyz`: is this process alive, and can it do its work?"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from webapp.server.answers.read_only import read_only
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseFailure
from webapp.upstream.client import UpstreamClient
from webapp.upstream.errors import UpstreamError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ALIVE_PATH = "/healthz"
"""Asks nobody: it is answered beside the queue to the threads."""
HEALTH_PATHS = frozenset({ALIVE_PATH, "/readyz"})
FRESH_S = 2.0
"""For so long what was found is told to whoever asks, without looking again."""

Outcomes = Mapping[str, str]
Check = Callable[[], None]


class Readiness:
    """What this process needs, looked at again when somebody asks and the last look is too old.

    One thread looks. Whoever comes meanwhile hears what was found before: however many ask, as anybody may,
    one thread waits for a slow disk or upstream, and one question reaches them.
    """

    def __init__(self, checks: Mapping[str, Check], elapsed: Callable[[], float] = time.monotonic) -> None:
        """Look at nothing yet.

        Args:
            checks: By name; each raises what is wrong.
            elapsed: Seconds on a clock that only goes forward.
        """
        self._checks = checks
        self._elapsed = elapsed
        self._looking = Lock()
        self._found: Outcomes = dict.fromkeys(checks, "not looked at yet")
        self._found_at = float("-inf")

    def outcomes(self) -> Outcomes:
        """Tell what each check came to: `ok`, or what is wrong."""
        if self._elapsed() - self._found_at > FRESH_S and self._looking.acquire(blocking=False):
            try:
                self._found = {name: _outcome(check) for name, check in self._checks.items()}
                self._found_at = self._elapsed()
            finally:
                self._looking.release()
        return self._found


def health_wsgi(database: Database, upstream: UpstreamClient | None) -> "WSGIApplication":
    """Answer both paths with JSON: 200, or 503 with what is missing.

    `/healthz` says that the process answers. `/readyz` also that its database can be read and written, and
    that a remote upstream answers.
    """
    checks: dict[str, Check] = {"database": database.probe}
    if upstream is not None:
        checks["upstream"] = upstream.ping
    readiness = Readiness(checks)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        outcomes = readiness.outcomes() if environ["PATH_INFO"] == "/readyz" else {}
        ready = all(outcome == "ok" for outcome in outcomes.values())
        body = json.dumps({"status": "ok" if ready else "unavailable", **outcomes})
        headers = {"content-type": "application/json", "cache-control": "no-store"}
        return Response(body, 200 if ready else 503, headers)(environ, start_response)

    return read_only(application)


def _outcome(check: Check) -> str:
    try:
        check()
    except DatabaseFailure as error:
        return error.reason
    except UpstreamError as error:
        return type(error).__name__
    return "ok"
