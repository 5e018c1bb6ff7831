"""`--ephemeral`: a server for one run of somebody's tests, with data that goes when it goes.

Its data is in a folder of its own, its port is one that the system has free, and all that it prints is its
address, once it answers there. It ends when it is told, or when whoever started it has ended.
"""

import argparse
import http.client
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote

from webapp.commands.stderr import say
from webapp.server.process.own_folders import own_folder

PREFIX = "countersign-ephemeral-"
"""What names of these folders begin with, among the system's temporary files."""
LOOKS_EVERY_S = 0.25
"""How often it looks whether who started it is there. Nothing of the system's own tells a process that."""
FIRST_ANSWER_S = 60.0


def add_option(parser: argparse.ArgumentParser) -> None:
    """Take `--ephemeral`."""
    parser.add_argument(
        "--ephemeral",
        action="store_true",
        help="for tests: a database that goes away at the end (whatever DATABASE_URL says), a free port "
        "unless PORT names one, and on stdout nothing but the address, once it answers",
    )
    parser.epilog = "With --ephemeral it ends on SIGTERM or SIGINT, or with the process that started it."


@contextmanager
def ephemeral_data() -> Iterator[None]:
    """Have the settings name a database of this run alone, for the length of a `with` block.

    SIGTERM and SIGINT end the block, too, until a server minds them itself. What one leaves that is killed
    (`kill -9`), the next one to start takes away.
    """
    for end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(end, lambda *_: sys.exit(0))
    with own_folder(PREFIX) as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{quote(folder)}/countersign.sqlite3"
        if not os.environ.get("PORT"):
            os.environ["PORT"] = "0"
        _end_with(os.getppid())
        yield


def tell_when_it_answers(url: str, listener: socket.socket) -> None:
    """Print the address in one line, once somebody who asks is answered there."""
    host, port = listener.getsockname()[:2]
    threading.Thread(target=_tell, args=(url, host, port), name="ready", daemon=True).start()


def _tell(url: str, host: str, port: int) -> None:
    # The listener is open: whoever connects waits in it for the first server process.
    asking = http.client.HTTPConnection(host, port, timeout=FIRST_ANSWER_S)
    try:
        asking.request("GET", "/healthz")
        asking.getresponse().read()
    except (OSError, http.client.HTTPException) as error:
        say(f"no answer at {url}, so nothing is printed: {error}")
        return
    finally:
        asking.close()
    with suppress(OSError):  # nobody reads on, and who started it may be gone: it ends then
        os.write(sys.stdout.fileno(), f"{url}\n".encode())


def _end_with(parent: int) -> None:
    """Stop as if told, once whoever started it has ended: tests that are killed leave no server behind."""

    def watch() -> None:
        never = threading.Event()
        while os.getppid() == parent:
            never.wait(LOOKS_EVERY_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
