"""Damage to files of proofs, and what was found of it."""

import io
import json
import random
from collections.abc import Iterator

from webapp.protocol.proofs.proof_file import Unreadable, VerifiedFile, verify_file
from webapp.protocol.proofs.verdicts import ProofFailure


def altered(text: bytes) -> Iterator[bytes]:
    """Every byte changed in several ways, dropped, doubled, and another put before it."""
    choose = random.Random(0)  # noqa: S311 (a test's dice)
    for place, byte in enumerate(text):
        before, after = text[:place], text[place + 1 :]
        others = {byte ^ 1, byte ^ 0x20, ord("0"), ord(" "), 0xFF, choose.randrange(256)} - {byte}
        yield from (before + bytes([other]) + after for other in others)
        yield before + after
        yield before + bytes([byte, byte]) + after
        yield before + bytes([choose.choice(b'0aF" }')]) + bytes([byte]) + after


def described(verdict: VerifiedFile | ProofFailure | Unreadable) -> tuple[object, ...]:
    """At which proof, which step and which member."""
    if isinstance(verdict, ProofFailure):
        return verdict.index, verdict.step.value, verdict.field
    assert isinstance(verdict, Unreadable), "accepted"
    return verdict.index, "reading", verdict.field


def verdict_on(content: object) -> VerifiedFile | ProofFailure | Unreadable:
    """What `countersign verify` finds of a file: of its bytes, or of what is written as JSON."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return verify_file(io.BytesIO(text))
