"""What one signed, read in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.e2e.arrangements import ONE_PROCESS
from tests.support.e2e.auditor import LOOKS, Auditor, press
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)


def test_a_keyboard_is_enough(page: Page, server: Server) -> None:
    """From what was done to its proof, and to everything about one handle."""
    sandbox = SandboxPage(page, server.url).open().ready()
    sandbox.follow()
    sandbox.unfollow()
    press(page.get_by_role("link", name="Activity"))
    rows = page.locator(".line")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Unfollowed @shiyu")
    press(page.get_by_role("searchbox", name="Handle"), "Control+A")
    page.keyboard.type("hal")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have signed nothing about @hal.")).to_be_visible()
    press(page.get_by_role("link", name="All handles"))
    press(rows.first.get_by_role("link", name="Proof"))
    expect(page.locator("#note .stamp")).to_have_text("Valid")


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_every_state_in_every_look(looks: tuple[str, ...], page: Page, server: Server) -> None:
    auditor = Auditor(page, *looks)
    page.goto(f"{server.url}/activity")
    auditor.check("nobody signed in")
    SandboxPage(page, server.url).open().ready().follow()
    for path in ("/activity", "/activity?handle=hal", "/activity/keys"):
        page.goto(server.url + path)
        auditor.check(path)
