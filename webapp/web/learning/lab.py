"""What the lesson on the sandbox page sends: requests of an address that belongs to no session.

Whoever reaches the gateway itself may send it the same: what is signed says for whom it is. It goes by the
site so that the lesson takes the way of every other request, with the gateway wherever it is.
"""

from typing import Any

from flask import Blueprint
from limits import RateLimitItemPerMinute

from webapp.protocol.address import Address
from webapp.protocol.demo_signers import DEMO_SIGNERS, DemoSigner
from webapp.protocol.handle import Handle
from webapp.web.context import site
from webapp.web.graph.connections import read_operation
from webapp.web.http.bodies import JsonBody
from webapp.web.http.network_shares import LOOKUPS, Share

bp = Blueprint("lab", __name__, url_prefix="/api/lab")

LESSONS = Share("requests of the lesson", RateLimitItemPerMinute(120))
"""Nobody has to be signed in for one, and each is a request of the site's own at the gateway."""


@bp.post("/follow")
def follow() -> dict[str, Any]:
    """Hand a follow to the gateway, whoever signed it, and however badly."""
    site().shares.take(LESSONS)
    return site().upstream.follow(read_operation()).as_json()


@bp.post("/unfollow")
def unfollow() -> dict[str, Any]:
    """Hand an unfollow to the gateway, whoever signed it, and however badly."""
    site().shares.take(LESSONS)
    return site().upstream.unfollow(read_operation()).as_json()


@bp.post("/signing-keys")
def register() -> dict[str, Any]:
    """Hand the authorisation of a signing key to the gateway, for the address that the lesson made."""
    site().shares.take(LESSONS)
    body = JsonBody.read("address", "message", "signature")
    address, message, signature = body.text("address"), body.text("message"), body.text("signature")
    body.check()
    reply = site().upstream.register_signing_key(address=address, message=message, signature=signature)
    return reply.as_json()


@bp.get("/signers")
def signers() -> dict[str, Any]:
    """List the demo signers; `address` is null where the gateway has not this one."""
    return {
        "signers": [
            {
                "handle": signer.handle,
                "deviceSecret": f"0x{signer.device_secret:x}",
                "signingKey": signer.signing_key,
                "earns": signer.earns.value,
                "address": _address_of(signer),
            }
            for signer in DEMO_SIGNERS
        ]
    }


def _address_of(signer: DemoSigner) -> str | None:
    """Find who has the signer's handle; not somebody who merely claimed it, where the gateway can tell."""
    upstream = site().upstream
    site().shares.take(LOOKUPS)
    profile = upstream.profile(Handle(signer.handle), None)
    if profile is None:
        return None
    site().shares.take(LOOKUPS)
    keys = upstream.signing_keys(Address.parse(profile.owner))
    known = keys is None or any(
        key.signing_key == signer.signing_key and key.revoked_at is None for key in keys
    )
    return profile.owner if known else None
