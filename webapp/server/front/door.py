"""Who is let in while more is asked than can be answered, decided before anything but the head is read.

Turns (`turns.py`) are fair among those who wait. But to wait costs memory and work, too, and clients that are
gone before they are answered can ask more often than the event loop can have them queue. So requests are
counted by client from their head on, and in a crowd each client has an equal part of the places: whoever
comes anew always finds one. How many places there are follows the event loop: fewer while it falls behind.
"""

from collections import Counter

LATE_S = 0.05
"""How late the event loop may come to what is due, before there are fewer places."""
FEWER = 0.7
"""What is left of the places after each look at a loop that is late."""
MORE = 1.02
"""By how much they grow after each look at one that is not."""


class Door:
    """Counts the requests that are in, on one event loop; nothing here may be called from another thread."""

    def __init__(self, places: int, fewest: int) -> None:
        """Nobody is in.

        Args:
            places: How many requests may be in, while the event loop keeps up. Half of them are a crowd.
            fewest: How many, however late it is.
        """
        self._most = places
        self._fewest = fewest
        self._places = float(places)
        self._inside: Counter[str] = Counter()
        self._total = 0

    def is_open_to(self, client: str) -> bool:
        """Whether another request of this client may come in."""
        if self._total < self._places / 2:
            return True
        clients = len(self._inside) + (client not in self._inside)
        return self._inside[client] < max(1, int(self._places) // clients)

    def enter(self, client: str) -> None:
        """Count a request from now on; it is to `leave`."""
        self._inside[client] += 1
        self._total += 1

    def leave(self, client: str) -> None:
        """Count it no more."""
        self._total -= 1
        self._inside[client] -= 1
        if not self._inside[client]:
            del self._inside[client]

    def look(self, late_s: float) -> None:
        """Have fewer places, or more again.

        Args:
            late_s: By how many seconds the event loop came too late to what was due.
        """
        changed = self._places * (FEWER if late_s > LATE_S else MORE)
        self._places = min(self._most, max(self._fewest, changed))
