"""The page inside a frame of another site: how the server knows, and which cookie counts there.

Only the origins of `FRAME_ANCESTORS` may show the page so. There browsers send no `SameSite=Lax` cookie, so
that the session has a cookie of its own: `SameSite=None; Secure; Partitioned`, one for each pair of the two
sites. A request goes by one of the two cookies, and the other one is not looked at: a page by whether it is
loaded into a frame, what its script asks for by a header. No page of another site can send that header, since
nothing here answers a preflight, and no form has it: where a browser attaches the frame's cookie to what
others send, no session comes of it.
"""

from flask import Request

MARK = "x-countersign-frame"
"""The header by which the script of a framed page names the session of its frame; its value is `1`."""

_FRAMES = frozenset({"iframe", "frame", "embed", "object"})


def is_loaded_into_frame(request: Request) -> bool:
    """Whether a page is asked for that will stand in a frame, of whatever site (Fetch Metadata)."""
    return request.headers.get("sec-fetch-dest") in _FRAMES


def goes_by_frame_cookie(request: Request, own_cookie: str) -> bool:
    """Whether a request is of a page in another site's frame.

    Args:
        request: The request.
        own_cookie: The name of the cookie that pages outside of such frames have.
    """
    if not is_loaded_into_frame(request):
        return request.headers.get(MARK) == "1"
    started_by = request.headers.get("sec-fetch-site")
    # A frame that reloads or follows a link names its own site; the cookie tells what it stands in.
    return started_by == "cross-site" or (started_by != "same-site" and own_cookie not in request.cookies)
