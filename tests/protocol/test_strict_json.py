"""JSON that two readers could read differently is read by none of ours, and each fault has its own name."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.protocol.strict_json import ANY_NUMBER, INTEGERS, JsonError, JsonReader, JsonRule

BROKEN: list[tuple[str, bytes, JsonRule]] = [
    ("nothing", b"", JsonRule.SYNTAX),
    ("a second value", b"{} {}", JsonRule.SYNTAX),
    ("cut short", b'{"a": ', JsonRule.SYNTAX),
    ("a raw control character", b'"\x01"', JsonRule.SYNTAX),
    ("a byte order mark", b"\xef\xbb\xbf{}", JsonRule.SYNTAX),
    ("full-width digits", "１".encode(), JsonRule.SYNTAX),  # noqa: RUF001 (that is the point)
    ("a leading zero", b"01", JsonRule.SYNTAX),
    ("not UTF-8", b'"\xff"', JsonRule.ENCODING),
    ("surrogates in UTF-8", b'"\xed\xa0\x80"', JsonRule.ENCODING),
    ("UTF-16", "{}".encode("utf-16"), JsonRule.ENCODING),
    ("deep nesting", b"[" * 100_000, JsonRule.NESTING),
    ("a member twice", b'{"a": 1, "a": 1}', JsonRule.MEMBERS),
    ("a member twice, once escaped", b'{"a": 1, "\\u0061": 2}', JsonRule.MEMBERS),
    ("a member twice deep down", b'[{"b": {"a": 1, "a": 2}}]', JsonRule.MEMBERS),
    ("NaN", b"NaN", JsonRule.NUMBERS),
    ("Infinity", b"[Infinity]", JsonRule.NUMBERS),
    ("-Infinity", b'{"a": -Infinity}', JsonRule.NUMBERS),
    ("1e400", b"1e400", JsonRule.NUMBERS),
    ("-1e400", b"-1e400", JsonRule.NUMBERS),
    ("5,000 digits", b"9" * 5000, JsonRule.DIGITS),
    ("5,000 digits below zero", b"-" + b"9" * 5000, JsonRule.DIGITS),
]


@pytest.mark.parametrize("reader", [ANY_NUMBER, INTEGERS], ids=["any number", "integers"])
@pytest.mark.parametrize(("text", "rule"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_text_that_is_not_json_breaks_one_rule(reader: JsonReader, text: bytes, rule: JsonRule) -> None:
    with pytest.raises(JsonError) as refused:
        reader.read(text)
    assert refused.value.rule is rule
    assert str(refused.value) == refused.value.expected


@pytest.mark.parametrize(
    ("reader", "most"), [(ANY_NUMBER, 309), (INTEGERS, 19)], ids=["any number", "integers"]
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_integers_have_a_longest(reader: JsonReader, most: int, sign: str) -> None:
    assert reader.read(sign + "9" * most) == int(sign + "9" * most)
    with pytest.raises(JsonError, match=f"at most {most} digits"):
        reader.read(sign + "9" * (most + 1))


@pytest.mark.usefixtures("few_digits")
@pytest.mark.parametrize("reader", [ANY_NUMBER, INTEGERS], ids=["any number", "integers"])
def test_long_integers_are_refused_by_us_and_not_by_the_interpreter(reader: JsonReader) -> None:
    with pytest.raises(JsonError) as refused:
        reader.read("9" * 800)
    assert refused.value.rule is JsonRule.DIGITS


@pytest.mark.parametrize("number", ["1.0", "1e3", "-0.5", "1E-400"])
def test_fractions_are_for_readers_that_take_them(number: str) -> None:
    assert ANY_NUMBER.read(number) == float(number)
    with pytest.raises(JsonError, match="no number but an integer"):
        INTEGERS.read(number)


def test_a_member_that_stands_twice_is_named() -> None:
    with pytest.raises(JsonError) as refused:
        ANY_NUMBER.read('{"a": 1, "b": 2, "b": 3}')
    assert refused.value.member == "b"
    assert "b" not in refused.value.expected.split()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_json_is_read_as_it_was_written(value: object) -> None:
    for reader in (ANY_NUMBER, INTEGERS):
        assert reader.read(json.dumps(value)) == value
        assert reader.read(json.dumps(value).encode()) == value


@given(st.binary() | st.text())
def test_whatever_is_sent_there_is_a_value_or_an_error_of_ours(text: bytes | str) -> None:
    with contextlib.suppress(JsonError):
        ANY_NUMBER.read(text)
