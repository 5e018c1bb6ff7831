"""Damage to files of proofs, and what was found of it."""

import io
import json
import random
from collections.abc import Iterator

import pytest

from webapp.protocol.proofs.proof_file import Unreadable, VerifiedFile, verify_file
from webapp.protocol.proofs.verdicts import ProofFailure

SHARED = (pytest.param(3, id="in turn"), pytest.param(1, id="each way", marks=pytest.mark.soak))
"""Among how many bytes in a row the ways to alter one are shared; in a long run each byte has them all."""


def altered(text: bytes, shared: int) -> Iterator[bytes]:
    """Every byte altered: changed in several ways, dropped, doubled, and another put before it; each byte in
    its part of these ways where several share them.
    """
    choose = random.Random(0)  # noqa: S311 (a test's dice)
    for place, byte in enumerate(text):
        before, after = text[:place], text[place + 1 :]
        others = {byte ^ 1, byte ^ 0x20, ord("0"), ord(" "), 0xFF, choose.randrange(256)} - {byte}
        ways = [bytes([other]) for other in sorted(others)]
        ways += [b"", bytes([byte, byte]), bytes([choose.choice(b'0aF" }'), byte])]
        yield from (before + way + after for way in ways[place % shared :: shared])


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
