"""Registering a device's key: the contract's statuses, tombstones, expiry and the cap."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select, update

from tests.support import keys
from tests.support.databases import add_profile, count
from tests.support.people import DAY, NOW, Client, Device, Person, Ticker, Wallet, authorization
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.reads import key_uses
from webapp.gateway.tables import signing_keys
from webapp.protocol.facts import Policy
from webapp.storage.database import Database

KEYS = (
    "query ($address: AddressEVM!) { address(address: $address) "
    "{ signingKeys { signingKey fingerprint name entity registeredAt expiresAt revokedAt } } }"
)
LIFETIME = GatewayConfig().key_lifetime_ms


def revoke(database: Database, person: Person, now: int) -> None:
    with database.write() as connection:
        connection.execute(
            update(signing_keys).where(signing_keys.c.address == person.address).values(revoked_at=now)
        )


def test_a_registered_key_is_listed(client: Client, alice: Person) -> None:
    [key] = client.data(KEYS, address=alice.address)["address"]["signingKeys"]
    assert key.pop("fingerprint").count("·") == 1
    assert key == {
        "signingKey": alice.device.signing_key,
        "name": "",
        "entity": "CyberConnect",
        "registeredAt": NOW,
        "expiresAt": NOW + LIFETIME,
        "revokedAt": None,
    }


def test_registering_again_changes_nothing(client: Client, alice: Person, clock: Ticker) -> None:
    """Another entity, a later time: SUCCESS, and the key expires when it would have."""
    before = client.data(KEYS, address=alice.address)
    clock.now += DAY
    assert client.status("registerSigningKey", alice.registration(entity="Another App")) == "SUCCESS"
    assert client.data(KEYS, address=alice.address) == before


def test_t28_a_key_signs_until_the_millisecond_it_expires(
    client: Client, alice: Person, clock: Ticker
) -> None:
    clock.now = NOW + LIFETIME - 1
    assert client.status("follow", alice.request("follow", "shiyu", clock.now)) == "SUCCESS"
    clock.now = NOW + LIFETIME
    assert client.status("unfollow", alice.request("unfollow", "shiyu", clock.now)) == "EXPIRED_SIGNING_KEY"
    assert client.register(alice) == "INVALID_SIGNING_KEY"


def test_t24_a_revoked_key_never_returns(
    client: Client, alice: Person, clock: Ticker, database: Database
) -> None:
    """The wallet's old signature is still good, and worth nothing: nor is a new one, for another entity."""
    revoke(database, alice, clock.now)
    assert client.act("follow", alice, "shiyu") == "INVALID_SIGNING_KEY"
    assert {client.register(alice) for _ in range(100)} == {"INVALID_SIGNING_KEY"}
    assert client.status("registerSigningKey", alice.registration(entity="New App")) == "INVALID_SIGNING_KEY"
    assert client.register(alice, Device("a new phone")) == "SUCCESS"


def test_t23_a_key_is_good_for_its_address_alone(client: Client, alice: Person, clock: Ticker) -> None:
    """Mallory registers Alice's key for himself: he gains nothing and takes nothing from her."""
    mallory = Person("mallory", alice.device)
    assert client.register(mallory) == "SUCCESS"
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    his = Person("mallory", Device("his"))
    assert client.register(his) == "SUCCESS"
    forged = Person("alice", his.device).request("unfollow", "shiyu", clock.now + 1)
    assert client.status("unfollow", forged) == "INVALID_SIGNING_KEY"


def test_t27_another_wallet_cannot_authorise(client: Client) -> None:
    registration = Person("alice").registration() | {"signature": Wallet("bob").sign(authorization(Device()))}
    assert client.status("registerSigningKey", registration) == "INVALID_SIGNATURE"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"address": "0x12"}, "INVALID_ADDRESS"),
        ({"message": "I authorize nothing"}, "INVALID_MESSAGE"),
        ({"message": authorization(Device()) + "\n"}, "INVALID_MESSAGE"),
        ({"message": authorization(Device()).replace("\n", "\r\n")}, "INVALID_MESSAGE"),
        ({"message": authorization(Device())[:-1]}, "INVALID_SIGNING_KEY"),
        ({"signature": "0x"}, "INVALID_SIGNATURE"),
        ({"signature": "0x" + "00" * 65}, "INVALID_SIGNATURE"),
        ({"message": "\ud800"}, "INVALID_MESSAGE"),
        ({"signature": "\ud800"}, "INVALID_SIGNATURE"),
    ],
)
def test_what_is_refused(change: dict[str, str], expected: str, client: Client, database: Database) -> None:
    assert client.status("registerSigningKey", Person("alice").registration() | change) == expected
    assert count(database, signing_keys) == 0


