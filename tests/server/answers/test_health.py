"""`/readyz`: what is wrong shows there while it is wrong, and asking costs nobody anything."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.databases import migrated, no_room
from webapp.app import create_app
from webapp.gateway_app import create_gateway_app
from webapp.server.answers.health import FRESH_S, Readiness, health_wsgi
from webapp.server.answers.metrics import Metrics
from webapp.server.application import Application
from webapp.server.front.wsgi import call_wsgi
from webapp.settings.environment import Serves, Settings
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


def replaced(path: Path) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.replace(path)


def emptied(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(0)


def garbage(path: Path) -> None:
    path.write_bytes(b"\xaa" * 200_000)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (Path.unlink, "FILE_GONE"),
        (replaced, "FILE_GONE"),
        (emptied, "FILE_GONE"),
        (garbage, "SQLITE_"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_database_that_is_no_more_is_not_ready(
    breaks: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.sqlite3"
    database = migrated(path, busy_timeout_ms=50)
    assert readyz(database) == (200, b'{"status": "ok", "database": "ok"}')
    breaks(path)
    status, body = readyz(database)
    assert status == 503
    assert said in body.decode()
    database.close()


@pytest.mark.sqlite
def test_a_disk_without_room_is_not_ready(tmp_path: Path) -> None:
    database = migrated(tmp_path / "x.sqlite3")
    assert readyz(database)[0] == 200
    with no_room():
        assert readyz(database)[0] == 503
    assert readyz(database)[0] == 200
    database.close()


@pytest.mark.parametrize(
    ("create", "serves"), [(create_app, Serves.SITE), (create_gateway_app, Serves.GATEWAY)]
)
def test_a_server_without_its_database_makes_none(
    create: Callable[[Settings, Metrics], Application], serves: Serves, tmp_path: Path
) -> None:
    """As a process that takes another's place may find it: it is not ready, and leaves the place empty."""
    path = tmp_path / "x.sqlite3"
    made = create(Settings.from_env({"DATABASE_URL": f"sqlite:///{path}"}, serves=serves), Metrics())
    answer = call_wsgi(made, {"REQUEST_METHOD": "GET", "PATH_INFO": "/readyz"})
    assert answer.status == 503
    assert b"SQLITE_CANTOPEN" in answer.body
    made.close()
    assert not path.exists()


def readyz(database: Database) -> tuple[int, bytes]:
    """What a process that has just begun says."""
    answer = call_wsgi(health_wsgi(database, None), {"REQUEST_METHOD": "GET", "PATH_INFO": "/readyz"})
    return answer.status, answer.body
