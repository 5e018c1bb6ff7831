"""What pages of other origins may have of this site: nothing, but what is made to be embedded.

Everything keeps to its own origin: no other page holds a window of it, loads it or reads it. What a page
embeds (`embedding/button.py`) is loaded and read from anywhere, since it is public and the same for all. The
window that an embedded button opens (`embedding/window.py`) keeps its tie to whoever opened it, or there
would be nobody to tell what came of it.
"""

from typing import Final

Headers = tuple[tuple[str, str], ...]

WINDOW: Final = "/embed/follow"
"""The one page that whoever opened it may hold as a window."""

PUBLIC: Final = frozenset(
    {
        "/embed/follow-button.js",
        "/embed/follow-button.mjs",
        "/embed/follow-button.d.ts",
        "/embed/profiles",
        # What a visitor's program loads, from a frame whose origin is nobody's.
        "/docs/try/frame.js",
        "/docs/try/worker.js",
        "/docs/try/viem-accounts.js",
        "/docs/try/cyberconnect-v2.js",
    }
)
"""What pages of all origins load and read."""

_OPENER, _RESOURCE = "cross-origin-opener-policy", "cross-origin-resource-policy"
_CLOSED: Headers = ((_OPENER, "same-origin"), (_RESOURCE, "same-origin"))
_WINDOW: Headers = ((_OPENER, "unsafe-none"), (_RESOURCE, "same-origin"))
_PUBLIC: Headers = (
    (_OPENER, "same-origin"),
    (_RESOURCE, "cross-origin"),
    ("access-control-allow-origin", "*"),  # with which no browser shows what it got for a cookie
)


def cross_origin_headers(path: str) -> Headers:
    """Give the headers that say it of a path, whatever is answered there."""
    if path in PUBLIC:
        return _PUBLIC
    return _WINDOW if path == WINDOW else _CLOSED
