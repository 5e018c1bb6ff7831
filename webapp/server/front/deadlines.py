"""One deadline for many tasks, each from its own beginning: with one timer for all of them.

A timer for each, as `asyncio.timeout` has it, costs a request an eighth of all that it costs.
"""

import asyncio


class Deadlines:
    """Cancels tasks that take too long, on one event loop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: dict[asyncio.Task[None], float] = {}  # oldest first, for all have the same time
        self._passed: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, task: "asyncio.Task[None]") -> None:
        """Cancel this task when its time has passed; `end` it before."""
        loop = task.get_loop()
        self._ends[task] = loop.time() + self._seconds
        if self._timer is None:
            self._timer = loop.call_later(self._seconds, self._look, loop)

    def has_passed(self, task: "asyncio.Task[None]") -> bool:
        """Whether it was cancelled for that."""
        return task in self._passed

    def end(self, task: "asyncio.Task[None]") -> None:
        """Let it take what time it likes."""
        self._ends.pop(task, None)
        self._passed.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, now = None, loop.time()
        for task, end in list(self._ends.items()):
            if end > now:
                self._timer = loop.call_at(end, self._look, loop)
                return
            del self._ends[task]
            self._passed.add(task)
            task.cancel()
