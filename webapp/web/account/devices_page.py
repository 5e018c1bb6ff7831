"""What acts for the visitor, `/devices`: signing keys, and browsers that are signed in."""

import logging
from typing import Any

from flask import Blueprint, render_template

from webapp.protocol.address import Address
from webapp.protocol.display_text import LONGEST_KEY_NAME
from webapp.upstream.errors import UpstreamError
from webapp.web.account.devices import key_json
from webapp.web.account.login import session_rows
from webapp.web.bootstrap import bootstrap
from webapp.web.context import site
from webapp.web.http.error_handlers import request_id, upstream_problem
from webapp.web.http.network_shares import LOOKUPS
from webapp.web.http.problems import Kind
from webapp.web.sessions.signed_in import active_address

bp = Blueprint("devices_page", __name__)

_logger = logging.getLogger(__name__)


@bp.get("/devices")
def page() -> str:
    """The page; whoever is not signed in is shown the way."""
    me = active_address()
    keys, hindrance = (None, None) if me is None else _keys(me)
    sessions = [] if me is None else session_rows(me)
    now = site().clock()
    return render_template(
        "devices.html",
        bootstrap={**bootstrap(None), "signingKeys": keys, "sessions": sessions},
        live=[key for key in keys or () if _is_live(key, now)],
        ended=[key for key in keys or () if not _is_live(key, now)],
        lists_keys=keys is not None,
        hindrance=hindrance,
        sessions=sessions,
        longest_name=LONGEST_KEY_NAME,
    )


def _keys(me: Address) -> tuple[list[dict[str, Any]] | None, Kind | None]:
    """The account's keys, None where the gateway lists none; and why it could not be asked, if so.

    Sessions are the site's own, and are shown and ended also while the gateway is away.
    """
    site().shares.take(LOOKUPS)
    try:
        keys = site().upstream.signing_keys(me)
    except UpstreamError as error:
        _logger.warning("signing keys: %s: %s, request %s", type(error).__name__, error, request_id())
        return None, upstream_problem(error).kind
    return None if keys is None else [key_json(key) for key in keys], None


def _is_live(key: dict[str, Any], now: int) -> bool:
    return key["revokedAt"] is None and bool(key["expiresAt"] > now)
