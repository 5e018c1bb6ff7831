"""The operation log: what is known of a submission, what is decided on it, and what is appended.

Signatures are verified while nothing is locked. The writing transaction then checks that what the decision
was made from still holds, and appends; where something came in between, everything is read and decided again.
"""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, select, update

from webapp.gateway.tables import edges, follower_counts, following_counts, operations, profiles, signing_keys
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.clock import Clock
from webapp.protocol.decision import (
    Accepted,
    Decision,
    Facts,
    LastOperation,
    Policy,
    RegisteredKey,
    Subject,
    Submission,
    acceptable_ts,
    decide,
    subject,
)
from webapp.protocol.message import Operation
from webapp.storage.database import Database

OPTIMISTIC_ATTEMPTS = 3

_NOTHING_KNOWN = Facts(owner=None, profile_exists=False, last=None, key=None, accepted_in_window=0)

_one = select(literal(1).label("one")).subquery()
_counted = (
    select(literal(1))
    .where(operations.c.address == bindparam("address"), operations.c.received_at > bindparam("since"))
    .limit(bindparam("quota"))
    .subquery()
)
_facts = select(
    profiles.c.owner_address,
    edges.c.sequence,
    edges.c.entry_digest,
    edges.c.ts,
    edges.c.digest,
    edges.c.following,
    signing_keys.c.authorization_message,
    signing_keys.c.authorization_signature,
    signing_keys.c.expires_at,
    signing_keys.c.revoked_at,
    select(func.count()).select_from(_counted).scalar_subquery().label("accepted"),
).select_from(
    _one.outerjoin(profiles, profiles.c.handle == bindparam("handle"))
    .outerjoin(edges, (edges.c.address == bindparam("address")) & (edges.c.handle == bindparam("handle")))
    .outerjoin(
        signing_keys,
        (signing_keys.c.address == bindparam("address"))
        & (signing_keys.c.public_key == bindparam("signing_key")),
    )
)

_STATE = ("following", "since", "position", "sequence", "ts", "digest", "entry_digest")

_append = (
    insert(operations)
    .values(position=select(func.coalesce(func.max(operations.c.position), 0) + 1).scalar_subquery())
    .returning(operations.c.position)
)
_move_edge = (
    update(edges)
    .where(edges.c.address == bindparam("of_address"), edges.c.handle == bindparam("of_handle"))
    .values({name: bindparam(name) for name in _STATE})
)
_count_follower = (
    update(follower_counts)
    .where(follower_counts.c.handle == bindparam("of_handle"))
    .values(followers=follower_counts.c.followers + bindparam("change"))
)
_count_following = (
    update(following_counts)
    .where(following_counts.c.address == bindparam("of_address"))
    .values(followings=following_counts.c.followings + bindparam("change"))
)


