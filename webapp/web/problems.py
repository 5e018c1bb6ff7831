"""What goes wrong, told: problem+json (RFC 9457) under `/api/`, a page of the site's own elsewhere.

A problem is never a status of the contract: those are answers, and come from the gateway.
"""

import logging
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from webapp.chain.errors import RpcBusy, RpcError, RpcOverShare, RpcTimeout
from webapp.storage.errors import DatabaseFailure, OutcomeUnknown
from webapp.upstream.errors import (
    UpstreamBusy,
    UpstreamError,
    UpstreamMalformed,
    UpstreamOutcomeUnknown,
    UpstreamTimeout,
    UpstreamUnreachable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRY_AFTER_S = 2

_logger = logging.getLogger(__name__)


class Kind(Enum):
    """Every kind of problem: its slug, HTTP status and title."""

    INVALID_REQUEST = ("invalid-request", 400, "The request cannot be read")
    WRONG_HOST = ("wrong-host", 400, "This site goes by another name")
    NOT_SIGNED_IN = ("not-signed-in", 401, "Not signed in")
    LOGIN_REFUSED = ("login-refused", 401, "The sign-in was refused")
    FORBIDDEN = ("forbidden", 403, "Not for this caller")
    CSRF = ("csrf", 403, "The request does not come from this page")
    SIGN_IN_AGAIN = ("sign-in-again", 403, "The wallet has to sign in again")
    WRONG_ACCOUNT = ("wrong-account", 403, "Another account is signed in")
    NOT_FOUND = ("not-found", 404, "Nothing is here")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "Not with this method")
    REQUEST_TIMEOUT = ("request-timeout", 408, "The request took too long to arrive")
    TOO_MANY_KEYS = ("too-many-keys", 409, "That is as many keys as there may be")
    TOO_LARGE = ("too-large", 413, "The request is too large")
    UNSUPPORTED_MEDIA_TYPE = ("unsupported-media-type", 415, "The request has another type than is read here")
    TOO_MANY_REQUESTS = ("too-many-requests", 429, "Too many requests")
    INTERNAL = ("internal", 500, "Something went wrong on our side")
    UPSTREAM_UNREACHABLE = ("upstream-unreachable", 502, "The gateway cannot be reached")
    UPSTREAM_MALFORMED = ("upstream-malformed", 502, "The gateway's answer cannot be understood")
    CHAIN_UNREACHABLE = ("chain-unreachable", 502, "The chain cannot be asked")
    UNAVAILABLE = ("unavailable", 503, "Busy at the moment")
    OUTCOME_UNKNOWN = ("outcome-unknown", 503, "Whether it was kept is not known")
    CHAIN_TIMEOUT = ("chain-timeout", 504, "The chain did not answer in time")
    UPSTREAM_TIMEOUT = ("upstream-timeout", 504, "The gateway did not answer in time")

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title


@dataclass(frozen=True, slots=True)
class FieldError:
    """A member of the request that is not what was expected."""

    field: str
    expected: str


class Problem(Exception):  # noqa: N818 (what RFC 9457 calls it)
    """Ends a request with a problem.

    Attributes:
        kind: What went wrong.
        detail: What to know or do about it, in one or two sentences for the person at the page.
        errors: Members of the request that were at fault.
        extra: Further members of the JSON object.
        headers: Further response headers.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: tuple[FieldError, ...] = (),
        extra: "Mapping[str, str] | None" = None,
        headers: "Mapping[str, str] | None" = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.extra = extra or {}
        self.headers = headers or {}


def install_problems(app: Flask) -> None:
    """Answer every failure of a request, a program's fault included, with a problem."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(HTTPException, _respond_to_http)
    app.register_error_handler(UpstreamError, _respond_to_upstream)
    app.register_error_handler(DatabaseFailure, _respond_to_database)
    app.register_error_handler(RpcError, _respond_to_chain)
    app.register_error_handler(Exception, _respond_to_fault)


def request_id() -> str:
    """The id of the request being served, as the log has it."""
    return str(g.get("request_id", ""))


def respond(problem: Problem) -> Response:
    """Write a problem in the form that fits the path."""
    response = _as_json(problem) if request.path.startswith("/api/") else _as_page(problem)
    response.status_code = problem.kind.status
    response.headers.update(problem.headers)
    return response


