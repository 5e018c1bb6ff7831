"""A profile's page in a browser: followed from where somebody was found, with nothing done before."""

import pytest
from playwright.sync_api import Browser, Page, expect

from countersign.testing import Wallet
from tests.support.crowd import Crowd
from tests.support.e2e.arrangements import EVERY, ONE_PROCESS
from tests.support.e2e.auditor import LOOKS, MOST_SHIFT, SHIFT, Auditor, press
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

SHAPE = """(row) => Array.from(row.querySelectorAll("*:not(.own, .own *)"), (each) =>
  [each.tagName, each.className.baseVal ?? each.className, each.children.length === 0 ? each.textContent : "",
   each.getAttribute("href"), each.getAttribute("datetime"), each.title]
).filter(([name]) => !/^(path|circle|rect|g|use|line)$/i.test(name)).join("\\n")"""
"""A row's elements, but an owner's: what they are, say, lead to and are called."""

pytestmark = pytest.mark.arrangements(ONE_PROCESS)


def row(page: Page) -> str:
    """The first row, with its seal: all that a script or the template wrote of it."""
    expect(page.locator(".line .proof svg").first).to_be_attached()
    return str(page.locator(".line").first.evaluate(SHAPE))


@pytest.mark.arrangements(*EVERY)
def test_a_newcomer_follows_from_a_profile(page: Page, site: Server, gateway: Server) -> None:
    """Five clicks from nothing; the count, the list and the proof are there, and it can be taken back."""
    page.goto(f"{site.url}/@cyberconnect")
    sandbox = SandboxPage(page, site.url)
    count = page.locator("#follower-count")
    before = int(count.inner_text())
    sandbox.click("Follow")
    sandbox.approve_both()
    sandbox.expect_result("SUCCESS")
    expect(sandbox.button("Unfollow")).to_be_visible()
    expect(count).to_have_text(str(before + 1))
    address = sandbox.address()
    assert len(gateway.operations(address, "cyberconnect")) == 1

    mine = page.locator(".line", has=page.locator(f'[title="{address}"]'))
    expect(page.locator(".line").first.locator(f'[title="{address}"]').first).to_be_visible()
    expect(mine.get_by_role("link", name="Proof")).to_be_visible()
    drawn = row(page)
    page.reload()
    expect(mine).to_have_count(1)
    assert row(page) == drawn
    sandbox.click("Unfollow")
    sandbox.expect_result("SUCCESS")
    expect(count).to_have_text(str(before))
    expect(mine).to_have_count(0)
    sandbox.click("Undo", sandbox.status)
    expect(sandbox.button("Unfollow")).to_be_visible()
    expect(count).to_have_text(str(before + 1))
    expect(mine).to_have_count(1)


def test_the_first_follower_is_in_the_list_at_once_and_out_of_it_as_soon(
    page: Page, wallet: Wallet, server: Server
) -> None:
    """The list's own count agrees with the head's, in another tab too."""
    claimer = SandboxPage(page, server.url).open()
    claimer.ready("Brass wallet")
    handle = f"first-{server.port}"
    page.goto(f"{server.url}/people")
    page.get_by_label("Handle", exact=True).fill(handle)
    claimer.click("Claim a handle")
    claimer.expect_result(f"@{handle} is yours.")
    wallet.switch_account(1)
    claimer.click("Sign in")
    claimer.expect_result("Signed in")
    page.goto(f"{server.url}/@{handle}")
    other = page.context.new_page()
    other.goto(f"{server.url}/@{handle}")
    expect(page.get_by_text(f"Nobody follows @{handle} yet. Be the first.")).to_be_visible()
    page.bring_to_front()
    claimer.click("Follow")
    for tab in (page, other):
        expect(tab.locator(".line")).to_have_count(1)
        expect(tab.get_by_text("1 to 1 of 1")).to_be_visible()
        expect(tab.locator("#follower-count")).to_have_text("1")
    claimer.click("Unfollow")
    for tab in (page, other):
        expect(tab.locator(".line")).to_have_count(0)
        expect(tab.get_by_text(f"Nobody follows @{handle} yet.")).to_be_visible()


def test_a_keyboard_is_enough(page: Page, server: Server) -> None:
    """To follow, to change lists, and to go on to somebody else."""
    page.goto(f"{server.url}/@hal")
    sandbox = SandboxPage(page, server.url)
    press(sandbox.button("Follow"))
    expect(sandbox.dialog).to_be_visible()
    press(sandbox.button("Sandbox wallet", sandbox.dialog))
    for _ in range(2):
        press(sandbox.button("Approve", sandbox.dialog))
        expect(sandbox.status).not_to_be_empty()
    sandbox.expect_result("SUCCESS")
    expect(sandbox.button("Unfollow")).to_be_focused()
    press(page.get_by_role("navigation", name="Lists").get_by_role("link", name="Following"))
    expect(page).to_have_url(f"{server.url}/@hal/following")
    press(page.get_by_role("link", name="@satoshi"))
    expect(page.get_by_role("heading", name="@satoshi", level=1)).to_be_visible()


@pytest.fixture(scope="module")
def crowded(one_process: object) -> Server:
    """The shared server, with people who follow each other."""
    server: Server = one_process.site  # type: ignore[attr-defined]
    if server.rows("SELECT 1 FROM profiles WHERE handle = 'augusta'"):
        return server
    crowd = Crowd(server).gather(4)
    for follower in ("hopper", "hamilton", "hedy"):
        crowd.sign("follow", follower, "augusta")
    crowd.sign("follow", "augusta", "hopper")
    return server


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_every_list_in_every_look(looks: tuple[str, ...], page: Page, crowded: Server) -> None:
    """axe finds nothing, nothing is too small to press, and nothing moves while a page comes."""
    auditor = Auditor(page, *looks)
    for path in ("/@augusta", "/@augusta/following", "/@augusta/log", "/@hamilton", "/@nobody-has-this"):
        page.goto(crowded.url + path)
        assert page.evaluate(SHIFT) <= MOST_SHIFT, path
        auditor.check(path)


def test_it_is_read_without_a_script(browser: Browser, crowded: Server) -> None:
    """Names, lists, proofs; and no button that does nothing."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{crowded.url}/@augusta")
    expect(page.get_by_role("heading", name="@augusta", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="@hedy")).to_be_visible()
    expect(page.get_by_role("link", name="Proof", exact=True)).to_have_count(3)
    expect(page.get_by_role("button")).to_have_text(["Search"])  # a form, which needs none
    context.close()
