"""Edges, as the operation log leaves them."""

from collections.abc import Iterator

from webapp.gateway.log_checks import AnyRow
from webapp.protocol.message import Operation

_FOLLOWS = {Operation.FOLLOW.value: True, Operation.UNFOLLOW.value: False}
"""Whether an operation leaves a follow; one that is not here leaves what there was."""


def edges_of(entries: Iterator[AnyRow]) -> Iterator[dict[str, object]]:
    """Fold each pair's entries, which come in order, into its edge."""
    edge: dict[str, object] | None = None
    for entry in entries:
        if edge is not None and (entry.address, entry.handle) != (edge["address"], edge["handle"]):
            yield edge
            edge = None
        edge = _edge_after(edge, entry)
    if edge is not None:
        yield edge


def _edge_after(before: dict[str, object] | None, entry: AnyRow) -> dict[str, object]:
    """What an entry makes of its pair's edge, as `operation_log` does when it appends.

    An edge keeps when and where its follow was made, for as long as that holds; besides, it is at the pair's
    last entry, whatever that was.
    """
    followed = before is not None and before["following"]
    follows = _FOLLOWS.get(entry.op, followed)
    made = {"since": entry.received_at, "position": entry.position}
    if before is not None and followed and follows:
        made = {name: before[name] for name in made}
    return {
        "address": entry.address,
        "handle": entry.handle,
        "following": follows,
        **made,
        **{name: getattr(entry, name) for name in ("sequence", "ts", "digest", "entry_digest")},
    }
