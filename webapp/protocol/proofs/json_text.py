"""A file as JSON, to the letter: one document of a bounded length, or JSON Lines of any number."""

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from webapp.protocol.errors import ProofError
from webapp.protocol.proofs.members import printable
from webapp.protocol.strict_json import INTEGERS, JsonError, JsonRule

MAX_DOCUMENT = 4 * 1024 * 1024
"""The longest JSON document, in bytes; JSON Lines have no end, but each line is at most MAX_LINE."""
MAX_LINE = 64 * 1024

_WHITE = b" \t\r\n"


def read_json(file: BinaryIO) -> tuple[object, Iterator[object] | None]:
    """Read a file's first line where that is a JSON value by itself, else all of the file.

    Where other lines follow, the values of all lines come as well, the first included, read as they are asked
    for. Raises `ProofError` for what is no JSON, or too long.
    """
    first = _next_line(file, MAX_DOCUMENT)
    if first is None:
        raise ProofError("file", "at least one proof, as JSON; it is empty")
    try:
        value = _decode(first)
    except ProofError:
        rest = file.read(MAX_DOCUMENT + 1 - len(first))
        if not rest:
            raise
        return _decode(_within(first + rest, MAX_DOCUMENT)), None
    second = _next_line(file, MAX_LINE)
    if second is None:
        return value, None
    return value, chain((value, _decode(second)), _lines(file))


def _lines(file: BinaryIO) -> Iterator[object]:
    while (line := _next_line(file, MAX_LINE)) is not None:
        yield _decode(line)


def _next_line(file: BinaryIO, most: int) -> bytes | None:
    """The next line that is not blank; None at the end. So much that is blank is no file of proofs."""
    blank = 0
    while line := file.readline(most + 1):
        if _within(line, most).strip(_WHITE):
            return line
        blank += len(line)
        if blank > MAX_LINE:
            raise ProofError("file", f"at most {MAX_LINE} bytes of blank lines on end")
    return None


def _within(text: bytes, most: int) -> bytes:
    if len(text) > most:
        raise ProofError(
            "file", f"at most {MAX_DOCUMENT} bytes of JSON, or JSON Lines of at most {MAX_LINE} bytes"
        )
    return text


def _decode(text: bytes) -> object:
    try:
        return INTEGERS.read(text)
    except JsonError as error:
        if error.rule is JsonRule.MEMBERS:
            raise ProofError(printable(error.member), error.expected) from None
        if error.rule in {JsonRule.DIGITS, JsonRule.NUMBERS}:
            raise ProofError("sequence", "an integer from 1, within int64") from None
        if error.rule is JsonRule.NESTING:
            raise ProofError("file", "JSON that nests as little as a proof does") from None
        raise ProofError("file", error.expected) from None
