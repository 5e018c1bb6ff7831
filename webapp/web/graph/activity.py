"""What the visitor signed, `/activity`: the log itself, each entry with its proof."""

from flask import Blueprint, render_template, request

from webapp.protocol.address import Address
from webapp.upstream.client import PageOf
from webapp.upstream.replies import Listing, OperationRow
from webapp.web.bootstrap import bootstrap
from webapp.web.context import site
from webapp.web.graph.lists import first_row, listed
from webapp.web.graph.profiles import handle_of
from webapp.web.sessions.signed_in import active_address

bp = Blueprint("activity", __name__)


@bp.get("/activity", defaults={"keys": False})
@bp.get("/activity/keys", endpoint="keys", defaults={"keys": True})
def page(*, keys: bool) -> str:
    """The log of handles, of one where `?handle=` names it, or that of signing keys."""
    me = active_address()
    typed = request.args.get("handle", "").strip().lower().removeprefix("@")
    handle = None if keys or not typed else handle_of("handle", typed)
    return render_template(
        "activity.html",
        bootstrap={**bootstrap(None), "hasApplications": site().api_keys is not None},
        keys=keys,
        handle=handle or "",
        listing=None if me is None else listed(lambda wanted: _log(me, handle, wanted, keys=keys)),
        begins=first_row(),
    )


def _log(me: Address, handle: str | None, wanted: PageOf, *, keys: bool) -> Listing[OperationRow]:
    if keys:
        return site().upstream.key_operations(str(me), wanted)
    return site().upstream.operations(str(me), handle, wanted)
