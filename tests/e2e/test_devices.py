"""The page of keys and sessions in a browser: what is ended on it is over in the others."""

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from countersign.testing import Wallet, install
from tests.support.device import Device
from tests.support.e2e.arrangements import ONE_PROCESS, TWO_DATABASES
from tests.support.e2e.auditor import LOOKS, MOST_SHIFT, SHIFT, Auditor, press
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

WALLET = "Brass wallet"


class DevicesPage(SandboxPage):
    """One tab on the page of keys and sessions."""

    def open_devices(self) -> "DevicesPage":
        self.page.goto(f"{self.url}/devices")
        expect(self.page.get_by_role("heading", name="Devices", level=1)).to_be_visible()
        return self

    @property
    def keys(self) -> Locator:
        return self.page.get_by_role("region", name="Signing keys").get_by_role("listitem")

    @property
    def sessions(self) -> Locator:
        return self.page.get_by_role("region", name="Web sessions").get_by_role("listitem")

    @property
    def own_key(self) -> Locator:
        return self.keys.filter(has_text="This device")

    @property
    def other_key(self) -> Locator:
        return self.keys.filter(has_not_text="This device")

    def said(self, words: str) -> None:
        """The result of the last act, once it is over."""
        self.expect_result(re.compile(words, re.DOTALL))


@pytest.fixture
def elsewhere(browser: Browser, wallet: Wallet, site: Server) -> Iterator[Callable[[], DevicesPage]]:
    """Open the sandbox page in another browser of the same person."""
    contexts: list[BrowserContext] = []

    def open_one() -> DevicesPage:
        context = browser.new_context(locale="en-GB", reduced_motion="reduce")
        contexts.append(context)
        install(context, Wallet(accounts=wallet.accounts))
        opened = DevicesPage(context.new_page(), site.url)
        opened.open()
        return opened

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def here(page: Page, wallet: Wallet, site: Server) -> DevicesPage:
    """Signed in and authorised, with a wallet that answers by itself."""
    assert wallet.name == WALLET
    opened = DevicesPage(page, site.url)
    opened.open()
    opened.ready(WALLET)
    return opened


@pytest.mark.arrangements(ONE_PROCESS, TWO_DATABASES)
def test_a_lost_device_s_key_is_named_and_revoked_from_another(
    here: DevicesPage, elsewhere: Callable[[], DevicesPage], wallet: Wallet
) -> None:
    """This device's key signs both, and the wallet is not asked; the lost one signs nothing any more."""
    lost = elsewhere()
    lost.ready(WALLET)
    asked = len(wallet.asked())
    here.open_devices()
    expect(here.own_key).to_have_count(1)
    expect(here.other_key).to_have_count(1)
    for key in (here.own_key, here.other_key):
        expect(key).to_contain_text("no use lately")
    here.click("Rename", here.other_key)
    here.page.get_by_label("Name of the key").fill("Lost phone")
    here.click("Save")
    here.said("SUCCESS.*is called “Lost phone” now")
    expect(here.other_key).to_contain_text("Lost phone")
    expect(here.own_key).to_contain_text("last used")
    expect(here.other_key).to_contain_text("no use lately")
    here.click("Revoke", here.other_key)
    expect(here.dialog).to_contain_text("It signs nothing more from then on, wherever it is")
    here.click("Revoke", here.dialog)
    here.said("SUCCESS.*“Lost phone” is revoked")
    expect(here.other_key).to_have_count(0)
    here.page.get_by_text("1 key signs no more").click()
    expect(here.keys.filter(has_text="Lost phone")).to_contain_text("revoked")
    assert len(wallet.asked()) == asked

    lost.click("Follow", lost.card())
    lost.expect_result("INVALID_SIGNING_KEY")
    here.open().follow()


def test_the_wallet_renews_this_device_s_key(here: DevicesPage, wallet: Wallet) -> None:
    """It is shown the message; the new end stands on the page, which reads it back."""
    here.open_devices()
    ends = here.own_key.locator("time").last
    before = ends.get_attribute("datetime") or ""
    here.click("Renew", here.own_key)
    here.said("SUCCESS.*signs for another whole term")
    asked = json.loads(wallet.asked()[-1].text)
    assert (asked["op"], asked["address"]) == ("renew", wallet.address)
    expect(ends).not_to_have_attribute("datetime", before)
    assert (ends.get_attribute("datetime") or "") > before
    wallet.reject_next()
    here.click("Renew", here.own_key)
    here.said("Cancelled in wallet")


