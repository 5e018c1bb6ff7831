"""Follow and unfollow: checked for who asks, then handed to the gateway, which decides."""

from typing import Any

from flask import Blueprint

from webapp.upstream.client import SignedOperation
from webapp.web.context import count_operation, site
from webapp.web.http.bodies import MAX_TEXT, JsonBody
from webapp.web.sessions.signed_in import require_account, require_active_address

OF_DEVICES = frozenset({"/api/follow", "/api/unfollow"})
"""Where what a device has signed is sent: nobody but the gateway is asked about it, no chain either."""

bp = Blueprint("connections", __name__, url_prefix="/api")
bp.before_request(count_operation)


@bp.post("/follow")
def follow() -> dict[str, Any]:
    return site().upstream.follow(signed_operation()).as_json()


@bp.post("/unfollow")
def unfollow() -> dict[str, Any]:
    return site().upstream.unfollow(signed_operation()).as_json()


def signed_operation(longest_message: int = MAX_TEXT, longest: int = MAX_TEXT) -> SignedOperation:
    """Read what a device of the active address signed about a handle.

    Args:
        longest_message: How many bytes the message may have.
        longest: How many bytes each of the others may have.

    Raises:
        Problem: Nobody is signed in, or somebody else is; or a member is not what was expected.
    """
    require_active_address()
    signed = read_operation(longest_message, longest)
    require_account(signed.address)
    return signed


def read_operation(longest_message: int = MAX_TEXT, longest: int = MAX_TEXT) -> SignedOperation:
    """Read what a device signed about a handle, whoever it is of.

    Raises:
        Problem: A member is not what was expected.
    """
    body = JsonBody.read("address", "handle", "message", "signature", "signingKey")
    signed = SignedOperation(
        address=body.text("address", max_bytes=longest),
        handle=body.text("handle", max_bytes=longest),
        message=body.text("message", max_bytes=longest_message),
        signature=body.text("signature", max_bytes=longest),
        signing_key=body.text("signingKey", max_bytes=longest),
    )
    body.check()
    return signed
