"""The texts of errors that the GraphQL library found, in words that tell nothing of how this is built.

The library writes what it was given as Python would, and repeats it, however long. Where something was
expected, that is enough: whoever sent it knows what it was.
"""

import re

LONGEST = 300
"""Characters. Some texts repeat names that were sent, once for every fault in them."""

_EXPECTED = {
    "Int": "a whole number of 32 bits",
    "String": "a string",
    "Boolean": "true or false",
    "ID": "a string or a whole number",
}
_SCALARS = "|".join(_EXPECTED)
_SCALAR = re.compile(
    rf"({_SCALARS}) cannot represent .*|Expected value of type '({_SCALARS})', but encountered error .*",
    re.DOTALL,
)
_ENUM = re.compile(r"Enum '(\w+)' cannot represent non-string value: .*", re.DOTALL)
_FOUND = re.compile(r"[,;] found: .*", re.DOTALL)
_NONE = re.compile(r" not to be None\.\Z")


def error_text(text: str) -> str:
    """Put a text of the library in words of ours, and shorten it."""
    text = _SCALAR.sub(_expected, text)
    text = _ENUM.sub(r"Expected a name of the enum '\1'.", text)
    text = _FOUND.sub(".", text)
    return _NONE.sub(" not to be null.", text)[:LONGEST]


def _expected(found: re.Match[str]) -> str:
    name = found[1] or found[2]
    return f"{name}: expected {_EXPECTED[name]}"
