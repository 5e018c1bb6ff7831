"""Handles and profiles through the whole gateway: one owner each, all signed, and nobody handed over."""

import itertools
import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.databases import count
from tests.support.handles import ABOUT_FOLLOWERS, EMPTY_TEXT, OPS, act, request, send
from tests.support.operations import PROOF, before_it_is_written
from tests.support.people import DAY, Client, Device, Person, Ticker
from tests.support.protocol.chains import verify_chain
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.export import export_log
from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.log.rebuild import compare_projections, rebuild_projections
from webapp.gateway.tables import operations, profiles
from webapp.protocol.address import Address
from webapp.protocol.facts import Policy
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.proof_file import VerifiedFile
from webapp.protocol.submissions import submission_of
from webapp.storage.database import Database

PROFILE = (
    "query ($handle: String!) { profileByHandle(handle: $handle) { id profileID handle isPrimary avatar "
    "followerCount owner { address } metadataInfo { displayName bio avatar } } }"
)


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig(policy=Policy(reserved_handles=frozenset({"admin"}), signer_quota=100_000))


@pytest.fixture
def bob(client: Client) -> Person:
    person = Person("bob", Device("bob's phone"))
    assert client.register(person) == "SUCCESS"
    return person


def profile(client: Client, handle: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = client.data(PROFILE, handle=handle)["profileByHandle"]
    return found


def log_of(database: Database, person: Person, handle: str) -> list[ProofOfConnection]:
    with database.read() as connection:
        lines = [json.loads(line) for line in export_log(connection, Address(person.address))]
    return [ProofOfConnection.parse(line["proof"]) for line in lines if line["handle"] == handle]


def ops_of(chain: list[ProofOfConnection]) -> list[str]:
    return [json.loads(proof.content)["op"] for proof in chain]


def test_a_claimed_handle_is_a_profile(client: Client, alice: Person, clock: Ticker) -> None:
    sent = request(alice, "claim", "alice", clock.now)
    assert send(client, "claim", sent) == {"status": "SUCCESS", "tsInServer": clock.now + 1}
    found = profile(client, "alice")
    assert found is not None
    assert (found["owner"]["address"], found["isPrimary"], found["followerCount"]) == (alice.address, True, 0)
    assert found["metadataInfo"] == EMPTY_TEXT
    assert act(client, "claim", alice, "alice") == "ALREADY_DONE"


def test_the_first_handle_stands_for_its_owner_and_then_the_next_oldest(
    client: Client, alice: Person, database: Database
) -> None:
    def primaries() -> list[str]:
        with database.read() as connection:
            rows = connection.execute(select(profiles).where(profiles.c.owner_address == alice.address))
            return [row.handle for row in rows if row.is_primary]

    for handle in ("one", "two", "three"):
        assert act(client, "claim", alice, handle) == "SUCCESS"
        assert primaries() == ["one"]
    for released, stands in (("two", ["one"]), ("one", ["three"]), ("three", [])):
        assert act(client, "release", alice, released) == "SUCCESS"
        assert primaries() == stands
    assert act(client, "claim", alice, "two") == "SUCCESS"
    assert primaries() == ["two"]


def test_what_somebody_else_owns_is_taken(
    client: Client, alice: Person, bob: Person, database: Database
) -> None:
    assert act(client, "claim", alice, "alice") == "SUCCESS"
    length = count(database, operations)
    assert act(client, "claim", bob, "alice") == "HANDLE_TAKEN"
    assert act(client, "profile", bob, "alice", displayName="Bob was here") == "HANDLE_TAKEN"
    assert act(client, "release", bob, "alice") == "ALREADY_DONE"
    assert act(client, "claim", bob, "shiyu") == "HANDLE_TAKEN"
    assert act(client, "claim", bob, "admin") == "HANDLE_TAKEN"
    found = profile(client, "alice")
    assert found is not None
    assert (found["owner"]["address"], found["metadataInfo"]) == (alice.address, EMPTY_TEXT)
    assert count(database, operations) == length


@pytest.mark.parametrize(
    "handle",
    ["ѕhiyu", "shiyu\u200d", "shiyu\u00ad", "shiyu.", "Shiyu", "@shiyu", "shiyu.cc", "ＳＨＩＹＵ"],  # noqa: RUF001 (look-alikes)
)
def test_t46_what_looks_like_a_handle_cannot_be_claimed(
    handle: str, client: Client, alice: Person, database: Database
) -> None:
    """Nor is it repaired into one that looks so: nobody would see whom they follow."""
    assert act(client, "claim", alice, handle) == "HANDLE_NOT_FOUND"
    assert count(database, operations) == 0


@pytest.mark.parametrize("op", ["follow", "unfollow"])
def test_a_claim_is_no_follow_and_a_follow_no_claim(
    op: str, client: Client, alice: Person, clock: Ticker, database: Database
) -> None:
    for said in OPS:
        crossed = request(alice, said, "shiyu", clock.now)
        assert client.status(op, crossed) == "INVALID_MESSAGE"
    for asked in OPS:
        crossed = alice.request(op, "shiyu", clock.now)
        assert send(client, asked, crossed)["status"] in {"INVALID_MESSAGE", "HANDLE_NOT_FOUND"}
    assert count(database, operations) == 0


def test_nobody_follows_a_handle_of_their_own(client: Client, alice: Person) -> None:
    assert act(client, "claim", alice, "alice") == "SUCCESS"
    assert client.act("follow", alice, "alice") == "INVALID_MESSAGE"


def test_a_released_handle_is_gone_but_its_followers_can_leave(
    client: Client, alice: Person, bob: Person, database: Database
) -> None:
    act(client, "claim", alice, "alice")
    assert client.act("follow", bob, "alice") == "SUCCESS"
    assert act(client, "release", alice, "alice") == "SUCCESS"
    assert profile(client, "alice") is None
    assert client.act("follow", Person("carol"), "alice") == "HANDLE_NOT_FOUND"
    assert client.act("unfollow", bob, "alice") == "SUCCESS"
    assert act(client, "profile", alice, "alice", displayName="x") == "HANDLE_NOT_FOUND"
    assert compare_projections(database).equal


def test_followers_are_not_handed_over_to_a_stranger(
    client: Client, alice: Person, bob: Person, database: Database
) -> None:
    """As long as somebody follows it, only who released it can have it back, whatever the time."""
    act(client, "claim", alice, "alice")
    client.act("follow", bob, "alice")
    act(client, "release", alice, "alice")
    mallory = Person("mallory", Device("his"))
    client.clock.now += 365 * DAY
    for person in (alice, bob, mallory):
        person.device = Device(f"{person.name}'s next")
        assert client.register(person) == "SUCCESS"
    assert act(client, "claim", mallory, "alice") == "HANDLE_TAKEN"
    assert act(client, "claim", bob, "alice") == "HANDLE_TAKEN"
    assert client.act("unfollow", bob, "alice") == "SUCCESS"
    assert act(client, "claim", mallory, "alice") == "SUCCESS"
    assert act(client, "claim", alice, "alice") == "HANDLE_TAKEN"
    assert compare_projections(database).equal


def test_the_last_owner_comes_back_to_all_followers(client: Client, alice: Person, bob: Person) -> None:
    act(client, "claim", alice, "alice")
    client.act("follow", bob, "alice")
    act(client, "release", alice, "alice")
    assert act(client, "claim", alice, "alice") == "SUCCESS"
    found = profile(client, "alice")
    assert found is not None
    assert found["followerCount"] == 1


def test_quarantine(client: Client, alice: Person, bob: Person, clock: Ticker) -> None:
    """Counted from the release by the gateway's clock, to the millisecond."""
    act(client, "claim", alice, "alice")
    act(client, "release", alice, "alice")
    clock.now += Policy().quarantine_ms - 2
    for person in (alice, bob):
        person.device = Device(f"{person.name}'s next")
        assert client.register(person) == "SUCCESS"
    assert act(client, "claim", bob, "alice") == "HANDLE_TAKEN"
    assert act(client, "claim", bob, "alice") == "SUCCESS"
    assert act(client, "release", bob, "alice") == "SUCCESS"
    assert act(client, "claim", alice, "alice") == "HANDLE_TAKEN"


def test_a_profile_shows_what_its_owner_signed_last(
    client: Client, alice: Person, database: Database
) -> None:
    act(client, "claim", alice, "alice")
    shown = {"displayName": "Alice 👩\u200d🚀", "bio": "<b>text</b>", "avatar": "https://example.org/a.png"}
    assert act(client, "profile", alice, "alice", **shown) == "SUCCESS"
    found = profile(client, "alice")
    assert found is not None
    assert (found["metadataInfo"], found["avatar"]) == (shown, shown["avatar"])
    assert act(client, "profile", alice, "alice", **shown) == "ALREADY_DONE"
    assert act(client, "profile", alice, "alice") == "SUCCESS"
    found = profile(client, "alice")
    assert found is not None
    assert found["metadataInfo"] == EMPTY_TEXT
    assert compare_projections(database).equal


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_texts_arrive_the_newest_stands(
    order: tuple[int, ...], client: Client, alice: Person, clock: Ticker
) -> None:
    act(client, "claim", alice, "alice")
    sent = [
        request(alice, "profile", "alice", clock.now + 1 + number, displayName=str(number))
        for number in range(3)
    ]
    for number in order:
        assert send(client, "profile", sent[number])["status"] in {"SUCCESS", "MESSAGE_EXPIRED"}
    found = profile(client, "alice")
    assert found is not None
    assert found["metadataInfo"]["displayName"] == "2"


def test_replays_change_nothing(client: Client, alice: Person, clock: Ticker, database: Database) -> None:
    """A hundred times each: the newest message is ALREADY_DONE, an older one MESSAGE_EXPIRED, for ever."""
    claim = request(alice, "claim", "alice", clock.now)
    release = request(alice, "release", "alice", clock.now + 1)
    assert send(client, "claim", claim)["status"] == "SUCCESS"
    assert {send(client, "claim", claim)["status"] for _ in range(100)} == {"ALREADY_DONE"}
    assert send(client, "release", release)["status"] == "SUCCESS"
    assert {send(client, "release", release)["status"] for _ in range(100)} == {"ALREADY_DONE"}
    assert {send(client, "claim", claim)["status"] for _ in range(100)} == {"MESSAGE_EXPIRED"}
    clock.now += DAY
    assert send(client, "release", release)["status"] == "ALREADY_DONE"
    assert profile(client, "alice") is None
    assert count(database, operations) == 2


def test_everything_about_a_handle_can_be_proved(
    client: Client, alice: Person, bob: Person, database: Database
) -> None:
    """One chain for the pair, whatever is in it; and the proof of a follow that stands amid claims."""
    act(client, "claim", alice, "alice")
    act(client, "profile", alice, "alice", displayName="Alice")
    act(client, "profile", alice, "alice", displayName="Alice!")
    act(client, "release", alice, "alice")
    act(client, "claim", alice, "alice")
    chain = log_of(database, alice, "alice")
    assert isinstance(verify_chain(chain), VerifiedFile)
    assert ops_of(chain) == ["claim", "profile", "profile", "release", "claim"]
    assert client.act("follow", bob, "alice") == "SUCCESS"
    text = (
        "query ($handle: String!) { profileByHandle(handle: $handle) "
        f"{{ followers {{ edges {{ node {{ proof {{ {PROOF} }} }} }} }} }} }}"
    )
    [edge] = client.data(text, handle="alice")["profileByHandle"]["followers"]["edges"]
    assert [ProofOfConnection.parse(edge["node"]["proof"])] == log_of(database, bob, "alice")


def test_a_follow_keeps_its_proof_when_the_handle_changes_hands(
    client: Client, alice: Person, database: Database
) -> None:
    """Only in a database changed by hand does an owner follow their own handle; it still adds up."""
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    with database.write() as connection:
        connection.execute(profiles.update().values(owner_address=alice.address))
    assert act(client, "profile", alice, "shiyu", displayName="Mine") == "SUCCESS"
    assert act(client, "release", alice, "shiyu") == "SUCCESS"
    chain = log_of(database, alice, "shiyu")
    assert isinstance(verify_chain(chain), VerifiedFile)
    assert ops_of(chain) == ["follow", "profile", "release"]
    assert compare_projections(database).equal
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
    assert compare_projections(database).equal


def test_one_address_owns_no_more_than_its_share(database: Database, clock: Ticker) -> None:
    config = GatewayConfig(policy=Policy(max_handles=2))
    client = Client(create_gateway(database, config, clock), clock)
    alice = Person("alice")
    client.register(alice)
    assert [act(client, "claim", alice, handle) for handle in ("one", "two", "three")] == [
        "SUCCESS",
        "SUCCESS",
        "RATE_LIMITED",
    ]
    assert act(client, "release", alice, "one") == "SUCCESS"
    assert act(client, "claim", alice, "three") == "SUCCESS"


def test_of_several_who_claim_at_once_one_wins(gateways: list[Client], database: Database) -> None:
    """Fifty rounds from two gateways: one SUCCESS, else HANDLE_TAKEN; the owner is who was told so."""
    people = [Person(f"person {number}", Device(str(number))) for number in range(4)]
    clock = gateways[0].clock
    for person in people:
        gateways[0].register(person)
    with ThreadPoolExecutor(4) as pool:
        for round_ in range(50):
            handle = f"wanted-{round_}"
            clock.now += 1
            sent = [request(person, "claim", handle, clock.now) for person in people]
            answers = list(
                pool.map(lambda job: send(gateways[job[0] % 2], "claim", job[1])["status"], enumerate(sent))
            )
            assert sorted(answers) == ["HANDLE_TAKEN"] * 3 + ["SUCCESS"]
            found = profile(gateways[0], handle)
            assert found is not None
            assert found["owner"]["address"] == people[answers.index("SUCCESS")].address
            if round_ >= 20:  # nobody may come to own too many
                act(gateways[0], "release", people[answers.index("SUCCESS")], handle)
    assert compare_projections(database).equal


def test_a_claim_sent_at_once_from_everywhere_is_one_operation(
    gateways: list[Client], alice: Person, database: Database
) -> None:
    sent = request(alice, "claim", "alice", gateways[0].clock.now)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda turn: send(gateways[turn % 2], "claim", sent)["status"], range(16)))
    assert sorted(answers) == ["ALREADY_DONE"] * 15 + ["SUCCESS"]
    assert count(database, operations) == 1


