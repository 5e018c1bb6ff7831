"""The load generator: compiled from `generator.c`, or the same in Python where there is no compiler."""

import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol

from bench.limits import CORES
from bench.statistics import quantile

Until = Literal["first", "all", "cycle"]
_REPLY = struct.Struct("<IIQQII")
_SOURCE = Path(__file__).with_name("generator.c")
_SLOW = Path(__file__).with_name("slow_generator.py")


class FailedRequestError(RuntimeError):
    """A request was not answered as it must be; the message carries what came."""


class Served(Protocol):
    """A server on this machine."""

    port: int

    @property
    def log(self) -> str:
        """What it has to say."""

    def processor_s(self) -> float:
        """Processor time that it has taken so far, in seconds."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A connection: where from, and what is sent over it, one after the other.

    Attributes:
        requests: Whole HTTP/1.1 requests.
        source: An address of this machine.
        port: Where to; 0: to the server's own.
    """

    requests: list[bytes]
    source: str = "127.0.0.1"
    port: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one request.

    Attributes:
        lane: Which lane's.
        request: Which of the lane's.
        took_s: From sending it to its last byte.
        at_s: When that was, from the start.
        content: Head and body, where all are kept; otherwise empty.
    """

    lane: int
    request: int
    took_s: float
    at_s: float
    content: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured in one span.

    Attributes:
        rate: Good replies a second.
        p50_ms: Half of them took at most so long.
        p99_ms: All but a hundredth took at most so long.
        generator: The load generator's part of the machine's processors, 0 to 1.
        server: The server's part.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    generator: float
    server: float


@dataclass(frozen=True, slots=True)
class Run:
    """A sample, and every reply to it, those that came after the span included."""

    sample: Sample
    replies: list[Reply]


def find_compiler() -> str | None:
    """Find a C compiler; None: there is none."""
    return next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)


class Generator:
    """Sends requests to servers on this machine."""

    def __init__(self, folder: Path, *, compiler: str | None) -> None:
        """Compile it into a folder; without a compiler, take the one in Python."""
        self._folder = folder
        self._command = [sys.executable, "-I", str(_SLOW)]
        if compiler is not None:
            program = folder / "generator"
            subprocess.run([compiler, "-O2", "-o", str(program), str(_SOURCE)], check=True)
            self._command = [str(program)]

    def run(
        self, server: Served, lanes: list[Lane], *, needle: str, seconds: float = 60, until: Until
    ) -> Run:
        """Send, and wait until all that was sent is answered.

        Args:
            server: To whom.
            lanes: From where, and what.
            needle: What every reply must have in it.
            seconds: How long, unless `until` is "all".
            until: When else it ends: with the "first" lane that has sent its last request, or when "all"
                have; "cycle": lanes begin anew.

        Raises:
            FailedRequestError: One was not answered as it must be.
        """
        with TemporaryDirectory(dir=self._folder) as folder:
            plan, output = Path(folder) / "requests", Path(folder) / "replies"
            plan.write_bytes(b"".join(_packed(lanes)))
            words = [str(plan), "127.0.0.1", str(server.port), str(seconds), until, needle, str(output)]
            before = server.processor_s()
            done = subprocess.run([*self._command, *words], capture_output=True, text=True, check=False)
            served = server.processor_s() - before
            if done.returncode:
                raise FailedRequestError(f"{done.stderr}\n{server.log[-4000:]}")
            replies = list(_unpacked(output.read_bytes()))
        took, used = map(float, done.stdout.split())
        within = sorted(reply.took_s for reply in replies if reply.at_s <= took)
        return Run(
            Sample(
                rate=len(within) / took,
                p50_ms=quantile(within, 0.5) * 1000,
                p99_ms=quantile(within, 0.99) * 1000,
                generator=used / took / CORES,
                server=served / max(took, *(reply.at_s for reply in replies)) / CORES,
            ),
            replies,
        )


def _packed(lanes: list[Lane]) -> Iterator[bytes]:
    yield struct.pack("<I", len(lanes))
    for lane in lanes:
        yield socket.inet_aton(lane.source) + struct.pack("<II", lane.port, len(lane.requests))
        for request in lane.requests:
            yield struct.pack("<I", len(request))
            yield request


def _unpacked(content: bytes) -> Iterator[Reply]:
    at = 0
    while at < len(content):
        lane, request, took, since, good, length = _REPLY.unpack_from(content, at)
        at += _REPLY.size
        reply = content[at : at + length]
        at += length
        if not good:
            raise FailedRequestError(f"request {request} of lane {lane}: {reply[:2000].decode('latin-1')}")
        yield Reply(lane, request, took / 1e9, since / 1e9, reply)
