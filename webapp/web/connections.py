"""Follow and unfollow: checked for who asks, then handed to the gateway, which decides."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from webapp.protocol.status import Status
from webapp.upstream.client import SignedOperation
from webapp.upstream.replies import MutationReply
from webapp.web.bodies import JsonBody
from webapp.web.context import count_operation, site
from webapp.web.sessions import require_account, require_active_address

bp = Blueprint("connections", __name__, url_prefix="/api")
bp.before_request(count_operation)


@bp.post("/follow")
def follow() -> dict[str, Any]:
    """Hand a signed follow to the gateway."""
    return _operate(site().upstream.follow)


@bp.post("/unfollow")
def unfollow() -> dict[str, Any]:
    """Hand a signed unfollow to the gateway."""
    return _operate(site().upstream.unfollow)


def _operate(send: Callable[[SignedOperation], MutationReply[Status]]) -> dict[str, Any]:
    require_active_address()
    body = JsonBody.read("address", "handle", "message", "signature", "signingKey")
    signed = SignedOperation(
        address=body.text("address"),
        handle=body.text("handle"),
        message=body.text("message"),
        signature=body.text("signature"),
        signing_key=body.text("signingKey"),
    )
    body.check()
    require_account(signed.address)
    return send(signed).as_json()
