"""How many requests a caller may send, counted in this process or, where Redis is named, in all of them."""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

SHARED_DEADLINE_S = 0.25
"""What counting may cost a request, where others share the counts."""
SHARED_AGAIN_S = 5.0
"""How long a failing Redis is left alone."""
FORGETS_EVERY_S = 10.0
"""How often counts of long ago are looked for, to be forgotten."""

_logger = logging.getLogger(__name__)


class RequestLimits:
    """Counts over a sliding window. Refused requests do not count. Safe to share between threads.

    While Redis gives no answer, each process counts for itself: a request is neither refused nor free for it.
    """

    def __init__(
        self, redis_url: str | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Count in the Redis at this URL, not connected to yet; without one, in this process alone."""
        self._own = OwnCounts()
        self._shared = None
        if redis_url is not None:
            storage = RedisStorage(
                redis_url,
                key_prefix="countersign",
                wrap_exceptions=True,
                socket_timeout=SHARED_DEADLINE_S,
                socket_connect_timeout=SHARED_DEADLINE_S,
            )
            self._shared = SlidingWindowCounterRateLimiter(storage)
        self._shared_from = -math.inf
        self._monotonic = monotonic

    @property
    def is_alone(self) -> bool:
        return self._shared is None

    def spend(self, limit: RateLimitItem, *who: str) -> int | None:
        """Count a request; where it is refused, return the seconds to wait, at least one."""
        if self._shared is not None and self._monotonic() >= self._shared_from:
            try:
                if self._shared.hit(limit, *who):
                    return None
                reset = self._shared.get_window_stats(limit, *who).reset_time
                return max(1, math.ceil(reset - time.time()))
            except StorageError as error:
                self._shared_from = self._monotonic() + SHARED_AGAIN_S
                _logger.warning(
                    "REDIS_URL gives no answer, requests are counted in this process: %s",
                    type(error.storage_error).__name__,
                )
        return self._own.spend(limit, *who)


@dataclass(slots=True)
class _Window:
    """Counts of the window that a moment is in, and of the one before."""

    number: int
    before: int = 0
    now: int = 0


class OwnCounts:
    """Counts in memory, by the same rule as the library's in Redis: what the window before had fades evenly.

    The library's own memory starts a thread every few milliseconds to forget. Where two requests start one at
    once, one of them fails.
    """

    def __init__(self) -> None:
        self._windows: dict[tuple[int, tuple[str, ...]], _Window] = {}
        self._lock = threading.Lock()
        self._forget_from = 0.0

    def spend(self, limit: RateLimitItem, *who: str) -> int | None:
        """Count a request: as `RequestLimits.spend`."""
        length, now = limit.get_expiry(), time.time()
        number, passed = int(now // length), now % length / length
        with self._lock:
            self._forget(now)
            window = self._windows.setdefault((length, who), _Window(number))
            if window.number != number:
                window.before = window.now if window.number == number - 1 else 0
                window.number, window.now = number, 0
            if int(window.before * (1 - passed)) + window.now < limit.amount:
                window.now += 1
                return None
            # When enough has faded of the window before, or else of this one: in windows from now's begin.
            if window.now < limit.amount:
                passes = 1 - (limit.amount - window.now) / window.before
            else:
                passes = 2 - limit.amount / window.now
            return math.floor((passes - passed) * length) + 1

    def _forget(self, now: float) -> None:
        if now < self._forget_from:
            return
        self._forget_from = now + FORGETS_EVERY_S
        gone = [key for key, window in self._windows.items() if (window.number + 2) * key[0] <= now]
        for key in gone:
            del self._windows[key]
