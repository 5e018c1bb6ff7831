"""Demo profiles and follows, so that a new installation shows something. None of it belongs to a real person.

All are made by signed operations that take the way of any other. Wallets and device keys are forgotten after
the seeding: nobody can act as these people. Only the device keys of the demo signers are published, and
nothing that they sign is accepted: one ran out before it was seeded, and the other's signer has a quota of 0.
"""

import base64
from contextlib import closing
from dataclasses import dataclass

from coincurve import PrivateKey
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from eth_hash.auto import keccak
from sqlalchemy import func, insert, select

from webapp.gateway.config import GatewayConfig
from webapp.gateway.log.operation_log import OperationLog
from webapp.gateway.tables import operations, profiles, signer_quotas
from webapp.protocol.address import Address
from webapp.protocol.authorization import compose_authorization_text, personal_sign_digest
from webapp.protocol.clock import DAY_MS, Clock
from webapp.protocol.demo_signers import EXPIRED, SPENT, DemoSigner
from webapp.protocol.facts import Policy
from webapp.protocol.handle import parse_handle
from webapp.protocol.handle_message import HandleOperation, ProfileText, compose_profile_message
from webapp.protocol.message import Operation, compose_message
from webapp.protocol.status import HandleStatus
from webapp.protocol.submissions import HandleSubmission, Registration, Submission
from webapp.storage.database import Database

ENTITY = "Countersign demo"
BIO = "Demo data: this profile belongs to nobody."

_FOR_GOOD_MS = 36_500 * DAY_MS
"""How long the key of a signer lasts that has to be known for as long as there is demo data."""

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


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody made up, with a wallet and a device."""

    address: Address
    wallet: PrivateKey
    device: ec.EllipticCurvePrivateKey

    @classmethod
    def with_device(cls, device: ec.EllipticCurvePrivateKey) -> "_Person":
        wallet = PrivateKey()
        digits = keccak(wallet.public_key.format(compressed=False)[1:])[-20:].hex()
        return cls(Address.from_digits(digits), wallet, device)

    @classmethod
    def published(cls, signer: DemoSigner) -> "_Person":
        return cls.with_device(ec.derive_private_key(signer.device_secret, ec.SECP256R1()))

    @property
    def signing_key(self) -> str:
        spki = self.device.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(spki).decode("ascii")

    def authorize(self) -> Registration:
        text = compose_authorization_text(ENTITY, self.signing_key)
        signature = self.wallet.sign_recoverable(personal_sign_digest(text), hasher=None)
        address, given = self.address.checksummed, f"0x{signature.hex()}"
        return Registration.read({"address": address, "message": text, "signature": given})

    def claim(self, handle: str, ts: int) -> HandleSubmission:
        message = compose_message(HandleOperation.CLAIM, self.address, handle, ts)
        return HandleSubmission.read(HandleOperation.CLAIM, self._signed(handle, message))

    def show(self, handle: str, name: str, ts: int) -> HandleSubmission:
        message = compose_profile_message(self.address, handle, ProfileText(name, BIO, ""), ts)
        return HandleSubmission.read(HandleOperation.PROFILE, self._signed(handle, message))

    def follow(self, handle: str, ts: int) -> Submission:
        message = compose_message(Operation.FOLLOW, self.address, handle, ts)
        return Submission.read(Operation.FOLLOW, self._signed(handle, message))

    def _signed(self, handle: str, message: str) -> dict[str, str]:
        r, s = decode_dss_signature(self.device.sign(message.encode(), ec.ECDSA(SHA256())))
        return {
            "address": self.address.checksummed,
            "handle": handle,
            "message": message,
            "signature": f"0x{r:064x}{s:064x}",
            "signingKey": self.signing_key,
        }


def seed_demo(database: Database, config: GatewayConfig, clock: Clock) -> int:
    """Seed demo profiles, and follows among them, into a database without any; leave any other alone.

    The operator's limits are for callers, not for the seeding: names reserved from others are free to it.
    Returns how many profiles were made: 0 where there were some, or somebody else is just seeding.
    """
    if _is_in_use(database):
        return 0

    def long_ago() -> int:
        return clock() - config.key_lifetime_ms - DAY_MS

    # Whoever gets the first handle goes on; this one first, because its past comes before all the rest.
    lifetime = config.key_lifetime_ms
    expired, spent = _Person.published(EXPIRED), _Person.published(SPENT)
    if not _settle(
        database, lifetime, long_ago, {EXPIRED.handle: expired}, {EXPIRED.handle: "Expired key (demo)"}
    ):
        return 0
    _settle(database, _FOR_GOOD_MS, clock, {SPENT.handle: spent}, {SPENT.handle: "Zero quota (demo)"})
    with database.write() as connection:
        connection.execute(insert(signer_quotas).values(address=spent.address.checksummed, quota=0))
    people = {handle: _Person.with_device(ec.generate_private_key(ec.SECP256R1())) for handle in _NAMES}
    _settle(database, lifetime, clock, people, _NAMES)
    with closing(OperationLog(database, Policy(), lifetime, clock)) as log:
        for follower, followed in _FOLLOWS.items():
            for handle in followed:
                log.submit_and_wait(people[follower].follow(handle, clock()))
    return 2 + len(people)


def _settle(
    database: Database, lifetime_ms: int, clock: Clock, people: dict[str, _Person], names: dict[str, str]
) -> bool:
    """Register devices, claim handles and set what is shown; say whether all handles were to be had."""
    with closing(OperationLog(database, Policy(), lifetime_ms, clock)) as log:
        for handle, person in people.items():
            log.submit_and_wait(person.authorize())
            claimed = log.submit_and_wait(person.claim(parse_handle(handle), clock()))
            if claimed.status is not HandleStatus.SUCCESS:
                return False
            log.submit_and_wait(person.show(handle, names[handle], claimed.ts_in_server))
    return True


def _is_in_use(database: Database) -> bool:
    with database.read() as connection:
        return any(
            connection.scalar(select(func.count()).select_from(table)) for table in (profiles, operations)
        )
