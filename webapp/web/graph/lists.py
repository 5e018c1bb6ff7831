"""Pages of the lists that a gateway gives, as addresses name them: `?after=` a cursor, `&from=` a number."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request

from webapp.upstream.client import PageOf
from webapp.upstream.errors import UpstreamArgument, UpstreamRefusal
from webapp.upstream.replies import FollowRow, Listing, Someone
from webapp.web.context import site
from webapp.web.http.network_shares import LOOKUPS
from webapp.web.http.problems import FieldError, Kind, Problem

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


def someone_json(who: Someone) -> dict[str, Any]:
    """Write somebody, as the visitor sees them, in the form that pages read."""
    return {
        "handle": who.handle,
        "displayName": who.display_name,
        "avatar": who.avatar or None,
        "address": who.address,
        "isFollowedByMe": who.is_followed_by_me,
        "followsMe": who.follows_me,
    }


def follows_json(listing: Listing[FollowRow] | None) -> dict[str, Any]:
    """Write a page of follows; `rows` is null where the gateway lacks the list."""
    if listing is None:
        return {"rows": None, "total": 0, "orMore": False, "after": None}
    return {
        "total": listing.total,
        "orMore": listing.or_more,
        "after": listing.after,
        "rows": [
            {**someone_json(row.who), "signedAt": row.signed_at, "entryDigest": row.entry_digest}
            for row in listing.rows
        ],
    }


def first_row() -> int:
    """The number of the page's first row, which only its words need: what is none counts as the first."""
    text = request.args.get("from", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 1
