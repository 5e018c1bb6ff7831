"""What the logs' columns say beside the messages is not believed: each is compared with what was signed."""

from typing import Any

import pytest
from sqlalchemy import Table, delete, inspect, select, update

from tests.support.databases import ON_POSTGRESQL, unguard
from tests.support.keys import act as act_on_key
from tests.support.people import DAY, Client, Device, Person
from webapp.gateway.log.checks import BrokenLogError
from webapp.gateway.log.rebuild import Difference, compare_projections, rebuild_projections
from webapp.gateway.tables import key_operations, operations, signing_keys
from webapp.storage.database import Database

LAPTOP = Device("laptop")
BOB = Person("bob")


@pytest.fixture
def busy(client: Client, alice: Person) -> Person:
    """Somebody who did six things, and three to her keys."""
    client.register(alice, LAPTOP)
    client.register(BOB)
    for handle in ("shiyu", "cyberconnect"):
        for op in ("follow", "unfollow", "follow"):
            assert client.act(op, alice, handle) == "SUCCESS"
    assert act_on_key(client, "rename", alice, LAPTOP, alice.device, name="Laptop") == "SUCCESS"
    client.clock.now += DAY
    assert act_on_key(client, "renew", alice, LAPTOP) == "SUCCESS"
    assert act_on_key(client, "revoke", alice, alice.device) == "SUCCESS"
    return alice


def differences(database: Database) -> list[Difference]:
    return [difference for difference in compare_projections(database).differences if difference]


def unguarded(database: Database, table: Table, sequence: int, values: dict[str, Any]) -> None:
    """Change a row as somebody does who holds the database: guards are no hindrance."""
    with database.write() as connection:
        unguard(connection, table, "keep_values", "keep_rows")
        row = table.c.sequence == sequence
        if table is operations:
            row &= table.c.handle == "shiyu"
        assert connection.execute(update(table).where(row).values(values)).rowcount == 1


def message_of(database: Database, table: Table, sequence: int) -> str:
    with database.read() as connection:
        row = table.c.sequence == sequence
        text = connection.scalar(select(table.c.message).where(row).order_by(table.c.ts))
    assert isinstance(text, str)
    return text


def refused(database: Database, table: Table) -> BrokenLogError:
    """Both ways refuse alike, and nothing changes."""
    errors = []
    for find in (compare_projections, rebuild_projections):
        with pytest.raises(BrokenLogError) as found:
            find(database)
        errors.append(found.value)
    assert str(errors[0]) == str(errors[1])
    assert errors[0].table == table.name
    return errors[0]


def test_a_log_as_it_was_written_is_whole(database: Database, busy: Person) -> None:
    found = compare_projections(database)
    assert (found.operations, found.key_operations, differences(database)) == (6, 3, [])
    assert busy.address


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("sequence", "change", "column"),
    [
        (2, {"op": "follow"}, "op"),
        (3, {"op": "claim"}, "op"),
        (3, {"ts": 1}, "ts"),
        (3, {"digest": "0" * 64}, "digest"),
        (3, {"entry_digest": "0" * 64}, "entry_digest"),
        (1, {"entry_digest": "0" * 64}, "entry_digest"),
        (2, {"previous_digest": "1" * 64}, "previous_digest"),
        (1, {"previous_digest": "1" * 64}, "previous_digest"),
        (3, {"signature": "0x" + "1" * 128}, "entry_digest"),
        (3, {"signing_key": LAPTOP.signing_key}, "entry_digest"),
        (3, {"signing_key": Device("unknown").signing_key}, "signing_key"),
        (3, {"position": 100}, None),
        (2, {"position": 100}, "position"),
        (3, {"sequence": 4}, "sequence"),
        (3, {"message": "{}"}, "message"),
        pytest.param(3, {"message": "\x00"}, "message", marks=pytest.mark.sqlite),  # PostgreSQL takes none
    ],
)
def test_a_changed_column_of_an_operation_is_named(
    sequence: int, change: dict[str, Any], column: str | None, database: Database
) -> None:
    _without_foreign_keys(database, operations, sequence, change)
    if column is None:
        assert [difference.table for difference in differences(database)] == ["edges"]
        return
    found = refused(database, operations)
    assert found.column == column
    named = change.get("sequence", sequence)
    assert (f"number {named} of " in found.row) or column in {"previous_digest", "position"}


