"""`python -m bench.pages`: the first byte of each page of the graph, held against that of an empty one.

One person is followed by a million, another follows ten thousand; each page is asked for over and over in
turn with the same page of somebody whom nobody follows and who follows nobody, so that whatever else the
machine does meets both. `--publish` puts the table into `docs/performance.md`.
"""

import argparse
import base64
import http.client
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from re import search
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit

from bench.data import Graph, countersign
from bench.load import Generator, find_compiler
from bench.people import filler, writer
from bench.publish import PAGE
from bench.servers import MeasuredServer, serving
from bench.statistics import median
from bench.table import aligned, machine
from bench.visiting import sign_in
from tests.support import many

BEGIN, END = "<!-- pages: written by bench/pages.py -->\n", "<!-- end of pages -->\n"
AT_MOST = 2.0
"""Times an empty page's, that a page's first byte may take."""
DEPTH = 0.9
ROUNDS_OF_ONE_ADDRESS = 10
"""The site takes 600 look-ups of one address in a minute."""
READER, HERMIT = 0, 1
"""Who follows ten thousand, and who follows nobody: writers by number."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is measured.

    Attributes:
        name: What it is.
        path: Where it is.
        empty: The path of the same page with nothing in it.
        reader: Who is signed in when it is asked for; None: nobody.
        deep: The places of the list's entries, from its end, as SQL; None: the first page is measured alone.
        length: Of the list.
    """

    name: str
    path: str
    empty: str
    reader: int | None = None
    deep: str | None = None
    length: int = 0


def pages(followers: int, followings: int) -> list[Page]:
    """Say what is measured."""
    of_handle = "SELECT position FROM edges WHERE handle = 'star' AND following ORDER BY position"
    of_reader = "SELECT position FROM edges WHERE address = :reader AND following ORDER BY position"
    log = "SELECT position FROM operations WHERE address = :reader ORDER BY position"
    ids = "SELECT profile_id FROM profiles ORDER BY profile_id"
    rank = "printf('%010d', 9999999999 - followers) || handle"
    ranks = f"SELECT {rank} FROM follower_counts ORDER BY {rank} DESC"
    return [
        Page("/@handle", "/@star", "/@hermit", deep=of_handle, length=followers),
        Page("/@handle/following", "/@reader/following", "/@hermit/following", None, of_reader, followings),
        Page("/people", "/people", "/people?search=zzz", None, ids, followers),
        Page(
            "/people, most followed",
            "/people?order=most-followed",
            "/people?order=most-followed&search=zzz",
            None,
            ranks,
            followers,
        ),
        Page("/people, searched", "/people?search=many-9", "/people?search=zzz"),
        Page("/following", "/following", "/following", READER, of_reader, followings),
        Page("/activity", "/activity", "/activity", READER, log, followings),
    ]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is measured: its page's name, which part of the list, and the whole of what is asked."""

    name: str
    path: str
    headers: dict[str, str]


def main() -> int:
    """Measure and print; the exit code is 1 where a page takes longer than it may."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument(
        "--followers", type=int, default=1_000_000, help="who also are all people (%(default)s)"
    )
    parser.add_argument("--followings", type=int, default=10_000, help="of one of them (%(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=200, help="how often each page is asked for (%(default)s)"
    )
    parser.add_argument("--publish", action="store_true", help="put the table into docs/performance.md")
    given = parser.parse_args()
    about = machine()
    with TemporaryDirectory(dir=Path(__file__).parent, prefix="data-") as name:
        rows, missed = measured(Path(name), given.followers, given.followings, given.rounds)
    about["load after"] = machine()["load before"]
    words = [
        ", ".join(f"{key} {value}" for key, value in about.items() if key != "generator"),
        f"medians of {given.rounds}, {given.followers:,} followers, {given.followings:,} followings",
    ]
    print("\n".join([*words, "", *aligned(rows)]))
    if given.publish:
        table = [f"| {' | '.join(row)} |" for row in (rows[0], ("---", *["---:"] * 4), *rows[1:])]
        page = PAGE.read_text(encoding="utf-8")
        start, end = page.index(BEGIN) + len(BEGIN), page.index(END)
        content = "\n".join(["```text", *words, "```", "", *table, ""])
        PAGE.write_text(page[:start] + content + page[end:], encoding="utf-8")
    return int(missed)


def measured(
    folder: Path, followers: int, followings: int, rounds: int
) -> tuple[list[tuple[str, ...]], bool]:
    """Fill a database, ask for every page, and give the table's rows, and whether a page takes too long."""
    graph = Graph(folder / "pages.sqlite3", 0)
    reader = writer(READER).address
    _fill(graph.file, followers, followings)
    with serving(folder, "run", "run", graph) as server:
        sessions = sign_in(Generator(folder, compiler=find_compiler()), server, [READER, HERMIT])[1]
        pairs = []
        with closing(sqlite3.connect(graph.file)) as connection:
            for page in pages(followers, followings):
                of_page = {} if page.reader is None else sessions[page.reader]
                of_empty = {} if page.reader is None else sessions[HERMIT]
                empty = Asked(page.name, page.empty, of_empty)
                pairs.append((Asked(f"{page.name}, first page", page.path, of_page), empty))
                if page.deep is not None:
                    skip = {"reader": reader, "skip": int(page.length * (1 - DEPTH))}
                    [place] = connection.execute(f"{page.deep} LIMIT 1 OFFSET :skip", skip).fetchone()
                    path = _deep(server, page.path, of_page, str(place))
                    pairs.append((Asked(f"{page.name}, at depth", path, of_page), empty))
        return _rows(server, pairs, rounds)


