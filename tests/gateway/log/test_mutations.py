"""Follow and unfollow through the whole gateway: what is answered, and what is in the database after it."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.databases import add_profile, count, migrated
from tests.support.figures import Figure
from tests.support.operations import check_projections
from tests.support.people import NOW, Client, Device, Person, Ticker, message
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.tables import operations
from webapp.protocol.facts import Policy
from webapp.protocol.signing_key import ORDER
from webapp.protocol.status import Status
from webapp.storage.database import Database

TYPED_MESSAGE = (
    "query m($input: CreateFollowTypedMessageInput!) { createFollowTypedMessage(input: $input) { message } }"
)
ORDERS = list(itertools.permutations(range(4)))
ALL_ROWS = ["".join(letters) for letters in itertools.product("fu", repeat=4)]
OTHER = Device("never registered")
PAST, FUTURE = Policy().past_ms, Policy().future_ms


def test_follow_then_unfollow(client: Client, alice: Person, database: Database) -> None:
    """The count rises and falls, and both operations stay in the log."""
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    assert client.profile("shiyu", alice.address) == {"followerCount": 1, "isFollowedByMe": True}
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
    assert client.profile("shiyu", alice.address) == {"followerCount": 0, "isFollowedByMe": False}
    assert count(database, operations) == 2


Earn = Callable[[Person, int], dict[str, str]]
EARNED: dict[Status, Earn] = {
    Status.INVALID_ADDRESS: lambda alice, now: alice.request("follow", "shiyu", now, address="0x1"),
    Status.HANDLE_NOT_FOUND: lambda alice, now: alice.request("follow", "nobody", now),
    Status.INVALID_MESSAGE: lambda alice, now: alice.request("follow", "shiyu", now, message="{}"),
    Status.MESSAGE_EXPIRED: lambda alice, now: alice.request("follow", "shiyu", now - PAST - 1),
    Status.INVALID_SIGNING_KEY: lambda alice, now: Person(alice.name, OTHER).request("follow", "shiyu", now),
    Status.EXPIRED_SIGNING_KEY: lambda alice, now: alice.request("follow", "shiyu", now),
    Status.INVALID_SIGNATURE: lambda alice, now: (
        alice.request("follow", "shiyu", now)
        | {"signature": OTHER.sign(message("follow", alice.address, "shiyu", now))}
    ),
    Status.ALREADY_DONE: lambda alice, now: alice.request("unfollow", "shiyu", now),
}


@pytest.mark.parametrize("expected", EARNED)
def test_every_refusal_can_be_earned_and_changes_nothing(
    expected: Status, client: Client, alice: Person, clock: Ticker, database: Database
) -> None:
    if expected is Status.EXPIRED_SIGNING_KEY:
        clock.now += GatewayConfig().key_lifetime_ms
    op = "unfollow" if expected is Status.ALREADY_DONE else "follow"
    assert client.status(op, EARNED[expected](alice, clock.now)) == expected
    assert count(database, operations) == 0


def test_quota_counts_only_what_was_accepted(database: Database, clock: Ticker) -> None:
    """Replaying somebody's public proofs spends nothing of their quota; after the minute it is open."""
    client = Client(create_gateway(database, GatewayConfig(policy=Policy(signer_quota=2)), clock), clock)
    alice = Person("alice")
    client.register(alice)
    first = alice.request("follow", "shiyu", clock.now)
    assert client.status("follow", first) == "SUCCESS"
    assert [client.status("follow", first) for _ in range(5)] == ["ALREADY_DONE"] * 5
    assert client.act("follow", alice, "cyberconnect") == "SUCCESS"
    assert client.act("unfollow", alice, "shiyu") == "RATE_LIMITED"
    clock.now += Policy().quota_window_ms
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"


def test_t35_the_guides_own_example_is_an_invalid_message(client: Client) -> None:
    """`op: follow` inside `unfollow`, a quoted time and a 65-byte signature, as the guide prints it."""
    address = "0x803F69aE5f5D839071fcD712e25BF3c8c35B2664"
    request = {
        "address": address,
        "handle": "shiyu",
        "message": message("follow", address, "shiyu", "1662671067623"),
        "signature": f"0x{'dcf2dae91b137276' * 8}1c",
        "signingKey": Device().signing_key,
    }
    answer = client.send("unfollow", request)
    assert answer == {"status": "INVALID_MESSAGE", "tsInServer": NOW}


def test_the_guides_example_set_right_succeeds(client: Client, alice: Person, clock: Ticker) -> None:
    """The right op, 64 bytes of signature; the quoted time is taken."""
    client.act("follow", alice, "shiyu")
    clock.now += 1
    assert client.status("unfollow", alice.request("unfollow", "shiyu", str(clock.now))) == "SUCCESS"


