from contextlib import suppress

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol.vectors import load, titled
from webapp.protocol.address import Address
from webapp.protocol.errors import AddressError

VECTORS = load("addresses.json")


@pytest.mark.parametrize("case", VECTORS["accept"], ids=titled)
def test_every_legal_spelling_reads_as_the_checksummed_one(case: dict[str, str]) -> None:
    address = Address.parse(case["text"])
    assert str(address) == address.checksummed == case["checksummed"]
    assert address.lower == case["text"].lower()


@pytest.mark.parametrize("case", VECTORS["reject"], ids=titled)
def test_anything_else_is_refused_by_name(case: dict[str, object]) -> None:
    with pytest.raises(AddressError) as refused:
        Address.parse(case["text"])
    assert refused.value.field == "address"


@given(st.binary(min_size=20, max_size=20))
def test_the_checksum_is_the_one_that_ethereum_libraries_write(raw: bytes) -> None:
    text = "0x" + raw.hex()
    assert Address.parse(text).checksummed == to_checksum_address(text)


def test_two_spellings_are_one_address() -> None:
    text = VECTORS["accept"][8]["text"]
    assert {Address.parse(text), Address.parse(text.lower())} == {Address(text)}


@given(st.text() | st.from_regex(r"0x[0-9a-fA-F]{40}"))
def test_nothing_but_address_error_is_raised(text: str) -> None:
    with suppress(AddressError):
        assert Address.parse(text).lower == text.lower()
