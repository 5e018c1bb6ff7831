"""Revoking, naming and renewing signing keys through the whole gateway: at once, for good, and on record."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from tests.support.databases import count
from tests.support.figures import Figure
from tests.support.keys import act, keys_of, request, send
from tests.support.operations import before_it_is_written
from tests.support.people import DAY, NOW, Client, Device, Person, Ticker, Wallet
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.tables import key_operations, operations, signing_keys
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.facts import Policy
from webapp.protocol.submissions import submission_of
from webapp.storage.database import Database

LIFETIME = GatewayConfig().key_lifetime_ms
LAPTOP = Device("laptop")


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig(policy=Policy(signer_quota=100_000))


def count_by(database: Database, device: Device) -> int:
    return count(database, operations, operations.c.signing_key == device.signing_key)


def test_a_key_has_the_name_that_was_signed_last(client: Client, alice: Person) -> None:
    assert keys_of(client, alice)[alice.device.signing_key]["name"] == ""
    assert act(client, "rename", alice, alice.device, alice.device, name="Phone 📱") == "SUCCESS"
    assert act(client, "rename", alice, alice.device, name="Phone 📱") == "ALREADY_DONE"
    assert keys_of(client, alice)[alice.device.signing_key]["name"] == "Phone 📱"
    assert act(client, "rename", alice, alice.device, name="") == "SUCCESS"
    assert keys_of(client, alice)[alice.device.signing_key]["name"] == ""


@pytest.mark.parametrize("by", ["wallet", "laptop", "itself"])
def test_t24_a_revoked_key_signs_nothing_and_never_returns(by: str, client: Client, alice: Person) -> None:
    client.register(alice, LAPTOP)
    signers: dict[str, Device | Wallet]
    signers = {"wallet": alice.wallet, "laptop": LAPTOP, "itself": alice.device}
    signer = signers[by]
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    assert act(client, "revoke", alice, alice.device, signer) == "SUCCESS"
    assert keys_of(client, alice)[alice.device.signing_key]["revokedAt"] == client.clock.now
    assert client.act("unfollow", alice, "shiyu") == "INVALID_SIGNING_KEY"
    assert {client.register(alice) for _ in range(100)} == {"INVALID_SIGNING_KEY"}
    assert client.status("registerSigningKey", alice.registration(entity="New")) == "INVALID_SIGNING_KEY"
    assert act(client, "rename", alice, alice.device, name="Phone") == "INVALID_SIGNING_KEY"
    assert act(client, "renew", alice, alice.device) == "INVALID_SIGNING_KEY"
    assert act(client, "revoke", alice, alice.device) == "ALREADY_DONE"
    assert act(client, "revoke", alice, LAPTOP, alice.device) == "INVALID_SIGNING_KEY"
    assert client.act("unfollow", Person("alice", LAPTOP), "shiyu") == "SUCCESS"


def test_nobody_elses_key_or_wallet_revokes(client: Client, alice: Person) -> None:
    """Not Mallory's wallet, nor his key, nor a key of hers that he registered for himself."""
    mallory = Person("mallory", alice.device)
    client.register(mallory)
    client.register(mallory, LAPTOP)
    assert act(client, "revoke", alice, alice.device, mallory.wallet) == "INVALID_SIGNATURE"
    assert act(client, "revoke", alice, alice.device, LAPTOP) == "INVALID_SIGNING_KEY"
    assert act(client, "revoke", mallory, alice.device) == "SUCCESS"
    assert client.act("follow", alice, "shiyu") == "SUCCESS"


def test_replays_of_a_revocation_change_nothing(client: Client, alice: Person, database: Database) -> None:
    sent = request(alice, "revoke", alice.device, NOW, alice.device)
    assert send(client, "revoke", sent) == "SUCCESS"
    revoked = keys_of(client, alice)
    client.clock.now += 1_000
    assert {send(client, "revoke", sent) for _ in range(100)} == {"ALREADY_DONE"}
    client.clock.now += DAY
    assert send(client, "revoke", sent) == "ALREADY_DONE"
    assert keys_of(client, alice) == revoked
    assert count(database, key_operations) == 1


def test_an_old_name_or_renewal_does_not_come_back(client: Client, alice: Person, clock: Ticker) -> None:
    first = request(alice, "rename", alice.device, clock.now, name="first")
    renewal = request(alice, "renew", alice.device, clock.now + 1)
    assert send(client, "rename", first) == "SUCCESS"
    assert send(client, "renew", renewal) == "SUCCESS"
    assert send(client, "renew", renewal) == "ALREADY_DONE"
    assert act(client, "rename", alice, alice.device, name="second") == "MESSAGE_EXPIRED"
    assert act(client, "rename", alice, alice.device, name="second") == "SUCCESS"
    assert send(client, "rename", first) == "MESSAGE_EXPIRED"
    before = keys_of(client, alice)
    clock.now += 60_000
    assert send(client, "renew", renewal) == "MESSAGE_EXPIRED"
    assert keys_of(client, alice) == before


