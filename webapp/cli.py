"""`countersign`: run the site, migrate its database, show its settings."""

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

from granian.constants import Interfaces
from granian.server import Server

from webapp.app import gateway_config, system_clock
from webapp.gateway.demo import seed_demo
from webapp.settings import Settings, SettingsError, as_text, describe
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the process's exit code (2: settings or usage that cannot be used)."""
    parser = argparse.ArgumentParser(prog="countersign", description="Wallet-signed follow and unfollow.")
    parser.add_argument("--version", action="version", version=version("countersign"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="migrate, seed demo profiles into an empty database, serve").set_defaults(act=run)
    commands.add_parser("migrate", help="bring the database's tables up to date").set_defaults(act=migrate)
    commands.add_parser("settings", help="print every setting in force, secrets hidden").set_defaults(act=show_settings)
    options = parser.parse_args(arguments)
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        print("countersign: settings that cannot be used:", *error.faults, sep="\n  ", file=sys.stderr)
        return 2
    result: int = options.act(settings)
    return result


def run(settings: Settings) -> int:
    """Serve until told to stop (SIGINT or SIGTERM: requests in flight finish first)."""
    taken = _why_port_is_taken(settings)
    if taken:
        print(f"countersign: {taken}", file=sys.stderr)
        return 2
    database = _open_migrated(settings)
    embedded = settings.upstream_url is None
    seeded = seed_demo(database, gateway_config(settings), system_clock) if settings.demo and embedded else 0
    database.close()
    origin = settings.origins[0]
    print(f"Countersign   {origin}")
    print(f"Gateway       {f'embedded, {origin}/graphql' if embedded else settings.upstream_url}")
    print(f"Data          {_data_location(settings)}{f' ({seeded} demo profiles seeded)' if seeded else ''}", flush=True)
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


def migrate(settings: Settings) -> int:
    """Create or upgrade the tables, and say where."""
    _open_migrated(settings).close()
    print(f"Up to date: {_data_location(settings)}")
    return 0


def show_settings(settings: Settings) -> int:
    """Print NAME=value for every setting, as it is in force."""
    secret = {spec.name for spec in fields(Settings) if spec.metadata["secret"]}
    for row in describe():
        name = row.name.lower()
        value = getattr(settings, name)
        print(f"{row.name}={'(hidden)' if name in secret and value is not None else as_text(value)}")
    return 0


def _open_migrated(settings: Settings) -> Database:
    path = settings.database_url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    database = Database.open(settings.database_url)
    upgrade(database)
    return database


def _data_location(settings: Settings) -> str:
    return str(Path(settings.database_url.removeprefix("sqlite:///")).resolve())


def _why_port_is_taken(settings: Settings) -> str | None:
    """Try the address once before serving: granian shares ports, and would answer beside whoever is there already."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            return f"HOST and PORT: expected an address free to listen on; {settings.host} port {settings.port}: {error.strerror}"
    return None


if __name__ == "__main__":
    raise SystemExit(main())
