"""Demo profiles and follows, so that a new installation shows something. None of it belongs to a real person.

The wallets and device keys are derived from public text: whoever reads this file holds them. The follows are
signed with them and take the way of any other follow, so that their proofs verify.
"""

import base64
import hashlib
from dataclasses import dataclass

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from eth_hash.auto import keccak
from sqlalchemy import func, insert, select

from webapp.gateway.config import GatewayConfig
from webapp.gateway.operation_log import OperationLog
from webapp.gateway.signing_keys import SigningKeys
from webapp.gateway.tables import profiles
from webapp.protocol.address import Address
from webapp.protocol.authorization import compose_authorization_text
from webapp.protocol.clock import Clock
from webapp.protocol.decision import Registration, Submission
from webapp.protocol.message import Operation, compose_message
from webapp.protocol.signing_key import ORDER
from webapp.storage.database import Database

SEED = "countersign/demo/v1"
ENTITY = "Countersign demo"

_NAMES = {
    "shiyu": "Shiyu (demo)",
    "cyberconnect": "CyberConnect (demo)",
    "ryan": "Ryan (demo)",
    "satoshi": "Satoshi (demo)",
    "hal": "Hal (demo)",
    "ada": "Ada (demo)",
    "grace": "Grace (demo)",
    "margaret": "Margaret (demo)",
    "link3": "Link3 (demo)",
    "countersign": "Countersign (demo)",
    "expired-key": "Expired key (demo)",
}
_FOLLOWS = {
    "shiyu": ("cyberconnect", "ada"),
    "ryan": ("shiyu", "cyberconnect"),
    "satoshi": ("hal",),
    "hal": ("satoshi", "shiyu"),
    "ada": ("shiyu", "grace", "margaret"),
    "grace": ("ada", "cyberconnect"),
    "margaret": ("shiyu", "countersign"),
    "link3": ("cyberconnect", "shiyu"),
}
EXPIRED = "expired-key"
"""Whose device key ran out before it was seeded, so that EXPIRED_SIGNING_KEY can be earned without a wait."""
EXPIRED_DEVICE_SECRET = 0xC0FFEE  # published, with the example that signs with it


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody made up, with a wallet and a device that everybody knows."""

    address: Address
    wallet: PrivateKey
    device: ec.EllipticCurvePrivateKey

    @classmethod
    def named(cls, handle: str) -> "_Person":
        wallet = PrivateKey(_digest("wallet", handle))
        device_secret = int.from_bytes(_digest("device", handle), "big") % (ORDER - 1) + 1
        if handle == EXPIRED:
            device_secret = EXPIRED_DEVICE_SECRET
        digits = keccak(wallet.public_key.format(compressed=False)[1:])[-20:].hex()
        return cls(Address.from_digits(digits), wallet, ec.derive_private_key(device_secret, ec.SECP256R1()))

    @property
    def signing_key(self) -> str:
        spki = self.device.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(spki).decode("ascii")

    def authorize(self) -> Registration:
        text = compose_authorization_text(ENTITY, self.signing_key)
        hashed = keccak(f"\x19Ethereum Signed Message:\n{len(text)}{text}".encode("ascii"))
        signature = self.wallet.sign_recoverable(hashed, hasher=None)
        return Registration(self.address.checksummed, text, f"0x{signature.hex()}", bearer=None)

    def follow(self, handle: str, ts: int) -> Submission:
        message = compose_message(Operation.FOLLOW, self.address, handle, ts)
        r, s = decode_dss_signature(self.device.sign(message.encode(), ec.ECDSA(SHA256())))
        return Submission(
            Operation.FOLLOW,
            self.address.checksummed,
            handle,
            message,
            f"0x{r:064x}{s:064x}",
            self.signing_key,
        )


def seed_demo(database: Database, config: GatewayConfig, clock: Clock) -> int:
    """Put demo profiles, and follows among them, into a database without profiles; leave any other alone.

    Returns:
        How many profiles were made: 0 where there were some.

    Raises:
        DatabaseUnavailable: The database cannot be written now.
    """
    people = {handle: _Person.named(handle) for handle in _NAMES}
    if not _insert_profiles(database, people, clock()):
        return 0
    keys = SigningKeys(database, config.policy, config.key_lifetime_ms, clock)
    log = OperationLog(database, config.policy, clock)
    long_ago = SigningKeys(
        database, config.policy, config.key_lifetime_ms, lambda: clock() - config.key_lifetime_ms - 1
    )
    long_ago.register(people[EXPIRED].authorize())
    for follower, followed in _FOLLOWS.items():
        keys.register(people[follower].authorize())
        for handle in followed:
            log.submit(people[follower].follow(handle, clock()))
    return len(people)


def _insert_profiles(database: Database, people: dict[str, _Person], now: int) -> bool:
    with database.write() as connection:
        if connection.scalar(select(func.count()).select_from(profiles)):
            return False
        connection.execute(
            insert(profiles),
            [
                {
                    "handle": handle,
                    "profile_id": number,
                    "owner_address": person.address.checksummed,
                    "display_name": _NAMES[handle],
                    "bio": "Demo data: this profile belongs to nobody.",
                    "avatar": "",
                    "metadata_location": "",
                    "is_primary": True,
                    "created_at": now,
                }
                for number, (handle, person) in enumerate(people.items(), start=1)
            ],
        )
    return True


def _digest(purpose: str, handle: str) -> bytes:
    return hashlib.sha256(f"{SEED}/{purpose}/{handle}".encode()).digest()
