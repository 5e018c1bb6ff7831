"""PostgreSQL's tables made by many processes at once, and changed by a newer one while older ones serve."""

import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.support.load import UNLIMITED, Load, logged_messages
from tests.support.places import ROOT
from tests.support.postgresql import wait_until
from tests.support.postgresql_databases import fresh_database
from tests.support.server import Server, running
from tests.support.serving import clean_environment
from webapp.storage.migrate import revisions
from webapp.storage.postgresql import lock_number

AHEAD = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{revision}", "{newest}", None, None


def upgrade() -> None:
    for table in ("operations", "key_operations", "edges", "profiles", "signing_keys"):
        op.add_column(table, sa.Column("ahead", sa.Integer, nullable=False, server_default="7"))
    op.create_table("ahead", sa.Column("id", sa.Integer, primary_key=True))
"""


@pytest.mark.parametrize(("migrate", "serve"), [(2, 1), pytest.param(8, 2, marks=pytest.mark.soak)])
def test_those_that_start_together_make_one_set_of_tables(tmp_path: Path, migrate: int, serve: int) -> None:
    """`migrate` and `gateway` on an empty database: one of them makes the tables, one seeds, all are fine."""
    url = fresh_database()
    with ExitStack() as opened:
        holding = opened.enter_context(psycopg.connect(url, autocommit=True))
        holding.execute("SELECT pg_advisory_lock(%s)", [lock_number("migrations")])
        migrating = [
            opened.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "webapp.cli", "migrate"],
                    cwd=ROOT,
                    env=clean_environment() | {"DATABASE_URL": url},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(migrate)
        ]
        serving = [
            Server(tmp_path / str(number), command="gateway", DATABASE_URL=url) for number in range(serve)
        ]
        for server in serving:
            opened.callback(server.stop)
        with ThreadPoolExecutor() as pool:
            started = [pool.submit(server.start) for server in serving]
            wait_until(lambda: waiting(holding) == migrate + serve)
            holding.execute("SELECT pg_advisory_unlock_all()")
        for each in started:
            each.result()
        for process in migrating:
            said = process.communicate(timeout=60)
            assert (process.returncode, said[1]) == (0, "")
        assert [server.follower_count("shiyu") for server in serving] == [5] * serve
        assert sum("demo profiles seeded" in server.log for server in serving) == 1
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (revisions()[-1],)
        ]
        assert connection.execute("SELECT count(*) FROM profiles").fetchone() == (12,)


def waiting(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    """How many have found no tables, and wait for whoever makes some."""
    found = connection.execute(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
    )
    [(number,)] = found.fetchall()
    return int(number)


def test_old_and_new_serve_side_by_side_over_a_migration(tmp_path: Path) -> None:
    """The new one's start changes the tables while people use the old one, whose writer then is replaced."""
    url = fresh_database()
    with ExitStack() as opened:

        def start(name: str, **env: str) -> Server:
            settings = {"DATABASE_URL": url, **UNLIMITED, **env}
            return opened.enter_context(running(tmp_path / name, command="gateway", **settings))

        old = start("old")
        load = Load(old.graphql_url, persistent=True)
        load.register()
        before = [old.follower_count("ada") for _ in range(12)]  # so that statements are prepared
        with load.running():
            load.wait_for_more(20)
            new = start("new", PYTHONPATH=str(ahead(tmp_path)), PYTHONSAFEPATH="1")
            load.wait_for_more(20)
            assert set(load.answers) == {"SUCCESS"}
            os.kill(old.writer(), signal.SIGKILL)
            load.wait_for_more(20)
        both = Load(old.graphql_url, new.graphql_url)
        with both.running():
            both.wait_for_more(40)
        assert set(both.answers) <= {"SUCCESS", "ALREADY_DONE"}
        for server in (old, new):
            assert httpx.get(f"{server.url}/readyz", trust_env=False, timeout=30).json()["database"] == "ok"
            assert server.follower_count("ada") == before[0]
        assert load.acknowledged | both.acknowledged <= logged_messages(url)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT DISTINCT ahead FROM operations").fetchall() == [(7,)]


def ahead(folder: Path) -> Path:
    """A copy of the program with one revision more."""
    copy, newest = folder / "ahead", revisions()[-1]
    shutil.copytree(ROOT / "webapp", copy / "webapp", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("static", "templates"):
        (copy / name).symlink_to(ROOT / name)
    revision = f"{int(newest) + 1:04}"
    versions = copy / "webapp/storage/migrations/versions"
    (versions / f"{revision}_ahead.py").write_text(AHEAD.format(revision=revision, newest=newest))
    return copy
