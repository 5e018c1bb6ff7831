"""Ethereum addresses, checked as EIP-55 describes."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from eth_hash.auto import keccak

from webapp.protocol.errors import AddressError

_FORM = re.compile(r"0x([0-9a-fA-F]{40})")


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its one EIP-55 spelling: two addresses are equal when these texts are.

    https://eips.ethereum.org/EIPS/eip-55
    """

    checksummed: str

    @classmethod
    def parse(cls, text: object, *, chain_id: int | None = None) -> Self:
        """Read `0x` and 40 hex digits: all lower case, all upper case, or with the right checksum.

        With `chain_id`, that chain's own checksum (EIP-1191) is right as well. Raises `AddressError` for
        anything else, such as the prefix `0X` and outer white space.
        """
        if not isinstance(text, str):
            raise AddressError("address", "0x and 40 hexadecimal digits")
        return cls(_spelt(text, chain_id))

    @classmethod
    def from_digits(cls, digits: str) -> Self:
        """Write the checksum into 40 lower-case hex digits that are known to be such."""
        return cls(_checksummed(digits))

    @property
    def lower(self) -> str:
        """The address in lower case: what is compared, indexed and stored."""
        return self.checksummed.lower()

    def __str__(self) -> str:
        return self.checksummed


@lru_cache(8192)
def _spelt(text: str, chain_id: int | None) -> str:
    """Read once an address that comes again and again: what is no address is not remembered."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise AddressError("address", "0x and 40 hexadecimal digits")
    digits, lower = found[1], found[1].lower()
    checksummed = _checksummed(lower)
    if digits in (lower, digits.upper(), checksummed[2:]):
        return checksummed
    if chain_id is None or digits != _capitals(lower, f"{chain_id}0x{lower}"):
        raise AddressError("address", "an EIP-55 checksum that fits")
    return checksummed


def _checksummed(digits: str) -> str:
    return "0x" + _capitals(digits, digits)


def _capitals(digits: str, hashed: str) -> str:
    """Write those digits as capitals that a hash chooses: of the digits, or after a chain's id (EIP-1191)."""
    nibbles = keccak(hashed.encode("ascii")).hex()
    pairs = zip(digits, nibbles, strict=False)
    return "".join(digit.upper() if nibble >= "8" else digit for digit, nibble in pairs)
