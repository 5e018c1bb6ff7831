"""The built front end: served from memory, under names that carry a hash."""

import gzip
import json
import logging
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

PACKAGED = Path(__file__).parents[1] / "_site"
CHECKOUT = Path(__file__).parents[2]

# Written out, since what the machine's own table says of these differs between machines.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ts": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
MAP = ".map"
_ALREADY_PACKED = frozenset({".png", ".woff2"})
_HASHED = re.compile(r"-[A-Z0-9]{8}\.")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SiteFolders:
    """Where templates, built files and the documentation are."""

    templates: Path
    static: Path
    docs: Path

    @classmethod
    def locate(cls, packaged: Path = PACKAGED, checkout: Path = CHECKOUT) -> Self:
        """Find them: inside the package where a wheel was installed, else in the checkout around it."""
        if packaged.is_dir():
            return cls(packaged / "templates", packaged / "static", packaged / "docs")
        return cls(checkout / "templates", checkout / "static" / "dist", checkout / "docs")


@dataclass(slots=True)
class Asset:
    """One built file.

    Attributes:
        content: Its bytes.
        media_type: Its type.
        immutable: Whether its name changes with its bytes, so that it can be kept for ever.
        packable: Whether compressing it gains anything.
    """

    content: bytes
    media_type: str
    immutable: bool
    packable: bool
    _packed: bytes | None = field(default=None, init=False)
    _packing: threading.Lock = field(default_factory=threading.Lock, init=False)

    def reply(self, *, accepts_gzip: bool, keep: str = "") -> tuple[list[tuple[str, str]], bytes]:
        """Give the headers and the bytes to answer with; `keep`: another `Cache-Control` than its name's."""
        keep = keep or ("public, max-age=31536000, immutable" if self.immutable else "no-cache")
        headers = [("content-type", self.media_type), ("cache-control", keep)]
        if not self.packable:
            return headers, self.content
        headers.append(("vary", "accept-encoding"))
        if not accepts_gzip:
            return headers, self.content
        return [*headers, ("content-encoding", "gzip")], self._in_gzip()

    def _in_gzip(self) -> bytes:
        """Compress at the first request for it."""
        with self._packing:
            if self._packed is None:
                self._packed = gzip.compress(self.content, mtime=0)
            return self._packed


class Assets:
    """Every built file: in memory, but for source maps, which are most of it and which few ask for."""

    def __init__(self, files: dict[str, Asset], manifest: dict[str, str], maps: dict[str, Path]) -> None:
        self._files = files
        self._manifest = manifest
        self._maps = maps

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the folder that the build wrote; an empty one where it was not run, with a word in the log."""
        try:
            manifest: dict[str, str] = json.loads((folder / "manifest.json").read_text())
        except FileNotFoundError:
            _logger.warning("the front end is not built: pages come without script and style")
            return cls({}, {}, {})
        paths = [path for path in folder.iterdir() if path.suffix in _TYPES]
        files = {path.name: _read(path) for path in paths if path.suffix != MAP}
        return cls(files, manifest, {path.name: path for path in paths if path.suffix == MAP})

    def url(self, name: str) -> str:
        """Give the URL of a file by its plain name, as templates write it."""
        return f"/static/{self._manifest.get(name, name)}"

    def named(self, name: str) -> Asset | None:
        """Give a file by its plain name, which stays when its bytes change."""
        return self.find(self._manifest.get(name, name))

    def find(self, name: str) -> Asset | None:
        """Give a file by its built name; None as well for a source map that is no longer there."""
        if name not in self._maps:
            return self._files.get(name)
        try:
            return _read(self._maps[name])
        except OSError:
            return None


def _read(path: Path) -> Asset:
    return Asset(
        content=path.read_bytes(),
        media_type=_TYPES[path.suffix],
        immutable=_HASHED.search(path.name) is not None,
        packable=path.suffix not in _ALREADY_PACKED,
    )
