"""Challenges that were issued: rows, each bound to one visitor, each good for one answer."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from webapp.protocol.address import Address
from webapp.protocol.clock import Clock
from webapp.siwe.message import Challenge
from webapp.storage.database import Database
from webapp.web.problems import RETRY_AFTER_S, Kind, Problem
from webapp.web.session_store import digest
from webapp.web.tables import login_nonces

MAX_OF_VISITOR = 5
MAX_OF_ALL = 100_000
_NONCE_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class IssuedChallenge:
    """A challenge as it was stored; times are milliseconds since the Unix epoch."""

    message: str
    address: Address
    issued_at: int
    expires_at: int


class ChallengeStore:
    """The open challenges. Bounded: old ones go with time, a visitor's own newest push out the oldest.

    Nobody else's are ever pushed out, so that a flood keeps no one from finishing a sign-in.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        token: Callable[[int], str],
        lifetime_ms: int,
        *,
        most: int = MAX_OF_ALL,
    ) -> None:
        self._database = database
        self._clock = clock
        self._token = token
        self._lifetime_ms = lifetime_ms
        self._most = most

    def issue(self, visitor: str, *, domain: str, uri: str, address: Address, chain_id: int) -> Challenge:
        """Write a challenge and remember it.

        Args:
            visitor: What all cookies of the visitor have in common (`session_store.visitor_of`).
            domain: Host and port of the origin.
            uri: The origin.
            address: Who wants to sign in.
            chain_id: On which chain.

        Raises:
            Problem: Too many are open.
        """
        now = self._clock()
        challenge = Challenge(
            domain=domain,
            uri=uri,
            address=address,
            chain_id=chain_id,
            nonce=hashlib.sha256(self._token(32).encode()).hexdigest()[:_NONCE_CHARACTERS],
            issued_at=now,
            expires_at=now + self._lifetime_ms,
        )
        with self._database.write() as connection:
            self._make_room(connection, digest(visitor), now)
            connection.execute(
                insert(login_nonces).values(
                    nonce=challenge.nonce,
                    visitor_digest=digest(visitor),
                    address=address.checksummed,
                    message=challenge.text,
                    issued_at=now,
                    expires_at=challenge.expires_at,
                )
            )
        return challenge

    def consume(self, visitor: str, nonce: str) -> IssuedChallenge | None:
        """Take a challenge out, for good: of any number of callers at once, one gets it.

        An expired one is given too, while it is there: who asks decides what to say. None for an unknown one,
        and for one of another visitor, which stays.
        """
        with self._database.write() as connection:
            row = connection.execute(
                delete(login_nonces)
                .where(login_nonces.c.nonce == nonce, login_nonces.c.visitor_digest == digest(visitor))
                .returning(
                    login_nonces.c.message,
                    login_nonces.c.address,
                    login_nonces.c.issued_at,
                    login_nonces.c.expires_at,
                )
            ).one_or_none()
        return row and IssuedChallenge(row.message, Address(row.address), row.issued_at, row.expires_at)

    def _make_room(self, connection: Connection, visitor_digest: str, now: int) -> None:
        # Expired ones stay one lifetime longer, so that who comes late is told so.
        connection.execute(delete(login_nonces).where(login_nonces.c.expires_at <= now - self._lifetime_ms))
        kept = (
            select(login_nonces.c.nonce)
            .where(login_nonces.c.visitor_digest == visitor_digest)
            .order_by(login_nonces.c.issued_at.desc(), login_nonces.c.nonce)
            .limit(MAX_OF_VISITOR - 1)
        )
        connection.execute(
            delete(login_nonces).where(
                login_nonces.c.visitor_digest == visitor_digest, login_nonces.c.nonce.not_in(kept)
            )
        )
        some = select(login_nonces.c.nonce).limit(self._most).subquery()
        if connection.scalar(select(func.count()).select_from(some)) == self._most:
            headers = {"retry-after": str(RETRY_AFTER_S)}
            raise Problem(Kind.UNAVAILABLE, "Too many sign-ins are open. Try again soon.", headers=headers)
