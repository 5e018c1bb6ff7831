"""The servers that are measured: real ones, whole, with all limits on."""

import http.client
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shutil import copyfile

from bench.data import Graph
from tests.support.server import Server

ENVIRONMENT = {
    "DEMO": "0",
    # Counted as ever, but one machine plays as many people as there are: nobody is to be refused.
    "ANONYMOUS_REQUESTS_PER_MINUTE": "1000000000",
}
_TICKS = os.sysconf("SC_CLK_TCK")
_DEADLINE_S = 60.0


class MeasuredServer(Server):
    """A server that tells how long its start took, and what its processes take of the machine."""

    start_s = 0.0

    @property
    def ports(self) -> list[int]:
        """Where it listens."""
        return [self.port]

    @property
    def database_url(self) -> str:
        """Where what it serves is."""
        return self._environment()["DATABASE_URL"]

    @property
    def name(self) -> str:
        """What it is called here: its folder's name."""
        return self.database.parent.name

    def start(self) -> "MeasuredServer":
        """Start, and note how long it took until the first answer to a query."""
        began = time.perf_counter()
        super().start()
        self.start_s = time.perf_counter() - began
        return self

    def resident_mb(self) -> float:
        """Resident memory of the largest process, in MB; 0 where the system does not tell (not Linux)."""
        return max((_resident_kb(number) for number in self._processes()), default=0) / 1000

    def processor_s(self) -> float:
        """Processor time that all processes have taken so far, in seconds; 0 where nothing tells."""
        return sum(_processor_s(number) for number in self._processes())

    def _processes(self) -> list[int]:
        found = [self._process.pid] if self._process else []
        for number in found:  # grows
            with suppress(OSError):
                for thread in Path(f"/proc/{number}/task").iterdir():
                    found += map(int, (thread / "children").read_text().split())
        return found

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline, pause = time.monotonic() + _DEADLINE_S, threading.Event()
        while time.monotonic() < deadline and process.poll() is None:
            asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_DEADLINE_S)
            with closing(asked), suppress(OSError):
                asked.request("POST", "/graphql", "{}", {"content-type": "application/json"})
                asked.getresponse().read()
                return
            pause.wait(0.005)
        raise RuntimeError(f"no answer from port {self.port}\n{self.log}")


class Several:
    """Several servers on one database, as one.

    Attributes:
        name: What they are called here.
        ports: Where they listen.
        port: Where the first does.
    """

    def __init__(self, name: str, servers: Sequence[MeasuredServer]) -> None:
        self._servers = servers
        self.name = name
        self.ports = [server.port for server in servers]
        self.port = self.ports[0]

    @property
    def database_url(self) -> str:
        return self._servers[0].database_url

    @property
    def log(self) -> str:
        return "\n".join(server.log for server in self._servers)

    def processor_s(self) -> float:
        return sum(server.processor_s() for server in self._servers)


@contextmanager
def serving(
    folder: Path, name: str, command: str, graph: Graph, url: str | None = None
) -> Iterator[MeasuredServer]:
    """Serve a copy of a graph for the length of a `with` block; it stays in the folder afterwards.

    With a URL, serve the database there instead.
    """
    elsewhere = {} if url is None else {"DATABASE_URL": url}
    server = MeasuredServer(folder / name, command=command, **ENVIRONMENT, **elsewhere)
    if url is None:
        copyfile(graph.file, server.database)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _resident_kb(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


def _processor_s(process: int) -> float:
    with suppress(OSError):
        user, system = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS
    return 0.0
