"""Handles of one's own: claims, releases, profiles, followers; checked for who asks, then for the gateway."""

from typing import Any

from flask import Blueprint

from webapp.protocol.handle_message import ABOUT_FOLLOWERS, MAX_PROFILE_BYTES, HandleOperation
from webapp.web.context import count_operation, site
from webapp.web.graph.connections import signed_operation
from webapp.web.http.network_shares import LOOKUPS
from webapp.web.http.problems import Kind, Problem
from webapp.web.sessions.signed_in import require_active_address

bp = Blueprint("handles", __name__, url_prefix="/api/handles")
bp.before_request(count_operation)

_LONGEST = 512
"""Bytes of a member but the message: control characters grow sixfold in JSON, the gateway reads 64 KiB."""


@bp.get("", strict_slashes=False)
def list_own() -> dict[str, Any]:
    """List the active address's handles, and whose profiles show nothing; null where the gateway cannot."""
    me = require_active_address()
    site().shares.take(LOOKUPS)
    found = site().upstream.own_profiles(me)
    told = None if found is None else [{"handle": own.handle, "isBlank": own.is_blank} for own in found]
    return {"handles": told}


@bp.post("/claim")
def claim() -> dict[str, Any]:
    return _operate(HandleOperation.CLAIM)


@bp.post("/release")
def release() -> dict[str, Any]:
    return _operate(HandleOperation.RELEASE)


@bp.post("/profile")
def profile() -> dict[str, Any]:
    return _operate(HandleOperation.PROFILE)


@bp.post("/remove")
def remove() -> dict[str, Any]:
    return _operate(HandleOperation.REMOVE)


@bp.post("/block")
def block() -> dict[str, Any]:
    return _operate(HandleOperation.BLOCK)


@bp.post("/unblock")
def unblock() -> dict[str, Any]:
    return _operate(HandleOperation.UNBLOCK)


def _operate(operation: HandleOperation) -> dict[str, Any]:
    reply = site().upstream.about_handle(operation, signed_operation(MAX_PROFILE_BYTES, _LONGEST))
    if reply is None:
        by_which = (
            "followers are removed and blocked" if operation in ABOUT_FOLLOWERS else "handles are claimed"
        )
        raise Problem(
            Kind.NOT_FOUND, f"The gateway behind this site lacks the extension by which {by_which}."
        )
    return reply.as_json()
