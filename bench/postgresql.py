"""PostgreSQL beside SQLite: a server of our own on the same disk, with the same graphs in it."""

from collections.abc import Callable
from typing import Self

from bench.data import Graph, countersign
from bench.load import Sample
from tests.support.postgresql import ROLE, SUPERUSER, Server, pgbench

# As long as an entry of the log, with its indexes, and nothing else.
_RAW = "CREATE TABLE raw (LIKE operations INCLUDING INDEXES); ALTER TABLE raw OWNER TO countersign"
_INSERT = """
\\set position random(1, 1000000000000)
INSERT INTO raw (address, handle, sequence, position, op, ts, message, digest, signature, signing_key,
  previous_digest, entry_digest, received_at)
VALUES (md5(:position::text), 'shiyu', 1, :position, 'follow', :position, repeat('m', 110), repeat('d', 64),
  repeat('s', 130), repeat('k', 124), repeat('p', 64), repeat(md5(:position::text), 2), :position);
"""


class Postgresql:
    """A server whose databases are filled with graphs, and measured."""

    def __init__(self, commit_delay: int = 0) -> None:
        """Start nothing yet; each commit will wait so many microseconds, as on a slower disk."""
        self._server = Server(on_disk=True)
        self._commit_delay = commit_delay

    def __enter__(self) -> Self:
        self._server.start()
        if self._commit_delay:
            self._server.set(commit_delay=str(self._commit_delay), commit_siblings="0")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def filled(self, name: str, graph: Graph) -> str:
        """Move a graph into a new database, as operators do; gives its URL."""
        self._server.ask(f"CREATE DATABASE {name} OWNER {ROLE}")
        url = self._server.url(name)
        moved = countersign("copy", f"sqlite:///{graph.file}", url)
        if moved.returncode:
            raise RuntimeError(moved.stdout + moved.stderr)
        return url

    def copied(self, name: str, of: str) -> str:
        """Copy a database that nobody uses; gives the copy's URL."""
        self._server.ask(f"CREATE DATABASE {name} TEMPLATE {of} OWNER {ROLE} STRATEGY file_copy")
        return self._server.url(name)

    def inserts(self, database: str) -> Callable[[float], Sample]:
        """Prepare what PostgreSQL does by itself: commits of one row like the log's, over one connection."""
        self._server.ask(f"CREATE DATABASE raw TEMPLATE {database} OWNER {ROLE} STRATEGY file_copy")
        self._server.ask(_RAW, database="raw")
        url = self._server.url("raw", user=SUPERUSER)

        def measure(seconds: float) -> Sample:
            rate = pgbench(url, _INSERT, clients=1, seconds=max(1, round(seconds)))
            return Sample(rate=rate, p50_ms=1000 / rate, p99_ms=1000 / rate, generator=0, server=0)

        return measure