def _without_foreign_keys(database: Database, table: Table, sequence: int, change: dict[str, Any]) -> None:
    """Outside of a transaction, where alone SQLite lets them be turned off."""
    if ON_POSTGRESQL:
        with database.write() as connection:
            for key in inspect(connection).get_foreign_keys(table.name):
                connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP CONSTRAINT {key['name']}")
        unguarded(database, table, sequence, change)
        return
    with database.read() as connection:
        driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        unguarded(database, table, sequence, change)
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


@pytest.mark.parametrize("table", [operations, key_operations], ids=str)
def test_a_message_altered_under_its_digest_is_named(table: Table, database: Database, busy: Person) -> None:
    """Also where the columns beside it were altered to match."""
    text = message_of(database, table, 3)
    unguarded(database, table, 3, {"message": text + " "})
    found = refused(database, table)
    assert (found.column, busy.address in found.row) == ("digest", True)
    altered = text.replace('"shiyu"', '"ada"').replace('"revoke"', '"renew"')
    unguarded(database, table, 3, {"message": altered})
    assert refused(database, table).column in {"handle", "op"}


@pytest.mark.parametrize("change", ["address", "handle"])
def test_an_operation_put_into_another_log_is_named(change: str, database: Database, busy: Person) -> None:
    with database.write() as connection:
        unguard(connection, operations, "keep_rows")
        later = (operations.c.handle == "shiyu") & (operations.c.sequence > 1)
        connection.execute(delete(operations).where(later))
    moved = {"address": BOB.address} if change == "address" else {"handle": "other"}
    unguarded(database, operations, 1, moved)
    found = refused(database, operations)
    assert (found.column, found.expected) == (change, busy.address if change == "address" else "shiyu")


def test_an_operation_taken_out_is_missed(database: Database, busy: Person) -> None:
    """All but the last; of that the edge still knows."""
    with database.write() as connection:
        unguard(connection, operations, "keep_rows")
        last = (operations.c.handle == "shiyu") & (operations.c.sequence == 3)
        connection.execute(delete(operations).where(last))
    assert Difference("edges", missing=0, extra=0, wrong=1) in differences(database)
    with database.write() as connection:
        first = (operations.c.handle == "shiyu") & (operations.c.sequence == 1)
        connection.execute(delete(operations).where(first))
    found = refused(database, operations)
    assert (found.column, found.expected) == ("sequence", "1")
    assert found.row == f"number 2 of {busy.address} and shiyu"


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("sequence", "change", "column"),
    [
        (3, {"op": "renew"}, "op"),
        (3, {"signing_key": LAPTOP.signing_key}, "signing_key"),
        (2, {"ts": 1}, "ts"),
        (2, {"digest": "0" * 64}, "digest"),
        (3, {"entry_digest": "0" * 64}, "entry_digest"),
        (2, {"previous_digest": "1" * 64}, "previous_digest"),
        (1, {"signature": "0x" + "1" * 128}, "entry_digest"),
        (1, {"authorized_by": ""}, "entry_digest"),
        (2, {"authorized_by": LAPTOP.signing_key}, "entry_digest"),
        (2, {"authorized_by": Device("unknown").signing_key}, "authorized_by"),
        (3, {"sequence": 4}, "sequence"),
        (3, {"message": "{}"}, "message"),
    ],
)
def test_a_changed_column_of_a_key_operation_is_named(
    sequence: int, change: dict[str, Any], column: str, database: Database
) -> None:
    _without_foreign_keys(database, key_operations, sequence, change)
    found = refused(database, key_operations)
    assert found.column == column
    assert f"number {change.get('sequence', sequence)} of " in found.row


