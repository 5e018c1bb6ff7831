"""Demo data: clearly marked, really signed, only where there is nothing else."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.conftest import add_profile
from tests.gateway.people import NOW, Client, Person, Ticker
from tests.gateway.test_operation_log import PROOF, check_projections
from webapp.gateway.config import GatewayConfig
from webapp.gateway.demo import EXPIRED, _Person, seed_demo
from webapp.gateway.operation_log import OperationLog
from webapp.gateway.service import create_gateway
from webapp.protocol.proof import ProofOfConnection
from webapp.protocol.status import Status
from webapp.protocol.verification import VerifiedProof, verify_proof
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path}/demo.sqlite3")
    upgrade(database)
    yield database
    database.close()


def test_an_empty_database_gets_profiles_and_follows(empty: Database, clock: Ticker) -> None:
    """In well under a second; `shiyu` and `cyberconnect` among them; all text says demo."""
    started = time.process_time()
    assert seed_demo(empty, GatewayConfig(), clock) == 11
    assert time.process_time() - started < 1
    client = Client(create_gateway(empty, GatewayConfig(), clock), clock)
    text = (
        "query ($handle: String!) { profileByHandle(handle: $handle) { followerCount metadataInfo "
        "{ displayName bio } followers "
        f"{{ totalCount edges {{ node {{ address proof {{ {PROOF} }} }} }} }} }} }}"
    )
    for handle in ("shiyu", "cyberconnect"):
        profile = client.data(text, handle=handle)["profileByHandle"]
        assert "(demo)" in profile["metadataInfo"]["displayName"]
        assert "Demo" in profile["metadataInfo"]["bio"]
        assert (
            profile["followerCount"]
            == profile["followers"]["totalCount"]
            == len(profile["followers"]["edges"])
            > 2
        )
        for edge in profile["followers"]["edges"]:
            proved = verify_proof(ProofOfConnection.parse(edge["node"]["proof"]))
            assert isinstance(proved, VerifiedProof)
            assert (proved.address.checksummed, proved.handle, proved.ts) == (
                edge["node"]["address"],
                handle,
                NOW,
            )
    assert check_projections(empty) > 10


def test_a_second_time_changes_nothing(empty: Database, clock: Ticker) -> None:
    seed_demo(empty, GatewayConfig(), clock)
    before = check_projections(empty)
    clock.now += 1000
    assert seed_demo(empty, GatewayConfig(), clock) == 0
    assert check_projections(empty) == before


def test_a_database_with_profiles_is_left_alone(empty: Database, clock: Ticker) -> None:
    add_profile(empty, "mine", Person("me").address, 1)
    assert seed_demo(empty, GatewayConfig(), clock) == 0
    client = Client(create_gateway(empty, GatewayConfig(), clock), clock)
    assert client.data('{ profileByHandle(handle: "shiyu") { id } }') == {"profileByHandle": None}


def test_the_same_people_everywhere(tmp_path: Path, clock: Ticker) -> None:
    """Wallets come from public text: two installations have the same demo addresses."""
    owners = []
    for name in ("one", "two"):
        database = Database.open(f"sqlite:///{tmp_path}/{name}.sqlite3")
        upgrade(database)
        seed_demo(database, GatewayConfig(), clock)
        client = Client(create_gateway(database, GatewayConfig(), clock), clock)
        owners.append(client.data('{ profileByHandle(handle: "shiyu") { owner { address } } }'))
        database.close()
    assert owners[0] == owners[1]


def test_one_key_has_run_out_already(empty: Database, clock: Ticker) -> None:
    """The demo profile `expired-key` earns EXPIRED_SIGNING_KEY at once, with the key that docs publish."""
    seed_demo(empty, GatewayConfig(), clock)
    person = _Person.named(EXPIRED)
    log = OperationLog(empty, GatewayConfig().policy, clock)
    assert log.submit(person.follow("shiyu", clock())).status is Status.EXPIRED_SIGNING_KEY
    assert person.device.private_numbers().private_value == 0xC0FFEE
