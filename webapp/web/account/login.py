"""Signing in and out: the challenge, its answer, and the browser session that follows from it."""

import re
from typing import Any

import flask_login  # type: ignore[import-untyped]  # the package carries no types
from flask import Blueprint, request
from limits import RateLimitItemPerMinute

from webapp.protocol.address import Address
from webapp.siwe.message import (
    MAX_TEXT,
    LoginRefused,
    Reason,
    VerifiedLogin,
    verify_login,
)
from webapp.web.bootstrap import session_json
from webapp.web.context import site
from webapp.web.http.bodies import JsonBody
from webapp.web.http.network_shares import Share
from webapp.web.http.origins import host_of
from webapp.web.http.problems import Kind, Problem
from webapp.web.sessions.browser_names import browser_name
from webapp.web.sessions.challenges import unknown_challenge
from webapp.web.sessions.cookie import browser_session
from webapp.web.sessions.signed_in import Account, require_account, require_active_address
from webapp.web.sessions.store import FRESH_MS, public_id

bp = Blueprint("login", __name__, url_prefix="/api")

MAX_CHAIN_ID = 2**53 - 1
_ID_FORM = re.compile(r"[0-9a-f]{16}")
WRONG_ANSWERS = Share("wrong answers to challenges", RateLimitItemPerMinute(60))
"""Each is written down, with the challenge that it uses up. Right ones pass, whatever the neighbours do."""


@bp.get("/session")
def session_state() -> dict[str, Any]:
    """Tell who is signed in."""
    return session_json()


@bp.post("/login/challenge")
def challenge() -> dict[str, Any]:
    """Write the text that the wallet is to sign."""
    body = JsonBody.read("address", "chainId")
    chain_id = body.positive("chainId", MAX_CHAIN_ID)
    address = body.address("address", chain_id=chain_id)
    body.check()
    allowed = site().config.chain_ids
    if address is None or (allowed is not None and chain_id not in allowed):
        these = ", ".join(str(chain) for chain in sorted(allowed or ()))
        detail = f"Accounts of chain {chain_id} cannot sign in here; those of chain {these} can."
        raise _refused(LoginRefused(Reason.CHAIN, detail))
    origin = site().origins.current()
    issued = site().challenges.issue(
        browser_session().visitor, domain=host_of(origin), uri=origin, address=address, chain_id=chain_id
    )
    return {"message": issued.text, "expiresAt": issued.expires_at}


@bp.post("/login")
def login() -> dict[str, Any]:
    """Take the signed text, and sign its address in."""
    body = JsonBody.read("message", "signature")
    text, signature = body.text("message", max_bytes=None), body.anything("signature")
    body.check()
    if len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT:
        raise Problem(Kind.TOO_LARGE, f"message: expected at most {MAX_TEXT} bytes")
    try:
        verified = _verify(text, signature)
    except LoginRefused as refusal:
        raise _refused(refusal) from refusal
    session, sessions = browser_session(), site().sessions
    browser = browser_name(request.headers.get("user-agent", ""))
    session.become(sessions.sign_in(session.id, verified.address, browser))
    session.adopt(sessions.load(session.id))
    flask_login.login_user(Account(verified.address))
    return session_json()


@bp.post("/session/active")
def switch() -> dict[str, Any]:
    """Act as another address that is signed in here."""
    body = JsonBody.read("address")
    address = body.address("address")
    body.check()
    session, sessions = browser_session(), site().sessions
    if address is None or not sessions.activate(session.id, address):
        raise Problem(Kind.NOT_SIGNED_IN, "This account has not signed in here. Sign in with its wallet.")
    session.adopt(sessions.load(session.id))
    return session_json()


def session_rows(address: Address) -> list[dict[str, Any]]:
    """The sessions of an address, as pages and scripts read them."""
    return [
        {
            "id": session.id,
            "browser": session.browser,
            "signedInAt": session.signed_in_at,
            "seenAt": session.seen_at,
            "expiresAt": session.expires_at,
            "isThis": session.is_this,
        }
        for session in site().sessions.of_address(address, browser_session().id)
    ]


@bp.get("/sessions")
def list_sessions() -> dict[str, Any]:
    """List the browsers in which the active address is signed in."""
    return {"sessions": session_rows(require_active_address())}


@bp.post("/sessions/end")
def end_session() -> dict[str, Any]:
    """End one other session of the active address, at once and everywhere.

    Its wallet has to have signed in here within `FRESH_MS`, as for all of them.
    """
    body = JsonBody.read("address", "id")
    claimed, ended_id = body.text("address"), body.text("id")
    if not _ID_FORM.fullmatch(ended_id):
        body.fault("id", "16 hex digits, as the list has them")
    body.check()
    address, session = require_account(claimed), browser_session()
    if ended_id == public_id(session.id):
        body.fault("id", "another session than this one, which ends with /api/logout")
        body.check()
    ended = site().sessions.end_one(session.id, address, ended_id)
    if ended is None:
        raise _sign_in_again()
    return {"ended": ended}


@bp.post("/sessions/revoke")
def revoke_sessions() -> dict[str, Any]:
    """End every session of the active address in all browsers but this one, which gets another cookie.

    Its wallet has to have signed in here within `FRESH_MS`: a stolen cookie alone cannot do it for long, and
    the owner, who can sign, always can.
    """
    address = claimed_account()
    session, sessions = browser_session(), site().sessions
    revoked = sessions.revoke(session.id, address)
    if revoked is None:
        raise _sign_in_again()
    session.become(revoked.session_id)
    session.adopt(sessions.load(session.id))
    return {**session_json(), "ended": revoked.ended}


@bp.post("/logout")
def logout() -> dict[str, Any]:
    """End everything that this browser session signed in."""
    JsonBody.read().check()
    session, sessions = browser_session(), site().sessions
    sessions.end(session.id)
    flask_login.logout_user()
    session.become(sessions.new_id())
    return session_json()


def claimed_account() -> Address:
    """Read a body that has the `address` alone, which has to be the active one; give it.

    Raises:
        Problem: It is not; or the body is not what was expected.
    """
    body = JsonBody.read("address")
    claimed = body.text("address")
    body.check()
    return require_account(claimed)


def require_vouched(address: Address) -> None:
    """Let a request pass only if the wallet of `address` signed in under its cookie within `FRESH_MS`.

    Raises:
        Problem: It did not: the cookie alone is not enough.
    """
    if not site().sessions.vouches(browser_session().id, address):
        raise _sign_in_again()


def _sign_in_again() -> Problem:
    minutes = FRESH_MS // 60_000
    detail = f"Sign in with this account's wallet again: it last signed more than {minutes} minutes ago."
    return Problem(Kind.SIGN_IN_AGAIN, detail)


def _verify(text: str, signature: object) -> VerifiedLogin:
    challenges, config, origin = site().challenges, site().config, site().origins.current()
    nonce = challenges.recognise(browser_session().visitor, text)
    try:
        verified = verify_login(
            text,
            signature,
            challenge=challenges.read(text, nonce, domain=host_of(origin), uri=origin),
            chain_ids=config.chain_ids,
            now=site().clock(),
            max_age_ms=config.nonce_lifetime_ms,
            contract_wallets=site().contract_wallets,
        )
    except LoginRefused:
        site().shares.take(WRONG_ANSWERS)
        challenges.spoil(nonce)
        raise
    if not challenges.use(nonce):
        raise unknown_challenge()
    return verified


def _refused(refusal: LoginRefused) -> Problem:
    return Problem(Kind.LOGIN_REFUSED, refusal.detail, extra={"reason": refusal.reason.value})
