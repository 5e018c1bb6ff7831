"""Attacks on keys and messages, as decisions see them, each named for its number in the list of threats."""

import dataclasses
import json

import pytest

from tests.support.fuzzing.hostile import NUMBERS
from tests.support.people import DAY, NOW, Device, Person, Wallet, authorization, message
from tests.support.protocol.cases import at_the_ends_of_the_window
from tests.support.protocol.chains import authorization_by, other_half
from webapp.protocol.decision import decide, decide_registration
from webapp.protocol.facts import Decision, Edge, Facts, Policy, RegisteredKey, RegistrationFacts
from webapp.protocol.message import Operation
from webapp.protocol.status import RegistrationStatus, Status
from webapp.protocol.submissions import Registration, Submission

ALICE, MALLORY = Person("alice"), Person("mallory", Device("mallory's"))
POLICY = Policy()
FOLLOW, UNFOLLOW = Operation
KEY = RegistrationStatus.INVALID_SIGNING_KEY
UNKNOWN = RegistrationFacts(existing=None, live_keys=0)


def registered(person: Person, device: Device | None = None) -> RegisteredKey:
    return RegisteredKey(authorization_by(person, device), NOW + DAY, None)


FACTS = Facts(owner=None, profile_exists=True, last=None, key=registered(ALICE), accepted_in_window=0)


def register(
    person: Person, facts: RegistrationFacts, device: Device | None = None, entity: str = "CyberConnect"
) -> RegistrationStatus:
    registration = Registration.read(person.registration(device, entity))
    return decide_registration(registration, facts, POLICY, NOW).status


def send(
    operation: Operation = FOLLOW,
    facts: Facts = FACTS,
    *,
    person: Person = ALICE,
    now: int = NOW,
    **changes: str,
) -> Decision:
    """A message of this person's device at this moment, with these of its fields changed."""
    sent = person.request(operation.value, "shiyu", now, **changes)
    return decide(Submission.read(operation, sent), facts, POLICY, now)


def after(decision: Decision, facts: Facts = FACTS) -> Facts:
    """What is known once a decision was written down."""
    accepted = decision.accepted
    if accepted is None:
        return dataclasses.replace(facts, answered=decision.answered or facts.answered)
    entry, following = accepted.entry, accepted.message.operation is FOLLOW
    last = Edge(entry.sequence, entry.entry_digest, accepted.message.ts, entry.digest, following)
    return dataclasses.replace(facts, last=last, answered=None)


# --- signing keys -------------------------------------------------------------------------------------------


def test_t23_who_registers_anothers_key_signs_nothing_for_them_and_takes_nothing_from_them() -> None:
    """Mallory's wallet authorises Alice's public key: a pair of its own, which her device cannot use."""
    assert register(MALLORY, UNKNOWN, ALICE.device) is RegistrationStatus.SUCCESS
    as_mallorys = dataclasses.replace(FACTS, key=registered(MALLORY, ALICE.device))
    assert send(facts=as_mallorys).status is Status.INVALID_SIGNING_KEY
    with_mallorys_key = dataclasses.replace(FACTS, key=registered(MALLORY))
    text = message("follow", ALICE.address, "shiyu", NOW)
    forged = send(
        facts=with_mallorys_key,
        message=text,
        signature=MALLORY.device.sign(text),
        signingKey=MALLORY.device.signing_key,
    )
    assert forged.status is Status.INVALID_SIGNING_KEY
    assert register(ALICE, UNKNOWN) is RegistrationStatus.SUCCESS


def test_t24_a_revoked_pair_never_returns_under_any_authorisation() -> None:
    revoked = dataclasses.replace(registered(ALICE), revoked_at=NOW - 1)
    facts = RegistrationFacts(existing=revoked, live_keys=0)
    for number in range(100):
        assert register(ALICE, facts, entity=f"entity {number % 7}") is KEY
    assert send(facts=dataclasses.replace(FACTS, key=revoked)).status is Status.INVALID_SIGNING_KEY


def test_t27_another_wallet_authorises_nothing() -> None:
    text = authorization(ALICE.device)
    for signature in (Wallet("mallory").sign(text), ALICE.wallet.sign(text + " "), ALICE.device.sign(text)):
        sent = ALICE.registration() | {"signature": signature}
        decision = decide_registration(Registration.read(sent), UNKNOWN, POLICY, NOW)
        assert (decision.status, decision.accepted) == (RegistrationStatus.INVALID_SIGNATURE, None)


@pytest.mark.parametrize(
    ("left", "status", "again"),
    [
        (1, Status.SUCCESS, RegistrationStatus.SUCCESS),
        (0, Status.EXPIRED_SIGNING_KEY, KEY),
        (-1, Status.EXPIRED_SIGNING_KEY, KEY),
    ],
)
def test_t28_a_key_ends_with_the_millisecond_of_its_end(
    left: int, status: Status, again: RegistrationStatus
) -> None:
    key = dataclasses.replace(registered(ALICE), expires_at=NOW + left)
    assert send(facts=dataclasses.replace(FACTS, key=key)).status is status
    assert register(ALICE, RegistrationFacts(existing=key, live_keys=1)) is again


def test_t29_an_address_has_so_many_live_keys() -> None:
    live = 0
    for number in range(100):
        facts = RegistrationFacts(existing=None, live_keys=live)
        live += register(ALICE, facts, Device(str(number))) is RegistrationStatus.SUCCESS
    assert live == POLICY.max_live_keys == 32


# --- messages -----------------------------------------------------------------------------------------------


