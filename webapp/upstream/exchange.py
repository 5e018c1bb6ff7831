"""One proxied request with its reply, as the page's inspector shows it: exact bodies, secrets left out."""

from dataclasses import asdict, dataclass
from typing import Any

import httpx

SECRET_HEADERS = frozenset({"x-api-key", "authorization", "proxy-authorization", "cookie", "set-cookie"})
REMOVED = "[removed]"


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What went out. `url` has no query, since some hosts keep keys there; `body` is the exact text."""

    method: str
    url: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """What came back. `body` is the exact text."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its reply, and the milliseconds between sending the one and having read the other."""

    request: SentRequest
    response: ReceivedResponse
    duration_ms: float

    def as_json(self) -> dict[str, Any]:
        """The form that the page reads: `{request, response, durationMs}`."""
        return {
            "request": asdict(self.request),
            "response": asdict(self.response),
            "durationMs": round(self.duration_ms, 2),
        }


def record(
    request: httpx.Request,
    request_text: str,
    response: httpx.Response,
    response_text: str,
    *,
    secrets: tuple[str, ...],
    ms: float,
) -> Exchange:
    """Write an exchange down.

    Args:
        request: The request as it was sent.
        request_text: Its body.
        response: The reply; its body need not be loaded.
        response_text: Its body, decoded.
        secrets: The API key and its like: an upstream that echoes them must not publish them.
        ms: How long the exchange took.
    """

    def clean(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, REMOVED)
        return text

    def shown(headers: httpx.Headers) -> dict[str, str]:
        return {name: clean(value) for name, value in headers.items() if name not in SECRET_HEADERS}

    return Exchange(
        request=SentRequest(
            method=request.method,
            url=str(request.url.copy_with(query=None)),
            headers=shown(request.headers),
            body=request_text,
        ),
        response=ReceivedResponse(
            status=response.status_code,
            headers=shown(response.headers),
            body=clean(response_text),
        ),
        duration_ms=ms,
    )
