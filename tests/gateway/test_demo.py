"""Demo data: clearly marked, really signed, only where there is nothing else."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from operator import attrgetter
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import delete, select

from tests.support.databases import add_profile, count, migrated
from tests.support.keys import send
from tests.support.operations import PROOF, check_projections
from tests.support.people import MUTATIONS, NOW, Client, Device, Person, Ticker, message
from tests.support.protocol.chains import verify_proof
from webapp.gateway.config import GatewayConfig
from webapp.gateway.demo import seed_demo
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.rebuild import rebuild_projections
from webapp.gateway.tables import operations, profiles, signing_keys
from webapp.protocol.clock import DAY_MS
from webapp.protocol.demo_signers import DEMO_SIGNERS, DemoSigner
from webapp.protocol.facts import Policy
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.verdicts import VerifiedProof
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = migrated(tmp_path / "demo.sqlite3")
    yield database
    database.close()


def test_an_empty_database_gets_profiles_and_follows(empty: Database, clock: Ticker) -> None:
    """`shiyu` and `cyberconnect` among them; all text says demo."""
    assert seed_demo(empty, GatewayConfig(), clock) == 12
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


def test_nobody_can_act_as_the_people(tmp_path: Path, clock: Ticker) -> None:
    """Wallets and devices are made anew for each installation; nothing in the program leads to them."""
    owners: list[str] = []
    keys: list[str] = []
    for name in ("one", "two"):
        database = migrated(tmp_path / f"{name}.sqlite3")
        seed_demo(database, GatewayConfig(), clock)
        with database.read() as connection:
            owners += connection.scalars(select(profiles.c.owner_address))
            keys += connection.scalars(select(signing_keys.c.public_key))
        database.close()
    assert len(set(owners)) == len(owners) == 24
    # The only keys that both know are the published ones.
    assert len(keys) == 24
    assert {key for key, count in Counter(keys).items() if count > 1} == {
        PublishedDevice(signer.device_secret).signing_key for signer in DEMO_SIGNERS
    }


class PublishedDevice(Device):
    """The device that everybody has."""

    def __init__(self, secret: int) -> None:
        self._secret = secret

    @cached_property
    def key(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self._secret, ec.SECP256R1())


@pytest.mark.parametrize("later", [0, 90 * DAY_MS, 3_650 * DAY_MS])
@pytest.mark.parametrize("signer", DEMO_SIGNERS, ids=attrgetter("handle"))
def test_a_demo_signer_always_earns_its_status(
    signer: DemoSigner, later: int, empty: Database, clock: Ticker
) -> None:
    """Whoever signs as one earns it from the first moment on, also in years, and whatever was sent before."""
    seed_demo(empty, GatewayConfig(), clock)
    clock.now += later
    client = Client(create_gateway(empty, GatewayConfig(), clock), clock)
    text = "query ($handle: String!) { profileByHandle(handle: $handle) { owner { address } } }"
    address = client.data(text, handle=signer.handle)["profileByHandle"]["owner"]["address"]
    device = PublishedDevice(signer.device_secret)
    for _ in range(2):
        text = message("follow", address, "shiyu", clock.now)
        request = {
            "address": address,
            "handle": "shiyu",
            "message": text,
            "signature": device.sign(text),
            "signingKey": device.signing_key,
        }
        reply = client.ask(MUTATIONS["follow"], input=request)
        assert reply["data"]["follow"]["status"] == signer.earns.value
        assert "retryAfter" not in reply.get("extensions", {})  # no waiting helps
        # Nobody can end the key for all others.
        key = {"address": address, "signingKey": device.signing_key}
        text = json.dumps({"op": "revoke", **key, "ts": clock.now})
        revocation = {
            **key,
            "message": text,
            "signature": device.sign(text),
            "authorizedBy": device.signing_key,
        }
        assert send(client, "revoke", revocation) == signer.earns.value


def test_the_log_alone_gives_all_of_it(empty: Database, clock: Ticker) -> None:
    """Handles are claimed like any others: profiles lost are made anew from the log, to the row."""
    seed_demo(empty, GatewayConfig(), clock)
    with empty.write() as connection:
        before = set(connection.execute(select(profiles)))
        connection.execute(delete(profiles))
    rebuild_projections(empty)
    with empty.read() as connection:
        assert set(connection.execute(select(profiles))) == before
        received = list(connection.scalars(select(operations.c.received_at).order_by(operations.c.position)))
    assert received == sorted(received)


def test_the_operators_limits_do_not_bind_the_seeding(empty: Database, clock: Ticker) -> None:
    policy = Policy(signer_quota=1, reserved_handles=frozenset({"countersign"}), entities=frozenset({"Mine"}))
    assert seed_demo(empty, GatewayConfig(policy=policy), clock) == 12
    assert count(empty, operations) == 24 + 16


def test_several_servers_that_start_at_once_seed_once(tmp_path: Path, clock: Ticker) -> None:
    """Whoever claims the first handle seeds the rest; the others leave it alone."""
    databases = [
        Database.open(f"sqlite:///{tmp_path}/shared.sqlite3", busy_timeout_ms=20_000) for _ in range(4)
    ]
    upgrade(databases[0])
    with ThreadPoolExecutor(4) as pool:
        seeded = list(pool.map(lambda database: seed_demo(database, GatewayConfig(), clock), databases))
    assert sorted(seeded) == [0, 0, 0, 12]
    for database in databases:
        database.close()
