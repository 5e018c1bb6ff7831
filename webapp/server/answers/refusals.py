"""Requests that neither the gateway nor the site has seen, refused: one writer for each of the two worlds.

At the gateway's paths a program expects GraphQL's errors, readable from any origin; elsewhere a problem
(RFC 9457), as the site's own are. Both have a request id that the log has, too.
"""

import json
import logging
import secrets
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from webapp.gateway.http.graphql_over_http import Refusal, refuse, wanted_media_type
from webapp.gateway.http.wsgi import send
from webapp.server.record.request_line import request_facts
from webapp.web.http.problems import RETRY_AFTER_S, Kind, Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Header = tuple[str, str]

_CODES = {
    400: "BAD_REQUEST",
    404: "NOT_FOUND",
    408: "REQUEST_TIMEOUT",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_KINDS = {
    400: Kind.INVALID_REQUEST,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    405: Kind.METHOD_NOT_ALLOWED,
    408: Kind.REQUEST_TIMEOUT,
    500: Kind.INTERNAL,
    503: Kind.UNAVAILABLE,
}

_logger = logging.getLogger(__name__)


def as_graphql(status: int, detail: str) -> "WSGIApplication":
    """Refuse as the gateway does.

    Args:
        status: Of HTTP; one that has a code in the contract.
        detail: What was expected.
    """

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        media_type = wanted_media_type(environ.get("HTTP_ACCEPT", ""))
        response = refuse(Refusal(status, _CODES[status], detail), media_type)
        request_id = _logged(environ, status, detail)
        return send(response, start_response, ("x-request-id", request_id), *_when_to_return(status))

    return application


def as_problem(status: int, detail: str, *headers: Header) -> "WSGIApplication":
    """Refuse as the site does under `/api/`.

    Args:
        status: Of HTTP; one that is a kind of problem.
        detail: What to know or do about it.
        headers: Further ones.
    """

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request_id = _logged(environ, status, detail)
        body = json.dumps(Problem(_KINDS[status], detail).as_json(request_id)).encode()
        described = [
            ("content-type", "application/problem+json"),
            ("content-length", str(len(body))),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-request-id", request_id),
        ]
        described += _when_to_return(status)
        start_response(f"{status} {HTTPStatus(status).phrase}", [*described, *headers])
        return [body]

    return application


def _when_to_return(status: int) -> list[Header]:
    return [("retry-after", str(RETRY_AFTER_S))] if status == HTTPStatus.SERVICE_UNAVAILABLE else []


def _logged(environ: "WSGIEnvironment", status: int, detail: str) -> str:
    """Write the request's line, and give its id."""
    facts = request_facts(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", ""),
        status=status,
        seconds=0.0,
        request_id=secrets.token_urlsafe(9),
        client=environ.get("REMOTE_ADDR"),
    )
    line = "%(method)s %(path)s %(status)d: %(detail)s, request %(request_id)s from %(network)s"
    _logger.info(line, facts | {"detail": detail}, extra=facts)
    return str(facts["request_id"])
