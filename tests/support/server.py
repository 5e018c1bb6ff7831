"""A real `countersign run` or `gateway`, in a process, on a free port and with a database of its own."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.support.databases import ON_POSTGRESQL, started_url
from tests.support.places import ROOT
from tests.support.ports import free_port

START_DEADLINE_S = 90.0  # a busy machine's, not ours
STOP_DEADLINE_S = 30.0


class ServerNotReadyError(RuntimeError):
    """The server ended, or did not answer in time; the message carries its log."""


class Server:
    """One server that can be started, stopped, killed and started again on the same port and database."""

    def __init__(self, folder: Path, *, command: str = "run", **env: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._command = command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.graphql_url = f"{self.url}/graphql"
        self.database = folder / "countersign.sqlite3"
        self.log_path = folder / "server.log"
        self._env = env if "DATABASE_URL" in env else {**env, "DATABASE_URL": started_url(self.database, env)}
        self._process: subprocess.Popen[bytes] | None = None

    # --- its life ----------------------------------------------------------------------------------------

    def start(self) -> "Server":
        """Start, and return once it says that it lives."""
        self.launch()
        assert self._process is not None
        self._wait_until_ready(self._process)
        return self

    def launch(self) -> int:
        """Start, and return the supervisor's id, whether it lives yet or not."""
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "webapp.cli", self._command],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self._process.pid

    def stop(self) -> None:
        """End it as an operator would (SIGTERM), and wait until it is gone."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9 the whole process group: no handler runs, nothing is flushed."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def writer(self) -> int:
        """The id of the process that writes, once there is one, as Linux lists each thread's children."""
        assert self._process is not None
        deadline, pause = time.monotonic() + START_DEADLINE_S, threading.Event()
        while time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # one that is just ending
                for thread in Path(f"/proc/{self._process.pid}/task").iterdir():
                    for child in (thread / "children").read_text().split():
                        if b"webapp.writer_app" in Path(f"/proc/{child}/cmdline").read_bytes():
                            return int(child)
            pause.wait(0.02)
        raise ServerNotReadyError(f"no process that writes\n{self.log}")

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def database_url(self) -> str:
        """Where what it serves is."""
        return self._environment()["DATABASE_URL"]

    # --- what it knows, asked from outside the page ------------------------------------------------------

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask `/graphql`, as any client may; answers `data`."""
        body = {"query": query, "variables": variables}
        reply = httpx.post(self.graphql_url, json=body, trust_env=False, timeout=30).json()
        assert "errors" not in reply, reply
        data: dict[str, Any] = reply["data"]
        return data

    def follower_count(self, handle: str) -> int:
        data = self.graphql(
            "query P($handle: String!) { profileByHandle(handle: $handle) { followerCount } }", handle=handle
        )
        count: int = data["profileByHandle"]["followerCount"]
        return count

    def follows(self, address: str, handle: str) -> bool:
        """Whether `address` follows `handle`, as the gateway says."""
        data = self.graphql(
            "query P($handle: String!, $me: AddressEVM!) "
            "{ profileByHandle(handle: $handle) { isFollowedByMe(me: $me) } }",
            handle=handle,
            me=address,
        )
        answer: bool = data["profileByHandle"]["isFollowedByMe"]
        return answer

    def operations(self, address: str, handle: str = "shiyu") -> list[str]:
        """The texts of the messages in the operation log of this pair, oldest first, from the database."""
        return [
            str(row[0])
            for row in self.rows(
                "SELECT message FROM operations WHERE lower(address) = ? AND handle = ? ORDER BY sequence",
                address.lower(),
                handle,
            )
        ]

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What is in the database; parameters stand as `?`."""
        with self._executed(sql, parameters) as cursor:
            return list(cursor)

    def change(self, sql: str, *parameters: object) -> int:
        """Change rows behind the server's back (an expiry date, say); answers how many."""
        with self._executed(sql, parameters) as cursor:
            changed: int = cursor.rowcount
        return changed

    @contextlib.contextmanager
    def _executed(self, sql: str, parameters: tuple[object, ...]) -> Iterator[Any]:
        if ON_POSTGRESQL:
            with psycopg.connect(self.database_url) as connection:
                yield connection.execute(sql.replace("?", "%s").encode(), parameters)
            return
        with contextlib.closing(sqlite3.connect(self.database, timeout=60)) as file, file:
            yield file.execute(sql, parameters)

    # --- inside ------------------------------------------------------------------------------------------

    def _environment(self) -> dict[str, str]:
        """The caller's variables and what a process needs to run: nothing of the developer's own settings."""
        needed = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
        kept = {name: os.environ[name] for name in needed if name in os.environ}
        return {
            **kept,
            "PYTHONUNBUFFERED": "1",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            **self._env,
        }

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_DEADLINE_S
        pause = threading.Event()
        with httpx.Client(trust_env=False, timeout=30) as client:  # one: to make it takes longer than to ask
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise ServerNotReadyError(f"exit code {process.returncode}\n{self.log}")
                with contextlib.suppress(httpx.TransportError):
                    if client.get(f"{self.url}/healthz").status_code == httpx.codes.OK:
                        return
                pause.wait(0.02)  # between two attempts at a port that nobody listens on yet
        self.kill()
        raise ServerNotReadyError(f"no answer at {self.url}/healthz in {START_DEADLINE_S} s\n{self.log}")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if how is signal.SIGKILL:
                os.killpg(process.pid, how)
            else:
                process.send_signal(how)
        try:
            process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_DEADLINE_S)
            raise
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a worker that outlived its parent


@contextlib.contextmanager
def running(folder: Path, *, command: str = "run", **env: str) -> Iterator[Server]:
    """A started server for the length of a `with` block; its log is printed when the block fails."""
    server = Server(folder, command=command, **env)
    try:
        yield server.start()
    except BaseException:
        print(f"--- server log\n{server.log}")  # noqa: T201 (pytest shows it with the failure)
        raise
    finally:
        server.stop()