def test_a_key_operation_moved_to_another_address_is_named(database: Database, busy: Person) -> None:
    with database.write() as connection:
        unguard(connection, key_operations, "keep_rows", "keep_values")
        connection.execute(delete(key_operations).where(key_operations.c.sequence < 3))
        moved = {"address": BOB.address, "sequence": 1, "previous_digest": "0" * 64}
        connection.execute(update(key_operations).values(moved))
    found = refused(database, key_operations)
    assert (found.column, found.expected) == ("address", busy.address)


# --- what the log of key operations leaves of a key ---------------------------------------------------------


def set_key(database: Database, device: Device, **values: object) -> None:
    with database.write() as connection:
        unguard(connection, signing_keys, "keep_revocation")
        this = (signing_keys.c.public_key == device.signing_key) & (
            signing_keys.c.address == Person("alice").address
        )
        assert connection.execute(update(signing_keys).where(this).values(values)).rowcount == 1


def keys(database: Database) -> set[tuple[object, ...]]:
    with database.read() as connection:
        return {tuple(row) for row in connection.execute(select(signing_keys))}


@pytest.mark.parametrize(
    ("device", "change"),
    [
        (LAPTOP, {"name": "Mallory's"}),
        (LAPTOP, {"name": ""}),
        (Device(), {"revoked_at": None}),
    ],
)
def test_a_key_that_says_otherwise_is_told_and_mended(
    device: Device, change: dict[str, object], database: Database, busy: Person
) -> None:
    before = keys(database)
    set_key(database, device, **change)
    wrong = [Difference("signing_keys", missing=0, extra=0, wrong=1)]
    assert differences(database) == wrong
    assert [difference for difference in rebuild_projections(database).differences if difference] == wrong
    assert keys(database) == before
    assert differences(database) == []
    assert busy.address


@pytest.mark.parametrize("later", [1, DAY - 1, -1, -DAY + 1, 10 * DAY + 1, -400 * DAY])
@pytest.mark.parametrize("device", [LAPTOP, Device("other")], ids=["renewed", "registered"])
def test_an_end_that_no_term_has_is_told_and_never_mended_to_a_later_one(
    later: int, device: Device, client: Client, database: Database, busy: Person
) -> None:
    """A term is whole days long, from the registration or the last renewal on; how many, nobody signed."""
    client.register(busy, Device("other"))
    with database.read() as connection:
        this = signing_keys.c.public_key == device.signing_key
        end = connection.scalar(select(signing_keys.c.expires_at).where(this))
    assert end is not None
    assert differences(database) == []
    set_key(database, device, expires_at=end + later)
    assert differences(database) == [Difference("signing_keys", missing=0, extra=0, wrong=1)]
    rebuild_projections(database)
    with database.read() as connection:
        mended = connection.scalar(select(signing_keys.c.expires_at).where(this))
        since = connection.scalar(select(signing_keys.c.registered_at).where(this))
    assert mended is not None
    assert since is not None
    assert since <= mended <= max(end + later, client.clock.now)
    assert differences(database) == []


@pytest.mark.parametrize(
    ("device", "change", "expected"),
    [
        (LAPTOP, {"revoked_at": 1}, "none"),
        (Device(), {"revoked_at": 1}, "and name and end as logged"),
        (Device(), {"name": "x"}, "and name and end as logged"),
    ],
)
def test_a_revocation_that_was_never_signed_is_told_and_not_taken_back(
    device: Device, change: dict[str, object], expected: str, database: Database, busy: Person
) -> None:
    """No revocation is ever taken back, not even this one: who made it has to be found out."""
    set_key(database, device, **change)
    assert differences(database) == [Difference("signing_keys", missing=0, extra=0, wrong=1)]
    before = keys(database)
    with pytest.raises(BrokenLogError) as refusal:
        rebuild_projections(database)
    assert (refusal.value.table, refusal.value.column) == ("signing_keys", "revoked_at")
    assert refusal.value.expected.endswith(expected)
    assert busy.address in refusal.value.row
    assert keys(database) == before
