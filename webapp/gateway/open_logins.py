"""Login texts that wait for their signature: written, found by their account, taken out once.

Each caller has a share of them: whoever asks for texts that are never answered is refused more of them before
anybody else is.
"""

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from graphql import GraphQLError
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from webapp.gateway.tables import api_logins
from webapp.protocol.address import Address
from webapp.siwe.domain import Domain
from webapp.siwe.message import Challenge
from webapp.storage.database import Database

MOST_OPEN = 100_000
MOST_OF_ONE = 1_000
"""How many of them one caller, an application or a network address, may have open."""

_NONCE_BYTES = 16

_open = (
    select(api_logins.c.nonce, api_logins.c.message, api_logins.c.issued_at, api_logins.c.expires_at)
    .where(
        api_logins.c.address == bindparam("address"),
        api_logins.c.domain == bindparam("domain"),
        api_logins.c.chain_id == bindparam("chain_id"),
        api_logins.c.expires_at > bindparam("now"),
    )
    .order_by(api_logins.c.issued_at.desc())
)
_of_caller = select(func.count(), func.min(api_logins.c.expires_at)).where(
    api_logins.c.asked_by == bindparam("asked_by")
)
_of_all = select(func.count(), func.min(api_logins.c.expires_at))


class LoginError(GraphQLError):
    """A login that does not hold; the client reads a code and a sentence."""

    def __init__(self, code: str, message: str, **more: str | int) -> None:
        super().__init__(message, extensions={"code": code, **more})


@dataclass(frozen=True, slots=True)
class Account:
    """Who wants to sign in, and where."""

    domain: Domain
    address: Address
    chain_id: int

    @property
    def columns(self) -> dict[str, object]:
        """What its rows are found by."""
        return {
            "domain": self.domain.text,
            "address": self.address.checksummed,
            "chain_id": self.chain_id,
        }

    def challenge(self, nonce: str, issued_at: int, expires_at: int) -> Challenge:
        """Give what its wallet is asked to sign."""
        return Challenge(
            domain=self.domain.text,
            uri=self.domain.origin,
            address=self.address,
            chain_id=self.chain_id,
            nonce=nonce,
            issued_at=issued_at,
            expires_at=expires_at,
        )


@dataclass(frozen=True, slots=True)
class OpenLogin:
    """A text that waits for its signature; times are milliseconds since the Unix epoch."""

    nonce: str
    message: str
    issued_at: int
    expires_at: int


class OpenLogins:
    """The texts of one database. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        lifetime_ms: int,
        *,
        nonce: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        """Keep the parts.

        Args:
            database: Migrated to the newest revision.
            lifetime_ms: How long a text may be answered, in milliseconds.
            nonce: Makes unguessable letters and digits out of so many random bytes.
        """
        self._database = database
        self._lifetime_ms = lifetime_ms
        self._nonce = nonce

    def of(self, account: Account, now: int) -> list[OpenLogin]:
        """Open logins of one account, the newest first.

        Raises:
            DatabaseUnavailable: The database could not be asked.
        """
        with self._database.read() as connection:
            return _open_of(connection, account, now)

    def text_for(self, account: Account, asked_by: str, now: int) -> str:
        """Give the open text again while half of its time is left; otherwise write another.

        Args:
            account: Who wants to sign in.
            asked_by: Whom a new text is counted under.
            now: Milliseconds since the Unix epoch.

        Raises:
            LoginError: Too many logins are open, of this caller or of all together.
            DatabaseUnavailable: Nothing was stored.
        """
        with self._database.read() as connection:
            young = self._young(connection, account, now)
        if young is not None:
            return young
        with self._database.write() as connection:
            return self._young(connection, account, now) or self._write(connection, account, asked_by, now)

    def spend(self, nonce: str) -> None:
        """Take a text out, for good: of any number of callers with the same signature, one gets it.

        Raises:
            LoginError: It is not open any more.
            DatabaseUnavailable: Nothing was changed.
        """
        with self._database.write() as connection:
            spent = connection.execute(delete(api_logins).where(api_logins.c.nonce == nonce)).rowcount
        if spent != 1:
            raise LoginError("LOGIN_UNKNOWN", "This login was used already; ask loginGetMessage for another.")

    def _young(self, connection: Connection, account: Account, now: int) -> str | None:
        youngest = next(iter(_open_of(connection, account, now)), None)
        if youngest is None or now - youngest.issued_at >= self._lifetime_ms // 2:
            return None
        return youngest.message

    def _write(self, connection: Connection, account: Account, asked_by: str, now: int) -> str:
        connection.execute(delete(api_logins).where(api_logins.c.expires_at <= now))
        for most, counted in (
            (MOST_OF_ONE, connection.execute(_of_caller, {"asked_by": asked_by})),
            (MOST_OPEN, connection.execute(_of_all)),
        ):
            number, first_end = counted.one()
            if number >= most:
                seconds = max(1, math.ceil((first_end - now) / 1000))
                message = f"Too many logins are open; try again in {seconds} s."
                raise LoginError("TOO_MANY_LOGINS", message, retryAfter=seconds)
        challenge = account.challenge(self._nonce(_NONCE_BYTES), now, now + self._lifetime_ms)
        connection.execute(
            insert(api_logins).values(
                nonce=challenge.nonce,
                message=challenge.text,
                issued_at=now,
                expires_at=challenge.expires_at,
                asked_by=asked_by,
                **account.columns,
            )
        )
        return challenge.text


def _open_of(connection: Connection, account: Account, now: int) -> list[OpenLogin]:
    """Open logins of one account, the newest first."""
    rows = connection.execute(_open, {**account.columns, "now": now})
    return [OpenLogin(*row) for row in rows]
