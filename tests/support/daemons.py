"""Servers of others that tests start: in folders of their own, never as root, gone when the tests are."""

import atexit
import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NOBODY = 65534
"""Who runs them where root runs the tests: PostgreSQL and PgBouncer refuse root."""

AS_ANOTHER: dict[str, Any] = (
    {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
)

PATIENCE_S = 60.0
"""How long one may take to come up or to stop: a busy machine's patience, not ours."""

MEMORY = Path("/dev/shm")  # noqa: S108 (only folders of one's own are made in it)

ROOM = 2 * 1024**3
"""What has to be free in it; a container may have 64 MB."""

GUARD = """
while read -r line; do pid=$line; done
if [ "$pid" ]; then
  kill -QUIT "$pid"; kill -CONT "$pid"
  for _ in $(seq 100); do kill -0 "$pid" || break; sleep 0.1; done
fi
rm -rf "$1"
"""
"""Reads which process runs, or an empty line for none, until the tests end, and ends what they left. Not
PR_SET_PDEATHSIG: that comes already when the thread that started the server ends."""


def memory() -> Path | None:
    """Where a `Folder` that has to be fast goes; None: where others do."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if roomy else None


class Folder:
    """A folder directly under the system's temporary one, because pytest's are closed to other users."""

    def __init__(self, name: str, within: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=within or tempfile.gettempdir()))
        self.give(self.path)
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, "guard", str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            start_new_session=True,  # Ctrl-C is for the tests
        )
        atexit.register(self.remove)

    def give(self, path: Path) -> None:
        """Make a file or folder that of the user who runs the programs."""
        if AS_ANOTHER:
            os.chown(path, NOBODY, NOBODY)

    def write(self, name: str, text: str) -> Path:
        """A file in it that only that user reads."""
        path = self.path / name
        path.touch(mode=0o600)
        path.write_text(text)
        self.give(path)
        return path

    def run(self, *command: str | Path, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """Run a program that ends; gives what it printed.

        Raises:
            RuntimeError: It failed; the message has what it said.
        """
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            input=stdin,
            cwd=self.path,
            env=os.environ | (env or {}),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
            **AS_ANOTHER,
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def remove(self) -> None:
        """Remove it; whatever runs in it ends first."""
        atexit.unregister(self.remove)
        self._guard.communicate()

    def _tell(self, pid: int | None) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{pid or ''}\n")


class Daemon(Folder):
    """One program that runs until it is ended; what it says is in `log`."""

    _process: subprocess.Popen[bytes] | None = None

    def launch(self, *command: str | Path, env: Mapping[str, str] | None = None) -> int:
        """Start it, ready or not; gives its process id."""
        assert self._process is None, "it runs already"
        with (self.path / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.path,
                env=os.environ | (env or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **AS_ANOTHER,
            )
        self._tell(self._process.pid)
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        return (self.path / "log").read_text(errors="replace")

    def end(self, how: signal.Signals) -> None:
        """Send it a signal that ends it, and wait until it is gone."""
        if self._process is None:
            return
        self._process.send_signal(how)
        self._gone(self._process)

    def kill(self) -> None:
        """Kill -9 it and, on Linux, all of its children, none of which sees another end first.

        PostgreSQL's children lead process groups of their own, so that no group has all of them.
        """
        process = self._process
        if process is None:
            return
        with contextlib.ExitStack() as opened, contextlib.suppress(ProcessLookupError):
            if sys.platform == "linux" and process.poll() is None:
                process.send_signal(signal.SIGSTOP)  # has no more children, and tells none that one is gone
                os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
                killed = []
                for child in children:
                    killed.append(os.pidfd_open(int(child)))
                    opened.callback(os.close, killed[-1])
                    os.kill(int(child), signal.SIGKILL)
                for one in killed:
                    select.select([one], [], [], PATIENCE_S)
            process.kill()
        self._gone(process)

    def remove(self) -> None:
        """End it at once, and remove its folder."""
        self.end(signal.SIGQUIT)
        super().remove()

    def _gone(self, process: subprocess.Popen[bytes]) -> None:
        process.wait(PATIENCE_S)
        self._process = None
        self._tell(None)