def test_t33_the_same_message_again_changes_nothing_however_often() -> None:
    first = send()
    facts = after(first)
    again = [send(facts=facts, message=message("follow", ALICE.address, "shiyu", NOW)) for _ in range(100)]
    assert first.status is Status.SUCCESS
    assert {(each.status, each.accepted) for each in again} == {(Status.ALREADY_DONE, None)}
    unfollowed = after(send(UNFOLLOW, facts, now=NOW + 1), facts)
    replayed = send(facts=unfollowed, message=message("follow", ALICE.address, "shiyu", NOW))
    assert replayed.status is Status.MESSAGE_EXPIRED


def test_t34_a_message_is_the_same_with_the_other_half_of_its_signature() -> None:
    text = message("follow", ALICE.address, "shiyu", NOW)
    signature = ALICE.device.sign(text)
    facts = after(send(message=text, signature=signature))
    for either in (other_half(signature), signature, signature.upper().replace("0X", "0x")):
        decision = send(facts=facts, message=text, signature=either)
        assert (decision.status, decision.accepted) == (Status.ALREADY_DONE, None)
    unfollowed = after(send(UNFOLLOW, facts, now=NOW + 1), facts)
    replayed = send(facts=unfollowed, message=text, signature=other_half(signature))
    assert replayed.status is Status.MESSAGE_EXPIRED


@pytest.mark.parametrize(("asked", "said"), [(FOLLOW, UNFOLLOW), (UNFOLLOW, FOLLOW)])
def test_t35_a_follow_is_no_unfollow(asked: Operation, said: Operation) -> None:
    """The guide's own example of an unfollow signs a follow."""
    text = message(said.value, ALICE.address, "shiyu", NOW)
    for facts in (FACTS, after(send())):
        assert send(asked, facts, message=text).status is Status.INVALID_MESSAGE


@pytest.mark.parametrize(
    ("address", "handle"),
    [
        (MALLORY.address, "shiyu"),
        (ALICE.address, "shiyu2"),
        (ALICE.address, "Shiyu"),
        (ALICE.address, "shiyu "),
        (ALICE.address, ""),
        (ALICE.address.swapcase().replace("0X", "0x"), "shiyu"),
    ],
)
def test_t36_the_message_is_about_whom_and_what_the_request_is_about(address: str, handle: str) -> None:
    assert send(message=message("follow", address, handle, NOW)).status is Status.INVALID_MESSAGE


def test_t38_of_two_operations_of_one_millisecond_the_first_holds() -> None:
    for first, second in ((FOLLOW, UNFOLLOW), (UNFOLLOW, FOLLOW)):
        before = FACTS if first is FOLLOW else after(send(now=NOW - 1))
        facts = after(send(first, before), before)
        assert send(second, facts).status is Status.MESSAGE_EXPIRED
        assert send(second, facts).ts_in_server == NOW + 1
        assert send(second, facts, now=NOW + 1).status is Status.SUCCESS


def test_t39_a_time_has_two_forms_and_no_third() -> None:
    """Fullwidth digits, exponents, seconds, booleans and the rest: no message, or one of another time."""
    text = message("follow", ALICE.address, "shiyu", NOW)
    answers = {number: send(message=text.replace(str(NOW), number)).status for number in NUMBERS}
    assert [number for number, status in answers.items() if status is Status.SUCCESS] == [
        str(NOW),
        f'"{NOW}"',
    ]
    readable = [number for number, status in answers.items() if status is Status.MESSAGE_EXPIRED]
    assert readable == ["0", "-0", "-1", str(2**53 + 1), str(2**63 - 1), str(-(2**63))]
    others = {status for number, status in answers.items() if number not in readable}
    assert others == {Status.SUCCESS, Status.INVALID_MESSAGE}
    assert len(answers) > 30


@at_the_ends_of_the_window
def test_t40_a_message_is_taken_within_the_window_and_else_told_the_time(ts: int, *, timely: bool) -> None:
    decision = send(message=message("follow", ALICE.address, "shiyu", ts))
    assert decision.status is (Status.SUCCESS if timely else Status.MESSAGE_EXPIRED)
    assert decision.ts_in_server == (max(NOW, ts + 1) if timely else NOW)


def test_t43_a_signature_is_of_the_bytes_that_were_sent() -> None:
    text = message("follow", ALICE.address, "shiyu", NOW)
    members = json.loads(text)
    spellings = {
        text,
        json.dumps(members),
        json.dumps(members, indent=1),
        json.dumps(dict(sorted(members.items())), separators=(",", ":")),
        text.replace("shiyu", "\\u0073hiyu"),
        text + " ",
    }
    for sent in spellings:
        assert send(message=sent).status is Status.SUCCESS, "signed as it was sent"
        for signed in spellings - {sent}:
            given = send(message=sent, signature=ALICE.device.sign(signed))
            assert given.status is Status.INVALID_SIGNATURE


def test_t45_what_was_signed_for_another_server_is_nothing_here() -> None:
    """Its key is not registered here; and where entities are listed, its authorisation registers none."""
    assert send(facts=dataclasses.replace(FACTS, key=None)).status is Status.INVALID_SIGNING_KEY
    registration = Registration.read(ALICE.registration(entity="Countersign staging"))
    here = dataclasses.replace(POLICY, entities=frozenset({"Countersign"}))
    status = decide_registration(registration, UNKNOWN, here, NOW).status
    assert status is RegistrationStatus.INVALID_MESSAGE


def test_t47_a_signature_of_65_bytes_is_none() -> None:
    text = message("follow", ALICE.address, "shiyu", NOW)
    right = ALICE.device.sign(text)
    for more in ("1b", "1c", "00", "01"):
        assert send(message=text, signature=right + more).status is Status.INVALID_SIGNATURE
