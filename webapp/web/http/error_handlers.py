"""Every failure of a request, told: problem+json to scripts, a page of the site's own to people."""

import logging

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from webapp.chain.errors import RpcBusy, RpcError, RpcOverShare, RpcTimeout
from webapp.server.record.request_line import REQUEST_ID
from webapp.storage.errors import DatabaseFailure, OutcomeUnknown
from webapp.upstream.errors import (
    UpstreamBusy,
    UpstreamError,
    UpstreamMalformed,
    UpstreamOutcomeUnknown,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from webapp.web.http.problems import RETRY_AFTER_S, Kind, Problem

_FOR_SCRIPTS = ("/api/", "/embed/profiles")

_logger = logging.getLogger(__name__)


def install_error_handlers(app: Flask) -> None:
    """Answer every failure of a request, a program's fault included, with a problem."""
    app.register_error_handler(Problem, _respond)
    app.register_error_handler(HTTPException, _respond_to_http)
    app.register_error_handler(UpstreamError, _respond_to_upstream)
    app.register_error_handler(DatabaseFailure, _respond_to_database)
    app.register_error_handler(RpcError, _respond_to_chain)
    app.register_error_handler(Exception, _respond_to_fault)


def left_out(what: str, error: UpstreamError) -> Kind:
    """Log what a page has to come without, and give the kind of problem that it tells instead."""
    _logger.warning("%s: %s: %s, request %s", what, type(error).__name__, error, _request_id())
    return _upstream_problem(error).kind


def _request_id() -> str:
    """The id of the request being served, as the log has it."""
    return str(request.environ.get(REQUEST_ID, ""))


def _respond(problem: Problem) -> Response:
    """Write a problem in the form that fits the path."""
    kind = problem.kind
    if request.path.startswith(_FOR_SCRIPTS):
        response = jsonify(problem.as_json(_request_id()))
        response.mimetype = "application/problem+json"
    else:
        page = render_template(
            "error.html",
            status=kind.status,
            title=kind.title,
            detail=problem.detail,
            leads_on=problem.ways,
            request_id=_request_id(),
        )
        response = make_response(page)
    response.status_code = kind.status
    response.headers.update(problem.headers)
    return response


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
    return _respond(Problem(kind, detail, headers=headers))


def _respond_to_upstream(error: UpstreamError) -> Response:
    _logger.warning("upstream: %s: %s, request %s", type(error).__name__, error, _request_id())
    return _respond(_upstream_problem(error))


def _upstream_problem(error: UpstreamError) -> Problem:
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
    _logger.warning("chain: %s: %s, request %s", type(error).__name__, error, _request_id())
    detail = "Whether your contract wallet signed is not known now. Sign in again in a moment."
    if isinstance(error, RpcOverShare):
        headers = {"retry-after": str(error.retry_after_s)}
        told = f"Your network has had as many contract wallets asked as it may. {detail}"
        return _respond(Problem(Kind.TOO_MANY_REQUESTS, told, headers=headers))
    if isinstance(error, RpcBusy):
        return _respond(Problem(Kind.UNAVAILABLE, detail, headers={"retry-after": str(RETRY_AFTER_S)}))
    kind = Kind.CHAIN_TIMEOUT if isinstance(error, RpcTimeout) else Kind.CHAIN_UNREACHABLE
    return _respond(Problem(kind, detail))


def _respond_to_database(error: DatabaseFailure) -> Response:
    _logger.warning("database: %s: %s, request %s", type(error).__name__, error.reason, _request_id())
    if isinstance(error, OutcomeUnknown):
        return _respond(_outcome_unknown())
    headers = {"retry-after": str(RETRY_AFTER_S)}
    return _respond(Problem(Kind.UNAVAILABLE, "Nothing was changed. Try again in a moment.", headers=headers))


def _outcome_unknown() -> Problem:
    detail = "The disk failed while it was written. Send the same again."
    return Problem(Kind.OUTCOME_UNKNOWN, detail, headers={"retry-after": str(RETRY_AFTER_S)})


def _respond_to_fault(error: Exception) -> Response:
    _logger.error("internal error, request %s", _request_id(), exc_info=error)
    return _respond(Problem(Kind.INTERNAL, "The server's log says more under this request id."))
