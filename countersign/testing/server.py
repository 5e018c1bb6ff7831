"""A gateway and site of one's own: `countersign run --ephemeral` in a process, until it is stopped."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import httpx

START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 30.0
_NEEDED = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
"""What a process needs of its surroundings; nothing of the developer's own settings is passed on."""
_ROOT = Path(__file__).parents[2]


class ServerNotReadyError(RuntimeError):
    """The server ended, or said nothing in time; the message has its log."""


class CountersignServer:
    """A running server.

    Attributes:
        url: The site's address, without a slash at its end.
        graphql_url: The gateway's endpoint.
    """

    url: str
    graphql_url: str

    def __init__(self, **settings: str) -> None:
        """Start one on a port that is free, and wait until it answers.

        Its data are demo profiles (`shiyu` among them), and go with it.

        Args:
            settings: Environment variables, such as `SIGNER_QUOTA="1"`.

        Raises:
            ServerNotReadyError: It does not start.
        """
        kept = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (as long as the server)
        self._whole_log: str | None = None
        self._process = subprocess.Popen(
            # The server that was installed with this file, whatever `webapp` is in the tests' folder.
            [sys.executable, "-P", "-m", "webapp.cli", "run", "--ephemeral"],
            env={**kept, "PYTHONPATH": str(_ROOT), **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        overdue = threading.Timer(START_DEADLINE_S, self._process.kill)
        overdue.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout else ""
        finally:
            overdue.cancel()
        if not line.endswith("\n"):
            self.stop()
            raise ServerNotReadyError(f"exit code {self._process.returncode}\n{self.log}")
        self.url = line.rstrip("\n")
        self.graphql_url = f"{self.url}/graphql"

    @property
    def log(self) -> str:
        """What it has written to stderr so far."""
        if self._whole_log is not None:
            return self._whole_log
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        """Ask the gateway, as any client may; give `data`.

        Raises:
            ValueError: It answered with errors.
        """
        body = {"query": query, "variables": variables}
        reply = httpx.post(self.graphql_url, json=body, trust_env=False, timeout=30).json()
        if "errors" in reply:
            raise ValueError(f"query: expected one that is answered; {reply['errors']}")
        data: dict[str, Any] = reply["data"]
        return data

    def follows(self, address: str, handle: str) -> bool:
        """Whether an address follows a handle, as the gateway says."""
        query = (
            "query ($handle: String!, $me: AddressEVM!) "
            "{ profileByHandle(handle: $handle) { isFollowedByMe(me: $me) } }"
        )
        answer: bool = self.graphql(query, handle=handle, me=address)["profileByHandle"]["isFollowedByMe"]
        return answer

    def stop(self) -> None:
        """End it, and wait until it and its data are gone. Nothing happens the second time."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_DEADLINE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(STOP_DEADLINE_S)
        if self._whole_log is None and self._process.stdout:
            self._process.stdout.close()
            self._whole_log = self.log
            self._log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


StartCountersign = Callable[..., CountersignServer]
"""Starts a server with settings given by name; it ends with the test session."""
