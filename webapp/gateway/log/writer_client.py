"""The log as server processes have it where another process writes: requests go there, answers come back."""

import logging
import pickle
import socket
import threading
from concurrent.futures import Future
from multiprocessing.connection import Connection

from webapp.gateway.batches import Answered, Answers, Busy, Deliver, deliver_each
from webapp.gateway.log.operation_log import MOST_WAITING, Nobody, Observer
from webapp.gateway.log.sent import Decided, Fields
from webapp.gateway.log.writer import Reply
from webapp.storage.errors import DatabaseUnavailable, OutcomeUnknown

MOST_BYTES = 65_536
"""Of a frame. One is under way at a time, and what comes meanwhile is the next: so a frame always fits into
the socket, and sending never waits."""
STALLED_S = 30.0
"""How long an answer may take: several times as long as a transaction waits for another."""
TOLD = 64
"""By how many more must wait until that is told."""

_logger = logging.getLogger(__name__)


class WriterClient:
    """Sends from any thread; a thread of its own takes the answers.

    What was sent when the writer is lost may have been done: that is answered. What was not sent yet waits
    for the writer that comes in its place.

    Attributes:
        deliver: Is given all answers of a reply at once, in that thread.
    """

    def __init__(
        self, path: str, *, observer: Observer | None = None, most_waiting: int = MOST_WAITING
    ) -> None:
        """Connect to nobody yet.

        Args:
            path: Where the writer listens.
            observer: Is told what waits and what was committed.
            most_waiting: How many requests may wait.
        """
        self.deliver: Deliver = deliver_each
        self._path = path
        self._observer: Observer = observer or Nobody()
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._number = self._told = 0
        self._under_way = False
        self._unanswered: dict[int, tuple[Answered, bool]] = {}
        self._unsent: dict[int, bytes] = {}
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def take(self, mutation: str, fields: Fields, answered: Answered) -> None:
        """Have what a mutation sent decided, as `Log` has it."""
        self._put(mutation, fields, answered, directly=False)

    def take_and_wait(self, mutation: str, fields: Fields) -> Decided:
        """Decide what a mutation sent, as `Log` has it."""
        future: Future[Decided | Exception] = Future()
        self._put(mutation, fields, future.set_result, directly=True)
        outcome = future.result()
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
        if self._unsent and self._connection is not None and not self._under_way:
            frame, size = dict[int, bytes](), 0
            for number, request in self._unsent.items():
                size += len(request)
                if frame and size > MOST_BYTES:
                    break
                frame[number] = request
            self._under_way = True
            for number in frame:
                del self._unsent[number]
            self._send_frame(b"".join(frame.values()))
        if self._closed and not self._unanswered:
            self._send_frame(b"")

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
                waited = late = False
                while not waited:
                    if connection.poll(STALLED_S / 2):
                        self._took(Reply(*pickle.loads(connection.recv_bytes())))  # noqa: S301 (of our own process)
                        late = False
                    else:
                        waited, late = late, self._under_way
                raise TimeoutError(f"no answer within {STALLED_S:.0f} s")
        except (OSError, EOFError) as error:
            self._lost(error, connected=connected)

    def _took(self, reply: Reply) -> None:
        with self._lock:
            asked = [self._unanswered.pop(number) for number, _ in reply.answers]
            self._under_way = False
            self._send()
            self._tell()
        for size, seconds in reply.commits:
            self._observer.committed(size, seconds)
        outcomes = [
            outcome if isinstance(outcome, Exception) else Decided(*outcome) for _, outcome in reply.answers
        ]
        self._hand_over(asked, outcomes)

    def _lost(self, error: Exception, *, connected: bool) -> None:
        """Answer what nobody else will answer; what can still be sent is sent to the next."""
        reason = f"WRITER_LOST: {type(error).__name__}: {error}"
        with self._lock:
            self._connection, self._thread, self._under_way = None, None, False
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
        self._hand_over(asked, [failure] * len(asked))

    def _hand_over(self, asked: list[tuple[Answered, bool]], outcomes: list[Decided | Exception]) -> None:
        answers: Answers = []
        for (answered, directly), outcome in zip(asked, outcomes, strict=True):
            if directly:
                answered(outcome)
            else:
                answers.append((answered, outcome))
        try:
            if answers:
                self.deliver(answers)
        except Exception:
            _logger.exception("answers that nobody took")
