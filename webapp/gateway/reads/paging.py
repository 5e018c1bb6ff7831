"""Pages of a list: what a client may ask for, and the cursors it continues with."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from webapp.gateway.arguments import ArgumentError

DEFAULT_PAGE = 20
LARGEST_PAGE = 100
FIRST_POSITION = 2**62
"""Above every position: where a list that is read downwards begins."""

MOST_COUNTED = 1_000
"""How far the entries are counted of a list whose length is not kept."""

_MARK_BYTES = 6
_PLACES: dict[type[Any], str] = {int: "[0-9]{1,18}", str: "[0-9a-z_-]{1,64}"}

Place: TypeAlias = int | str
"""Where an entry stands in its list: a number or a text, by which the list is ordered."""
PlaceT = TypeVar("PlaceT", bound=Place)


@dataclass(frozen=True, slots=True)
class PageRequest(Generic[PlaceT]):
    """Which part of a list is wanted.

    Attributes:
        of: Which list it is: its cursors continue no other one.
        after: Place of the last entry already seen, or None to begin at the beginning.
        skip: How many entries to pass over first; 0 where `after` is given.
        size: How many entries to return, 0 to 100.
    """

    of: str
    after: PlaceT | None
    skip: int
    size: int

    @classmethod
    def parse(
        cls,
        of: str,
        place: type[PlaceT],
        *,
        counted: bool = False,
        offset: int | None = None,
        limit: int | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> "PageRequest[PlaceT]":
        """Read the arguments of a connection. `first` wins over `limit`, and `after` over `offset`.

        Args:
            of: Which list it is.
            place: What its entries are ordered by.
            counted: Whether its length is counted, no further than `MOST_COUNTED`.
            offset: How many entries to pass over.
            limit: How many entries to return; more than 100 are 100.
            first: The same.
            after: A cursor; empty, as the end of an empty page is, it is as good as none.

        Raises:
            ArgumentError: One of them is negative or too large, or `after` is no cursor of this list.
        """
        for name, value in (("offset", offset), ("limit", limit), ("first", first)):
            if value is not None and value < 0:
                raise ArgumentError(name, "0 or more")
        if counted and not after and (offset or 0) >= MOST_COUNTED:
            raise ArgumentError(
                "offset", f"less than {MOST_COUNTED} in this list; `after` goes on from there"
            )
        size = first if first is not None else limit if limit is not None else DEFAULT_PAGE
        seen = _place(of, place, after) if after else None
        return PageRequest(
            of=of, after=seen, skip=(offset or 0) if seen is None else 0, size=min(size, LARGEST_PAGE)
        )


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page lies; cursors are empty on an empty page."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str
    end_cursor: str


def cursor(of: str, place: Place) -> str:
    """Write the cursor of an entry: opaque to clients, a mark of the list and a place in it to us."""
    mark = hashlib.blake2s(of.encode(), digest_size=_MARK_BYTES).hexdigest()
    return base64.urlsafe_b64encode(f"{mark}:{place}".encode("ascii")).decode("ascii").rstrip("=")


def page_info(request: PageRequest[Any], places: Sequence[Place], *, preceded: bool) -> PageInfo:
    """Describe a page.

    Args:
        request: What was asked.
        places: Of the entries that were read: those of the page and, where there is one, the next.
        preceded: Whether any entry stands before the page.
    """
    shown = places[: request.size]
    return PageInfo(
        has_next_page=len(places) > request.size,
        has_previous_page=preceded,
        start_cursor=cursor(request.of, shown[0]) if shown else "",
        end_cursor=cursor(request.of, shown[-1]) if shown else "",
    )


def _place(of: str, place: type[PlaceT], text: str) -> PlaceT:
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        plain = ""
    found = re.fullmatch(f"[0-9a-f]{{12}}:({_PLACES[place]})", plain)
    if found is None or cursor(of, place(found[1])) != text:
        raise ArgumentError("after", "a cursor that this list gave")
    return place(found[1])