def test_this_browser_s_key_is_revoked_and_made_anew(here: DevicesPage) -> None:
    """The page says before what that means, and offers the way back."""
    here.open_devices()
    here.click("Revoke", here.own_key)
    expect(here.dialog).to_contain_text("until your wallet authorises it again")
    here.click("Cancel", here.dialog)
    expect(here.own_key).to_have_count(1)
    here.click("Revoke", here.own_key)
    here.click("Revoke", here.dialog)
    here.said("SUCCESS.*This browser's key is revoked")
    expect(here.own_key).to_have_count(0)
    here.page.locator("[data-part=authorise]").click()
    here.said("SUCCESS.*This device may sign for you now")
    expect(here.own_key).to_have_count(1)


def test_a_browser_without_a_key_has_the_wallet_revoke(
    here: DevicesPage, elsewhere: Callable[[], DevicesPage]
) -> None:
    other = elsewhere()
    other.connect(WALLET)
    other.open_devices()
    expect(other.own_key).to_have_count(0)
    expect(other.button("Authorise this device")).to_be_visible()
    other.click("Revoke", other.other_key)
    other.click("Revoke", other.dialog)
    other.said("SUCCESS.*is revoked")
    expect(other.keys).to_have_count(0)
    expect(other.button("Authorise this device")).to_be_visible()
    here.click("Follow", here.card())
    here.expect_result("INVALID_SIGNING_KEY")


@pytest.mark.arrangements(ONE_PROCESS, TWO_DATABASES)
def test_sessions_are_ended_one_by_one_and_all_at_once(
    here: DevicesPage, elsewhere: Callable[[], DevicesPage], wallet: Wallet
) -> None:
    """Where the wallet signed in too long ago, it signs in again, and then it is done."""
    first, second = elsewhere(), elsewhere()
    for other in (first, second):
        other.connect(WALLET)
    here.open_devices()
    expect(here.sessions).to_have_count(3)
    expect(here.sessions.first).to_contain_text("This browser")
    here.click("Sign out", here.sessions.last)
    here.said("Chrome on Linux is signed out")
    expect(here.sessions).to_have_count(2)
    left = [other for other in (first, second) if other.session()["address"] is not None]
    assert len(left) == 1

    refused = {"type": "/problems/sign-in-again", "title": "", "detail": "", "status": 403}
    here.page.route(
        "**/api/sessions/revoke",
        lambda route: route.fulfill(
            status=403, body=json.dumps(refused), content_type="application/problem+json"
        ),
        times=1,
    )
    asked = len(wallet.asked())
    here.click("Sign out everywhere")
    expect(here.dialog).to_contain_text("Keys are no sessions")
    here.click("Sign out everywhere", here.dialog)
    expect(here.page.get_by_text("You are not signed in.")).to_be_visible()
    here.said("Signed out.*can still sign")
    assert len(wallet.asked()) == asked + 1
    assert [one.session()["address"] for one in (here, *left)] == [None, None]
    expect(here.page.get_by_role("region", name="Web sessions")).to_have_count(0)


def test_this_very_session_ends_with_a_sign_out(here: DevicesPage) -> None:
    here.open_devices()
    here.click("Sign out", here.sessions.first)
    expect(here.page.get_by_text("You are not signed in.")).to_be_visible()
    here.said("Signed out.*can still sign")
    assert here.session()["address"] is None


def test_a_name_that_is_not_kept_stays_in_its_field(here: DevicesPage) -> None:
    """The gateway cannot be reached: what was typed is still there, and goes through with the next try."""
    here.open_devices()
    here.click("Rename", here.own_key)
    field = here.page.get_by_label("Name of the key")
    field.fill("Desk")
    gone = {"type": "/problems/upstream-unreachable", "title": "", "detail": "", "status": 502}

    def fail(route: Route) -> None:
        route.fulfill(status=502, body=json.dumps(gone), content_type="application/problem+json")

    here.page.route("**/api/signing-keys/rename", fail, times=1)
    here.click("Save")
    here.said("Gateway not reached")
    expect(field).to_have_value("Desk")
    here.click("Save")
    here.said("SUCCESS.*is called “Desk” now")
    expect(field).to_have_count(0)


