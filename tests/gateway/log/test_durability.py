"""SUCCESS means that it is on the disk: failing disks, files that are gone or locked, restarts."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.databases import BROKEN, BUSY, FULL, FailingCommits, Failure, no_room
from tests.support.login import VERIFY, account, text_for
from tests.support.operations import check_projections
from tests.support.people import MUTATIONS, Client, Person, Ticker
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import GatewayResponse, create_gateway
from webapp.gateway.tables import operations
from webapp.storage.database import Database


@pytest.mark.sqlite
def test_t60_a_disk_without_room_is_503_until_it_has_some(
    database: Database, client: Client, alice: Person
) -> None:
    """The system refuses to let the file grow: no status, no row, no crash; later it succeeds.

    What refuses here is a limit of the process, which SQLite takes for a failing disk: whether the last bytes
    of a log went in, it cannot tell.
    """
    request = alice.request("follow", "shiyu", client.clock.now)
    with no_room():
        responses = [client.post(mutation("follow", request)) for _ in range(3)]
    for response in responses:
        assert response.status == 503
        assert code_of(response) == "OUTCOME_UNKNOWN"
    assert check_projections(database) == 0
    assert client.status("follow", request) == "SUCCESS"
    assert check_projections(database) == 1


@pytest.mark.parametrize(
    ("failure", "code", "kept", "again"),
    [
        (BROKEN, "OUTCOME_UNKNOWN", True, "ALREADY_DONE"),
        (BROKEN, "OUTCOME_UNKNOWN", False, "SUCCESS"),
        (FULL, "UNAVAILABLE", False, "SUCCESS"),
        (BUSY, "UNAVAILABLE", False, "SUCCESS"),
    ],
)
def test_t60_nothing_was_changed_is_said_where_it_is_so(
    failure: Failure,
    code: str,
    again: str,
    *,
    kept: bool,
    database: Database,
    client: Client,
    alice: Person,
) -> None:
    """A follow whose COMMIT fails: the same message, sent again after a start, is answered as it then is."""
    request = alice.request("follow", "shiyu", client.clock.now)
    with gateway_on_failing_disk(database.url, client.clock) as (failing, disk):
        disk.armed, disk.kept, disk.failure = True, kept, failure
        response = failing.post(mutation("follow", request))
        assert (response.status, code_of(response)) == (503, code)
        assert ("retry-after", "2") in response.headers
        said = json.loads(response.body)["errors"][0]["message"]
        assert ("nothing was changed" in said) == (code == "UNAVAILABLE")
        assert ("Send the same message again" in said) == (code == "OUTCOME_UNKNOWN")
        assert failure.told not in response.body.decode()
    with restarted(database.url, client.clock) as later:
        assert later.status("follow", request) == again
        assert later.profile("shiyu", alice.address) == {"followerCount": 1, "isFollowedByMe": True}
        assert later.status("follow", request) == "ALREADY_DONE"


@pytest.mark.sqlite
@pytest.mark.parametrize("replaced", [False, True])
def test_no_success_goes_into_a_file_that_is_gone(
    tmp_path: Path, database: Database, client: Client, alice: Person, *, replaced: bool
) -> None:
    """Removed, or replaced by a whole copy: follows, keys and reads alike are 503, until a start."""
    path = tmp_path / "gateway.sqlite3"
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    with database.write() as connection:
        connection.exec_driver_sql("SELECT 1")
    if replaced:
        with closing(sqlite3.connect(path)) as source:
            source.execute("VACUUM INTO ?", (str(tmp_path / "copy"),))
        (tmp_path / "copy").replace(path)
    else:
        path.unlink()
    asked = [
        mutation("follow", alice.request("follow", "cyberconnect", client.clock.now)),
        mutation("unfollow", alice.request("unfollow", "shiyu", client.clock.now + 1)),
        mutation("registerSigningKey", Person("bob").registration()),
        {"query": '{ profileByHandle(handle: "shiyu") { id } }'},
    ]
    for content in asked:
        response = client.post(content)
        assert (response.status, code_of(response)) == (503, "UNAVAILABLE")
    assert path.exists() == replaced


def test_t61_a_lock_that_another_holds_is_503_and_leaves_nothing_half_done(
    database: Database, clock: Ticker, alice: Person
) -> None:
    """It is answered while the other still holds on: reads go on meanwhile, and what comes after succeeds."""
    impatient = Database.open(database.url, busy_timeout_ms=50)
    client = Client(create_gateway(impatient, GatewayConfig(), clock), clock)
    request = alice.request("follow", "shiyu", clock.now)
    with database.write(alone=[operations]):
        for _ in range(3):
            response = client.post(mutation("follow", request))
            assert (response.status, code_of(response)) == (503, "UNAVAILABLE")
        assert client.profile("shiyu", alice.address) == {"followerCount": 0, "isFollowedByMe": False}
    assert check_projections(database) == 0
    assert client.status("follow", request) == "SUCCESS"
    assert check_projections(database) == 1
    impatient.close()


def test_t62_a_restart_forgets_nothing(database: Database, client: Client, alice: Person) -> None:
    """Keys, state and the newest time are in the file: a replay after the restart is still one."""
    request = alice.request("follow", "shiyu", client.clock.now)
    assert client.status("follow", request) == "SUCCESS"
    with restarted(database.url, client.clock) as later:
        assert later.status("follow", request) == "ALREADY_DONE"
        assert later.act("unfollow", alice, "shiyu") == "SUCCESS"
        assert later.status("follow", request) == "MESSAGE_EXPIRED"


def test_t62_a_restart_with_a_clock_an_hour_behind_accepts_nothing_older(
    database: Database, client: Client, alice: Person
) -> None:
    """Neither what was accepted, nor what comes before it, nor a used sign-in; and it locks nobody out."""
    before = alice.request("follow", "shiyu", client.clock.now - 1)
    followed = alice.request("follow", "shiyu", client.clock.now)
    unfollowed = alice.request("unfollow", "shiyu", client.clock.now + 1)
    again = alice.request("unfollow", "shiyu", client.clock.now + 10)
    between = alice.request("follow", "shiyu", client.clock.now + 5)
    assert client.status("follow", followed) == "SUCCESS"
    assert client.status("unfollow", unfollowed) == "SUCCESS"
    assert client.status("unfollow", again) == "ALREADY_DONE"  # raises the floor, beside the log
    signed = alice.wallet.sign(text_for(client, address=alice.address))
    login = {**account(alice.wallet), "signature": signed}
    assert client.data(VERIFY, **login)["loginVerify"]["accessToken"]
    client.clock.now -= 3_600_000
    with restarted(database.url, client.clock) as later:
        for request in (before, followed, between):
            assert later.status("follow", request) == "MESSAGE_EXPIRED"
        assert later.status("unfollow", unfollowed) == "ALREADY_DONE", "as a lost reply's retry is"
        [error] = later.ask(VERIFY, **login)["errors"]
        assert error["extensions"]["code"] == "LOGIN_REFUSED", "no text of that hour has this nonce"
        told = later.send("follow", before)["tsInServer"]
        assert later.status("follow", alice.request("follow", "shiyu", told)) == "SUCCESS"


@pytest.mark.sqlite
def test_a_torn_log_loses_what_was_not_acknowledged_and_nothing_else(
    tmp_path: Path, client: Client, alice: Person
) -> None:
    """The end of the write-ahead log is cut off or overwritten, wherever: whole entries, in their order."""
    source = tmp_path / "gateway.sqlite3"
    log = tmp_path / "gateway.sqlite3-wal"
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    acknowledged = log.stat().st_size
    assert client.act("follow", alice, "cyberconnect") == "SUCCESS"
    main, whole = source.read_bytes(), log.read_bytes()
    found = set()
    for cut in range(acknowledged, len(whole), 2_999):
        for rest in (b"", b"\xaa" * (len(whole) - cut)):
            torn = tmp_path / "torn.sqlite3"
            torn.write_bytes(main)
            torn.with_name("torn.sqlite3-wal").write_bytes(whole[:cut] + rest)
            opened = Database.open(f"sqlite:///{torn}")
            opened.probe()
            found.add(check_projections(opened))
            opened.close()
    assert found == {1}, "an entry without its end is none"


def mutation(op: str, request: dict[str, str]) -> dict[str, object]:
    return {"query": MUTATIONS[op], "variables": {"input": request}}


def code_of(response: GatewayResponse) -> str:
    code: str = json.loads(response.body)["errors"][0]["extensions"]["code"]
    return code


@contextmanager
def restarted(url: str, clock: Ticker) -> Iterator[Client]:
    """Another process's gateway on the same database."""
    database = Database.open(url)
    yield Client(create_gateway(database, GatewayConfig(), clock), clock)
    database.close()


@contextmanager
def gateway_on_failing_disk(url: str, clock: Ticker) -> Iterator[tuple[Client, FailingCommits]]:
    database = Database.open(url)
    disk = FailingCommits(database)
    yield Client(create_gateway(database, GatewayConfig(), clock), clock), disk
    disk.armed = False
    database.close()
