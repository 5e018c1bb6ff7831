"""The tests' own PostgreSQL is a real one: durable, killed as a machine is, and gone when the tests are."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tests.support.pgbouncer import PGBOUNCER, Pooler
from tests.support.places import ROOT
from tests.support.postgresql import Server, ServerNotReadyError, english, pgbench, wait_until
from tests.support.postgresql_databases import fresh_database, give_back, shared, template

pytestmark = pytest.mark.postgresql

UNSORTED = "(VALUES ('b'), ('B'), ('a'), ('a-b'), ('ab')) AS v (word)"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def with_numbers(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE numbers (number integer PRIMARY KEY)")


def numbers(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM numbers ORDER BY 1")]


def add(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO numbers VALUES (%s)", [number])


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


# --- one server ------------------------------------------------------------------------------------------


def test_commits_are_durable(server: Server) -> None:
    for each in (server, shared()):
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert each.ask(f"SHOW {setting}") == [("on",)]


def test_what_was_committed_outlives_a_kill(server: Server) -> None:
    url = server.tcp_url()
    server.ask("GRANT CREATE ON SCHEMA public TO PUBLIC")
    with_numbers(url)
    committed = []

    def load() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(1_000_000):
                connection.execute("INSERT INTO numbers VALUES (%s)", [number])
                committed.append(number)

    with ThreadPoolExecutor() as clients:
        client = clients.submit(load)
        wait_until(lambda: len(committed) > 100)
        processes = [int(str(pid)) for (pid,) in server.ask("SELECT pid FROM pg_stat_activity")]
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            client.result()
    assert len(processes) > 5  # checkpointer and its like are among them
    assert not [process for process in processes if alive(process)]
    server.start()
    assert set(committed) <= set(numbers(url))


def test_stops_and_starts_again_on_the_same_port(server: Server) -> None:
    url = server.tcp_url()
    server.stop()
    assert not server.running
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(url)
    server.start()
    psycopg.connect(url).close()


def test_a_server_that_does_not_start_says_why() -> None:
    server = Server(nonsense="1")
    with pytest.raises(ServerNotReadyError, match='unrecognized configuration parameter "nonsense"'):
        server.start()
    server.close()


def test_a_killed_server_leaves_no_shared_memory() -> None:
    server = Server().start()
    lines = (server.folder / "data/postmaster.pid").read_text().splitlines()
    segment = lines[6].split()[1]
    server.kill()
    assert segment in shared_memory()
    server.close()
    assert segment not in shared_memory()
    assert not server.folder.exists()


def shared_memory() -> set[str]:
    return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}


def test_the_role_of_tests_is_no_superuser_and_needs_its_password() -> None:
    with psycopg.connect(shared().tcp_url()) as connection:
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
    wrong = make_url(shared().tcp_url()).set(password="wrong").render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_another_version_orders_text_as_english_does() -> None:
    if (locale := english()) is None:
        pytest.skip("the machine cannot make en_US.UTF-8 (Debian: package locales)")
    with Server(version=18, locale=locale) as server:
        assert str(server.ask("SHOW server_version")[0][0]).startswith("18.")
        words = [word for (word,) in server.ask(f"SELECT word FROM {UNSORTED} ORDER BY word")]
        assert words == ["a", "a-b", "ab", "b", "B"]
        words = [word for (word,) in server.ask(f'SELECT word FROM {UNSORTED} ORDER BY word COLLATE "C"')]
        assert words == ["B", "a", "a-b", "ab", "b"]


STARTS_ONE = """
from tests.support.postgresql import Server
server = Server().start()
print(server.folder, *(row[0] for row in server.ask("SELECT pid FROM pg_stat_activity")), flush=True)
input()
"""


def test_a_server_ends_with_the_tests_however_they_end() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        assert tests.stdout is not None
        folder, *processes = tests.stdout.readline().split()
        assert Path(folder).exists()
        assert processes
        tests.send_signal(signal.SIGKILL)
    wait_until(lambda: not Path(folder).exists())
    assert not [process for process in processes if alive(int(process))]


# --- a database for each test ----------------------------------------------------------------------------


def test_each_database_is_a_copy_of_what_was_prepared_once() -> None:
    prepared = []

    def prepare(url: str) -> None:
        prepared.append(url)
        with_numbers(url)

    one, other = (fresh_database(template(prepare)) for _ in range(2))
    add(one, 1)
    assert (numbers(one), numbers(other)) == ([1], [])
    assert len(prepared) == 1


def test_a_database_is_dropped_when_it_was_given_back_and_nobody_uses_it() -> None:
    url, later = fresh_database(), None
    with psycopg.connect(url):
        give_back(url)
        later = fresh_database()
        assert make_url(url).database in databases()
    wait_until(lambda: not shared().ask(f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name(url)}'"))
    fresh_database()
    assert name(url) not in databases()
    assert name(later) in databases()


MAKES_TWO = """
import psycopg
from tests.support.postgresql_databases import fresh_database, give_back
give_back(fresh_database())
with psycopg.connect(fresh_database()) as connection:
    print(connection.info.port, *connection.execute("SELECT current_database()").fetchone())
