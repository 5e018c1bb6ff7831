"""Signers whose device keys are published: each always earns one status, as a payment sandbox's test cards do.

A gateway with demo data has them; nobody has their wallets.
"""

from dataclasses import dataclass

from webapp.protocol.status import Status


@dataclass(frozen=True, slots=True)
class DemoSigner:
    """Somebody made up, as whom everybody may sign."""

    handle: str  # whose owner is the signer's address, which differs from one gateway to another
    device_secret: int  # the private half of its device key on P-256
    earns: Status  # what whatever it signs is answered, where nothing else is wrong with it


EXPIRED = DemoSigner("expired-key", 0xC0FFEE, Status.EXPIRED_SIGNING_KEY)
SPENT = DemoSigner("spent-quota", 0xDECAF, Status.RATE_LIMITED)
DEMO_SIGNERS = (EXPIRED, SPENT)
