"""Places for questions under way: so many of a kind, and whoever finds none is told at once."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from webapp.chain.errors import RpcError


class Places:
    """So many for each name. Safe to share between threads; what nobody holds takes no memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, name: str, otherwise: RpcError) -> Iterator[None]:
        """Hold one of a name's places in the block, or raise `otherwise` where none is free."""
        with self._lock:
            if self._taken[name] >= self._most:
                raise otherwise
            self._taken[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[name] -= 1
                if not self._taken[name]:
                    del self._taken[name]
