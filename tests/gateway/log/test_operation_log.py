"""The log itself: nothing in it changes, its chain holds, and everything else can be made anew from it."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Executable, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from tests.support.databases import ON_POSTGRESQL
from tests.support.operations import PROOF, before_it_is_written, check_projections, random_traffic
from tests.support.people import Client, Device, Person, Ticker
from tests.support.protocol.chains import verify_chain
from webapp.gateway.callers import Caller
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.reads.graph import entries_at
from webapp.gateway.reads.reading import Reading
from webapp.gateway.tables import operations, signing_keys
from webapp.protocol.facts import Policy
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.proof_file import VerifiedFile
from webapp.protocol.submissions import submission_of
from webapp.storage.database import Database

LIFETIME = GatewayConfig().key_lifetime_ms


@pytest.mark.parametrize("seed", range(3))
def test_projections_equal_the_log_after_random_traffic(
    seed: int, client: Client, clock: Ticker, database: Database
) -> None:
    """What is projected is what the log amounts to."""
    random_traffic(seed, client, clock, database)
    assert check_projections(database) > 30


def test_every_accepted_operation_can_be_proved(client: Client, alice: Person, database: Database) -> None:
    """Three operations of a pair, as GraphQL gives each: the chain verifies with nothing but the proofs."""
    text = (
        "query ($address: AddressEVM!) { address(address: $address) "
        f"{{ followings {{ edges {{ node {{ address handle proof {{ {PROOF} }} }} }} }} }} }}"
    )
    proofs = []
    for op in ("follow", "unfollow", "follow"):
        assert client.act(op, alice, "shiyu") == "SUCCESS"
        edges_now = client.data(text, address=alice.address)["address"]["followings"]["edges"]
        proofs += [edge["node"]["proof"] for edge in edges_now]
        assert [edge["node"]["handle"] for edge in edges_now] == (["shiyu"] if op == "follow" else [])
    with database.snapshot() as snapshot:
        reading = Reading(snapshot, GatewayConfig(), Caller())
        log = [ProofOfConnection.of(entry) for entry in entries_at(reading, [1, 2, 3]).values()]
    assert [ProofOfConnection.parse(proof) for proof in proofs] == [log[0], log[2]]
    assert isinstance(verify_chain(log), VerifiedFile)
    assert [json.loads(proof.content)["op"] for proof in log] == ["follow", "unfollow", "follow"]


def test_the_database_refuses_to_change_an_operation(
    client: Client, alice: Person, database: Database
) -> None:
    """Not even our own code could: UPDATE, DELETE, REPLACE and TRUNCATE fail in the database itself."""
    client.act("follow", alice, "shiyu")
    with database.read() as connection:
        row = connection.execute(select(operations)).mappings().one()
    emptied: Executable = text("TRUNCATE operations, edges")
    replaced: Executable = insert(operations).prefix_with("OR REPLACE").values({**row, "ts": 0})
    for statement in (
        update(operations).values(ts=0),
        delete(operations),
        emptied if ON_POSTGRESQL else replaced,
    ):
        with pytest.raises(IntegrityError, match="operations_keep"), database.write() as connection:
            connection.execute(statement)


@pytest.mark.usefixtures("alice")
def test_the_database_refuses_to_forget_a_key(database: Database) -> None:
    """A tombstone stays, and stays a tombstone; what the wallet signed stays as it is."""
    with pytest.raises(IntegrityError, match="keep_rows"), database.write() as connection:
        connection.execute(delete(signing_keys))
    with pytest.raises(IntegrityError, match="keep_authorization"), database.write() as connection:
        connection.execute(update(signing_keys).values(authorization_message="another"))
    with database.write() as connection:
        connection.execute(update(signing_keys).values(revoked_at=1))
    with pytest.raises(IntegrityError, match="keep_revocation"), database.write() as connection:
        connection.execute(update(signing_keys).values(revoked_at=None))


@pytest.mark.parametrize("change", ["revoke", "expire", "wait", "spend", "follow"])
def test_what_changed_since_the_facts_were_read_is_noticed(
    change: str, alice: Person, clock: Ticker, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signature was verified with no lock held: what the decision stood on is looked at again."""
    clock.now += LIFETIME - 1
    log = OperationLog(database, Policy(signer_quota=1), LIFETIME, clock)
    other_log = OperationLog(database, Policy(), LIFETIME, clock)
    request = alice.request("follow", "shiyu", clock.now)

    def interfere() -> None:
        if change == "follow":
            earlier = alice.request("follow", "shiyu", clock.now - 1)
            assert other_log.submit_and_wait(submission_of("follow", earlier)).status == "SUCCESS"
        elif change == "wait":
            clock.now += 1
        elif change == "spend":
            other = alice.request("follow", "cyberconnect", clock.now)
            assert other_log.submit_and_wait(submission_of("follow", other)).status == "SUCCESS"
        else:
            column = "revoked_at" if change == "revoke" else "expires_at"
            with database.write() as connection:
                connection.execute(update(signing_keys).values({column: clock.now}))

    before_it_is_written(log, interfere, monkeypatch)
    expected = {
        "revoke": "INVALID_SIGNING_KEY",
        "expire": "EXPIRED_SIGNING_KEY",
        "wait": "EXPIRED_SIGNING_KEY",
        "spend": "RATE_LIMITED",
        "follow": "ALREADY_DONE",
    }
    assert log.submit_and_wait(submission_of("follow", request)).status == expected[change]
    for each in (log, other_log):
        each.close()
    check_projections(database)


