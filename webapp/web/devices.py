"""Signing keys: which the active address has, and the registration of a new one."""

from typing import Any

from flask import Blueprint
from limits import RateLimitItemPerMinute

from webapp.protocol.authorization import MAX_CONTRACT_SIGNATURE
from webapp.web.bodies import JsonBody
from webapp.web.context import count_operation, site
from webapp.web.network_shares import Share
from webapp.web.problems import Kind, Problem
from webapp.web.sessions import require_account, require_active_address

bp = Blueprint("devices", __name__, url_prefix="/api")
bp.before_request(count_operation)

REVOCATIONS = Share("revocations of signing keys", RateLimitItemPerMinute(60))
"""Nobody has to be signed in for one, and each is a request of the site's own at the gateway."""

_MAX_SIGNATURE = 2 + 2 * MAX_CONTRACT_SIGNATURE


@bp.get("/signing-keys")
def list_keys() -> dict[str, Any]:
    """List the active address's keys; null where the gateway cannot."""
    keys = site().upstream.signing_keys(require_active_address())
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
def register() -> dict[str, Any]:
    """Hand a wallet's authorisation of a signing key to the gateway."""
    require_active_address()
    body = JsonBody.read("address", "message", "signature")
    address, message = body.text("address"), body.text("message")
    signature = body.text("signature", max_bytes=_MAX_SIGNATURE)
    body.check()
    require_account(address)
    reply = site().upstream.register_signing_key(address=address, message=message, signature=signature)
    return reply.as_json()


@bp.post("/signing-keys/revoke")
def revoke() -> dict[str, Any]:
    """Hand a signing key's own revocation to the gateway.

    No session is asked for: whoever has just signed out is offered this, and the key's signature is what
    counts. All that it can do here is to end itself.
    """
    body = JsonBody.read("address", "signingKey", "message", "signature")
    address, signing_key = body.text("address"), body.text("signingKey")
    message, signature = body.text("message"), body.text("signature")
    body.check()
    site().shares.take(REVOCATIONS)
    reply = site().upstream.revoke_signing_key(
        address=address, signing_key=signing_key, message=message, signature=signature
    )
    if reply is None:
        raise Problem(Kind.NOT_FOUND, "This gateway revokes no keys: each signs until it runs out.")
    return reply.as_json()
