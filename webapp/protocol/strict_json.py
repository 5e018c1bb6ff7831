"""JSON that every reader reads alike (RFC 8259; RFC 7493, section 2).

What the standard library lets pass is closed here, once: a repeated member, of which it takes the last;
`NaN` and `1e400`, which become numbers that JSON has not; integers so long that reading them costs the square
of their length.
"""

import json
import math
from collections import Counter
from enum import Enum, auto
from typing import NoReturn


class JsonRule(Enum):
    """What a text can break."""

    ENCODING = auto()
    SYNTAX = auto()
    NESTING = auto()
    MEMBERS = auto()  # each member once
    DIGITS = auto()  # integers no longer than the reader takes
    NUMBERS = auto()  # those of JSON alone, within a 64-bit float; for some readers, integers alone


class JsonError(ValueError):
    """A text that is not JSON, or that another reader would read differently.

    `expected` holds nothing of the text; `member` is the name that stands twice, as it was sent, or empty.
    """

    def __init__(self, rule: JsonRule, expected: str, member: str = "") -> None:
        super().__init__(expected)
        self.rule = rule
        self.expected = expected
        self.member = member


class JsonReader:
    """Reads JSON texts of one kind."""

    def __init__(self, *, most_digits: int, fractions: bool) -> None:
        self._most_digits = most_digits  # that an integer may have
        self._fractions = fractions  # whether numbers may be something else than integers
        self._decode = json.JSONDecoder(
            object_pairs_hook=_each_once,
            parse_int=self._integer,
            parse_float=self._fraction,
            parse_constant=_no_such_number,
        ).decode

    def read(self, text: str | bytes) -> object:
        """Read one value and nothing after it, or raise a `JsonError`; bytes are UTF-8 without a byte order
        mark.
        """
        try:
            value: object = self._decode(text if isinstance(text, str) else text.decode("utf-8"))
        except UnicodeDecodeError:
            raise JsonError(JsonRule.ENCODING, "UTF-8") from None
        except RecursionError:
            raise JsonError(JsonRule.NESTING, "JSON that nests less") from None
        except json.JSONDecodeError as error:
            expected = f"JSON; line {error.lineno}, column {error.colno}: {error.msg}"
            raise JsonError(JsonRule.SYNTAX, expected) from None
        return value

    def _integer(self, text: str) -> int:
        if len(text.lstrip("-")) > self._most_digits:
            raise JsonError(JsonRule.DIGITS, f"whole numbers of at most {self._most_digits} digits")
        return int(text)

    def _fraction(self, text: str) -> float:
        if not self._fractions:
            raise JsonError(JsonRule.NUMBERS, "no number but an integer")
        number = float(text)
        if math.isinf(number):
            raise JsonError(JsonRule.NUMBERS, "numbers that a 64-bit float can hold")
        return number


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise JsonError(JsonRule.MEMBERS, "each member once", twice)
    return members


def _no_such_number(_: str) -> NoReturn:
    raise JsonError(JsonRule.NUMBERS, "numbers that JSON has")


ANY_NUMBER = JsonReader(most_digits=309, fractions=True)
"""Takes any number that a 64-bit float can hold; such an integer has 309 digits at most."""
INTEGERS = JsonReader(most_digits=19, fractions=False)
"""Takes integers alone, as long as an int64 can be."""