def test_t47_a_65_byte_signature_is_an_invalid_signature(
    client: Client, alice: Person, clock: Ticker
) -> None:
    request = alice.request("follow", "shiyu", clock.now)
    assert (
        client.status("follow", request | {"signature": request["signature"] + "1b"}) == "INVALID_SIGNATURE"
    )


def test_t33_a_replay_is_one_operation_and_never_toggles(
    client: Client, alice: Person, clock: Ticker, database: Database
) -> None:
    """A hundred times the same bytes: one row, one follower."""
    request = alice.request("follow", "shiyu", clock.now)
    answers = [client.status("follow", request) for _ in range(100)]
    assert answers == ["SUCCESS"] + ["ALREADY_DONE"] * 99
    assert count(database, operations) == 1
    assert client.profile("shiyu", alice.address)["followerCount"] == 1


def test_t34_a_replay_with_the_other_s_is_the_same_operation(
    client: Client, alice: Person, clock: Ticker, database: Database
) -> None:
    """(r, n - s) verifies as well, so an operation is known by its message, not by its signature."""
    request = alice.request("follow", "shiyu", clock.now)
    assert client.status("follow", request) == "SUCCESS"
    flipped = f"{request['signature'][:66]}{ORDER - int(request['signature'][66:], 16):064x}"
    assert client.status("follow", request | {"signature": flipped}) == "ALREADY_DONE"
    assert count(database, operations) == 1


def test_a_lost_reply_may_be_asked_for_again_after_the_window(
    client: Client, alice: Person, clock: Ticker
) -> None:
    request = alice.request("follow", "shiyu", clock.now)
    assert client.status("follow", request) == "SUCCESS"
    clock.now += 10 * PAST
    assert client.status("follow", request) == "ALREADY_DONE"


@pytest.mark.parametrize("rows", [["fufu", "ffuf", "uffu"], pytest.param(ALL_ROWS, marks=pytest.mark.soak)])
def test_t37_an_old_message_never_undoes_a_newer_one(
    rows: list[str], *, client: Client, alice: Person, database: Database, figure: Figure
) -> None:
    """Four of them in every order: the state is that of the newest, also where it found things so."""
    clock, wrong = client.clock, 0
    for number, (letters, order) in enumerate(itertools.product(rows, ORDERS), start=3):
        handle = f"h{number}"
        add_profile(database, handle, Person("owner").address, number)
        clock.now += Policy().quota_window_ms
        ops = [{"f": "follow", "u": "unfollow"}[letter] for letter in letters]
        newest, following = -1, False
        for step in order:
            wanted = ops[step] == "follow"
            status = client.status(ops[step], alice.request(ops[step], handle, clock.now + step))
            if step <= newest:
                assert status == "MESSAGE_EXPIRED"
            else:
                assert status == ("ALREADY_DONE" if following is wanted else "SUCCESS")
                newest, following = step, wanted
            assert client.profile(handle, alice.address)["isFollowedByMe"] is following
        wrong += following is not (ops[3] == "follow")
    figure("orders of four that ended otherwise than the newest", wrong, at_most=0, of=f"{len(rows) * 24}")
    check_projections(database)


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-PAST - 1, "MESSAGE_EXPIRED"),
        (-PAST, "SUCCESS"),
        (FUTURE, "SUCCESS"),
        (FUTURE + 1, "MESSAGE_EXPIRED"),
    ],
)
def test_t40_the_window_includes_its_ends(
    offset: int, expected: str, client: Client, alice: Person, clock: Ticker
) -> None:
    answer = client.send("follow", alice.request("follow", "shiyu", clock.now + offset))
    assert answer["status"] == expected
    if expected == "MESSAGE_EXPIRED":
        assert client.status("follow", alice.request("follow", "shiyu", answer["tsInServer"])) == "SUCCESS"


def test_t38_of_two_with_one_time_the_first_wins(client: Client, alice: Person, clock: Ticker) -> None:
    assert client.status("follow", alice.request("follow", "shiyu", clock.now)) == "SUCCESS"
    answer = client.send("unfollow", alice.request("unfollow", "shiyu", clock.now))
    assert answer == {"status": "MESSAGE_EXPIRED", "tsInServer": clock.now + 1}


