"""Somebody's page, `/@handle`: who they are, and lists: who follows them, whom they follow, their log."""

from typing import Any

from flask import Blueprint, render_template, request

from webapp.protocol.errors import HandleError
from webapp.protocol.handle import Handle, parse_handle
from webapp.upstream.client import PageOf
from webapp.upstream.errors import UpstreamArgument, UpstreamRefusal
from webapp.upstream.replies import Listing, ProfilePage
from webapp.web.context import site
from webapp.web.pages import bootstrap
from webapp.web.problems import FieldError, Kind, Problem
from webapp.web.profiles import LOOKUPS, profile_json
from webapp.web.sessions import active_address

bp = Blueprint("people", __name__)

ROWS = 20
"""Of a page of a list."""

_MOST_DIGITS = 9


@bp.get("/@<handle>", defaults={"shown": "followers"})
@bp.get("/@<handle>/<any(following, log):shown>")
def person(handle: str, shown: str) -> str:
    """Somebody, and one of their three lists, from the cursor `?after=` on."""
    wanted = _handle(handle)
    site().shares.take(LOOKUPS)
    page = site().upstream.profile_page(wanted, active_address())
    if page is None:
        raise Problem(Kind.NOT_FOUND, f"Nobody has the handle @{wanted}. It may have been given back.")
    try:
        listing = _listing(page, shown, PageOf(ROWS, request.args.get("after")))
    except UpstreamRefusal:
        listing = None
    except UpstreamArgument as error:
        fault = FieldError("after", "a cursor that this list gave")
        told = f"after: expected {fault.expected}. The list may begin anew without it."
        raise Problem(Kind.INVALID_REQUEST, told, errors=(fault,)) from error
    profile = profile_json(page.as_profile())
    return render_template(
        "person.html",
        bootstrap=bootstrap(profile, page.who.handle),
        page=page,
        profile=profile,
        shown=shown,
        listing=listing,
        begins=_number(request.args.get("from", "")),
    )


def _listing(page: ProfilePage, shown: str, wanted: PageOf) -> Listing[Any]:
    upstream, who, me = site().upstream, page.who, active_address()
    if shown == "following":
        return upstream.followings(who.address, me, wanted)
    if shown == "log":
        return upstream.operations(who.address, who.handle, wanted)
    return upstream.followers(who.handle, me, wanted) or Listing(0, (), None)


def _handle(text: str) -> Handle:
    try:
        return parse_handle(text)
    except HandleError as error:
        raise Problem(Kind.NOT_FOUND, f"No handle is written so: expected {error.expected}.") from None


def _number(text: str) -> int:
    """The number of a page's first row, which only its words need: what is none counts as the first."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 1
