"""Signed follows and unfollows over HTTP, each of them distinct, and each found in the log afterwards."""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from bench.load import Generator, Lane, Sample
from bench.people import HANDLES, Planned, now_ms, signed
from bench.requests import graphql, post
from bench.servers import MeasuredServer, Several

Request = Callable[[Planned, dict[str, str]], bytes]
_CHUNK = 200
_TO_SPARE = 1.6
"""How many requests are signed, for each that is expected to be sent."""
_sources = itertools.count()


class Writing:
    """Follows and unfollows over so many connections.

    Each connection has its writers. They follow one handle after the other, all of them; then they unfollow
    them, in the same order; and so on, from one span to the next.

    Attributes:
        server: To whom they go.
        acknowledged: SHA-256 of every message that was answered SUCCESS, in hex, and who signed it.
    """

    def __init__(
        self,
        server: MeasuredServer | Several,
        request: Request,
        writers: Sequence[Sequence[int]],
        handles: int,
        tools: tuple[Generator, Executor],
        *,
        most: int | None = None,
    ) -> None:
        """Send nothing yet.

        Args:
            server: To whom.
            request: Writes the HTTP request for what was signed.
            writers: For each connection, who uses it.
            handles: How many handles each of them follows.
            tools: Sends; signs.
            most: How many requests a connection may send in one span: what the server takes of one address.
        """
        self.server = server
        self._request = request
        self._pairs = [[(who, handle) for handle in HANDLES[:handles] for who in lane] for lane in writers]
        self._sent = [0] * len(writers)
        self._most = most
        self._generator, self._pool = tools
        self._expected = 800.0
        self.acknowledged: dict[str, int] = {}

    def measure(self, seconds: float) -> Sample:
        """Sign, send for so long, and note what was acknowledged."""
        each = int(self._expected * seconds * _TO_SPARE / len(self._pairs)) + 32
        if self._most is not None:
            each = min(each, self._most)
        at = now_ms()
        planned = [self._plan(lane, each, at) for lane in range(len(self._pairs))]
        everything = [one for lane in planned for one in lane]
        chunks = [everything[start : start + _CHUNK] for start in range(0, len(everything), _CHUNK)]
        inputs = [sent for chunk in self._pool.map(signed, chunks) for sent in chunk]
        source = next(_sources)
        ports = self.server.ports
        lanes = [
            Lane(
                [self._request(*both) for both in zip(planned[lane], inputs[lane * each :], strict=False)],
                source=f"127.{10 + source // 200}.{1 + source % 200}.{1 + lane}",
                port=ports[lane % len(ports)],
            )
            for lane in range(len(planned))
        ]
        run = self._generator.run(self.server, lanes, needle='"SUCCESS"', seconds=seconds, until="first")
        for reply in run.replies:
            self._sent[reply.lane] += 1
            message = inputs[reply.lane * each + reply.request]["message"].encode()
            who = planned[reply.lane][reply.request].writer
            self.acknowledged[hashlib.sha256(message).hexdigest()] = who
        self._expected = run.sample.rate
        return run.sample

    def _plan(self, lane: int, count: int, at: int) -> list[Planned]:
        pairs, planned = self._pairs[lane], []
        for number in range(self._sent[lane], self._sent[lane] + count):
            turn, which = divmod(number, len(pairs))
            planned.append(Planned(*pairs[which], "unfollow" if turn % 2 else "follow", at + turn))
        return planned


def to_gateway(port: int) -> Request:
    """Write requests to `/graphql`."""
    return lambda planned, sent: graphql(planned.op, port=port, input=sent)


def to_site(port: int, sessions: dict[int, dict[str, str]]) -> Request:
    """Write requests to the site's own endpoint, each with its writer's session and CSRF token."""
    return lambda planned, sent: post(f"/api/{planned.op}", sent, sessions[planned.writer], port=port)
