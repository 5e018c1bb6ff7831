"""A share of the open connections for each client, kept from outside the HTTP server.

The server accepts as many connections as it is told, from whomever. Whoever opens that many and sends nothing
would hold all of them until they time out, and open them again. So a process looks now and then at its own
sockets. When more are open than half of what it may have, some are closed of those clients that have most:
first what has been silent longest, and never what waits for an answer. The other half is for who comes next.
"""

import logging
import os
import resource
import socket
import struct
import sys
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

Peer = tuple[str, int]

MOST = 8_192
"""Connections that a process accepts where files are no matter: each costs 13 kB, 29 kB with half a head."""
FILES_BESIDE = 128
"""Files of a process that are no connections: log, libraries, sockets to an upstream and to nodes."""
FILES_OF_A_THREAD = 4
"""A thread's database: the file, its log, its index, and one to spare."""
LOOKS_EVERY_S = 0.25
"""How often a process looks. Listing a few files costs some 20 microseconds."""

_DESCRIPTORS = Path("/proc/self/fd")
_LAST_DATA_RECEIVED = struct.Struct("=52xI")
"""`struct tcp_info` of Linux up to `tcpi_last_data_recv`: milliseconds."""

_logger = logging.getLogger(__name__)


def raise_files_allowed() -> int:
    """Allow this process, and those that it starts, all the files that the system would; give how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):  # macOS names a limit that it does not grant
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return hard


def connections_allowed(files: int, threads: int) -> int:
    """How many connections a process may accept.

    Args:
        files: That it may have open; `resource.RLIM_INFINITY` for any number.
        threads: That answer.
    """
    if files == resource.RLIM_INFINITY:
        return MOST
    return max(64, min(MOST, files - FILES_BESIDE - FILES_OF_A_THREAD * threads))


@dataclass(frozen=True, slots=True)
class Connection:
    """An accepted connection.

    Attributes:
        descriptor: Its file descriptor, at the moment when it was seen.
        peer: Address and port at the other end.
        client: What it is counted under.
        silent_ms: Since when nothing has come from it.
    """

    descriptor: int
    peer: Peer
    client: str
    silent_ms: int


_silence = attrgetter("silent_ms")


def too_many(connections: Iterable[Connection], most: int) -> list[Connection]:
    """Choose what to close, so that `most` are left: who gives some up still has as many as anybody else."""
    by_client: dict[str, list[Connection]] = {}
    for one in connections:
        by_client.setdefault(one.client, []).append(one)
    counts = Counter(len(theirs) for theirs in by_client.values())
    surplus = sum(size * clients for size, clients in counts.items()) - most
    if surplus <= 0:
        return []

    def left_over(share: int) -> int:
        return -sum(clients * max(0, size - share) for size, clients in counts.items())

    # The smallest share by which fewer than the surplus would go: one less, and enough go.
    share = bisect_left(range(max(counts) + 1), 1 - surplus, key=left_over) - 1
    over = (
        one
        for theirs in by_client.values()
        for one in sorted(theirs, key=_silence, reverse=True)[: max(0, len(theirs) - share)]
    )
    return sorted(over, key=_silence, reverse=True)[:surplus]


class OpenConnections:
    """The connections of this process that were accepted at a port."""

    def __init__(
        self, port: int, most: int, client: Callable[[str], str], answering: Callable[[Peer], bool]
    ) -> None:
        """Look at nothing yet.

        Args:
            port: Where they were accepted.
            most: How many may stay open while others come.
            client: What an address is counted under.
            answering: Whether the request of a peer is being answered, or waits for that.
        """
        self._port = port
        self._most = most
        self._client = client
        self._answering = answering

    def watch(self) -> None:
        """Look now and then, as long as the process lives. Only Linux shows what there is to see."""
        if sys.platform == "linux":
            threading.Thread(target=self._watch, name="open-connections", daemon=True).start()

    def _watch(self) -> None:
        never = threading.Event()
        while not never.wait(LOOKS_EVERY_S):
            if closed := self.close_too_many():
                _logger.warning("too many connections: %d closed", closed)

    def close_too_many(self) -> int:
        """Close what is too many, with some to spare; give how many were closed."""
        if len(_descriptors()) <= self._most:
            return 0
        found = [one for one in self._found() if not self._answering(one.peer)]
        return sum(self._close(one) for one in too_many(found, self._most * 7 // 8))

    def _found(self) -> Iterator[Connection]:
        for descriptor in _descriptors():
            with _held(descriptor) as held:
                if held is not None and (peer := _peer_of(held, self._port)):
                    told = held.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_DATA_RECEIVED.size)
                    [silent_ms] = _LAST_DATA_RECEIVED.unpack(told)
                    yield Connection(descriptor, peer, self._client(peer[0]), silent_ms)

    def _close(self, connection: Connection) -> bool:
        """End a connection where the server sees it, unless it has ended by itself."""
        with _held(connection.descriptor) as held:
            if held is None or _peer_of(held, self._port) != connection.peer:
                return False
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            return True


def _descriptors() -> list[int]:
    return [int(name) for name in os.listdir(_DESCRIPTORS)]  # noqa: PTH208 (a thousand paths are not needed)


@contextmanager
def _held(descriptor: int) -> Iterator[socket.socket | None]:
    """The socket of a descriptor, under one of our own, so that it stays the same; None for other files."""
    try:
        own = os.dup(descriptor)
    except OSError:  # closed meanwhile
        yield None
        return
    try:
        held = socket.socket(fileno=own)
    except OSError:
        os.close(own)
        yield None
        return
    with held:
        yield held


def _peer_of(held: socket.socket, port: int) -> Peer | None:
    """The other end of a connection that was accepted at a port; None for any other socket."""
    if held.family not in {socket.AF_INET, socket.AF_INET6} or held.type != socket.SOCK_STREAM:
        return None
    try:
        return held.getpeername()[:2] if held.getsockname()[1] == port else None
    except OSError:  # not connected
        return None
