import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.protocol.vectors import load, titled
from webapp.protocol.address import Address
from webapp.protocol.errors import MessageError
from webapp.protocol.message import MAX_BYTES, FollowMessage, Operation, compose_message
from webapp.protocol.signed_text import canonical_members, members

VECTORS = load("messages.json")
ADDRESS = Address.parse(VECTORS["compose"][0]["address"])
TEXT = VECTORS["compose"][0]["text"]


@pytest.mark.parametrize("case", VECTORS["accept"], ids=titled)
def test_a_message_reads_as_its_four_members(case: dict[str, str]) -> None:
    message = FollowMessage.parse(case["text"])
    read = (message.operation, message.address.checksummed, message.handle, str(message.ts), message.digest)
    assert read == (case["op"], case["address"], case["handle"], case["ts"], case["digest"])


@pytest.mark.parametrize("case", VECTORS["accept"], ids=titled)
def test_t43_the_text_is_kept_to_the_byte(case: dict[str, str]) -> None:
    message = FollowMessage.parse(case["text"])
    assert message.text == case["text"]
    assert message.payload == case["text"].encode()


@pytest.mark.parametrize("case", VECTORS["reject"], ids=titled)
def test_t42_anything_else_is_refused_by_the_name_of_the_member(case: dict[str, object]) -> None:
    with pytest.raises(MessageError) as refused:
        FollowMessage.parse(case["text"])
    assert refused.value.field == case["field"]


@pytest.mark.parametrize("case", VECTORS["compose"], ids=titled)
def test_what_is_composed_is_fixed_to_the_byte(case: dict[str, Any]) -> None:
    address = Address.parse(case["address"])
    assert compose_message(Operation(case["operation"]), address, case["handle"], case["ts"]) == case["text"]
    assert FollowMessage.parse(case["text"]).digest == case["digest"]


HANDLES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,19}", fullmatch=True) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=40
)


@given(
    operation=st.sampled_from(Operation),
    address=st.binary(min_size=20, max_size=20).map(lambda raw: Address.parse("0x" + raw.hex())),
    handle=HANDLES,
    ts=st.integers(-(2**63), 2**63 - 1),
)
def test_what_is_composed_reads_back(operation: Operation, address: Address, handle: str, ts: int) -> None:
    message = FollowMessage.parse(compose_message(operation, address, handle, ts))
    assert (message.operation, message.address, message.handle, message.ts) == (
        operation,
        address,
        handle,
        ts,
    )


def test_composing_for_what_is_no_address_and_no_handle_gives_text_that_can_be_encoded() -> None:
    text = compose_message(Operation.FOLLOW, 'no "address"', "\ud800", 1)
    assert json.loads(text) == {"op": "follow", "address": 'no "address"', "handle": "\ud800", "ts": 1}
    assert text.isascii()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
LIKELY = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["follow", "unfollow"]) | JSON_VALUES,
        "address": st.just(str(ADDRESS)) | JSON_VALUES,
    },
    optional={"handle": st.text() | JSON_VALUES, "ts": st.integers() | st.text() | JSON_VALUES},
)


@given(st.text() | LIKELY.map(json.dumps) | JSON_VALUES.map(json.dumps) | JSON_VALUES)
@example("\ud800")
@example("[" * 100_000)
@example('{"a":' * 100_000)
@example("9" * 100_000)
@example('{"ts":' + "9" * 900 + "}")
@example(TEXT.encode())
def test_nothing_but_message_error_is_raised(text: object) -> None:
    try:
        message = FollowMessage.parse(text)
    except MessageError:
        return
    assert message.text == text
    assert json.loads(message.text).keys() == {"op", "address", "handle", "ts"}


@given(st.integers(0, len(TEXT) - 1), st.characters())
def test_one_changed_character_never_goes_unnoticed(at: int, character: str) -> None:
    """A changed text is refused, or reads otherwise, or is other white space; the digest always tells."""
    text = TEXT[:at] + character + TEXT[at + 1 :]
    original = FollowMessage.parse(TEXT)
    try:
        message = FollowMessage.parse(text)
    except MessageError:
        return
    assert (message.digest == original.digest) is (text == TEXT)


@pytest.mark.usefixtures("few_digits")
def test_long_numbers_are_refused_by_us_and_not_by_the_interpreter() -> None:
    with pytest.raises(MessageError) as refused:
        FollowMessage.parse(TEXT[: TEXT.rindex(":") + 1] + "9" * 800 + "}")
    assert refused.value.field == "ts"


@pytest.mark.parametrize("opening", ["[", '{"op":', '{"op":[', "[[{"])
def test_deep_nesting_is_refused_even_on_a_deep_stack(opening: str) -> None:
    def at_depth(depth: int) -> None:
        if depth:
            at_depth(depth - 1)
        else:
            FollowMessage.parse((opening * 1024)[:MAX_BYTES])

    with pytest.raises(MessageError):
        at_depth(400)


LETTERS = st.text("abcdef0123456789_-xyzABC", max_size=24)


USUAL = '{{"op":"{op}","address":"{address}","handle":"{handle}","ts":{ts}}}'
OTHERS = [
    '{{"op":"{op}","address":"{address}","handle":"{handle}","ts":"{ts}"}}',
    '{{"op": "{op}","address":"{address}","handle":"{handle}","ts":{ts}}}',
    USUAL + "\n",
    '{{"op":"{op}","address":"{address}","handle":"{handle}","ts":{ts},"ts":{ts}}}',
    '{{"address":"{address}","op":"{op}","handle":"{handle}","ts":{ts}}}',
]
ODD = ["a\\", 'a","x":"', "\\u0061", "\ud800", "A", "\x00", "\n", "é", "", "a" * 30]


@settings(max_examples=400)
@given(
    op=st.just("follow") | st.sampled_from([*ODD, "claim"]),
    address=st.just(str(ADDRESS)) | st.sampled_from([*ODD, ADDRESS.lower]) | LETTERS.map("0x{}".format),
    handle=st.just("shiyu") | st.sampled_from(ODD) | LETTERS,
    ts=st.just("1795460000000")
    | st.sampled_from(["0795460000000", "1e12", "-179546000000", "179546000000.0", *ODD])
    | st.integers(-(10**20), 10**20).map(str),
    spelling=st.just(USUAL) | st.sampled_from(OTHERS),
)
def test_the_usual_spelling_is_read_as_any_other_is(
    op: str, address: str, handle: str, ts: str, spelling: str
) -> None:
    """One expression recognises it, and the general reader of JSON says the same of all that it holds."""
    text = spelling.format(op=op, address=address, handle=handle, ts=ts)
    quick = canonical_members(text)
    if quick is not None:
        assert quick == members(text)


def test_the_usual_spelling_is_recognised() -> None:
    text = f'{{"op":"follow","address":"{ADDRESS}","handle":"shiyu","ts":1795460000000}}'
    assert canonical_members(text) == members(text)
    assert canonical_members(text) is not None
