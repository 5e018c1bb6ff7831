"""What is known about a submission, read through the driver by statements that were compiled once."""

import json
import sqlite3
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Select, Table, bindparam, case, func, literal_column, select

from webapp.gateway.tables import (
    answered,
    blocks,
    changes_owner,
    edges,
    follower_counts,
    key_operations,
    operations,
    profiles,
    signer_quotas,
    signing_keys,
)
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.checks import Floor
from webapp.protocol.facts import (
    Answered,
    Edge,
    Facts,
    LastKeyOperation,
    Policy,
    RegisteredKey,
    RegistrationFacts,
)
from webapp.protocol.handle import Handle, parse_handle
from webapp.protocol.handle_decision import HandleFacts, Release
from webapp.protocol.handle_message import HandleOperation, ProfileText
from webapp.protocol.key_decision import KeyFacts
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.submissions import HandleSubmission, KeySubmission, Registration, read
from webapp.storage.prepared import Driver, Prepared
from webapp.storage.sql import GivenRows, NextPlace, RowsAsJson

ABOUT_KEYS = ""
"""What a message about signing keys is about, where others have their handle."""

NOTHING_KNOWN = Facts(owner=None, profile_exists=False, last=None, key=None, accepted_in_window=0)
"""Of a handle or an address that cannot be one."""
NO_HANDLE = HandleFacts(pair=NOTHING_KNOWN, release=None, has_followers=False, owned=0, shown=None)
NO_KEY = KeyFacts(key=None, name="", authorized_by=None, last=None, accepted_in_window=0)
NO_REGISTRATION = RegistrationFacts(existing=None, live_keys=0)

_address: BindParameter[str] = bindparam("address")
_handle: BindParameter[str] = bindparam("handle")
_wanted = GivenRows(bindparam("wanted"), "address", "handle", "signing_key").table_valued(
    "number", "address", "handle", "signing_key"
)
_accepted: Select[tuple[Any]] = (
    select(literal_column("1"))
    .where(operations.c.address == _wanted.c.address, operations.c.received_at > bindparam("since"))
    .correlate(_wanted)
)
_counted = _accepted.limit(bindparam("quota")).subquery()
# Few have a quota of their own; theirs are counted whatever the others' is.
_all_counted = _accepted.subquery()
_columns = (
    _wanted.c.number,
    profiles.c.owner_address,
    edges.c.sequence,
    edges.c.entry_digest,
    edges.c.ts,
    edges.c.digest,
    edges.c.following,
    edges.c.since,
    edges.c.position,
    signing_keys.c.authorization_message,
    signing_keys.c.authorization_signature,
    signing_keys.c.expires_at,
    signing_keys.c.revoked_at,
    answered.c.ts,
    answered.c.digest,
    case(
        (signer_quotas.c.quota.is_(None), select(func.count()).select_from(_counted).scalar_subquery()),
        else_=select(func.count()).select_from(_all_counted).scalar_subquery(),
    ),
    blocks.c.position,
    signer_quotas.c.quota,
)
_of_pairs = (
    _wanted.outerjoin(profiles, profiles.c.handle == _wanted.c.handle)
    .outerjoin(edges, (edges.c.address == _wanted.c.address) & (edges.c.handle == _wanted.c.handle))
    .outerjoin(
        signing_keys,
        (signing_keys.c.address == _wanted.c.address) & (signing_keys.c.public_key == _wanted.c.signing_key),
    )
    .outerjoin(answered, (answered.c.address == _wanted.c.address) & (answered.c.about == _wanted.c.handle))
    .outerjoin(
        blocks,
        (blocks.c.address == profiles.c.owner_address)
        & (blocks.c.handle == _wanted.c.handle)
        & (blocks.c.follower == _wanted.c.address),
    )
    .outerjoin(signer_quotas, signer_quotas.c.address == _wanted.c.address)
)
# All in one row: each row lets go of the interpreter, and among busy threads waits to have it again.
_pairs = Prepared(select(RowsAsJson(*_columns)).select_from(_of_pairs))
_pairs_placed = Prepared(select(RowsAsJson(*_columns, NextPlace())).select_from(_of_pairs))
_highest = Prepared(select(func.max(operations.c.position)))
_received_at = Prepared(
    select(operations.c.received_at).where(operations.c.position == bindparam("position"))
)
_last_owner = Prepared(
    select(operations.c.op, operations.c.address, operations.c.received_at)
    .where(operations.c.handle == _handle, changes_owner)
    .order_by(operations.c.position.desc())
    .limit(literal_column("1"))
)
_shown = Prepared(
    select(profiles.c.display_name, profiles.c.bio, profiles.c.avatar).where(profiles.c.handle == _handle)
)
_followers = Prepared(select(follower_counts.c.followers).where(follower_counts.c.handle == _handle))
_owned = Prepared(select(func.count()).select_from(profiles).where(profiles.c.owner_address == _address))

