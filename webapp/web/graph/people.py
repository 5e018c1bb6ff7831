"""Everybody with a handle: the directory, `/people`."""

from typing import Any

from flask import Blueprint, render_template, request

from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle
from webapp.upstream.replies import Listing, PersonRow
from webapp.web.bootstrap import bootstrap
from webapp.web.context import site
from webapp.web.graph.lists import first_row, listed, searched, someone_json
from webapp.web.http.problems import FieldError, Kind, Problem
from webapp.web.sessions.signed_in import active_address

bp = Blueprint("people", __name__)

ORDERS = {"newest": "NEWEST", "most-followed": "MOST_FOLLOWED"}
"""As an address spells them, and as the gateway does."""


@bp.get("/people")
def page() -> str:
    """The directory, from `?after=` on, of handles that begin with `?search=`; `?claim=` proposes one."""
    search, order, listing = _asked()
    return render_template(
        "people.html",
        bootstrap=bootstrap(None),
        search=search,
        order=order,
        claim=_claimed(),
        listing=listing,
        begins=first_row(),
    )


def _claimed() -> str:
    """Give the handle that a link proposes to claim; empty where it proposes none, or what is none."""
    try:
        return parse_handle(request.args.get("claim", ""))
    except HandleError:
        return ""


@bp.get("/api/people")
def rows() -> dict[str, Any]:
    """The same page of the directory, for a script; no `people` where the gateway has no directory."""
    _, _, listing = _asked()
    if listing is None:
        return {"people": None}
    return {
        "total": listing.total,
        "orMore": listing.or_more,
        "after": listing.after,
        "people": [{**someone_json(row.who), "followerCount": row.follower_count} for row in listing.rows],
    }


def _asked() -> tuple[str, str, Listing[PersonRow] | None]:
    search = searched()
    order = request.args.get("order", "newest")
    if order not in ORDERS:
        fault = FieldError("order", f"one of {', '.join(ORDERS)}")
        raise Problem(Kind.INVALID_REQUEST, f"order: expected {fault.expected}.", errors=(fault,))
    me = active_address()
    listing = listed(lambda wanted: site().upstream.people(search, ORDERS[order], me, wanted))
    return search, order, listing
