"""The follow button on pages of other sites: what it does for them, and what a hostile one can do with it."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.e2e.auditor import Auditor, press
from tests.support.e2e.bundles import script
from tests.support.e2e.origins import Sites
from tests.support.e2e.sandbox import SandboxPage

# What a page hears of its buttons, and whatever else is said to it.
LISTEN = script("listen-to-buttons")


class Guide:
    """A page of another site with buttons on it."""

    def __init__(self, page: Page, sites: Sites, url: str) -> None:
        self.page = page
        self.sites = sites
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(url)
        page.evaluate(LISTEN)

    def button(self, handle: str = "shiyu", *, pressed: bool = False) -> Locator:
        return self.page.get_by_role("button", name=f"Follow @{handle}", exact=True, pressed=pressed)

    @contextlib.contextmanager
    def window(self) -> Iterator[SandboxPage]:
        """The window that what is done inside opens."""
        with self.page.expect_popup() as opened:
            yield (window := SandboxPage(self.page, self.sites.server.url))
        window.page = opened.value

    @staticmethod
    def close(window: SandboxPage, button: str = "Close window") -> None:
        with window.page.expect_event("close"):
            window.click(button)

    def heard(self) -> list[Any]:
        """What the page was told since it was asked last: events of buttons, and messages of windows."""
        told: list[Any] = self.page.evaluate("() => window.heard.splice(0)")
        return told


@pytest.fixture
def docs(page: Page, sites: Sites) -> Guide:
    return Guide(page, sites, f"{sites.docs}/guide")


def told(status: str, *, following: bool, handle: str = "shiyu") -> list[Any]:
    """All that a page hears of one answer: the window's message, and the event of its button."""
    detail = {"handle": handle, "status": status, "following": following}
    return [{"countersign": "told", **detail}, detail]


def test_a_page_with_a_strict_policy_embeds_button_and_sandbox(docs: Guide, sites: Sites) -> None:
    """As who writes documentation would: two lines, three entries, and an event for their own page."""
    host = docs.page
    expect(docs.button()).to_have_count(2)
    expect(host.get_by_role("link", name=re.compile(r"\d+ followers?"))).to_have_count(3)
    [counted] = [url for url in docs.asked if "/embed/profiles" in url]
    assert counted.endswith("?handle=shiyu&handle=cyberconnect"), "one request for all, and nobody twice"
    count = host.get_by_role("link", name=re.compile(r"\d+ followers?")).first
    before = int(count.inner_text().split()[0])
    sandbox = host.frame_locator("iframe")
    expect(sandbox.get_by_role("button", name="Connect wallet")).to_be_visible()
    Auditor(host).check("a page with buttons")

    with docs.window() as window:
        press(docs.button().first)
    expect(window.page.get_by_text(sites.docs, exact=True)).to_be_visible()
    auditor = Auditor(window.page, "light", "dark phone")
    auditor.check("asked")
    window.click("Follow")
    window.choose_wallet("Sandbox wallet")
    window.click("Approve", window.dialog)
    expect(window.dialog).to_contain_text("I authorize")
    window.click("Approve", window.dialog)
    window.expect_result("SUCCESS")
    auditor.check("followed")
    address = window.address()
    assert sites.server.follows(address, "shiyu")

    expect(docs.button(pressed=True)).to_have_count(2)
    expect(host.locator("#again")).to_contain_text("Following @shiyu")
    expect(count).to_have_text(re.compile(rf"^{before + 1} followers?$"))
    assert docs.heard() == [{"countersign": "ready"}, *told("SUCCESS", following=True)]
    docs.close(window)
    expect(docs.button(pressed=True)).to_have_count(2)

    with docs.window() as window:
        docs.button(pressed=True).first.click()
    docs.close(window, "You follow @shiyu already: say so")
    with docs.window() as window:
        docs.button(pressed=True).first.click()
    window.click("Unfollow")
    window.expect_result("SUCCESS")
    expect(docs.button()).to_have_count(2)
    docs.close(window)
    with docs.window() as window:
        docs.button("cyberconnect").click()
    docs.close(window)
    expect(host.get_by_text("The window was closed before it was done.")).to_be_visible()
    Auditor(host).check("a window that was closed")
    ready = {"countersign": "ready"}
    closed = {"handle": "cyberconnect", "status": "CLOSED", "following": False}
    unfollowed = [ready, *told("SUCCESS", following=False)]
    assert docs.heard() == [ready, *told("ALREADY_DONE", following=True), *unfollowed, ready, closed]
