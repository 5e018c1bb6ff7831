import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol.vectors import load, titled
from webapp.protocol.errors import HandleError
from webapp.protocol.handle import parse_handle

VECTORS = load("handles.json")


@pytest.mark.parametrize("case", VECTORS["accept"], ids=titled)
def test_a_legal_handle_comes_back_as_it_is(case: dict[str, str]) -> None:
    assert parse_handle(case["text"]) == case["text"]


@pytest.mark.parametrize("case", VECTORS["reject"], ids=titled)
def test_t46_anything_else_is_refused_and_not_repaired(case: dict[str, object]) -> None:
    with pytest.raises(HandleError) as refused:
        parse_handle(case["text"])
    assert refused.value.field == "handle"


@given(st.text(max_size=25) | st.from_regex(r"[a-z0-9][a-z0-9_-]{0,25}"))
def test_only_the_grammar_gets_through(text: str) -> None:
    try:
        handle = parse_handle(text)
    except HandleError:
        return
    assert handle == text
    assert handle.isascii()
    assert 1 <= len(handle) <= 20
    assert handle[0] not in "-_"
    assert handle == handle.lower()
