"""What `run` and `gateway` share: a free address, a migrated and seeded database, granian."""

import os
import socket
from contextlib import ExitStack
from tempfile import TemporaryDirectory

from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.log import LogLevels
from granian.server import Server

from webapp.app import system_clock
from webapp.commands.environment import data_location, open_migrated
from webapp.commands.errors import CommandError
from webapp.gateway.demo import seed_demo
from webapp.metrics import MULTIPROCESS
from webapp.settings import Settings
from webapp.shares import gateway_config


def prepare(settings: Settings, *, has_gateway: bool) -> str:
    """Check the address, migrate, seed; returns where the data lives, in words.

    Raises:
        CommandError: The address is not free to listen on.
    """
    _require_free_address(settings)
    database = open_migrated(settings)
    seeded = (
        seed_demo(database, gateway_config(settings), system_clock) if settings.demo and has_gateway else 0
    )
    database.close()
    return f"{data_location(settings)}{f' ({seeded} demo profiles seeded)' if seeded else ''}"


def serve(target: str, settings: Settings) -> None:
    """Serve until told to stop (SIGINT or SIGTERM: requests in flight finish first).

    Args:
        target: `module:function` that builds the application in each server process.
        settings: Where to listen, and with how many processes and threads.
    """
    with ExitStack() as shared:
        if settings.workers > 1:
            # The processes add up their metrics in files; the library looks for them when they import it.
            os.environ[MULTIPROCESS] = shared.enter_context(TemporaryDirectory(prefix="countersign-metrics-"))
        _serve(target, settings)


def _serve(target: str, settings: Settings) -> None:
    Server(
        target,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        # The other mode can miss its own word that all is finished, and then never ends (1 stop in 160).
        runtime_mode=RuntimeModes.st,
        # A connection of HTTP/2 may have many requests under way, past the bound on connections.
        http=HTTPModes.http1,
        workers=settings.workers,
        workers_kill_timeout=_longest_stop_s(settings),
        respawn_failed_workers=True,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()


def _longest_stop_s(settings: Settings) -> int:
    """Seconds after which nothing is in flight: a body on its way, an answer from upstream, some to spare."""
    return (settings.body_deadline_ms + settings.upstream_deadline_ms) // 1000 + 5


def _require_free_address(settings: Settings) -> None:
    """Try the address first: granian shares ports, and would answer beside whoever is there already."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            place = f"{settings.host} port {settings.port}"
            raise CommandError(
                f"HOST and PORT: expected an address free to listen on; {place}: {error.strerror}"
            ) from None
