"""The documentation in a browser: read, searched and copied, with a keyboard, and without any script."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.e2e.auditor import LOOKS, Auditor, press, tab_to
from tests.support.places import ROOT
from tests.support.server import Server


@pytest.fixture
def look(page: Page) -> Auditor:
    return Auditor(page, *LOOKS[0])


def test_the_way_through_the_documentation(look: Auditor, page: Page, server: Server) -> None:
    """From the sandbox's navigation to what was searched for, and on: by Tab and Enter alone."""
    page.goto(server.url)
    press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Docs"))
    expect(page.get_by_role("heading", level=1, name="Countersign in two minutes")).to_be_visible()
    look.check("index")
    tab_to(page.get_by_role("searchbox", name="Search"))
    page.keyboard.type("quick curl")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("“quick curl”")
    look.check("search")
    press(page.get_by_role("article").get_by_role("link", name="Quick start curl"))
    heading = page.get_by_role("heading", name="curl", exact=True)
    expect(heading).to_be_in_viewport()
    look.check("quick start")
    block = page.get_by_role("figure").filter(has_text="quick-start.sh").first
    block.get_by_role("button", name="Copy").click()
    expect(block.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    file = Path(ROOT, "docs", "examples", "quick-start.sh").read_text(encoding="utf-8")
    assert copied == file.rstrip("\n").replace("http://127.0.0.1:8000/graphql", server.graphql_url)
    page.get_by_role("link", name="Next The ten statuses").click()
    shown = page.get_by_role("link", name="Show INVALID_SIGNATURE")
    expect(shown).to_have_attribute("href", "/?break=INVALID_SIGNATURE#break-it")
    look.check("statuses")


def test_it_is_whole_without_javascript_and_on_a_phone(browser: Browser, server: Server) -> None:
    """No button that does nothing, a search, contents that open; and no page is wider than a phone."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{server.url}/docs")
    page.get_by_label("Search").fill("proxy")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_be_visible()
    page.get_by_text("Contents", exact=True).click()
    page.get_by_role("navigation", name="Documentation").get_by_role("link", name="The wire contract").click()
    expect(page.get_by_role("heading", level=1, name="The wire contract")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    context.close()
    wide = browser.new_context(viewport={"width": 360, "height": 740})
    page = wide.new_page()
    for name in (
        "contract",
        "operating",
        "security",
        "performance",
        "architecture",
        "decisions/2026-11-26-floods",
    ):
        page.goto(f"{server.url}/docs/{name}")
        width = page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= 360, name
    wide.close()
