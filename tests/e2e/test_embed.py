"""The follow button on pages of other sites: what it does for them, and what a hostile one can do with it."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.support.e2e.auditor import Auditor, press
from tests.support.e2e.bundles import script
from tests.support.e2e.origins import Sites
from tests.support.e2e.sandbox import SandboxPage

pytestmark = pytest.mark.together("framed")

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
        # It may be gone before the click is told.
        with window.page.expect_event("close"), contextlib.suppress(Error):
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
    window.approve_both()
    window.expect_result("SUCCESS")
    expect(window.page.get_by_text("That page was told SUCCESS, and neither your address")).to_be_visible()
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


def test_e2_e3_e7_a_hostile_page_asks_under_its_own_name_and_presses_nothing(
    page: Page, sites: Sites, faults: list[str]
) -> None:
    """It opens the window itself, and holds it; it lies, posts, reaches in and swaps the profile."""
    Guide(page, sites, f"{sites.stranger}/guide")
    ours = f"{sites.server.url}/embed/follow"
    with page.expect_event("framenavigated", lambda frame: frame.parent_frame is not None):
        page.evaluate("(url) => { document.querySelector('iframe').src = url; }", f"{ours}?handle=shiyu")
    assert page.frames[1].url.startswith("chrome-error:")
    faults.clear()

    lie = "&origin=https://bank.example&confirm=1&op=follow"
    with page.expect_popup() as opened:
        page.evaluate(script("hostile-opener"), [f"{ours}?handle=shiyu{lie}", "shiyu"])
    window = SandboxPage(opened.value, sites.server.url)
    window.page.bring_to_front()
    acts = window.posts("*")
    expect(window.page.get_by_text(sites.stranger, exact=True)).to_be_visible()
    expect(window.button("Follow")).to_be_enabled()
    expect(window.page.locator("body")).not_to_contain_text("bank.example")
    refused = ["SecurityError"] * 5
    assert page.evaluate(script("reach-into-a-window")) == [*refused, 0]

    window.page.evaluate(script("press-by-surprise"))
    expect(window.page.get_by_role("alert")).to_contain_text("only just come to the front")
    expect(window.dialog).to_have_count(0)

    page.evaluate("(url) => { window.opened.location = url; }", f"{ours}?handle=cyberconnect")
    expect(window.page.get_by_role("heading", name="Follow @cyberconnect")).to_be_visible()
    waits = re.compile("the page that opened this window|does not say")
    expect(window.page.get_by_text(waits)).to_be_visible()
    expect(window.button("Follow")).to_be_disabled()
    page.evaluate("() => { window.asks = 'cyberconnect'; }")
    window.page.reload()
    assert window.page.evaluate(script("press-as-soon-as-asked")) == 0
    expect(window.button("Follow")).to_be_enabled()
    assert acts == []


def test_e5_e8_what_came_of_it_reaches_nobody_but_the_page_that_asked(
    docs: Guide, sites: Sites, faults: list[str]
) -> None:
    """Neither a page to which its window was taken meanwhile, nor whoever speaks to it."""
    host = docs.page
    with docs.window() as window:
        docs.button().first.click()
    expect(window.page.get_by_text(sites.docs, exact=True)).to_be_visible()
    host.evaluate("(data) => window.postMessage(data)", told("SUCCESS", following=True)[0])
    expect(host.get_by_text("Goes on in the window of")).to_be_visible()
    expect(docs.button(pressed=True)).to_have_count(0)

    taken = Guide(host, sites, f"{sites.stranger}/guide")
    window.to_front()
    window.click("Follow")
    window.approve_both()
    window.expect_result("SUCCESS")
    assert taken.heard() == []
    faults.clear()  # the stranger's frame of the sandbox
    expect(window.page.get_by_text(sites.docs, exact=True)).to_be_visible()


def test_the_lines_to_copy_from_a_profile_work_as_they_are(page: Page, sites: Sites) -> None:
    page.goto(f"{sites.server.url}/@link3")
    page.get_by_role("region", name="Embed this button").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    lines = page.evaluate("() => navigator.clipboard.readText()")
    page.goto(f"{sites.docs}/plain")
    page.evaluate("(lines) => { document.write(lines); document.close(); }", lines)
    expect(page.get_by_role("button", name="Follow @link3", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("followers?"))).to_be_visible()


def test_a_module_defines_the_same_button(page: Page, sites: Sites) -> None:
    page.goto(f"{sites.docs}/plain")
    page.evaluate("() => { document.body.innerHTML = '<follow-button handle=link3></follow-button>'; }")
    same = "(url) => import(url).then((all) => all.FollowButton === customElements.get('follow-button'))"
    assert page.evaluate(same, f"{sites.server.url}/embed/follow-button.mjs")
    expect(page.get_by_role("button", name="Follow @link3", exact=True)).to_be_visible()


def test_e6_the_button_says_what_a_page_or_a_browser_forbids(page: Page, sites: Sites) -> None:
    """A blocked window, one that is cut off, a handle that is markup; and neither page styles the other."""
    look = script("look-of-a-button")
    apart = Guide(page, sites, f"{sites.docs}/apart")
    expect(page.get_by_role("link", name=re.compile("followers?")).first).to_be_visible()
    plain = page.evaluate(look)
    assert plain[1:] == [[], 0]
    with apart.window() as window:
        apart.button().first.click()
    expect(window.page.get_by_text("No page is tied to this window")).to_be_visible()
    Auditor(window.page, "dark phone").check("a window that was cut off")
    expect(window.button("Follow")).to_be_disabled()
    expect(page.get_by_text("this page may not hear from it")).to_be_visible()
    expect(page.get_by_role("link", name="Open @shiyu in a tab")).to_be_visible()

    page.evaluate("() => { window.open = () => null; }")
    apart.button("cyberconnect").click()
    expect(page.get_by_text("The window was blocked. Allow windows of this page")).to_be_visible()
    assert apart.heard()[-1] == {"handle": "cyberconnect", "status": "BLOCKED", "following": False}
    attack = "<img src=x onerror=alert(1)>"
    page.evaluate("(to) => { document.querySelector('#again').handle = to; }", attack)
    expect(page.get_by_text(f"“{attack}” is not a handle.")).to_be_visible()
    assert page.locator("#again img").count() == 0
    page.evaluate("() => { document.querySelector('#again').handle = 'link3'; }")
    expect(apart.button("link3")).to_be_visible()
    Auditor(page, "light", "dark phone").check("what a button says")

    page.goto(f"{sites.docs}/loud")
    expect(page.get_by_role("link", name=re.compile("followers?")).first).to_be_visible()
    assert page.evaluate(look)[0] == plain[0]
