"""The status table of registerSigningKey."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol import cases
from tests.support.protocol.vectors import load, titled
from webapp.protocol.address import Address
from webapp.protocol.decision import decide_registration
from webapp.protocol.facts import Policy, RegistrationDecision, RegistrationFacts
from webapp.protocol.status import RegistrationStatus
from webapp.protocol.submissions import Registration

VECTORS = load("registrations.json")
BASE = VECTORS["base"]
NOW: int = VECTORS["cases"][0]["now"]
SENT: dict[str, Any] = BASE["registration"]
REGISTRATION = Registration.read(SENT)
NOTHING_KNOWN = RegistrationFacts(existing=None, live_keys=0)


def decided(case: dict[str, Any]) -> RegistrationDecision:
    return decide_registration(
        Registration.read({**BASE["registration"], **case["registration"]}),
        cases.registration_facts({**BASE["facts"], **case["facts"]}),
        cases.registration_policy({**BASE["policy"], **case["policy"]}),
        case["now"],
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=titled)
def test_each_rule_gives_its_status(case: dict[str, Any]) -> None:
    decision = decided(case)
    assert (decision.status, decision.already) == (case["status"], case["already"])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=titled)
def test_something_is_registered_with_success_and_with_nothing_else(case: dict[str, Any]) -> None:
    decision = decided(case)
    succeeded = decision.status is RegistrationStatus.SUCCESS
    assert (decision.accepted is not None) is succeeded
    assert (decision.signing_key is not None) is succeeded


def test_the_vectors_reach_every_status() -> None:
    assert {case["status"] for case in VECTORS["cases"]} == set(RegistrationStatus)


def test_however_a_signature_is_spelled_what_is_stored_is_the_same() -> None:
    spellings = [case for case in VECTORS["cases"] if case["name"].startswith("the wallet's signature")]
    stored = {decided(case).accepted for case in spellings}
    assert len(spellings) == 2
    assert stored == {decide_registration(REGISTRATION, NOTHING_KNOWN, Policy(), NOW).accepted}


def test_registering_again_leaves_the_first_authorisation_in_place() -> None:
    again = next(case for case in VECTORS["cases"] if case["name"] == "a live key again")
    decision = decided(again)
    assert decision.accepted is not None
    assert decision.accepted.message == again["facts"]["existing"]["authorization"]["message"]
    assert decision.accepted.message != SENT["message"]


FAULTS = [status for status in RegistrationStatus if status is not RegistrationStatus.SUCCESS]


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(FAULTS, 2)))
def test_of_two_faults_the_earlier_one_is_answered(
    first: RegistrationStatus, second: RegistrationStatus
) -> None:
    """An entity that is not listed, and no room for a key, stand for the two faults in the middle."""
    faults = {first, second}
    sent = dict(SENT)
    if RegistrationStatus.INVALID_ADDRESS in faults:
        sent["bearer"] = "0x" + "1" * 40
    if RegistrationStatus.INVALID_SIGNATURE in faults:
        sent["signature"] = "0x"
    listed = frozenset[str]() if RegistrationStatus.INVALID_MESSAGE in faults else None
    room = 0 if RegistrationStatus.INVALID_SIGNING_KEY in faults else 1
    policy = Policy(entities=listed, max_live_keys=room)
    assert decide_registration(Registration.read(sent), NOTHING_KNOWN, policy, NOW).status is first


RAW = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.lists(st.integers())


@given(
    st.builds(
        Registration.read,
        st.fixed_dictionaries(
            {name: st.just(SENT[name]) | RAW for name in ("address", "message", "signature")}
        ),
    )
)
def test_whatever_is_sent_is_answered_with_a_status(registration: Registration) -> None:
    decision = decide_registration(registration, NOTHING_KNOWN, Policy(), NOW)
    if decision.status is RegistrationStatus.SUCCESS:
        assert registration == REGISTRATION


def test_the_subject_is_what_can_be_read() -> None:
    address, key = REGISTRATION.address, REGISTRATION.signing_key
    assert address == Address(BASE["registration"]["address"])
    assert key is not None
    assert BASE["registration"]["message"].endswith(key.text)
    unread = Registration.read({"address": "x", "message": "y", "signature": None})
    assert (unread.address, unread.signing_key) == (None, None)
