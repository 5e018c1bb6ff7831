"""Somebody's page, `/@handle`: who they are, and lists: who follows them, whom they follow, their log."""

from typing import Any

from flask import Blueprint, render_template

from webapp.protocol.address import Address
from webapp.protocol.errors import HandleError
from webapp.protocol.handle import Handle, parse_handle
from webapp.upstream.client import PageOf
from webapp.upstream.errors import UpstreamRefusal
from webapp.upstream.replies import FollowRow, Listing, ProfilePage
from webapp.web.bootstrap import bootstrap
from webapp.web.context import site
from webapp.web.graph.lists import first_row, follows_json, listed, searched
from webapp.web.graph.profiles import handle_of, profile_json
from webapp.web.http.network_shares import LOOKUPS
from webapp.web.http.problems import Kind, Problem, Way
from webapp.web.sessions.signed_in import active_address

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
        detail = f"Nobody has the handle @{wanted}. It may have been given back."
        claim = Way(f"Claim @{wanted}", f"/people?claim={wanted}#claim")
        raise Problem(Kind.NOT_FOUND, detail, ways=(claim, _search(wanted)))
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
        origin=site().config.origins[0],
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


@bp.get("/api/profiles/<handle>/followers")
def followers(handle: str) -> dict[str, Any]:
    """Give the page of followers that `?after=` and `?search=` ask for; `rows` is null without lists."""
    wanted = handle_of("handle", handle)
    me = active_address()
    return follows_json(listed(lambda page: _followers(wanted, me, page)))


def _followers(handle: str, me: Address | None, wanted: PageOf) -> Listing[FollowRow]:
    return site().upstream.followers(handle, me, wanted) or Listing(0, (), None)


def _listing(page: ProfilePage, shown: str, wanted: PageOf) -> Listing[Any]:
    upstream, who, me = site().upstream, page.who, active_address()
    if shown == "following":
        return upstream.followings(who.address, me, wanted)
    if shown == "log":
        return upstream.operations(who.address, who.handle, wanted)
    return _followers(who.handle, me, wanted)


def _handle(text: str) -> Handle:
    try:
        return parse_handle(text)
    except HandleError as error:
        detail = f"No handle is written so: expected {error.expected}."
        raise Problem(Kind.NOT_FOUND, detail, ways=_meant(text)) from None


def _meant(text: str) -> tuple[Way, ...]:
    """Give the way to whom a text means that is a handle but for capital letters."""
    try:
        return (_search(parse_handle(text.lower())),)
    except HandleError:
        return ()


def _search(handle: Handle) -> Way:
    return Way(f"Search for @{handle}", f"/people?search={handle}")
