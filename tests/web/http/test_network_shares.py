"""Each network has a share of what costs the site something, and no more."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import httpx
import pytest
from flask import Flask
from limits import RateLimitItemPerMinute

from tests.support.browsers import CONFIG, ORIGIN, Browser, problem
from tests.support.people import Ticker
from webapp.gateway.http.in_process import InProcessCarrier
from webapp.gateway.http.service import Gateway
from webapp.network.fetch import Reply
from webapp.network.request_limits import RequestLimits
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web import context
from webapp.web.graph import lists, person, profiles
from webapp.web.http.network_shares import NetworkShares, Share
from webapp.web.site import create_site

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

pytestmark = pytest.mark.usefixtures("frozen")

OTHER = "198.51.100.7"


class Asked(InProcessCarrier):
    """The way to the gateway, with a count of the requests that took it."""

    requests = 0

    def carry(self, url: httpx.URL, headers: Mapping[str, str], content: bytes) -> Reply:
        self.requests += 1
        return super().carry(url, headers, content)


@pytest.fixture
def asked(gateway: Gateway) -> Asked:
    return Asked(gateway)


@pytest.fixture
def small(
    database: Database, asked: Asked, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """A site behind one proxy, where a network may look three profiles up."""
    monkeypatch.setattr(context, "OPERATIONS", Share("operations", RateLimitItemPerMinute(3)))
    for module in (lists, person, profiles):
        monkeypatch.setattr(module, "LOOKUPS", Share("profile look-ups", RateLimitItemPerMinute(3)))
    upstream = UpstreamClient(url=f"{ORIGIN}/graphql", transport=asked, api_key=None)
    yield create_site(CONFIG, database, upstream, clock, shares=NetworkShares(RequestLimits(), 1))
    upstream.close()


def get(site: Flask, path: str, client: str) -> "TestResponse":
    return site.test_client().get(path, base_url=ORIGIN, headers={"x-forwarded-for": client})


@pytest.mark.parametrize("path", ["/api/profiles/shiyu", "/api/profiles?prefix=s"])
def test_a_network_over_its_share_is_told_when_to_return(small: Flask, asked: Asked, path: str) -> None:
    """Each look-up is one of the site's own requests upstream; one visitor could use them all up."""
    assert [get(small, path, OTHER).status_code for _ in range(3)] == [200] * 3
    refused = get(small, path, OTHER)
    assert problem(refused) == (429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert asked.requests == 3, "the gateway hears nothing of what is refused"
    assert get(small, path, "203.0.113.9").status_code == 200, "others have a share of their own"


@pytest.mark.parametrize("path", ["/people", "/api/people", "/@shiyu", "/@shiyu/following", "/@shiyu/log"])
def test_lists_are_counted_as_often_as_the_gateway_is_asked(small: Flask, asked: Asked, path: str) -> None:
    """A person's page asks twice: for who it is, and for a list."""
    given = [get(small, path, OTHER) for _ in range(4)]
    assert given[0].status_code == 200
    assert given[-1].status_code == 429
    assert asked.requests == 3


def test_a_page_for_nobody_asks_and_counts_nothing(small: Flask, asked: Asked) -> None:
    pages_of_nobody = ("/following", "/activity", "/devices", "/proofs")
    assert [get(small, path, OTHER).status_code for path in pages_of_nobody] == [200] * 4
    assert asked.requests == 0


@pytest.mark.parametrize("path", ["/api/follow", "/api/unfollow", "/api/signing-keys"])
def test_what_is_handed_to_the_gateway_has_a_share_too(small: Flask, asked: Asked, path: str) -> None:
    browser = Browser(small)
    given = [browser.post(path, {}, x_forwarded_for=OTHER) for _ in range(4)]
    assert [problem(reply)[0] for reply in given] == [401] * 3 + [429]
    assert problem(browser.get("/api/signing-keys", x_forwarded_for=OTHER)) == (429, "too-many-requests")
    assert problem(browser.post(path, {}, x_forwarded_for="203.0.113.9"))[0] == 401
    assert asked.requests == 0


def test_the_page_of_a_network_over_its_share_comes_without_its_profile(small: Flask, asked: Asked) -> None:
    for _ in range(3):
        assert "Too many requests" not in get(small, "/", OTHER).text
    page = get(small, "/", OTHER)
    assert page.status_code == 200
    assert "Too many requests" in page.text
    assert asked.requests == 3


def test_t64_other_addresses_of_one_subscriber_share(small: Flask) -> None:
    """One /64 of IPv6 is one network, and what a client writes left of the proxy's entry is not believed."""
    path = "/api/profiles/shiyu"
    for number in range(3):
        assert get(small, path, f"10.9.9.{number}, 2001:db8::{number}").status_code == 200
    assert get(small, path, "10.9.9.9, 2001:db8::ffff").status_code == 429
    assert get(small, path, "2001:db8:0:1::1").status_code == 200


def test_what_is_no_look_up_is_not_counted(small: Flask) -> None:
    for _ in range(5):
        assert get(small, "/api/profiles/%20", OTHER).status_code == 400
        assert get(small, "/api/session", OTHER).status_code == 200
    assert get(small, "/api/profiles/shiyu", OTHER).status_code == 200
