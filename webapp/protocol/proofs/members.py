"""Reading the members of a proof's JSON objects: each of its type, none missing, none unknown."""

import re
from collections.abc import Mapping
from typing import Final

from webapp.protocol.errors import ProofError

TYPE_NAME: Final = "__typename"
"""GraphQL's own member: allowed in every object, where it says what the object is."""

_DIGEST_FORM = re.compile(r"[0-9a-f]{64}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SAFE = re.compile(r"[ -~]{1,40}")
_SEQUENCES = range(1, 2**63)


def read_object(field: str, value: object, members: frozenset[str], *type_names: str) -> Mapping[str, object]:
    """Read an object of one of GraphQL's types with no members but these; any of them may be missing."""
    if not isinstance(value, dict):
        raise ProofError(field, "an object")
    unknown = value.keys() - members - {TYPE_NAME}
    if unknown:
        raise ProofError(printable(min(unknown)), f"no member of {field} but {', '.join(sorted(members))}")
    if TYPE_NAME in value and value[TYPE_NAME] not in type_names:
        raise ProofError(TYPE_NAME, f"{' or '.join(type_names) or 'none'}, which {field} is")
    return value


def read_text(members: Mapping[str, object], field: str) -> str:
    """Read text without lone surrogates."""
    value = members.get(field)
    if not isinstance(value, str):
        raise ProofError(field, "a string")
    if _LONE_SURROGATE.search(value):
        raise ProofError(field, "a string without lone surrogates")
    return value


def read_digest(members: Mapping[str, object], field: str) -> str:
    """Read a SHA-256 in 64 lower-case hex digits."""
    value = members.get(field)
    if isinstance(value, str) and _DIGEST_FORM.fullmatch(value):
        return value
    raise ProofError(field, "64 lower-case hexadecimal digits")


def read_sequence(members: Mapping[str, object]) -> int:
    """Read the number of an entry: an integer from 1 to the largest int64."""
    value = members.get("sequence")
    if isinstance(value, int) and not isinstance(value, bool) and value in _SEQUENCES:
        return value
    raise ProofError("sequence", "an integer from 1, within int64")


def printable(name: str) -> str:
    """Replace a member's name that came from a file, unless it is safe to print."""
    return name if _SAFE.fullmatch(name) else "member"
