"""Applications of the signed-in wallet: their page; making, listing and revoking their API keys."""

from typing import Any

from flask import Blueprint, render_template

from webapp.applications.api_keys import LONGEST_NAME, MOST_KEYS_OF_OWNER, ApiKeys, Application
from webapp.applications.errors import ApplicationNameError, TooManyKeys
from webapp.protocol.address import Address
from webapp.web.account.login import claimed_account, require_vouched
from webapp.web.bootstrap import session_json
from webapp.web.context import site
from webapp.web.http.bodies import JsonBody
from webapp.web.http.problems import FieldError, Kind, Problem
from webapp.web.sessions.signed_in import active_address, require_account, require_active_address

bp = Blueprint("applications", __name__)


@bp.get("/apps")
def page() -> str:
    """The page; whoever is not signed in is shown the way."""
    keys, owner = _keys(), active_address()
    listed = {"applications": [], "omitted": 0} if owner is None else _of(keys, owner)
    return render_template("apps.html", bootstrap={**session_json(), **listed}, longest_name=LONGEST_NAME)


@bp.get("/api/applications")
def list_applications() -> dict[str, Any]:
    """List the active address's applications, newest first; revoked ones too, but for `omitted` old ones."""
    keys, owner = _keys(), require_active_address()
    return _of(keys, owner)


@bp.post("/api/applications")
def create() -> dict[str, Any]:
    """Make a key for an application. No later reply has its text again."""
    keys, owner = _keys(), require_active_address()
    body = JsonBody.read("address", "name")
    claimed, name = body.text("address"), body.text("name")
    body.check()
    require_account(claimed)
    try:
        made = keys.create(name, owner)
    except ApplicationNameError as error:
        fault = FieldError("name", error.expected)
        raise Problem(Kind.INVALID_REQUEST, str(error), errors=(fault,)) from error
    except TooManyKeys as error:
        detail = f"A wallet may have {MOST_KEYS_OF_OWNER} live keys. Revoke one that is not needed any more."
        raise Problem(Kind.TOO_MANY_KEYS, detail) from error
    return {"application": application_json(made.application), "key": made.text}


@bp.post("/api/applications/revoke")
def revoke() -> dict[str, Any]:
    """End a key of the active address. Another's is as unknown as one that never was."""
    keys, owner = _keys(), require_active_address()
    body = JsonBody.read("address", "id")
    claimed, application_id = body.text("address"), body.text("id")
    body.check()
    require_account(claimed)
    # SQLite cannot be asked for text that UTF-8 cannot write, and no id has any.
    revoked = keys.revoke(application_id, owner) if application_id.isascii() else None
    if revoked is None:
        raise Problem(Kind.NOT_FOUND, "This account has no such application.")
    return {"application": application_json(revoked)}


@bp.post("/api/applications/delete")
def delete() -> dict[str, Any]:
    """Delete all keys of the active address, live and revoked, at once and for good.

    Its wallet has to have signed in here within `FRESH_MS`, as for what else ends everything at once.
    """
    keys = _keys()
    owner = claimed_account()
    require_vouched(owner)
    return {"deleted": keys.delete_all(owner)}


def _keys() -> ApiKeys:
    keys = site().api_keys
    if keys is None:
        raise Problem(Kind.NOT_FOUND, "Check the address.")
    return keys


def _of(keys: ApiKeys, owner: Address) -> dict[str, Any]:
    shown, omitted = keys.of_owner(owner)
    return {"applications": [application_json(application) for application in shown], "omitted": omitted}


def application_json(application: Application) -> dict[str, Any]:
    """An application, as pages and scripts read it: without its key."""
    return {
        "id": application.id,
        "name": application.name,
        "prefix": application.prefix,
        "createdAt": application.created_at,
        "lastUsedAt": application.last_used_at,
        "revokedAt": application.revoked_at,
    }
