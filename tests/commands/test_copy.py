"""`countersign copy FROM TO`: everything moves from SQLite to a real PostgreSQL, verified on both ends."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update

from tests.support import handles, keys
from tests.support.databases import migrated_file
from tests.support.operations import random_traffic
from tests.support.people import Client, Device, Person, Ticker
from tests.support.postgresql_databases import fresh_database, give_back
from webapp.applications.api_keys import ApiKeys
from webapp.cli import main
from webapp.commands import copy
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.export import export_log
from webapp.gateway.log.rebuild import compare_projections, rebuild_projections
from webapp.gateway.log.sequencer import Sequencer
from webapp.gateway.tables import edges, operations, profiles, signing_keys
from webapp.protocol.address import Address
from webapp.siwe.tables import nonce_key
from webapp.storage import copying
from webapp.storage.database import Database
from webapp.web.sessions.store import SessionStore
from webapp.web.sessions.tables import web_sessions

MOVED, DAMAGED, USAGE = 0, 1, 2


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Database]:
    with closing(migrated_file(tmp_path / "source.sqlite3")) as database:
        yield database


@pytest.fixture
def gateway(source: Database, clock: Ticker) -> Iterator[Client]:
    with closing(create_gateway(source, GatewayConfig(), clock)) as gateway:
        yield Client(gateway, clock)


@pytest.fixture
def people(source: Database, gateway: Client, clock: Ticker) -> list[Person]:
    """Follows and unfollows, a claim, a block, a key that was named and one that was revoked, a session."""
    people, carol = random_traffic(7, gateway, clock, source), Person("carol")
    gateway.register(carol)
    assert handles.act(gateway, "claim", carol, "carol") == "SUCCESS"
    tablet = Device("alice's tablet")
    gateway.register(people[0], tablet)
    assert keys.act(gateway, "rename", people[0], people[0].device, name="phone") == "SUCCESS"
    assert keys.act(gateway, "revoke", people[0], tablet) == "SUCCESS"
    ApiKeys(source, clock).create("An application", Address.parse(carol.address))
    SessionStore(source, clock, lambda _: "cookie", 3_600_000).sign_in(
        "", Address.parse(carol.address), "Firefox"
    )
    return [carol, *people]


@pytest.fixture
def target() -> Iterator[str]:
    url = fresh_database()
    yield url
    give_back(url)


def exported(database: Database, people: list[Person]) -> list[str]:
    with database.read() as connection:
        return [line for person in people for line in export_log(connection, Address.parse(person.address))]


def test_everything_is_there_afterwards(
    source: Database, target: str, people: list[Person], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["copy", source.url, target]) == MOVED
    said = capsys.readouterr()
    assert said.out.count("signing_keys      equal") == 2
    assert "Moved. SHA-256 of the log's entries" in said.out
    assert "operations: " in said.err
    with closing(Database.open(target)) as copied:
        assert exported(copied, people) == exported(source, people)
        for table in (profiles, edges, signing_keys, web_sessions, nonce_key):
            with source.read() as before, copied.read() as after:
                assert sorted(map(repr, after.execute(select(table)))) == sorted(
                    map(repr, before.execute(select(table)))
                )


def test_the_gateway_goes_on_there(
    source: Database, target: str, people: list[Person], clock: Ticker
) -> None:
    """Behind the last entry, and in one order with what was copied."""
    assert main(["copy", source.url, target]) == MOVED
    with (
        closing(Database.open(target)) as copied,
        closing(create_gateway(copied, GatewayConfig(), clock)) as there,
    ):
        client = Client(there, clock)
        for op in ("unfollow", "follow"):
            for person in people[1:]:
                clock.now += 1
                client.act(op, person, "shiyu")
        assert compare_projections(copied).equal
        with copied.read() as connection:
            copies = connection.scalar(select(func.count()).select_from(operations)) or 0
        while Sequencer(copied).number():
            pass
        with copied.read() as connection:
            order = connection.execute(text("SELECT position FROM log_order ORDER BY place")).scalars().all()
            about_keys = connection.scalar(text("SELECT count(*) FROM key_operations")) or 0
        assert order == list(range(1, copies + about_keys + 1))


def test_what_has_come_meanwhile_is_copied_by_the_same_command(
    source: Database, gateway: Client, target: str, people: list[Person], clock: Ticker
) -> None:
    assert main(["copy", source.url, target]) == MOVED
    for person in people:
        clock.now += 1
        gateway.act("unfollow", person, "p3")
        clock.now += 1
        assert gateway.act("follow", person, "p3") == "SUCCESS"
    clock.now += 1
    assert keys.act(gateway, "revoke", people[1], people[1].device) == "SUCCESS"
    assert main(["copy", source.url, target]) == MOVED
    with closing(Database.open(target)) as copied:
        assert exported(copied, people) == exported(source, people)


def test_an_interrupted_copy_goes_on(
    source: Database, target: str, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "MOST", 7)
    put, left = copying._copy, [2]

    def interrupted(*given: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        put(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_copy", interrupted)
    with pytest.raises(KeyboardInterrupt):
        main(["copy", source.url, target])
    with closing(Database.open(target)) as copied:
        with copied.read() as connection:
            assert connection.scalar(select(func.count()).select_from(operations)) == 7
        monkeypatch.setattr(copying, "_copy", put)
        assert main(["copy", source.url, target]) == MOVED
        assert exported(copied, people) == exported(source, people)


@pytest.mark.usefixtures("people")
def test_another_gateways_data_is_not_written_over(
    source: Database, target: str, tmp_path: Path, clock: Ticker, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(migrated_file(tmp_path / "other.sqlite3")) as other:
        with closing(create_gateway(other, GatewayConfig(), clock)) as gateway:
            random_traffic(8, Client(gateway, clock), clock, other)
        assert main(["copy", other.url, target]) == MOVED
    capsys.readouterr()
    assert main(["copy", source.url, target]) == USAGE
    assert "TO: expected a database without a gateway's data, or one that a copy of FROM began" in (
        capsys.readouterr().err
    )


@pytest.mark.usefixtures("people")
def test_a_damaged_source_is_told_and_nothing_copied(
    source: Database, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with source.write() as connection:
        connection.execute(delete(edges))
    assert main(["copy", source.url, target]) == DAMAGED
    assert "edges             " in capsys.readouterr().out
    rebuild_projections(source)
    assert main(["copy", source.url, target]) == MOVED


@pytest.mark.usefixtures("people")
def test_a_target_that_says_otherwise_in_the_end_is_told(
    source: Database, target: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By what its log amounts to, though all rows were copied."""
    copy_all = copy._copy

    def spoiled(rows: object, into: Database) -> None:
        copy_all(rows, into)  # type: ignore[arg-type]
        with into.write() as connection:
            connection.execute(update(edges).values(since=edges.c.since + 1))

    monkeypatch.setattr(copy, "_copy", spoiled)
    assert main(["copy", source.url, target]) == DAMAGED
    assert "Moved" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("postgresql://db/x", "postgresql://db/y"), "expected FROM to be SQLite, and TO to be PostgreSQL"),
        (("sqlite:///a", "sqlite:///b"), "expected FROM to be SQLite, and TO to be PostgreSQL"),
        (("mysql://db/x", "postgresql://db/y"), "FROM: expected sqlite:///PATH"),
        (("sqlite:///nowhere/x.sqlite3", "postgresql://db/y"), "FROM: expected a database; there is none at"),
    ],
)
def test_what_cannot_be_copied_is_one_line(
    given: tuple[str, str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["copy", *given]) == USAGE
    said = capsys.readouterr().err
    assert expected in said
    assert said.count("\n") == 1
