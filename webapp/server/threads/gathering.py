"""Things that are done together, a moment after the first of them came, by a thread of their own."""

import threading
from collections.abc import Callable

GATHERED_S = 0.02
"""How long they are gathered."""


class Gathering:
    """Calls what does them, whenever there is something to do."""

    def __init__(self, name: str, do: Callable[[], None]) -> None:
        """Start no thread yet.

        Args:
            name: The thread's.
            do: Does all that has come until then; from this thread.
        """
        self._name = name
        self._do = do
        self._any = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def came(self) -> None:
        """There is something to do."""
        if not self._any.is_set():
            self._any.set()
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._go_on, name=self._name, daemon=True)
                    self._thread.start()

    def _go_on(self) -> None:
        pause = threading.Event()
        while self._any.wait():
            pause.wait(GATHERED_S)
            self._any.clear()
            self._do()
