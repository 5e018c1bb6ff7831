"""The operation log: what is known of a pair of address and handle, and what is appended to its log."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, select, update

from webapp.gateway.deciding import Decider
from webapp.gateway.tables import (
    answered,
    edges,
    follower_counts,
    following_counts,
    operations,
    profiles,
    signing_keys,
)
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.checks import Floor
from webapp.protocol.decision import (
    Accepted,
    Decision,
    Facts,
    LastOperation,
    Policy,
    RegisteredKey,
    Subject,
    Submission,
    decide,
    subject,
)
from webapp.protocol.facts import Answered
from webapp.protocol.handle import Handle
from webapp.protocol.message import FollowMessage, Operation

NOTHING_KNOWN = Facts(owner=None, profile_exists=False, last=None, key=None, accepted_in_window=0)
"""Of a handle or an address that cannot be one."""

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
    answered.c.ts.label("answered_ts"),
    answered.c.digest.label("answered_digest"),
    select(func.count()).select_from(_counted).scalar_subquery().label("accepted"),
).select_from(
    _one.outerjoin(profiles, profiles.c.handle == bindparam("handle"))
    .outerjoin(edges, (edges.c.address == bindparam("address")) & (edges.c.handle == bindparam("handle")))
    .outerjoin(
        signing_keys,
        (signing_keys.c.address == bindparam("address"))
        & (signing_keys.c.public_key == bindparam("signing_key")),
    )
    .outerjoin(
        answered, (answered.c.address == bindparam("address")) & (answered.c.about == bindparam("handle"))
    )
)

_HEAD = ("sequence", "ts", "digest", "entry_digest")
_FOLLOW = ("following", "since", "position")

_append = (
    insert(operations)
    .values(position=select(func.coalesce(func.max(operations.c.position), 0) + 1).scalar_subquery())
    .returning(operations.c.position)
)
_edge = update(edges).where(
    edges.c.address == bindparam("of_address"), edges.c.handle == bindparam("of_handle")
)
_move_edge = _edge.values({name: bindparam(name) for name in (*_HEAD, *_FOLLOW)})
_move_head = _edge.values({name: bindparam(name) for name in _HEAD})
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


class OperationLog(Decider[Submission, Subject, Facts, Decision]):
    """Decides follows and unfollows and appends the accepted ones."""

    def next_ts(self, address: str, handle: str) -> int:
        """A `ts` that the pair's next message may carry, in milliseconds since the Unix epoch.

        Args:
            address: As sent; what is no address has no last operation.
            handle: As sent; what is no handle has no last operation.

        Raises:
            DatabaseUnavailable: The database could not be asked.
        """
        about = self._subject(Submission(Operation.FOLLOW, address, handle, None, None, None))
        facts = NOTHING_KNOWN
        if about is not None:
            with self._database.read() as connection:
                facts = self._facts(connection, about, self._clock())
        return Floor.of(facts.last, facts.answered).next_ts(self._clock())

    @property
    def _nothing_known(self) -> Facts:
        return NOTHING_KNOWN

    def _subject(self, submission: Submission) -> Subject | None:
        about = subject(submission)
        return None if about.address is None or about.handle is None else about

    def _facts(self, connection: Connection, about: Subject, now: int) -> Facts:
        return pair_facts(connection, about, self._policy, now)

    def _decide(self, submission: Submission, facts: Facts, now: int) -> Decision:
        return decide(submission, facts, self._policy, now)

    def _pair(self, about: Subject) -> tuple[Address, Handle]:
        return pair_of(about)

    def _holds(self, facts: Facts, fresh: Facts, now: int) -> bool:
        return pair_holds(facts, fresh, self._policy, now)

    def _append(self, connection: Connection, decision: Decision, facts: Facts, now: int) -> None:
        if decision.accepted is not None:
            append_operation(connection, decision.accepted, facts.last, now)


def pair_of(about: Subject) -> tuple[Address, Handle]:
    """Give both halves of a pair that has both."""
    if about.address is None or about.handle is None:
        raise TypeError("about: expected an address and a handle")
    return about.address, about.handle


def pair_facts(connection: Connection, about: Subject, policy: Policy, now: int) -> Facts:
    """Look up what is known of an address, a handle and a signing key."""
    row = connection.execute(
        _facts,
        {
            "address": about.address and about.address.checksummed,
            "handle": about.handle,
            "signing_key": about.signing_key and about.signing_key.text,
            "since": now - policy.quota_window_ms,
            "quota": policy.signer_quota,
        },
    ).one()
    return _read_facts(row, about.address)


def pair_holds(facts: Facts, fresh: Facts, policy: Policy, now: int) -> bool:
    """Whether what was accepted from `facts` still is: all but the quota's use must be the same."""
    known = (facts.owner, facts.profile_exists, facts.last, facts.key)
    return (
        known == (fresh.owner, fresh.profile_exists, fresh.last, fresh.key)
        and fresh.accepted_in_window < policy.signer_quota
        and facts.key is not None
        and now < facts.key.expires_at
    )


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
        answered_ts,
        answered_digest,
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
        answered=None if answered_ts is None else Answered(answered_ts, answered_digest),
    )


def append_operation(connection: Connection, accepted: Accepted, last: LastOperation | None, now: int) -> int:
    """Append an entry and carry it into the pair's edge; returns its position in the whole log.

    An edge keeps when and where its follow was made, for as long as that holds; besides, it is at the pair's
    last operation, whatever that was.

    Args:
        connection: The right to write.
        accepted: What to append.
        last: The pair's last operation until now.
        now: Milliseconds since the Unix epoch.
    """
    entry, message = accepted.entry, accepted.message
    address, handle = entry.address.checksummed, entry.handle
    position: int = connection.execute(
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
    ).scalar_one()
    followed = last is not None and last.following
    follows = message.operation is Operation.FOLLOW if isinstance(message, FollowMessage) else followed
    head = {
        "sequence": entry.sequence,
        "ts": message.ts,
        "digest": entry.digest,
        "entry_digest": entry.entry_digest,
    }
    follow = {"following": follows, "since": now, "position": position}
    of = {"of_address": address, "of_handle": handle}
    if last is None:
        connection.execute(insert(edges), {"address": address, "handle": handle, **head, **follow})
    elif followed and follows:
        connection.execute(_move_head, {**of, **head})
    else:
        connection.execute(_move_edge, {**of, **head, **follow})
    change = int(follows) - int(followed)
    if connection.execute(_count_follower, {"of_handle": handle, "change": change}).rowcount == 0:
        connection.execute(insert(follower_counts), {"handle": handle, "followers": change})
    if connection.execute(_count_following, {"of_address": address, "change": change}).rowcount == 0:
        connection.execute(insert(following_counts), {"address": address, "followings": change})
    return position
