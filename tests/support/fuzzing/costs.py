"""What a hostile input costs, held against a plain one of the same run."""

import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

T = TypeVar("T")

MOST = 50
"""How many plain ones a hostile one may cost: what is read twice over costs thousands."""

_ROUNDS = 200
_AGAIN = 5


class Costs:
    """Processor time of this thread: of a plain input, and of the dearest of all others.

    What seems dear is done again beside plain ones of the same moment, and its least counts: a pause for
    collecting garbage, or a neighbour on the same core, is no property of an input.
    """

    def __init__(self, plain: Callable[[], object]) -> None:
        self._act = plain
        self._plain = median(_once(plain)[1] for _ in range(_ROUNDS))
        self.dearest = 0.0
        self.input: object = None

    def of(self, what: object, act: Callable[[], T]) -> T:
        """Do and measure something; gives the answer of the first time."""
        answer, spent = _once(act)
        cost = spent / self._plain
        if cost > max(self.dearest, MOST / 10):
            pairs = [(_once(act)[1], _once(self._act)[1]) for _ in range(_AGAIN)]
            cost = min(spent, *(dear for dear, _ in pairs)) / max(
                self._plain, median(usual for _, usual in pairs)
            )
        if cost > self.dearest:
            self.dearest, self.input = cost, what
        return answer


def _once(act: Callable[[], T]) -> tuple[T, int]:
    began = time.thread_time_ns()
    answer = act()
    return answer, time.thread_time_ns() - began
