"""API keys: made, found, listed, revoked, deleted.

No key is kept in memory, so that a revoked one is dead for the next request in every process.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, insert, or_, select, update

from webapp.applications.errors import ApplicationNameError, TooManyKeys
from webapp.applications.tables import api_keys
from webapp.protocol.address import Address
from webapp.protocol.clock import Clock
from webapp.protocol.display_text import is_visible, parse_display_text
from webapp.protocol.errors import MessageError
from webapp.storage.database import Database

LONGEST_NAME = 60
MOST_KEYS_OF_OWNER = 20
MOST_REVOKED_SHOWN = 100
USE_IS_NOTED_EVERY_MS = 60_000

_BEGINNING = "cs_"
_SHOWN = 10
_SECRET_BYTES = 32
_ID_BYTES = 6
_FORM = re.compile(rf"{_BEGINNING}[A-Za-z0-9_-]{{43}}")

_columns = [column for column in api_keys.columns if column is not api_keys.c.key_digest]
_live_key = select(*_columns).where(
    api_keys.c.key_digest == bindparam("digest"), api_keys.c.revoked_at.is_(None)
)
_of_owner = api_keys.c.owner_address == bindparam("owner")
_revoked = api_keys.c.revoked_at.is_not(None)
_count_live = select(func.count()).where(_of_owner, ~_revoked)
_count_revoked = select(func.count()).where(_of_owner, _revoked)
_newest_first = (api_keys.c.created_at.desc(), api_keys.c.id)
_live = select(*_columns).where(_of_owner, ~_revoked)
_delete_all = delete(api_keys).where(_of_owner).returning(api_keys.c.id)
_old = select(*_columns).where(_of_owner, _revoked).order_by(*_newest_first).limit(MOST_REVOKED_SHOWN)


@dataclass(frozen=True, slots=True)
class Application:
    """An application that has, or had, a key."""

    id: str  # twelve hex digits
    name: str
    owner: Address | None  # the wallet that made it; None for those made in a terminal
    prefix: str
    created_at: int  # ms since the epoch
    last_used_at: int | None  # the same, to the minute; None for never
    revoked_at: int | None  # the same; None for a live key


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. Its text is nowhere else, and cannot be had again."""

    text: str = field(repr=False)
    application: Application


def parse_name(text: str) -> str:
    """Read an application's name: one visible line of 1 to 60 characters.

    Raises `ApplicationNameError` for anything else.
    """
    try:
        name = parse_display_text("name", text, LONGEST_NAME)
    except MessageError as error:
        raise ApplicationNameError(error.expected) from None
    if not name or not is_visible(name):
        raise ApplicationNameError(f"1 to {LONGEST_NAME} characters, and none of them invisible")
    return name


class ApiKeys:
    """The keys of one database. Safe to share between threads."""

    def __init__(
        self, database: Database, clock: Clock, token: Callable[[int], str] = secrets.token_urlsafe
    ) -> None:
        self._database = database
        self._clock = clock
        self._token = token

    def create(self, name: str, owner: Address | None = None) -> NewKey:
        """Make a key for an application.

        Raises `ApplicationNameError`, `TooManyKeys`, or what the database raises (`OutcomeUnknown` where it
        may have been made).
        """
        text = f"{_BEGINNING}{self._token(_SECRET_BYTES)}"
        made = Application(
            id=secrets.token_hex(_ID_BYTES),
            name=parse_name(name),
            owner=owner,
            prefix=text[:_SHOWN],
            created_at=self._clock(),
            last_used_at=None,
            revoked_at=None,
        )
        with self._database.write(locks={f"API keys of {owner}": True}) as connection:
            if owner is not None:
                live = connection.scalar(_count_live, {"owner": owner.checksummed}) or 0
                if live >= MOST_KEYS_OF_OWNER:
                    raise TooManyKeys(f"expected at most {MOST_KEYS_OF_OWNER} live keys; revoke one first")
            connection.execute(
                insert(api_keys).values(
                    id=made.id,
                    name=made.name,
                    owner_address=owner and owner.checksummed,
                    key_digest=_digest(text),
                    prefix=made.prefix,
                    created_at=made.created_at,
                )
            )
        return NewKey(text, made)

    def find(self, key: str) -> Application | None:
        """Find the application that a live key is of; None for an unknown or revoked one."""
        if not _FORM.fullmatch(key):
            return None
        with self._database.read() as connection:
            row = connection.execute(_live_key, {"digest": _digest(key)}).first()
        return None if row is None else _application(row)

    def all(self) -> list[Application]:
        """List all applications, newest first, revoked ones too."""
        found = select(*_columns).order_by(*_newest_first)
        with self._database.read() as connection:
            return [_application(row) for row in connection.execute(found)]

    def of_owner(self, owner: Address) -> tuple[list[Application], int]:
        """List an owner's, newest first, and how many revoked ones past the first hundred are left out."""
        whose = {"owner": owner.checksummed}
        with self._database.read() as connection:
            rows = [*connection.execute(_live, whose), *connection.execute(_old, whose)]
            revoked = connection.scalar(_count_revoked, whose) or 0
        shown = sorted(map(_application, rows), key=lambda each: (-each.created_at, each.id))
        return shown, max(0, revoked - MOST_REVOKED_SHOWN)

    def revoke(self, application_id: str, owner: Address | None = None) -> Application | None:
        """Revoke a key, for good and at once, whoever's or `owner`'s; None where there is no such one."""
        wanted: list[ColumnElement[bool]] = [api_keys.c.id == application_id]
        if owner is not None:
            wanted.append(api_keys.c.owner_address == owner.checksummed)
        with self._database.write() as connection:
            connection.execute(
                update(api_keys)
                .where(*wanted, api_keys.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )
            row = connection.execute(select(*_columns).where(*wanted)).first()
        return None if row is None else _application(row)

    def delete_all(self, owner: Address) -> int:
        """Delete every key of an owner, revoked ones too, with its name; give how many there were.

        The next request with one finds nothing, in every process.
        """
        whose = {"owner": owner.checksummed}
        with self._database.write() as connection:
            return len(connection.execute(_delete_all, whose).all())

    def note_use(self, application_id: str, at: int) -> None:
        """Remember that the key was used, to the minute; `at` is in ms since the epoch."""
        last = api_keys.c.last_used_at
        with self._database.write() as connection:
            connection.execute(
                update(api_keys)
                .where(
                    api_keys.c.id == application_id,
                    or_(last.is_(None), last <= at - USE_IS_NOTED_EVERY_MS),
                )
                .values(last_used_at=at)
            )


def _application(row: Row[*tuple[Any, ...]]) -> Application:
    return Application(
        id=row.id,
        name=row.name,
        owner=None if row.owner_address is None else Address(row.owner_address),
        prefix=row.prefix,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
