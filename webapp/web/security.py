"""What every request must satisfy and every reply must carry: hosts, CSRF, headers that bind browsers."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from flask import request

from webapp.web.cross_origin import cross_origin_headers
from webapp.web.problems import Kind, Problem
from webapp.web.sessions import browser_session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that this site has, by the `Host` that a browser sends for each."""

    by_host: dict[str, str]

    @classmethod
    def of(cls, origins: tuple[str, ...]) -> Self:
        """Index origins of the form `scheme://host[:port]`, in lower case."""
        by_host = {}
        for origin in origins:
            scheme, _, host = origin.partition("://")
            by_host[host] = origin
            if not host.rpartition("]")[2].partition(":")[2]:
                by_host[f"{host}:{_DEFAULT_PORTS[scheme]}"] = origin
        return cls(by_host)

    def current(self) -> str:
        """Give the origin of the request being served.

        Raises:
            Problem: Its `Host` is none of this site's (RFC 9110, section 7.2).
        """
        origin = self.by_host.get(request.environ.get("HTTP_HOST", "").lower())
        if origin is None:
            raise Problem(Kind.WRONG_HOST, "Open the site under the name that its operator gave it.")
        return origin


def host_of(origin: str) -> str:
    """Host and port of an origin."""
    return origin.partition("://")[2]


def refuse_cross_site(origin: str) -> None:
    """Refuse a request that changes something, unless this site's own page sent it.

    Three signs must be right: `Origin`, `Sec-Fetch-Site` where the browser sends it, and the token.

    Raises:
        Problem: One is not.
    """
    sent = request.environ
    if sent.get("HTTP_ORIGIN") != origin:
        raise Problem(Kind.CSRF, "The Origin header does not name this site.")
    if sent.get("HTTP_SEC_FETCH_SITE", "same-origin") != "same-origin":
        raise Problem(Kind.CSRF, "The Sec-Fetch-Site header says that another site sent it.")
    token = sent.get("HTTP_X_CSRF_TOKEN", "")
    if not hmac.compare_digest(token.encode(), browser_session().csrf_token.encode()):
        raise Problem(Kind.CSRF, "The X-CSRF-Token header is not this session's. Reload the page.")


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
