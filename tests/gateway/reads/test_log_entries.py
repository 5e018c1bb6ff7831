"""One entry of the logs, found by its digest: an operation on a handle, or one on a signing key."""

import io
import json
from functools import partial
from typing import Any

import pytest
from alembic import command
from sqlalchemy import insert, select

from tests.support.keys import act as act_on_key
from tests.support.people import Client, Device, Person
from tests.support.work import looked_up, looks_through, statements_of
from webapp.gateway.tables import key_operations, operations
from webapp.protocol.proofs.proof_file import VerifiedFile, verify_file
from webapp.storage.database import Database
from webapp.storage.migrate import alembic_config, upgrade

AUTH = "signingKeyAuth { address message signature }"
PROOF = f"content digest signature signingKey {AUTH} arweaveTxHash sequence previousDigest entryDigest"
KEY_PROOF = f"content digest signature authorizedBy {AUTH} sequence previousDigest entryDigest"
ENTRY = (
    "query ($d: String!) { proof(entryDigest: $d) { "
    f"operation {{ address handle sequence op ts proof {{ {PROOF} }} }} "
    f"keyOperation {{ address signingKey sequence op ts proof {{ {KEY_PROOF} }} }} }} }}"
)


@pytest.fixture
def digests(client: Client, alice: Person, database: Database) -> dict[str, str]:
    """What three operations on handles and one on a key have as digests, by what was done."""
    for op, handle in (("follow", "shiyu"), ("unfollow", "shiyu"), ("follow", "cyberconnect")):
        assert client.act(op, alice, handle) == "SUCCESS"
    act_on_key(client, "rename", alice, alice.device, name="Phone")
    with database.read() as connection:
        rows = connection.execute(select(operations.c.op, operations.c.handle, operations.c.entry_digest))
        found = {f"{op} {handle}": digest for op, handle, digest in rows}
        return found | {"rename": connection.scalars(select(key_operations.c.entry_digest)).one()}


def entry(client: Client, digest: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = client.data(ENTRY, d=digest)["proof"]
    return found


def test_an_operation_is_found_by_the_digest_of_its_entry(
    client: Client, alice: Person, digests: dict[str, str]
) -> None:
    for told, digest in digests.items():
        if told == "rename":
            continue
        found = entry(client, digest)
        assert found is not None
        assert found["keyOperation"] is None
        node = found["operation"]
        assert (f"{node['op']} {node['handle']}", node["address"]) == (told, alice.address)
        assert node["proof"]["entryDigest"] == digest


def test_a_key_operation_is_found_by_the_digest_of_its_entry(
    client: Client, alice: Person, digests: dict[str, str]
) -> None:
    found = entry(client, digests["rename"])
    assert found is not None
    assert found["operation"] is None
    node = found["keyOperation"]
    assert (node["op"], node["address"], node["signingKey"], node["sequence"]) == (
        "rename",
        alice.address,
        alice.device.signing_key,
        1,
    )
    assert node["proof"]["entryDigest"] == digests["rename"]


def test_the_whole_reply_verifies(client: Client, digests: dict[str, str]) -> None:
    for digest in digests.values():
        reply = client.ask(ENTRY, d=digest)
        verdict = verify_file(io.BytesIO(json.dumps(reply).encode()))
        assert isinstance(verdict, VerifiedFile), verdict
        assert verdict.entries == 1


def test_nothing_has_another_digest(client: Client, digests: dict[str, str]) -> None:
    """One that differs in its last digit is another, whatever the index looks at."""
    known = digests["follow cyberconnect"]
    near = known[:-1] + ("0" if known[-1] != "0" else "1")
    for other in (near, "0" * 64, "f" * 64):
        assert entry(client, other) is None


@pytest.mark.parametrize(
    "digest", ["", "0x", "0" * 63, "0" * 65, "F" * 64, "0x" + "0" * 62, "0" * 64 + "\n", "g" * 64, "\ud800"]
)
def test_what_is_no_digest_is_refused_by_name(digest: str, client: Client) -> None:
    [error] = client.ask(ENTRY, d=digest)["errors"]
    assert error["extensions"] == {"code": "BAD_ARGUMENT", "argument": "entryDigest"}
    assert error["message"] == "entryDigest: expected 64 hex digits in lower case"


def test_an_entry_is_searched_and_not_looked_through(
    client: Client, database: Database, digests: dict[str, str]
) -> None:
    """An operation takes a second statement for its proof; a key operation, one that finds nothing first."""
    for digest in (digests["rename"], digests["unfollow shiyu"]):
        statements = statements_of(database, partial(entry, client, digest))
        assert len(statements) == 2
        with database.read() as connection:
            for statement in statements:
                assert set(looks_through(connection, statement)) <= {"SCAN stretches"}
                for told in looked_up(connection, statement):
                    assert "ix_operations_entry" not in told or told.endswith("(<expr>=? AND <expr>=?)")


def test_every_stretch_of_the_log_is_searched(
    client: Client, database: Database, digests: dict[str, str]
) -> None:
    """The index has stretches of 1,024 positions: an entry before, at and behind an end is found."""
    with database.write() as connection:
        first = connection.exec_driver_sql("SELECT * FROM operations ORDER BY position").mappings().first()
        assert first is not None
        rows = [
            dict(first) | {"sequence": place, "position": place, "entry_digest": f"{place:064x}"[::-1]}
            for place in (1_023, 1_024, 5_000)
        ]
        connection.execute(insert(operations), rows)
    for row in rows:
        found = entry(client, row["entry_digest"])
        assert found is not None
        assert found["operation"]["sequence"] == row["sequence"]
    assert entry(client, digests["follow shiyu"]) is not None


def test_entries_of_a_database_from_before_are_found(database: Database, client: Client) -> None:
    """The migration gives old entries their place in the index, and changes no digest."""
    person = Person("old", Device("old"))
    client.register(person)
    assert client.act("follow", person, "shiyu") == "SUCCESS"
    with database.write() as connection:
        command.downgrade(alembic_config(connection), "0008")
        digest = connection.scalars(select(operations.c.entry_digest)).one()
    upgrade(database)
    found = entry(client, digest)
    assert found is not None
    assert found["operation"]["handle"] == "shiyu"