_key = Prepared(
    select(
        signing_keys.c.authorization_message,
        signing_keys.c.authorization_signature,
        signing_keys.c.expires_at,
        signing_keys.c.revoked_at,
        signing_keys.c.name,
    ).where(signing_keys.c.address == _address, signing_keys.c.public_key == bindparam("signing_key"))
)
_live_keys = Prepared(
    select(func.count())
    .select_from(signing_keys)
    .where(
        signing_keys.c.address == _address,
        signing_keys.c.revoked_at.is_(None),
        signing_keys.c.expires_at > bindparam("now"),
    )
)
_last_about_keys = Prepared(
    select(
        key_operations.c.sequence,
        key_operations.c.entry_digest,
        key_operations.c.digest,
        select(func.max(key_operations.c.ts)).where(key_operations.c.address == _address).scalar_subquery(),
    )
    .where(key_operations.c.address == _address)
    .order_by(key_operations.c.sequence.desc())
    .limit(literal_column("1"))
)
_about_keys = Prepared(
    select(func.count()).select_from(
        select(literal_column("1"))
        .select_from(key_operations)
        .where(key_operations.c.address == _address, key_operations.c.received_at > bindparam("since"))
        .limit(bindparam("quota"))
        .subquery()
    )
)
_quota = Prepared(select(signer_quotas.c.quota).where(signer_quotas.c.address == _address))
_answered = Prepared(
    select(answered.c.ts, answered.c.digest).where(
        answered.c.address == _address, answered.c.about == bindparam("about")
    )
)


def _newest_accepted(log: Table) -> Prepared:
    return Prepared(
        select(log.c.received_at)
        .where(log.c.address == _address, log.c.received_at > bindparam("since"))
        .order_by(log.c.received_at.desc())
        .limit(literal_column("1"))
        .offset(bindparam("newer"))
    )


_newest_operation = _newest_accepted(operations)
_newest_key_operation = _newest_accepted(key_operations)


Pair: TypeAlias = tuple[Address, Handle, SigningKey | None]
"""Who acts, on which handle, and with which key."""


def pair_facts(driver: Driver, pairs: Sequence[Pair], *, policy: Policy, now: int) -> list[Facts]:
    """Look up what is known of addresses, handles and signing keys, all at once.

    Operations within the quota's window are counted up to the quota.
    """
    return [
        _facts(pairs[number][0], *row)
        for number, *row in _found(_pairs, driver, pairs, policy=policy, now=now)
    ]


def placed_facts(
    driver: Driver, pairs: Sequence[Pair], *, policy: Policy, now: int
) -> list[tuple[Facts, int | None]]:
    """Look up what is known, and give an entry about each pair its place in the whole log.

    A place is above those of all entries that were committed before the transaction had its locks. None on
    SQLite, where who writes is alone, and counts.
    """
    found = _found(_pairs_placed, driver, pairs, policy=policy, now=now)
    return [(_facts(pairs[number][0], *row), place) for number, *row, place in found]


def _found(
    statement: Prepared, driver: Driver, pairs: Sequence[Pair], *, policy: Policy, now: int
) -> list[list[Any]]:
    wanted = [[address.checksummed, handle, key and key.text] for address, handle, key in pairs]
    window = {"since": now - policy.quota_window_ms, "quota": policy.signer_quota}
    found = statement.scalar(driver, {"wanted": json.dumps(wanted), **window})
    return sorted(json.loads(found), key=itemgetter(0))


def _facts(address: Address, owner: str | None, *found: Any) -> Facts:  # noqa: ANN401 (columns)
    last, (message, signature, expires_at, revoked_at), (ts, digest, accepted, block, quota) = (
        found[:7],
        found[7:11],
        found[11:],
    )
    sequence, entry_digest, last_ts, last_digest, following, since, position = last
    return Facts(
        owner=None if owner is None else Address(owner),
        profile_exists=owner is not None,
        last=None
        if sequence is None
        else Edge(sequence, entry_digest, last_ts, last_digest, bool(following), since, position),
        key=None
        if message is None
        else RegisteredKey(SigningKeyAuthorization(address, message, signature), expires_at, revoked_at),
        accepted_in_window=accepted,
        answered=None if ts is None else Answered(ts, digest),
        blocked=block is not None,
        quota=quota,
    )


def may_be_spent(driver: Driver, size: int, policy: Policy, now: int) -> bool:
    """Whether anybody's quota may be spent before or within a batch of so many; if not, none is counted.

    Where the whole log has grown by less than a quota within the window, nobody's is. By how much it
    has grown PostgreSQL's positions do not tell.
    """
    if not isinstance(driver, sqlite3.Connection) or size > policy.signer_quota:
        return True
    before = highest_position(driver) + size - policy.signer_quota
    oldest: int | None = _received_at.scalar(driver, {"position": before})
    return (oldest or 0) > now - policy.quota_window_ms


