"""Who is signed in, as rows: read anew for every request, so that signing out works at once, everywhere."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    not_,
    select,
    update,
)

from webapp.protocol.address import Address
from webapp.protocol.clock import Clock
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseFailure
from webapp.storage.prepared import Prepared
from webapp.web.sessions.tables import web_sessions

MAX_ADDRESSES = 16
FRESH_MS = 15 * 60_000
"""For how long after a sign-in its wallet vouches for more than the use of the session: for taking it along
into a new cookie, and for ending all others of the address. Long enough to sign several accounts in one after
the other; short, since a stolen cookie can do the same meanwhile."""
SEEN_EVERY_MS = 5 * 60_000
"""How exactly it is known when a browser was here last: no session is written more often for that."""
MOST_LISTED = 100
_ID_BYTES = 32
_ID_DIGITS = 16
_SEEN_PATIENCE_S = 0.05
_LIVE = Prepared(
    select(web_sessions.c.address, web_sessions.c.active, web_sessions.c.expires_at, web_sessions.c.seen_at)
    .where(
        web_sessions.c.session_digest == bindparam("session_digest"),
        web_sessions.c.expires_at > bindparam("now"),
    )
    .order_by(web_sessions.c.signed_in_at, web_sessions.c.address)
)
_OF_ADDRESS = Prepared(
    select(
        web_sessions.c.session_digest,
        web_sessions.c.browser,
        web_sessions.c.signed_in_at,
        web_sessions.c.seen_at,
        web_sessions.c.expires_at,
    )
    .where(web_sessions.c.address == bindparam("address"), web_sessions.c.expires_at > bindparam("now"))
    .order_by(
        web_sessions.c.session_digest != bindparam("mine"),
        web_sessions.c.signed_in_at.desc(),  # which stays, so that no row moves from under a pointer
        web_sessions.c.session_digest,
    )
    .limit(MOST_LISTED)
)

_logger = logging.getLogger(__name__)


def digest(cookie: str) -> str:
    """What stands for a cookie in the database: its SHA-256, in hex."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def public_id(cookie: str) -> str:
    """What a session is called in lists: the beginning of its digest, of no use to sign in with."""
    return digest(cookie)[:_ID_DIGITS]


def visitor_of(cookie: str) -> str:
    """What a cookie has in common with those that replaced it at sign-ins: the first one of them.

    Challenges are bound to it, so that the answers of two tabs count in whichever order cookies and answers
    travel. It is nobody's session: whoever knows it alone can only sign in what his own wallet signs.
    """
    return cookie.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser session's addresses, in the order of signing in, and the active one if it has not expired."""

    addresses: tuple[Address, ...]
    active: Address | None
    expires_at: int


@dataclass(frozen=True, slots=True)
class Revoked:
    """What became of an address's sessions: this one's cookie from now on, and how many others were ended."""

    session_id: str
    ended: int


@dataclass(frozen=True, slots=True)
class WebSession:
    """A browser in which an address is signed in. Times are milliseconds since the Unix epoch."""

    id: str  # as `public_id` gives it
    browser: str
    signed_in_at: int
    seen_at: int  # to `SEEN_EVERY_MS`
    expires_at: int
    is_this: bool


