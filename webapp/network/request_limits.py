"""How many requests a caller may send, counted in this process or, where Redis is named, in all of them."""

import logging
import math
import time
from collections.abc import Callable

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

SHARED_DEADLINE_S = 0.25
"""What counting may cost a request, where others share the counts."""
SHARED_AGAIN_S = 5.0
"""How long a failing Redis is left alone."""

_logger = logging.getLogger(__name__)


class RequestLimits:
    """Counts over a sliding window. Refused requests do not count. Safe to share between threads.

    While Redis gives no answer, each process counts for itself: a request is neither refused nor free for it.
    """

    def __init__(
        self, redis_url: str | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepare the counts; nothing is connected yet.

        Args:
            redis_url: Where counts are shared; None: this process counts alone.
            monotonic: Seconds, for how long a failing Redis is left alone.
        """
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._shared = None if redis_url is None else _shared(redis_url)
        self._shared_from = -math.inf
        self._monotonic = monotonic

    def spend(self, limit: RateLimitItem, *who: str) -> int | None:
        """Count a request.

        Args:
            limit: How many are allowed in which time.
            who: What they are counted under.

        Returns:
            None where it is allowed; otherwise the seconds, one at least, after which the next one may be.
        """
        if self._shared is not None and self._monotonic() >= self._shared_from:
            try:
                return _spend(self._shared, limit, who)
            except StorageError as error:
                self._shared_from = self._monotonic() + SHARED_AGAIN_S
                _logger.warning(
                    "REDIS_URL gives no answer, requests are counted in this process: %s",
                    type(error.storage_error).__name__,
                )
        return _spend(self._own, limit, who)


def _shared(redis_url: str) -> SlidingWindowCounterRateLimiter:
    storage = RedisStorage(
        redis_url,
        key_prefix="countersign",
        wrap_exceptions=True,
        socket_timeout=SHARED_DEADLINE_S,
        socket_connect_timeout=SHARED_DEADLINE_S,
    )
    return SlidingWindowCounterRateLimiter(storage)


def _spend(
    limiter: SlidingWindowCounterRateLimiter, limit: RateLimitItem, who: tuple[str, ...]
) -> int | None:
    if limiter.hit(limit, *who):
        return None
    reset = limiter.get_window_stats(limit, *who).reset_time
    return max(1, math.ceil(reset - time.time()))