def problem_members(problem: Problem, request_id: str) -> dict[str, Any]:
    """Write a problem as a JSON object (RFC 9457, section 3)."""
    kind = problem.kind
    content: dict[str, Any] = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "requestId": request_id,
        **problem.extra,
    }
    if problem.errors:
        content["errors"] = [{"field": error.field, "expected": error.expected} for error in problem.errors]
    return content


def _as_json(problem: Problem) -> Response:
    response = jsonify(problem_members(problem, request_id()))
    response.mimetype = "application/problem+json"
    return response


def _as_page(problem: Problem) -> Response:
    kind = problem.kind
    return make_response(
        render_template(
            "error.html", status=kind.status, title=kind.title, detail=problem.detail, request_id=request_id()
        )
    )


_HTTP_KINDS = {
    404: (Kind.NOT_FOUND, "Check the address."),
    405: (Kind.METHOD_NOT_ALLOWED, "The Allow header names the methods that work."),
    413: (Kind.TOO_LARGE, "Send less."),
    415: (Kind.UNSUPPORTED_MEDIA_TYPE, "Send application/json."),
}


def _respond_to_http(error: HTTPException) -> Response:
    if error.code is None or error.code >= Kind.INTERNAL.status:
        return _respond_to_fault(error)
    kind, detail = _HTTP_KINDS.get(error.code, (Kind.INVALID_REQUEST, "The server cannot make sense of it."))
    allowed = getattr(error, "valid_methods", None)
    headers = {"allow": ", ".join(sorted(allowed))} if allowed else {}
    return respond(Problem(kind, detail, headers=headers))


def _respond_to_upstream(error: UpstreamError) -> Response:
    _logger.warning("upstream: %s: %s, request %s", type(error).__name__, error, request_id())
    return respond(upstream_problem(error))


def upstream_problem(error: UpstreamError) -> Problem:
    """Tell what the gateway, or the way to it, did."""
    match error:
        case UpstreamTimeout():
            detail = "It may have acted all the same. Sending the same message again is safe."
            return Problem(Kind.UPSTREAM_TIMEOUT, detail)
        case UpstreamOutcomeUnknown():
            return _outcome_unknown()
        case UpstreamBusy(retry_after_s=seconds):
            headers = {"retry-after": str(RETRY_AFTER_S if seconds is None else seconds)}
            return Problem(Kind.UNAVAILABLE, "The gateway asks for a pause. Try again soon.", headers=headers)
        case UpstreamMalformed():
            return Problem(Kind.UPSTREAM_MALFORMED, "What it sent is not shown, since it could mislead.")
        case UpstreamUnreachable():
            return Problem(Kind.UPSTREAM_UNREACHABLE, "Nothing is lost. Try again in a moment.")
    return Problem(Kind.INTERNAL, "The server's log says more under this request id.")


def _respond_to_chain(error: RpcError) -> Response:
    _logger.warning("chain: %s: %s, request %s", type(error).__name__, error, request_id())
    detail = "Whether your contract wallet signed is not known now. Sign in again in a moment."
    if isinstance(error, RpcOverShare):
        headers = {"retry-after": str(error.retry_after_s)}
        told = f"Your network has had as many contract wallets asked as it may. {detail}"
        return respond(Problem(Kind.TOO_MANY_REQUESTS, told, headers=headers))
    if isinstance(error, RpcBusy):
        return respond(Problem(Kind.UNAVAILABLE, detail, headers={"retry-after": str(RETRY_AFTER_S)}))
    kind = Kind.CHAIN_TIMEOUT if isinstance(error, RpcTimeout) else Kind.CHAIN_UNREACHABLE
    return respond(Problem(kind, detail))


def _respond_to_database(error: DatabaseFailure) -> Response:
    _logger.warning("database: %s: %s, request %s", type(error).__name__, error.reason, request_id())
    if isinstance(error, OutcomeUnknown):
        return respond(_outcome_unknown())
    headers = {"retry-after": str(RETRY_AFTER_S)}
    return respond(Problem(Kind.UNAVAILABLE, "Nothing was changed. Try again in a moment.", headers=headers))


def _outcome_unknown() -> Problem:
    detail = "The disk failed while it was written. Send the same again."
    return Problem(Kind.OUTCOME_UNKNOWN, detail, headers={"retry-after": str(RETRY_AFTER_S)})


def _respond_to_fault(error: Exception) -> Response:
    _logger.error("internal error, request %s", request_id(), exc_info=error)
    return respond(Problem(Kind.INTERNAL, "The server's log says more under this request id."))
