"""The graphs that are measured on are such as signed operations would have left."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.checks import check_log
from bench.data import build
from bench.people import HANDLES, Planned, filler, signed, writer
from tests.support.people import Person
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.tables import edges, signing_keys
from webapp.protocol.message import FollowMessage
from webapp.protocol.signing_key import MessageSignature, SigningKey
from webapp.storage.database import Database


def test_a_graph_has_its_edges_and_agrees_with_its_log(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        graph = build(tmp_path / "graph.sqlite3", 300, writers=3, pool=pool)
    database = Database.open(f"sqlite:///{graph.file}")
    found = compare_projections(database)
    assert found.equal, found.differences
    assert (found.operations, graph.edges) == (300, 300)
    with database.read() as connection:
        followed = [row.address for row in connection.execute(edges.select()) if row.handle == HANDLES[0]]
        registered = {row.address for row in connection.execute(signing_keys.select())}
    database.close()
    assert sorted(followed) == sorted(filler(number).address for number in range(30))
    assert registered == {*followed, *(writer(number).address for number in range(3))}


def test_every_signature_of_a_graph_verifies_and_a_lost_operation_is_counted(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        graph = build(tmp_path / "graph.sqlite3", 20, writers=0, pool=pool)
    url = f"sqlite:///{graph.file}"
    checked = check_log(url, ["0" * 64], [filler(1)], tmp_path)
    assert (checked.acknowledged, checked.lost, checked.chain, checked.signatures) == (1, 1, "", "")
    assert not checked.passed
    nobody = check_log(url, [], [Person("nobody")], tmp_path)
    assert "no operations" in nobody.signatures


@pytest.mark.parametrize("op", ["follow", "unfollow"])
def test_what_is_sent_is_signed_by_its_writer(op: str) -> None:
    [sent] = signed([Planned(7, HANDLES[3], op, 1_795_460_000_000)])
    message = FollowMessage.parse(sent["message"])
    assert (message.operation.value, message.address.checksummed) == (op, writer(7).address)
    assert SigningKey.parse(sent["signingKey"]).verify(
        MessageSignature.parse(sent["signature"]), message.payload
    )
