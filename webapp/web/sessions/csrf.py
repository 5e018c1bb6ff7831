"""Only the site's own pages change something with a visitor's cookie."""

import hmac

from flask import request

from webapp.web.http.problems import Kind, Problem
from webapp.web.sessions.cookie import browser_session

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_cross_site(origin: str) -> None:
    """Refuse a request that changes something, unless this site's own page sent it.

    Three signs must be right: `Origin`, `Sec-Fetch-Site` where the browser sends it, and the token.

    Raises:
        Problem: One is not.
    """
    sent = request.environ
    if sent.get("HTTP_ORIGIN") != origin:
        raise Problem(Kind.CSRF, "The Origin header does not name this site.")
    if sent.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin":
        raise Problem(Kind.CSRF, "The Sec-Fetch-Site header says that another site sent it.")
    token = sent.get("HTTP_X_CSRF_TOKEN", "")
    if not hmac.compare_digest(token.encode(), browser_session().csrf_token.encode()):
        raise Problem(Kind.CSRF, "The X-CSRF-Token header is not this session's. Reload the page.")
