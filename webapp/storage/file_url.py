"""The URL of a database, read in one place: which file it names."""

import os
import re
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from webapp.storage.errors import DatabaseUrlError

PREFIX = "sqlite:///"
EXPECTED = (
    "sqlite:///PATH (PATH relative to the working directory, or absolute after a fourth slash; "
    "percent-encoded as in any URL, so %25 for a percent sign; no ~, no ?parameters, not :memory:)"
)

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def file_of(url: str) -> Path:
    """Read which file a URL names, as an absolute path. Nothing is looked up.

    Raises:
        DatabaseUrlError: It is of another kind, or names no file.
    """
    written = url.removeprefix(PREFIX)
    if written == url or "?" in written or _BROKEN_ESCAPE.search(written):
        raise DatabaseUrlError(EXPECTED)
    # Bytes that are no UTF-8 have a path, too; Python keeps them as it does in the environment.
    path = os.fsdecode(unquote_to_bytes(os.fsencode(written)))
    names_folder = path.rpartition("/")[2] in {"", ".", ".."}
    if names_folder or path.startswith(("~", ":memory:")) or _CONTROL.search(path):
        raise DatabaseUrlError(EXPECTED)
    return Path(path).absolute()


def url_of(file: Path) -> str:
    """Write the URL that names a file."""
    return PREFIX + quote_from_bytes(os.fsencode(file.absolute()))
