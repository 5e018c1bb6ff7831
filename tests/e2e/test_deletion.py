"""An account deleted in a browser, as far as it can be: told before, done step by step, and gone on with."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from countersign.testing import Wallet, install
from tests.support.device import Device
from tests.support.e2e.arrangements import ONE_PROCESS, TWO_DATABASES
from tests.support.e2e.auditor import LOOKS, Auditor, press
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

WALLET = "Brass wallet"
BIO = "Collects stamps"
NAME = "Lost phone"
GONE = {
    "type": "/problems/upstream-unreachable",
    "title": "Gateway not reached",
    "status": 502,
    "detail": "x",
}
STALE = {"type": "/problems/sign-in-again", "title": "Sign in again", "status": 403, "detail": "x"}
_numbers = itertools.count(1)


def refused(route: Route, problem: dict[str, object]) -> None:
    told = json.dumps({**problem, "requestId": "req-1"})
    route.fulfill(status=int(str(problem["status"])), body=told, content_type="application/problem+json")


class LeavingPage(SandboxPage):
    """One tab of somebody with much to delete: a profile with words, a lost device whose key has a name."""

    handle_of_own: str
    lost: Device

    def settle(self, wallet: Wallet, gateway: Server) -> "LeavingPage":
        """Sign in and authorise here; have the lost device claim a handle, fill its page and be named."""
        self.open()
        self.ready(WALLET)
        self.lost = Device(gateway.graphql_url, wallet.accounts[wallet.active])
        assert self.lost.register() == "SUCCESS"
        self.handle_of_own = f"dora-{gateway.port}-{next(_numbers)}"
        shown = {"displayName": "Dora", "bio": BIO, "avatar": ""}
        self._send(gateway, "claimHandle", "claim", {})
        self._send(gateway, "updateProfile", "profile", shown)
        self.page.goto(f"{self.url}/devices")
        key = self.page.get_by_role("region", name="Signing keys").get_by_role("listitem")
        other = key.filter(has_not_text="This device")
        expect(other).to_have_count(1)
        self.click("Rename", other)
        self.page.get_by_label("Name of the key").fill(NAME)
        self.click("Save")
        self.expect_result(f"is called “{NAME}” now")
        return self

    def _send(self, gateway: Server, mutation: str, op: str, shown: dict[str, str]) -> None:
        members = {"op": op, "address": self.lost.address, "handle": self.handle_of_own, **shown}
        message = json.dumps({**members, "ts": time.time_ns() // 1_000_000})
        sent = self.lost.request(op, self.handle_of_own, message=message)
        text = f"mutation m($input: HandleRequest!) {{ {mutation}(input: $input) {{ status }} }}"
        assert gateway.graphql(text, input=sent)[mutation]["status"] == "SUCCESS"

    def open_activity(self) -> "LeavingPage":
        self.page.goto(f"{self.url}/activity")
        expect(self.go).to_be_visible()
        return self

    @property
    def deletion(self) -> Locator:
        return self.page.get_by_role("region", name="Delete", exact=True)

    @property
    def go(self) -> Locator:
        return self.deletion.get_by_role("button")

    @property
    def farewell(self) -> Locator:
        return self.page.get_by_role("region", name="Deleted")

    @property
    def steps(self) -> Locator:
        return self.page.get_by_role("list", name="Steps of deleting").get_by_role("listitem")

    def delete(self) -> None:
        """Press it, and say yes."""
        self.go.click()
        self.click("Delete", self.dialog)

    def expect_over(self) -> None:
        """All was done, and nobody is signed in any more."""
        expect(self.farewell).to_be_visible()
        expect(self.farewell.get_by_role("heading", level=2)).to_be_focused()
        expect(self.steps.filter(has_text="not done")).to_have_count(0)
        expect(self.page.get_by_text("Signed out.", exact=True)).to_be_visible()
        assert self.session()["addresses"] == []


@pytest.fixture
def here(page: Page, wallet: Wallet, site: Server, gateway: Server) -> LeavingPage:
    return LeavingPage(page, site.url).settle(wallet, gateway)


@pytest.fixture
def elsewhere(browser: Browser, wallet: Wallet, site: Server) -> Iterator[Callable[[], SandboxPage]]:
    """Sign in in another browser of the same person."""
    contexts: list[BrowserContext] = []

    def open_one() -> SandboxPage:
        context = browser.new_context(locale="en-GB", reduced_motion="reduce")
        contexts.append(context)
        install(context, Wallet(accounts=wallet.accounts))
        opened = SandboxPage(context.new_page(), site.url).open()
        opened.connect(WALLET)
        return opened

    yield open_one
    for context in contexts:
        context.close()


def known(gateway: Server, here: LeavingPage) -> dict[str, Any]:
    """What anybody is told of the address and its handle."""
    found: dict[str, Any] = gateway.graphql(
        "query ($address: AddressEVM!, $handle: String!) { "
        "profileByHandle(handle: $handle) { avatar metadataInfo { displayName bio } } "
        "address(address: $address) { signingKeys { name revokedAt } "
        "operations(handle: $handle) { edges { node { op proof { content } } } } } }",
        address=here.lost.address,
        handle=here.handle_of_own,
    )
    return found


def keys_of(gateway: Server, here: LeavingPage) -> list[tuple[str, bool]]:
    """Each key's name, and whether it is revoked."""
    keys = known(gateway, here)["address"]["signingKeys"]
    return [(key["name"], key["revokedAt"] is not None) for key in keys]


