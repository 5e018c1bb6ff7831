"""The URL of a database, read in one place: which file it names, or which server."""

import os
import re
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from webapp.storage.errors import DatabaseUrlError

PREFIX = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://")
EXPECTED_SERVER = "postgresql://[USER[:PASSWORD]@][HOST][:PORT][/NAME][?PARAMETERS], as libpq reads it"
EXPECTED = (
    "sqlite:///PATH (PATH relative to the working directory, or absolute after a fourth slash; "
    "percent-encoded as in any URL, so %25 for a percent sign; no ~, no ?parameters, not :memory:), "
    f"or {EXPECTED_SERVER}"
)

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def file_of(url: str) -> Path:
    """Read which file a URL names, as an absolute path. Nothing is looked up.

    Raises `DatabaseUrlError` for a URL of another kind, or one that names no file.
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


def is_postgresql(url: str) -> bool:
    """Whether a URL is about PostgreSQL."""
    return url.startswith(POSTGRESQL)


def server_of(url: str) -> dict[str, str]:
    """Read a URL of PostgreSQL as libpq does, into its parameters. Nobody is asked.

    Raises `DatabaseUrlError` where libpq cannot read it, or does not know one of its parameters.
    """
    from psycopg import ProgrammingError  # noqa: PLC0415 (who has SQLite needs no other driver)
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        # What libpq says of it has pieces of it, of a password, too.
        raise DatabaseUrlError(EXPECTED_SERVER) from None


def checked(url: str) -> str:
    """Give a URL that can be read; raises `DatabaseUrlError` for another kind, or one that names nothing."""
    if is_postgresql(url):
        server_of(url)
    else:
        file_of(url)
    return url


def place_of(url: str) -> str:
    """Where the data lives, for people to read: a file, or a server and what it calls the database."""
    if not is_postgresql(url):
        return os.path.realpath(file_of(url))
    given = server_of(url)
    hosts = given.get("host") or given.get("hostaddr") or os.environ.get("PGHOST", "")
    ports = given.get("port") or os.environ.get("PGPORT", "")
    port = f":{ports}" if ports else ""
    name = given.get("dbname") or os.environ.get("PGDATABASE", "") or given.get("user", "")
    return f"PostgreSQL at {hosts or 'its local socket'}{port}, database {name or 'of the user'}"


def url_of(file: Path) -> str:
    """Write the URL that names a file."""
    return PREFIX + quote_from_bytes(os.fsencode(file.absolute()))