def test_claims_at_once_do_not_slip_past_the_limit(database: Database, clock: Ticker) -> None:
    client = Client(create_gateway(database, GatewayConfig(policy=Policy(max_handles=1)), clock), clock)
    alice = Person("alice")
    client.register(alice)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            clock.now += 1
            sent = [request(alice, "claim", f"h{number}", clock.now) for number in range(4)]
            answers = list(pool.map(lambda one: send(client, "claim", one)["status"], sent))
            assert sorted(answers) == ["RATE_LIMITED"] * 3 + ["SUCCESS"]
            assert act(client, "release", alice, f"h{answers.index('SUCCESS')}") == "SUCCESS"


def test_nobody_follows_what_is_being_released(gateways: list[Client], alice: Person, bob: Person) -> None:
    """Follow against release: a follow that came second finds no profile, one that came first stays."""
    clock = gateways[0].clock
    with ThreadPoolExecutor(2) as pool:
        for _ in range(30):
            act(gateways[0], "claim", alice, "alice")
            clock.now += 1
            jobs = [
                pool.submit(send, gateways[0], "release", request(alice, "release", "alice", clock.now)),
                pool.submit(gateways[1].send, "follow", bob.request("follow", "alice", clock.now)),
            ]
            released, followed = (job.result()["status"] for job in jobs)
            assert released == "SUCCESS"
            assert followed in {"SUCCESS", "HANDLE_NOT_FOUND"}
            clock.now += 1
            left = gateways[0].act("unfollow", bob, "alice")
            assert (left == "SUCCESS") is (followed == "SUCCESS")


