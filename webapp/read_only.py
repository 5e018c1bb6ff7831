"""Addresses that are only read: whatever would change something is told that nothing here can be changed."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ALLOWED = "GET, HEAD"

_REFUSAL = b"expected GET or HEAD\n"


def read_only(inner: "WSGIApplication") -> "WSGIApplication":
    """Let GET and HEAD through, the latter without a body in the answer; all else is 405 with Allow."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"}:
            headers = [
                ("content-type", "text/plain; charset=utf-8"),
                ("content-length", str(len(_REFUSAL))),
                ("allow", ALLOWED),
            ]
            start_response("405 Method Not Allowed", headers)
            return [_REFUSAL]
        body = inner(environ, start_response)
        return [] if method == "HEAD" else body

    return application
