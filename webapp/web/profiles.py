"""Profiles, as the active address sees them."""

from typing import Any

from flask import Blueprint, request
from limits import RateLimitItemPerMinute

from webapp.protocol.errors import HandleError
from webapp.protocol.handle import Handle, parse_handle
from webapp.upstream.replies import Profile
from webapp.web.context import site
from webapp.web.network_shares import Share
from webapp.web.problems import FieldError, Kind, Problem
from webapp.web.sessions import active_address

bp = Blueprint("profiles", __name__, url_prefix="/api/profiles")

LOOKUPS = Share("profile look-ups", RateLimitItemPerMinute(600))
"""Each is one of the site's own requests at the gateway, of which all its visitors together have 12,000."""


def profile_json(profile: Profile) -> dict[str, Any]:
    """A profile in the form that the page reads."""
    me = active_address()
    return {
        "handle": profile.handle,
        "displayName": profile.display_name,
        "bio": profile.bio,
        "avatar": profile.avatar or None,
        "followerCount": profile.follower_count,
        "isFollowedByMe": profile.is_followed_by_me,
        "isMine": me is not None and profile.owner.lower() == me.lower,
    }


@bp.get("/<handle>")
def show(handle: str) -> dict[str, Any]:
    """Look one profile up."""
    wanted = handle_of("handle", handle)
    site().shares.take(LOOKUPS)
    found = site().upstream.profile(wanted, active_address())
    if found is None:
        raise Problem(Kind.NOT_FOUND, "No profile has this handle.")
    return profile_json(found)


@bp.get("", strict_slashes=False)
def suggest() -> dict[str, Any]:
    """List profiles whose handle begins so; none where the gateway cannot."""
    prefixes = request.args.getlist("prefix")
    prefix = handle_of("prefix", prefixes[0] if len(prefixes) == 1 else None)
    site().shares.take(LOOKUPS)
    found = site().upstream.suggest(prefix) or ()
    return {
        "profiles": [
            {
                "handle": profile.handle,
                "displayName": profile.display_name,
                "followerCount": profile.follower_count,
            }
            for profile in found
        ]
    }


def handle_of(field: str, text: object) -> Handle:
    """Read a handle of a request, or raise a `Problem` that names the field."""
    try:
        return parse_handle(text)
    except HandleError as error:
        told = f"{field}: expected {error.expected}"
        raise Problem(Kind.INVALID_REQUEST, told, errors=(FieldError(field, error.expected),)) from None
