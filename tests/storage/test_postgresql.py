"""Transactions on a real PostgreSQL: what is promised holds, also while it is away or killed."""

import itertools
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, insert, make_url, select, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from tests.support.certificates import certificate
from tests.support.databases import add_profile, count
from tests.support.people import Client, Person, Ticker
from tests.support.pgbouncer import PGBOUNCER, Pooler
from tests.support.ports import free_port
from tests.support.postgresql import PASSWORD, ROLE, Server, english, wait_until
from tests.support.work import at_once
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.tables import profiles
from webapp.storage import migrate, postgresql
from webapp.storage.database import MOST_IDLE, Database
from webapp.storage.errors import Conflict, DatabaseUnavailable, OutcomeUnknown
from webapp.storage.migrate import is_current, upgrade
from webapp.storage.postgresql import PostgresqlDatabase, lock_number

pytestmark = pytest.mark.postgresql

words = Table("words", MetaData(), Column("number", Integer, primary_key=True), Column("word", Text))
NUMBERS = itertools.count()
DEBIANS = [
    int(folder.name) for folder in Path("/usr/lib/postgresql").glob("[0-9]*") if int(folder.name) >= 15
]
WAITS_FOR_A_REPLICA = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Tests may stop, kill and set it, and leave it as it was."""
    with Server(deadlock_timeout="10ms") as server:
        yield server


@pytest.fixture
def name(server: Server) -> str:
    """Of a new database."""
    name = f"own_{next(NUMBERS)}"
    server.ask(f"CREATE DATABASE {name} OWNER {ROLE}")
    return name


@pytest.fixture
def database(server: Server, name: str) -> Iterator[PostgresqlDatabase]:
    """With a table of words."""
    database = opened(server.url(name))
    with database.write() as connection:
        words.create(connection)
    yield database
    database.close()


def opened(url: str, *, busy_timeout_ms: int = 300) -> PostgresqlDatabase:
    database = Database.open(url, busy_timeout_ms=busy_timeout_ms)
    assert isinstance(database, PostgresqlDatabase)
    return database


def add(connection: Connection, number: int, word: str = "") -> None:
    connection.execute(insert(words), {"number": number, "word": word})


def kept(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.scalars(select(words.c.number).order_by(words.c.number)))


def why_not(url: str) -> str:
    """Why a database cannot be had: to read, to write and to probe alike."""
    with closing(opened(url)) as database:
        reasons = []
        for attempt in (database.read, database.write):
            with pytest.raises(DatabaseUnavailable) as found, attempt():
                pytest.fail("it was had")
            reasons.append(found.value.reason)
        with pytest.raises(DatabaseUnavailable) as found:
            database.probe()
        assert {*reasons, found.value.reason} == {reasons[0]}
    assert "\n" not in reasons[0]
    return reasons[0]


# --- servers that are not to be written to ---------------------------------------------------------------


def test_a_wrong_password_is_told_without_it(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = make_url(server.tcp_url()).set(password="a-canary").render_as_string(hide_password=False)
    reason = why_not(wrong)
    assert "password authentication failed" in reason
    assert "a-canary" not in reason + caplog.text
    with closing(opened(server.tcp_url())) as database:
        with pytest.raises(ProgrammingError) as found, database.read() as connection:
            connection.exec_driver_sql("SELECT nonsense(1)")
        assert PASSWORD not in f"{found.value!r} {found.value} {caplog.text} {database._engine!r}"


def test_the_password_may_be_in_libpqs_own_file(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = tmp_path / "pgpass"
    passwords.touch(mode=0o600)
    passwords.write_text(f"127.0.0.1:{server.port}:*:{ROLE}:{PASSWORD}\n")
    without = server.tcp_url().replace(f":{PASSWORD}@", "@")
    assert "no password supplied" in why_not(without)
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    with closing(opened(without)) as database, database.read() as connection:
        assert connection.scalar(select(1)) == 1


@pytest.mark.skipif(not DEBIANS, reason="the package's servers know no TLS, and there is none of Debian's")
def test_tls_is_as_libpq_has_it(tmp_path: Path) -> None:
    """The name and the authority are checked, where the URL says so. On the oldest version that is there."""
    for name in ("ours", "another"):
        (tmp_path / name).mkdir()
    ours, another = (certificate(tmp_path / name) for name in ("ours", "another"))
    with Server(version=min(DEBIANS)) as server:
        assert "server does not support SSL" in why_not(f"{server.tcp_url()}?sslmode=require")
        file = str(server._daemon.write("tls.pem", ours.file.read_text()))
        server.stop()
        server.settings |= {"ssl": "on", "ssl_cert_file": file, "ssl_key_file": file}
        server.start()
        server.ask(f"CREATE DATABASE tls OWNER {ROLE}")
        by_address = f"{server.tcp_url('tls')}?sslmode=verify-full&sslrootcert="
        by_name = by_address.replace("@127.0.0.1:", "@localhost:")
        with closing(opened(by_name + str(ours.file))) as database:
            upgrade(database)
            database.probe()
            with database.read() as connection:
                tls = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                assert connection.exec_driver_sql(tls).scalar_one()
        assert "certificate verify failed" in why_not(by_name + str(another.file))
        assert "does not match host name" in why_not(by_address + str(ours.file))


def test_an_unknown_database_is_named(server: Server) -> None:
    assert 'database "nowhere" does not exist' in why_not(server.url("nowhere"))


def test_a_server_that_is_away() -> None:
    reason = why_not(f"postgresql://{ROLE}:{PASSWORD}@127.0.0.1:{free_port()}/postgres")
    assert "refused" in reason
    assert PASSWORD not in reason


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("default_transaction_read_only = on", "READ_ONLY: expected default_transaction_read_only = off"),
        ("synchronous_commit = off", "NOT_DURABLE: expected synchronous_commit to be on"),
    ],
)
def test_a_setting_that_keeps_nothing_is_refused_by_name(
    setting: str, told: str, server: Server, name: str
) -> None:
    server.ask(f"ALTER DATABASE {name} SET {setting}")
    assert why_not(server.url(name)).startswith(told)


def test_a_server_that_does_not_wait_for_its_disk_is_refused(server: Server, name: str) -> None:
    server.set(fsync="off")
    try:
        wait_until(lambda: server.ask("SHOW fsync") == [("off",)])
        assert why_not(server.url(name)).startswith("NOT_DURABLE: expected fsync to be on")
    finally:
        server.set(fsync="on")


def test_too_old_a_server_is_told_its_version(
    server: Server, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "OLDEST", 17)
    assert why_not(server.url(name)) == "VERSION: expected PostgreSQL 17 or newer, not 16"


def test_a_replica_is_refused_until_it_is_the_primary() -> None:
    with Server() as primary, closing(primary.replicate()) as replica:
        assert why_not(replica.url()) == "READ_ONLY: expected a primary server, not a replica"
        primary.kill()
        replica.promote()
        with closing(opened(replica.url())) as database, database.write():
            pass


def test_an_empty_database_is_not_ready(server: Server, name: str) -> None:
    with closing(opened(server.url(name))) as database:
        with pytest.raises(DatabaseUnavailable, match="NO_TABLES"):
            database.probe()
        upgrade(database)
        database.probe()


# --- while it serves -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", [Server.stop, Server.kill])
def test_a_server_that_was_away_is_used_again(
    ends: Callable[[Server], None], server: Server, database: PostgresqlDatabase
) -> None:
    """By the same object, at once, with what it had acknowledged."""
    with database.write() as connection:
        add(connection, 1)
    ends(server)
    for attempt in (database.read, database.write):
        with pytest.raises(DatabaseUnavailable), attempt():
            pytest.fail("it is away")
    server.start()
    with database.write() as connection:
        add(connection, 2)
    assert kept(database) == [1, 2]


def test_connections_that_died_idle_are_not_noticed(server: Server, database: PostgresqlDatabase) -> None:
    at_once(3, lambda _: kept(database))
    ended = "FROM pg_stat_activity WHERE application_name = 'countersign'"
    server.ask(f"SELECT pg_terminate_backend(pid) {ended}")
    wait_until(lambda: not server.ask(f"SELECT 1 {ended}"))
    with database.write() as connection:
        add(connection, 1)
    assert kept(database) == [1]


def test_a_reader_sees_one_state_and_waits_for_nobody(database: PostgresqlDatabase) -> None:
    with database.read() as reader:
        assert reader.scalar(select(words.c.number)) is None
        with database.write(alone=[words]) as writer:
            add(writer, 1)
            assert reader.scalar(select(words.c.number)) is None
        assert reader.scalar(select(words.c.number)) is None
    assert kept(database) == [1]


def test_what_raises_leaves_nothing(database: PostgresqlDatabase) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        add(connection, 1 // len(kept(database)))
    assert kept(database) == []


def test_a_lock_that_is_held_is_unavailable_in_time(database: PostgresqlDatabase) -> None:
    """The same table, the same matter, the same row; another is written meanwhile. Connections stay."""
    with database.write() as connection, database.write() as other:
        add(connection, 1)
    before = set(database._idle)
    row = update(words).where(words.c.number == 1)
    with database.write(alone=[words]), pytest.raises(DatabaseUnavailable, match="55P03"):
        _write(database, 2)
    with database.write(locks={"it": True}) as connection:
        connection.execute(row.values(word="x"))
        with (
            pytest.raises(DatabaseUnavailable, match="55P03"),
            database.write(locks={"it": True}, patience_s=0),
        ):
            pytest.fail("both write about it")
        with pytest.raises(DatabaseUnavailable, match="55P03"), database.write() as other:
            other.execute(row.values(word="y"))
        with database.write(locks={"another": True}):
            _write(database, 2)
    assert kept(database) == [1, 2]
    assert before <= set(database._idle)


def _write(database: Database, number: int) -> None:
    with database.write() as connection:
        add(connection, number)


def test_of_two_that_wait_for_each_other_one_hears_of_a_conflict(server: Server, name: str) -> None:
    """It may be done again at once; the other's is kept."""
    both = Barrier(2)
    with closing(opened(server.url(name), busy_timeout_ms=20_000)) as database:
        with database.write() as connection:
            words.create(connection)
            for number in (0, 1):
                add(connection, number)

        def cross(first: int) -> str:
            try:
                with database.write() as connection:
                    connection.execute(update(words).where(words.c.number == first).values(word="x"))
                    both.wait(30)
                    connection.execute(update(words).where(words.c.number == 1 - first).values(word="x"))
            except Conflict as conflict:
                return conflict.reason
            return "kept"

        assert sorted(at_once(2, cross)) == ["40P01: deadlock detected", "kept"]


