"""Lists of the gateway, read page by page."""

from collections.abc import Callable, Iterator
from typing import Any


def pages_of(
    ask: Callable[..., dict[str, Any]], *, offset: int | None = None, **arguments: object
) -> Iterator[dict[str, Any]]:
    """All pages of a list: each is asked for with the cursor that the one before gave.

    `offset` goes with the cursors, which win over it.
    """
    found = ask(**arguments)
    assert not found["pageInfo"]["hasPreviousPage"]
    yield found
    while found["pageInfo"]["hasNextPage"]:
        found = ask(**arguments, offset=offset, after=found["pageInfo"]["endCursor"])
        assert found["pageInfo"]["hasPreviousPage"]
        yield found


def handles(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["handle"] for edge in found["edges"]]


def addresses(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["address"] for edge in found["edges"]]