@pytest.mark.parametrize("v", ["00", "01", "1b", "1c"])
def test_the_wallets_signature_is_kept_in_one_form(v: str, client: Client, database: Database) -> None:
    """Wallets write v as 0 or 27, hex in either case: stored is one spelling."""
    registration = Person("alice").registration()
    good = registration["signature"]
    odd = int(good[-2:], 16) % 2 == 0
    if (int(v, 16) % 27 == 1) is not odd:
        return
    spelled = "0x" + good[2:-2].upper() + v
    assert client.status("registerSigningKey", registration | {"signature": spelled}) == "SUCCESS"
    with database.read() as connection:
        assert connection.scalar(select(signing_keys.c.authorization_signature)) == good


def test_t29_no_more_than_32_live_keys(client: Client, clock: Ticker) -> None:
    """The 33rd is refused until one expires; one that is there already may come again."""
    alice = Person("alice")
    devices = [Device(str(number)) for number in range(33)]
    assert {client.register(alice, device) for device in devices[:32]} == {"SUCCESS"}
    assert client.register(alice, devices[32]) == "INVALID_SIGNING_KEY"
    assert client.register(alice, devices[0]) == "SUCCESS"
    clock.now += LIFETIME
    assert client.register(alice, devices[32]) == "SUCCESS"


def test_t29_the_cap_holds_in_a_race(database: Database, clock: Ticker) -> None:
    """Twelve devices at once where there is room for three: three get in."""
    client = Client(create_gateway(database, GatewayConfig(policy=Policy(max_live_keys=3)), clock), clock)
    alice = Person("alice")
    requests = [alice.registration(Device(str(number))) for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda request: client.status("registerSigningKey", request), requests))
    assert sorted(answers) == ["INVALID_SIGNING_KEY"] * 9 + ["SUCCESS"] * 3


def test_one_key_registered_many_times_at_once_is_one_key(client: Client, database: Database) -> None:
    alice = Person("alice")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.register(alice), range(8)))
    assert answers == ["SUCCESS"] * 8
    assert count(database, signing_keys) == 1


def test_only_listed_entities_where_there_is_a_list(database: Database, clock: Ticker) -> None:
    policy = Policy(entities=frozenset({"Countersign"}))
    client = Client(create_gateway(database, GatewayConfig(policy=policy), clock), clock)
    alice = Person("alice")
    assert client.status("registerSigningKey", alice.registration(entity="Other")) == "INVALID_MESSAGE"
    assert client.status("registerSigningKey", alice.registration(entity="Countersign")) == "SUCCESS"


def listed(client: Client, person: Person) -> list[str]:
    found = client.data(KEYS, address=person.address)["address"]["signingKeys"]
    return [key["signingKey"] for key in found]


def test_dead_keys_do_not_hide_a_live_one(client: Client, clock: Ticker, database: Database) -> None:
    """More have died since than are listed: the one that still signs comes first all the same."""
    alice, phone = Person("alice"), Device("phone")
    assert client.register(alice, phone) == "SUCCESS"
    message = alice.registration()["message"]
    # Any curve points do: registering and revoking so many through the API takes a minute.
    others = [Device(f"other {number}").signing_key for number in range(101)]
    with database.write() as connection:
        connection.execute(
            insert(signing_keys),
            [
                {
                    "address": alice.address,
                    "public_key": other,
                    "authorization_message": message,
                    "authorization_signature": "",
                    "registered_at": clock.now + 1 + age,
                    "expires_at": clock.now + LIFETIME + age,
                    "revoked_at": clock.now if age % 2 else None,
                }
                for age, other in enumerate(others)
            ],
        )
        connection.execute(
            update(signing_keys)
            .where(signing_keys.c.public_key != phone.signing_key, signing_keys.c.revoked_at.is_(None))
            .values(expires_at=clock.now)
        )
    assert listed(client, alice) == [phone.signing_key, *reversed(others)][:100]


