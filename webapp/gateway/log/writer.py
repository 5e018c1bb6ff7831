"""The writer's own process, which all server processes send to, and their end of it.

One interpreter decides and appends, alone: among threads that answer requests each small call costs several
times what it costs here. Whatever is ready from all processes is one batch, and one commit.

A frame is what one side sends at once. To the writer: requests, pickled one behind the other; an empty one is
goodbye. Back: a `Reply` to each. While one is worked on the next waits in the socket, once it is as large: so
batches stay large, and the writer never waits for work that there is. Both ends are the same program, and
nobody else gets at the socket.
"""

import io
import logging
import pickle
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from selectors import EVENT_READ, DefaultSelector
from typing import Any, NamedTuple, TypeAlias

from webapp.gateway.batches import Answered, Asked, Busy, Deliver, deliver_each, hand_over
from webapp.gateway.log.operation_log import (
    MOST_WAITING,
    Decided,
    Nobody,
    Observer,
    OperationLog,
    Outcome,
    decided,
)
from webapp.protocol.clock import Clock
from webapp.protocol.facts import Policy
from webapp.protocol.submissions import AnySubmission, Fields, submission_of
from webapp.server.threads.interleaving import answer_to
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseFailure, DatabaseUnavailable, OutcomeUnknown

Request: TypeAlias = tuple[int, str, Fields]
"""A number of the sender's choice, a mutation's name, and its fields."""

BEAT_S = 1.0
MOST_BYTES = 65_536
"""Of a frame. Two may be under way: they always fit into the socket, and sending never waits."""
STALLED_S = 30.0
"""How long an answer may take: several times as long as a transaction waits for another."""
GATHERS_ON_POSTGRESQL_S = 0.0015
"""How long a frame to the writer waits to become as large as the last: a batch is four ways there and back,
and several gateways divide what would be one. With SQLite it costs less than the wait."""
TOLD = 64
"""By how many more must wait until that is told."""

_logger = logging.getLogger(__name__)


class Reply(NamedTuple):
    """What comes of a frame."""

    # By the requests' numbers, as `Decided` has them
    answers: list[tuple[int, tuple[str, int, int | None] | Exception]]
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
        answers, failure = self._settled(self._ready(BEAT_S, listener, lifeline))
        meanwhile: dict[Connection, list[tuple[int, Any]]] = {}
        if failure is not None:
            # Each frame that has come meanwhile would wait as long for the same. Whoever sends one after
            # hearing of it is to be tried again, so this is found out before anybody hears.
            meanwhile, _ = self._settled(self._ready(0, listener, lifeline), failure)
        self._reply(answers)
        self._reply(meanwhile)
        if time.monotonic() - self._beaten >= BEAT_S:
            self._beaten = time.monotonic()
            self._beat()

    def _ready(self, seconds: float, listener: socket.socket, lifeline: int) -> dict[Connection, bytes]:
        frames: dict[Connection, bytes] = {}
        for key, _ in self._senders.select(seconds):
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
        return frames

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

    def _settled(
        self, frames: dict[Connection, bytes], failure: DatabaseUnavailable | None = None
    ) -> tuple[dict[Connection, list[tuple[int, Any]]], DatabaseUnavailable | None]:
        """Settle requests, with a failure if there was one just now; give answers, and a failure if any."""
        senders, numbers, submissions = list[Connection](), list[int](), list[AnySubmission]()
        for sender, frame in frames.items():
            for number, mutation, fields in _requests(frame):
                senders.append(sender)
                numbers.append(number)
                submissions.append(submission_of(mutation, fields))
        answers: dict[Connection, list[tuple[int, Any]]] = defaultdict(list)
        for sender, number, outcome in zip(
            senders, numbers, self._log.settle(submissions, failure), strict=True
        ):
            answers[sender].append((number, _sendable(outcome)))
            if isinstance(outcome, DatabaseUnavailable):
                failure = outcome
        return answers, failure

    def _reply(self, answers: dict[Connection, list[tuple[int, Any]]]) -> None:
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


def _sendable(outcome: Outcome) -> tuple[str, int, int | None] | Exception:
    answer = decided(outcome)
    if isinstance(answer, Decided):
        return answer.status, answer.ts_in_server, answer.retry_after
    return answer if isinstance(answer, DatabaseFailure) else RuntimeError(repr(answer))


