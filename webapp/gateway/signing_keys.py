"""Signing keys: registration, and what is registered."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, func, insert, select

from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.tables import signing_keys
from webapp.gateway.vouching import contract_wallet_vouches
from webapp.protocol.address import Address
from webapp.protocol.authorization import AuthorizationText, SigningKeyAuthorization
from webapp.protocol.clock import Clock
from webapp.protocol.decision import (
    Policy,
    RegisteredKey,
    Registration,
    RegistrationFacts,
    decide_registration,
    registration_subject,
)
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.status import RegistrationStatus
from webapp.storage.database import Database

MOST_LISTED = 100

_existing = select(
    signing_keys.c.authorization_message,
    signing_keys.c.authorization_signature,
    signing_keys.c.expires_at,
    signing_keys.c.revoked_at,
).where(signing_keys.c.address == bindparam("address"), signing_keys.c.public_key == bindparam("public_key"))

_is_live = signing_keys.c.revoked_at.is_(None) & (signing_keys.c.expires_at > bindparam("now"))
_live = (
    select(func.count())
    .select_from(signing_keys)
    .where(signing_keys.c.address == bindparam("address"), _is_live)
)

_of_address = (
    select(
        signing_keys.c.public_key,
        signing_keys.c.authorization_message,
        signing_keys.c.registered_at,
        signing_keys.c.expires_at,
        signing_keys.c.revoked_at,
        signing_keys.c.name,
    )
    .where(signing_keys.c.address == bindparam("address"))
    .order_by(_is_live.desc(), signing_keys.c.registered_at.desc(), signing_keys.c.public_key)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class SigningKeyRecord:
    """A registered key, what its owner calls it, and the span of its life in milliseconds since the epoch."""

    signing_key: str
    fingerprint: str
    entity: str
    registered_at: int
    expires_at: int
    revoked_at: int | None
    name: str


class SigningKeys:
    """Decides registrations, stores the accepted ones, and lists them."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        lifetime_ms: int,
        clock: Clock,
        contract_wallets: ContractWallets | None = None,
    ) -> None:
        self._database = database
        self._contract_wallets = contract_wallets
        self._policy = policy
        self._lifetime_ms = lifetime_ms
        self._clock = clock

    def register(self, registration: Registration) -> RegistrationStatus:
        """Decide a registration; with SUCCESS the key is stored, durably, when this returns.

        The wallet's signature is recovered, or its contract asked, while nothing is locked. A live key stays
        as it is: registering it again does not prolong it.

        Raises:
            DatabaseUnavailable: The database could not be asked or written; nothing was stored.
            OutcomeUnknown: It was stored, or it was not; the same registration may come again.
            RpcError: A chain could not be asked; nothing was stored.
        """
        address, signing_key = registration_subject(registration)
        if address is None or signing_key is None:
            facts = RegistrationFacts(existing=None, live_keys=0)
            return decide_registration(registration, facts, self._policy, self._clock()).status
        now = self._clock()
        with self._database.read() as connection:
            facts = _facts(connection, address, signing_key, now)
        decision = decide_registration(registration, facts, self._policy, now)
        if decision.status is RegistrationStatus.INVALID_SIGNATURE:
            text = AuthorizationText.parse(registration.message).text
            vouches = contract_wallet_vouches(self._contract_wallets, address, text, registration.signature)
            facts = replace(facts, contract_wallet=vouches)
            decision = decide_registration(registration, facts, self._policy, now)
        if decision.accepted is None or decision.already:
            return decision.status
        with self._database.write() as connection:
            now = self._clock()
            known = _facts(connection, address, signing_key, now)
            fresh = replace(known, contract_wallet=facts.contract_wallet)
            if fresh != facts:
                # Somebody registered this key or another one of the address meanwhile.
                decision = decide_registration(registration, fresh, self._policy, now)
            if decision.accepted is None or decision.already:
                return decision.status
            connection.execute(
                insert(signing_keys),
                {
                    "address": address.checksummed,
                    "public_key": signing_key.text,
                    "authorization_message": decision.accepted.message,
                    "authorization_signature": decision.accepted.signature,
                    "registered_at": now,
                    "expires_at": now + self._lifetime_ms,
                    "revoked_at": None,
                },
            )
        return decision.status

    def listed(self, connection: Connection, address: Address) -> list[SigningKeyRecord]:
        """Keys of an address: the live ones, then all others, each newest first.

        At most `MOST_LISTED`, or as many as may live where that is more: no live key is ever left out.
        """
        most = max(MOST_LISTED, self._policy.max_live_keys)
        of = {"address": address.checksummed, "now": self._clock(), "most": most}
        return [
            SigningKeyRecord(
                signing_key=public_key,
                fingerprint=SigningKey.parse(public_key).fingerprint,
                entity=AuthorizationText.parse(message).entity,
                registered_at=registered_at,
                expires_at=expires_at,
                revoked_at=revoked_at,
                name=name,
            )
            for public_key, message, registered_at, expires_at, revoked_at, name in connection.execute(
                _of_address, of
            )
        ]


def _facts(connection: Connection, address: Address, signing_key: SigningKey, now: int) -> RegistrationFacts:
    row = connection.execute(
        _existing, {"address": address.checksummed, "public_key": signing_key.text}
    ).first()
    existing = None
    if row is not None:
        message, signature, expires_at, revoked_at = row
        existing = RegisteredKey(SigningKeyAuthorization(address, message, signature), expires_at, revoked_at)
    live = connection.scalar(_live, {"address": address.checksummed, "now": now})
    return RegistrationFacts(existing=existing, live_keys=live or 0)
