"""What a page's script begins with, written into the first HTML."""

from typing import Any

from webapp.protocol.signing_key import KEY_LIFETIME_DAYS
from webapp.web.context import site
from webapp.web.http.problems import Kind
from webapp.web.sessions.cookie import browser_session


def session_json() -> dict[str, Any]:
    """What the page may know of its session."""
    session, config = browser_session(), site().config
    signed_in = session.signed_in
    in_frame = {"framed": True} if session.framed else {}
    return {
        **in_frame,
        "csrfToken": session.csrf_token,
        "address": str(signed_in.active) if signed_in and signed_in.active else None,
        "addresses": [str(address) for address in signed_in.addresses] if signed_in else [],
        "entity": config.entity,
        "chainIds": sorted(config.chain_ids) if config.chain_ids else None,
        "cookie": session.known,
    }


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