def _rows(
    server: MeasuredServer, pairs: list[tuple[Asked, Asked]], rounds: int
) -> tuple[list[tuple[str, ...]], bool]:
    took: list[tuple[list[float], list[float]]] = [([], []) for _ in pairs]
    for number in range(rounds + 1):
        source = f"127.7.0.{1 + number // ROUNDS_OF_ONE_ADDRESS}"
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, 60, (source, 0))) as connection:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            for (full, empty), (of_full, of_empty) in zip(pairs, took, strict=True):
                both = [(full, of_full), (empty, of_empty)]
                for asked, times in both if number % 2 else reversed(both):
                    _, first_byte = _ask(connection, asked.path, asked.headers)
                    if number:  # the first round warms up
                        times.append(first_byte)
    rows: list[tuple[str, ...]] = [("page", "empty, ms", "first byte, ms", "of an empty one", "")]
    missed = False
    for (full, _), (of_full, of_empty) in zip(pairs, took, strict=True):
        ratio = median(of_full) / median(of_empty)
        missed |= ratio > AT_MOST
        verdict = "kept" if ratio <= AT_MOST else "missed"
        rows.append(
            (
                full.name,
                f"{1000 * median(of_empty):.2f}",
                f"{1000 * median(of_full):.2f}",
                f"{ratio:.2f}",
                verdict,
            )
        )
    return rows, missed


def _ask(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> tuple[str, float]:
    """Give the content, and the seconds to the first byte of it."""
    began = time.perf_counter()
    connection.request("GET", path, headers=headers)
    reply = connection.getresponse()
    reply.peek(1)
    took = time.perf_counter() - began
    content = reply.read().decode()
    if reply.status != http.client.OK:
        raise RuntimeError(f"{path}: {reply.status} {content[:500]}")
    return content, took


def _deep(server: MeasuredServer, path: str, headers: dict[str, str], place: str) -> str:
    """Write the address of the page behind a place, with the first page's cursor, but for the place in it."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, 60)) as connection:
        content, _ = _ask(connection, path, headers)
        found = search(r'rel="next" href="([^"]*)"', content)
        if found is None:
            raise RuntimeError(f"{path}: expected a next page")
        [cursor] = parse_qs(urlsplit(unescape(found[1])).query)["after"]
        mark = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).partition(b":")[0]
        deep = base64.urlsafe_b64encode(mark + b":" + place.encode()).decode().rstrip("=")
        return f"{path}{'&' if '?' in path else '?'}after={quote(deep)}"


def _fill(file: Path, followers: int, followings: int) -> None:
    migrated = countersign("migrate", url=f"sqlite:///{file}")
    if migrated.returncode:
        raise RuntimeError(migrated.stderr)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        many.add_people(connection, followers)
        for handle, owner in (
            ("star", filler(0).address),
            ("reader", writer(READER).address),
            ("hermit", writer(HERMIT).address),
        ):
            many.add_profile(connection, handle, owner)
        many.add_followers(connection, "star", followers)
        many.add_followings(connection, writer(READER).address, followings)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


if __name__ == "__main__":
    sys.exit(main())
