"""Files of proofs, read and verified as they come; `proof_shapes` says what they may look like."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from webapp.protocol.errors import ProofError
from webapp.protocol.message import Operation
from webapp.protocol.proofs.json_text import MAX_DOCUMENT, MAX_LINE, ByteLines
from webapp.protocol.proofs.key_uses import KeyUses
from webapp.protocol.proofs.members import TYPE_NAME
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.shapes import Contents, Entry, Form, Place, read_contents
from webapp.protocol.proofs.spelling import check_spelling
from webapp.protocol.proofs.verdicts import ProofFailure, ProofStep, Verified, VerifiedProof
from webapp.protocol.proofs.verification import (
    AnyProof,
    LogVerifier,
    verify_key_proof,
    verify_pages,
    verify_proof,
)

__all__ = ["MAX_DOCUMENT", "MAX_LINE", "ByteLines", "Form", "Unreadable", "VerifiedFile", "verify_file"]

_Take = Callable[[AnyProof], Verified | ProofFailure]


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
        last: The newest proof of each pair and of each key; of a file of the form PROOF, that one.
        cut: How many logs do not begin with their first entry here.
    """

    form: Form
    entries: int
    last: tuple[Verified, ...]
    cut: int


def verify_file(file: ByteLines) -> VerifiedFile | ProofFailure | Unreadable:
    """Verify every proof of a file; reads JSON Lines line by line and keeps nothing of those it has passed.

    Besides all that `verify_proof` and `LogVerifier` look at, no key may have signed long after its
    revocation, pages may not contradict each other, nothing beside a proof may say otherwise, no member may
    be there that is not looked at, and every member must be spelt as published.
    """
    return _FileVerifier().verify(file)


class _FileVerifier:
    """The state of one verification."""

    def __init__(self) -> None:
        self._at = 0  # which proof is at hand, counted from 0
        self._passed = 0
        self._last: dict[tuple[str, str], Verified] = {}  # by address, and handle or key
        self._first: dict[tuple[str, str], int] = {}  # by address, and handle; of keys by address alone
        self._uses = KeyUses()
        # Of replies, whose pages can show parts of one log: by log and number, each with its place.
        self._listed: dict[tuple[str, str, int], tuple[int, str, Verified]] = {}

    def verify(self, file: ByteLines) -> VerifiedFile | ProofFailure | Unreadable:
        try:
            contents = read_contents(file)
            for entry, verdict in self._verdicts(contents):
                if isinstance(verdict, ProofFailure):
                    return replace(verdict, index=self._at)
                failure = _otherwise(entry, verdict) or self._other_log(contents.form, entry.proof, verdict)
                if failure is not None:
                    return replace(failure, index=self._at)
                used = self._uses.take(verdict, self._at)
                if used is not None:
                    return used
                self._passed += 1
                self._keep(contents.form, verdict)
            apart = verify_pages(self._listed.values())
        except ProofError as error:
            return Unreadable(self._at, error.field, error.expected)
        if apart is not None:
            return apart
        if not self._passed and contents.form is Form.REPLY:
            return Unreadable(0, "proof", "at least one; all the lists of this reply are empty")
        if not self._passed:
            return ProofFailure(ProofStep.CHAIN, 0, "proof", "at least one proof")
        alone = contents.form is Form.REPLY and self._passed == 1
        form = Form.PROOF if alone else contents.form
        cut = sum(sequence > 1 for sequence in self._first.values())
        return VerifiedFile(form, self._passed, tuple(self._last.values()), cut)

    def _verdicts(self, contents: Contents) -> Iterator[tuple[Entry, Verified | ProofFailure]]:
        """Each entry with what came of it, or of taking it up into its log."""
        if contents.form is Form.REPLY:
            for page in contents.pages:
                yield from self._newest_first(page)
            return
        log = LogVerifier()
        take = _by_itself if contents.form is Form.PROOF else log.take
        for page in contents.pages:
            for place in page:
                self._at = self._passed
                entry = place.read()
                yield entry, take(entry.proof)

    def _newest_first(self, page: Iterable[Place]) -> Iterator[tuple[Entry, Verified | ProofFailure]]:
        """Read a page, then verify it from its end: what the API lists can begin with any entry of a log."""
        before = self._passed
        entries: list[Entry] = []
        for place in page:
            self._at = before + len(entries)
            entries.append(place.read())
        log = LogVerifier(begins="anywhere")
        for place_of_entry, entry in reversed(list(enumerate(entries))):
            self._at = before + place_of_entry
            yield entry, log.take(entry.proof)

    def _other_log(self, form: Form, proof: AnyProof, verified: Verified) -> ProofFailure | None:
        """Find what contradicts the entries before: another log in a chain, another entry of that number."""
        log = _log_of(verified)
        if form is Form.CHAIN and self._first and log not in self._first:
            expected = "the address and handle of the proofs before, or the address of key operations"
            return ProofFailure(ProofStep.CHAIN, 0, "content", expected)
        if form is Form.REPLY:
            found = self._at, proof.previous_digest, verified
            _, _, known = self._listed.setdefault((*log, verified.head.sequence), found)
            digest = known.head.entry_digest
            if digest != verified.head.entry_digest:
                expected = f"{digest}, as the same entry has elsewhere"
                return ProofFailure(ProofStep.CHAIN, 0, "entryDigest", expected)
        return None

    def _keep(self, form: Form, verified: Verified) -> None:
        log, sequence = _log_of(verified), verified.head.sequence
        if form is not Form.LOG:  # where every log begins with its first entry, and there can be very many
            self._first[log] = min(sequence, self._first.get(log, sequence))
        about = (log[0], verified.handle if isinstance(verified, VerifiedProof) else verified.key.text)
        known = self._last.get(about)
        if known is None or known.head.sequence <= sequence:
            self._last[about] = verified


def _by_itself(proof: AnyProof) -> Verified | ProofFailure:
    return verify_proof(proof) if isinstance(proof, ProofOfConnection) else verify_key_proof(proof)


def _log_of(verified: Verified) -> tuple[str, str]:
    return verified.address.checksummed, verified.handle if isinstance(verified, VerifiedProof) else ""


def _otherwise(entry: Entry, verified: Verified) -> ProofFailure | None:
    """Find what says otherwise than a verified proof: something beside it, or its own spelling."""
    proved: dict[str, object] = {
        "address": verified.address.checksummed,
        "op": verified.operation.value,
        "sequence": verified.head.sequence,
        "ts": verified.ts,
    }
    kinds: tuple[str, ...] = ("KeyOperation",)
    if isinstance(verified, VerifiedProof):
        proved["handle"] = verified.handle
        kinds = ("Operation", "Follow") if verified.operation is Operation.FOLLOW else ("Operation",)
    else:
        proved["signingKey"] = verified.key.text
    for name, claimed in entry.claims:
        step = ProofStep.CHAIN if name == "sequence" else ProofStep.MESSAGE
        if name == TYPE_NAME:
            if claimed not in kinds:
                return ProofFailure(step, 0, name, f"{' or '.join(kinds)}, as the proof beside it says")
        elif name not in proved:
            return ProofFailure(step, 0, name, "no such member: the proof beside it says nothing of it")
        elif claimed != proved[name] or type(claimed) is not type(proved[name]):
            return ProofFailure(step, 0, name, f"{proved[name]}, as the proof beside it says")
    return check_spelling(entry.proof, verified)
