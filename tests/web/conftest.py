"""A site on a real database, in front of a real gateway, with a clock that stands still."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.support.browsers import CONFIG, ORIGIN, Browser, with_demo_profiles
from tests.support.databases import copied, done_with
from tests.support.faults import FaultServer
from tests.support.people import Client, Person, Ticker
from tests.support.upstream import AMPLE_S, API_KEY, connected
from webapp.applications.api_keys import ApiKeys
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.in_process import InProcessCarrier
from webapp.gateway.http.service import Gateway, create_gateway
from webapp.gateway.http.wsgi import gateway_wsgi
from webapp.network.transport import network_transport
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.site import create_site


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(copied(with_demo_profiles, tmp_path / "site.sqlite3"), busy_timeout_ms=300)
    yield database
    done_with(database)


@pytest.fixture
def gateway(database: Database, clock: Ticker) -> Gateway:
    return create_gateway(database, GatewayConfig(), clock)


@pytest.fixture
def embedded(gateway: Gateway) -> Iterator[UpstreamClient]:
    client = UpstreamClient(url=f"{ORIGIN}/graphql", transport=InProcessCarrier(gateway), api_key=API_KEY)
    yield client
    client.close()


@pytest.fixture
def networked(gateway: Gateway) -> Iterator[UpstreamClient]:
    """The same gateway behind a socket of its own."""
    server = make_server("127.0.0.1", 0, gateway_wsgi(gateway), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.port}/graphql"
    client = UpstreamClient(url=url, transport=network_transport(url), api_key=API_KEY)
    yield client
    client.close()
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def site(database: Database, embedded: UpstreamClient, clock: Ticker) -> Flask:
    return create_site(CONFIG, database, embedded, clock, api_keys=ApiKeys(database, clock))


@pytest.fixture
def visitor(site: Flask) -> Browser:
    return Browser(site)


@pytest.fixture
def alice() -> Person:
    return Person("alice")


@pytest.fixture
def bob() -> Person:
    return Person("bob")


@pytest.fixture
def api_keys(database: Database, clock: Ticker) -> ApiKeys:
    return ApiKeys(database, clock)


@pytest.fixture
def owner(visitor: Browser, alice: Person) -> Browser:
    """Alice, signed in."""
    visitor.sign_in(alice.wallet)
    return visitor


@pytest.fixture
def ready(owner: Browser, alice: Person) -> Browser:
    """Alice, signed in, on a device that is registered."""
    assert owner.post("/api/signing-keys", alice.registration()).get_json()["status"] == "SUCCESS"
    return owner


@pytest.fixture
def people(gateway: Gateway, clock: Ticker) -> Client:
    """Those who ask the gateway itself."""
    return Client(gateway, clock)


@pytest.fixture
def elsewhere() -> Iterator[FaultServer]:
    """A gateway that does what a test says."""
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture
def remote(elsewhere: FaultServer, database: Database, clock: Ticker) -> Iterator[Browser]:
    """A visitor of a site whose gateway is that one."""
    upstream = connected(elsewhere, AMPLE_S)
    yield Browser(create_site(CONFIG, database, upstream, clock))
    upstream.close()
