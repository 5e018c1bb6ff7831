"""Signers whose device keys are published, each to earn one status, as a payment sandbox has test cards.

A gateway with demo data has them; nobody has their wallets.
"""

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from webapp.protocol.status import Status


@dataclass(frozen=True, slots=True)
class DemoSigner:
    """Somebody made up, as whom everybody may sign."""

    handle: str  # whose owner is the signer's address, which differs from one gateway to another
    device_secret: int  # the private half of its device key on P-256
    earns: Status  # what whatever it signs is answered, where nothing else is wrong with it

    @property
    def signing_key(self) -> str:
        """The public half, as the wire has it."""
        key = ec.derive_private_key(self.device_secret, ec.SECP256R1())
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(spki).decode("ascii")


EXPIRED = DemoSigner("expired-key", 0xC0FFEE, Status.EXPIRED_SIGNING_KEY)
SPENT = DemoSigner("zero-quota", 0xDECAF, Status.RATE_LIMITED)
DEMO_SIGNERS = (EXPIRED, SPENT)
