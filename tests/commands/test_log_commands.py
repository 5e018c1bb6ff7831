"""`countersign export` and `countersign rebuild` as processes, on the database that DATABASE_URL names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from tests.support.databases import unguard
from tests.support.keys import call
from tests.support.people import Client, Person
from tests.support.places import ROOT
from webapp.gateway.tables import edges, follower_counts, operations
from webapp.storage.database import Database

FOLLOWED = ("shiyu", "cyberconnect")


@pytest.fixture(autouse=True)
def _given(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands are told which database it is."""
    monkeypatch.setitem(os.environ, "DATABASE_URL", database.url)


@pytest.fixture
def followed(client: Client, alice: Person) -> Person:
    for handle in FOLLOWED:
        for op in ("follow", "unfollow", "follow"):
            assert client.act(op, alice, handle) == "SUCCESS"
    return alice


def countersign(
    folder: Path, *arguments: str, stdin: str = "", **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webapp.cli", *arguments],
        input=stdin,
        env={"DATABASE_URL": os.environ["DATABASE_URL"], "PYTHONPATH": str(ROOT), **environ},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_what_export_writes_verify_accepts(tmp_path: Path, followed: Person) -> None:
    piped = countersign(tmp_path, "export", followed.address)
    assert piped.returncode == 0
    assert piped.stderr == f"6 operations of {followed.address}\n"
    assert len(piped.stdout.splitlines()) == 6
    written = countersign(tmp_path, "export", followed.address.lower(), "--output", "log.jsonl")
    assert (written.returncode, written.stdout) == (0, "")
    assert (tmp_path / "log.jsonl").read_text(encoding="utf-8") == piped.stdout
    verified = countersign(tmp_path, "verify", "log.jsonl")
    assert verified.returncode == 0
    assert verified.stdout.startswith("VALID log, 6 entries")
    assert all(handle in verified.stdout for handle in FOLLOWED)
    later = "".join(piped.stdout.splitlines(keepends=True)[1:])
    refused = countersign(tmp_path, "verify", "-", stdin=later)
    assert refused.returncode == 1
    assert refused.stdout == "INVALID at proof 1, chain: sequence: expected 1\n"


def test_an_address_without_operations_is_1_and_leaves_no_file(tmp_path: Path, followed: Person) -> None:
    """It may be mistyped; and what it left would be read as a log that is empty for certain."""
    nobody = Person("nobody").address
    (tmp_path / "kept.jsonl").write_text("kept", encoding="utf-8")
    for arguments in ((), ("--output", "log.jsonl"), ("--output", "kept.jsonl")):
        done = countersign(tmp_path, "export", nobody, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"no operations of {nobody}\n"
    assert not (tmp_path / "log.jsonl").exists()
    assert (tmp_path / "kept.jsonl").read_text(encoding="utf-8") == "kept"
    empty = countersign(tmp_path, "verify", "-")
    assert empty.returncode == 2
    assert "at least one proof, as JSON; it is empty" in empty.stdout
    assert countersign(tmp_path, "export", followed.address).returncode == 0


def test_an_export_is_utf_8_whatever_the_terminal_has(
    tmp_path: Path, client: Client, followed: Person
) -> None:
    assert call(client, followed, "Zoë 📱") == "SUCCESS"
    for environ in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        done = countersign(tmp_path, "export", followed.address, **environ)
        assert (done.returncode, done.stdout.count("\n")) == (0, 7)
        assert "Zoë 📱" in done.stdout
        assert countersign(tmp_path, "verify", "-", stdin=done.stdout).returncode == 0


def test_an_export_that_cannot_be_finished_leaves_nothing(tmp_path: Path, followed: Person) -> None:
    (tmp_path / "folder").mkdir()
    done = countersign(tmp_path, "export", followed.address, "--output", "folder")
    assert done.returncode == 2
    assert done.stderr.startswith("countersign: --output: expected a file to write; folder: ")
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_reader_who_has_seen_enough_is_no_verdict(tmp_path: Path, followed: Person) -> None:
    """A closed pipe is neither success nor invalid nor unreadable, and no traceback."""
    nobody, writing = os.pipe()
    os.close(nobody)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "webapp.cli", "export", followed.address],
            env={"DATABASE_URL": os.environ["DATABASE_URL"], "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("arguments", "environ", "why"),
    [
        (("export", "0x12"), {}, "ADDRESS: expected 0x and 40 hexadecimal digits"),
        (("rebuild",), {"PORT": "x"}, "PORT: expected a whole number"),
        (("rebuild",), {"DATABASE_URL": "sqlite:///missing/file"}, "DATABASE_URL: expected a database"),
        (("rebuild",), {"DATABASE_URL": "sqlite:///empty"}, "DATABASE_URL: expected tables of this version"),
    ],
)
def test_what_cannot_be_used_is_named(
    tmp_path: Path, arguments: tuple[str, ...], environ: dict[str, str], why: str
) -> None:
    (tmp_path / "empty").touch()
    done = countersign(tmp_path, *arguments, **environ)
    assert done.returncode == 2
    assert done.stderr.startswith(f"countersign: {why}")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "missing").exists(), "opening makes nothing"


def test_rebuild_says_what_differed_and_check_only_compares(
    tmp_path: Path,
    followed: Person,
    database: Database,
) -> None:
    first = countersign(tmp_path, "rebuild", "--check")
    count, *tables = first.stdout.splitlines()
    assert (first.returncode, count) == (0, "6 operations, 0 key operations")
    assert {"blocks", "edges", "follower_counts", "following_counts", "profiles", "signing_keys"} == {
        line.split()[0] for line in tables
    }
    assert all(line.endswith(" equal") for line in tables)
    with database.write() as connection:
        connection.execute(
            delete(edges).where(edges.c.address == followed.address, edges.c.handle == "shiyu")
        )
        connection.execute(update(follower_counts).values(followers=9))
    for _ in range(2):
        checked = countersign(tmp_path, "rebuild", "--check")
        assert checked.returncode == 1
        assert "edges             1 missing, 0 extra, 0 wrong\n" in checked.stdout
    rebuilt = countersign(tmp_path, "rebuild")
    assert rebuilt.returncode == 0
    assert "edges             1 missing, 0 extra, 0 wrong, made anew\n" in rebuilt.stdout
    assert "follower_counts   0 missing, 0 extra, 2 wrong, made anew\n" in rebuilt.stdout
    again = countersign(tmp_path, "rebuild", "--check")
    assert (again.returncode, again.stdout) == (0, first.stdout)


def test_a_broken_log_is_1_where_it_is_checked_and_refused_where_it_would_be_used(
    tmp_path: Path, followed: Person, database: Database
) -> None:
    with database.write() as connection:
        unguard(connection, operations, "keep_values")
        second = (operations.c.handle == "shiyu") & (operations.c.sequence == 2)
        connection.execute(update(operations).where(second).values(op="follow"))
    why = f"operations, number 2 of {followed.address} and shiyu: op: expected unfollow"
    checked = countersign(tmp_path, "rebuild", "--check")
    assert (checked.returncode, checked.stdout) == (1, f"BROKEN {why}\n")
    refused = countersign(tmp_path, "rebuild")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"countersign: expected an unbroken log, and changed nothing; {why}\n"