"""


def test_ones_own_server_has_the_databases_until_the_end() -> None:
    before = databases()
    done = subprocess.run(
        [sys.executable, "-c", MAKES_TWO],
        cwd=ROOT,
        env=os.environ | {"TEST_POSTGRESQL_URL": shared().tcp_url()},
        capture_output=True,
        text=True,
        check=True,
    )
    port, made = done.stdout.split()
    assert int(port) == shared().port
    assert made.startswith("test_")
    assert databases() == before


def name(url: str) -> str:
    return make_url(url).database or ""


def databases() -> set[object]:
    return {name for (name,) in shared().ask("SELECT datname FROM pg_database")}


# --- more than one server --------------------------------------------------------------------------------


def test_a_replica_has_what_was_acknowledged_and_becomes_the_primary(server: Server) -> None:
    server.ask("GRANT CREATE ON SCHEMA public TO PUBLIC")
    with_numbers(server.url())
    replica = server.replicate()
    try:
        add(server.url(), 1)
        replica.stop()  # nobody is told of a commit that this server alone has
        with ThreadPoolExecutor() as clients:
            waiting = clients.submit(add, server.url(), 2)
            wait_until(
                lambda: bool(server.ask("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
            )
            assert not waiting.done()
            replica.start()
            waiting.result()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            add(replica.url(), 3)
        server.kill()
        replica.promote()
        add(replica.url(), 3)
        assert numbers(replica.url()) == [1, 2, 3]
    finally:
        replica.close()


def test_pgbench_measures_a_script() -> None:
    url = fresh_database(template(with_numbers))
    insert = "INSERT INTO numbers VALUES ((random() * 2000000000)::integer) ON CONFLICT DO NOTHING;"
    assert pgbench(url, insert, clients=2, seconds=1) > 0
    assert numbers(url)
    with pytest.raises(RuntimeError, match="nothing"):
        pgbench(url, "SELECT nothing;", clients=1, seconds=1)


@pytest.mark.skipif(PGBOUNCER is None, reason="the machine has no pgbouncer (Debian: package pgbouncer)")
def test_a_pooler_gives_sessions_for_the_length_of_a_transaction() -> None:
    database = name(fresh_database())
    with Pooler(shared(), default_pool_size="1") as pooler:
        with psycopg.connect(pooler.url(database)) as one, psycopg.connect(pooler.url(database)) as other:
            sessions = []
            for client in (one, other):
                sessions += client.execute("SELECT pg_backend_pid()").fetchall()
                client.commit()
            assert sessions[0] == sessions[1]
        pooler.stop()
        pooler.start()
        psycopg.connect(pooler.url(database)).close()
