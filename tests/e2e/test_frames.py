"""The page inside a frame of another site: it signs in and follows there, or opens in a tab of its own.

The framing site is `localhost`, ours `127.0.0.1`: two sites to a browser, and both may sign. The browser
refuses third-party cookies, as a private window does: only what belongs to the pair of the two sites is kept.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.support.e2e.auditor import Auditor
from tests.support.e2e.bundles import script
from tests.support.e2e.origins import Sites
from tests.support.e2e.sandbox import SandboxPage

pytestmark = pytest.mark.together("framed")

# Playwright's own list has the division of storage by site as well, which every browser of today has.
WITH_DIVIDED_STORAGE = "--disable-features=HttpsUpgrades,MediaRouter,OptimizationHints"

# What the page around the frame can try, in order; each says what came back.
TRIES = script("tries-around-a-frame")
# As browsers do that are set to keep nothing for a page inside another site's.
NO_STORAGE_IN_FRAMES = script("no-storage-in-frames")
SUBMIT = script("submit")


class FramedPage(SandboxPage):
    """The page in its frame; what is asked of a tab is asked of the one around it."""

    def __init__(self, host: Page, url: str) -> None:
        frame: Any = host.frames[1]
        super().__init__(frame, url)
        self.host = host

    def to_front(self) -> None:
        self.host.bring_to_front()

    def session(self) -> dict[str, Any]:
        asked = "() => fetch('/api/session', {headers: {'x-countersign-frame': '1'}}).then((r) => r.json())"
        answer: dict[str, Any] = self.page.evaluate(asked)
        return answer


@pytest.fixture(scope="module")
def divided(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser that gives a frame storage of its own for each site around it."""
    arguments = [*browser_type_launch_args["args"], WITH_DIVIDED_STORAGE]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    yield browser
    browser.close()


def framed(host: Page, sites: Sites) -> FramedPage:
    with host.expect_event("framenavigated", lambda frame: frame.parent_frame is not None):
        host.goto(f"{sites.docs}/")
    page = FramedPage(host, sites.server.url)
    expect(page.button("Open in its own tab")).to_be_visible()
    return page


def test_people_sign_in_and_follow_inside_another_site_s_page(
    divided: Browser, sites: Sites, browser_context_args: dict[str, Any]
) -> None:
    """Straight to the steps, with a session of this place alone, that nobody around it can use."""
    context = divided.new_context(**browser_context_args)
    page = framed(context.new_page(), sites)
    connect = page.button("Connect wallet")
    expect(connect).to_be_in_viewport()
    page.ready().follow()
    for shown in (page.button("Step 1 details"), page.card(), page.status):
        expect(shown).to_be_in_viewport(ratio=1)  # of 500 px
    Auditor(page.page).check("in a frame")
    address = page.address()
    assert sites.server.follows(address, "shiyu")

    [cookie] = context.cookies()
    assert cookie["name"] == f"countersign-{sites.server.port}-frame"
    assert cookie["partitionKey"] == sites.docs.rpartition(":")[0]

    tab = SandboxPage(context.new_page(), sites.server.url).open()
    expect(tab.button("Connect wallet")).to_be_visible()
    the_site_around_it_gains_nothing(page, sites)
    again = framed(page.host, sites)
    again.expect_signed_in()
    again.expect_following(True)
    context.close()


def the_site_around_it_gains_nothing(page: FramedPage, sites: Sites) -> None:
    """Its requests even carry the frame's cookie; they are refused, and unread."""
    assert page.host.evaluate(TRIES, sites.server.url) == ["TypeError"] * 6
    for path in ("logout", "login", "session/active"):
        with page.host.expect_response(f"**/api/{path}") as refused:
            page.host.evaluate(SUBMIT, f"{sites.server.url}/api/{path}")
        assert refused.value.status == 403
        assert "-frame=" in refused.value.request.all_headers()["cookie"], "or being refused proves nothing"
    page.expect_signed_in()


def test_t19_a_site_that_is_not_listed_frames_nothing(page: Page, sites: Sites, faults: list[str]) -> None:
    with page.expect_event("framenavigated", lambda frame: frame.parent_frame is not None):
        page.goto(f"{sites.stranger}/")
    assert page.frames[1].url.startswith("chrome-error:")
    faults.clear()


def test_where_the_browser_keeps_nothing_a_tab_of_its_own_opens_and_one_comes_back(
    page: Page, sites: Sites
) -> None:
    """A browser that gives a frame of another site no storage: nothing dead is shown, and the way out is."""
    page.add_init_script(NO_STORAGE_IN_FRAMES)
    inside = framed(page, sites)
    expect(inside.page.get_by_role("note")).to_have_text(
        "This browser keeps no keys for a page inside another site."
        " Open this page in its own tab to sign in and follow."
    )
    Auditor(inside.page).check("a frame where nothing can be kept")
    for name in ("Connect wallet", "Authorise this device", "Follow"):
        expect(inside.button(name)).to_have_count(0)
    before = inside.count()

    with page.context.expect_page() as opened:
        inside.button("Open in its own tab").click()
    expect(inside.page.get_by_role("note")).to_contain_text("When you come back")
    tab = SandboxPage(opened.value, sites.server.url)
    expect(tab.page).to_have_url(re.compile(r"/\?handle=shiyu$"))
    assert tab.page.evaluate("() => window.opener") is None
    tab.ready().follow()
    tab.page.close()
    # A browser without windows never hides a tab, so that coming back has to be told.
    inside.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    inside.expect_count(before + 1)
