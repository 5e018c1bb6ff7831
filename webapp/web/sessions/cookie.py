"""Who is signed in with this request: an opaque cookie, the rows behind it, and Flask-Login on top.

A visitor's cookie is 256 random bits. From the first page on it binds challenges and the CSRF token; it needs
no row. Signing in replaces it by another 256 bits, a dot, and the first one, and makes rows under the SHA-256
of the whole; signing out deletes them. A browser session may have several addresses signed in, of which one
is active. In a frame of another site the cookie is another one (`frames.py`).
"""

import hmac
import re
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Request, Response
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin

from webapp.protocol.clock import Clock
from webapp.web.sessions.frames import goes_by_frame_cookie
from webapp.web.sessions.store import SessionStore, SignedIn, visitor_of

_ID_FORM = re.compile(r"[A-Za-z0-9_-]{43}(?:\.[A-Za-z0-9_-]{43})?")


class BrowserSession(dict[str, Any], SessionMixin):
    """The session of one request. What Flask-Login notes in the dict ends with the request.

    Attributes:
        id: The cookie.
        framed: Whether it is the one for a frame of another site.
        signed_in: Who is signed in.
        to_send: Whether the reply has to set the cookie.
        known: Whether the request brought the cookie.
    """

    def __init__(self, session_id: str, *, known: bool, framed: bool) -> None:
        super().__init__()
        self.id = session_id
        self.framed = framed
        self.signed_in: SignedIn | None = None
        self.to_send = False
        self.known = known

    def adopt(self, signed_in: SignedIn | None) -> None:
        """Let Flask-Login see who is signed in."""
        self.signed_in = signed_in
        self.pop("_user_id", None)
        if signed_in is not None and signed_in.active is not None:
            self["_user_id"] = signed_in.active.checksummed

    def become(self, session_id: str) -> None:
        """Take another cookie; who is signed in under it is still to be adopted."""
        self.id, self.to_send = session_id, True
        self.adopt(None)

    @property
    def visitor(self) -> str:
        """What stays of the cookie when signing in replaces it; challenges are bound to it."""
        return visitor_of(self.id)

    @property
    def csrf_token(self) -> str:
        """What requests that change something must carry; made from the cookie, and ends with it."""
        self.to_send = self.to_send or not self.known
        mac = hmac.digest(self.id.encode(), b"countersign/csrf/v1", "sha256")
        return urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


class BrowserSessions(SessionInterface):
    """Carries the cookie from request to reply."""

    def __init__(
        self, store: SessionStore, clock: Clock, *, canonical_origin: str, may_be_framed: bool
    ) -> None:
        self._store = store
        self._clock = clock
        self._may_be_framed = may_be_framed
        self._secure = canonical_origin.startswith("https:")
        # Browsers share cookies among a host's ports: without it, two local servers sign each other out.
        port = urlsplit(canonical_origin).port or 80
        self._cookie = "__Host-countersign" if self._secure else f"countersign-{port}"
        self._frame_cookie = f"{self._cookie}-frame"

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002 (Flask's signature)
        """Take the visitor's cookie, or make one; nothing is read from the database yet."""
        framed = self._may_be_framed and goes_by_frame_cookie(request, self._cookie)
        cookie = request.cookies.get(self._frame_cookie if framed else self._cookie, "")
        known = _ID_FORM.fullmatch(cookie) is not None
        return BrowserSession(cookie if known else self._store.new_id(), known=known, framed=framed)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Set the cookie where it is new: until the browser closes, or as long as somebody is signed in."""
        if not isinstance(session, BrowserSession) or not session.to_send:
            return
        signed_in = session.signed_in
        response.set_cookie(
            self._frame_cookie if session.framed else self._cookie,
            session.id,
            max_age=(signed_in.expires_at - self._clock()) // 1000 if signed_in else None,
            path="/",
            secure=self._secure or session.framed,
            httponly=True,
            samesite="None" if session.framed else "Lax",
            partitioned=session.framed,
        )


def browser_session() -> BrowserSession:
    """The session of the request being served."""
    session = flask_session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 (as werkzeug documents)
    if not isinstance(session, BrowserSession):
        raise TypeError("install_sessions was not called")
    return session
