"""A second worker of a site: `python -m tests.support.worker URL`.

Reads a cookie a line, and writes who is signed in by it, as JSON.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from tests.support.browsers import CONFIG, ORIGIN, Browser
from tests.support.people import Ticker
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.site import create_site


@contextmanager
def worker(url: str) -> Iterator[Callable[[str], str | None]]:
    """A second process that serves the site on this database; gives who is signed in there by a cookie."""
    command = [sys.executable, "-m", "tests.support.worker", url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def address_at(cookie: str) -> str | None:
            stdin.write(cookie + "\n")
            stdin.flush()
            address: str | None = json.loads(stdout.readline())
            return address

        yield address_at
        stdin.close()


def main() -> None:
    database = Database.open(sys.argv[1])
    nowhere = UpstreamClient(url=f"{ORIGIN}/graphql", transport=httpx.MockTransport(_refuse), api_key=None)
    browser = Browser(create_site(CONFIG, database, nowhere, Ticker()))
    for line in sys.stdin:
        browser.set_cookie(line.strip())
        sys.stdout.write(json.dumps(browser.session()["address"]) + "\n")
        sys.stdout.flush()
    database.close()


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("this worker has no gateway", request=request)


if __name__ == "__main__":
    main()
