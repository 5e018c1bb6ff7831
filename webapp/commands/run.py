"""`countersign run`: the site, with its gateway embedded unless `UPSTREAM_URL` names another."""

import argparse
import socket

from granian.constants import Interfaces
from granian.server import Server

from webapp.app import gateway_config, system_clock
from webapp.commands.environment import data_location, load_settings, open_migrated
from webapp.commands.errors import CommandError
from webapp.gateway.demo import seed_demo
from webapp.settings import Settings


def add_arguments(_: argparse.ArgumentParser) -> None:
    """Takes none."""


def act(_: argparse.Namespace) -> int:
    """Serve until told to stop (SIGINT or SIGTERM: requests in flight finish first).

    Raises:
        CommandError: The address is not free to listen on.
    """
    settings = load_settings()
    _require_free_address(settings)
    database = open_migrated(settings)
    embedded = settings.upstream_url is None
    seeded = seed_demo(database, gateway_config(settings), system_clock) if settings.demo and embedded else 0
    database.close()
    origin = settings.origins[0]
    print(f"Countersign   {origin}")
    print(f"Gateway       {f'embedded, {origin}/graphql' if embedded else settings.upstream_url}")
    print(
        f"Data          {data_location(settings)}{f' ({seeded} demo profiles seeded)' if seeded else ''}",
        flush=True,
    )
    server = Server(
        "webapp.app:from_environment",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        respawn_failed_workers=True,
        websockets=False,
        log_dictconfig={"loggers": {"_granian": {"level": "WARNING"}}},
    )
    server.serve()
    return 0


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
