"""A page of another origin, written for the original hosted API with its JavaScript SDK, works against ours.

Two releases, both unchanged from npm: alpha.21 has the gateway write the message, alpha.16 writes it
itself. Where the SDK goes wrong the test says so: those are its habits, not ours, and the state on our side
is right.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from countersign.testing import Wallet, install
from tests.support.e2e.arrangements import ONE_PROCESS, TWO_DATABASES, Arrangement
from tests.support.e2e.bundles import bundle, module
from tests.support.e2e.origins import origin
from tests.support.places import ROOT
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS, TWO_DATABASES)

PAGE = """<!doctype html><html lang="en"><title>Somebody else's page</title><script src="/sdk.js"></script>"""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Somebody else's page, its visitor's wallet, and our side."""

    page: Page
    wallet: Wallet
    ours: Arrangement

    def load(self, url: str) -> "Elsewhere":
        self.page.goto(url)
        self.page.evaluate("(api) => { window.client = sdk.connect(api); }", self.ours.gateway.graphql_url)
        return self

    def call(self, act: str, handle: str = "shiyu") -> dict[str, Any]:
        """What the SDK's method came to: `{done: true}` or `{threw: message}`."""
        outcome: dict[str, Any] = self.page.evaluate("([act, handle]) => client[act](handle)", [act, handle])
        return outcome

    def following(self) -> bool:
        return self.ours.gateway.follows(self.wallet.address, "shiyu")

    def count(self) -> int:
        """The followers that our gateway counts; our site shows as many."""
        count = self.ours.gateway.follower_count("shiyu")
        assert self.ours.shown_count() == count
        return count

    def log(self) -> list[str]:
        """The operations of this address that our operation log holds, oldest first: their `op`."""
        return [json.loads(message)["op"] for message in self.ours.gateway.operations(self.wallet.address)]


def other_site(release: str) -> Iterator[str]:
    with origin({"/": PAGE, "/sdk.js": bundle(f"sdk/{release}.ts", name="sdk")}) as url:
        yield url


@pytest.fixture(scope="session")
def alpha21_url() -> Iterator[str]:
    yield from other_site("alpha21")


@pytest.fixture(scope="session")
def alpha16_url() -> Iterator[str]:
    yield from other_site("alpha16")


@pytest.fixture
def visitor(context: BrowserContext) -> Wallet:
    """The SDK finds its wallet at `window.ethereum`, already opened to the page."""
    wallet = Wallet(announced=False, opened=True)
    install(context, wallet)
    return wallet


@pytest.fixture
def alpha21(page: Page, visitor: Wallet, arrangement: Arrangement, alpha21_url: str) -> Elsewhere:
    return Elsewhere(page, visitor, arrangement).load(alpha21_url)


@pytest.fixture
def alpha16(page: Page, visitor: Wallet, arrangement: Arrangement, alpha16_url: str) -> Elsewhere:
    return Elsewhere(page, visitor, arrangement).load(alpha16_url)


@pytest.fixture(params=["alpha21_url", "alpha16_url"])
def elsewhere(
    request: pytest.FixtureRequest, page: Page, visitor: Wallet, arrangement: Arrangement
) -> Elsewhere:
    """Each release in turn."""
    return Elsewhere(page, visitor, arrangement).load(request.getfixturevalue(request.param))


def test_follow_unfollow_and_follow_again(elsewhere: Elsewhere) -> None:
    """Each call succeeds and our side says so after each; the wallet is asked once, for the device's key."""
    count = elsewhere.count()

    assert elsewhere.call("follow") == {"done": True}
    assert elsewhere.following()
    assert elsewhere.count() == count + 1

    assert elsewhere.call("unfollow") == {"done": True}
    assert not elsewhere.following()
    assert elsewhere.count() == count

    assert elsewhere.call("follow") == {"done": True}
    assert elsewhere.following()
    assert elsewhere.count() == count + 1

    assert elsewhere.log() == ["follow", "unfollow", "follow"]
    (authorisation,) = elsewhere.wallet.asked()
    assert authorisation.text.startswith("I authorize CyberConnect from this device using signing key:\n")


def test_a_follow_that_is_already_done_is_thrown_as_an_error(elsewhere: Elsewhere) -> None:
    """The SDK throws ALREADY_DONE; nothing is appended, and the follow stands."""
    elsewhere.call("follow")
    assert elsewhere.call("follow") == {"threw": "ALREADY_DONE"}
    assert elsewhere.following()
    assert elsewhere.log() == ["follow"]


def test_an_unknown_handle_is_answered_and_thrown(elsewhere: Elsewhere) -> None:
    """`createFollowTypedMessage` never refuses; the mutation says HANDLE_NOT_FOUND."""
    assert elsewhere.call("follow", "nobody-has-this") == {"threw": "HANDLE_NOT_FOUND"}


