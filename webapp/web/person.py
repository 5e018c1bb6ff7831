"""Somebody's page, `/@handle`: who they are, and lists: who follows them, whom they follow, their log."""

from typing import Any

from flask import Blueprint, render_template

from webapp.protocol.errors import HandleError
from webapp.protocol.handle import Handle, parse_handle
from webapp.upstream.client import PageOf
from webapp.upstream.errors import UpstreamRefusal
from webapp.upstream.replies import FollowRow, Listing, ProfilePage
from webapp.web.context import site
from webapp.web.lists import first_row, listed, searched
from webapp.web.pages import bootstrap
from webapp.web.problems import Kind, Problem
from webapp.web.profiles import LOOKUPS, profile_json
from webapp.web.sessions import active_address

bp = Blueprint("person", __name__)

MOST_BLOCKED = 100
"""Of the newest who are blocked; the log has them all."""


@bp.get("/@<handle>", defaults={"shown": "followers"})
@bp.get("/@<handle>/<any(following, log):shown>")
def person(handle: str, shown: str) -> str:
    """Somebody, and one of their three lists, from the cursor `?after=` on."""
    wanted = _handle(handle)
    site().shares.take(LOOKUPS)
    page = site().upstream.profile_page(wanted, active_address())
    if page is None:
        raise Problem(Kind.NOT_FOUND, f"Nobody has the handle @{wanted}. It may have been given back.")
    listing = listed(lambda wanted: _listing(page, shown, wanted))
    profile = profile_json(page.as_profile())
    return render_template(
        "person.html",
        bootstrap=bootstrap(profile, page.who.handle),
        page=page,
        profile=profile,
        shown=shown,
        listing=listing,
        begins=first_row(),
        search="" if shown == "log" else searched(),
        blocked=_blocked(wanted) if shown == "followers" and profile["isMine"] else None,
    )


def _blocked(handle: Handle) -> Listing[FollowRow] | None:
    """Whom its owner, who looks, keeps from following: the newest; none where the gateway blocks nobody."""
    site().shares.take(LOOKUPS)
    try:
        return site().upstream.blocked(handle, active_address(), PageOf(MOST_BLOCKED))
    except UpstreamRefusal:
        return None


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
