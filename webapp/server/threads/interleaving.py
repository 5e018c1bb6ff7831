"""Many calls on one thread: while one of them waits for an answer, the next goes on.

A plain call, a whole WSGI application with it, holds its thread while it waits; and threads that have work to
do take the one interpreter from each other, which costs more than the work. Here each call is a greenlet.
Where one waits, in `answer_to`, the thread goes on with whichever has been answered, or has come.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]  # the package carries no types

T = TypeVar("T")

TOLD_AT_ONCE = 16
"""Of so many calls that have ended the event loop is told, whatever is ready to go on."""


class Interleaving:
    """A thread for calls that wait for nothing but answers of another process; one event loop asks for them.

    What else one of them waits for, all of them wait for.
    """

    def __init__(self, name: str) -> None:
        """Start no thread yet; it will have this name."""
        self._name = name
        self._steps: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._under_way = 0
        self._ended: list[tuple[asyncio.Future[Any], Any, BaseException | None]] = []
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Have a call done; give what it returns, or raise what it raises."""
        loop = asyncio.get_running_loop()
        if self._thread is None:
            self._thread = threading.Thread(target=self._go_on, args=(loop,), name=self._name, daemon=True)
            self._thread.start()
        waiting: asyncio.Future[T] = loop.create_future()
        self._steps.put(partial(self._begin, work, waiting))
        return await waiting

    def close(self) -> None:
        """Wait until all calls have ended; nobody asks for more."""
        if self._thread is not None:
            self._steps.put(None)
            self._thread.join()

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        closing = False
        while self._under_way or not closing:
            step = self._steps.get()
            if step is None:
                closing = True
            else:
                step()
            if self._ended and (len(self._ended) >= TOLD_AT_ONCE or self._steps.empty()):
                ended, self._ended = self._ended, []
                loop.call_soon_threadsafe(_tell, ended)

    def _begin(self, work: Callable[[], Any], waiting: "asyncio.Future[Any]") -> None:
        self._under_way += 1
        _Call(self._whole, self._steps).switch(work, waiting)

    def _whole(self, work: Callable[[], Any], waiting: "asyncio.Future[Any]") -> None:
        result, raised = None, None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 (whoever waits is told)
            raised = error
        self._ended.append((waiting, result, raised))
        self._under_way -= 1


class _Call(greenlet):  # type: ignore[misc]  # untyped base
    def __init__(self, run: Callable[..., None], steps: "SimpleQueue[Callable[[], object] | None]") -> None:
        super().__init__(run)
        self.steps = steps

    def answered(self, answer: object) -> None:
        """Go on with an answer, when the thread comes to it; from any thread."""
        self.steps.put(partial(self.switch, answer))


def answer_to(begin: Callable[[Callable[[Any], None]], None]) -> Any:  # noqa: ANN401 (whatever is answered)
    """Begin something, and wait until it is answered.

    Args:
        begin: Is given what is to be called with the answer, once, from any thread. What it raises is raised
            here, and nothing waited for.
    """
    call = getcurrent()
    if isinstance(call, _Call):
        begin(call.answered)
        return call.parent.switch()
    future: Future[Any] = Future()
    begin(future.set_result)
    return future.result()


def _tell(ended: list[tuple["asyncio.Future[Any]", Any, BaseException | None]]) -> None:
    for waiting, result, raised in ended:
        if waiting.done():  # whoever waited has gone
            continue
        if raised is None:
            waiting.set_result(result)
        else:
            waiting.set_exception(raised)