class SessionStore:
    """The rows of `web_sessions`."""

    def __init__(
        self, database: Database, clock: Clock, token: Callable[[int], str], lifetime_ms: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._token = token
        self._lifetime_ms = lifetime_ms

    def new_id(self) -> str:
        """Make a cookie that nobody has."""
        return self._token(_ID_BYTES)

    def load(self, session_id: str) -> SignedIn | None:
        """Find who is signed in under a cookie; None: nobody."""
        now = self._clock()
        given = {"session_digest": digest(session_id), "now": now}
        with self._database.snapshot() as snapshot:
            rows = snapshot.rows(_LIVE, given)
        if not rows:
            return None
        if not all(0 <= now - seen_at < SEEN_EVERY_MS for _, _, _, seen_at in rows):
            self._note_seen(session_id, now)
        return SignedIn(
            addresses=tuple(Address(address) for address, _, _, _ in rows),
            active=next((Address(address) for address, active, _, _ in rows if active), None),
            expires_at=max(expires_at for _, _, expires_at, _ in rows),
        )

    def _note_seen(self, session_id: str, now: int) -> None:
        """Write down that the browser was here, if that can be done now: nobody waits for it, or fails."""
        mine = web_sessions.c.session_digest == digest(session_id)
        try:
            with self._database.write(patience_s=_SEEN_PATIENCE_S) as connection:
                connection.execute(update(web_sessions).where(mine).values(seen_at=now))
        except DatabaseFailure as failure:
            _logger.info("when a session was seen is not written: %s", failure.reason)

    def of_address(self, address: Address, session_id: str) -> tuple[WebSession, ...]:
        """List the browsers in which an address is signed in: this one, then the newest, up to 100."""
        mine = digest(session_id)
        given = {"address": address.checksummed, "now": self._clock(), "mine": mine}
        with self._database.snapshot() as snapshot:
            rows = snapshot.rows(_OF_ADDRESS, given)
        return tuple(
            WebSession(
                id=session_digest[:_ID_DIGITS],
                browser=browser,
                signed_in_at=signed_in_at,
                seen_at=seen_at,
                expires_at=expires_at,
                is_this=session_digest == mine,
            )
            for session_digest, browser, signed_in_at, seen_at, expires_at in rows
        )

    def sign_in(self, session_id: str, address: Address, browser: str) -> str:
        """Sign an address in, beside those that are, and make it the active one.

        Args:
            session_id: The cookie.
            address: Whose wallet has signed.
            browser: What the browser is called in the list of sessions.

        Returns:
            The cookie from now on: whoever knew the one before, knows nothing. Addresses whose wallets have
            not signed in under it lately are signed out.
        """
        now = self._clock()
        with self._database.write(locks={f"session {digest(session_id)}": True}) as connection:
            # Not as soon as they expire: a clock that was ahead for a while ends no session for good.
            connection.execute(
                delete(web_sessions).where(web_sessions.c.expires_at <= now - self._lifetime_ms)
            )
            new_id = self._turn_over(connection, session_id, now)
            mine = web_sessions.c.session_digest == digest(new_id)
            others = (
                select(web_sessions.c.address)
                .where(mine, web_sessions.c.address != address.checksummed)
                .order_by(web_sessions.c.signed_in_at.desc(), web_sessions.c.address)
                .limit(MAX_ADDRESSES - 1)
            )
            connection.execute(delete(web_sessions).where(mine, web_sessions.c.address.not_in(others)))
            connection.execute(update(web_sessions).where(mine).values(active=False))
            connection.execute(
                insert(web_sessions).values(
                    session_digest=digest(new_id),
                    address=address.checksummed,
                    active=True,
                    signed_in_at=now,
                    expires_at=now + self._lifetime_ms,
                    browser=browser,
                    seen_at=now,
                )
            )
        return new_id

    def revoke(self, session_id: str, address: Address) -> Revoked | None:
        """End every session of an address but this one, which gets another cookie.

        None where its wallet has not signed in under this cookie lately: nothing has changed then.
        """
        now = self._clock()
        of_address = web_sessions.c.address == address.checksummed
        with self._database.write(locks={f"session {digest(session_id)}": True}) as connection:
            if not _vouches(connection, session_id, address, now):
                return None
            ended = connection.execute(
                delete(web_sessions)
                .where(of_address, web_sessions.c.session_digest != digest(session_id))
                .returning(web_sessions.c.expires_at)
            ).all()
            new_id = self._turn_over(connection, session_id, now)
        return Revoked(new_id, sum(row.expires_at > now for row in ended))

    def end_one(self, session_id: str, address: Address, ended_id: str) -> int | None:
        """End another session of an address; give how many there were: 1, or 0 where it has ended already.

        Args:
            session_id: The cookie of whoever asks. Its own session does not end so.
            address: Whose session; what else is signed in under it stays.
            ended_id: The session, as `public_id` calls it.

        None where the address's wallet has not signed in under this cookie lately: nothing has changed then.
        """
        now = self._clock()
        with self._database.write(locks={f"session {digest(session_id)}": True}) as connection:
            if not _vouches(connection, session_id, address, now):
                return None
            ended = connection.execute(
                delete(web_sessions)
                .where(
                    web_sessions.c.address == address.checksummed,
                    func.substr(web_sessions.c.session_digest, 1, _ID_DIGITS) == ended_id,
                    web_sessions.c.session_digest != digest(session_id),
                )
                .returning(web_sessions.c.expires_at)
            ).all()
        return len([row for row in ended if row.expires_at > now])

    def vouches(self, session_id: str, address: Address) -> bool:
        """Whether an address's wallet signed in under this cookie lately."""
        with self._database.read() as connection:
            return _vouches(connection, session_id, address, self._clock())

    def activate(self, session_id: str, address: Address) -> bool:
        """Make an address the active one, if it is signed in; say whether it is."""
        mine = web_sessions.c.session_digest == digest(session_id)
        chosen = web_sessions.c.address == address.checksummed
        with self._database.write(locks={f"session {digest(session_id)}": True}) as connection:
            live = web_sessions.c.expires_at > self._clock()
            if connection.scalar(select(literal(1)).where(mine, chosen, live)) is None:
                return False
            connection.execute(
                update(web_sessions).where(mine).values(active=case((chosen, True), else_=False))
            )
        return True

    def end(self, session_id: str) -> None:
        """Sign every address of a browser session out."""
        with self._database.write(locks={f"session {digest(session_id)}": True}) as connection:
            connection.execute(
                delete(web_sessions).where(web_sessions.c.session_digest == digest(session_id))
            )

    def _turn_over(self, connection: Connection, session_id: str, now: int) -> str:
        """Give a session another cookie, which only those come along to whose wallets have signed lately.

        Whoever copied the old cookie long ago could otherwise take them along into one that is his alone.
        """
        new_id = f"{self.new_id()}.{visitor_of(session_id)}"
        mine = web_sessions.c.session_digest == digest(session_id)
        connection.execute(delete(web_sessions).where(mine, not_(_fresh(now))))
        connection.execute(update(web_sessions).where(mine).values(session_digest=digest(new_id)))
        return new_id


def _vouches(connection: Connection, session_id: str, address: Address, now: int) -> bool:
    """Whether an address's wallet signed in under a cookie lately."""
    vouching = select(literal(1)).where(
        web_sessions.c.session_digest == digest(session_id),
        web_sessions.c.address == address.checksummed,
        web_sessions.c.expires_at > now,
        _fresh(now),
    )
    return connection.scalar(vouching) is not None


def _fresh(now: int) -> ColumnElement[bool]:
    """Whether a wallet signed in lately; one that did so in a future, by a clock that was ahead, did not."""
    return web_sessions.c.signed_in_at.between(now - FRESH_MS, now + FRESH_MS)
