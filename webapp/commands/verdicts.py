"""Verdicts on files of proofs in words, and as JSON for programs."""

from collections.abc import Iterator
from datetime import UTC, datetime

from webapp.protocol.message import Operation
from webapp.protocol.proofs.proof_file import Unreadable, VerifiedFile
from webapp.protocol.proofs.shapes import Form
from webapp.protocol.proofs.verdicts import (
    ContractWalletUnproven,
    ProofFailure,
    ProofStep,
    Verified,
    VerifiedProof,
)

_MISSING = (
    "that no entry is missing: no message names the one before it, so whoever gave this file may have left"
    " out any, the newest or a revocation too, and numbered the rest anew"
)
_KEY = "that the key was neither revoked nor expired at the time: the gateway looked, a file cannot show it"
_FOLLOWS = (
    "whether the handle's owner has ended a follow: that is in the owner's log, and no proof shows the order"
    " of two logs"
)
_ACCEPTED = "when the gateway accepted it: the time is the signer's own"


def as_json(verdict: VerifiedFile | ProofFailure | Unreadable) -> dict[str, object]:
    if isinstance(verdict, VerifiedFile):
        return {
            "verdict": "valid",
            "form": verdict.form.value,
            "entries": verdict.entries,
            "steps": [step.value for step in ProofStep],
            "last": [_proof_as_json(proof) for proof in verdict.last],
            "endedByOwner": [_proof_as_json(proof) for proof in verdict.ended],
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


def _proof_as_json(proof: Verified) -> dict[str, object]:
    about: dict[str, object]
    if isinstance(proof, VerifiedProof):
        about = {"handle": proof.handle}
        if proof.follower is not None:
            about["follower"] = proof.follower.checksummed
    else:
        about = {"key": proof.key.text, "keyFingerprint": proof.key.fingerprint}
        if proof.name is not None:
            about["name"] = proof.name
    signer = proof.signing_key
    return {
        "address": proof.address.checksummed,
        "op": proof.operation.value,
        **about,
        "ts": proof.ts,
        "entity": proof.entity,
        "signingKey": signer and signer.text,
        "fingerprint": signer and signer.fingerprint,
        "sequence": proof.head.sequence,
        "entryDigest": proof.head.entry_digest,
    }


def as_lines(verdict: VerifiedFile | ProofFailure | Unreadable) -> Iterator[str]:
    """A verdict for people to read, line by line: a log can be of very many pairs."""
    if isinstance(verdict, ContractWalletUnproven):
        yield from _for_the_chain(verdict)
    elif isinstance(verdict, ProofFailure):
        yield f"INVALID at {verdict}"
    elif isinstance(verdict, Unreadable):
        yield f"UNREADABLE at {verdict}"
    else:
        entries = f"{verdict.entries} {'entry' if verdict.entries == 1 else 'entries'}"
        yield f"VALID {verdict.form}, {entries}: {', '.join(ProofStep)} hold"
        yield from _one_in_full(verdict.last[0]) if len(verdict.last) == 1 else map(_in_a_line, verdict.last)
        yield from map(_ending, verdict.ended)
        yield from (f"Not shown: {what}" for what in _not_shown(verdict))


def _for_the_chain(unproven: ContractWalletUnproven) -> list[str]:
    """Say what is open: to whoever has only the file, a contract wallet and a forger look alike."""
    address = unproven.question.address
    return [
        f"CANNOT BE PROVEN OFFLINE, needs the chain: proof {unproven.index + 1}, {unproven.step}",
        f"  The key of {address} did not sign this authorisation. A contract wallet at",
        "  that address may have; only its chain knows. Until that is asked, the proof counts as failed.",
        f"  ask     isValidSignature(0x{unproven.question.digest.hex()},",
        f"          {unproven.field}) of {address} (EIP-1271, ERC-6492)",
    ]


def _what(proof: Verified) -> tuple[str, str]:
    if isinstance(proof, VerifiedProof):
        named = "" if proof.follower is None else f" {proof.follower}"
        return proof.operation.value, f"{proof.handle}{named}"
    named = "" if proof.name is None else f' to "{proof.name}"'
    return proof.operation.value, f"key {proof.key.fingerprint}{named}"


def _one_in_full(proof: Verified) -> list[str]:
    signer = proof.signing_key
    of = "address and handle" if isinstance(proof, VerifiedProof) else "address's key operations"
    return [
        f"  who     {proof.address}",
        f"  what    {' '.join(_what(proof))}",
        f"  when    {time_of(proof.ts)} by the signer's clock (ts {proof.ts})",
        *([] if proof.entity is None else [f"  entity  {proof.entity}"]),
        f"  key     {'none, the wallet itself signed' if signer is None else signer.fingerprint}",
        f"  entry   {proof.head.sequence} of this {of}, {proof.head.entry_digest}",
    ]


def _in_a_line(proof: Verified) -> str:
    done, about = _what(proof)
    signer = "the wallet" if proof.signing_key is None else f"key {proof.signing_key.fingerprint}"
    entity = "" if proof.entity is None else f"{proof.entity}, "
    return (
        f"  {proof.address}  {done:8}  {about:20}  {time_of(proof.ts)}  "
        f"entry {proof.head.sequence}, {entity}{signer}"
    )


def _ending(proof: VerifiedProof) -> str:
    return (
        f"Ended by the owner: {proof.address}  {' '.join(_what(proof))}  {time_of(proof.ts)}  "
        f"entry {proof.head.sequence}: no follow that was accepted before it holds"
    )


def _not_shown(verdict: VerifiedFile) -> list[str]:
    """What even a valid file leaves open."""
    shown = []
    sequence = verdict.last[-1].head.sequence
    if verdict.form is Form.PROOF and sequence > 1:
        shown.append(f"entry {sequence - 1}: it is only claimed, by its digest")
    elif verdict.cut:
        shown.append("what came before the oldest entries: they are only claimed, by the digest of the last")
    shown.append(_MISSING)
    if verdict.form is Form.LOG:
        shown.append("that these are all the logs: those of other handles may have been left out")
    if any(proof.signing_key is not None for proof in verdict.last):
        shown.append(_KEY)
    if any(proof.operation is Operation.FOLLOW for proof in verdict.last):
        shown.append(_FOLLOWS)
    shown.append(_ACCEPTED)
    return shown


def time_of(ts: int) -> str:
    """A time in milliseconds since the Unix epoch, for people."""
    try:
        moment = datetime.fromtimestamp(ts // 1000, UTC)
    except (OverflowError, ValueError, OSError):  # int64 reaches further than the calendar
        return "beyond the year 9999"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ts % 1000:03}Z"
