"""The pages that people open."""

import logging
from typing import Any

from flask import Blueprint, render_template, request

from webapp.protocol.demo_signers import DEMO_SIGNERS
from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle
from webapp.protocol.signing_key import KEY_LIFETIME_DAYS
from webapp.upstream.errors import UpstreamError
from webapp.web.context import site
from webapp.web.error_handlers import request_id, upstream_problem
from webapp.web.frames import is_loaded_into_frame
from webapp.web.login import session_json
from webapp.web.problems import Kind, Problem
from webapp.web.profiles import LOOKUPS, profile_json
from webapp.web.sessions import active_address

bp = Blueprint("pages", __name__)

PAGE_DEADLINE_S = 1.0
"""How long a page waits for the gateway: it is worth more without the profile than late."""

_logger = logging.getLogger(__name__)


@bp.get("/")
def sandbox() -> str:
    """The sandbox: sign in, authorise, follow; `?handle=` opens it at that profile, `?present` for a room."""
    config = site().config
    handle = request.args.get("handle", config.featured_handle)
    featured, hindrance = opening_profile(handle)
    return render_template(
        "sandbox.html",
        bootstrap=bootstrap(featured, handle, hindrance),
        hindrance=hindrance,
        demo_signers=DEMO_SIGNERS,
        may_be_framed=bool(config.frame_ancestors),
        framed=is_loaded_into_frame(request),
        presents="present" in request.args,
    )


def bootstrap(
    featured: dict[str, Any] | None, handle: str = "", hindrance: Kind | None = None
) -> dict[str, Any]:
    """What a page's script begins with: the session, and the profile that its follow button is of.

    Args:
        featured: The profile, as `profile_json` has it.
        handle: What is asked for, whether or not a profile has it.
        hindrance: Why the profile could not be read.
    """
    return {
        **session_json(),
        "featured": featured,
        "featuredHandle": handle,
        "featuredProblem": hindrance.slug if hindrance else None,
        "keyLifetimeDays": KEY_LIFETIME_DAYS,
        "upstream": site().config.upstream_name.partition("?")[0],
    }


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
        _logger.warning("featured profile: %s: %s, request %s", type(error).__name__, error, request_id())
        return None, upstream_problem(error).kind
    if profile is None:
        # A link's handle is told to be nobody's; the featured one may just not be claimed yet.
        return None, Kind.NOT_FOUND if "handle" in request.args else None
    return profile_json(profile), None
