"""Pages of a list: what a client may ask for, and the cursors it continues with."""

import base64
import binascii
import re
from dataclasses import dataclass

from webapp.gateway.arguments import ArgumentError

DEFAULT_PAGE = 20
LARGEST_PAGE = 100
FIRST_POSITION = 2**62
"""Above every position: where a list that is read downwards begins."""

_CURSOR = re.compile(r"([a-z]):(0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is wanted.

    Attributes:
        after: Position of the last entry already seen, or None to begin at the beginning.
        skip: How many entries to pass over first; 0 where `after` is given.
        size: How many entries to return, 0 to 100.
    """

    after: int | None
    skip: int
    size: int

    @classmethod
    def parse(
        cls,
        kind: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> "PageRequest":
        """Read the arguments of a connection. `first` wins over `limit`, and `after` over `offset`.

        Args:
            kind: The letter that cursors of this list begin with.
            offset: How many entries to pass over.
            limit: How many entries to return; more than 100 are 100.
            first: The same.
            after: A cursor.

        Raises:
            ArgumentError: One of them is negative, or `after` is no cursor of this kind of list.
        """
        for name, value in (("offset", offset), ("limit", limit), ("first", first)):
            if value is not None and value < 0:
                raise ArgumentError(name, "0 or more")
        size = first if first is not None else limit if limit is not None else DEFAULT_PAGE
        seen = None if after is None else _position(kind, after)
        return cls(after=seen, skip=(offset or 0) if seen is None else 0, size=min(size, LARGEST_PAGE))


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page lies; cursors are empty on an empty page."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str
    end_cursor: str


def cursor(kind: str, position: int) -> str:
    """Write the cursor of an entry: opaque to clients, one letter and its position to us."""
    return base64.urlsafe_b64encode(f"{kind}:{position}".encode("ascii")).decode("ascii").rstrip("=")


def page_info(kind: str, request: PageRequest, positions: list[int], *, more: bool) -> PageInfo:
    """Describe a page from the positions of its entries and whether any lie behind it."""
    return PageInfo(
        has_next_page=more,
        has_previous_page=request.after is not None or request.skip > 0,
        start_cursor=cursor(kind, positions[0]) if positions else "",
        end_cursor=cursor(kind, positions[-1]) if positions else "",
    )


def _position(kind: str, text: str) -> int:
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        plain = ""
    found = _CURSOR.fullmatch(plain)
    if found is None or found[1] != kind or cursor(kind, int(found[2])) != text:
        raise ArgumentError("after", "a cursor that this list gave")
    return int(found[2])
