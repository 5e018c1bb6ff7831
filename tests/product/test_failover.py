"""PostgreSQL killed under gateways: nothing acknowledged is missing, and no gateway is started again."""

import random
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.figures import Figure
from tests.support.load import PEOPLE, UNLIMITED, UNSETTLED, Load, logged_messages
from tests.support.ports import free_port
from tests.support.postgresql import PASSWORD, ROLE, Server
from tests.support.server import running

WRITTEN_WITHIN_S = 5.0


@contextmanager
def two_gateways(folder: Path, url: str) -> Iterator[Load]:
    """Gateways on one database, which are there at the end as they were at the start; and who uses both."""
    with ExitStack() as opened:
        gateways = [
            opened.enter_context(running(folder / name, command="gateway", DATABASE_URL=url, **UNLIMITED))
            for name in ("one", "other")
        ]
        writers = [gateway.writer() for gateway in gateways]
        load = Load(*(gateway.graphql_url for gateway in gateways), persistent=True)
        load.register()
        yield load
        assert [gateway.writer() for gateway in gateways] == writers
        for gateway in gateways:
            assert "Traceback" not in gateway.log


def check(load: Load, url: str, of: str, figure: Figure) -> None:
    """Hold what was answered against what is logged: they are the same, because everybody was persistent."""
    stored = logged_messages(url)
    figure("acknowledged and lost", len(load.acknowledged - stored), at_most=0, of=of)
    figure("kept and never acknowledged", len(stored - load.acknowledged), at_most=0, of=of)
    figure("answered 503, and sent again", sum(load.answers[code] for code in UNSETTLED), at_least=1, of=of)
    assert set(load.answers) <= {"SUCCESS", "ALREADY_DONE", *UNSETTLED}
    assert load.answers["ALREADY_DONE"] <= load.answers["OUTCOME_UNKNOWN"]


@pytest.mark.parametrize(
    ("kills", "failovers"),
    [(2, 1), pytest.param(50, 10, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])],
)
def test_t59_what_was_acknowledged_survives_kill_9_of_postgresql(
    kills: int, failovers: int, tmp_path: Path, figure: Figure
) -> None:
    """The server is started again, or a replica promoted in its place: the gateways' URL names both.

    Whoever hears 503 sends the same again, and is answered once there is a server to write to.
    """
    dice = random.Random(3)  # noqa: S311 (a test's dice)
    started: list[float] = []
    promoted: list[float] = []
    with ExitStack() as opened:
        primary = opened.enter_context(Server())
        primary.ask(f"CREATE DATABASE one OWNER {ROLE}")
        other_port = free_port()
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{other_port}"
        url = f"postgresql://{ROLE}:{PASSWORD}@{hosts}/one?target_session_attrs=read-write"
        with two_gateways(tmp_path, url) as load:
            with load.running():
                for _ in range(kills):
                    load.wait_for_more(dice.randrange(1, 60))
                    with timed(load, started):
                        primary.kill()
                        primary.start()
                for _ in range(failovers):
                    replica = primary.replicate(other_port)
                    opened.callback(replica.close)
                    load.wait_for_more(dice.randrange(1, 60))
                    with timed(load, promoted):
                        primary.kill()
                        replica.promote()
                    primary.close()
                    primary, other_port = replica, primary.port
            check(load, url, f"{kills} kills and {failovers} failovers under two gateways", figure)
    bound = {"at_most": WRITTEN_WITHIN_S} if kills >= 50 else {}  # otherwise other tests share the machine
    for of, seconds in (("servers started again", started), ("replicas promoted", promoted)):
        median = statistics.median(seconds)
        figure("seconds from the kill until written again, median", median, of=of, **bound)


@contextmanager
def timed(load: Load, seconds: list[float]) -> Iterator[None]:
    """Add how long it takes until people are answered as before."""
    began = time.monotonic()
    yield
    load.wait_for_more(len(PEOPLE))
    seconds.append(time.monotonic() - began)