def test_mistakes_stay_mistakes_and_show_no_values(
    database: PostgresqlDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProgrammingError, match="syntax error"), database.read() as connection:
        connection.exec_driver_sql("SELECT * FRM words")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX each_once ON words (word)")
        add(connection, 1, "a canary")
    with pytest.raises(IntegrityError) as found, database.write() as connection:
        add(connection, 2, "a canary")
    assert "canary" not in f"{found.value} {found.value.__cause__} {caplog.text}"
    assert kept(database) == [1]


def test_connections_are_used_again_and_not_hoarded(database: PostgresqlDatabase) -> None:
    with database.read() as first:
        pass
    with database.write() as second:
        assert second is first
    many = Barrier(MOST_IDLE + 4)

    def meet(_: int) -> None:
        with database.read():
            many.wait(60)

    at_once(MOST_IDLE + 4, meet)
    assert len(database._idle) == MOST_IDLE


# --- a COMMIT --------------------------------------------------------------------------------------------


def test_a_commit_after_a_failed_statement_is_not_told_as_kept(database: PostgresqlDatabase) -> None:
    """PostgreSQL answers such a COMMIT with ROLLBACK, and with no error."""
    with pytest.raises(DatabaseUnavailable, match="ROLLBACK"), database.write() as connection:
        _twice(connection)
    assert kept(database) == []


