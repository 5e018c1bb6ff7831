"""Edges and counts are made anew from the log alone, and are what the write path maintained."""

import io
import json
import random
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tests.support.databases import unguard
from tests.support.handles import OPS, act
from tests.support.operations import check_projections, random_traffic
from tests.support.people import Client, Person
from webapp.gateway.log import rebuild
from webapp.gateway.log.checks import BrokenLogError
from webapp.gateway.log.export import export_log
from webapp.gateway.log.rebuild import Difference, compare_projections, rebuild_projections
from webapp.gateway.tables import blocks, edges, follower_counts, following_counts, operations, profiles
from webapp.protocol.address import Address
from webapp.protocol.proofs.proof_file import VerifiedFile, verify_file
from webapp.storage.database import Database

PROJECTIONS = (edges, follower_counts, following_counts, blocks)
BLOCK = (blocks.c.address, blocks.c.handle, blocks.c.follower)
NOBODY = Person("nobody").address


def contents(database: Database) -> list[set[tuple[object, ...]]]:
    with database.read() as connection:
        return [{tuple(row) for row in connection.execute(select(table))} for table in PROJECTIONS]


@pytest.mark.parametrize("batch", [1, 7, 1_000])
@pytest.mark.parametrize("seed", range(2))
def test_what_is_made_anew_equals_what_the_write_path_maintained(
    seed: int,
    batch: int,
    client: Client,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To the row, those of handles that nobody follows any more included."""
    monkeypatch.setattr(rebuild, "BATCH", batch)
    random_traffic(seed, client, client.clock, database)
    maintained = contents(database)
    compared = compare_projections(database)
    assert compared.equal
    assert compared.operations == check_projections(database)
    with database.write() as connection:
        for table in PROJECTIONS:
            connection.execute(delete(table))
    assert not compare_projections(database).equal
    rebuilt = rebuild_projections(database)
    missing = {difference.table: difference.missing for difference in rebuilt.differences}
    assert [missing[table.name] for table in PROJECTIONS] == [len(rows) for rows in maintained]
    assert contents(database) == maintained
    assert rebuild_projections(database) == compared
    assert contents(database) == maintained


RARELY_RELEASED = 0.5
"""So that handles have owners most of the time."""


def mixed_traffic(seed: int, client: Client) -> list[Person]:
    """Follow, unfollow, and do all that can be done with handles and followers, at random; returns who."""
    choose = random.Random(seed)  # noqa: S311 (a test's dice)
    people = [Person(f"person {number}") for number in range(3)]
    for person in people:
        client.register(person)
    for _ in range(600):
        op = choose.choice([*["follow"] * 5, "unfollow", *OPS, "claim", "unblock", "unblock", "remove"])
        if op == "release" and choose.random() < RARELY_RELEASED:
            continue
        person, handle = choose.choice(people), choose.choice(["one", "two", "three", "shiyu"])
        client.clock.now += 1
        if op not in OPS:
            client.act(op, person, handle)
        elif op == "profile":
            act(client, op, person, handle, displayName=f"Name {client.clock.now}")
        else:
            others = [other for other in people if other is not person]
            act(client, op, person, handle, follower=choose.choice(others).address)
    return people


def check_followers(database: Database) -> int:
    """Replay the whole log from its messages, and compare; returns how many follows owners ended.

    Someone follows where the last follow was accepted after the last removal, and no block stands.
    """
    following: dict[tuple[str, str], bool] = {}
    blocking: dict[tuple[str, str, str], bool] = {}
    ended = 0
    with database.read() as connection:
        for (text,) in connection.execute(select(operations.c.message).order_by(operations.c.position)):
            said = json.loads(text)
            op, pair = said["op"], (said["address"], said["handle"])
            if op in {"follow", "unfollow"}:
                following[pair] = op == "follow"
            if op in {"remove", "block"}:
                ended += following.get((said["follower"], said["handle"]), False)
                following[said["follower"], said["handle"]] = False
            if op in {"block", "unblock"}:
                blocking[*pair, said["follower"]] = op == "block"
        holding = select(edges.c.address, edges.c.handle).where(edges.c.following.is_(True))
        found = {tuple(row) for row in connection.execute(holding)}
        assert found == {pair for pair, follows in following.items() if follows}
        standing = {tuple(row) for row in connection.execute(select(blocks).with_only_columns(*BLOCK))}
        assert standing == {block for block, stands in blocking.items() if stands}
        owners = {row.handle: row.owner_address for row in connection.execute(select(profiles))}
        kept = {(who, handle) for owner, handle, who in standing if owners.get(handle) == owner}
        assert not kept & found, "nobody follows whose owner blocks them"
    return ended


@pytest.mark.parametrize("batch", [1, 1_000])
@pytest.mark.parametrize("seed", [0, 2, 3])
def test_claims_among_follows_are_made_anew_and_verify(
    seed: int, batch: int, client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind of operation takes its own turns in the log of a pair; each leaves what it leaves."""
    monkeypatch.setattr(rebuild, "BATCH", batch)
    people = mixed_traffic(seed, client)
    assert check_followers(database) > 3
    maintained = contents(database)
    assert compare_projections(database).equal
    with database.write() as connection:
        kinds = set(connection.scalars(select(operations.c.op)))
        for table in PROJECTIONS:
            connection.execute(delete(table))
    assert kinds == {"follow", "unfollow", *OPS}
    assert not rebuild_projections(database).equal
    assert contents(database) == maintained
    for person in people:
        with database.read() as connection:
            lines = "".join(export_log(connection, Address(person.address)))
        verdict = verify_file(io.BytesIO(lines.encode()))
        assert isinstance(verdict, VerifiedFile), verdict
        assert verdict.entries == lines.count("\n")


def _turn_around(connection: Connection) -> None:
    connection.execute(update(edges).values(following=~edges.c.following))


def _move_head(connection: Connection) -> None:
    connection.execute(update(edges).values(entry_digest="f" * 64))


def _invent_edge(connection: Connection) -> None:
    row = dict(connection.execute(select(edges).limit(1)).mappings().one())
    connection.execute(insert(edges), {**row, "address": NOBODY})


def _forget_edge(connection: Connection) -> None:
    connection.execute(delete(edges).where(edges.c.handle == "cyberconnect"))


def _count_more(connection: Connection) -> None:
    connection.execute(update(follower_counts).values(followers=follower_counts.c.followers + 1))


def _forget_count(connection: Connection) -> None:
    connection.execute(delete(following_counts))


def _invent_block(connection: Connection) -> None:
    values = {"address": NOBODY, "handle": "shiyu", "follower": NOBODY, "position": 1}
    connection.execute(insert(blocks), values)


def _invent_count(connection: Connection) -> None:
    connection.execute(insert(following_counts), {"address": NOBODY, "followings": 1})


@pytest.mark.parametrize(
    ("corrupt", "expected"),
    [
        (_turn_around, Difference("edges", missing=0, extra=0, wrong=3)),
        (_move_head, Difference("edges", missing=0, extra=0, wrong=3)),
        (_invent_edge, Difference("edges", missing=0, extra=1, wrong=0)),
        (_forget_edge, Difference("edges", missing=1, extra=0, wrong=0)),
        (_count_more, Difference("follower_counts", missing=0, extra=0, wrong=2)),
        (_forget_count, Difference("following_counts", missing=2, extra=0, wrong=0)),
        (_invent_count, Difference("following_counts", missing=0, extra=1, wrong=0)),
        (_invent_block, Difference("blocks", missing=0, extra=1, wrong=0)),
    ],
)
def test_what_was_corrupted_is_told_and_repaired(
    corrupt: Callable[[Connection], None],
    expected: Difference,
    client: Client,
    alice: Person,
    database: Database,
) -> None:
    bob = Person("bob")
    assert client.register(bob) == "SUCCESS"
    for person, op, handle in (
        (alice, "follow", "shiyu"),
        (alice, "unfollow", "shiyu"),
        (alice, "follow", "cyberconnect"),
        (bob, "follow", "shiyu"),
    ):
        assert client.act(op, person, handle) == "SUCCESS"
    before = contents(database)
    with database.write() as connection:
        corrupt(connection)
    corrupted = contents(database)
    for find in (compare_projections, rebuild_projections):
        assert contents(database) == corrupted, "comparing changes nothing"
        found = find(database)
        assert [difference for difference in found.differences if difference] == [expected]
    assert contents(database) == before
    check_projections(database)


def test_an_empty_log_leaves_nothing(database: Database) -> None:
    with database.write() as connection:
        _invent_count(connection)
    found = rebuild_projections(database)
    assert (found.operations, found.equal) == (0, False)
    assert contents(database) == [set(), {("shiyu", 0), ("cyberconnect", 0)}, set(), set()]


def test_a_log_with_a_gap_is_refused_and_nothing_changes(
    client: Client, alice: Person, database: Database
) -> None:
    """Only somebody who first takes the guards off the table can make one."""
    for op in ("follow", "unfollow", "follow"):
        client.act(op, alice, "shiyu")
    second = delete(operations).where(operations.c.sequence == 2)
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(second)
    with database.write() as connection:
        unguard(connection, operations, "keep_rows")
        connection.execute(second)
    before = contents(database)
    for find in (compare_projections, rebuild_projections):
        with pytest.raises(BrokenLogError, match=r"number 3 of 0x[0-9a-fA-F]{40} and shiyu"):
            find(database)
    assert contents(database) == before
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"


def test_a_rebuilt_database_goes_on_as_before(client: Client, alice: Person, database: Database) -> None:
    client.act("follow", alice, "shiyu")
    rebuild_projections(database)
    assert client.act("follow", alice, "shiyu") == "ALREADY_DONE"
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
    assert check_projections(database) == 2
    assert compare_projections(database).equal
