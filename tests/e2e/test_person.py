"""A profile's page in a browser: followed from where somebody was found, with nothing done before."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.crowd import Crowd
from tests.support.e2e.arrangements import EVERY, ONE_PROCESS
from tests.support.e2e.auditor import LOOKS, MOST_SHIFT, SHIFT, Auditor, press
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)


@pytest.mark.arrangements(*EVERY)
def test_a_newcomer_follows_from_a_profile(page: Page, site: Server, gateway: Server) -> None:
    """Five clicks from nothing; the count, the list and the proof are there, and it can be taken back."""
    page.goto(f"{site.url}/@cyberconnect")
    sandbox = SandboxPage(page, site.url)
    count = page.locator("#follower-count")
    before = int(count.inner_text())
    sandbox.click("Follow")
    sandbox.choose_wallet("Sandbox wallet")
    sandbox.click("Approve", sandbox.dialog)
    expect(sandbox.dialog).to_contain_text("I authorize")
    sandbox.click("Approve", sandbox.dialog)
    sandbox.expect_result("SUCCESS")
    expect(sandbox.button("Unfollow")).to_be_visible()
    expect(count).to_have_text(str(before + 1))
    address = sandbox.address()
    assert len(gateway.operations(address, "cyberconnect")) == 1

    page.reload()
    newest = page.locator(".line").first
    expect(newest.locator(f'[title="{address}"]').first).to_be_visible()
    expect(newest.get_by_role("link", name="Proof")).to_be_visible()
    sandbox.click("Unfollow")
    sandbox.expect_result("SUCCESS")
    expect(count).to_have_text(str(before))
    sandbox.click("Undo", sandbox.status)
    expect(sandbox.button("Unfollow")).to_be_visible()
    expect(count).to_have_text(str(before + 1))


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