class WriterClient:
    """Sends from any thread; a thread of its own takes the answers.

    What was sent when the writer is lost may have been done: that is answered. What was not sent yet waits
    for the writer that comes in its place.

    Attributes:
        deliver: Is given all answers of a reply at once, in that thread.
    """

    def __init__(
        self,
        path: str,
        *,
        observer: Observer | None = None,
        most_waiting: int = MOST_WAITING,
        gathers_s: float = 0.0,
    ) -> None:
        """Connect to nobody yet.

        Args:
            path: Where the writer listens.
            observer: Is told what waits and what was committed.
            most_waiting: How many requests may wait.
            gathers_s: How long after an answer a frame waits for as many requests as the last had.
        """
        self.deliver: Deliver = deliver_each
        self._path = path
        self._observer: Observer = observer or Nobody()
        self._most_waiting = most_waiting
        self._gathers_s = gathers_s
        self._gathers_until = 0.0
        self._lock = threading.Lock()
        self._number = self._told = self._last = 0
        self._under_way: deque[int] = deque()
        self._unanswered: dict[int, Asked] = {}
        self._unsent: dict[int, bytes] = {}
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def take(self, mutation: str, fields: Fields, answered: Answered) -> None:
        """Have what a mutation sent decided, as `Log` has it."""
        self._put(mutation, fields, answered, directly=False)

    def take_and_wait(self, mutation: str, fields: Fields) -> Decided:
        """Decide what a mutation sent, as `Log` has it."""
        outcome: Decided | Exception = answer_to(partial(self._put, mutation, fields, directly=True))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None:
        """Take no more, wait for the answers to what waits, and say goodbye."""
        with self._lock:
            self._closed = True
            self._send()
        while (thread := self._thread) is not None:
            thread.join()

    def _put(self, mutation: str, fields: Fields, answered: Answered, *, directly: bool) -> None:
        with self._lock:
            if self._closed or len(self._unanswered) >= self._most_waiting:
                raise Busy("BUSY: more is asked than can be written")
            self._number = number = self._number + 1
            self._unanswered[number] = answered, directly
            self._unsent[number] = pickle.dumps((number, mutation, dict(fields)))
            if self._thread is None:
                self._start()
            else:
                self._send()
            if len(self._unanswered) >= self._told + TOLD:
                self._tell()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._go_on, name="writer client", daemon=True)
        self._thread.start()

    def _send(self) -> None:
        """Send what waits, as far as it may; at the end, goodbye."""
        if self._unsent and self._connection is not None and self._may_send():
            frame, size = dict[int, bytes](), 0
            for number, request in self._unsent.items():
                size += len(request)
                if frame and size > MOST_BYTES:
                    break
                frame[number] = request
            self._last = len(frame)
            self._under_way.append(self._last)
            for number in frame:
                del self._unsent[number]
            self._send_frame(b"".join(frame.values()))
        if self._closed and not self._unanswered:
            self._send_frame(b"")

    def _may_send(self) -> bool:
        """Whether no frame is under way, or one is and the next is as large."""
        if not self._under_way:
            return len(self._unsent) >= self._last or time.monotonic() >= self._gathers_until
        return len(self._under_way) == 1 and len(self._unsent) >= self._under_way[0]

    def _send_frame(self, frame: bytes) -> None:
        if self._connection is not None:
            try:
                self._connection.send_bytes(frame)
            except OSError:  # who takes the answers finds out, too
                self._connection = None

    def _tell(self) -> None:
        waiting = len(self._unanswered)
        self._observer.queued(waiting - self._told)
        self._told = waiting

    def _go_on(self) -> None:
        connected = False
        try:
            with socket.socket(socket.AF_UNIX) as asked:
                asked.connect(self._path)
                connection = Connection(asked.detach())
            connected = True
            with connection:
                with self._lock:
                    self._connection = connection
                    self._send()
                late = False
                while True:
                    gathers_s = self._gathers_until - time.monotonic()
                    if connection.poll(gathers_s if gathers_s > 0 else STALLED_S / 2):
                        self._took(Reply(*pickle.loads(connection.recv_bytes())))  # noqa: S301 (of our own process)
                        late = False
                    elif gathers_s > 0:
                        with self._lock:
                            self._send()
                    elif late:
                        raise TimeoutError(f"no answer within {STALLED_S:.0f} s")
                    else:
                        late = bool(self._under_way)
        except (OSError, EOFError) as error:
            self._lost(error, connected=connected)

    def _took(self, reply: Reply) -> None:
        with self._lock:
            asked = [self._unanswered.pop(number) for number, _ in reply.answers]
            self._under_way.popleft()
            self._gathers_until = time.monotonic() + self._gathers_s
            self._send()
            self._tell()
        for size, seconds in reply.commits:
            self._observer.committed(size, seconds)
        outcomes = [
            outcome if isinstance(outcome, Exception) else Decided(*outcome) for _, outcome in reply.answers
        ]
        hand_over(asked, outcomes, self.deliver)

    def _lost(self, error: Exception, *, connected: bool) -> None:
        """Answer what nobody else will answer; what can still be sent is sent to the next."""
        reason = f"WRITER_LOST: {type(error).__name__}: {error}"
        with self._lock:
            self._connection, self._thread = None, None
            self._under_way.clear()
            if not connected:
                self._unsent.clear()
            numbers = self._unanswered.keys() - self._unsent.keys()
            asked = [self._unanswered.pop(number) for number in sorted(numbers)]
            self._tell()
            if self._unsent:
                self._start()
            elif not self._closed:
                _logger.error("the writer is gone: %s", error)
        failure = OutcomeUnknown(reason) if connected else DatabaseUnavailable(reason)
        hand_over(asked, [failure] * len(asked), self.deliver)
