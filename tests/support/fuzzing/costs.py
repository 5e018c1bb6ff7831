"""What a hostile input costs, held against a plain one of the same run."""

import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

T = TypeVar("T")

_ROUNDS = 200
_AGAIN = 5
_MOST = 50
"""How many plain ones a hostile one may cost."""


class Costs:
    """Processor time of this thread: of a plain input, and of the dearest of all others.

    What seems dear is done again, and its least counts: a pause for collecting garbage is no property of an
    input.
    """

    def __init__(self, plain: Callable[[], object]) -> None:
        self._plain = median(_once(plain)[1] for _ in range(_ROUNDS))
        self.dearest = 0.0
        self.input: object = None

    def of(self, what: object, act: Callable[[], T]) -> T:
        """Do and measure something; gives the answer of the first time."""
        answer, spent = _once(act)
        if spent > max(self.dearest, _MOST / 5) * self._plain:
            spent = min(spent, *(_once(act)[1] for _ in range(_AGAIN)))
        if spent > self.dearest * self._plain:
            self.dearest, self.input = spent / self._plain, what
        return answer


def _once(act: Callable[[], T]) -> tuple[T, int]:
    began = time.thread_time_ns()
    answer = act()
    return answer, time.thread_time_ns() - began
