"""A PostgreSQL database for each test, on one server for all tests of a process.

`TEST_POSTGRESQL_URL` names one's own server instead, by a role that may create databases. What is made there
is dropped at the end.
"""

import atexit
import functools
import os
import secrets
from collections.abc import Callable

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from tests.support.postgresql import Server

RUN = secrets.token_hex(4)
"""Tells this process's databases from others' on the same server."""

_made: list[str] = []
_given_back: list[str] = []


@functools.cache
def shared() -> Server:
    """The server of all tests of this process that neither stop nor kill it."""
    return Server().start()


@functools.cache
def template(prepare: Callable[[str], None]) -> str:
    """The name of a database that `prepare` was given the URL of, once a process, to be copied from then on.

    It has to close its connections: a database that somebody uses cannot be copied.
    """
    name = _create(None)
    prepare(_url(name))
    return name


def fresh_database(template: str | None = None) -> str:
    """The URL of a new database: empty, or a copy of a template."""
    _drop_given_back()
    return _url(_create(template))


def give_back(url: str) -> None:
    """Say that a database is done with: it is dropped when a later one is made.

    Not at once: PostgreSQL waits 0.1 s for sessions that are just ending.
    """
    name = make_url(url).database
    assert name in _made
    _given_back.append(name)


def with_parameters(url: str, **parameters: str) -> str:
    """The same URL with parameters of libpq's."""
    return make_url(url).update_query_dict(parameters).render_as_string(hide_password=False)


def _create(template: str | None) -> str:
    name = f"test_{RUN}_{len(_made)}"
    _made.append(name)
    _administration().execute(
        SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
            Identifier(name), Identifier(template or "template0")
        )
    )
    return name


def _drop_given_back() -> None:
    unused = _administration().execute(
        "SELECT datname FROM pg_database WHERE datname = ANY(%s) "
        "AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datname = pg_database.datname)",
        [_given_back],
    )
    for (name,) in unused.fetchall():
        _administration().execute(SQL("DROP DATABASE {}").format(Identifier(name)))
        _given_back.remove(name)


def _own() -> str | None:
    return os.environ.get("TEST_POSTGRESQL_URL") or None


def _url(database: str) -> str:
    own = _own()
    if own is None:
        return shared().url(database)
    return make_url(own).set(database=database).render_as_string(hide_password=False)


@functools.cache
def _administration() -> "psycopg.Connection[tuple[str, ...]]":
    own = _own()
    connection = psycopg.connect(own or shared().url(), autocommit=True)
    atexit.register(_end, connection, drop=own is not None)
    return connection


def _end(connection: "psycopg.Connection[tuple[str, ...]]", *, drop: bool) -> None:
    if drop:
        for name in _made:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
    connection.close()
