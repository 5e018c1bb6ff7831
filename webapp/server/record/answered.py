"""What was answered, counted and written down behind the requests' back.

To count and to log a request takes a hundred small calls. For many requests at a time they cost a quarter of
what they cost one by one, between other work.
"""

import logging
import threading
import time
from collections import deque
from typing import NamedTuple, Protocol

from webapp.server.record.request_line import REQUEST_LINE, request_facts
from webapp.server.threads.gathering import Gathering


class AnsweredRequest(NamedTuple):
    """A request that was answered; `status` is None where its client was gone before."""

    method: str
    path: str
    status: int | None
    seconds: float
    request_id: str
    client: str


class Counts(Protocol):
    """Counts and times requests."""

    def change_in_flight(self, by: int) -> None: ...
    def observe(self, method: str, status: int | None, seconds: float) -> None: ...


class AnsweredRequests:
    """Takes note of requests on an event loop; a thread of its own does the rest."""

    def __init__(self, counts: Counts, logger: logging.Logger) -> None:
        self._counts = counts
        self._logger = logger
        self._answers: deque[AnsweredRequest] = deque()
        self._in_flight = self._shown = 0
        self._gathering = Gathering("answered", self.flush)
        self._flushing = threading.Lock()

    def begin(self) -> float:
        """Note that a request is being answered; returns what `time.perf_counter` says."""
        self._in_flight += 1
        self._gathering.came()
        return time.perf_counter()

    def end(self, answer: AnsweredRequest) -> None:
        """Note that it was answered, or given up."""
        self._in_flight -= 1
        self._answers.append(answer)
        self._gathering.came()

    def flush(self) -> None:
        """Count and write down what was noted so far; from any thread."""
        with self._flushing:
            shown, self._shown = self._shown, self._in_flight
            self._counts.change_in_flight(self._shown - shown)
            for _ in range(len(self._answers)):
                answer = self._answers.popleft()
                self._counts.observe(answer.method, answer.status, answer.seconds)
                if answer.status is not None:
                    facts = request_facts(
                        method=answer.method,
                        path=answer.path,
                        status=answer.status,
                        seconds=answer.seconds,
                        request_id=answer.request_id,
                        client=answer.client,
                    )
                    self._logger.info(REQUEST_LINE, facts, extra=facts)