@pytest.mark.parametrize("change", ["claimed", "reached the limit", "followed"])
def test_what_changed_since_the_facts_were_read_is_noticed(
    change: str,
    *,
    client: Client,
    alice: Person,
    bob: Person,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The signature was verified with no lock held: what the decision stood on is looked at again."""
    policy = Policy(max_handles=1, quarantine_ms=0)
    log = OperationLog(database, policy, GatewayConfig().key_lifetime_ms, client.clock)
    act(client, "claim", bob, "wanted")
    act(client, "release", bob, "wanted")

    def interfere() -> None:
        if change == "claimed":
            assert act(client, "claim", bob, "wanted") == "SUCCESS"
        elif change == "followed":
            assert act(client, "claim", bob, "wanted") == "SUCCESS"
            assert client.act("follow", alice, "wanted") == "SUCCESS"
            assert act(client, "release", bob, "wanted") == "SUCCESS"
        else:
            assert act(client, "claim", alice, "another") == "SUCCESS"

    before_it_is_written(log, interfere, monkeypatch)
    client.clock.now += 1
    sent = request(alice, "claim", "wanted", client.clock.now + 10)
    submission = submission_of("claimHandle", sent)
    expected = {"claimed": "HANDLE_TAKEN", "reached the limit": "RATE_LIMITED", "followed": "HANDLE_TAKEN"}
    assert log.submit_and_wait(submission).status == expected[change]
    log.close()


@pytest.mark.parametrize("seed", range(3))
def test_profiles_made_anew_equal_those_maintained(seed: int, database: Database, clock: Ticker) -> None:
    """After random traffic about handles and follows, profiles, edges and counts are those of the log."""
    config = GatewayConfig(policy=Policy(quarantine_ms=50, max_handles=3))
    client = Client(create_gateway(database, config, clock), clock)
    choose = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    people = [Person(name, Device(name)) for name in ("alice", "bob", "carol")]
    for person in people:
        client.register(person)
    handles = ["a", "b", "c", "d", "shiyu"]
    for _ in range(320):
        clock.now += choose.randrange(5)
        person, handle = choose.choice(people), choose.choice(handles)
        op = choose.choice([*OPS, "claim", "follow", "follow", "unfollow"])
        if op in OPS:
            shown = {"displayName": choose.choice("xyz")} if op == "profile" else {}
            shown |= {"follower": choose.choice(people).address} if op in ABOUT_FOLLOWERS else {}
            act(client, op, person, handle, **shown)
        else:
            client.act(op, person, handle)
    assert count(database, operations) > 40
    assert compare_projections(database).equal
    with database.write() as connection:
        before = set(connection.execute(select(profiles)))
        numbers = [row.profile_id for row in before]
        assert len(set(numbers)) == len(numbers)
        connection.execute(profiles.delete().where(profiles.c.handle.not_in(["shiyu", "cyberconnect"])))
    rebuild_projections(database)
    with database.read() as connection:
        assert set(connection.execute(select(profiles))) == before
    for person, handle in itertools.product(people, handles):
        proofs = log_of(database, person, handle)
        assert not proofs or isinstance(verify_chain(proofs), VerifiedFile)
