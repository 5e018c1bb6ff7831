"""What each command says about a database that cannot be used: one line, exit code 2, and nothing touched."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.refusals import refused
from webapp.cli import main
from webapp.settings.environment import VARIABLES

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
MAKING = (("run",), ("gateway",), ("migrate",))
USING = (("export", ADDRESS), ("api-key", "list"), ("rebuild",), ("rebuild", "--check"))
Ready = Callable[[Path], object]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(os.environ, "PORT", str(free_port()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def newer(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "newer.sqlite3")) as database:
        database.executescript(
            "CREATE TABLE alembic_version (version_num VARCHAR(32)); "
            "INSERT INTO alembic_version VALUES ('9999_from_the_future')"
        )


def nothing(_: Path) -> None:
    """Leave the folder empty."""


SETTING = "DATABASE_URL: expected sqlite:///PATH"
FAULTS: dict[str, tuple[str, str, Ready]] = {
    "another kind": ("mysql://db/x", SETTING, nothing),
    "garbage": ("\N{SNOWMAN}", SETTING, nothing),
    "no path": ("sqlite:///", SETTING, nothing),
    "memory": ("sqlite:///:memory:", SETTING, nothing),
    "parameters": ("sqlite:///x.sqlite3?mode=ro", SETTING, nothing),
    "a home": ("sqlite:///~/x.sqlite3", SETTING, nothing),
    "a broken escape": ("sqlite:///100%.sqlite3", SETTING, nothing),
    "an escaped NUL": ("sqlite:///a%00.sqlite3", SETTING, nothing),
    "a new folder": ("sqlite:///folder/", SETTING, nothing),
    "dots": ("sqlite:///..", SETTING, nothing),
    "a folder": (
        "sqlite:///there",
        "the path of a file, and of no folder",
        lambda at: (at / "there").mkdir(),
    ),
    "a device": ("sqlite:////dev/null", "the path of a file, and of no folder or device", nothing),
    "a pipe": (
        "sqlite:///pipe",
        "the path of a file, and of no folder or device",
        lambda at: os.mkfifo(at / "pipe"),
    ),
    "no database": (
        "sqlite:///text.txt",
        "file is not a database",
        lambda at: (at / "text.txt").write_text("no database " * 1000),
    ),
    "a newer version's": ("sqlite:///newer.sqlite3", "revision 9999_from_the_future", newer),
}
NOT_MADE = {
    "a file's child": ("sqlite:////etc/passwd/x.sqlite3", "/etc/passwd: Not a directory", nothing),
    "unwritable": ("sqlite:////proc/x.sqlite3", "SQLITE_", nothing),
    "no folder can be": ("sqlite:////proc/a/x.sqlite3", "/proc/a: ", nothing),
    "too long a name": (f"sqlite:///{'x' * 300}", "File name too long", nothing),
}


@pytest.mark.parametrize("command", MAKING + USING, ids=" ".join)
def test_a_database_that_cannot_be_used_is_one_line_and_2(
    command: tuple[str, ...],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = (FAULTS | NOT_MADE if command in MAKING else FAULTS).values()
    for _, _, ready in rows:
        ready(folder)
    before = set(folder.iterdir())
    for url, expected, _ in rows:
        monkeypatch.setitem(os.environ, "DATABASE_URL", url)
        assert expected in refused(capsys, *command), url
        assert set(folder.iterdir()) == before, url


@pytest.mark.parametrize("command", USING, ids=" ".join)
@pytest.mark.parametrize("name", NOT_MADE)
def test_a_database_that_is_not_there_is_not_made(
    name: str, command: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "DATABASE_URL", NOT_MADE[name][0])
    refused(capsys, *command)


def test_settings_and_verify_open_no_database(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """`settings` minds what cannot be read; `verify` needs no settings at all."""
    monkeypatch.setitem(os.environ, "DATABASE_URL", "sqlite:////etc/passwd/x.sqlite3")
    assert main(["settings"]) == 0
    assert "DATABASE_URL=sqlite:////etc/passwd/x.sqlite3\n" in capsys.readouterr().out
    monkeypatch.setitem(os.environ, "DATABASE_URL", "mysql://db/x")
    refused(capsys, "settings")
    (folder / "empty").touch()
    assert main(["verify", "empty"]) == 2
    assert capsys.readouterr().out.startswith("UNREADABLE")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///a%20b.sqlite3", "a b.sqlite3"),
        ("sqlite:///a b.sqlite3", "a b.sqlite3"),
        ("sqlite:///100%25.sqlite3", "100%.sqlite3"),
        ("sqlite:///a%2520b.sqlite3", "a%20b.sqlite3"),
        ("sqlite:///what%3F#.sqlite3", "what?#.sqlite3"),
        ("sqlite:///b%C3%BCcher.sqlite3", "bücher.sqlite3"),
        ("sqlite:///bücher.sqlite3", "bücher.sqlite3"),
        ("sqlite:///file:x", "file:x"),
        ("sqlite:///new/folder/../x.sqlite3", "new/x.sqlite3"),
    ],
)
def test_the_place_that_is_printed_is_the_place_that_is_used(
    url: str, name: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "DATABASE_URL", url)
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == f"Up to date: {folder / name}\n"
    assert (folder / name).stat().st_size > 0
    assert main(["api-key", "list"]) == 0
