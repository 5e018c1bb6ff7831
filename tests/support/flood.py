"""Many clients that send as fast as they are answered: `python -m tests.support.flood`, in its own process.

Reads a line of JSON: `port`, `requests` (texts in latin-1), `sources` (addresses of this machine), how many
connections `each` opens, and how many of these are `hasty`: they wait for an answer no longer than a tenth
of a second, and connect anew. Says "risen" when all have connected. Floods until standard input ends;
then it writes a line of JSON.
"""

import asyncio
import dataclasses
import itertools
import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

HASTE_S = 0.1


async def connected(port: int, source: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    opened = socket.socket()
    opened.setblocking(False)
    # Nobody who listens on all addresses is to find a port taken that is taken at this one.
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((source, 0))
        await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", port))
    except BaseException:  # a cancelled task closes its socket, too
        opened.close()
        raise
    return await asyncio.open_connection(sock=opened)


async def answered(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
    return head[9:12], fields, await reader.readexactly(int(fields.get("content-length", "0")))


@dataclasses.dataclass
class Flood:
    """What is sent, and what came of it."""

    port: int
    sent: Iterator[bytes]
    rising: int
    statuses: Counter[str] = dataclasses.field(default_factory=Counter)
    waits: list[float] = dataclasses.field(default_factory=list)

    async def ask(self, source: str, patience_s: float | None) -> None:
        first = True
        while True:
            try:
                reader, writer = await connected(self.port, source)
            except OSError:
                self.statuses["no connection"] += 1
                await asyncio.sleep(0.1)
                continue
            if first:
                first = False
                self.risen()
            try:
                await self.converse(reader, writer, patience_s)
            except TimeoutError:
                self.statuses["given up"] += 1
            except (OSError, asyncio.IncompleteReadError):
                self.statuses["no answer"] += 1
            finally:
                writer.close()

    def risen(self) -> None:
        self.rising -= 1
        if not self.rising:
            print("risen", flush=True)  # noqa: T201

    async def converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, patience_s: float | None
    ) -> None:
        fields: dict[str, str] = {}
        while fields.get("connection") != "close":
            began = time.perf_counter()
            writer.write(next(self.sent))
            async with asyncio.timeout(patience_s):
                status, fields, body = await answered(reader)
            if patience_s is None:  # the others' waits say more of their haste than of the server
                self.waits.append(time.perf_counter() - began)
            self.statuses[status] += 1
            self.statuses["when to return"] += status in {"429", "503"} and "retry-after" in fields
            self.statuses["SUCCESS"] += b'"SUCCESS"' in body


async def flood(port: int, requests: list[str], sources: list[str], each: int, hasty: int) -> dict[str, Any]:
    sent = itertools.cycle(text.encode("latin-1") for text in requests)
    rising = Flood(port, sent, len(sources) * each)
    asking = [
        asyncio.create_task(rising.ask(source, HASTE_S if number < hasty else None))
        for source in sources
        for number in range(each)
    ]
    await asyncio.to_thread(sys.stdin.read)
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    rising.waits.sort()
    median, longest = (rising.waits[len(rising.waits) // 2], rising.waits[-1]) if rising.waits else (0.0, 0.0)
    return {"statuses": rising.statuses, "median": median, "longest": longest}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(flood(**json.loads(sys.stdin.readline())))))  # noqa: T201
