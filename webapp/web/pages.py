"""The pages that people open."""

import logging
from typing import Any

from flask import Blueprint, render_template

from webapp.protocol.handle import Handle
from webapp.upstream.errors import UpstreamError
from webapp.web.context import site
from webapp.web.login import session_json
from webapp.web.problems import Kind, request_id, upstream_problem
from webapp.web.profiles import profile_json
from webapp.web.sessions import active_address

bp = Blueprint("pages", __name__)

PAGE_DEADLINE_S = 1.0
"""How long a page waits for the gateway: it is worth more without the profile than late."""

_logger = logging.getLogger(__name__)


@bp.get("/")
def sandbox() -> str:
    """The sandbox: sign in, authorise, follow."""
    config = site().config
    featured, hindrance = _featured(Handle(config.featured_handle))
    bootstrap = {
        **session_json(),
        "featured": featured,
        "featuredHandle": config.featured_handle,
        "featuredProblem": hindrance.slug if hindrance else None,
        "demo": config.demo,
        "keyLifetimeDays": config.key_lifetime_days,
        "upstream": config.upstream_name.partition("?")[0],
    }
    return render_template("sandbox.html", bootstrap=bootstrap, hindrance=hindrance)


def _featured(handle: Handle) -> tuple[dict[str, Any] | None, Kind | None]:
    """Read the profile that the page begins with; where that fails, what the page has to say at once."""
    try:
        profile = site().upstream.profile(handle, active_address(), deadline_s=PAGE_DEADLINE_S)
    except UpstreamError as error:
        _logger.warning("featured profile: %s: %s, request %s", type(error).__name__, error, request_id())
        return None, upstream_problem(error).kind
    return None if profile is None else profile_json(profile), None
