"""One proxied request with its reply, as the page's inspector shows it: exact bodies, secrets left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.network.fetch import JsonEndpoint, Reply

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
        sent, received = self.request, self.response
        return {
            "request": {"method": sent.method, "url": sent.url, "headers": sent.headers, "body": sent.body},
            "response": {"status": received.status, "headers": received.headers, "body": received.body},
            "durationMs": round(self.duration_ms, 2),
        }


class Recorder:
    """Writes exchanges with one endpoint down."""

    def __init__(self, endpoint: JsonEndpoint, secrets: tuple[str, ...]) -> None:
        """Keep what all requests have in common.

        Args:
            endpoint: Where they go.
            secrets: The API key and its like: an upstream that echoes them must not publish them.
        """
        self._secrets = secrets
        self._url = str(endpoint.url.copy_with(query=None))
        self._headers = self._shown(endpoint.headers)

    def record(self, text: str, reply: Reply, ms: float) -> Exchange:
        """Write one down: the text that was sent in ASCII, the reply, and how long both took."""
        return Exchange(
            SentRequest("POST", self._url, {**self._headers, "content-length": str(len(text))}, text),
            ReceivedResponse(
                reply.status, self._shown(reply.headers), self._clean(reply.body.decode("utf-8"))
            ),
            ms,
        )

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REMOVED)
        return text

    def _shown(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: self._clean(value) for name, value in headers.items() if name not in SECRET_HEADERS}
