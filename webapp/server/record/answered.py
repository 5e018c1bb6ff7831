"""What was answered, counted and written down behind the requests' back.

To count and to log a request takes a hundred small calls. For many requests at a time they cost a quarter of
what they cost one by one, between other work.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from webapp.server.record.request_line import REQUEST_ID, REQUEST_LINE, request_facts
from webapp.server.threads.gathering import Gathering

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


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
    """Takes note of requests, from any thread; a thread of its own does the rest."""

    def __init__(self, counts: Counts, logger: logging.Logger) -> None:
        self._counts = counts
        self._logger = logger
        self._begun: deque[None] = deque()
        self._answers: deque[AnsweredRequest] = deque()
        self._gathering = Gathering("answered", self.flush)
        self._flushing = threading.Lock()

    def begin(self) -> float:
        """Note that a request is being answered; returns what `time.perf_counter` says."""
        self._begun.append(None)
        self._gathering.came()
        return time.perf_counter()

    def end(self, answer: AnsweredRequest) -> None:
        """Note that it was answered, or given up."""
        self._answers.append(answer)
        self._gathering.came()

    def flush(self) -> None:
        """Count and write down what was noted so far; from any thread."""
        with self._flushing:
            ended, begun = len(self._answers), len(self._begun)  # nobody ends who has not begun
            self._counts.change_in_flight(begun - ended)
            for _ in range(begun):
                self._begun.popleft()
            for _ in range(ended):
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

    def of(self, inner: "WSGIApplication") -> "WSGIApplication":
        """Take note of what a WSGI application answers that gives requests their ids (`identified`)."""

        def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            answered: int | None = None

            def started(status: str, *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 (as PEP 3333 has it)
                nonlocal answered
                answered = int(status[:3])
                return start_response(status, *rest)

            began = self.begin()
            try:
                return inner(environ, started)
            finally:
                self.end(
                    AnsweredRequest(
                        method=environ["REQUEST_METHOD"],
                        path=environ["PATH_INFO"].encode("latin-1", "replace").decode("utf-8", "replace"),
                        status=answered,
                        seconds=time.perf_counter() - began,
                        request_id=environ.get(REQUEST_ID, ""),
                        client=environ.get("REMOTE_ADDR", ""),
                    )
                )

        return application
