"""`/readyz`: what is wrong shows there while it is wrong, and asking costs nobody anything."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import migrated, no_room
from webapp.health import FRESH_S, Readiness, health_wsgi
from webapp.storage.database import Database
from webapp.upstream.errors import UpstreamTimeout


class Seconds:
    """A clock that goes forward when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_look_is_told_to_all_who_ask_soon() -> None:
    """However many ask, and as anybody may: the upstream hears of it once in two seconds."""
    looks: list[float] = []
    clock = Seconds()
    readiness = Readiness({"upstream": lambda: looks.append(clock.now)}, clock)
    for _ in range(1000):
        clock.now += FRESH_S / 250
        assert readiness.outcomes() == {"upstream": "ok"}
    assert len(looks) == 4


def test_what_fails_is_looked_at_again() -> None:
    failures = [UpstreamTimeout("canary")]
    clock = Seconds()

    def check() -> None:
        if failures:
            raise failures.pop()

    readiness = Readiness({"upstream": check}, clock)
    assert readiness.outcomes() == readiness.outcomes() == {"upstream": "UpstreamTimeout"}
    clock.now += FRESH_S * 2
    assert readiness.outcomes() == {"upstream": "ok"}


def test_one_thread_looks_and_others_do_not_wait() -> None:
    """A look that hangs holds one thread; others hear what was found before it: at first, nothing."""
    looking, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        looking.set()
        go_on.wait()

    readiness = Readiness({"upstream": hang}, Seconds())
    thread = threading.Thread(target=readiness.outcomes, daemon=True)
    thread.start()
    looking.wait()
    assert readiness.outcomes() == {"upstream": "not looked at yet"}
    go_on.set()
    thread.join()
    assert readiness.outcomes() == {"upstream": "ok"}


def removed(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def emptied(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(0)


def garbage(path: Path) -> None:
    path.write_bytes(b"\xaa" * 200_000)


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (removed, "FILE_GONE"),
        (replaced, "FILE_GONE"),
        (emptied, "SQLITE_"),
        (garbage, "SQLITE_"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_database_that_is_no_more_is_not_ready(
    breaks: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.sqlite3"
    database = migrated(path, busy_timeout_ms=50)
    assert readyz(database) == ("200 OK", b'{"status": "ok", "database": "ok"}')
    breaks(path)
    status, body = readyz(database)
    assert status == "503 Service Unavailable"
    assert said in body.decode()
    database.close()


def test_a_disk_without_room_is_not_ready(tmp_path: Path) -> None:
    database = migrated(tmp_path / "x.sqlite3")
    assert readyz(database)[0] == "200 OK"
    with no_room():
        assert readyz(database)[0] == "503 Service Unavailable"
    assert readyz(database)[0] == "200 OK"
    database.close()


def readyz(database: Database) -> tuple[str, bytes]:
    """What a process that has just begun says."""
    began: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/readyz"}
    body = health_wsgi(database, None)(environ, lambda status, *_: began.append(status))  # type: ignore[arg-type]  # no write()
    return began[0], b"".join(body)
