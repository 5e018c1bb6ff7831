"""An address's exported log: complete, in order, and verified with nothing else."""

import io
import json

import pytest
from sqlalchemy import func, select

from tests.gateway.people import Client, Person
from tests.gateway.test_operation_log import random_traffic
from webapp.gateway.export import export_log
from webapp.gateway.tables import edges, operations
from webapp.protocol.address import Address
from webapp.protocol.proof_file import VerifiedFile, verify_file
from webapp.protocol.verification import ProofFailure, ProofStep
from webapp.storage.database import Database


def exported(database: Database, person: Person) -> list[str]:
    with database.read() as connection:
        return list(export_log(connection, Address(person.address)))


def verdict_on(lines: list[str]) -> object:
    return verify_file(io.BytesIO("".join(lines).encode()))


def test_every_entry_of_an_address_is_exported_and_verifies(client: Client, database: Database) -> None:
    people = random_traffic(0, client, client.clock, database)
    total = 0
    for person in people:
        lines = exported(database, person)
        verdict = verdict_on(lines)
        assert isinstance(verdict, VerifiedFile)
        assert verdict.entries == len(lines)
        with database.read() as connection:
            stands = connection.execute(
                select(edges.c.handle, edges.c.entry_digest).where(edges.c.address == person.address)
            ).all()
        assert {(last.handle, last.head.entry_digest) for last in verdict.last} == {
            tuple(row) for row in stands
        }
        total += len(lines)
    with database.read() as connection:
        assert total == connection.scalar(select(func.count()).select_from(operations))
    assert total > 30


def test_a_line_says_what_its_proof_says(client: Client, alice: Person, database: Database) -> None:
    for op, handle in (("follow", "shiyu"), ("follow", "cyberconnect"), ("unfollow", "shiyu")):
        assert client.act(op, alice, handle) == "SUCCESS"
    lines = [json.loads(line) for line in exported(database, alice)]
    assert [(line["op"], line["handle"], line["sequence"]) for line in lines] == [
        ("follow", "shiyu", 1),
        ("follow", "cyberconnect", 1),
        ("unfollow", "shiyu", 2),
    ]
    assert {line["address"] for line in lines} == {alice.address}
    assert list(lines[0]) == ["address", "handle", "sequence", "op", "proof"]


@pytest.mark.parametrize("dropped", [0, 1, 2])
def test_a_line_taken_out_is_missed(dropped: int, client: Client, alice: Person, database: Database) -> None:
    """All but the newest of a pair: that nothing came after, no file can show."""
    for op in ("follow", "unfollow", "follow"):
        assert client.act(op, alice, "shiyu") == "SUCCESS"
    lines = exported(database, alice)
    del lines[dropped]
    verdict = verdict_on(lines)
    if dropped == 2:
        assert isinstance(verdict, VerifiedFile)
    else:
        assert isinstance(verdict, ProofFailure)
        assert (verdict.step, verdict.index, verdict.field) == (ProofStep.CHAIN, dropped, "sequence")


def test_nobody_has_an_empty_log(database: Database) -> None:
    assert exported(database, Person("nobody")) == []
