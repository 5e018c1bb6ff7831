"""The directory as the server writes it, and as its script reads it."""

from collections.abc import Iterator

import pytest

from tests.support import faults
from tests.support.browsers import CONFIG, Browser, problem
from tests.support.people import Ticker
from webapp.network.transport import network_transport
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.site import create_site


@pytest.fixture
def bare(database: Database, clock: Ticker) -> Iterator[Browser]:
    """A visitor of a site whose gateway has no directory."""
    refused = faults.reply({"errors": [{"message": "Cannot query field"}]})
    with faults.serving(refused) as server:
        upstream = UpstreamClient(url=server.url, transport=network_transport(server.url), api_key=None)
        yield Browser(create_site(CONFIG, database, upstream, clock))
        upstream.close()


def test_a_gateway_without_a_directory_is_named(bare: Browser) -> None:
    assert "has no directory: it lacks that extension" in bare.get("/people").text
    assert bare.get("/api/people").get_json() == {"people": None}


@pytest.mark.parametrize("claim", ["", "Nobody", "a%22b", "%3Cb%3E", "a" * 21])
def test_what_is_no_handle_is_not_proposed_to_be_claimed(claim: str, visitor: Browser) -> None:
    reply = visitor.get(f"/people?claim={claim}")
    assert reply.status_code == 200
    assert '<input id="handle" autocomplete' in reply.text


def test_an_order_that_there_is_not_is_refused(visitor: Browser) -> None:
    reply = visitor.get("/api/people?order=loudest")
    assert problem(reply) == (400, "invalid-request")
    assert reply.get_json()["errors"] == [{"field": "order", "expected": "one of newest, most-followed"}]
    assert visitor.get("/people?order=loudest").status_code == 400