def highest_position(driver: Driver) -> int:
    """Give the position of the log's last entry; 0 before the first, and where the database gives them."""
    highest: int | None = _highest.scalar(driver, {}) if isinstance(driver, sqlite3.Connection) else None
    return highest or 0


def retry_after(
    driver: Driver, address: Address, policy: Policy, now: int, *, about_keys: bool = False
) -> int | None:
    """In how many whole seconds an address's quota has room for one more; None: it has room now, or never."""
    newest = _newest_key_operation if about_keys else _newest_operation
    quota = policy.quota_of(_quota.scalar(driver, {"address": address.checksummed}))
    if quota == 0:
        return None
    leaves_at: int | None = newest.scalar(
        driver,
        {
            "address": address.checksummed,
            "since": now - policy.quota_window_ms,
            "newer": quota - 1,
        },
    )
    return None if leaves_at is None else -((now - policy.quota_window_ms - leaves_at) // 1_000)


def next_ts(driver: Driver, address: object, handle: object, policy: Policy, now: int) -> int:
    """A `ts` that the pair's next message may carry, in milliseconds since the Unix epoch.

    What is no address or no handle has no last operation.
    """
    facts, whose, whom = NOTHING_KNOWN, read(Address.parse, address), read(parse_handle, handle)
    if whose is not None and whom is not None:
        [facts] = pair_facts(driver, [(whose, whom, None)], policy=policy, now=now)
    return Floor.of(facts.last, facts.answered).next_ts(now)


def handle_facts(
    driver: Driver, submission: HandleSubmission, policy: Policy, now: int
) -> tuple[HandleFacts, int | None]:
    """Look up what `decide_handle` decides from, and give the entry its place, as `placed_facts` does."""
    address, handle, message = submission.address, submission.handle, submission.message
    if address is None or handle is None:
        return NO_HANDLE, None
    pairs: list[Pair] = [(address, handle, submission.signing_key)]
    if message is not None and message.follower is not None:
        pairs.append((message.follower, handle, None))
    (pair, place), *follower = placed_facts(driver, pairs, policy=policy, now=now)
    of = {"handle": handle, "address": address.checksummed}
    release, shown = _last_owner.first(driver, of), _shown.first(driver, of)
    facts = HandleFacts(
        pair=pair,
        release=(
            Release(Address(release[1]), release[2])
            if release is not None and release[0] == HandleOperation.RELEASE
            else None
        ),
        has_followers=bool(_followers.scalar(driver, of)),
        owned=_owned.scalar(driver, of),
        shown=None if shown is None else ProfileText(*shown),
        follower=follower[0][0] if follower else None,
    )
    return facts, place


def key_facts(driver: Driver, submission: KeySubmission, policy: Policy, now: int) -> KeyFacts:
    """Look up what `decide_key` decides from."""
    address, signing_key = submission.address, submission.signing_key
    if address is None or signing_key is None:
        return NO_KEY
    key, name = _registered(driver, address, signing_key)
    authorized_by, _ = _registered(driver, address, submission.authorized_by)
    of = {"address": address.checksummed}
    last = _last_about_keys.first(driver, of)
    known = _answered.first(driver, {**of, "about": ABOUT_KEYS})
    quota = _quota.scalar(driver, of)
    window = {"since": now - policy.quota_window_ms, "quota": policy.quota_of(quota)}
    return KeyFacts(
        key=key,
        name=name,
        authorized_by=authorized_by,
        last=None if last is None else LastKeyOperation(*last),
        accepted_in_window=_about_keys.scalar(driver, {**of, **window}),
        answered=None if known is None else Answered(*known),
        quota=quota,
    )


def registration_facts(driver: Driver, registration: Registration, now: int) -> RegistrationFacts:
    """Look up what `decide_registration` decides from."""
    address, signing_key = registration.address, registration.signing_key
    if address is None or signing_key is None:
        return NO_REGISTRATION
    existing, _ = _registered(driver, address, signing_key)
    live = _live_keys.scalar(driver, {"address": address.checksummed, "now": now})
    return RegistrationFacts(existing=existing, live_keys=live)


def _registered(driver: Driver, address: Address, key: SigningKey | None) -> tuple[RegisteredKey | None, str]:
    if key is None:
        return None, ""
    row = _key.first(driver, {"address": address.checksummed, "signing_key": key.text})
    if row is None:
        return None, ""
    message, signature, expires_at, revoked_at, name = row
    authorization = SigningKeyAuthorization(address, message, signature)
    return RegisteredKey(authorization, expires_at, revoked_at), name