def test_every_live_key_is_listed(database: Database, clock: Ticker) -> None:
    """Also where the operator allows more of them than are listed otherwise."""
    policy = Policy(max_live_keys=102)
    client = Client(create_gateway(database, GatewayConfig(policy=policy), clock), clock)
    alice = Person("alice")
    devices = [Device(str(number)) for number in range(102)]
    for device in devices:
        clock.now += 1
        assert client.register(alice, device) == "SUCCESS"
    assert listed(client, alice) == [device.signing_key for device in reversed(devices)]


USES = "query ($of: AddressEVM!) { address(address: $of) { signingKeys { signingKey lastUsedAt } } }"


@pytest.fixture
def handles(database: Database) -> tuple[str, ...]:
    """Three that somebody has, besides shiyu."""
    names = ("one", "two", "three")
    for number, name in enumerate(names):
        add_profile(database, name, Person(name).address, 100 + number)
    return names


def uses(client: Client, person: Person) -> dict[str, int | None]:
    """When each key was last used, as the gateway tells it."""
    listed = client.data(USES, of=person.address)["address"]["signingKeys"]
    return {key["signingKey"]: key["lastUsedAt"] for key in listed}


def test_when_a_key_was_last_used_is_when_its_newest_operation_was_accepted(
    client: Client, alice: Person, clock: Ticker, handles: tuple[str, ...]
) -> None:
    """Of operations on handles and on keys alike; what the wallet signed, or nobody took, is no use of it."""
    phone, tablet = alice.device, Device("tablet")
    at_tablet = Person("alice", tablet)
    client.register(alice)
    client.register(at_tablet)
    clock.now += DAY
    assert uses(client, alice) == {phone.signing_key: None, tablet.signing_key: None}
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    followed = clock.now
    clock.now += DAY
    assert client.act("follow", at_tablet, handles[0]) == "SUCCESS"
    assert uses(client, alice) == {phone.signing_key: followed, tablet.signing_key: clock.now}
    used = clock.now
    clock.now += DAY
    assert client.act("follow", at_tablet, handles[0]) == "ALREADY_DONE"
    assert keys.act(client, "rename", alice, tablet, name="Tablet") == "SUCCESS"
    assert uses(client, alice) == {phone.signing_key: followed, tablet.signing_key: used}
    assert keys.act(client, "rename", alice, tablet, name="Old tablet", by=phone) == "SUCCESS"
    assert uses(client, alice) == {phone.signing_key: clock.now, tablet.signing_key: used}
    assert uses(client, Person("bob")) == {}


def test_no_more_than_the_newest_operations_are_looked_through(
    client: Client, alice: Person, clock: Ticker, handles: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_uses, "MOST_LOOKED_THROUGH", 3)
    tablet = Device("tablet")
    at_tablet = Person("alice", tablet)
    client.register(alice)
    client.register(at_tablet)
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    followed = clock.now
    for handle in handles:
        assert uses(client, alice)[alice.device.signing_key] == followed
        assert client.act("follow", at_tablet, handle) == "SUCCESS"
    assert uses(client, alice) == {alice.device.signing_key: None, tablet.signing_key: clock.now}


def test_what_is_looked_through_is_taken_from_the_budget(
    database: Database, clock: Ticker, handles: tuple[str, ...]
) -> None:
    client = Client(create_gateway(database, GatewayConfig(max_rows=9), clock), clock)
    alice = Person("alice")
    client.register(alice)
    for handle in ("shiyu", *handles[:2]):
        assert client.act("follow", alice, handle) == "SUCCESS"
    assert uses(client, alice) == {alice.device.signing_key: clock.now}
    for op in ("unfollow", "follow", "unfollow"):
        assert client.act(op, alice, "shiyu") == "SUCCESS"
    [fault] = client.ask(USES, of=alice.address)["errors"]
    assert fault["extensions"]["code"] == "LIMIT_EXCEEDED"
