"""Files of proofs, read and verified as they come; `shapes` says what they may look like."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from webapp.protocol.errors import ProofError
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.message import Operation
from webapp.protocol.proofs.logs import KeyUses, Logs
from webapp.protocol.proofs.members import TYPE_NAME
from webapp.protocol.proofs.proof import AnyProof
from webapp.protocol.proofs.shapes import Claims, Form, Place, read_contents
from webapp.protocol.proofs.steps import check_proof, check_spelling
from webapp.protocol.proofs.verdicts import (
    ProofFailure,
    ProofStep,
    StepFailedError,
    Verified,
    VerifiedProof,
    require,
)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file could not be read as proofs."""

    index: int  # at which proof, counted from 0
    field: str  # the member at fault, or `file`
    expected: str  # in words

    def __str__(self) -> str:
        return f"proof {self.index + 1}, reading: {self.field}: expected {self.expected}"


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """What a file of proofs proves."""

    form: Form
    entries: int
    last: tuple[Verified, ...]  # the newest of each pair and of each key; of the form PROOF, that one
    cut: int  # how many logs do not begin with their first entry here
    # Of pairs whose newest entry here is a follow: the newest by which the handle's owner ended one
    ended: tuple[VerifiedProof, ...] = ()


def verify_file(file: BinaryIO) -> VerifiedFile | ProofFailure | Unreadable:
    """Verify every proof of a file; reads JSON Lines line by line and keeps nothing of those it has passed.

    Besides what each proof and each log is checked for, no key may have signed long after its revocation,
    pages may not contradict each other, nothing beside a proof may say otherwise, no member may be there that
    is not looked at, and every member must be spelt as published.
    """
    return _FileVerifier().verify(file)


class _FileVerifier:
    """The state of one verification."""

    def __init__(self) -> None:
        self._form = Form.PROOF
        self._at = 0  # which proof is at hand, counted from 0
        self._passed = 0
        self._last: dict[tuple[str, str], Verified] = {}  # by what was acted on
        self._first: dict[tuple[str, str], int] = {}  # by log
        self._ended: dict[tuple[str, str], VerifiedProof] = {}  # by the log of the follower and the handle
        self._uses = KeyUses()
        # Of replies, whose pages can show parts of one log: by log and number, each with its place.
        self._listed: dict[tuple[str, str, int], tuple[int, str, Verified]] = {}

    def verify(self, file: BinaryIO) -> VerifiedFile | ProofFailure | Unreadable:
        try:
            self._form, pages = read_contents(file)
            for page in pages:
                if self._form is Form.REPLY:
                    self._take_reply(page)
                else:
                    self._take_page(page)
            self._compare_pages()
        except ProofError as error:
            return Unreadable(self._at, error.field, error.expected)
        except StepFailedError as failed:
            return failed.at(self._at)
        if not self._passed and self._form is Form.REPLY:
            return Unreadable(0, "proof", "at least one; all the lists of this reply are empty")
        if not self._passed:
            return ProofFailure(ProofStep.CHAIN, 0, "proof", "at least one proof")
        alone = self._form is Form.REPLY and self._passed == 1
        form = Form.PROOF if alone else self._form
        cut = sum(sequence > 1 for sequence in self._first.values())
        return VerifiedFile(form, self._passed, tuple(self._last.values()), cut, self._endings())

    def _endings(self) -> tuple[VerifiedProof, ...]:
        return tuple(
            ending
            for log, ending in self._ended.items()
            if (last := self._last.get(log)) is not None and last.operation is Operation.FOLLOW
        )

    def _take_page(self, page: Iterable[Place]) -> None:
        logs = None if self._form is Form.PROOF else Logs(begins="first")
        for place in page:
            self._at = self._passed
            self._take(*place.read(), logs)

    def _take_reply(self, page: Iterable[Place]) -> None:
        """Read a page, then verify it from its end: what the API lists can begin with any entry of a log."""
        before = self._passed
        entries: list[tuple[AnyProof, Claims]] = []
        for place in page:
            self._at = before + len(entries)
            entries.append(place.read())
        logs = Logs(begins="anywhere")
        for number, entry in reversed(list(enumerate(entries))):
            self._at = before + number
            self._take(*entry, logs)

    def _take(self, proof: AnyProof, claims: Claims, logs: Logs | None) -> None:
        verified = check_proof(proof)
        if logs is not None:
            logs.take(verified, proof.previous_digest)
        _check_claims(claims, verified)
        check_spelling(proof, verified)
        self._check_entries_before(proof, verified)
        late = self._uses.take(verified, self._at)
        if late is not None:
            self._at = late.index  # it can be an earlier one
            raise StepFailedError(late)
        self._passed += 1
        if self._form is not Form.LOG:  # where every log begins with its first entry, and there can be many
            first = self._first.get(verified.log, verified.head.sequence)
            self._first[verified.log] = min(verified.head.sequence, first)
        known = self._last.get(verified.subject)
        if known is None or known.head.sequence <= verified.head.sequence:
            self._last[verified.subject] = verified
        if isinstance(verified, VerifiedProof) and verified.ends is not None:
            ended = self._ended.get(verified.ends)
            if ended is None or ended.ts <= verified.ts:
                self._ended[verified.ends] = verified

    def _check_entries_before(self, proof: AnyProof, verified: Verified) -> None:
        """A chain is of one log, and an entry is the same wherever a reply shows it."""
        if self._form is Form.CHAIN and self._first:
            expected = "the address and handle of the proofs before, or the address of key operations"
            require(ProofStep.CHAIN, "content", expected, holds=verified.log in self._first)
        if self._form is Form.REPLY:
            found = self._at, proof.previous_digest, verified
            _, _, known = self._listed.setdefault((*verified.log, verified.head.sequence), found)
            digest = known.head.entry_digest
            expected = f"{digest}, as the same entry has elsewhere"
            require(ProofStep.CHAIN, "entryDigest", expected, holds=digest == verified.head.entry_digest)

    def _compare_pages(self) -> None:
        """Check what each page was checked for by itself between them.

        Neighbours have to link, wherever they stand; between entries that are apart, time runs forward and
        revoked keys stay revoked.
        """
        logs = Logs(begins="anywhere", gaps=True)
        for index, previous_digest, verified in sorted(
            self._listed.values(), key=lambda entry: entry[2].head.sequence
        ):
            self._at = index
            logs.take(verified, previous_digest)


_LISTED = {Operation.FOLLOW: ("Follow",), HandleOperation.BLOCK: ("Block",)}
"""The types, beside `Operation`, that replies list an operation under."""


def _check_claims(claims: Claims, verified: Verified) -> None:
    """Check that what stands beside a proof says the same."""
    proved: dict[str, object] = {
        "address": verified.address.checksummed,
        "op": verified.operation.value,
        "sequence": verified.head.sequence,
        "ts": verified.ts,
    }
    kinds: tuple[str, ...] = ("KeyOperation",)
    if isinstance(verified, VerifiedProof):
        proved["handle"] = verified.handle
        kinds = ("Operation", *_LISTED.get(verified.operation, ()))
    else:
        proved["signingKey"] = verified.key.text
    for name, claimed in claims:
        step = ProofStep.CHAIN if name == "sequence" else ProofStep.MESSAGE
        if name == TYPE_NAME:
            require(step, name, f"{' or '.join(kinds)}, as the proof beside it says", holds=claimed in kinds)
            continue
        missing = "no such member: the proof beside it says nothing of it"
        require(step, name, missing, holds=name in proved)
        right = proved[name]
        same = claimed == right and type(claimed) is type(right)
        require(step, name, f"{right}, as the proof beside it says", holds=same)
