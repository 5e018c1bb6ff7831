"""The operation log: traffic that fills it, and what must follow from it."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, select

from tests.support.databases import add_profile
from tests.support.people import Client, Person, Ticker
from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.log.sequencer import Sequencer, check_order
from webapp.gateway.tables import edges, follower_counts, following_counts, operations
from webapp.protocol.submissions import AnySubmission
from webapp.storage.database import Database
from webapp.storage.urls import is_postgresql

PROOF = (
    "content digest signature signingKey signingKeyAuth { address message signature } arweaveTxHash "
    "sequence previousDigest entryDigest"
)


def check_projections(database: Database) -> int:
    """Make edges and counts from the operations alone and compare; returns how many operations there are."""
    last: dict[tuple[str, str], Any] = {}
    numbered(database)
    with database.read() as connection:
        log = connection.execute(select(operations).order_by(operations.c.position)).mappings().all()
        _check_positions(connection, [row["position"] for row in log])
        for row in log:
            pair = (row["address"], row["handle"])
            before = last.get(pair)
            assert row["sequence"] == (before["sequence"] + 1 if before else 1)
            assert row["previous_digest"] == (before["entry_digest"] if before else "0" * 64)
            assert before is None or row["ts"] > before["ts"]
            assert row["op"] != (before["op"] if before else "unfollow")
            last[pair] = row
        expected_edges = {
            (
                *pair,
                row["op"] == "follow",
                *(
                    row[name]
                    for name in ("received_at", "position", "sequence", "ts", "digest", "entry_digest")
                ),
            )
            for pair, row in last.items()
        }
        assert {tuple(row) for row in connection.execute(select(edges))} == expected_edges
        followed = [pair for pair, row in last.items() if row["op"] == "follow"]
        followers = Counter(handle for _, handle in followed)
        followings = Counter(address for address, _ in followed)
        counted = {handle: count for handle, count in connection.execute(select(follower_counts)) if count}
        assert counted == followers
        assert {
            address: count for address, count in connection.execute(select(following_counts)) if count
        } == followings
    return len(log)


def numbered(database: Database) -> None:
    """Have the log numbered, where it is not as it is written."""
    if is_postgresql(database.url):
        sequencer = Sequencer(database)
        while sequencer.number():
            pass


def _check_positions(connection: Connection, positions: list[int]) -> None:
    """See that the log has one order without gaps; on PostgreSQL, that keys' entries are in it as well."""
    if connection.dialect.name == "sqlite":
        assert positions == list(range(1, len(positions) + 1))
        return
    check_order(connection)
    order = connection.exec_driver_sql("SELECT position, place FROM log_order ORDER BY place").all()
    assert [position for position, _ in order] == list(range(1, len(order) + 1))
    of_keys = connection.exec_driver_sql("SELECT place FROM key_operations").scalars()
    assert [place for _, place in order] == sorted([*positions, *of_keys])


def random_traffic(seed: int, client: Client, clock: Ticker, database: Database) -> list[Person]:
    """Some follow, unfollow, replay, come late; returns who."""
    choose = random.Random(seed)  # noqa: S311 (a test's dice)
    for number in range(3, 7):
        add_profile(database, f"p{number}", Person(f"owner {number}").address, number)
    handles = ["shiyu", "cyberconnect", "p3", "p4", "p5", "p6"]
    people = [Person(f"person {number}") for number in range(4)]
    for person in people:
        client.register(person)
    sent: list[tuple[str, dict[str, str]]] = []
    for _ in range(150):
        clock.now += choose.randrange(3)
        if sent and choose.random() < 0.2:
            op, request = choose.choice(sent)
        else:
            op = choose.choice(["follow", "unfollow"])
            request = choose.choice(people).request(
                op, choose.choice(handles), clock.now - choose.randrange(3)
            )
            sent.append((op, request))
        client.status(op, request)
    return people


def before_it_is_written(log: OperationLog, happens: Callable[[], object], patch: pytest.MonkeyPatch) -> None:
    """Let something happen once, when a batch is verified and nothing is locked yet."""
    verify = log._verify

    def interrupted(submissions: Sequence[AnySubmission]) -> None:
        verify(submissions)
        patch.undo()
        happens()

    patch.setattr(log, "_verify", interrupted)
