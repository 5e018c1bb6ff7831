"""The writer wired: the process that decides and appends for all server processes of one `run` or `gateway`.

`python -m webapp.writer_app LISTENER LIFELINE`: two descriptors (`server/process/writer_process.py`).
"""

import os
import signal
import socket
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

from webapp.gateway.log.sequencer import numbering
from webapp.gateway.log.writer import Writer
from webapp.server.process.collector import settle
from webapp.server.process.heartbeats import HEARTBEATS, heartbeat
from webapp.server.process.logs import configure_logs
from webapp.server.process.system_clock import system_clock
from webapp.settings.environment import Serves, Settings
from webapp.settings.room_configs import gateway_config
from webapp.storage.database import Database


def main(listener: int, lifeline: int) -> None:
    """Serve until nobody is left to serve, or a commit fails: then the file is opened anew by another."""
    # Whoever stops a server stops its whole group; what server processes still send is to be written.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with suppress(OSError):
        Path("/proc/self/comm").write_text("countersign-wr", encoding="ascii")
    settings = Settings.from_env(os.environ, serves=Serves.NOTHING)
    configure_logs(settings.log_level, settings.log_format)
    config = gateway_config(settings, origins=())
    failed = threading.Event()
    database = Database.open(settings.database_url, create=False, commit_failed=failed.set)
    with closing(database), numbering(database), socket.socket(fileno=listener) as accepting:
        beat = heartbeat(os.environ.get(HEARTBEATS))
        writer = Writer(database, config.policy, config.key_lifetime_ms, system_clock, beat=beat)
        settle()
        writer.serve(accepting, lifeline, failed)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
