"""Names that are seen: no format characters, no blanks that look like letters, something to look at."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.people import Device, Person
from tests.protocol.chains import KeyStep, key_chain_of
from tests.protocol.test_handle_decision import MINE, PROFILE, decided, text_of
from tests.protocol.test_key_decision import FACTS as KEY_FACTS
from tests.protocol.test_key_decision import RENAME
from tests.protocol.test_key_decision import decided as decided_key
from tests.protocol.test_key_decision import text_of as key_text_of
from tests.protocol.vectors import load, titled
from webapp.protocol.display_text import _IGNORABLE, LONGEST_NAME, is_visible, parse_display_text
from webapp.protocol.handle_message import HandleMessage, parse_logged_message
from webapp.protocol.proofs.key_proof import ProofOfKeyOperation
from webapp.protocol.proofs.verification import VerifiedKeyOperation, verify_key_proof
from webapp.protocol.status import HandleStatus, SigningKeyStatus

VECTORS = load("display-texts.json")


@pytest.mark.parametrize("case", VECTORS["accept"], ids=titled)
def test_what_people_are_called_is_seen(case: dict[str, str]) -> None:
    assert parse_display_text("name", case["text"], LONGEST_NAME) == case["text"]
    assert is_visible(case["text"])


@pytest.mark.parametrize("case", VECTORS["refuse"], ids=titled)
def test_what_is_not_seen_is_no_name(case: dict[str, str]) -> None:
    assert not is_visible(case["text"])


def test_the_ignorable_characters_are_those_of_unicode() -> None:
    listed: set[int] = set()
    for entry in VECTORS["ignorable"]:
        first, _, last = entry.partition("-")
        listed.update(range(int(first, 16), int(last or first, 16) + 1))
    assert {point for point in range(0x110000) if _IGNORABLE.match(chr(point))} == listed
    assert len(listed) == 4_174, "as the file itself counts them"


def test_a_profile_without_anything_to_see_is_refused_and_an_old_log_is_read_as_it_was() -> None:
    for case in VECTORS["refuse"]:
        for change in ({"displayName": case["text"]}, {"bio": case["text"]}):
            assert (
                decided(PROFILE, MINE, message=text_of(PROFILE, **change)).status
                is HandleStatus.INVALID_MESSAGE
            )
    for case in VECTORS["accept"][1:]:
        message = text_of(PROFILE, displayName=case["text"], bio=case["text"])
        assert decided(PROFILE, MINE, message=message).status is HandleStatus.SUCCESS
    old = text_of(PROFILE, displayName="\u3164")
    assert isinstance(parse_logged_message(old), HandleMessage), "what the log was made from"


def test_a_key_is_not_called_by_what_is_not_seen_and_an_old_log_still_proves_it() -> None:
    for case in VECTORS["refuse"]:
        message = key_text_of(RENAME, name=case["text"])
        assert decided_key(RENAME, message=message).status is SigningKeyStatus.INVALID_MESSAGE
    for name in ("", *(case["text"] for case in VECTORS["accept"] if len(case["text"]) > 2)):
        facts = dataclasses.replace(KEY_FACTS, name="before")
        message = key_text_of(RENAME, name=name)
        assert decided_key(RENAME, facts, message=message).status is SigningKeyStatus.SUCCESS
    (old,) = key_chain_of(Person("alice"), KeyStep("rename", Device(), name="\u3164"))
    assert isinstance(verify_key_proof(ProofOfKeyOperation.parse(old)), VerifiedKeyOperation)


@given(st.text(max_size=LONGEST_NAME))
def test_whatever_the_text_there_is_an_answer_and_a_letter_makes_no_blank_seen(text: str) -> None:
    seen = is_visible(text)
    if text and seen:
        assert any(not character.isspace() and not _IGNORABLE.match(character) for character in text)
    assert not is_visible(text + "\u3164")
