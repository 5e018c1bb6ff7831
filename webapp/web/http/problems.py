"""What goes wrong, as data (RFC 9457): told by the site, and by the server around it.

A problem is never a status of the contract: those are answers, and come from the gateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

RETRY_AFTER_S = 2


class Kind(Enum):
    """Every kind of problem: its slug, HTTP status and title."""

    INVALID_REQUEST = ("invalid-request", 400, "The request cannot be read")
    WRONG_HOST = ("wrong-host", 400, "This site goes by another name")
    NOT_SIGNED_IN = ("not-signed-in", 401, "Not signed in")
    LOGIN_REFUSED = ("login-refused", 401, "The sign-in was refused")
    FORBIDDEN = ("forbidden", 403, "Not for this caller")
    CSRF = ("csrf", 403, "The request does not come from this page")
    SIGN_IN_AGAIN = ("sign-in-again", 403, "The wallet has to sign in again")
    WRONG_ACCOUNT = ("wrong-account", 403, "Another account is signed in")
    NOT_FOUND = ("not-found", 404, "Nothing is here")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "Not with this method")
    REQUEST_TIMEOUT = ("request-timeout", 408, "The request took too long to arrive")
    TOO_MANY_KEYS = ("too-many-keys", 409, "That is as many keys as there may be")
    TOO_LARGE = ("too-large", 413, "The request is too large")
    UNSUPPORTED_MEDIA_TYPE = ("unsupported-media-type", 415, "The request has another type than is read here")
    TOO_MANY_REQUESTS = ("too-many-requests", 429, "Too many requests")
    INTERNAL = ("internal", 500, "Something went wrong on our side")
    UPSTREAM_UNREACHABLE = ("upstream-unreachable", 502, "The gateway cannot be reached")
    UPSTREAM_MALFORMED = ("upstream-malformed", 502, "The gateway's answer cannot be understood")
    CHAIN_UNREACHABLE = ("chain-unreachable", 502, "The chain cannot be asked")
    UNAVAILABLE = ("unavailable", 503, "Busy at the moment")
    OUTCOME_UNKNOWN = ("outcome-unknown", 503, "Whether it was kept is not known")
    CHAIN_TIMEOUT = ("chain-timeout", 504, "The chain did not answer in time")
    UPSTREAM_TIMEOUT = ("upstream-timeout", 504, "The gateway did not answer in time")

    def __init__(self, slug: str, status: int, title: str) -> None:
        self.slug = slug
        self.status = status
        self.title = title


@dataclass(frozen=True, slots=True)
class FieldError:
    """A member of the request that is not what was expected."""

    field: str
    expected: str


@dataclass(frozen=True, slots=True)
class Way:
    """Where a page about a failure leads on to: a link's words, and a path of this site."""

    words: str
    path: str


class Problem(Exception):  # noqa: N818 (what RFC 9457 calls it)
    """Ends a request with a problem.

    Attributes:
        kind: What went wrong.
        detail: What to know or do about it, in one or two sentences for the person at the page.
        errors: Members of the request that were at fault.
        extra: Further members of the JSON object.
        headers: Further response headers.
        ways: Where its page leads on to, the likeliest first.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: tuple[FieldError, ...] = (),
        extra: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        ways: tuple[Way, ...] = (),
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.extra = extra or {}
        self.headers = headers or {}
        self.ways = ways

    def as_json(self, request_id: str) -> dict[str, Any]:
        """Write it as a JSON object (RFC 9457, section 3)."""
        content: dict[str, Any] = {
            "type": f"/problems/{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "requestId": request_id,
            **self.extra,
        }
        if self.errors:
            content["errors"] = [{"field": error.field, "expected": error.expected} for error in self.errors]
        return content


def unexpected(field: str, expected: str) -> Problem:
    """A request of which one member, or one part of its address, is not what was expected."""
    fault = FieldError(field, expected)
    return Problem(Kind.INVALID_REQUEST, f"{field}: expected {expected}", errors=(fault,))
