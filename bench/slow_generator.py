"""What `generator.c` does, for machines without a compiler: the same at more cost."""

import selectors
import socket
import struct
import sys
import time
from pathlib import Path
from typing import BinaryIO

_NUMBER = struct.Struct("<I")
_REPLY = struct.Struct("<IIQQII")


class _Lane:
    """A connection, and what is sent over it."""

    def __init__(self, source: str, requests: list[bytes], port: int) -> None:
        self.requests = requests
        self.next = 0
        self.sent_at = 0
        self.got = b""
        self.socket = socket.create_connection(("127.0.0.1", port), source_address=(source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        """Send the next request."""
        request = self.requests[self.next]
        self.next += 1
        self.got = b""
        self.sent_at = time.monotonic_ns()
        self.socket.sendall(request)

    def receive(self) -> bytes | None:
        """Take what has come; give the body once it is whole.

        Raises:
            ConnectionError: The server closed the connection.
        """
        got = self.socket.recv(1 << 20)
        if not got:
            raise ConnectionError("the server closed a connection")
        self.got += got
        head, end, body = self.got.partition(b"\r\n\r\n")
        if not end:
            return None
        [length] = (
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        return body if len(body) >= length else None


def main() -> None:
    """Send, and note what came of every request."""
    plan, _, port, seconds, until, needle, output = sys.argv[1:]
    lanes = _read(Path(plan).read_bytes(), int(port))
    with Path(output).open("wb") as file:
        took, used = _drive(lanes, float(seconds), until, needle.encode(), file)
    print(f"{took:.6f} {used:.6f}")


def _read(content: bytes, port: int) -> list[_Lane]:
    at = 0

    def number() -> int:
        nonlocal at
        at += 4
        value: int = _NUMBER.unpack_from(content, at - 4)[0]
        return value

    lanes = []
    for _ in range(number()):
        source = socket.inet_ntoa(content[at : at + 4])
        at += 4
        to = number() or port
        requests = []
        for _ in range(number()):
            length = number()
            requests.append(content[at : at + length])
            at += length
        lanes.append(_Lane(source, requests, to))
    return lanes


def _drive(
    lanes: list[_Lane], seconds: float, until: str, needle: bytes, output: BinaryIO
) -> tuple[float, float]:
    """Send until it is time; give the seconds until then, and those of processor time."""
    polled = selectors.DefaultSelector()
    for number, lane in enumerate(lanes):
        polled.register(lane.socket, selectors.EVENT_READ, number)
    began, used, ended = time.monotonic_ns(), time.process_time(), 0
    stopped, waiting = False, 0
    for lane in lanes:
        if lane.requests:
            lane.send()
            waiting += 1
    while waiting:
        for key, _ in polled.select():
            lane = lanes[key.data]
            body = lane.receive()
            if body is None:
                continue
            now = time.monotonic_ns()
            good = lane.got[8:12] == b" 200" and needle in body and b'"errors"' not in body
            kept = lane.got if until == "all" or not good else b""
            took, since = now - lane.sent_at, now - began
            output.write(_REPLY.pack(key.data, lane.next - 1, took, since, good, len(kept)) + kept)
            waiting -= 1
            stopped |= until != "all" and since >= seconds * 1e9
            if lane.next == len(lane.requests):
                lane.next = 0 if until == "cycle" else lane.next
                stopped |= until == "first"
            if stopped or lane.next == len(lane.requests):
                if not ended and (stopped or not waiting):
                    ended, used = now, time.process_time() - used
                continue
            lane.send()
            waiting += 1
    return (ended - began) / 1e9, used


if __name__ == "__main__":
    main()
