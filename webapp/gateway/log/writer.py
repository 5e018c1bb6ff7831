"""The writer's own process, which all server processes send to: one interpreter decides and appends, alone.

Among threads that answer requests each small call costs several times what it costs here, and what takes two
thirds of a write's time is done here. Whatever is ready from all processes is one batch, and one commit.

A frame is what one side sends at once, and the next comes after its reply. To the writer: requests, pickled
one behind the other; an empty one is goodbye. Back: a `Reply`. Both ends are the same program, and nobody
else gets at the socket.
"""

import io
import pickle
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from selectors import EVENT_READ, DefaultSelector
from typing import Any, NamedTuple, TypeAlias

from webapp.gateway.log.operation_log import OperationLog, Outcome, decided
from webapp.gateway.log.sent import Decided, Fields, submission_of
from webapp.protocol.clock import Clock
from webapp.protocol.facts import Policy
from webapp.protocol.submissions import AnySubmission
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseFailure

Request: TypeAlias = tuple[int, str, Fields]
"""A number of the sender's choice, a mutation's name, and its fields."""

BEAT_S = 1.0


class Reply(NamedTuple):
    """What comes of a frame."""

    answers: list[tuple[int, tuple[str, int] | Exception]]  # by the requests' numbers, as `Decided` has them
    commits: list[tuple[int, float]]  # sizes of batches, and seconds of COMMIT; each told to one sender alone


class Writer:
    """Answers whatever comes over sockets, in the calling thread."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        lifetime_ms: int,
        clock: Clock,
        *,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """Answer nobody yet.

        Args:
            database: Migrated to the newest revision.
            policy: The operator's choices.
            lifetime_ms: How long keys sign after they were registered or renewed.
            clock: Milliseconds since the Unix epoch.
            beat: Called every second, as a sign of life.
        """
        self._log = OperationLog(database, policy, lifetime_ms, clock, observer=self)
        self._beat = beat
        self._beaten = float("-inf")
        self._senders = DefaultSelector()
        self._commits: list[tuple[int, float]] = []

    def serve(self, listener: socket.socket, lifeline: int, failed: threading.Event) -> None:
        """Answer all who connect, until nobody is left who could.

        Args:
            listener: Where they connect.
            lifeline: A descriptor that ends when nobody is to connect any more.
            failed: Once set, this returns as soon as what came is answered, whoever is still there.
        """
        listener.setblocking(False)
        self._senders.register(listener, EVENT_READ)
        self._senders.register(lifeline, EVENT_READ)
        try:
            while self._senders.get_map() and not failed.is_set():
                self._serve_ready(listener, lifeline)
        finally:
            for key in list(self._senders.get_map().values()):
                if isinstance(key.fileobj, Connection):
                    self._forget(key.fileobj)

    def _serve_ready(self, listener: socket.socket, lifeline: int) -> None:
        """Wait for a second at most, and answer what is there."""
        frames: dict[Connection, bytes] = {}
        for key, _ in self._senders.select(BEAT_S):
            if key.fileobj is listener:
                with suppress(BlockingIOError):  # it has gone again
                    accepted, _ = listener.accept()
                    accepted.setblocking(True)
                    self._senders.register(Connection(accepted.detach()), EVENT_READ)
            elif key.fileobj == lifeline:
                self._senders.unregister(lifeline)
                self._senders.unregister(listener)
            elif isinstance(key.fileobj, Connection):
                frames[key.fileobj] = self._received(key.fileobj)
        self._answer(frames)
        if time.monotonic() - self._beaten >= BEAT_S:
            self._beaten = time.monotonic()
            self._beat()

    def queued(self, change: int) -> None:
        """Nothing: who sends knows what waits."""

    def committed(self, size: int, seconds: float) -> None:
        """Keep it for a reply."""
        self._commits.append((size, seconds))

    def _received(self, sender: Connection) -> bytes:
        """Take its frame; whoever says goodbye, or is gone, is forgotten."""
        with suppress(EOFError, OSError):
            if frame := sender.recv_bytes():
                return frame
        self._forget(sender)
        return b""

    def _forget(self, sender: Connection) -> None:
        if not sender.closed:
            self._senders.unregister(sender)
            sender.close()

    def _answer(self, frames: dict[Connection, bytes]) -> None:
        senders, numbers, submissions = list[Connection](), list[int](), list[AnySubmission]()
        for sender, frame in frames.items():
            for number, mutation, fields in _requests(frame):
                senders.append(sender)
                numbers.append(number)
                submissions.append(submission_of(mutation, fields))
        answers: dict[Connection, list[tuple[int, Any]]] = defaultdict(list)
        for sender, number, outcome in zip(senders, numbers, self._log.settle(submissions), strict=True):
            answers[sender].append((number, _sendable(outcome)))
        for sender, theirs in answers.items():
            commits, self._commits = self._commits, []
            try:
                sender.send_bytes(pickle.dumps(tuple(Reply(theirs, commits))))
            except OSError:  # it is gone, and so is whoever asked it
                self._forget(sender)


def _requests(frame: bytes) -> Iterator[Request]:
    source = io.BytesIO(frame)
    while source.tell() < len(frame):
        yield pickle.load(source)  # noqa: S301 (of our own processes)


def _sendable(outcome: Outcome) -> tuple[str, int] | Exception:
    answer = decided(outcome)
    if isinstance(answer, Decided):
        return answer.status, answer.ts_in_server
    return answer if isinstance(answer, DatabaseFailure) else RuntimeError(repr(answer))
