"""Damage to files of proofs, and what was found of it."""

import random
from collections.abc import Iterator

from webapp.protocol.proofs.proof_file import Unreadable, VerifiedFile
from webapp.protocol.proofs.verification import ProofFailure


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
