"""Files of proofs: one proof, a chain of one pair, or an exported log; read and verified as they come.

What is accepted:

- a proof: the JSON of the API's `proof` field, bare or as the member `proof` of an object that may also claim
  `address`, `handle` and `op`;
- a chain: a list of proofs of one pair, oldest first, bare or as the member `proofs` of an object;
- a log: JSON Lines (or a list) of objects `{address, handle, sequence, op, proof}`, entries of many pairs,
  each pair's oldest first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import Protocol

from webapp.protocol.errors import ProofError
from webapp.protocol.proof import ProofOfConnection
from webapp.protocol.strict_json import INTEGERS, JsonError, JsonRule
from webapp.protocol.verification import (
    LogVerifier,
    ProofFailure,
    ProofStep,
    VerifiedProof,
    check_spelling,
    verify_proof,
)

MAX_DOCUMENT = 4 * 1024 * 1024
"""The longest JSON document, in bytes; JSON Lines have no end, but each line is at most MAX_LINE."""
MAX_LINE = 64 * 1024

_WHITE = b" \t\r\n"
_LOG_LINE = frozenset({"address", "handle", "sequence", "op", "proof"})
_PROOF = frozenset({"content", "signingKey", "signingKeyAuth", "entryDigest"})
_SAFE = re.compile(r"[ -~]{0,40}")


class Form(StrEnum):
    """What a file holds."""

    PROOF = "proof"
    """One proof by itself: the entry before it, if any, is known by its claimed digest alone."""
    CHAIN = "chain"
    """All of one pair's entries from the first on."""
    LOG = "log"
    """Entries of any number of pairs, each pair's from its first on."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file could not be read as proofs.

    Attributes:
        index: At which proof, counted from 0.
        field: The member at fault, or `file`.
        expected: What would have been right, in words.
    """

    index: int
    field: str
    expected: str

    def __str__(self) -> str:
        return f"proof {self.index + 1}, reading: {self.field}: expected {self.expected}"


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """What a file of proofs proves.

    Attributes:
        form: What it holds.
        entries: How many proofs.
        last: The newest proof of each pair; of a file of the form PROOF, that one.
    """

    form: Form
    entries: int
    last: tuple[VerifiedProof, ...]


class ByteLines(Protocol):
    """A file, opened for reading bytes."""

    def readline(self, limit: int, /) -> bytes:
        """Read up to a line feed, or `limit` bytes."""

    def read(self, limit: int, /) -> bytes:
        """Read up to `limit` bytes."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A proof, and what stands beside it in the file."""

    proof: ProofOfConnection
    claims: dict[str, object]


def verify_file(file: ByteLines) -> VerifiedFile | ProofFailure | Unreadable:
    """Verify every proof of a file; reads JSON Lines line by line and keeps nothing of those it has passed.

    Besides all that `verify_proof` and `verify_chain` look at, nothing beside a proof may say otherwise, and
    every member must be spelt as published: there is no byte of a proof that could be another.
    """
    passed = 0
    last: dict[tuple[str, str], VerifiedProof] = {}
    try:
        form, entries = _open(file)
        take = verify_proof if form is Form.PROOF else LogVerifier().take
        for entry in entries:
            verdict = take(entry.proof)
            if isinstance(verdict, VerifiedProof):
                last[verdict.address.checksummed, verdict.handle] = verdict
                verdict = _otherwise(form, entry, verdict, len(last)) or verdict
            if isinstance(verdict, ProofFailure):
                return replace(verdict, index=passed)
            passed += 1
    except ProofError as error:
        return Unreadable(passed, error.field, error.expected)
    if not passed:
        return ProofFailure(ProofStep.CHAIN, 0, "proof", "at least one proof")
    return VerifiedFile(form, passed, tuple(last.values()))


