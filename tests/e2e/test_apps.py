"""The page for applications: a key is made, shown once, used and revoked; by everybody, in every look."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from countersign.testing import Wallet
from tests.support.e2e.auditor import LOOKS, Auditor, press
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

NAME = "Feed reader"
KEY = re.compile(r"cs_[A-Za-z0-9_-]{43}")
# The gateway answers an application first, and writes down afterwards that it asked.
USE_IS_NOTED = """async () => {
  const { applications } = await (await fetch("/api/applications")).json();
  return applications.some((application) => application.lastUsedAt !== null);
}"""


def ask(server: Server, key: str) -> httpx.Response:
    """Ask the gateway in the name of an application."""
    query = {"query": "{ __typename }"}
    return httpx.post(server.graphql_url, json=query, headers={"x-api-key": key}, trust_env=False)


def to_apps(sandbox: SandboxPage) -> None:
    """By the way in the page's head; on a phone it stands behind "More"."""
    more = sandbox.page.get_by_text("More", exact=True)
    if more.is_visible():
        more.click()
    sandbox.page.get_by_role("link", name="Apps").click()
    expect(sandbox.page.get_by_role("heading", name="Your keys")).to_be_visible()


def new_key(page: Page) -> Locator:
    return page.get_by_role("group", name="API key of")


def create(sandbox: SandboxPage, name: str = NAME) -> str:
    """Make a key, and read it off the page."""
    sandbox.page.get_by_label("Name of the application").fill(name)
    sandbox.button("Create key").click()
    expect(new_key(sandbox.page)).to_contain_text(KEY)
    found = KEY.search(new_key(sandbox.page).inner_text())
    assert found
    return found[0]


def row(page: Page, name: str = NAME) -> Locator:
    return page.get_by_role("listitem").filter(has_text=name)


@pytest.fixture
def apps(sandbox: SandboxPage) -> SandboxPage:
    """Signed in with the sandbox wallet, and on the page."""
    sandbox.connect()
    to_apps(sandbox)
    expect(
        sandbox.page.get_by_text("None yet.")
    ).to_be_visible()  # its script says so, and hears what is pressed
    return sandbox


