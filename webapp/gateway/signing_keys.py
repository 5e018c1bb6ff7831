"""Signing keys: registration, and what is registered."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.log.facts import registration_facts
from webapp.gateway.log.operation_log import Log
from webapp.gateway.tables import signing_keys
from webapp.protocol.authorization import AuthorizationText, personal_sign_digest
from webapp.protocol.clock import Clock
from webapp.protocol.decision import decide_registration
from webapp.protocol.facts import Policy
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.status import RegistrationStatus
from webapp.protocol.submissions import REGISTER, Fields, Registration
from webapp.storage.database import Database, Snapshot
from webapp.storage.prepared import Prepared

MOST_LISTED = 100

_is_live = signing_keys.c.revoked_at.is_(None) & (signing_keys.c.expires_at > bindparam("now"))
_of_address = Prepared(
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
        log: Log,
        policy: Policy,
        clock: Clock,
        contract_wallets: ContractWallets | None = None,
    ) -> None:
        self._database = database
        self._log = log
        self._policy = policy
        self._clock = clock
        self._contract_wallets = contract_wallets

    def register(self, fields: Fields) -> str:
        """Decide a registration and give its status; with SUCCESS the key is stored, durably, by then.

        Where the wallet's own key did not sign, its contract is asked first, while nothing is locked, and
        only where nothing that costs less forbids it. A live key stays as it is: registering it again does
        not prolong it.

        Args:
            fields: What was sent, and as `bearer` whose access token came along.

        Raises:
            DatabaseUnavailable: The database could not be asked or written; nothing was stored.
            OutcomeUnknown: It was stored, or it was not; the same registration may come again.
            RpcError: A chain could not be asked; nothing was stored.
        """
        if self._contract_wallets is not None:
            fields = {**fields, "byContract": self._by_contract(self._contract_wallets, fields)}
        return self._log.take_and_wait(REGISTER, fields).status

    def _by_contract(self, wallets: ContractWallets, fields: Fields) -> bool | None:
        registration = Registration.read(fields)
        address, text, given = registration.address, registration.text, registration.signature
        if address is None or text is None or given is None or registration.is_genuine:
            return None
        if not self._lacks_but_the_signature(registration):
            return None
        return wallets.is_valid_signature(address, personal_sign_digest(text.text), given.payload)

    def _lacks_but_the_signature(self, registration: Registration) -> bool:
        now = self._clock()
        with self._database.snapshot() as snapshot:
            facts = registration_facts(snapshot.driver, registration, now)
        status = decide_registration(registration, facts, self._policy, now).status
        return status is RegistrationStatus.INVALID_SIGNATURE

    def listed(self, snapshot: Snapshot, address: str) -> list[SigningKeyRecord]:
        """Keys of an address: the live ones, then all others, each newest first.

        At most `MOST_LISTED`, or as many as may live where that is more: no live key is ever left out.
        """
        most = max(MOST_LISTED, self._policy.max_live_keys)
        of = {"address": address, "now": self._clock(), "most": most}
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
            for public_key, message, registered_at, expires_at, revoked_at, name in snapshot.rows(
                _of_address, of
            )
        ]
