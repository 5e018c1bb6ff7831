"""What the first HTML says is already right, and holds nothing that is not for the visitor."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support import faults
from tests.support.browsers import CONFIG, Browser
from tests.support.faults import FaultServer
from tests.support.handles import act
from tests.support.people import Client, Person, Ticker
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.network.transport import network_transport
from webapp.storage.database import Database
from webapp.upstream.client import DEADLINE_S, UpstreamClient
from webapp.web.graph import profiles
from webapp.web.site import create_site

HINT = "your own handle"
CANARY = "canary-5d1e"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for its profile as long as the client would: machines are busy."""
    monkeypatch.setattr(profiles, "PAGE_DEADLINE_S", DEADLINE_S)


@pytest.fixture
def visitor(elsewhere: FaultServer, database: Database, clock: Ticker) -> Iterator[Browser]:
    """A visitor of a site whose gateway's URL carries a key, as that of some hosts does."""
    url = f"{elsewhere.url}?key={CANARY}"
    upstream = UpstreamClient(url=url, transport=network_transport(url), api_key=None)
    yield Browser(create_site(replace(CONFIG, upstream_name=url), database, upstream, clock))
    upstream.close()


def profile(owner: str, *, followed: bool) -> faults.Fault:
    shown = {"handle": "shiyu", "avatar": "", "followerCount": 5, "owner": {"address": owner}}
    return faults.reply({"data": {"profileByHandle": {**shown, "isFollowedByMe": followed}}})


def follow_button(page: str) -> str:
    """The opening tag."""
    return page[page.index('<button class="btn follow') :].partition(">")[0]


@pytest.mark.parametrize("followed", [True, False])
@pytest.mark.parametrize("mine", [True, False])
def test_one_s_own_handle_is_told_and_cannot_be_followed_from_the_first_byte(
    visitor: Browser, elsewhere: FaultServer, alice: Person, bob: Person, *, mine: bool, followed: bool
) -> None:
    """However a gateway spells the owner; and what is followed can be unfollowed, come what may."""
    visitor.sign_in(alice.wallet)
    owner = "0x" + (alice if mine else bob).address[2:].upper()
    elsewhere.fault = profile(owner, followed=followed)
    page = visitor.get("/").text
    assert (HINT in page) is mine
    assert (" hidden" in follow_button(page)) is (mine and not followed)
    assert f'data-following="{json.dumps(followed)}"' in follow_button(page)
    assert visitor.get("/api/profiles/shiyu").get_json()["isMine"] is mine


def test_nothing_is_anybody_s_own_while_nobody_is_signed_in(
    visitor: Browser, elsewhere: FaultServer, alice: Person
) -> None:
    elsewhere.fault = profile(alice.address, followed=False)
    page = visitor.get("/").text
    assert HINT not in page
    assert " hidden" not in follow_button(page)
    assert visitor.get("/api/profiles/shiyu").get_json()["isMine"] is False


def test_a_handle_is_its_owner_s_from_the_claim_on(
    database: Database, embedded: UpstreamClient, clock: Ticker, alice: Person, bob: Person
) -> None:
    gateway = Client(create_gateway(database, GatewayConfig(), clock), clock)
    assert gateway.register(alice) == "SUCCESS"
    assert act(gateway, "claim", alice, "alice") == "SUCCESS"
    app = create_site(replace(CONFIG, featured_handle="alice"), database, embedded, clock)
    for person in (alice, bob):
        visitor = Browser(app)
        visitor.sign_in(person.wallet)
        assert (HINT in visitor.get("/").text) is (person is alice)


def test_the_query_of_the_gateway_s_url_is_for_the_gateway_alone(
    visitor: Browser, elsewhere: FaultServer, alice: Person
) -> None:
    """Some hosts keep keys there: it reaches them, and neither the page nor its inspector."""
    visitor.sign_in(alice.wallet)
    elsewhere.fault = profile(alice.address, followed=False)
    page = visitor.get("/").text
    assert f"?key={CANARY}".encode() in elsewhere.requests[-1].partition(b"\r\n")[0]
    assert elsewhere.url in page
    elsewhere.fault = faults.reply(faults.SUCCESS)
    answered = visitor.post("/api/follow", alice.request("follow", "shiyu", 1)).text
    assert elsewhere.url in answered
    assert CANARY not in page + answered


@pytest.mark.parametrize(
    ("fault", "slug", "words"),
    [
        (faults.reset, "upstream-unreachable", "The gateway cannot be reached."),
        (faults.reply({"data": 1}), "upstream-malformed", "The gateway&#39;s answer cannot be understood."),
    ],
)
def test_a_gateway_that_is_down_is_told_with_the_page(
    visitor: Browser, elsewhere: FaultServer, fault: faults.Fault, slug: str, words: str
) -> None:
    """The first HTML says so, with the handle in its field, and the page knows which problem it is."""
    elsewhere.fault = fault
    page = visitor.get("/").text
    assert words in page
    assert 'id="handle" value="shiyu"' in page
    assert f'"featuredProblem": "{slug}"' in page


def test_a_link_to_a_handle_that_nobody_has_says_so(
    database: Database, embedded: UpstreamClient, clock: Ticker
) -> None:
    """And one that cannot be a handle opens the page all the same, with nothing of it run."""
    visitor = Browser(create_site(CONFIG, database, embedded, clock))
    assert '"featuredProblem": "not-found"' in visitor.get("/?handle=nobody-here").text
    odd = visitor.get("/?handle=%3Cscript%3Ealert(1)%3C/script%3E")
    assert odd.status_code == 200
    assert "<script>alert" not in odd.text