def _twice(connection: Connection) -> None:
    """Fail, and go on as if nothing had been."""
    add(connection, 1)
    with suppress(IntegrityError):
        add(connection, 1)


def test_a_rule_that_is_looked_at_last_is_a_mistake(database: PostgresqlDatabase) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE child (parent integer REFERENCES words DEFERRABLE INITIALLY DEFERRED)"
        )
    with pytest.raises(psycopg.errors.ForeignKeyViolation), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO child VALUES (7)")
    assert count(database, Table("child", MetaData(), Column("parent", Integer))) == 0


@pytest.mark.parametrize("how", ["pg_cancel_backend", "pg_terminate_backend", "kill -9"])
def test_a_commit_that_no_replica_has_confirmed_is_neither_kept_nor_not(
    how: str, server: Server, database: PostgresqlDatabase
) -> None:
    """The wait is cancelled, of which PostgreSQL only warns; or the connection ends during it."""
    kept(database)
    server.set(synchronous_standby_names="away")
    try:
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(_write, database, 1)
            wait_until(lambda: bool(server.ask(WAITS_FOR_A_REPLICA)))
            if how == "kill -9":
                server.kill()
            else:
                server.ask(f"SELECT {how}(pid) FROM ({WAITS_FOR_A_REPLICA}) AS waiting")
            with pytest.raises(OutcomeUnknown):
                writing.result()
    finally:
        server.settings["synchronous_standby_names"] = ""
        server.start() if not server.running else server.set()
    assert kept(database) == [1], "it was kept: nobody could know"


