"""Addresses that are only read: whatever would change something is told that nothing here can be changed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from webapp.server.answers.refusals import as_problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_refused = as_problem(405, "expected GET or HEAD", ("allow", "GET, HEAD"))


def read_only(inner: "WSGIApplication") -> "WSGIApplication":
    """Let GET and HEAD through, the latter without a body in the answer; all else is 405 with Allow."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"}:
            return _refused(environ, start_response)
        body = inner(environ, start_response)
        return [] if method == "HEAD" else body

    return application
