"""What every reply must carry: headers that bind browsers."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from webapp.web.http.cross_origin import cross_origin_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = "content-security-policy"


def content_security_policy(frame_ancestors: tuple[str, ...], frames: str = "") -> str:
    """Write the policy (W3C CSP, level 3): this origin's own files, nothing inline, no DOM strings.

    Args:
        frame_ancestors: Origins that may frame the page.
        frames: What the page itself may frame; nothing, as nearly all pages do.
    """
    return "; ".join(
        (
            "default-src 'none'",
            *([f"frame-src {frames}"] if frames else []),
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {' '.join(frame_ancestors) or chr(39) + 'none' + chr(39)}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def with_headers(
    inner: "WSGIApplication", *, frame_ancestors: tuple[str, ...], framed: str, secure: bool
) -> "WSGIApplication":
    """Put the headers on every reply, those to refused requests included.

    A page that needs a policy of its own brings it: then that is the one.

    Args:
        inner: The site.
        frame_ancestors: Origins that may frame one page.
        framed: That page's path; no other page of the site is ever framed.
        secure: Whether the site is served over https.
    """
    everywhere = [
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        *([("strict-transport-security", "max-age=31536000")] if secure else []),
    ]
    alone = [
        *everywhere,
        (POLICY, content_security_policy(())),
        ("x-frame-options", "DENY"),  # it could name no other origin
    ]
    in_frames = [*everywhere, (POLICY, content_security_policy(frame_ancestors))]

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        here = in_frames if frame_ancestors and path == framed else alone

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 (as PEP 3333 has it)
            brought = {name.lower() for name, _ in headers}
            headers = [*headers, *cross_origin_headers(path), *(everywhere if POLICY in brought else here)]
            if "cache-control" not in brought:
                headers += [("cache-control", "no-store"), ("vary", "cookie")]
            return start_response(status, headers, *rest)

        return inner(environ, started)

    return application
