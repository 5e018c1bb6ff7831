"""A gateway that misbehaves, over real sockets: a fault is a function that is given the open connection."""

import contextlib
import gzip
import ipaddress
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Fault = Callable[[socket.socket], None]

SUCCESS = {"data": {"follow": {"status": "SUCCESS", "tsInServer": 1_795_460_676_294}}}
BOMB_BYTES = 200 * 1024 * 1024
DRIP_INTERVAL_S = 0.05


class FaultServer:
    """Listens on a free loopback port, answers every request with its `fault`, keeps what it was sent."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.fault: Fault = reply(SUCCESS)
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}/graphql"
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def close(self) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._acceptor, *self._threads):
            thread.join(5)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads = [*(each for each in self._threads if each.is_alive()), thread]
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        raw.settimeout(5)
        with raw, contextlib.suppress(OSError):
            connection = self._context.wrap_socket(raw, server_side=True) if self._context else raw
            with connection:
                while request := _read_request(connection):
                    self.requests.append(request)
                    self.fault(connection)


@contextlib.contextmanager
def serving(fault: Fault, context: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    server = FaultServer(context)
    server.fault = fault
    try:
        yield server
    finally:
        server.close()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


# --- well-formed HTTP ---


def http(body: bytes, *, status: str = "200 OK", kind: str = "application/json", **headers: str) -> bytes:
    extra = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def reply(value: Any, **options: str) -> Fault:
    return raw(http(json.dumps(value).encode(), **options))


def body(content: bytes, **options: str) -> Fault:
    return raw(http(content, **options))


def raw(answer: bytes) -> Fault:
    return lambda connection: connection.sendall(answer)


# --- and what is not ---


def then_close(answer: bytes) -> Fault:
    def fault(connection: socket.socket) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    return fault


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silence(server_stopped: threading.Event) -> Fault:
    """No answer, ever: whoever has no deadline waits until the test's own time is up."""

    def fault(_: socket.socket) -> None:
        server_stopped.wait()

    return fault


def drip(answer: bytes, start: int = 0) -> Fault:
    """One byte at a time, for ever as far as a client with a deadline can tell."""

    def fault(connection: socket.socket) -> None:
        connection.sendall(answer[:start])
        never = threading.Event()
        for byte in answer[start:]:
            connection.sendall(bytes([byte]))
            never.wait(DRIP_INTERVAL_S)

    return fault


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        connection.sendall(f"x-{number}: {'y' * 1000}\r\n".encode())


def endless_body(connection: socket.socket) -> None:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    for _ in range(BOMB_BYTES // 65536):
        connection.sendall(piece)


def gzip_bomb(folder: Path) -> Fault:
    """200 MB of spaces in about 200 kB."""
    path = folder / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        block = b" " * (1024 * 1024)
        for _ in range(BOMB_BYTES // len(block)):
            file.write(block)
    return body(path.read_bytes(), content_encoding="gzip")


@dataclass(slots=True)
class SlowReader:
    """Where it listens, and how many bytes it has taken so far."""

    url: str
    taken: int = 0


@contextlib.contextmanager
def reading_slowly() -> Iterator[SlowReader]:
    """A server that takes a little of the request now and then, so that it never quite stands still."""
    stopped = threading.Event()

    def read(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while not stopped.wait(DRIP_INTERVAL_S):
                for _ in range(4):  # enough for the sender's kernel to find room again and again
                    reader.taken += len(connection.recv(65536))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        reader = SlowReader(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql")
        thread = threading.Thread(target=read, args=(listener,), daemon=True)
        thread.start()
        try:
            yield reader
        finally:
            stopped.set()
            thread.join(5)


def resolve_to(monkeypatch: pytest.MonkeyPatch, port: int, *addresses: str) -> None:
    """A resolver that gives every name these addresses; plain addresses stay what they are."""
    original = socket.getaddrinfo

    def resolve(host: str, *arguments: Any, **options: Any) -> Any:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]
        return original(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
