"""An address's exported log: complete, in order, and verified with nothing else."""

import io
import json

import pytest
from sqlalchemy import select

from tests.support.databases import count
from tests.support.keys import act as act_on_key
from tests.support.keys import call
from tests.support.operations import random_traffic
from tests.support.people import Client, Device, Person
from webapp.gateway.log.export import export_log
from webapp.gateway.tables import edges, operations
from webapp.protocol.address import Address
from webapp.protocol.proofs.proof_file import VerifiedFile, verify_file
from webapp.protocol.proofs.verdicts import ProofFailure, ProofStep, VerifiedProof
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
        found = [last for last in verdict.last if isinstance(last, VerifiedProof)]
        assert {(last.handle, last.head.entry_digest) for last in found} == {tuple(row) for row in stands}
        total += len(lines)
    assert total == count(database, operations)
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


def test_key_operations_are_lines_of_their_own_kind(
    client: Client, alice: Person, database: Database
) -> None:
    """A revocation is for others to check, like a follow."""
    laptop = Device("laptop")
    client.register(alice, laptop)
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    assert act_on_key(client, "rename", alice, laptop, alice.device, name="Zoë's laptop") == "SUCCESS"
    assert act_on_key(client, "renew", alice, laptop) == "SUCCESS"
    assert act_on_key(client, "revoke", alice, alice.device, laptop) == "SUCCESS"
    text = exported(database, alice)
    lines = [json.loads(line) for line in text]
    assert [(line["op"], line["sequence"]) for line in lines] == [
        ("follow", 1),
        ("rename", 1),
        ("renew", 2),
        ("revoke", 3),
    ]
    assert list(lines[3]) == ["address", "signingKey", "sequence", "op", "proof"]
    assert [line["signingKey"] == laptop.signing_key for line in lines[1:]] == [True, True, False]
    verdict = verdict_on(text)
    assert isinstance(verdict, VerifiedFile), verdict
    assert verdict.entries == 4
    for dropped in (1, 2):
        failed = verdict_on([line for place, line in enumerate(text) if place != dropped])
        assert isinstance(failed, ProofFailure)
        assert (failed.step, failed.index, failed.field) == (ProofStep.CHAIN, dropped, "sequence")


def test_text_is_written_as_it_was_signed(client: Client, alice: Person, database: Database) -> None:
    """One spelling, UTF-8: of an escape there would be two."""
    assert call(client, alice, "Zoë 📱") == "SUCCESS"
    [line] = exported(database, alice)
    assert "Zoë 📱" in line
    assert line == json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":")) + "\n"
    assert isinstance(verdict_on([line]), VerifiedFile)


def test_nobody_has_an_empty_log(database: Database) -> None:
    assert exported(database, Person("nobody")) == []