def test_t44_two_gateways_race_and_the_log_stays_one_chain(database: Database, clock: Ticker) -> None:
    """Follow against unfollow, each twice, from two gateways with their own connections, round after round.

    Whoever comes first: of what was accepted the newest message is the state, and no message counts twice.
    """
    second = Database.open(database.url)
    config = GatewayConfig(policy=Policy(signer_quota=1_000_000))
    clients = [Client(create_gateway(base, config, clock), clock) for base in (database, second)]
    alice = Person("alice", Device("phone"))
    clients[0].register(alice)
    following, accepted = False, 0
    with ThreadPoolExecutor(4) as pool:
        for round_ in range(60):
            clock.now += 10
            times = {"follow": clock.now + round_ % 2, "unfollow": clock.now + 1 - round_ % 2}
            requests = [(op, alice.request(op, "shiyu", ts)) for op, ts in times.items()] * 2
            answers = list(pool.map(lambda job: clients[job[0] // 2].status(*job[1]), enumerate(requests)))
            assert set(answers) <= {"SUCCESS", "ALREADY_DONE", "MESSAGE_EXPIRED"}
            won = [op for (op, _), status in zip(requests, answers, strict=True) if status == "SUCCESS"]
            assert len(won) == len(set(won))
            accepted += len(won)
            if won:
                following = max(won, key=lambda op: times[op]) == "follow"
            assert clients[round_ % 2].profile("shiyu", alice.address)["isFollowedByMe"] is following
    assert check_projections(database) == accepted > 0
    second.close()


def test_many_people_at_once_are_all_counted(client: Client, database: Database) -> None:
    people = [Person(f"person {number}", Device(str(number))) for number in range(24)]
    for person in people:
        client.register(person)
    requests = [person.request("follow", "shiyu", client.clock.now) for person in people]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda request: client.status("follow", request), requests))
    assert answers == ["SUCCESS"] * 24
    assert client.profile("shiyu", people[0].address)["followerCount"] == 24
    assert check_projections(database) == 24


def test_one_message_sent_at_once_from_everywhere_is_one_operation(
    client: Client, alice: Person, database: Database
) -> None:
    request = alice.request("follow", "shiyu", client.clock.now)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.status("follow", request), range(32)))
    assert sorted(answers) == ["ALREADY_DONE"] * 31 + ["SUCCESS"]
    assert check_projections(database) == 1


def test_t38_of_two_with_one_time_at_once_one_wins(client: Client, alice: Person, database: Database) -> None:
    """Two different messages of one millisecond: one is accepted, and the other can never be."""
    clock = client.clock
    for _ in range(20):
        clock.now += 2
        client.act("follow", alice, "shiyu")
        clock.now += 1
        plain = alice.request("unfollow", "shiyu", clock.now)
        spaced = alice.request("unfollow", "shiyu", clock.now, message=plain["message"].replace(",", ", "))
        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(lambda request: client.status("unfollow", request), (plain, spaced)))
        assert answers == ["MESSAGE_EXPIRED", "SUCCESS"]
    check_projections(database)
