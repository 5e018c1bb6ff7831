"""SUCCESS means that it is on the disk: killed processes and full disks."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.figures import Figure
from tests.gateway.people import MUTATIONS, Client, Person
from tests.gateway.test_operation_log import check_projections
from webapp.gateway.config import GatewayConfig
from webapp.gateway.service import create_gateway
from webapp.gateway.tables import operations
from webapp.storage.database import Database

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kills", [5, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_what_was_acknowledged_survives_kill_9(
    kills: int, tmp_path: Path, database: Database, client: Client, figure: Figure
) -> None:
    """Kills in the middle of writing: nothing acknowledged is missing, nothing is half there."""
    client.clock.now = time.time_ns() // 1_000_000
    assert client.register(Person("alice")) == "SUCCESS"
    path = tmp_path / "gateway.sqlite3"
    acknowledged: set[str] = set()
    wait = random.Random(1)  # noqa: S311 (a test's dice)
    for _ in range(kills):
        with subprocess.Popen(
            [sys.executable, "-m", "tests.gateway.acknowledge", str(path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            for _ in range(wait.randrange(1, 40)):
                acknowledged.add(writer.stdout.readline().strip())
            os.kill(writer.pid, signal.SIGKILL)
            acknowledged.update(line.strip() for line in writer.stdout if line.endswith("\n"))
    check_projections(database)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        stored = set(connection.scalars(select(operations.c.message)))
    figure("acknowledged and lost", len(acknowledged - stored), at_most=0, of=f"{kills} kills")
    assert len(stored) - len(acknowledged) <= kills, "at most one a kill was written and not yet acknowledged"


def test_a_disk_that_is_full_is_503_until_it_is_not(
    database: Database, client: Client, alice: Person
) -> None:
    """The system refuses to let the file grow: no status, no row, no crash; later it succeeds."""
    request = alice.request("follow", "shiyu", client.clock.now)
    content = {"query": MUTATIONS["follow"], "variables": {"input": request}}
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        responses = [client.post(content) for _ in range(3)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, previous)
    for response in responses:
        assert response.status == 503
        assert json.loads(response.body)["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert check_projections(database) == 0
    assert client.status("follow", request) == "SUCCESS"
    assert check_projections(database) == 1


def test_a_restart_forgets_nothing(tmp_path: Path, client: Client, alice: Person) -> None:
    """Keys, state and the newest time are in the file: a replay after the restart is still one."""
    request = alice.request("follow", "shiyu", client.clock.now)
    assert client.status("follow", request) == "SUCCESS"
    again = Database.open(f"sqlite:///{tmp_path}/gateway.sqlite3")
    restarted = Client(create_gateway(again, GatewayConfig(), client.clock), client.clock)
    assert restarted.status("follow", request) == "ALREADY_DONE"
    assert restarted.act("unfollow", alice, "shiyu") == "SUCCESS"
    assert restarted.status("follow", request) == "MESSAGE_EXPIRED"
    again.close()
