"""`countersign api-key`: made and shown once, listed without, revoked."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.databases import migrated
from tests.support.people import Ticker
from webapp.applications.api_keys import ApiKeys
from webapp.cli import main
from webapp.settings.environment import VARIABLES
from webapp.storage.database import Database


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with closing(migrated(tmp_path / "keys.sqlite3")) as database:
        monkeypatch.setitem(os.environ, "DATABASE_URL", database.url)
        return database.url


def create(capsys: pytest.CaptureFixture[str], name: str) -> tuple[str, str]:
    assert main(["api-key", "create", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    return lines[0].split()[-1], lines[1].split()[-1]


def test_a_key_is_shown_once(capsys: pytest.CaptureFixture[str], database: str) -> None:
    made, key = create(capsys, "My app")
    assert main(["api-key", "list"]) == 0
    listed = capsys.readouterr().out
    assert made in listed
    assert key not in listed
    assert key[:10] in listed
    assert "My app" in listed
    assert "used never" in listed
    opened = Database.open(database)
    found = ApiKeys(opened, Ticker()).find(key)
    opened.close()
    assert found is not None
    assert found.id == made


def test_a_revoked_key_is_dead(capsys: pytest.CaptureFixture[str], database: str) -> None:
    made, key = create(capsys, "app")
    assert main(["api-key", "revoke", made]) == 0
    assert "revoked 2" in capsys.readouterr().out
    opened = Database.open(database)
    assert ApiKeys(opened, Ticker()).find(key) is None
    opened.close()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("revoke", "nothing"), "ID: expected"),
        (("create", ""), "name: expected"),
        (("create", "a\nb"), "name: expected"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["api-key", *arguments]) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [(), ("make",), ("create",), ("revoke",)])
def test_usage_is_shown(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["api-key", *arguments])
    assert ended.value.code == 2
    assert "usage: countersign api-key" in capsys.readouterr().err