def test_the_rule_of_rising_times_outlives_a_clock_set_back(
    client: Client, alice: Person, clock: Ticker
) -> None:
    """The newest time is in the database, not in the process: what was accepted cannot come back."""
    follow = alice.request("follow", "shiyu", clock.now)
    client.status("follow", follow)
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
    clock.now -= 3_600_000
    assert client.status("follow", follow) == "MESSAGE_EXPIRED"
    assert client.act("follow", alice, "shiyu") == "MESSAGE_EXPIRED"
    assert client.act("follow", alice, "shiyu", clock.now + 3_600_000) == "SUCCESS", "the next time is good"


FORMS: list[tuple[object, str]] = [
    (NOW, "SUCCESS"),
    (str(NOW), "SUCCESS"),
    (float(NOW), "INVALID_MESSAGE"),
    (True, "INVALID_MESSAGE"),
    (None, "INVALID_MESSAGE"),
    (f"{NOW // 10}_0", "INVALID_MESSAGE"),
    (f" {NOW}", "INVALID_MESSAGE"),
    (f"+{NOW}", "INVALID_MESSAGE"),
    (str(NOW // 1000), "INVALID_MESSAGE"),
    ("１７９５４６００００００００", "INVALID_MESSAGE"),  # noqa: RUF001 (that they look like digits is the point)
    ([NOW], "INVALID_MESSAGE"),
    (NOW // 1000, "MESSAGE_EXPIRED"),
    (2**53 + 1, "MESSAGE_EXPIRED"),
    (2**63 - 1, "MESSAGE_EXPIRED"),
    (2**63, "INVALID_MESSAGE"),
    (-1, "MESSAGE_EXPIRED"),
]


@pytest.mark.parametrize(("ts", "expected"), FORMS)
def test_t39_forms_of_a_time(ts: object, expected: str, client: Client, alice: Person) -> None:
    assert client.status("follow", alice.request("follow", "shiyu", ts)) == expected


LITERALS = ["NaN", "Infinity", "1e400", "1.79546e12", "9" * 5000, "-0", "0x10", "01795460000000", ""]


@pytest.mark.parametrize("literal", LITERALS, ids=[literal[:16] or "nothing" for literal in LITERALS])
def test_t39_forms_of_a_time_that_python_would_not_write(literal: str, client: Client, alice: Person) -> None:
    text = message("follow", alice.address, "shiyu", 0).replace('"ts":0', f'"ts":{literal}')
    expected = "MESSAGE_EXPIRED" if literal == "-0" else "INVALID_MESSAGE"
    assert client.status("follow", alice.request("follow", "shiyu", 0, message=text)) == expected


GOOD = message("follow", Person("alice").address, "shiyu", NOW)
ADDRESS = Person("alice").address
SOMETHING_ELSE = {
    "other case of op": GOOD.replace("follow", "Follow"),
    "other handle": GOOD.replace("shiyu", "cyberconnect"),
    "upper-case handle": GOOD.replace("shiyu", "Shiyu"),
    "other address": GOOD.replace(ADDRESS, Person("bob").address),
    "wrong checksum": GOOD.replace(ADDRESS, ADDRESS.swapcase().replace("X", "x")),
    "unfollow": GOOD.replace("follow", "unfollow"),
}
MALFORMED = {
    "duplicate member": GOOD.replace('"op":"follow"', '"op":"follow","op":"unfollow"'),
    "duplicate member, the right one last": GOOD.replace('"op"', '"op":"unfollow","op"'),
    "unknown member": GOOD.replace("}", ',"more":1}'),
    "missing member": GOOD.replace(f',"ts":{NOW}', ""),
    "byte order mark": "\ufeff" + GOOD,
    "trailing text": GOOD + "x",
    "two objects": GOOD + GOOD,
    "an array": f"[{GOOD}]",
    "deep": "[" * 400 + "]" * 400,
    "escaped surrogate": GOOD.replace("shiyu", "\\ud800"),
    "too long": GOOD.replace("{", "{" + " " * 1024),
    "empty": "",
    "not JSON": "follow shiyu",
    "single quotes": GOOD.replace('"', "'"),
}


@pytest.mark.parametrize("text", SOMETHING_ELSE.values(), ids=SOMETHING_ELSE)
def test_t36_messages_that_say_something_else(text: str, client: Client, alice: Person) -> None:
    """Each properly signed by the registered key: only its content is at fault."""
    assert client.status("follow", alice.request("follow", "shiyu", NOW, message=text)) == "INVALID_MESSAGE"


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_t42_messages_that_are_no_object_of_four_members(text: str, client: Client, alice: Person) -> None:
    """Each properly signed by the registered key: only its form is at fault."""
    assert client.status("follow", alice.request("follow", "shiyu", NOW, message=text)) == "INVALID_MESSAGE"


def test_a_lone_surrogate_in_the_request_is_no_accident(client: Client, alice: Person) -> None:
    """JSON can carry half a character, UTF-8 cannot: it must be a status, not a failure to encode."""
    request = alice.request("follow", "shiyu", NOW)
    for member, expected in {
        "address": "INVALID_ADDRESS",
        "handle": "HANDLE_NOT_FOUND",
        "message": "INVALID_MESSAGE",
        "signingKey": "INVALID_SIGNING_KEY",
        "signature": "INVALID_SIGNATURE",
    }.items():
        assert client.status("follow", request | {member: "\ud800"}) == expected


def test_t43_the_exact_bytes_are_verified(client: Client, alice: Person, clock: Ticker) -> None:
    """White space and order of members are signed as they stand; the same members rewritten do not verify."""
    spread = json.dumps(
        {"ts": clock.now, "handle": "shiyu", "address": alice.address.lower(), "op": "follow"}, indent=2
    )
    assert client.status("follow", alice.request("follow", "shiyu", clock.now, message=spread)) == "SUCCESS"
    clock.now += 1
    plain = message("unfollow", alice.address, "shiyu", clock.now)
    spaced = plain.replace(",", ", ")
    request = alice.request("unfollow", "shiyu", clock.now) | {"message": spaced}
    assert client.status("unfollow", request) == "INVALID_SIGNATURE"


@pytest.mark.parametrize(
    "handle",
    ["ѕhiyu", "shiyu\u200d", "shiyu.", "Shiyu", "@shiyu", "shiyu.cc", "ＳＨＩＹＵ", "shi yu", "", "s" * 21],  # noqa: RUF001 (look-alikes)
)
def test_t46_look_alikes_of_a_handle_are_nobody(handle: str, client: Client, alice: Person) -> None:
    assert client.status("follow", alice.request("follow", handle, NOW)) == "HANDLE_NOT_FOUND"


def test_nobody_follows_a_handle_of_their_own(client: Client) -> None:
    owner = Person("owner of shiyu")
    client.register(owner)
    assert client.act("follow", owner, "shiyu") == "INVALID_MESSAGE"


def test_a_profile_that_is_gone_can_still_be_unfollowed(
    client: Client, alice: Person, database: Database
) -> None:
    client.act("follow", alice, "shiyu")
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM profiles WHERE handle = 'shiyu'")
    assert client.act("follow", alice, "shiyu") == "HANDLE_NOT_FOUND"
    assert client.act("unfollow", alice, "shiyu") == "SUCCESS"
    assert client.act("unfollow", alice, "shiyu") == "HANDLE_NOT_FOUND"


def test_t45_a_message_for_one_gateway_is_nothing_to_another(
    tmp_path: Any, client: Client, alice: Person
) -> None:
    """Keys are registered with each: staging's traffic cannot be replayed at production."""
    other = migrated(tmp_path / "other.sqlite3")
    add_profile(other, "shiyu", Person("owner").address, 1)
    elsewhere = Client(create_gateway(other, GatewayConfig(), client.clock), client.clock)
    request = alice.request("follow", "shiyu", client.clock.now)
    assert client.status("follow", request) == "SUCCESS"
    assert elsewhere.status("follow", request) == "INVALID_SIGNING_KEY"
    other.close()


def test_create_follow_typed_message_gives_a_time_that_is_accepted(
    client: Client, alice: Person, clock: Ticker
) -> None:
    asked = {"address": alice.address, "handle": "shiyu", "operation": "FOLLOW"}
    first = client.data(TYPED_MESSAGE, input=asked)["createFollowTypedMessage"]["message"]
    assert first == message("follow", alice.address, "shiyu", clock.now)
    assert client.status("follow", alice.request("follow", "shiyu", 0, message=first)) == "SUCCESS"
    second = client.data(TYPED_MESSAGE, input=asked | {"operation": "UNFOLLOW"})["createFollowTypedMessage"][
        "message"
    ]
    assert json.loads(second) == json.loads(message("unfollow", alice.address, "shiyu", clock.now + 1))
    assert client.status("unfollow", alice.request("unfollow", "shiyu", 0, message=second)) == "SUCCESS"


@pytest.mark.parametrize(
    ("address", "handle"), [("nonsense", "shiyu"), ("0x", "No Body"), ("\ud800", "\ud800")]
)
def test_create_follow_typed_message_never_refuses(address: str, handle: str, client: Client) -> None:
    asked = {"address": address, "handle": handle, "operation": "FOLLOW"}
    written = json.loads(client.data(TYPED_MESSAGE, input=asked)["createFollowTypedMessage"]["message"])
    assert written == {"op": "follow", "address": address, "handle": handle, "ts": NOW}
