"""Pages of a list: what a client may ask for, and the cursors it continues with."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from webapp.gateway.arguments import ArgumentError

DEFAULT_PAGE = 20
LARGEST_PAGE = 100
FIRST_POSITION = 2**62
"""Above every position: where a list that is read downwards begins."""

_MARK_BYTES = 6
_CURSOR = re.compile(r"[0-9a-f]{12}:([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is wanted.

    Attributes:
        of: Which list it is: its cursors continue no other one.
        after: Position of the last entry already seen, or None to begin at the beginning.
        skip: How many entries to pass over first; 0 where `after` is given.
        size: How many entries to return, 0 to 100.
    """

    of: str
    after: int | None
    skip: int
    size: int

    @classmethod
    def parse(
        cls,
        of: str,
        *,
        offset: int | None = None,
        limit: int | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> "PageRequest":
        """Read the arguments of a connection. `first` wins over `limit`, and `after` over `offset`.

        Args:
            of: Which list it is.
            offset: How many entries to pass over.
            limit: How many entries to return; more than 100 are 100.
            first: The same.
            after: A cursor; empty, as the end of an empty page is, it is as good as none.

        Raises:
            ArgumentError: One of them is negative, or `after` is no cursor of this list.
        """
        for name, value in (("offset", offset), ("limit", limit), ("first", first)):
            if value is not None and value < 0:
                raise ArgumentError(name, "0 or more")
        size = first if first is not None else limit if limit is not None else DEFAULT_PAGE
        seen = _position(of, after) if after else None
        return cls(of=of, after=seen, skip=(offset or 0) if seen is None else 0, size=min(size, LARGEST_PAGE))


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page lies; cursors are empty on an empty page."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str
    end_cursor: str


def cursor(of: str, position: int) -> str:
    """Write the cursor of an entry: opaque to clients, a mark of the list and a position to us."""
    mark = hashlib.blake2s(of.encode(), digest_size=_MARK_BYTES).hexdigest()
    return base64.urlsafe_b64encode(f"{mark}:{position}".encode("ascii")).decode("ascii").rstrip("=")


def page_info(request: PageRequest, positions: list[int], *, preceded: bool) -> PageInfo:
    """Describe a page.

    Args:
        request: What was asked.
        positions: Of the entries that were read: those of the page and, where there is one, the next.
        preceded: Whether any entry stands before the page.
    """
    shown = positions[: request.size]
    return PageInfo(
        has_next_page=len(positions) > request.size,
        has_previous_page=preceded,
        start_cursor=cursor(request.of, shown[0]) if shown else "",
        end_cursor=cursor(request.of, shown[-1]) if shown else "",
    )


def _position(of: str, text: str) -> int:
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        plain = ""
    found = _CURSOR.fullmatch(plain)
    if found is None or cursor(of, int(found[1])) != text:
        raise ArgumentError("after", "a cursor that this list gave")
    return int(found[1])