def _otherwise(form: Form, entry: _Entry, verified: VerifiedProof, pairs: int) -> ProofFailure | None:
    """Find what says otherwise than a verified proof: something beside it, or its own spelling."""
    rows = (
        (ProofStep.MESSAGE, "address", verified.address.checksummed),
        (ProofStep.MESSAGE, "handle", verified.handle),
        (ProofStep.MESSAGE, "op", verified.operation.value),
        (ProofStep.CHAIN, "sequence", verified.head.sequence),
    )
    for step, member, proved in rows:
        claimed = entry.claims.get(member, proved)
        if claimed != proved or type(claimed) is not type(proved):
            return ProofFailure(step, 0, member, f"{proved}, as the proof beside it says")
    if form is Form.CHAIN and pairs > 1:
        return ProofFailure(ProofStep.CHAIN, 0, "content", "the address and handle of the proofs before")
    return check_spelling(entry.proof, verified)


def _open(file: ByteLines) -> tuple[Form, Iterator[_Entry]]:
    """Find out what a file holds, from its first line where that is a JSON value, else from all of it."""
    first = _next_line(file, MAX_DOCUMENT)
    if first is None:
        raise ProofError("file", "a proof, as JSON")
    try:
        value = _decode(first)
    except ProofError:
        rest = file.read(MAX_DOCUMENT + 1 - len(first))
        if not rest:
            raise
        return _document(_decode(_within(first + rest, MAX_DOCUMENT)))
    second = _next_line(file, MAX_LINE)
    if second is None:
        return _document(value)
    return Form.LOG, chain((_entry(value), _entry(_decode(second))), _lines(file))


def _document(value: object) -> tuple[Form, Iterator[_Entry]]:
    listed = value.get("proofs") if isinstance(value, dict) and "proof" not in value else value
    if isinstance(listed, list):
        return _form_of_list(listed), map(_entry, listed)
    entry = _entry(value)
    return Form.LOG if "sequence" in entry.claims else Form.PROOF, iter((entry,))


def _form_of_list(listed: list[object]) -> Form:
    is_log = all(isinstance(item, dict) and {"proof", "sequence"} <= item.keys() for item in listed)
    return Form.LOG if listed and is_log else Form.CHAIN


def _lines(file: ByteLines) -> Iterator[_Entry]:
    while (line := _next_line(file, MAX_LINE)) is not None:
        yield _entry(_decode(line))


def _next_line(file: ByteLines, most: int) -> bytes | None:
    """The next line that is not blank; None at the end."""
    while line := file.readline(most + 1):
        if _within(line, most).strip(_WHITE):
            return line
    return None


def _within(text: bytes, most: int) -> bytes:
    if len(text) > most:
        raise ProofError(
            "file", f"at most {MAX_DOCUMENT} bytes of JSON, or JSON Lines of at most {MAX_LINE} bytes"
        )
    return text


def _entry(value: object) -> _Entry:
    if not isinstance(value, dict):
        raise ProofError("proof", "an object")
    if "proof" not in value:
        if value.keys().isdisjoint(_PROOF):
            raise ProofError("proof", "the API's `proof` object, with all its members")
        return _Entry(ProofOfConnection.parse(value), {})
    unknown = value.keys() - _LOG_LINE - {"__typename"}
    if unknown:
        raise ProofError(_shown(min(unknown)), "no member beside proof but address, handle, sequence and op")
    if "sequence" in value and not value.keys() >= _LOG_LINE:
        raise ProofError(min(_LOG_LINE - value.keys()), "a member of every line of a log")
    claims = {name: value[name] for name in value.keys() & _LOG_LINE if name != "proof"}
    return _Entry(ProofOfConnection.parse(value["proof"]), claims)


# --- JSON, to the letter ------------------------------------------------------------------------------------


def _decode(text: bytes) -> object:
    try:
        return INTEGERS.read(text)
    except JsonError as error:
        if error.rule is JsonRule.MEMBERS:
            raise ProofError(_shown(error.member), error.expected) from None
        if error.rule in {JsonRule.DIGITS, JsonRule.NUMBERS}:
            raise ProofError("sequence", "an integer from 1, within int64") from None
        if error.rule is JsonRule.NESTING:
            raise ProofError("file", "JSON that nests as little as a proof does") from None
        raise ProofError("file", error.expected) from None


def _shown(name: str) -> str:
    """A member's name that came from the file, safe to print."""
    return name if _SAFE.fullmatch(name) else "member"