def test_a_refusal_in_the_wallet_can_be_tried_again(elsewhere: Elsewhere) -> None:
    """Cancelled authorisation: the SDK forgets the key it made, so that the next call starts afresh."""
    elsewhere.wallet.reject_next()
    assert elsewhere.call("follow") == {"threw": "User cancel the sign process"}
    assert not elsewhere.following()
    assert elsewhere.call("follow") == {"done": True}
    assert elsewhere.following()


def make_first_message_old(page: Page, gateway: Server) -> Callable[[], int]:
    """Age by an hour the first message that the gateway writes, as a slow signer would; answers how many it
    aged.
    """
    aged: list[str] = []

    def intercept(route: Route) -> None:
        asks_for_message = "createFollowTypedMessage" in (route.request.post_data or "")
        if aged or route.request.method != "POST" or not asks_for_message:
            route.continue_()
            return
        reply = route.fetch()
        body = reply.json()
        message = json.loads(body["data"]["createFollowTypedMessage"]["message"])
        message["ts"] = int(message["ts"]) - HOUR_MS
        aged.append(json.dumps(message))
        body["data"]["createFollowTypedMessage"]["message"] = aged[0]
        route.fulfill(response=reply, json=body)

    page.route(f"{gateway.graphql_url}*", intercept)
    return lambda: len(aged)


def test_alpha21_recovers_from_an_expired_message_when_it_follows(alpha21: Elsewhere) -> None:
    """MESSAGE_EXPIRED makes it ask for another message and send that: done."""
    aged = make_first_message_old(alpha21.page, alpha21.ours.gateway)
    assert alpha21.call("follow") == {"done": True}
    assert aged() == 1
    assert alpha21.following()


def test_alpha21_throws_after_its_second_try_to_unfollow_succeeded(alpha21: Elsewhere) -> None:
    """Its `unfollow` reports the first answer though the second was SUCCESS: on our side it is unfollowed."""
    alpha21.call("follow")
    aged = make_first_message_old(alpha21.page, alpha21.ours.gateway)
    assert alpha21.call("unfollow") == {"threw": "MESSAGE_EXPIRED"}
    assert aged() == 1
    assert not alpha21.following()
    assert alpha21.log() == ["follow", "unfollow"]


def test_alpha21_keeps_a_key_that_was_never_registered(alpha21: Elsewhere, alpha21_url: str) -> None:
    """A tab closed during the wallet's prompt leaves such a key: refused until the site's data is cleared."""
    alpha21.wallet.hold_next()
    alpha21.page.evaluate("() => { client.follow('shiyu'); }")
    alpha21.wallet.wait_until_held(alpha21.page)
    tab = alpha21.page.context.new_page()
    alpha21.page.close()

    reopened = Elsewhere(tab, alpha21.wallet, alpha21.ours).load(alpha21_url)
    assert reopened.call("follow") == {"threw": "INVALID_SIGNING_KEY"}
    assert not reopened.following()

    session = tab.context.new_cdp_session(tab)
    session.send("Storage.clearDataForOrigin", {"origin": alpha21_url, "storageTypes": "indexeddb"})
    reopened.load(alpha21_url)
    assert reopened.call("follow") == {"done": True}
    assert reopened.following()


def test_alpha16_depends_on_the_visitors_clock(alpha16: Elsewhere) -> None:
    """It stamps messages by the browser's clock and has no second try: ten minutes off is MESSAGE_EXPIRED."""
    alpha16.page.evaluate("(ms) => { const now = Date.now; Date.now = () => now() + ms; }", HOUR_MS // 6)
    assert alpha16.call("follow") == {"threw": "MESSAGE_EXPIRED"}
    assert not alpha16.following()


@pytest.mark.arrangements(ONE_PROCESS)
def test_the_original_sdk_goes_as_the_quick_start_shows(
    page: Page, visitor: Wallet, arrangement: Arrangement
) -> None:
    """The lines of README and docs, as they stand, in a page of somebody else's."""
    example = ROOT / "docs" / "examples" / "original-sdk.js"
    source = example.read_text(encoding="utf-8")
    source = source.replace("http://127.0.0.1:8000/graphql", arrangement.gateway.graphql_url)
    script = module(source, "sdk")
    html = PAGE.replace("<script ", '<script type="module" ')
    with (
        origin({"/": html, "/sdk.js": script}) as url,
        page.expect_response(lambda reply: "mutation follow" in (reply.request.post_data or "")) as answered,
    ):
        page.goto(url)
        assert answered.value.json()["data"]["follow"]["status"] == "SUCCESS"
    assert arrangement.gateway.follows(visitor.address, "shiyu")
