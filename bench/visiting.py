"""Registering devices and signing in: what a wallet signs."""

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from http.client import parse_headers
from io import BytesIO
from typing import Any

from bench.load import Generator, Lane, Reply, Sample
from bench.people import registrations, writer
from bench.requests import get, graphql, post
from bench.servers import MeasuredServer

CONNECTIONS = 16
_CHUNK = 50


class Registering:
    """Registrations of signing keys, by wallets that the gateway has not seen."""

    def __init__(self, server: MeasuredServer, writers: range, tools: tuple[Generator, Executor]) -> None:
        """Register nobody yet; `writers` are for all spans together."""
        self._server = server
        self._writers = iter(writers)
        self._generator, self._pool = tools

    def measure(self, people: int) -> Sample:
        """Register so many."""
        numbers = [next(self._writers) for _ in range(people)]
        chunks = [numbers[start : start + _CHUNK] for start in range(0, people, _CHUNK)]
        inputs = [sent for chunk in self._pool.map(registrations, chunks) for sent in chunk]
        requests = [graphql("registerSigningKey", port=self._server.port, input=each) for each in inputs]
        return _send_all(self._generator, self._server, requests, '"SUCCESS"')[0]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser, as the site sees it.

    Attributes:
        headers: Cookie, CSRF token and origin.
        said: The members of the reply that gave them.
    """

    headers: dict[str, str]
    said: dict[str, Any]

    @classmethod
    def of(cls, server: MeasuredServer, reply: Reply) -> "Visitor":
        """Read a reply that sets the cookie and tells the token."""
        headers, said = _read(reply)
        cookie = headers["set-cookie"].partition(";")[0]
        return cls({"Origin": server.url, "Cookie": cookie, "X-CSRF-Token": said["csrfToken"]}, said)


def sign_in(
    generator: Generator, server: MeasuredServer, writers: Sequence[int]
) -> tuple[Sample, dict[int, dict[str, str]]]:
    """Sign people in on the site: each asks for a challenge, has the wallet sign it, and sends the answer.

    Returns:
        What the two requests took together; for each of them the headers of their session.
    """
    port, people = server.port, [writer(number) for number in writers]
    _, replies = _send_all(generator, server, [get("/api/session", port=port) for _ in people], '"csrfToken"')
    visitors = [Visitor.of(server, reply) for reply in replies]
    asking, replies = _send_all(
        generator,
        server,
        [
            post("/api/login/challenge", {"address": each.address, "chainId": 1}, visitor.headers, port=port)
            for each, visitor in zip(people, visitors, strict=True)
        ],
        '"message"',
    )
    texts = [str(_read(reply)[1]["message"]) for reply in replies]
    answers = [
        post("/api/login", {"message": text, "signature": each.wallet.sign(text)}, visitor.headers, port=port)
        for each, text, visitor in zip(people, texts, visitors, strict=True)
    ]
    answering, replies = _send_all(generator, server, answers, '"csrfToken"')
    sessions = [Visitor.of(server, reply).headers for reply in replies]
    both = Sample(
        rate=1 / (1 / asking.rate + 1 / answering.rate),
        p50_ms=asking.p50_ms + answering.p50_ms,
        p99_ms=asking.p99_ms + answering.p99_ms,
        generator=(asking.generator + answering.generator) / 2,
        server=(asking.server + answering.server) / 2,
    )
    return both, dict(zip(writers, sessions, strict=True))


def _send_all(
    generator: Generator, server: MeasuredServer, requests: list[bytes], needle: str
) -> tuple[Sample, list[Reply]]:
    """Send every request over one of the connections; gives the replies in the requests' order."""
    lanes = [
        Lane(requests[lane::CONNECTIONS], source=f"127.9.0.{1 + lane}")
        for lane in range(min(CONNECTIONS, len(requests)))
    ]
    run = generator.run(server, lanes, needle=needle, until="all")
    return run.sample, sorted(run.replies, key=lambda reply: reply.request * CONNECTIONS + reply.lane)


def _read(reply: Reply) -> tuple[dict[str, str], dict[str, Any]]:
    head, _, body = reply.content.partition(b"\r\n\r\n")
    headers = parse_headers(BytesIO(head.partition(b"\r\n")[2] + b"\r\n\r\n"))
    return {name.lower(): value for name, value in headers.items()}, json.loads(body)
