"""A PostgreSQL database for each test, on one server for all tests of a process.

To make one and drop it takes 80 ms, more than most tests. So a copy of a template that is given back has its
rows taken out and the template's put in, and is given to the next; unless its tables are not the template's.

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

from tests.support.postgresql import SUPERUSER, Server

RUN = secrets.token_hex(4)
"""Tells this process's databases from others' on the same server."""

_made: list[str] = []
_given_back: list[str] = []
_template_of: dict[str, str] = {}
_ready: dict[str, list[str]] = {}


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
    if _own() is None:
        with psycopg.connect(shared().url(name, SUPERUSER), autocommit=True) as connection:
            connection.execute(_KEEP_ROWS)
    return name


def fresh_database(template: str | None = None) -> str:
    """The URL of a database that nobody has used since it was empty, or a copy of a template."""
    if template is not None and _ready.get(template):
        return _url(_ready[template].pop())
    _drop_given_back()
    name = _create(template)
    if template is not None:
        _template_of[name] = template
    return _url(name)


def give_back(url: str) -> None:
    """Say that a database is done with, so that others may have it, or else that it is dropped later.

    Not at once: PostgreSQL waits 0.1 s for sessions that are just ending.
    """
    name = make_url(url).database
    assert name in _made
    template = _template_of.get(name)
    if template is not None and _own() is None and _made_anew(name, template):
        _ready.setdefault(template, []).append(name)
    else:
        _given_back.append(name)


# Of every table with rows there is a copy beside it. Triggers and foreign keys are not asked.
_KEEP_ROWS = """
    DO $$ DECLARE kept text; BEGIN
        CREATE SCHEMA kept;
        FOR kept IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', kept);
        END LOOP;
        CREATE TABLE kept.sequences AS
            SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
    END $$
"""
_MAKE_ANEW = """
    DO $$ DECLARE kept record; BEGIN
        SET LOCAL session_replication_role = replica;
        FOR kept IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM public.%I', kept.tablename);
            EXECUTE format('INSERT INTO public.%1$I TABLE kept.%1$I', kept.tablename);
        END LOOP;
        FOR kept IN SELECT * FROM kept.sequences LOOP
            PERFORM setval(format('public.%I', kept.sequencename)::regclass,
                coalesce(kept.last_value, 1), kept.last_value IS NOT NULL);
        END LOOP;
    END $$
"""
_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = """
    SELECT md5(coalesce(string_agg(found, ',' ORDER BY found), '')) FROM (
        SELECT format('%s %s %s', c.relname, a.attname, a.attnotnull) FROM pg_class AS c
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s %s', tgname, tgenabled) FROM pg_trigger
        UNION ALL SELECT format('%s', proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s', conname) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    ) AS all_of_them(found)
"""


@functools.cache
def _inside(name: str) -> "psycopg.Connection[tuple[str, ...]]":
    """A connection into a database, as who may pass by its triggers."""
    return psycopg.connect(shared().url(name, SUPERUSER), autocommit=True)


@functools.cache
def _tables(name: str) -> str:
    with psycopg.connect(shared().url(name, SUPERUSER)) as connection:
        [(tables,)] = connection.execute(_TABLES).fetchall()
    return str(tables)


def _made_anew(name: str, template: str) -> bool:
    """Give a copy its template's rows; False where its tables are others."""
    try:
        connection = _inside(name)
        connection.execute(_END_OTHERS)
        [(tables,)] = connection.execute(_TABLES).fetchall()
        if tables == _tables(template):
            connection.execute(_MAKE_ANEW)
            return True
    except psycopg.Error:
        pass
    _inside(name).close()
    return False


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
