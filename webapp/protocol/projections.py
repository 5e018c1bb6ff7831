"""What the logs amount to: pure functions from a state and an entry to the next state.

Appending carries each entry into the tables by these, and a rebuild folds the whole log by the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from webapp.protocol.facts import Edge
from webapp.protocol.handle_message import ENDS_FOLLOW, HandleMessage, HandleOperation, ProfileText
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


@dataclass(frozen=True, slots=True)
class Ending:
    """What edges depend on of an entry by which a handle's owner ends a follow: it is in the owner's log."""

    received_at: int
    position: int

    @classmethod
    def of(cls, message: HandleMessage, received_at: int, position: int) -> Self | None:
        """Read an entry about a handle; None: it ends nobody's follow."""
        return cls(received_at, position) if message.operation in ENDS_FOLLOW else None


def edge_ended(before: Edge | None, ending: Ending) -> Edge | None:
    """Carry an owner's removal or block into the edge of the follower and the handle.

    The follower's log stays as it is, and the edge at its last entry. A block ends a follow as a removal
    does, and its own end brings none back.
    """
    if before is None or not before.following:
        return before
    return replace(before, following=False, since=ending.received_at, position=ending.position)


def edge_of(entries: Iterable[EntryOfPair | Ending]) -> Edge | None:
    """Fold the entries of one pair, and what ended its follow, in the order of the log, into its edge."""
    edge: Edge | None = None
    for entry in entries:
        edge = edge_ended(edge, entry) if isinstance(entry, Ending) else edge_after(edge, entry)
    return edge


def blocked_after(before: bool, message: HandleMessage) -> bool:
    """Carry an entry about the follower that it names into whether its signer blocks that follower.

    It holds for the handle while its signer has it: what one owner blocks does not bind the next.
    """
    if message.operation is HandleOperation.BLOCK:
        return True
    return before and message.operation is not HandleOperation.UNBLOCK


def counted(edge: Edge | None) -> int:
    """Return what an edge adds to its handle's followers and to its address's followings."""
    return int(edge is not None and edge.following)


@dataclass(frozen=True, slots=True)
class KeyState:
    """What registration and key operations leave of a signing key."""

    name: str  # what its owner calls it; empty where it has no name
    expires_at: int  # when it ends, in ms since the epoch
    revoked_at: int | None  # in the same measure; None where it is not revoked


def key_after(before: KeyState, message: KeyMessage, received_at: int, lifetime_ms: int) -> KeyState:
    """Carry a key operation, accepted at `received_at`, into the key that it is about; both are in ms.

    A renewed key lives `lifetime_ms` from then on. With 0, and begun with a key that ends when it was
    registered, the result's end is the beginning of the key's term.
    """
    if message.operation is KeyOperation.RENAME:
        return replace(before, name=message.name or "")
    if message.operation is KeyOperation.RENEW:
        return replace(before, expires_at=received_at + lifetime_ms)
    return replace(before, revoked_at=received_at)


@dataclass(frozen=True, slots=True)
class ProfileState:
    """What the log leaves of a profile."""

    handle: str
    number: int  # no two profiles have the same
    shown: ProfileText
    is_primary: bool
    created_at: int  # ms since the epoch


def profiles_after(
    before: tuple[ProfileState, ...], message: HandleMessage, position: int, received_at: int, *, highest: int
) -> tuple[ProfileState, ...]:
    """Carry an entry about a handle into the profiles of the address that signed it, the oldest first.

    A profile has the position of its claim as its number, so that none is given twice; but where profiles
    older than the log have higher ones, up to `highest`, the next that is free. The oldest is the primary.
    """
    if message.operation is HandleOperation.CLAIM:
        number, nothing = max(position, highest + 1), ProfileText("", "", "")
        return (*before, ProfileState(message.handle, number, nothing, not before, received_at))
    if message.shown is not None:
        shown = message.shown
        return tuple(
            replace(profile, shown=shown) if profile.handle == message.handle else profile
            for profile in before
        )
    if message.operation is not HandleOperation.RELEASE:
        return before
    kept = tuple(profile for profile in before if profile.handle != message.handle)
    return tuple(replace(profile, is_primary=True) for profile in kept[:1]) + kept[1:]