# --- what it is used for ---------------------------------------------------------------------------------


def test_ten_that_start_together_make_one_set_of_tables(server: Server, name: str) -> None:
    databases = [opened(server.url(name)) for _ in range(10)]
    at_once(10, lambda number: upgrade(databases[number]))
    assert all(is_current(database) for database in databases)
    for database in databases:
        database.close()


def test_another_migration_is_waited_for_longer_than_other_transactions(
    server: Server, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    with (
        closing(opened(server.url(name), busy_timeout_ms=50)) as database,
        psycopg.connect(server.url(name), autocommit=True) as other,
    ):
        other.execute("SELECT pg_advisory_lock(%s)", [lock_number("migrations")])

        def noted(database: Database) -> bool:
            asked.append(database)
            if len(asked) == 3:
                other.execute("SELECT pg_advisory_unlock_all()")
            return is_current(database)

        monkeypatch.setattr(migrate, "is_current", noted)
        upgrade(database)
        assert is_current(database)
    assert len(asked) == 3


def test_texts_are_ordered_by_bytes_whatever_language_a_database_is_set_to() -> None:
    if (locale := english()) is None:
        pytest.skip("the machine cannot make en_US.UTF-8 (Debian: package locales)")
    handles = ["b", "a-b", "ab", "a_b", "a1", "a", "aa", "abc", "a-c"]
    with Server(locale=locale) as server:
        server.ask(f"CREATE DATABASE own OWNER {ROLE}")
        with closing(opened(server.url("own"))) as database:
            upgrade(database)
            for number, handle in enumerate(handles):
                add_profile(database, handle, f"0x{number}", number)
            with database.read() as connection:
                ordered = list(connection.scalars(select(profiles.c.handle).order_by(profiles.c.handle)))
                after = select(profiles.c.handle).where(profiles.c.handle > "a_b")
                assert set(connection.scalars(after)) == {each for each in handles if each > "a_b"}
    assert ordered == sorted(handles)


@pytest.mark.skipif(PGBOUNCER is None, reason="the machine has no pgbouncer (Debian: package pgbouncer)")
def test_a_gateway_works_through_a_pooler(server: Server, name: str) -> None:
    """Each transaction may have another session of the server, without the plans of the one before."""
    alice, clock = Person("alice"), Ticker()
    with Pooler(server, default_pool_size="2") as pooler, closing(opened(pooler.url(name))) as database:
        upgrade(database)
        add_profile(database, "shiyu", Person("owner").address, 1)
        gateway = create_gateway(database, GatewayConfig(), clock)
        client = Client(gateway, clock)
        assert client.register(alice) == "SUCCESS"
        for op in ("follow", "unfollow") * 5 + ("follow",):
            clock.now += 1
            assert client.act(op, alice, "shiyu") == "SUCCESS"
        profiles_seen = at_once(4, lambda _: client.profile("shiyu", alice.address))
        assert profiles_seen == [{"followerCount": 1, "isFollowedByMe": True}] * 4
        database.probe()
        gateway.close()
        assert compare_projections(database).equal
