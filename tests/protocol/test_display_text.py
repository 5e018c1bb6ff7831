"""Names that are seen: no format characters, no blanks that look like letters, something to look at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol.vectors import load, titled
from webapp.protocol.display_text import _IGNORABLE, LONGEST_NAME, is_visible, parse_display_text

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


@given(st.text(max_size=LONGEST_NAME))
def test_whatever_the_text_there_is_an_answer_and_a_letter_makes_no_blank_seen(text: str) -> None:
    seen = is_visible(text)
    if text and seen:
        assert any(not character.isspace() and not _IGNORABLE.match(character) for character in text)
    assert not is_visible(text + "\u3164")
