"""`countersign verify FILE`: check proofs of connection offline, with nothing but the file."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from webapp.commands.errors import CommandError
from webapp.protocol.proof_file import Form, Unreadable, VerifiedFile, verify_file
from webapp.protocol.verification import ContractWalletUnproven, ProofFailure, ProofStep, VerifiedProof

VALID, INVALID, UNREADABLE = 0, 1, 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Takes a file, and how to answer."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a proof as the API gives it, a list of them, or what `countersign export` wrote; - reads stdin",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    parser.epilog = (
        "Exit code: 0 valid; 1 invalid, with the step that failed, or not to be proven offline; 2 unreadable."
    )


def act(options: argparse.Namespace) -> int:
    """Say what the file proves (0), which check of which proof failed (1), or why it cannot be read (2).

    What only a chain could prove is 1 as well: whoever asks none must not take it for valid.

    Raises:
        CommandError: There is no such file, or it must not be read.
    """
    verdict = _verdict(options.file)
    print(json.dumps(_as_json(verdict), ensure_ascii=True) if options.json else _as_text(verdict))
    if isinstance(verdict, VerifiedFile):
        return VALID
    return INVALID if isinstance(verdict, ProofFailure) else UNREADABLE


def _verdict(name: str) -> VerifiedFile | ProofFailure | Unreadable:
    if name == "-":
        return verify_file(sys.stdin.buffer)
    try:
        with Path(name).open("rb") as file:
            return verify_file(file)
    except OSError as error:
        raise CommandError(f"FILE: expected a file to read; {name}: {error.strerror}") from None


def _as_json(verdict: VerifiedFile | ProofFailure | Unreadable) -> dict[str, object]:
    if isinstance(verdict, VerifiedFile):
        return {
            "verdict": "valid",
            "form": verdict.form.value,
            "entries": verdict.entries,
            "steps": [step.value for step in ProofStep],
            "last": [_proof_as_json(proof) for proof in verdict.last],
            "notShown": _not_shown(verdict),
        }
    more: dict[str, object] = {}
    failed = "invalid" if isinstance(verdict, ProofFailure) else "unreadable"
    if isinstance(verdict, ContractWalletUnproven):
        failed, question = "needs-chain", verdict.question
        more["isValidSignature"] = {
            "address": question.address.checksummed,
            "hash": f"0x{question.digest.hex()}",
            "signature": f"0x{question.signature.hex()}",
        }
    return {
        "verdict": failed,
        "proof": verdict.index + 1,
        "step": verdict.step.value if isinstance(verdict, ProofFailure) else "reading",
        "field": verdict.field,
        "expected": verdict.expected,
        **more,
    }


def _proof_as_json(proof: VerifiedProof) -> dict[str, object]:
    return {
        "address": proof.address.checksummed,
        "op": proof.operation.value,
        "handle": proof.handle,
        "ts": proof.ts,
        "entity": proof.entity,
        "signingKey": proof.signing_key.text,
        "fingerprint": proof.signing_key.fingerprint,
        "sequence": proof.head.sequence,
        "entryDigest": proof.head.entry_digest,
    }


def _as_text(verdict: VerifiedFile | ProofFailure | Unreadable) -> str:
    if isinstance(verdict, ContractWalletUnproven):
        return _for_the_chain(verdict)
    if isinstance(verdict, ProofFailure):
        return f"INVALID at {verdict}"
    if isinstance(verdict, Unreadable):
        return f"UNREADABLE at {verdict}"
    found = _one_in_full(verdict.last[0]) if verdict.form is not Form.LOG else _one_a_line(verdict.last)
    entries = f"{verdict.entries} {'entry' if verdict.entries == 1 else 'entries'}"
    return "\n".join(
        [
            f"VALID {verdict.form}, {entries}: {', '.join(ProofStep)} hold",
            *found,
            *(f"Not shown: {what}" for what in _not_shown(verdict)),
        ]
    )


def _for_the_chain(unproven: ContractWalletUnproven) -> str:
    """Say what is open: to whoever has only the file, a contract wallet and a forger look alike."""
    address = unproven.question.address
    return "\n".join(
        [
            f"CANNOT BE PROVEN OFFLINE, needs the chain: proof {unproven.index + 1}, {unproven.step}",
            f"  The key of {address} did not sign this authorisation. A contract wallet at",
            "  that address may have; only its chain knows. Until that is asked, the proof counts as failed.",
            f"  ask     isValidSignature(0x{unproven.question.digest.hex()},",
            f"          {unproven.field}) of {address} (EIP-1271, ERC-6492)",
        ]
    )


def _one_in_full(proof: VerifiedProof) -> list[str]:
    return [
        f"  who     {proof.address}",
        f"  what    {proof.operation} {proof.handle}",
        f"  when    {_time(proof.ts)} by the signer's clock (ts {proof.ts})",
        f"  entity  {proof.entity}",
        f"  key     {proof.signing_key.fingerprint}",
        f"  entry   {proof.head.sequence} of this address and handle, {proof.head.entry_digest}",
    ]


def _one_a_line(last: tuple[VerifiedProof, ...]) -> list[str]:
    return [
        f"  {proof.address}  {proof.operation:8}  {proof.handle:20}  {_time(proof.ts)}  "
        f"entry {proof.head.sequence}, {proof.entity}, key {proof.signing_key.fingerprint}"
        for proof in last
    ]


def _not_shown(verdict: VerifiedFile) -> list[str]:
    """What even a valid file leaves open."""
    later = "that nothing came after: whoever gave this file may have left off the newest entries"
    if verdict.form is Form.LOG:
        return [later, "that these are all the handles: another one's entries may have been left out"]
    sequence = verdict.last[-1].head.sequence
    if verdict.form is Form.PROOF and sequence > 1:
        return [
            f"entry {sequence - 1}: it is only claimed, by its digest; a chain from entry 1 shows it",
            later,
        ]
    return [later]


def _time(ts: int) -> str:
    try:
        moment = datetime.fromtimestamp(ts // 1000, UTC)
    except (OverflowError, ValueError, OSError):  # int64 reaches further than the calendar
        return "beyond the year 9999"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ts % 1000:03}Z"
