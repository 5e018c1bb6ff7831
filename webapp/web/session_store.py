"""Who is signed in, as rows: read anew for every request, so that signing out works at once, everywhere."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import case, delete, insert, literal, select, update

from webapp.protocol.address import Address
from webapp.protocol.clock import Clock
from webapp.storage.database import Database
from webapp.web.tables import web_sessions

MAX_ADDRESSES = 16
_ID_BYTES = 32


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
        with self._database.read() as connection:
            rows = connection.execute(
                select(web_sessions.c.address, web_sessions.c.active, web_sessions.c.expires_at)
                .where(
                    web_sessions.c.session_digest == digest(session_id),
                    web_sessions.c.expires_at > self._clock(),
                )
                .order_by(web_sessions.c.signed_in_at, web_sessions.c.address)
            ).all()
        if not rows:
            return None
        return SignedIn(
            addresses=tuple(Address(row.address) for row in rows),
            active=next((Address(row.address) for row in rows if row.active), None),
            expires_at=max(row.expires_at for row in rows),
        )

    def sign_in(self, session_id: str, address: Address) -> str:
        """Sign an address in, beside those that are, and make it the active one.

        Returns:
            The cookie from now on: whoever knew the one before, knows nothing.
        """
        now, new_id = self._clock(), f"{self.new_id()}.{visitor_of(session_id)}"
        with self._database.write() as connection:
            connection.execute(delete(web_sessions).where(web_sessions.c.expires_at <= now))
            before = connection.execute(
                delete(web_sessions)
                .where(web_sessions.c.session_digest == digest(session_id))
                .returning(web_sessions.c.address, web_sessions.c.signed_in_at, web_sessions.c.expires_at)
            ).all()
            others = sorted(
                (row for row in before if row.address != str(address)), key=lambda row: row.signed_in_at
            )
            rows = [
                (row.address, False, row.signed_in_at, row.expires_at) for row in others[1 - MAX_ADDRESSES :]
            ]
            rows.append((str(address), True, now, now + self._lifetime_ms))
            columns = ("address", "active", "signed_in_at", "expires_at")
            connection.execute(
                insert(web_sessions),
                [{"session_digest": digest(new_id), **dict(zip(columns, row, strict=True))} for row in rows],
            )
        return new_id

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
