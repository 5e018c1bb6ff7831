"""`/?present`: the page before an audience."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.e2e.auditor import Auditor
from tests.support.e2e.bundles import script
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

LETTERS = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
KEPT = "() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]"


@pytest.mark.parametrize(("width", "height", "least"), [(1366, 768, 18), (1920, 1080, 24)])
def test_a_room_sees_the_last_exchange_in_full_and_the_next_demo_begins_anew(
    page: Page, server: Server, width: int, height: int, least: int
) -> None:
    """In large letters, nothing cut off; what it came to goes after a question; what is of others stays."""
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{server.url}/?present&handle=link3")
    sandbox = SandboxPage(page, server.url)
    assert page.evaluate(LETTERS) >= least
    page.evaluate("() => localStorage.setItem('of-another', 'stays')")
    sandbox.ready().follow("link3")
    exchange = sandbox.inspector.get_by_role("listitem").filter(has_text="Follow @link3").first
    expect(exchange.get_by_role("heading", level=3)).to_be_in_viewport(ratio=1)
    steps = exchange.get_by_role("heading", level=4).get_by_role("button")
    expect(steps).to_have_count(4)
    expect(exchange.get_by_role("button", expanded=False)).to_have_count(0)
    earlier = sandbox.inspector.get_by_role("heading", level=3).get_by_role("button", expanded=True)
    expect(earlier).to_have_count(1)
    foot = page.locator("#inspector").evaluate("(element) => element.getBoundingClientRect().bottom")
    assert foot <= height
    Auditor(page).check("before an audience")

    assert len(page.evaluate(script("all-keys"))["kinds"]) == 2
    sandbox.click("Reset the demo")
    expect(sandbox.dialog).to_contain_text("signs out")
    sandbox.click("Cancel", sandbox.dialog)
    assert sandbox.session()["address"]
    sandbox.click("Reset the demo")
    with page.expect_event("load"):
        sandbox.click("Reset", sandbox.dialog)
    sandbox.expect_signed_out()
    assert page.url == f"{server.url}/?present&handle=link3"
    assert sandbox.session()["address"] is None
    assert page.evaluate(KEPT) == ["of-another"]
    assert page.evaluate(script("all-keys"))["kinds"] == []
    assert page.evaluate("() => scrollY") == 0
    expect(sandbox.inspector).to_contain_text("Nothing signed here yet")
