"""Signing keys: which the active address has, registering one, and what is signed about them."""

from typing import Any

from flask import Blueprint
from limits import RateLimitItemPerMinute

from webapp.protocol.authorization import MAX_CONTRACT_SIGNATURE
from webapp.protocol.status import SigningKeyStatus
from webapp.upstream.client import SignedKeyOperation
from webapp.upstream.replies import MutationReply, SigningKeyRecord
from webapp.web.context import count_operation, site
from webapp.web.http.bodies import JsonBody
from webapp.web.http.network_shares import Share
from webapp.web.http.problems import Kind, Problem
from webapp.web.sessions.signed_in import require_account, require_active_address

bp = Blueprint("devices", __name__, url_prefix="/api")
bp.before_request(count_operation)

REVOCATIONS = Share("revocations of signing keys", RateLimitItemPerMinute(60))
"""Nobody has to be signed in for one, and each is a request of the site's own at the gateway."""

_FIELDS = ("address", "signingKey", "message", "signature")
_MAX_SIGNATURE = 2 + 2 * MAX_CONTRACT_SIGNATURE


@bp.get("/signing-keys")
def list_keys() -> dict[str, Any]:
    """List the active address's keys; null where the gateway cannot."""
    keys = site().upstream.signing_keys(require_active_address())
    return {"signingKeys": None if keys is None else [key_json(key) for key in keys]}


def key_json(key: SigningKeyRecord) -> dict[str, Any]:
    """A key, as pages and scripts read it."""
    return {
        "signingKey": key.signing_key,
        "fingerprint": key.fingerprint,
        "name": key.name,
        "entity": key.entity,
        "registeredAt": key.registered_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "lastUsedAt": key.last_used_at,
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
    """Hand a signing key's revocation to the gateway: its own, or by another key or the wallet.

    For its own, which names no `authorizedBy`, no session is asked for: whoever has just signed out is
    offered this, and the key's signature is what counts. Without a session it can do nothing but end itself.
    """
    body = JsonBody.read(*_FIELDS, "authorizedBy")
    by = body.optional_text("authorizedBy")
    signed = _read(body, by)
    if by is None:
        site().shares.take(REVOCATIONS)
    else:
        require_account(signed.address)
    return _answer(
        site().upstream.revoke_signing_key(signed),
        "This gateway revokes no keys: each signs until it runs out.",
    )


@bp.post("/signing-keys/rename")
def rename() -> dict[str, Any]:
    """Hand a signing key's new name, signed by any key of the account or its wallet, to the gateway."""
    require_active_address()
    body = JsonBody.read(*_FIELDS, "authorizedBy")
    signed = _read(body, body.text("authorizedBy"))
    require_account(signed.address)
    return _answer(site().upstream.rename_signing_key(signed), "This gateway keeps no names of keys.")


@bp.post("/signing-keys/renew")
def renew() -> dict[str, Any]:
    """Hand the wallet's renewal of a signing key to the gateway."""
    require_active_address()
    signed = _read(JsonBody.read(*_FIELDS), "")
    require_account(signed.address)
    return _answer(
        site().upstream.renew_signing_key(signed),
        "This gateway renews no keys: authorise the device anew when its key has run out.",
    )


def _read(body: JsonBody, by: str | None) -> SignedKeyOperation:
    """Read an operation that `by` signed: another key, "" for the wallet, or None for the key in question."""
    signing_key = body.text("signingKey")
    signed = SignedKeyOperation(
        address=body.text("address"),
        signing_key=signing_key,
        message=body.text("message"),
        signature=body.text("signature"),
        authorized_by=signing_key if by is None else by,
    )
    body.check()
    return signed


def _answer(reply: MutationReply[SigningKeyStatus] | None, lacking: str) -> dict[str, Any]:
    if reply is None:
        raise Problem(Kind.NOT_FOUND, lacking)
    return reply.as_json()
