"""Who is signed in, as rows: read anew for every request, so that signing out works at once, everywhere."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    insert,
    literal,
    not_,
    select,
    update,
)

from webapp.protocol.address import Address
from webapp.protocol.clock import Clock
from webapp.storage.database import Database
from webapp.storage.prepared import Prepared
from webapp.web.tables import web_sessions

MAX_ADDRESSES = 16
FRESH_MS = 15 * 60_000
"""For how long after a sign-in its wallet vouches for more than the use of the session: for taking it along
into a new cookie, and for ending all others of the address. Long enough to sign several accounts in one after
the other; short, since a stolen cookie can do the same meanwhile."""
_ID_BYTES = 32
_LIVE = Prepared(
    select(web_sessions.c.address, web_sessions.c.active, web_sessions.c.expires_at)
    .where(
        web_sessions.c.session_digest == bindparam("session_digest"),
        web_sessions.c.expires_at > bindparam("now"),
    )
    .order_by(web_sessions.c.signed_in_at, web_sessions.c.address)
)


def digest(cookie: str) -> str:
    """What stands for a cookie in the database: its SHA-256, in hex."""
    return hashlib.sha256(cookie.encode()).hexdigest()


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
        given = {"session_digest": digest(session_id), "now": self._clock()}
        with self._database.snapshot() as snapshot:
            rows = snapshot.rows(_LIVE, given)
        if not rows:
            return None
        return SignedIn(
            addresses=tuple(Address(address) for address, _, _ in rows),
            active=next((Address(address) for address, active, _ in rows if active), None),
            expires_at=max(expires_at for _, _, expires_at in rows),
        )

    def sign_in(self, session_id: str, address: Address) -> str:
        """Sign an address in, beside those that are, and make it the active one.

        Returns:
            The cookie from now on: whoever knew the one before, knows nothing. Addresses whose wallets have
            not signed in under it lately are signed out.
        """
        now = self._clock()
        with self._database.write() as connection:
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
                )
            )
        return new_id

    def revoke(self, session_id: str, address: Address) -> Revoked | None:
        """End every session of an address but this one, which gets another cookie.

        None where its wallet has not signed in under this cookie lately: nothing has changed then.
        """
        now = self._clock()
        of_address = web_sessions.c.address == address.checksummed
        mine = web_sessions.c.session_digest == digest(session_id)
        with self._database.write() as connection:
            vouches = select(literal(1)).where(mine, of_address, web_sessions.c.expires_at > now, _fresh(now))
            if connection.scalar(vouches) is None:
                return None
            ended = connection.execute(
                delete(web_sessions)
                .where(of_address, web_sessions.c.session_digest != digest(session_id))
                .returning(web_sessions.c.expires_at)
            ).all()
            new_id = self._turn_over(connection, session_id, now)
        return Revoked(new_id, sum(row.expires_at > now for row in ended))

    def activate(self, session_id: str, address: Address) -> bool:
        """Make an address the active one, if it is signed in; say whether it is."""
        mine = web_sessions.c.session_digest == digest(session_id)
        chosen = web_sessions.c.address == address.checksummed
        with self._database.write() as connection:
            live = web_sessions.c.expires_at > self._clock()
            if connection.scalar(select(literal(1)).where(mine, chosen, live)) is None:
                return False
            connection.execute(
                update(web_sessions).where(mine).values(active=case((chosen, True), else_=False))
            )
        return True

    def end(self, session_id: str) -> None:
        """Sign every address of a browser session out."""
        with self._database.write() as connection:
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


def _fresh(now: int) -> ColumnElement[bool]:
    """Whether a wallet signed in lately; one that did so in a future, by a clock that was ahead, did not."""
    return web_sessions.c.signed_in_at.between(now - FRESH_MS, now + FRESH_MS)
