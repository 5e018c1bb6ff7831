"""Signing keys: which the active address has, and the registration of a new one."""

from typing import Any

from flask import Blueprint
from flask_login import login_required  # type: ignore[import-untyped]  # the package carries no types

from webapp.protocol.authorization import MAX_CONTRACT_SIGNATURE
from webapp.web.bodies import JsonBody
from webapp.web.context import site
from webapp.web.network_shares import OPERATIONS
from webapp.web.problems import Kind, Problem
from webapp.web.sessions import active_address, require_account

bp = Blueprint("devices", __name__, url_prefix="/api")

_MAX_SIGNATURE = 2 + 2 * MAX_CONTRACT_SIGNATURE


@bp.before_request
def count() -> None:
    """Count a request that the gateway is to answer, with the site's key."""
    site().shares.take(OPERATIONS)


@bp.get("/signing-keys")
@login_required  # type: ignore[untyped-decorator]  # as above
def list_keys() -> dict[str, Any]:
    """List the active address's keys; null where the gateway cannot."""
    address = active_address()
    if address is None:
        raise Problem(Kind.NOT_SIGNED_IN, "Sign in with a wallet first.")
    keys = site().upstream.signing_keys(address)
    if keys is None:
        return {"signingKeys": None}
    return {
        "signingKeys": [
            {
                "signingKey": key.signing_key,
                "fingerprint": key.fingerprint,
                "entity": key.entity,
                "registeredAt": key.registered_at,
                "expiresAt": key.expires_at,
                "revokedAt": key.revoked_at,
            }
            for key in keys
        ]
    }


@bp.post("/signing-keys")
@login_required  # type: ignore[untyped-decorator]  # as above
def register() -> dict[str, Any]:
    """Hand a wallet's authorisation of a signing key to the gateway."""
    body = JsonBody.read("address", "message", "signature")
    address, message = body.text("address"), body.text("message")
    signature = body.text("signature", max_bytes=_MAX_SIGNATURE)
    body.check()
    require_account(address)
    reply = site().upstream.register_signing_key(address=address, message=message, signature=signature)
    return {"status": reply.status.value, "exchange": reply.exchange.as_json()}
