"""What the logs amount to: pure functions from a state and an entry to the next state.

Appending carries each entry into the tables by these, and a rebuild folds the whole log by the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from webapp.protocol.facts import Edge
from webapp.protocol.key_message import KeyMessage, KeyOperation
from webapp.protocol.message import Operation

_FOLLOWS = {Operation.FOLLOW.value: True, Operation.UNFOLLOW.value: False}
"""Whether an operation leaves a follow; one that is not here leaves what there was."""


@dataclass(frozen=True, slots=True)
class EntryOfPair:
    """What edges depend on of an entry of the operation log; `op` is written as in its message."""

    op: str
    sequence: int
    entry_digest: str
    ts: int
    digest: str
    received_at: int
    position: int


def edge_after(before: Edge | None, entry: EntryOfPair) -> Edge:
    """Carry an entry into its pair's edge.

    An edge keeps when and where its follow was made, for as long as that holds; besides, it is at the pair's
    last entry, whatever that was.
    """
    followed = before is not None and before.following
    following = _FOLLOWS.get(entry.op, followed)
    since, position = entry.received_at, entry.position
    if before is not None and followed and following:
        since, position = before.since, before.position
    return Edge(entry.sequence, entry.entry_digest, entry.ts, entry.digest, following, since, position)


def edge_of(entries: Iterable[EntryOfPair]) -> Edge | None:
    """Fold the entries of one pair, oldest first, into its edge."""
    edge: Edge | None = None
    for entry in entries:
        edge = edge_after(edge, entry)
    return edge


def counted(edge: Edge | None) -> int:
    """Give what an edge adds to its handle's followers and to its address's followings."""
    return int(edge is not None and edge.following)


@dataclass(frozen=True, slots=True)
class KeyState:
    """What registration and key operations leave of a signing key."""

    name: str  # what its owner calls it; empty where it has no name
    expires_at: int  # when it ends, in ms since the epoch
    revoked_at: int | None  # in the same measure; None where it is not revoked


def key_after(before: KeyState, message: KeyMessage, received_at: int, lifetime_ms: int) -> KeyState:
    """Carry a key operation into the key that it is about.

    Args:
        before: The key until now.
        message: The operation.
        received_at: When it was accepted, in milliseconds since the Unix epoch.
        lifetime_ms: How long a renewed key lives from then on. With 0, and begun with a key that ends when it
            was registered, the result's end is the beginning of the key's term.
    """
    if message.operation is KeyOperation.RENAME:
        return replace(before, name=message.name or "")
    if message.operation is KeyOperation.RENEW:
        return replace(before, expires_at=received_at + lifetime_ms)
    return replace(before, revoked_at=received_at)