def test_other_tabs_see_what_one_did(here: DevicesPage) -> None:
    tab = DevicesPage(here.page.context.new_page(), here.url).open_devices()
    here.to_front()
    here.open_devices()
    here.click("Rename", here.own_key)
    here.page.get_by_label("Name of the key").fill("Desk")
    here.page.keyboard.press("Enter")
    here.said("SUCCESS")
    tab.to_front()
    expect(tab.own_key).to_contain_text("Desk")


def test_a_keyboard_is_enough(here: DevicesPage) -> None:
    """And the focus is never lost: it comes back to the button of the field that was left."""
    here.open_devices()
    rename = here.button("Rename", here.own_key)
    press(rename)
    field = here.page.get_by_label("Name of the key")
    expect(field).to_be_focused()
    here.page.keyboard.press("Escape")
    expect(rename).to_be_focused()
    here.page.keyboard.press("Enter")
    here.page.keyboard.type("Desk")
    here.page.keyboard.press("Enter")
    here.said("SUCCESS.*is called “Desk” now")
    expect(rename).to_be_focused()
    press(here.button("Revoke", here.own_key))
    press(here.button("Revoke", here.dialog))
    here.said("SUCCESS.*This browser's key is revoked")
    expect(here.keys).to_have_count(0)
    expect(here.page.locator("body")).not_to_be_focused()
    press(here.page.locator("summary", has_text="1 key signs no more"))
    expect(here.keys).to_have_count(1)
    press(here.button("Sign out everywhere"))
    press(here.button("Sign out everywhere", here.dialog))
    expect(here.page.get_by_text("You are not signed in.")).to_be_visible()


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_every_state_in_every_look(looks: tuple[str, ...], page: Page, wallet: Wallet, site: Server) -> None:
    """axe finds nothing, nothing is too small to press, and nothing moves while the page comes."""
    auditor = Auditor(page, *looks)
    devices = DevicesPage(page, site.url).open_devices()
    auditor.check("nobody signed in")
    devices.open()
    devices.ready(WALLET)
    assert Device(site.graphql_url, wallet.accounts[0]).register() == "SUCCESS"
    devices.open_devices()
    expect(devices.own_key).to_have_count(1)
    assert page.evaluate(SHIFT) <= MOST_SHIFT
    auditor.check("keys and sessions")
    devices.click("Rename", devices.other_key)
    page.get_by_label("Name of the key").fill("A name of forty characters, all of them.")
    auditor.check("naming")
    devices.click("Save")
    devices.said("SUCCESS.*forty characters")
    expect(devices.other_key).to_contain_text("forty characters")
    auditor.check("named")
    devices.click("Revoke", devices.own_key)
    auditor.check("about to revoke")
    devices.click("Revoke", devices.dialog)
    devices.said("SUCCESS.*is revoked")
    page.get_by_text("1 key signs no more").click()
    auditor.check("revoked")
    page.route("**/api/signing-keys", lambda route: route.abort())
    page.context.set_offline(True)
    devices.click("Sign out everywhere")
    auditor.check("about to sign out")
    devices.click("Sign out everywhere", devices.dialog)
    devices.said("No connection")
    expect(page.get_by_text("This list may be old")).to_have_count(2)
    auditor.check("offline")
    page.context.set_offline(False)


def test_it_is_read_without_a_script(browser: Browser, here: DevicesPage) -> None:
    """Keys and sessions; and no button that does nothing."""
    here.open_devices()
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(here.page.context.cookies())  # type: ignore[arg-type]  # as it gives them
    read = DevicesPage(context.new_page(), here.url).open_devices()
    expect(read.keys).to_have_count(1)
    expect(read.sessions).to_contain_text(["Chrome on Linux"])
    expect(read.page.get_by_role("button")).to_have_count(0)
    expect(read.page.locator("noscript .notice")).to_contain_text("needs JavaScript")
    context.close()
