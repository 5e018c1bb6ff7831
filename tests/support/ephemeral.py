"""`countersign ... --ephemeral` as whoever runs tests in another language starts it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.serving import clean_environment

COMMAND = [sys.executable, "-m", "webapp.cli"]
STARTED_BY_ANOTHER = [
    sys.executable,
    "-c",
    "import subprocess, sys; subprocess.run(sys.argv[1:])",
    *COMMAND,
]


@contextmanager
def ephemeral(
    command: str, *, temporary: Path, start: list[str] = COMMAND, **environ: str
) -> Iterator[subprocess.Popen[str]]:
    """Start one whose temporary files are in a folder; at the end of the block it must not run any more."""
    own = {"TMPDIR": str(temporary), **environ}
    with (temporary.parent / "errors").open("w") as errors:
        started = subprocess.Popen(
            [*start, command, "--ephemeral"],
            cwd=temporary.parent,
            env=clean_environment() | own,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        yield started
    except BaseException:
        os.killpg(started.pid, signal.SIGKILL)
        raise
    finally:
        started.communicate(timeout=60)


def address(server: subprocess.Popen[str]) -> str:
    """The first line that it prints: it waits for no other."""
    assert server.stdout is not None
    return server.stdout.readline().removesuffix("\n")


def folders(temporary: Path) -> set[str]:
    """Which folders of data there are."""
    return {folder.name for folder in temporary.glob("countersign-ephemeral-*")}
