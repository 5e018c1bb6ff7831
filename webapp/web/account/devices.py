"""What acts for the visitor, `/devices`: browsers that are signed in, and signing keys.

Which keys the active address has, registering one, and what is signed about them.
"""

from typing import Any

from flask import Blueprint, render_template
from limits import RateLimitItemPerMinute

from webapp.protocol.address import Address
from webapp.protocol.authorization import MAX_CONTRACT_SIGNATURE
from webapp.protocol.display_text import LONGEST_KEY_NAME
from webapp.protocol.status import SigningKeyStatus
from webapp.upstream.client import SignedKeyOperation
from webapp.upstream.errors import UpstreamError
from webapp.upstream.replies import MutationReply, SigningKeyRecord
from webapp.web.account.login import session_rows
from webapp.web.bootstrap import bootstrap
from webapp.web.context import count_operation, site
from webapp.web.http.bodies import JsonBody
from webapp.web.http.error_handlers import left_out
from webapp.web.http.network_shares import LOOKUPS, Share
from webapp.web.http.problems import Kind, Problem
from webapp.web.sessions.signed_in import active_address, require_account, require_active_address

bp = Blueprint("devices", __name__, url_prefix="/api")
bp.before_request(count_operation)
page_bp = Blueprint("devices_page", __name__)  # apart: who looks at it hands the gateway no operation

REVOCATIONS = Share("revocations of signing keys", RateLimitItemPerMinute(60))
"""Nobody has to be signed in for one, and each is a request of the site's own at the gateway."""

_FIELDS = ("address", "signingKey", "message", "signature")
_MAX_SIGNATURE = 2 + 2 * MAX_CONTRACT_SIGNATURE


@page_bp.get("/devices")
def page() -> str:
    """The page; whoever is not signed in is shown the way."""
    me = active_address()
    keys, hindrance = (None, None) if me is None else _keys(me)
    sessions = [] if me is None else session_rows(me)
    now = site().clock()
    return render_template(
        "devices.html",
        bootstrap={**bootstrap(None), "signingKeys": keys, "sessions": sessions},
        live=[key for key in keys or () if _is_live(key, now)],
        ended=[key for key in keys or () if not _is_live(key, now)],
        lists_keys=keys is not None,
        hindrance=hindrance,
        sessions=sessions,
        longest_name=LONGEST_KEY_NAME,
    )


def _keys(me: Address) -> tuple[list[dict[str, Any]] | None, Kind | None]:
    """The account's keys, None where the gateway lists none; and why it could not be asked, if so.

    Sessions are the site's own, and are shown and ended also while the gateway is away.
    """
    site().shares.take(LOOKUPS)
    try:
        keys = site().upstream.signing_keys(me)
    except UpstreamError as error:
        return None, left_out("signing keys", error)
    return None if keys is None else [key_json(key) for key in keys], None


def _is_live(key: dict[str, Any], now: int) -> bool:
    return key["revokedAt"] is None and bool(key["expiresAt"] > now)


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
