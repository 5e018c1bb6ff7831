"""More is asked than can be answered, from many addresses: one honest person beside it notices little."""

import contextlib
import http.client
import json
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.databases import count, started_url
from tests.support.device import MUTATIONS, REGISTER, Device
from tests.support.figures import Figure
from tests.support.places import ROOT
from tests.support.serving import Serving, serving
from webapp.gateway.tables import operations
from webapp.storage.database import Database

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only on Linux all of 127/8 is this machine's"
)

LASTS_S = 5.0
"""How long a flood lasts at least: those who wait in vain are told after three seconds."""
FILES_OF_THREADS = 40
"""What eight threads open of the database as they first need it, and keep."""


@dataclass(frozen=True)
class Result:
    """What became of a flood."""

    statuses: dict[str, int]
    median: float
    longest: float


@contextlib.contextmanager
def flooded(
    port: int, requests: list[bytes], *, sources: int, each: int, hasty: int
) -> Iterator[list[Result]]:
    """Flood for the length of a `with` block; then the list has the result."""
    told = {
        "port": port,
        "requests": [one.decode("latin-1") for one in requests],
        "sources": [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(sources)],
        "each": each,
        "hasty": hasty,
    }
    results: list[Result] = []
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.flood"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "risen\n"
        try:
            yield results
        finally:
            process.stdin.close()
            said = process.stdout.read()
    results.append(Result(**json.loads(said)))


def posted(path: str, body: object, **headers: str) -> bytes:
    content = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "content-type: application/json", f"content-length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def hostile_requests(port: int, device: Device) -> list[bytes]:
    """Signatures that do not verify, of a key and of a wallet, and nonces for cookies of one's own making."""
    host = f"127.0.0.1:{port}"
    follow = device.request("follow", "noah", signature="0x" + "5a" * 64)
    text = f"I authorize CyberConnect from this device using signing key:\n{device.signing_key}"
    registration = {"address": device.address, "message": text, "signature": "0x" + "5a" * 64 + "1b"}
    requests = [
        posted("/graphql", {"query": query, "variables": {"input": given}}, host=host)
        for query, given in ((MUTATIONS["follow"], follow), (REGISTER, registration))
    ]
    page = httpx.get(f"http://{host}/api/session", trust_env=False)
    cookie, token = page.headers["set-cookie"].partition(";")[0], page.json()["csrfToken"]
    nonce = {"address": device.address, "chainId": 1}
    same = {"host": host, "origin": f"http://{host}", "sec_fetch_site": "same-origin"}
    return [*requests, posted("/api/login/challenge", nonce, cookie=cookie, x_csrf_token=token, **same)]


def succeeds(port: int, source: str, body: dict[str, Any]) -> bool:
    """Whether a mutation, on a new connection, is answered SUCCESS."""
    connection = http.client.HTTPConnection("127.0.0.1", port, 60, source_address=(source, 0))
    with contextlib.closing(connection):
        connection.request("POST", "/graphql", json.dumps(body), {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status == 200 and b'"SUCCESS"' in answer.read()


def held(server: Serving) -> tuple[int, int]:
    """Megabytes and files of the server process."""
    [process] = Path(f"/proc/{server.process}/task/{server.process}/children").read_text().split()
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1_000_000, len(list(Path(f"/proc/{process}/fd").iterdir()))


@pytest.mark.parametrize(
    "size", [(12, 75, 20), pytest.param((100, 20, 100), marks=[pytest.mark.soak, pytest.mark.timeout(900)])]
)
def test_t67_one_honest_person_is_answered_beside_a_flood_of_signatures_and_nonces(
    size: tuple[int, int, int], tmp_path: Path, figure: Figure, request: pytest.FixtureRequest
) -> None:
    """In the long form, for a machine that does nothing else, somebody clicks once a second."""
    people, each, turns = size
    soak = request.node.get_closest_marker("soak") is not None
    of = f"{people} addresses, {people * each} connections"
    url = started_url(tmp_path / "countersign.sqlite3", {})
    with serving("run", cwd=tmp_path, DATABASE_URL=url) as server:
        port = server.port
        honest, hostile = (Device(str(server.client.base_url.join("/graphql"))) for _ in range(2))
        assert (honest.register(), hostile.register()) == ("SUCCESS", "SUCCESS")
        acknowledged, between = 0, threading.Event()
        waits: list[float] = []
        memory, files = held(server)
        most = memory
        hasty = each // 2
        with flooded(
            port, hostile_requests(port, hostile), sources=people, each=each, hasty=hasty
        ) as results:
            risen = time.monotonic()
            while len(waits) < turns or time.monotonic() < risen + LASTS_S:
                op = ("follow", "unfollow")[len(waits) % 2]
                body = {"query": MUTATIONS[op], "variables": {"input": honest.request(op)}}
                began = time.monotonic()
                acknowledged += succeeds(port, "127.0.0.3", body)
                waits.append(time.monotonic() - began)
                most = max(most, held(server)[0])
                between.wait(1.0 if soak else 0.0)
        [flood] = results
        while (left := held(server)[1]) > files + FILES_OF_THREADS:
            between.wait(0.05)  # until the last connections of the flood are closed
        figure(
            "files open after a flood, more than before",
            max(0, left - files),
            at_most=FILES_OF_THREADS,
            of=of,
        )
    statuses = Counter(flood.statuses)
    refused = statuses["503"] + statuses["429"]
    assert refused
    figure("honest requests answered, of 100", 100 * acknowledged / len(waits), at_least=99, of=of)
    figure("SUCCESS for a hostile request", statuses["SUCCESS"], at_most=0, of=of)
    figure("refused without a time to return", refused - statuses["when to return"], at_most=0, of=of)
    figure("errors of ours", sum(statuses[status] for status in ("500", "502", "504")), at_most=0, of=of)
    waits.sort()
    median, longest = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    figure("median wait, of the flood's patient clients'", median / flood.median, at_most=0.5, of=of)
    figure("p99 of honest waits, s", longest, at_most=1.0 if soak else None, of=of)
    figure("longest wait in the flood, s", flood.longest, at_most=6.0 if soak else None, of=of)
    offered = (statuses["200"] + refused + statuses["given up"]) / statuses["200"]
    figure("asked, of what was answered", offered, at_least=5 if soak else 2, of=of)
    figure("memory that a flood takes, MB", most - memory, at_most=250, of=of)
    with contextlib.closing(Database.open(url)) as database:
        assert count(database, operations, operations.c.address == honest.address) >= acknowledged
        assert count(database, operations, operations.c.address == hostile.address) == 0