def test_a_renewed_key_signs_for_another_term(client: Client, alice: Person, clock: Ticker) -> None:
    clock.now = NOW + LIFETIME - 2
    assert act(client, "renew", alice, alice.device) == "SUCCESS"
    expires_at = clock.now + LIFETIME
    assert keys_of(client, alice)[alice.device.signing_key]["expiresAt"] == expires_at
    clock.now = NOW + LIFETIME
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    clock.now = expires_at
    assert client.status("unfollow", alice.request("unfollow", "shiyu", clock.now)) == "EXPIRED_SIGNING_KEY"
    assert act(client, "renew", alice, alice.device) == "EXPIRED_SIGNING_KEY"
    assert client.register(alice) == "INVALID_SIGNING_KEY"


def test_a_device_does_not_prolong_itself(client: Client, alice: Person, clock: Ticker) -> None:
    sent = request(alice, "renew", alice.device, clock.now, alice.device)
    del sent["authorizedBy"]
    assert send(client, "renew", sent) == "INVALID_SIGNATURE"


def test_an_expired_key_can_still_be_named_and_revoked(client: Client, alice: Person, clock: Ticker) -> None:
    clock.now = NOW + LIFETIME
    assert act(client, "rename", alice, alice.device, alice.device, name="x") == "EXPIRED_SIGNING_KEY"
    assert act(client, "rename", alice, alice.device, name="x") == "SUCCESS"
    assert act(client, "revoke", alice, alice.device) == "SUCCESS"


def test_revoked_keys_make_room_for_others(client: Client, alice: Person) -> None:
    devices = [Device(f"device {number}") for number in range(32)]
    answers = [client.register(alice, device) for device in devices]
    assert answers == ["SUCCESS"] * 31 + ["INVALID_SIGNING_KEY"]
    assert act(client, "revoke", alice, devices[0]) == "SUCCESS"
    assert client.register(alice, devices[31]) == "SUCCESS"


def test_a_thief_cannot_hold_up_a_revocation(database: Database, clock: Ticker) -> None:
    """Whoever has the phone names it from the end of the window until the quota is spent: it is revoked."""
    config = GatewayConfig(policy=Policy(signer_quota=5))
    client = Client(create_gateway(database, config, clock), clock)
    alice = Person("alice")
    client.register(alice)
    ahead = clock.now + Policy().future_ms - 5
    names = [
        send(
            client,
            "rename",
            request(alice, "rename", alice.device, ahead + turn, alice.device, name=f"{turn}"),
        )
        for turn in range(6)
    ]
    assert names == ["SUCCESS"] * 5 + ["RATE_LIMITED"]
    assert send(client, "revoke", request(alice, "revoke", alice.device, clock.now)) == "SUCCESS"


def test_the_log_of_keys_chains_and_can_be_computed_anew(
    client: Client, alice: Person, database: Database
) -> None:
    client.register(alice, LAPTOP)
    act(client, "rename", alice, LAPTOP, alice.device, name="Laptop")
    act(client, "renew", alice, LAPTOP)
    act(client, "revoke", alice, alice.device, LAPTOP)
    with database.read() as connection:
        rows = list(connection.execute(select(key_operations).order_by(key_operations.c.sequence)))
        keys = {row.public_key: row for row in connection.execute(select(signing_keys))}
    assert [(row.sequence, row.op) for row in rows] == [(1, "rename"), (2, "renew"), (3, "revoke")]
    previous = "0" * 64
    for row in rows:
        authorization = ""
        if row.authorized_by:
            key = keys[row.authorized_by]
            authorization = SigningKeyAuthorization(
                Address(alice.address), key.authorization_message, key.authorization_signature
            ).digest
        lines = (
            "countersign/key-operation/v1",
            alice.address,
            str(row.sequence),
            previous,
            hashlib.sha256(row.message.encode()).hexdigest(),
            row.signature,
            row.authorized_by,
            authorization,
        )
        assert row.previous_digest == previous
        previous = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        assert row.entry_digest == previous


def test_the_database_refuses_to_change_the_log_of_keys(
    client: Client, alice: Person, database: Database
) -> None:
    act(client, "rename", alice, alice.device, name="Phone")
    for statement in (delete(key_operations), update(key_operations).values(ts=0)):
        with pytest.raises(IntegrityError, match="key_operations_keep"), database.write() as connection:
            connection.execute(statement)


