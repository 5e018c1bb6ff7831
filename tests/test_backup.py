"""Backups as docs/operating.md describes them: copied while the gateway writes; what a restored one knows."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.commands.test_log_commands import countersign
from tests.gateway.conftest import add_profile, alice, client, clock, config, database
from tests.gateway.people import NOW, Client, Person, Ticker, Wallet
from tests.gateway.test_key_operations import act
from webapp.gateway.config import GatewayConfig
from webapp.gateway.service import create_gateway
from webapp.storage.database import Database

__all__ = ["alice", "client", "clock", "config", "database"]  # the gateway's fixtures, used here as well

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


def documented_copy(folder: Path) -> None:
    """Run the command of the page, in a folder laid out as a checkout's is."""
    (command,) = re.findall(r'^\.venv/bin/python -c "(.+)"$', PAGE, re.MULTILINE)
    subprocess.run([sys.executable, "-c", command], cwd=folder, check=True, timeout=60)


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """`instance/countersign.sqlite3`, with one profile."""
    path = tmp_path / "instance" / "countersign.sqlite3"
    path.parent.mkdir()
    countersign(tmp_path, "migrate", DATABASE_URL=f"sqlite:///{path}")
    database = Database.open(f"sqlite:///{path}")
    add_profile(database, "shiyu", Wallet("owner of shiyu").address, 1)
    person = Person("alice")
    assert Client(create_gateway(database, GatewayConfig(), Ticker()), Ticker()).register(person) == "SUCCESS"
    database.close()
    return path


def test_a_copy_made_while_the_gateway_writes_is_whole_and_verifies(tmp_path: Path, instance: Path) -> None:
    acknowledged = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.acknowledge", str(instance)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(40)]
        documented_copy(tmp_path)
        during = writer.stdout.readline()
        writer.kill()
    assert during, "the gateway went on writing"

    (copy,) = instance.parent.glob("backup*.sqlite3")
    copied = {"DATABASE_URL": f"sqlite:///{copy}"}
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        stored = {row[0] for row in connection.execute("SELECT message FROM operations")}
    assert set(acknowledged) <= stored, "whatever was answered SUCCESS before is in the copy"
    checked = countersign(tmp_path, "rebuild", "--check", **copied)
    assert checked.returncode == 0, checked.stdout
    log = countersign(tmp_path, "export", Person("alice").address, **copied)
    verified = countersign(tmp_path, "verify", "-", stdin=log.stdout)
    assert (verified.returncode, verified.stdout.split(",")[0]) == (0, "VALID log")


@pytest.mark.parametrize("waited", [True, False], ids=["after the wait", "too soon"])
def test_a_restored_copy_accepts_again_what_it_forgot_unless_one_waits(
    database: Database, client: Client, alice: Person, tmp_path: Path, *, waited: bool
) -> None:
    """The longest a forgotten message can live: it was as far ahead of the clock as was allowed."""
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    with restored(database, tmp_path / "copy.sqlite3", client.clock) as copy:
        ahead = alice.request("unfollow", "shiyu", client.clock.now + 60_000)
        assert client.status("unfollow", ahead) == "SUCCESS"
        client.clock.now += 360_000 + waited
        assert copy.status("unfollow", ahead) == ("MESSAGE_EXPIRED" if waited else "SUCCESS")


def test_proofs_given_out_stay_valid_beside_a_log_that_was_set_back(
    database: Database, client: Client, alice: Person, tmp_path: Path
) -> None:
    """Both verify, and whoever has both sees two entries of one number."""
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    with restored(database, tmp_path / "copy.sqlite3", client.clock) as copy:
        assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
        given_out = log_of(tmp_path, "gateway.sqlite3", alice)
        client.clock.now += 360_001
        assert copy.act("unfollow", alice, "shiyu") == "SUCCESS"
        set_back = log_of(tmp_path, "copy.sqlite3", alice)
    for log in (given_out, set_back):
        assert countersign(tmp_path, "verify", "-", stdin=log).returncode == 0
    first, second = (json.loads(log.splitlines()[-1]) for log in (given_out, set_back))
    assert first["sequence"] == second["sequence"] == 2
    assert first["proof"]["entryDigest"] != second["proof"]["entryDigest"]
    checked = countersign(
        tmp_path, "rebuild", "--check", DATABASE_URL=f"sqlite:///{tmp_path / 'copy.sqlite3'}"
    )
    assert checked.returncode == 0, "a database by itself does not show it"


def test_a_restored_copy_has_forgotten_a_revocation(
    database: Database, client: Client, alice: Person, tmp_path: Path
) -> None:
    with restored(database, tmp_path / "copy.sqlite3", client.clock) as copy:
        for gateway, follow in ((client, "INVALID_SIGNING_KEY"), (copy, "SUCCESS")):
            if gateway is client:
                assert act(client, "revoke", alice, alice.device) == "SUCCESS"
            assert gateway.act("follow", alice, "shiyu") == follow
        assert act(copy, "revoke", alice, alice.device) == "SUCCESS"
        assert copy.act("unfollow", alice, "shiyu") == "INVALID_SIGNING_KEY"


def test_the_main_file_alone_is_no_backup(database: Database, client: Client, tmp_path: Path) -> None:
    """What was written last is in the write-ahead log beside it."""
    alice = Person("alice")
    assert client.register(alice) == "SUCCESS"
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    with database.read():  # as of a server that runs
        shutil.copy(tmp_path / "gateway.sqlite3", tmp_path / "half.sqlite3")
    with closing(sqlite3.connect(tmp_path / "half.sqlite3")) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        rows = (
            connection.execute("SELECT message FROM operations").fetchall() if "operations" in tables else []
        )
    assert rows == []


def test_everybody_can_be_signed_out(instance: Path, tmp_path: Path) -> None:
    (command,) = re.findall(r'`\.venv/bin/python -c "(.+DELETE.+)"`', PAGE)
    with closing(sqlite3.connect(instance)) as connection:
        names = [column[1] for column in connection.execute("PRAGMA table_info(web_sessions)")]
        marks = ", ".join("?" for _ in names)
        connection.execute(f"INSERT INTO web_sessions VALUES ({marks})", [str(NOW)] * len(names))
        connection.commit()
        subprocess.run([sys.executable, "-c", command], cwd=tmp_path, check=True, timeout=60)
        assert connection.execute("SELECT count(*) FROM web_sessions").fetchone() == (0,)


@contextmanager
def restored(database: Database, path: Path, clock: Ticker) -> Iterator[Client]:
    """A gateway on a copy of the database as it is now."""
    with database.read() as connection:
        original = connection.exec_driver_sql("PRAGMA database_list").first()
    assert original is not None
    with closing(sqlite3.connect(original.file)) as source:
        source.execute("VACUUM INTO ?", (str(path),))
    copy = Database.open(f"sqlite:///{path}")
    yield Client(create_gateway(copy, GatewayConfig(), clock), clock)
    copy.close()


def log_of(folder: Path, name: str, person: Person) -> str:
    """What `countersign export` gives."""
    environ = {"DATABASE_URL": f"sqlite:///{folder / name}"}
    return countersign(folder, "export", person.address, **environ).stdout
