"""What `run` and `gateway` share: a migrated and seeded database, and granian on an address of their own."""

import argparse
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from webapp.commands.environment import migrated_database
from webapp.commands.ephemeral import ephemeral_data, tell_when_it_answers
from webapp.commands.listening import BACKLOG, listen
from webapp.gateway.demo import seed_demo
from webapp.server.answers.metrics import MULTIPROCESS
from webapp.server.front.adapter import LONGEST_STOP_S, THREADS
from webapp.server.front.open_connections import connections_allowed, raise_files_allowed
from webapp.server.process.heartbeats import HEARTBEATS, Supervisor
from webapp.server.process.own_folders import own_folder
from webapp.server.process.system_clock import system_clock
from webapp.server.process.writer_process import writer_process
from webapp.settings.environment import Settings
from webapp.settings.room_configs import gateway_config
from webapp.storage.urls import place_of

HEAD_BYTES = 16_384
"""Longest head of a request; whoever sends more is told so (431)."""
SILENCE_MS = 10_000
"""How long a connection may bring no whole head: a new one, and one that is kept after an answer."""
SILENCE_OF_PROXIES_MS = 75_000
"""The same where a proxy of one's own is in front, which keeps connections for a minute."""


def data_of(options: argparse.Namespace) -> AbstractContextManager[None]:
    """What holds the data: with `--ephemeral` for so long and no longer."""
    return ephemeral_data() if options.ephemeral else nullcontext()


@contextmanager
def listening(settings: Settings) -> Iterator[tuple[Settings, socket.socket]]:
    """Take the address; give the settings as they are then, `PORT=0` being the port that the system gave."""
    with listen(settings.host, settings.port) as listener:
        port = listener.getsockname()[1]
        if port != settings.port:
            os.environ["PORT"] = str(port)  # server processes read the environment themselves
        yield replace(settings, port=port), listener


def tell(options: argparse.Namespace, listener: socket.socket, url: str, said: Mapping[str, str]) -> None:
    """Say where it is and where the data lives: to people, or with `--ephemeral` to a program."""
    lines = "\n".join(f"{name:<13} {what}" for name, what in said.items())
    print(lines, file=sys.stderr if options.ephemeral else sys.stdout, flush=True)
    if options.ephemeral:
        tell_when_it_answers(url, listener)


def prepare(settings: Settings, *, has_gateway: bool) -> str:
    """Migrate and seed the database; return where the data lives, in words."""
    with migrated_database(settings) as database:
        wanted = settings.demo and has_gateway
        seeded = seed_demo(database, gateway_config(settings, origins=()), system_clock) if wanted else 0
    place = place_of(settings.database_url)
    return f"{place} ({seeded} demo profiles seeded)" if seeded else place


def serve(target: str, settings: Settings, listener: socket.socket, *, has_gateway: bool) -> None:
    """Serve the application that `target` (`module:function`) builds, until SIGINT or SIGTERM.

    Requests in flight finish first; the listener is closed when the server stops. With a gateway there is a
    process that writes for all server processes.
    """
    with ExitStack() as shared:
        os.environ[HEARTBEATS] = shared.enter_context(own_folder("countersign-heartbeats-"))
        if settings.workers > 1:
            # The processes add up their metrics in files; the library looks for them when they import it.
            os.environ[MULTIPROCESS] = shared.enter_context(own_folder("countersign-metrics-"))
        _serve(target, settings, listener, shared.enter_context(writer_process()) if has_gateway else list)


def _serve(
    target: str, settings: Settings, listener: socket.socket, writers: Callable[[], list[int]]
) -> None:
    server = _ServerOnOneSocket(
        listener,
        target,
        factory=True,
        backlog=BACKLOG,
        interface=Interfaces.ASGI,
        # The other mode can miss its own word that all is finished, and then never ends (1 stop in 160).
        runtime_mode=RuntimeModes.st,
        backpressure=connections_allowed(raise_files_allowed(), THREADS),
        http1_settings=HTTP1Settings(
            header_read_timeout=SILENCE_OF_PROXIES_MS if settings.trusted_proxy_hops else SILENCE_MS,
            max_buffer_size=HEAD_BYTES,
        ),
        # A connection of HTTP/2 may have many requests under way, past the bound on connections.
        http=HTTPModes.http1,
        workers=settings.workers,
        workers_kill_timeout=LONGEST_STOP_S,
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.error,
    )
    # A fork has its supervisor's handlers until it serves, and they would keep the signal from ending it.
    os.register_at_fork(after_in_child=partial(signal.signal, signal.SIGTERM, signal.SIG_DFL))
    gc.freeze()  # server processes share what is here, for as long as no collector looks at it
    supervisor = Supervisor(os.environ[HEARTBEATS], lambda: [*server.processes(), *writers()])
    server.on_startup(supervisor.watch)
    server.serve()


class _ServerOnOneSocket(Server):  # type: ignore[misc, valid-type]  # which class it is depends on Python's build
    """granian on a socket that is open already, and which all of its processes share.

    granian has no name for that in public; on systems other than Linux this is how it shares its own.
    """

    def __init__(self, listener: socket.socket, *given: Any, **named: Any) -> None:  # noqa: ANN401 (as granian's)
        super().__init__(*given, **named)
        self._listener = listener

    def processes(self) -> list[int]:
        """Return the ids of the server processes; none where they are threads (Python without the lock)."""
        ids = (getattr(worker.inner, "pid", None) for worker in list(self.wrks))
        return [number for number in ids if number is not None]

    def _init_shared_socket(self) -> None:
        self._listener.set_inheritable(True)
        self._sso, self._sfd = self._listener, self._listener.fileno()
        self._shd = SocketHolder(*_held(self._sfd))


def _held(descriptor: int) -> tuple[int | bool, ...]:
    """What granian wants to know of a socket, which differs between systems."""
    if sys.platform == "win32":
        return (descriptor,)
    listens_anew = sys.platform.startswith(("linux", "freebsd"))
    return (descriptor, False, BACKLOG) if listens_anew else (descriptor, False)
