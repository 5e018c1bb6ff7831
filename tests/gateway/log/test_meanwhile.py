"""What happens between looking and writing: nothing is decided from what no longer holds.

Signatures are verified while nothing is locked. Here something else is accepted, or time passes, after that
and before the right to write is had.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, update

from tests.support.databases import count
from tests.support.handles import act, request
from tests.support.keys import act as act_on_key
from tests.support.keys import request as key_request
from tests.support.people import Client, Device, Person, Ticker
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.tables import signing_keys
from webapp.protocol.facts import Policy
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.submissions import Registration, submission_of
from webapp.storage.database import NONE, Database
from webapp.storage.prepared import Driver

LIFETIME = GatewayConfig().key_lifetime_ms
LAPTOP = Device("laptop")


class Meanwhile(Database):
    """A database that lets something happen before it first gives the right to write."""

    happens: Callable[[], object] | None = None

    def __init__(self, database: Database) -> None:
        self.url = database.url
        self.reads = 0
        self._database = database

    def read(self) -> AbstractContextManager[Connection]:
        return self._database.read()

    @contextmanager
    def lent(self) -> Iterator[Driver]:
        self.reads += 1
        with self._database.lent() as driver:
            yield driver

    @contextmanager
    def write(
        self,
        *,
        locks: Mapping[str, bool] = NONE,
        alone: Collection[Table] = (),
        patience_s: float | None = None,
    ) -> Iterator[Connection]:
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()
        with self._database.write(locks=locks, alone=alone, patience_s=patience_s) as connection:
            yield connection

    def probe(self) -> None:
        self._database.probe()

    def close(self) -> None:
        self._database.close()


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig(policy=Policy(quarantine_ms=0))


@pytest.fixture
def meanwhile(database: Database) -> Iterator[Meanwhile]:
    """The same as the client's."""
    second = Meanwhile(Database.open(database.url))
    yield second
    second.close()


@pytest.fixture
def bob(client: Client) -> Person:
    person = Person("bob", Device("bob's phone"))
    assert client.register(person) == "SUCCESS"
    return person


@pytest.mark.parametrize(
    ("claimed", "expected"), [(False, "HANDLE_NOT_FOUND"), (True, "INVALID_MESSAGE")], ids=["gone", "his own"]
)
def test_nobody_follows_what_was_released_or_is_ones_own_now(
    claimed: bool, expected: str, *, client: Client, alice: Person, bob: Person, meanwhile: Meanwhile
) -> None:
    assert act(client, "claim", alice, "wanted") == "SUCCESS"

    def happens() -> None:
        assert act(client, "release", alice, "wanted") == "SUCCESS"
        if claimed:
            assert act(client, "claim", bob, "wanted") == "SUCCESS"

    meanwhile.happens = happens
    sent = bob.request("follow", "wanted", client.clock.now + 10)
    submission = submission_of("follow", sent)
    with closing(OperationLog(meanwhile, Policy(), LIFETIME, client.clock)) as log:
        assert log.submit_and_wait(submission).status == expected
    assert meanwhile.happens is None


def test_a_handle_that_came_and_went_is_held_back(
    client: Client, alice: Person, bob: Person, meanwhile: Meanwhile
) -> None:
    """Nobody had it; now nobody has it again, but its last owner is known to others."""

    def happens() -> None:
        assert act(client, "claim", bob, "wanted") == "SUCCESS"
        assert act(client, "release", bob, "wanted") == "SUCCESS"

    meanwhile.happens = happens
    sent = request(alice, "claim", "wanted", client.clock.now + 10)
    submission = submission_of("claimHandle", sent)
    with closing(OperationLog(meanwhile, Policy(), LIFETIME, client.clock)) as log:
        assert log.submit_and_wait(submission).status == "HANDLE_TAKEN"


@pytest.mark.parametrize("op", [KeyOperation.RENAME, KeyOperation.RENEW])
def test_a_key_that_runs_out_before_it_is_written_down_does_nothing(
    op: KeyOperation, client: Client, alice: Person, database: Database, meanwhile: Meanwhile
) -> None:
    """The key that signs, and the one that its wallet would prolong."""
    clock = client.clock
    client.register(alice, LAPTOP)
    with database.write() as connection:
        laptop = signing_keys.c.public_key == LAPTOP.signing_key
        connection.execute(update(signing_keys).where(laptop).values(expires_at=clock.now + 10))

    def happens() -> None:
        clock.now += 10

    meanwhile.happens = happens
    if op is KeyOperation.RENAME:
        sent = key_request(alice, "rename", alice.device, clock.now, LAPTOP, name="new")
    else:
        sent = key_request(alice, "renew", LAPTOP, clock.now)
    submission = submission_of(f"{op}SigningKey", sent)
    with closing(OperationLog(meanwhile, Policy(), LIFETIME, clock)) as log:
        assert log.submit_and_wait(submission).status == "EXPIRED_SIGNING_KEY"


@pytest.mark.parametrize(
    ("change", "expected", "known"),
    [
        ("registered", "SUCCESS", 1),
        ("registered and revoked", "INVALID_SIGNING_KEY", 1),
        ("another takes the last place", "INVALID_SIGNING_KEY", 1),
        ("nothing", "SUCCESS", 1),
    ],
)
def test_a_key_is_registered_into_what_there_is_by_then(
    change: str, expected: str, known: int, *, client: Client, database: Database, meanwhile: Meanwhile
) -> None:
    alice = Person("alice", LAPTOP)

    def happens() -> None:
        if change == "another takes the last place":
            assert client.register(alice, Device("another")) == "SUCCESS"
        elif change != "nothing":
            assert client.register(alice) == "SUCCESS"
        if change == "registered and revoked":
            assert act_on_key(client, "revoke", alice, LAPTOP) == "SUCCESS"

    meanwhile.happens = happens
    registration = Registration.read(alice.registration())
    with closing(OperationLog(meanwhile, Policy(max_live_keys=1), LIFETIME, client.clock)) as log:
        assert log.submit_and_wait(registration).status == expected
    assert count(database, signing_keys) == known


def test_a_request_waits_once_for_a_database_that_cannot_be_read(tmp_path: Path, clock: Ticker) -> None:
    """Its other fields share the failure, whoever executes it: each would wait as long for the same."""
    unreadable = Meanwhile(Database.open(f"sqlite:///{tmp_path}/folder/gateway.sqlite3"))
    (tmp_path / "folder").rmdir()
    client = Client(create_gateway(unreadable, GatewayConfig(), clock), clock)
    text = '{ a: profileByHandle(handle: "a") { ...f } b: profileByHandle(handle: "b") { ...f } }'
    for reads, query in enumerate(
        (text.replace("...f", "id"), text + " fragment f on Profile { id }"), start=1
    ):
        assert client.post({"query": query}).status == 503
        assert unreadable.reads == reads
