"""Backups as docs/operating.md describes them: copied while the gateway writes; what a restored one knows."""

import json
import os
import re
import shlex
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tests.support.databases import add_profile, migrated, no_room
from tests.support.keys import act
from tests.support.people import NOW, Client, Person, Ticker, Wallet
from tests.support.places import ROOT
from webapp.cli import main
from webapp.commands.whole_files import new_file
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.storage.backup import copy_database
from webapp.storage.database import Database
from webapp.storage.sqlite import SqliteDatabase

pytestmark = pytest.mark.sqlite

PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


@dataclass
class Commands:
    """Commands in this process, in a folder of their own."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, database: Path, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr."""
        os.environ["DATABASE_URL"] = f"sqlite:///{database}"
        code = main(arguments)
        said = self.capture.readouterr()
        return code, said.out, said.err


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "DATABASE_URL", "")  # and what it was before, afterwards
    return Commands(capsys)


def documented(folder: Path, command: str) -> str:
    """Run a command of the page, in a folder laid out as a checkout's is; give what it printed."""
    ours = shlex.join([sys.executable, "-m", "webapp.cli"])
    done = subprocess.run(
        ["sh", "-ec", command.replace(".venv/bin/countersign", ours)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


def backup(folder: Path) -> Path:
    """Make one as the page says."""
    (command,) = re.findall(r"^\.venv/bin/countersign backup .+$", PAGE, re.MULTILINE)
    before = set(folder.glob("instance/backup-*.sqlite3"))
    said = documented(folder, command)
    (copy,) = set(folder.glob("instance/backup-*.sqlite3")) - before
    assert said.startswith(str(copy.relative_to(folder)))
    assert said.endswith("whole, and as its log has it\n")
    return copy


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """`instance/countersign.sqlite3`, with one profile."""
    path = tmp_path / "instance" / "countersign.sqlite3"
    path.parent.mkdir()
    database = migrated(path)
    add_profile(database, "shiyu", Wallet("owner of shiyu").address, 1)
    person = Person("alice")
    assert Client(create_gateway(database, GatewayConfig(), Ticker()), Ticker()).register(person) == "SUCCESS"
    database.close()
    return path


@contextmanager
def writing(instance: Path) -> Iterator[IO[str]]:
    """A gateway that writes; it prints what it acknowledged, and ends with kill -9."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.acknowledge", f"sqlite:///{instance}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        yield writer.stdout
        writer.kill()


def test_t63_a_restore_as_the_page_has_it(tmp_path: Path, instance: Path, run: Commands) -> None:
    """Copied while the gateway writes, which then goes on, is killed and restored.

    All that was acknowledged before the copy is in it; of what came after, nothing is accepted again once the
    time that the page names has passed; and people go on.
    """
    with writing(instance) as lines:
        before = [lines.readline().strip() for _ in range(40)]
        copy = backup(tmp_path)
        after = [lines.readline().strip() for _ in range(20)]
    with closing(sqlite3.connect(copy)) as connection:
        held = {message for (message,) in connection.execute("SELECT message FROM operations")}
    assert held >= set(before)
    (restore,) = re.findall(r"^   ```sh run\n(.+?)   ```$", PAGE, re.MULTILINE | re.DOTALL)
    said = documented(tmp_path, restore.replace("instance/backup-20261123T190000Z.sqlite3", str(copy)))
    assert "wrong" not in said
    assert {path.name for path in (instance.parent / "set-aside").iterdir()} >= {instance.name}

    clock = Ticker(time.time_ns() // 1_000_000 + 360_001)
    alice = Person("alice")
    opened = Database.open(f"sqlite:///{instance}", create=False)
    opened.probe()
    gateway = Client(create_gateway(opened, GatewayConfig(), clock), clock)
    for message in after:
        if message not in held:
            op = json.loads(message)["op"]
            assert gateway.status(op, alice.request(op, "shiyu", 0, message=message)) == "MESSAGE_EXPIRED"
    assert {gateway.act("follow", alice, "shiyu"), gateway.act("unfollow", alice, "shiyu")} >= {"SUCCESS"}
    opened.close()
    assert run(copy, "export", alice.address, "--output", "log")[0] == 0
    code, out, _ = run(copy, "verify", "log")
    assert (code, out.split(",")[0]) == (0, "VALID log")


def test_a_copy_is_as_private_as_the_original_and_leaves_nothing_else(
    tmp_path: Path, instance: Path, run: Commands
) -> None:
    instance.chmod(0o640)
    assert run(instance, "backup", "copy")[0] == 0
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"instance", "copy"}
    assert [path.name for path in instance.parent.iterdir()] == [instance.name]


@pytest.mark.parametrize("name", ["there", "link", "instance", ".", "/dev/null", "", "no/folder", "a" * 300])
def test_a_name_that_something_has_or_nothing_can_have_is_one_line(
    name: str, tmp_path: Path, instance: Path, run: Commands
) -> None:
    """Nothing is overwritten, nor written to where a link leads."""
    (tmp_path / "there").write_text("something else")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    code, out, err = run(instance, "backup", name)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert err.startswith("countersign: FILE: expected a name that nothing has yet")
    assert (tmp_path / "there").read_text() == "something else"
    assert {path.name for path in tmp_path.iterdir()} == {"there", "link", "instance"}


def test_what_comes_to_be_there_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    def late() -> None:
        with new_file(str(tmp_path / "late")) as new:
            new.path.write_text("ours")
            (tmp_path / "late").write_text("theirs")
            new.kept = True

    with pytest.raises(FileExistsError):
        late()
    assert (tmp_path / "late").read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["late"]


def test_a_disk_without_room_for_the_copy_is_one_line(tmp_path: Path, instance: Path, run: Commands) -> None:
    with no_room():
        code, out, err = run(instance, "backup", "copy")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["instance"]


def test_without_a_database_there_is_no_copy(tmp_path: Path, run: Commands) -> None:
    assert run(tmp_path / "none", "backup", "copy")[:2] == (2, "")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_told_and_copied_only_where_the_copy_can_be_mended(
    tmp_path: Path, instance: Path, run: Commands
) -> None:
    with closing(sqlite3.connect(instance)) as connection:
        connection.execute("INSERT INTO follower_counts VALUES ('nobody', 7)")
        connection.commit()
    code, out, _ = run(instance, "backup", "copy")
    assert (code, "DAMAGED, and `countersign rebuild` on it" in out) == (1, True)
    assert run(tmp_path / "copy", "rebuild")[0] == 0
    assert run(tmp_path / "copy", "rebuild", "--check")[0] == 0
    with instance.open("r+b") as file:
        file.seek(-8_192, os.SEEK_END)
        file.write(b"\xaa" * 8_192)
    code, out, _ = run(instance, "backup", "torn")
    assert (code, out.startswith("DAMAGED, and not written: ")) == (1, True)
    assert {path.name for path in tmp_path.iterdir()} == {"instance", "copy"}


@pytest.mark.parametrize("waited", [True, False], ids=["after the wait", "too soon"])
def test_t63_a_restored_copy_accepts_again_what_it_forgot_unless_one_waits(
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
    database: Database, client: Client, alice: Person, tmp_path: Path, run: Commands
) -> None:
    """Both verify, and whoever has both sees two entries of one number."""
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    with restored(database, tmp_path / "copy.sqlite3", client.clock) as copy:
        assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
        given_out = run(tmp_path / "gateway.sqlite3", "export", alice.address)[1]
        client.clock.now += 360_001
        assert copy.act("unfollow", alice, "shiyu") == "SUCCESS"
        set_back = run(tmp_path / "copy.sqlite3", "export", alice.address)[1]
    for log in (given_out, set_back):
        (tmp_path / "log").write_text(log, encoding="utf-8")
        assert run(tmp_path / "copy.sqlite3", "verify", "log")[0] == 0
    first, second = (json.loads(log.splitlines()[-1]) for log in (given_out, set_back))
    assert first["sequence"] == second["sequence"] == 2
    assert first["proof"]["entryDigest"] != second["proof"]["entryDigest"]
    checked = run(tmp_path / "copy.sqlite3", "rebuild", "--check")
    assert checked[0] == 0, "a database by itself does not show it"


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
    assert isinstance(database, SqliteDatabase)
    copy_database(database, path)
    copy = SqliteDatabase(f"sqlite:///{path}")
    yield Client(create_gateway(copy, GatewayConfig(), clock), clock)
    copy.close()
