"""Pages of the lists that a gateway gives, as addresses name them: `?after=` a cursor, `&from=` a number."""

from collections.abc import Callable
from typing import TypeVar

from flask import request

from webapp.upstream.client import PageOf
from webapp.upstream.errors import UpstreamArgument, UpstreamRefusal
from webapp.upstream.replies import Listing
from webapp.web.context import site
from webapp.web.problems import FieldError, Kind, Problem
from webapp.web.profiles import LOOKUPS

ROWS = 20
"""Of a page."""

_MOST_DIGITS = 9
RowT = TypeVar("RowT")


_EXPECTED = {
    "after": "a cursor that this list gave. The list may begin anew without it",
    "search": "the beginning of a handle; among followers a whole one, or 0x and 3 or more digits",
}


def searched() -> str:
    """How the handles or addresses begin that the request asks for; empty for all."""
    return request.args.get("search", "").strip().lower().removeprefix("@")


def listed(read: Callable[[PageOf], Listing[RowT]], rows: int = ROWS) -> Listing[RowT] | None:
    """Read the page that the request asks for; None where the gateway lacks the list.

    Raises:
        Problem: The cursor is none of this list, nothing can be found by what is searched for, or the
            network's share of look-ups is used up.
    """
    site().shares.take(LOOKUPS)
    try:
        return read(PageOf(rows, request.args.get("after"), searched() or None))
    except UpstreamRefusal:
        return None
    except UpstreamArgument as error:
        fault = FieldError(error.argument, _EXPECTED[error.argument])
        told = f"{fault.field}: expected {fault.expected}."
        raise Problem(Kind.INVALID_REQUEST, told, errors=(fault,)) from error


def first_row() -> int:
    """The number of the page's first row, which only its words need: what is none counts as the first."""
    text = request.args.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 1
