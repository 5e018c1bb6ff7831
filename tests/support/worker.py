"""A second worker of a site: `python -m tests.support.worker DATABASE`.

Reads a cookie a line, and writes who is signed in by it, as JSON.
"""

import json
import sys

import httpx

from tests.support.browsers import CONFIG, ORIGIN, Browser
from tests.support.people import Ticker
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.site import create_site


def main() -> None:
    database = Database.open(f"sqlite:///{sys.argv[1]}")
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