@pytest.mark.parametrize("rounds", [50, pytest.param(500, marks=pytest.mark.soak)])
def test_t32_after_the_answer_not_one_operation_of_a_revoked_key_is_accepted(
    rounds: int, gateways: list[Client], database: Database, figure: Figure
) -> None:
    """Again and again two gateways have follows under way while the wallet revokes: none comes after."""
    first, second = gateways
    clock = first.clock
    accepted = late = 0
    with ThreadPoolExecutor(2) as pool:
        for round_ in range(rounds):
            clock.now += 10_000
            person = Person("alice", Device(f"stolen {round_}"))
            assert first.register(person) == "SUCCESS"
            revocation = request(person, "revoke", person.device, clock.now)
            work = {
                handle: [
                    (op, person.request(op, handle, clock.now + 10 * turn + number))
                    for turn in range(4)
                    for number, op in enumerate(("follow", "unfollow"))
                ]
                for handle in ("shiyu", "cyberconnect")
            }
            under_way = threading.Barrier(3)

            def keep_going(client: Client, handle: str) -> list[str]:
                under_way.wait()  # noqa: B023 (joined within the round)
                return [client.status(op, sent) for op, sent in work[handle]]  # noqa: B023

            jobs = [
                pool.submit(keep_going, client, handle) for client, handle in zip(gateways, work, strict=True)
            ]
            under_way.wait()
            assert send((first, second)[round_ % 2], "revoke", revocation) == "SUCCESS"
            at_the_answer = count_by(database, person.device)
            answers = [answer for job in jobs for answer in job.result()]
            assert set(answers) <= {"SUCCESS", "ALREADY_DONE", "MESSAGE_EXPIRED", "INVALID_SIGNING_KEY"}
            for client in gateways:
                for op, sent in work["shiyu"][-2:]:
                    assert client.status(op, sent) in {"INVALID_SIGNING_KEY", "MESSAGE_EXPIRED"}
            in_the_end = count_by(database, person.device)
            assert answers.count("SUCCESS") == in_the_end
            accepted, late = accepted + in_the_end, late + in_the_end - at_the_answer
    figure("accepted after their key's revocation was answered", late, at_most=0, of=f"{rounds} revocations")
    assert accepted
    assert compare_projections(database).equal


def test_of_two_devices_that_revoke_each_other_at_once_one_stays(gateways: list[Client]) -> None:
    clock = gateways[0].clock
    with ThreadPoolExecutor(2) as pool:
        for round_ in range(50):
            clock.now += 1
            one, two = Device(f"one {round_}"), Device(f"two {round_}")
            alice = Person("alice")
            for device in (one, two):
                assert gateways[0].register(alice, device) == "SUCCESS"
            sent = [
                request(alice, "revoke", one, clock.now, two),
                request(alice, "revoke", two, clock.now, one),
            ]
            answers = list(
                pool.map(lambda job: send(job[0], "revoke", job[1]), zip(gateways, sent, strict=True))
            )
            assert sorted(answers) == ["INVALID_SIGNING_KEY", "SUCCESS"]
            revoked = [keys_of(gateways[0], alice)[device.signing_key]["revokedAt"] for device in (one, two)]
            assert [at is not None for at in revoked] == [answer == "SUCCESS" for answer in answers]
            assert act(gateways[0], "revoke", alice, one) in {"SUCCESS", "ALREADY_DONE"}
            assert act(gateways[0], "revoke", alice, two) in {"SUCCESS", "ALREADY_DONE"}


@pytest.mark.parametrize("change", ["signer revoked", "signer expired", "key revoked", "named"])
def test_what_changed_since_the_facts_were_read_is_noticed(
    change: str, *, client: Client, alice: Person, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signature was verified with no lock held: what the decision stood on is looked at again."""
    client.register(alice, LAPTOP)
    log = OperationLog(database, Policy(), LIFETIME, client.clock)

    def interfere() -> None:
        if change == "signer revoked":
            assert act(client, "revoke", alice, LAPTOP) == "SUCCESS"
        elif change == "key revoked":
            assert act(client, "revoke", alice, alice.device) == "SUCCESS"
        elif change == "named":
            assert act(client, "rename", alice, alice.device, name="new") == "SUCCESS"
        else:
            client.clock.now += 10
            with database.write() as connection:
                connection.execute(
                    update(signing_keys)
                    .where(signing_keys.c.public_key == LAPTOP.signing_key)
                    .values(expires_at=client.clock.now)
                )

    before_it_is_written(log, interfere, monkeypatch)
    sent = request(alice, "rename", alice.device, client.clock.now + 100, LAPTOP, name="new")
    submission = submission_of("renameSigningKey", sent)
    expected = {
        "signer revoked": "INVALID_SIGNING_KEY",
        "signer expired": "EXPIRED_SIGNING_KEY",
        "key revoked": "INVALID_SIGNING_KEY",
        "named": "ALREADY_DONE",
    }
    assert log.submit_and_wait(submission).status == expected[change]
    log.close()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"address": "0x12"}, "INVALID_ADDRESS"),
        ({"message": "{}"}, "INVALID_MESSAGE"),
        ({"message": "\ud800"}, "INVALID_MESSAGE"),
        ({"signingKey": Device("other").signing_key}, "INVALID_MESSAGE"),
        ({"signature": "0x"}, "INVALID_SIGNATURE"),
        ({"authorizedBy": "AAAA"}, "INVALID_SIGNING_KEY"),
        ({"authorizedBy": "\ud800"}, "INVALID_SIGNING_KEY"),
        ({"authorizedBy": Device("other").signing_key}, "INVALID_SIGNING_KEY"),
    ],
)
def test_what_is_refused(
    change: dict[str, str], expected: str, client: Client, alice: Person, database: Database
) -> None:
    sent = request(alice, "revoke", alice.device, client.clock.now)
    assert send(client, "revoke", sent | change) == expected
    assert count(database, key_operations) == 0
