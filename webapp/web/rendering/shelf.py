"""The documentation as a site holds it: read when somebody first asks for it, each reply made once."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from webapp.server.static_files import Asset

if TYPE_CHECKING:
    from webapp.docs.library import Library

_HTML = "text/html; charset=utf-8"


class Shelf:
    """A library, and the replies that were made of it. Safe to share between threads."""

    def __init__(self, folder: Path, endpoint: str | None) -> None:
        """Keep where things are; nothing is read yet, since most processes are never asked.

        Args:
            folder: The project's `docs/`.
            endpoint: What pages name as GraphQL endpoint; None: what the files name.
        """
        self._folder = folder
        self._endpoint = endpoint
        self._reading = Lock()
        self._library: Library | None = None
        self._made: dict[tuple[str, str | None], Asset] = {}

    @property
    def library(self) -> "Library":
        """All pages and files."""
        from webapp.docs.library import Library  # noqa: PLC0415 (a tenth of a second that few starts need)

        with self._reading:
            if self._library is None:
                self._library = Library(self._folder, self._endpoint)
            return self._library

    def page(self, name: str, theme: str | None, make: Callable[[], str]) -> Asset:
        """Give a page's reply; `make` writes its HTML where that was not done yet."""
        found = self._made.get((name, theme))
        if found is None:
            found = self._made[name, theme] = html(make())
        return found


def html(text: str) -> Asset:
    """Make HTML a reply that is asked for anew, and packed for whoever takes that."""
    return Asset(text.encode(), _HTML, immutable=False, packable=True)
