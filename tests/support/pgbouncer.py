"""A real PgBouncer before a server, where the machine has the program (Debian: `pgbouncer`)."""

import os
import shutil
import socket
from types import TracebackType
from typing import Self

from tests.support.daemons import Daemon
from tests.support.ports import free_port
from tests.support.postgresql import PASSWORD, ROLE, Server, ServerNotReadyError, wait_until

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
"""None: there is none, and tests that need it say so."""


class Pooler:
    """In transaction mode: a client has a session of the server for the length of a transaction.

    Args:
        server: Where its sessions are.
        settings: As in the section `pgbouncer` of its file.
    """

    def __init__(self, server: Server, **settings: str) -> None:
        assert PGBOUNCER is not None
        self.port = free_port()
        self._program = PGBOUNCER
        self._daemon = Daemon("pooler")
        users = self._daemon.write("users", f'"{ROLE}" "{PASSWORD}"\n')
        ours = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(self.port),
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": str(users),
            "pool_mode": "transaction",
        }
        self._settings = self._daemon.write(
            "settings",
            f"[databases]\n* = host={server.folder} port={server.port}\n[pgbouncer]\n"
            + "".join(f"{name} = {value}\n" for name, value in (ours | settings).items()),
        )

    def url(self, database: str) -> str:
        return f"postgresql://{ROLE}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def start(self) -> Self:
        """Start, again too, and return once it takes connections."""
        self._daemon.launch(self._program, self._settings)
        wait_until(lambda: not self._daemon.running or self._listens())
        if not self._daemon.running:
            raise ServerNotReadyError(self._daemon.log)
        return self

    def stop(self) -> None:
        """Break all connections off: it has nothing to lose, and its versions differ in what signals mean."""
        self._daemon.kill()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._daemon.remove()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