def test_a_key_from_its_making_to_its_end(apps: SandboxPage, server: Server) -> None:
    """Shown once, copied, used, told as used; a second click ends it, and the gateway refuses it at once."""
    page = apps.page
    expect(page.get_by_role("link", name="Apps")).to_have_attribute("aria-current", "page")
    expect(page.get_by_text("None yet.")).to_be_visible()
    key = create(apps)
    expect(new_key(page)).to_be_focused()
    expect(new_key(page)).to_contain_text("This key is not shown again.")
    expect(row(page)).to_contain_text(f"{key[:10]}…")
    expect(row(page)).to_contain_text("Last used never")
    apps.button("Copy").click()
    expect(apps.button("Copied")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == key
    assert ask(server, key).status_code == 200
    page.wait_for_function(USE_IS_NOTED)

    apps.reload()
    expect(row(page)).to_contain_text(re.compile(r"Last used (?!never)"))
    expect(new_key(page)).to_have_count(0)
    assert key not in page.content()

    apps.button(f"Revoke: {NAME}").click()
    expect(apps.button(f"Keep: {NAME}")).to_be_focused()
    assert ask(server, key).status_code == 200
    apps.button(f"Revoke for good: {NAME}").click()
    expect(row(page)).to_contain_text("Revoked")
    refused = ask(server, key)
    assert refused.status_code == 401
    assert refused.json()["errors"][0]["extensions"]["code"] == "API_KEY_UNKNOWN"
    apps.reload()
    expect(row(page)).to_contain_text("Revoked")
    expect(row(page).get_by_role("button")).to_have_count(0)


def test_a_double_click_ends_nothing(apps: SandboxPage, server: Server) -> None:
    """Wherever the buttons are, wide or narrow."""
    key = create(apps)
    for width in (1280, 360):
        apps.page.set_viewport_size({"width": width, "height": 740})
        apps.button(f"Revoke: {NAME}").dblclick()
        expect(apps.button(f"Revoke: {NAME}")).to_be_visible()
        assert ask(server, key).status_code == 200, f"{width} px"


def test_a_key_that_was_taken_leaves_the_page(apps: SandboxPage) -> None:
    key = create(apps)
    apps.button("I have it").click()
    expect(apps.page.get_by_label("Name of the application")).to_be_focused()
    assert key not in apps.page.content()


def test_what_is_wrong_with_a_name_stands_beside_it(apps: SandboxPage) -> None:
    name = apps.page.get_by_label("Name of the application")
    apps.button("Create key").click()
    expect(apps.page.get_by_text("Give the application a name.")).to_be_visible()
    name.fill("\u202ereader")
    apps.button("Create key").click()
    expect(apps.page.get_by_text("marks of direction")).to_be_visible()
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    create(apps)
    expect(name).not_to_have_attribute("aria-invalid", "true")


def test_names_are_text(apps: SandboxPage) -> None:
    name = "<img src=x onerror=alert(1)>"
    create(apps, name)
    apps.reload()
    expect(row(apps.page, name)).to_be_visible()
    expect(apps.page.locator("main img")).to_have_count(0)


def test_signing_out_in_another_tab_takes_the_key_off_the_screen(apps: SandboxPage) -> None:
    key = create(apps)
    other = apps.another_tab()
    other.page.get_by_role("button", name="Account").click()
    other.click("Sign out")
    other.expect_signed_out()
    expect(apps.page.get_by_text("You are not signed in")).to_be_visible()
    assert key not in apps.page.content()


def test_the_wallet_switches_account_while_the_page_is_open(
    wallet: Wallet, sandbox: SandboxPage, server: Server
) -> None:
    """What was the old account's goes at once; the new one is asked to sign in, or is there already."""
    page = sandbox.page
    sandbox.connect("Brass wallet")
    to_apps(sandbox)
    key = create(sandbox)
    name = page.get_by_label("Name of the application")
    name.fill("Half a na")
    wallet.switch_account(1)
    expect(page.get_by_text("Sign in to go on")).to_be_visible()
    expect(page.get_by_text("You are not signed in")).to_be_visible()
    expect(page.get_by_role("button", name="Account")).to_have_count(0)
    expect(page.get_by_role("link", name="Sign in", exact=True)).to_be_focused()
    assert key not in page.content()
    expect(row(page)).to_have_count(0)

    wallet.switch_account(0)  # still signed in
    expect(row(page)).to_be_visible()
    expect(name).to_have_value("Half a na")
    wallet.switch_account(1)
    page.get_by_role("link", name="Sign in", exact=True).click()
    sandbox.click("Sign in", sandbox.status)
    sandbox.expect_signed_in()
    to_apps(sandbox)
    expect(page.get_by_text("None yet.")).to_be_visible()
    create(sandbox, "The other's")
    wallet.switch_account(0)  # signed in as well: the page becomes its
    expect(row(page)).to_be_visible()
    expect(name).to_have_value("")  # a key has it
    expect(row(page, "The other's")).to_have_count(0)
    create(sandbox, "Second")
    names = "SELECT lower(owner_address), name FROM api_keys WHERE lower(owner_address) IN (?, ?)"
    first, second = (str(account.address).lower() for account in wallet.accounts)
    assert sorted(server.rows(names, first, second)) == sorted(
        [(first, NAME), (first, "Second"), (second, "The other's")]
    )


def test_a_session_that_ended_unheard_is_noticed_when_the_page_is_looked_at_again(
    apps: SandboxPage, context: BrowserContext
) -> None:
    key = create(apps)
    name = apps.page.get_by_label("Name of the application")
    name.fill("Half a na")
    context.clear_cookies()
    apps.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(apps.page.get_by_text("You are not signed in")).to_be_visible()
    assert key not in apps.page.content()
    apps.page.get_by_role("link", name="Sign in", exact=True).click()
    apps.connect()
    to_apps(apps)
    expect(name).to_have_value("Half a na")


def test_signing_out_here_and_back_in(apps: SandboxPage) -> None:
    page = apps.page
    page.get_by_role("button", name="Account").click()
    apps.click("Sign out")
    expect(page.get_by_text("Signed out.")).to_be_visible()  # the site has confirmed it, not only the page
    expect(page.get_by_text("You are not signed in")).to_be_visible()
    page.get_by_role("link", name="Sign in", exact=True).click()
    apps.connect()
    to_apps(apps)


def test_without_a_connection_nothing_is_lost(
    apps: SandboxPage, context: BrowserContext, server: Server
) -> None:
    """What was typed stays, what went wrong is said, and the next attempt does it."""
    key = create(apps)
    name = apps.page.get_by_label("Name of the application")
    name.fill("Second")
    context.set_offline(True)
    apps.button("Create key").click()
    expect(apps.page.get_by_role("alert").filter(has_text="No connection")).to_be_visible()
    apps.button(f"Revoke: {NAME}").click()
    apps.button(f"Revoke for good: {NAME}").click()
    expect(apps.page.get_by_role("alert").filter(has_text="No connection")).to_be_visible()
    context.set_offline(False)
    assert ask(server, key).status_code == 200
    expect(name).to_have_value("Second")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    apps.page.route("**/api/applications**", hold)
    apps.button("Create key").click()
    waiting = apps.page.get_by_role("status").filter(has_text="Waiting for this site.")
    expect(waiting).to_be_visible()
    held.pop().continue_()
    expect(row(apps.page, "Second")).to_be_visible()
    expect(apps.page.get_by_role("alert").filter(has_text="No connection")).to_have_count(0)
    expect(waiting).to_have_count(0)
    apps.button(f"Revoke for good: {NAME}").click()
    expect(row(apps.page)).to_contain_text("Waiting for this site.")
    held.pop().continue_()
    expect(row(apps.page)).to_contain_text("Revoked")


def test_a_keyboard_is_enough(apps: SandboxPage, server: Server) -> None:
    page = apps.page
    name = page.get_by_label("Name of the application")
    press(name, "F")
    page.keyboard.type("eed reader")
    page.keyboard.press("Enter")
    expect(new_key(page)).to_be_focused()
    found: Any = KEY.search(new_key(page).inner_text())
    press(apps.button("I have it"), "Space")
    press(apps.button("Revoke: Feed reader"))
    page.keyboard.press("Escape")
    expect(apps.button("Revoke: Feed reader")).to_be_focused()
    page.keyboard.press("Enter")
    expect(apps.button("Keep: Feed reader")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(row(page)).to_contain_text("Revoked")
    expect(row(page)).to_be_focused()
    assert ask(server, found[0]).status_code == 401


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_everybody_can_use_it(page: Page, server: Server, looks: tuple[str, ...]) -> None:
    """axe-core finds nothing in any state, and 360 px are enough."""
    look = Auditor(page, *looks)
    page.goto(f"{server.url}/apps")
    look.check("not signed in")
    sandbox = SandboxPage(page, server.url).open()
    sandbox.connect()
    to_apps(sandbox)
    look.check("no keys")
    sandbox.button("Create key").click()
    look.check("no name")
    create(sandbox, "W" * 60)
    look.check("new key")
    create(sandbox)
    sandbox.button(f"Revoke: {NAME}").click()
    look.check("about to revoke")
    sandbox.button(f"Revoke for good: {NAME}").click()
    expect(row(page)).to_contain_text("Revoked")
    look.check("revoked")
    page.context.set_offline(True)
    sandbox.page.get_by_label("Name of the application").fill(NAME)
    sandbox.button("Create key").click()
    expect(page.get_by_role("alert").filter(has_text="No connection")).to_be_visible()
    look.check("offline")
