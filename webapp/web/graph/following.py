"""Whom the visitor follows, `/following`: the list, and what importing one needs to know."""

from typing import Any

from flask import Blueprint, render_template, request

from webapp.protocol.address import Address
from webapp.protocol.errors import AddressError
from webapp.upstream.client import PageOf
from webapp.upstream.replies import FollowRow, Listing
from webapp.web.bootstrap import bootstrap
from webapp.web.context import site
from webapp.web.graph.lists import first_row, follows_json, listed
from webapp.web.graph.profiles import handle_of
from webapp.web.http.network_shares import LOOKUPS
from webapp.web.http.problems import unexpected
from webapp.web.sessions.signed_in import active_address, require_active_address

bp = Blueprint("following", __name__)

MOST_AT_ONCE = 100
"""As many as a gateway takes in one question."""


@bp.get("/following")
def page() -> str:
    """The list, from the cursor `?after=` on; whoever is not signed in is shown the way."""
    me = active_address()
    return render_template(
        "following.html",
        bootstrap=bootstrap(None),
        listing=None if me is None else listed(lambda wanted: _followings(me, wanted)),
        begins=first_row(),
    )


@bp.get("/api/following")
def rows() -> dict[str, Any]:
    """A hundred of the active address's followings, newest first; `rows` is null where there are no lists."""
    me = require_active_address()
    return follows_json(listed(lambda wanted: _followings(me, wanted), MOST_AT_ONCE))


@bp.get("/api/profiles/known")
def known() -> dict[str, Any]:
    """Tell which of up to a hundred `?handles=`, separated by commas, somebody has."""
    me = require_active_address()
    handles = [handle_of("handles", text) for text in _texts("handles")]
    site().shares.take(LOOKUPS)
    found = site().upstream.known_profiles(handles, me)
    return {
        "profiles": [
            {
                "handle": who.handle,
                "isFollowedByMe": who.is_followed_by_me,
                "isMine": who.address.lower() == me.lower,
            }
            for who in found
        ]
    }


@bp.get("/api/profiles/primary")
def primary() -> dict[str, Any]:
    """Tell the primary profiles of up to a hundred `?addresses=`, separated by commas."""
    require_active_address()
    try:
        addresses = [Address.parse(text) for text in _texts("addresses")]
    except AddressError as error:
        raise unexpected("addresses", error.expected) from None
    site().shares.take(LOOKUPS)
    found = site().upstream.primary_handles(addresses)
    return {"handles": {address.lower(): handle for address, handle in found.items()}}


def _followings(me: Address, wanted: PageOf) -> Listing[FollowRow]:
    return site().upstream.followings(str(me), me, wanted)


def _texts(name: str) -> list[str]:
    texts = request.args.get(name, "").split(",")
    if len(texts) > MOST_AT_ONCE:
        raise unexpected(name, f"at most {MOST_AT_ONCE}, separated by commas")
    return texts
