"""What is done to signing keys after their registration: a log an address, and the keys as it leaves them."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from webapp.gateway.answered import KEYS, newest_about_keys
from webapp.gateway.deciding import Decider
from webapp.gateway.tables import key_operations, signing_keys
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.clock import Clock
from webapp.protocol.facts import Policy, RegisteredKey
from webapp.protocol.key_decision import (
    AcceptedKeyOperation,
    KeyDecision,
    KeyFacts,
    KeySubject,
    KeySubmission,
    LastKeyOperation,
    decide_key,
    key_subject,
)
from webapp.protocol.key_message import KeyMessage, KeyOperation
from webapp.protocol.signing_key import SigningKey
from webapp.storage.database import Database

_key = select(
    signing_keys.c.authorization_message,
    signing_keys.c.authorization_signature,
    signing_keys.c.expires_at,
    signing_keys.c.revoked_at,
    signing_keys.c.name,
).where(signing_keys.c.address == bindparam("address"), signing_keys.c.public_key == bindparam("public_key"))
_newest = (
    select(func.max(key_operations.c.ts))
    .where(key_operations.c.address == bindparam("address"))
    .scalar_subquery()
)
_last = (
    select(
        key_operations.c.sequence,
        key_operations.c.entry_digest,
        key_operations.c.digest,
        _newest.label("ts"),
    )
    .where(key_operations.c.address == bindparam("address"))
    .order_by(key_operations.c.sequence.desc())
    .limit(1)
)
_accepted = select(func.count()).select_from(
    select(key_operations.c.sequence)
    .where(
        key_operations.c.address == bindparam("address"), key_operations.c.received_at > bindparam("since")
    )
    .limit(bindparam("quota"))
    .subquery()
)
_this_key = update(signing_keys).where(
    signing_keys.c.address == bindparam("of_address"), signing_keys.c.public_key == bindparam("of_key")
)
_CHANGED = {
    KeyOperation.REVOKE: "revoked_at",
    KeyOperation.RENAME: "name",
    KeyOperation.RENEW: "expires_at",
}
_changes = {
    operation: _this_key.values({column: bindparam("value")}) for operation, column in _CHANGED.items()
}

_NO_KEY = KeyFacts(key=None, name="", authorized_by=None, last=None, accepted_in_window=0)


class KeyOperations(Decider[KeySubmission, KeySubject, KeyFacts, KeyDecision]):
    """Decides revocations, names and renewals of signing keys, and appends the accepted ones.

    A revocation holds for everything that is decided after it was appended: whoever appends to the operation
    log looks at the key again, with the right to write, when its signature is already verified.
    """

    def __init__(self, database: Database, policy: Policy, lifetime_ms: int, clock: Clock) -> None:
        super().__init__(database, policy, clock)
        self._lifetime_ms = lifetime_ms

    @property
    def _nothing_known(self) -> KeyFacts:
        return _NO_KEY

    def _subject(self, submission: KeySubmission) -> KeySubject | None:
        about = key_subject(submission)
        return None if about.address is None or about.signing_key is None else about

    def _facts(self, connection: Connection, about: KeySubject, now: int) -> KeyFacts:
        key, name = _registered(connection, about.address, about.signing_key)
        authorized_by, _ = _registered(connection, about.address, about.authorized_by)
        of = {"address": about.address and about.address.checksummed}
        last = connection.execute(_last, of).first()
        window = {"since": now - self._policy.quota_window_ms, "quota": self._policy.signer_quota}
        return KeyFacts(
            key=key,
            name=name,
            authorized_by=authorized_by,
            last=None if last is None else LastKeyOperation(*last),
            accepted_in_window=connection.scalar(_accepted, {**of, **window}) or 0,
            answered=newest_about_keys(connection, about.address),
        )

    def _decide(self, submission: KeySubmission, facts: KeyFacts, now: int) -> KeyDecision:
        return decide_key(submission, facts, self._policy, now)

    def _pair(self, about: KeySubject) -> tuple[Address, str]:
        if about.address is None:
            raise TypeError("about: expected an address")
        return about.address, KEYS

    def _holds(self, facts: KeyFacts, fresh: KeyFacts, now: int) -> bool:
        known = (facts.key, facts.name, facts.authorized_by, facts.last)
        if known != (fresh.key, fresh.name, fresh.authorized_by, fresh.last):
            return False
        # What may have run out meanwhile is decided again, rather than told apart here.
        live = all(now < key.expires_at for key in (facts.key, facts.authorized_by) if key is not None)
        return live and fresh.accepted_in_window < self._policy.signer_quota

    def _append(self, connection: Connection, decision: KeyDecision, facts: KeyFacts, now: int) -> None:  # noqa: ARG002 (as the others)
        if decision.accepted is not None:
            append_key_operation(connection, decision.accepted, now, self._lifetime_ms)


def append_key_operation(
    connection: Connection, accepted: AcceptedKeyOperation, now: int, lifetime_ms: int
) -> None:
    """Append an entry to the address's log, and do to the key what it says.

    Args:
        connection: The right to write.
        accepted: What to append.
        now: Milliseconds since the Unix epoch.
        lifetime_ms: How long a renewed key signs from now on.
    """
    entry, message = accepted.entry, accepted.message
    connection.execute(
        insert(key_operations),
        {
            "address": entry.address.checksummed,
            "sequence": entry.sequence,
            "op": message.operation.value,
            "signing_key": message.signing_key,
            "ts": message.ts,
            "message": entry.message,
            "digest": entry.digest,
            "signature": entry.signature,
            "authorized_by": entry.authorized_by,
            "previous_digest": entry.previous_digest,
            "entry_digest": entry.entry_digest,
            "received_at": now,
        },
    )
    connection.execute(
        _changes[message.operation],
        {
            "of_address": entry.address.checksummed,
            "of_key": message.signing_key,
            "value": _value(message, now, lifetime_ms),
        },
    )


def _value(message: KeyMessage, now: int, lifetime_ms: int) -> object:
    if message.operation is KeyOperation.RENAME:
        return message.name
    return now if message.operation is KeyOperation.REVOKE else now + lifetime_ms


def _registered(
    connection: Connection, address: Address | None, key: SigningKey | None
) -> tuple[RegisteredKey | None, str]:
    if address is None or key is None:
        return None, ""
    of = {"address": address.checksummed, "public_key": key.text}
    row: Row[*tuple[Any, ...]] | None = connection.execute(_key, of).first()
    if row is None:
        return None, ""
    message, signature, expires_at, revoked_at, name = row
    authorization = SigningKeyAuthorization(address, message, signature)
    return RegisteredKey(authorization, expires_at, revoked_at), name
