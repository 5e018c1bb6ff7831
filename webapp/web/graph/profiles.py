"""Profiles, as the active address sees them."""

from typing import Any

from flask import Blueprint, request

from webapp.protocol.errors import HandleError
from webapp.protocol.handle import Handle, parse_handle
from webapp.upstream.errors import UpstreamError
from webapp.upstream.replies import Profile
from webapp.web.context import site
from webapp.web.http.error_handlers import left_out
from webapp.web.http.network_shares import LOOKUPS
from webapp.web.http.problems import Kind, Problem, unexpected
from webapp.web.sessions.signed_in import active_address

bp = Blueprint("profiles", __name__, url_prefix="/api/profiles")

PAGE_DEADLINE_S = 1.0
"""How long a page waits for the gateway: it is worth more without the profile than late."""


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
        raise unexpected(field, error.expected) from None


def opening_profile(handle: str) -> tuple[dict[str, Any] | None, Kind | None]:
    """Read the profile that the page begins with; where that fails, what the page has to say at once."""
    try:
        known = parse_handle(handle)
        site().shares.take(LOOKUPS)
        profile = site().upstream.profile(known, active_address(), deadline_s=PAGE_DEADLINE_S)
    except HandleError:
        return None, None
    except Problem as problem:
        return None, problem.kind
    except UpstreamError as error:
        return None, left_out("featured profile", error)
    if profile is None:
        # A link's handle is told to be nobody's; the featured one may just not be claimed yet.
        return None, Kind.NOT_FOUND if "handle" in request.args else None
    return profile_json(profile), None
