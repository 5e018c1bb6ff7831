"""The archive of one's own address: whole, verified elsewhere, and only for whose wallet has just signed."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from pytest import CaptureFixture  # noqa: PT013 (a type)

from tests.support.browsers import Browser, problem
from tests.support.people import Client, Person, Ticker
from webapp.cli import main
from webapp.upstream.client import UpstreamClient
from webapp.upstream.replies import Listing, LoggedOperation
from webapp.web.sessions.store import FRESH_MS

OPERATIONS = 230
"""More than one page of the gateway's, and more than two."""


@pytest.fixture
def log(people: Client, alice: Person) -> Client:
    people.register(alice)
    for number in range(OPERATIONS):
        assert people.act("unfollow" if number % 2 else "follow", alice, "shiyu") == "SUCCESS"
    return people


@pytest.mark.usefixtures("log")
def test_the_archive_is_whole_and_verifies_anywhere(
    visitor: Browser, alice: Person, tmp_path: Path, capsys: CaptureFixture[str]
) -> None:
    visitor.sign_in(alice.wallet)
    key = visitor.post("/api/applications", {"address": alice.address, "name": "robot"}).get_json()
    assert visitor.post("/api/takeout", {"address": alice.address}).get_json() == {}
    reply = visitor.get("/activity/takeout.zip")
    assert reply.status_code == 200
    assert reply.content_type == "application/zip"
    assert "attachment" in reply.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(reply.data)) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    lines = [json.loads(line) for line in files["operations.jsonl"].splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1, OPERATIONS + 1))
    [session] = json.loads(files["sessions.json"])
    assert session["isThis"] is True
    [application] = json.loads(files["applications.json"])
    assert application["name"] == "robot"
    assert all(key["key"] not in text for text in files.values())
    assert len(json.loads(files["keys.json"])) == 1

    file = tmp_path / "takeout.zip"
    file.write_bytes(reply.data)
    assert main(["verify", str(file)]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"VALID log, {OPERATIONS} entries")
    for name in ("README.txt", "keys.json", "sessions.json", "applications.json"):
        assert f"Not checked: '{name}'" in said.err


@pytest.mark.usefixtures("log")
def test_who_has_only_the_cookie_takes_nothing_out(visitor: Browser, alice: Person, clock: Ticker) -> None:
    """A quarter of an hour after the wallet signed; and nobody's address is anybody else's."""
    assert visitor.get("/activity/takeout.zip").status_code == 401
    visitor.sign_in(alice.wallet)
    other = {"address": Person("bob").address}
    assert problem(visitor.post("/api/takeout", other)) == (403, "wrong-account")
    clock.now += FRESH_MS + 1
    assert problem(visitor.post("/api/takeout", {"address": alice.address})) == (403, "sign-in-again")
    assert visitor.get("/activity/takeout.zip").status_code == 403


@pytest.mark.parametrize(
    ("files", "code", "told"),
    [
        ({"notes.txt": "x"}, 2, "an archive with operations.jsonl in it"),
        ({"operations.jsonl": ""}, 2, "at least one proof"),
        ({"operations.jsonl": '{"proof": 1}'}, 2, "expected"),
    ],
)
def test_an_archive_that_proves_nothing_is_told_so(
    files: dict[str, str], code: int, told: str, tmp_path: Path, capsys: CaptureFixture[str]
) -> None:
    file = tmp_path / "takeout.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    assert main(["verify", str(file)]) == code
    assert told in capsys.readouterr().out


def test_a_damaged_archive_is_unreadable(tmp_path: Path, capsys: CaptureFixture[str]) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("operations.jsonl", "{}\n" * 1000)
    damaged = bytearray(content.getvalue())
    damaged[60] ^= 0xFF
    file = tmp_path / "takeout.zip"
    file.write_bytes(bytes(damaged))
    assert main(["verify", str(file)]) == 2
    assert "UNREADABLE" in capsys.readouterr().out.upper()


def test_a_gateway_whose_log_has_no_end_is_given_up(
    visitor: Browser, alice: Person, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page leads to another; after two minutes by the clock nobody listens any more."""
    visitor.sign_in(alice.wallet)
    pages = 0

    def endless(*_: object, **__: object) -> Listing[LoggedOperation]:
        nonlocal pages
        pages += 1
        clock.now += 1_000
        return Listing(1, (), f"cursor {pages}")

    monkeypatch.setattr(UpstreamClient, "whole_log", endless)
    assert visitor.get("/activity/takeout.zip").status_code == 502
    assert pages == 121