class OperationLog:
    """Decides follows and unfollows and appends the accepted ones."""

    def __init__(self, database: Database, policy: Policy, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    def submit(self, submission: Submission) -> Decision:
        """Decide a submission; with SUCCESS it is in the log, durably, when this returns.

        Raises:
            DatabaseUnavailable: The database could not be asked or written; nothing was appended.
        """
        about = subject(submission)
        if about.address is None or about.handle is None:
            return decide(submission, _NOTHING_KNOWN, self._policy, self._clock())
        for _ in range(OPTIMISTIC_ATTEMPTS):
            now = self._clock()
            with self._database.read() as connection:
                facts = self._facts(connection, about, now)
            decision = decide(submission, facts, self._policy, now)
            if decision.accepted is None or self._append_if_unchanged(about, facts, decision.accepted, now):
                return decision
        return self._decide_alone(submission, about)

    def next_ts(self, address: str, handle: str) -> int:
        """A `ts` that the pair's next message may carry, in milliseconds since the Unix epoch.

        Args:
            address: As sent; what is no address has no last operation.
            handle: As sent; what is no handle has no last operation.

        Raises:
            DatabaseUnavailable: The database could not be asked.
        """
        about = subject(Submission(Operation.FOLLOW, address, handle, None, None, None))
        last = None
        if about.address is not None and about.handle is not None:
            with self._database.read() as connection:
                last = self._facts(connection, about, self._clock()).last
        return acceptable_ts(last, self._clock())

    def _append_if_unchanged(self, about: Subject, facts: Facts, accepted: Accepted, now: int) -> bool:
        with self._database.write() as connection:
            fresh = self._facts(connection, about, self._clock())
            if not self._holds(facts, fresh):
                return False
            _append_operation(connection, accepted, now, is_first=fresh.last is None)
        return True

    def _holds(self, facts: Facts, fresh: Facts) -> bool:
        """Whether a decision made from `facts` still stands: all but the quota's use must be the same."""
        known = (facts.owner, facts.profile_exists, facts.last, facts.key)
        return (
            known == (fresh.owner, fresh.profile_exists, fresh.last, fresh.key)
            and fresh.accepted_in_window < self._policy.signer_quota
            and facts.key is not None
            and self._clock() < facts.key.expires_at
        )

    def _decide_alone(self, submission: Submission, about: Subject) -> Decision:
        """Decide while nobody else can write: the end of a streak of lost races."""
        with self._database.write() as connection:
            now = self._clock()
            facts = self._facts(connection, about, now)
            decision = decide(submission, facts, self._policy, now)
            if decision.accepted is not None:
                _append_operation(connection, decision.accepted, now, is_first=facts.last is None)
        return decision

    def _facts(self, connection: Connection, about: Subject, now: int) -> Facts:
        row = connection.execute(
            _facts,
            {
                "address": about.address and about.address.checksummed,
                "handle": about.handle,
                "signing_key": about.signing_key and about.signing_key.text,
                "since": now - self._policy.quota_window_ms,
                "quota": self._policy.signer_quota,
            },
        ).one()
        return _read_facts(row, about.address)


def _read_facts(row: Row[*tuple[Any, ...]], address: Address | None) -> Facts:
    (
        owner,
        sequence,
        entry_digest,
        ts,
        digest,
        following,
        message,
        signature,
        expires_at,
        revoked_at,
        accepted,
    ) = row
    last = None
    if sequence is not None:
        last = LastOperation(
            sequence=sequence, entry_digest=entry_digest, ts=ts, digest=digest, following=following
        )
    key = None
    if message is not None and address is not None:
        key = RegisteredKey(SigningKeyAuthorization(address, message, signature), expires_at, revoked_at)
    return Facts(
        owner=None if owner is None else Address(owner),
        profile_exists=owner is not None,
        last=last,
        key=key,
        accepted_in_window=accepted,
    )


def _append_operation(connection: Connection, accepted: Accepted, now: int, *, is_first: bool) -> None:
    """Append an entry and carry it into what is projected from the log."""
    entry, message = accepted.entry, accepted.message
    address, handle = entry.address.checksummed, entry.handle
    following = message.operation is Operation.FOLLOW
    position = connection.scalar(
        _append,
        {
            "address": address,
            "handle": handle,
            "sequence": entry.sequence,
            "op": message.operation.value,
            "ts": message.ts,
            "message": entry.message,
            "digest": entry.digest,
            "signature": entry.signature,
            "signing_key": entry.signing_key,
            "previous_digest": entry.previous_digest,
            "entry_digest": entry.entry_digest,
            "received_at": now,
        },
    )
    state = {
        "following": following,
        "since": now,
        "position": position,
        "sequence": entry.sequence,
        "ts": message.ts,
        "digest": entry.digest,
        "entry_digest": entry.entry_digest,
    }
    if is_first:
        connection.execute(insert(edges), {"address": address, "handle": handle, **state})
    else:
        connection.execute(_move_edge, {"of_address": address, "of_handle": handle, **state})
    change = 1 if following else -1
    if connection.execute(_count_follower, {"of_handle": handle, "change": change}).rowcount == 0:
        connection.execute(insert(follower_counts), {"handle": handle, "followers": change})
    if connection.execute(_count_following, {"of_address": address, "change": change}).rowcount == 0:
        connection.execute(insert(following_counts), {"address": address, "followings": change})
