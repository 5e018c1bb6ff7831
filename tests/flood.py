"""Many clients that send as fast as they are answered: `python -m tests.flood`, in a process of its own.

Reads a line of JSON: `port`, `requests` (texts in latin-1), `sources` (addresses of this machine), how many
connections `each` opens. Says "risen" when all have sent something. Floods until standard input ends; then it
writes a line of JSON.
"""

import asyncio
import itertools
import json
import socket
import sys
import time
from collections import Counter
from typing import Any


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


async def flood(port: int, requests: list[str], sources: list[str], each: int) -> dict[str, Any]:
    statuses: Counter[str] = Counter()
    waits: list[float] = []
    rising = len(sources) * each
    sent = itertools.cycle(text.encode("latin-1") for text in requests)

    async def ask(source: str) -> None:
        nonlocal rising
        first = True
        while True:
            try:
                reader, writer = await connected(port, source)
            except OSError:
                statuses["no connection"] += 1
                await asyncio.sleep(0.1)
                continue
            try:
                while True:
                    began = time.perf_counter()
                    writer.write(next(sent))
                    if first:
                        first, rising = False, rising - 1
                        if not rising:
                            print("risen", flush=True)  # noqa: T201
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
                    body = await reader.readexactly(int(fields.get("content-length", "0")))
                    waits.append(time.perf_counter() - began)
                    status = head[9:12]
                    statuses[status] += 1
                    statuses["when to return"] += status in {"429", "503"} and "retry-after" in fields
                    statuses["SUCCESS"] += b'"SUCCESS"' in body
                    if fields.get("connection") == "close":
                        break
            except (OSError, asyncio.IncompleteReadError):
                statuses["no answer"] += 1
            finally:
                writer.close()

    asking = [asyncio.create_task(ask(source)) for source in sources for _ in range(each)]
    await asyncio.to_thread(sys.stdin.read)
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    waits.sort()
    median, longest = (waits[len(waits) // 2], waits[-1]) if waits else (0.0, 0.0)
    return {"statuses": statuses, "median": median, "longest": longest}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(flood(**json.loads(sys.stdin.readline())))))  # noqa: T201
