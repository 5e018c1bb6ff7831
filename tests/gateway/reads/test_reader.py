"""Light reads: all that wait are answered from one state of the database, and delivered at once."""

import json
import threading
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.databases import ON_POSTGRESQL
from tests.support.people import Client, Person
from tests.support.queries import QUERIES, document
from webapp.gateway.batches import Answers, Busy, deliver_each
from webapp.gateway.http.graphql_over_http import GatewayRequest
from webapp.gateway.http.service import Begun
from webapp.gateway.reads.reader import Reader
from webapp.gateway.tables import profiles
from webapp.storage.database import Database, Snapshot
from webapp.storage.errors import DatabaseUnavailable
from webapp.storage.prepared import Prepared
from webapp.storage.urls import file_of

HOW_MANY = Prepared(select(func.count()).select_from(profiles))
NONSENSE = Prepared(select(func.no_function()))


class Batches:
    """A reader that is held up until `batch` has put all reads of one batch together."""

    def __init__(self, database: Database) -> None:
        self.reader = Reader(database)
        self.delivered: list[list[Any]] = []
        self._arrived = threading.Condition()
        self.reader.deliver = self._deliver

    def batch(self, *reads: Callable[[Snapshot], object]) -> list[Any]:
        """What came of reads that were taken together."""
        free, begun, done = threading.Event(), threading.Event(), len(self.delivered)

        def wait(_: Snapshot) -> None:
            begun.set()
            assert free.wait(30)

        self.reader.submit(wait, lambda _: None)
        assert begun.wait(30)
        for read in reads:
            self.reader.submit(read, lambda _: None)
        free.set()
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.delivered) == done + 2, 30)
        return self.delivered[-1]

    def _deliver(self, answers: Answers) -> None:
        with self._arrived:
            self.delivered.append([outcome for _, outcome in answers])
            self._arrived.notify()


@pytest.fixture
def batches(database: Database) -> Iterator[Batches]:
    batches = Batches(database)
    yield batches
    batches.reader.close()


def how_many(snapshot: Snapshot) -> int:
    [(found,)] = snapshot.rows(HOW_MANY, {})
    assert isinstance(found, int)
    return found


def test_a_batch_sees_one_state_and_is_delivered_at_once(batches: Batches, database: Database) -> None:
    """What is written in its middle shows in the next one."""

    def written_meanwhile(snapshot: Snapshot) -> int:
        with database.write() as connection:
            connection.exec_driver_sql("DELETE FROM profiles")
        return how_many(snapshot)

    assert batches.batch(how_many, written_meanwhile, how_many) == [2, 2, 2]
    assert batches.batch(how_many) == [0]


def test_what_one_read_raises_is_its_own(batches: Batches) -> None:
    def raises(_: Snapshot) -> None:
        raise LookupError

    first, second, third = batches.batch(how_many, raises, how_many)
    assert (first, third) == (2, 2)
    assert isinstance(second, LookupError)


def test_a_database_that_fails_is_not_tried_again_by_the_rest_of_a_batch(batches: Batches) -> None:
    """Each could take a wait; and the next batch begins anew."""
    outcomes = batches.batch(lambda snapshot: snapshot.rows(NONSENSE, {}), how_many, how_many)
    assert [str(outcome) for outcome in outcomes[1:]] == ["FAILED_BEFORE"] * 2
    assert all(isinstance(outcome, DatabaseUnavailable) for outcome in outcomes[1:])
    assert batches.batch(how_many) == [2]


def test_at_the_end_what_waits_is_answered_and_no_more_is_taken(batches: Batches) -> None:
    batches.reader.submit(how_many, lambda _: None)
    batches.reader.close()
    assert batches.delivered == [[2]]
    with pytest.raises(Busy):
        batches.reader.submit(how_many, lambda _: None)


def request(text: str, **variables: object) -> GatewayRequest:
    body = json.dumps({"query": text, "variables": variables}).encode()
    return GatewayRequest("POST", {"content-type": "application/json"}, body)


def begun(client: Client, text: str, **variables: object) -> Begun:
    answer = client.gateway.begin(request(text, **variables))
    assert isinstance(answer, Begun)
    return answer


LIGHT = (
    "query ($me: AddressEVM!, $handle: String!) { __typename profileByHandle(handle: $handle) "
    "{ handle followerCount isFollowedByMe(me: $me) } }"
)


@pytest.mark.parametrize("handle", ["shiyu", "nobody", "\ud800"])
@pytest.mark.parametrize("me", [Person("alice").address, "no address", 7])
def test_a_light_read_is_answered_as_on_a_thread(me: object, handle: str, client: Client) -> None:
    """Errors, too, and what the executor has to answer."""
    there: Queue[object] = Queue()
    client.gateway.reader.deliver = deliver_each
    alone = client.gateway.handle(request(LIGHT, me=me, handle=handle))
    pending = client.gateway.pending(begun(client, LIGHT, me=me, handle=handle))
    assert pending is not None
    pending.begin(there.put)
    assert client.gateway.answered(pending, there.get(timeout=30)) == alone


def test_a_light_read_of_a_database_that_cannot_be_read(client: Client, database: Database) -> None:
    """It is told to come back, as on a thread."""
    there: Queue[object] = Queue()
    client.gateway.reader.deliver = deliver_each
    given = {"me": Person("alice").address, "handle": "shiyu"}
    client.ask(LIGHT, **given)
    if ON_POSTGRESQL:
        with database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE edges RENAME TO elsewhere")
    else:
        file_of(database.url).unlink()
    pending = client.gateway.pending(begun(client, LIGHT, **given))
    assert pending is not None
    pending.begin(there.put)
    answer = client.gateway.answered(pending, there.get(timeout=30))
    assert (answer.status, dict(answer.headers)["retry-after"]) == (503, "2")


@pytest.mark.parametrize("name", QUERIES)
def test_what_may_take_long_is_left_to_the_threads(name: str, client: Client, alice: Person) -> None:
    """A page can have a hundred rows, whatever this one has: none of them stands before a light read."""
    owner = {"owner": alice.address} if name == "profiles" else {}
    given = {"me": alice.address, "n": 1, **owner}
    client.data(document(name), **given)
    assert client.gateway.pending(begun(client, document(name), **given)) is None