@pytest.mark.arrangements(ONE_PROCESS, TWO_DATABASES)
def test_all_that_can_go_goes_and_what_was_signed_stays(
    here: LeavingPage, elsewhere: Callable[[], SandboxPage], wallet: Wallet, site: Server, gateway: Server
) -> None:
    """With the mouse; the other browser is out at once, the API key dead, and the wallet is not asked."""
    other = elsewhere()
    embedded, key = site is gateway, ""
    if embedded:
        here.page.goto(f"{site.url}/apps")
        here.page.get_by_label("Name of the application").fill("Feed reader")
        here.click("Create key")
        key = here.page.get_by_role("group", name="API key of").locator("code").inner_text()
    here.open_activity()
    expect(here.deletion).to_contain_text("Everything that you signed before")
    expect(here.deletion.get_by_text("They are not kept here")).to_have_count(0 if embedded else 1)
    asked = len(wallet.asked())
    here.deletion.get_by_role("checkbox", name="Give my handles back").check()
    here.go.click()
    expect(here.dialog).to_contain_text(f"@{here.handle_of_own}")
    here.click("Cancel", here.dialog)
    expect(here.steps).to_have_count(0)
    assert keys_of(gateway, here).count(("", True)) == 0
    here.delete()
    here.expect_over()
    assert len(wallet.asked()) == asked

    expect(here.steps).to_have_count(7 if embedded else 6)
    found = known(gateway, here)
    assert found["profileByHandle"] is None
    assert keys_of(gateway, here) == [("", True), ("", True)]
    log = [edge["node"] for edge in found["address"]["operations"]["edges"]]
    assert [entry["op"] for entry in log] == ["release", "profile", "profile", "claim"]
    assert BIO in log[2]["proof"]["content"]
    assert other.session()["addresses"] == []
    if embedded:
        query = {"query": "{ __typename }"}
        reply = httpx.post(gateway.graphql_url, json=query, headers={"x-api-key": key}, trust_env=False)
        assert reply.status_code == 401
    names = here.page.evaluate("() => Object.keys(localStorage)")
    assert [name for name in names if here.lost.address.lower() in name] == []
    here.reload()
    expect(here.page.get_by_text("You are not signed in.")).to_be_visible()


def test_a_step_that_fails_and_a_reload_only_have_to_go_on(
    here: LeavingPage, wallet: Wallet, gateway: Server
) -> None:
    """With the keyboard alone. What is done stays so, the rest as it was; a handle that is kept is empty."""
    page = here.open_activity().page
    page.route("**/api/handles/profile", lambda route: refused(route, GONE), times=1)
    press(here.go)
    press(here.button("Delete", here.dialog))
    halted = here.steps.filter(has_text="Empty the profile")
    expect(halted).to_contain_text("not done")
    expect(here.page.locator("#result")).to_contain_text("Gateway not reached")
    expect(here.steps.filter(has_text="Revoke")).to_contain_text(["not begun", "not begun"])
    assert known(gateway, here)["profileByHandle"]["metadataInfo"]["bio"] == BIO
    assert sorted(keys_of(gateway, here)) == [("", False), (NAME, False)]

    page.route("**/api/signing-keys/revoke", lambda route: refused(route, GONE), times=1)
    press(here.page.locator("#result").get_by_role("button", name="Try again"))
    expect(here.steps.filter(has_text=f"Revoke {NAME}")).to_contain_text("not done")
    assert known(gateway, here)["profileByHandle"]["metadataInfo"] == {"displayName": "", "bio": ""}
    assert keys_of(gateway, here) == [("", False), ("", False)]

    here.reload()
    expect(here.deletion).to_contain_text("has not come to its end")
    expect(here.go).to_have_text("Go on")
    asked = len(wallet.asked())
    press(here.go)
    press(here.button("Delete", here.dialog))
    here.expect_over()
    expect(here.farewell).to_contain_text(f"@{here.handle_of_own}: still yours, and empty.")
    assert keys_of(gateway, here) == [("", True), ("", True)]
    assert len(wallet.asked()) == asked


def test_the_wallet_is_asked_first_and_without_it_nothing_is_done(
    here: LeavingPage, wallet: Wallet, gateway: Server
) -> None:
    here.open_activity()
    here.page.route("**/api/sessions/revoke", lambda route: refused(route, STALE), times=1)
    asked = len(wallet.asked())
    wallet.reject_next()
    here.delete()
    expect(here.page.locator("#result")).to_contain_text("Cancelled in wallet")
    expect(here.go).to_have_text("Go on")
    assert len(wallet.asked()) == asked + 1
    assert sorted(keys_of(gateway, here)) == [("", False), (NAME, False)]
    assert here.session()["addresses"] == [wallet.address]
    here.go.click()
    here.expect_over()


def test_it_can_be_stopped_between_two_steps(here: LeavingPage, gateway: Server) -> None:
    held: list[Route] = []
    page = here.open_activity().page
    page.route("**/api/applications/delete", lambda route: held.extend([route]), times=1)
    with page.expect_request("**/api/applications/delete"):
        here.delete()
    here.click("Stop", here.deletion)
    expect(here.deletion).to_contain_text("It stops after this step.")
    held[0].continue_()
    expect(here.deletion).to_contain_text("Stopped. What is done stays done")
    expect(here.steps.filter(has_text="Delete API keys")).to_contain_text("done")
    assert known(gateway, here)["profileByHandle"]["metadataInfo"]["bio"] == BIO
    here.go.click()
    here.expect_over()


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_every_state_in_every_look(looks: tuple[str, ...], here: LeavingPage) -> None:
    page = here.page
    auditor = Auditor(page, *looks)
    here.open_activity()
    auditor.check("before")
    here.go.click()
    expect(here.dialog).to_be_visible()
    auditor.check("the question")
    page.route("**/api/handles/profile", lambda route: refused(route, GONE), times=1)
    here.click("Delete", here.dialog)
    expect(here.go).to_have_text("Go on")
    auditor.check("halted")
    here.go.click()
    here.expect_over()
    auditor.check("over")
