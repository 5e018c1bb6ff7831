"""Everybody can use it: axe-core finds nothing in any state, a keyboard is enough, 360 px are enough."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from countersign.testing import Wallet
from tests.support.e2e.auditor import (
    LOOKS,
    Auditor,
    press,
)
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

BRASS = "Brass wallet"


# How GraphiQL builds its tabs and its editors, which are read with the arrow keys of the field inside them.
GRAPHIQLS_OWN = ("nested-interactive", "scrollable-region-focusable")


@pytest.fixture(params=LOOKS, ids=" and ".join)
def look(request: pytest.FixtureRequest, page: Page) -> Auditor:
    return Auditor(page, *request.param)


def test_every_state_of_the_way_in(look: Auditor, page: Page, server: Server) -> None:
    """From the first view to a follow with the sandbox wallet, dialogs and open rows included."""
    sandbox = SandboxPage(page, server.url).open()
    look.check("start")
    sandbox.click("Connect wallet")
    expect(sandbox.dialog).to_be_visible()
    look.check("wallets")
    sandbox.choose_wallet("Sandbox wallet")
    expect(sandbox.button("Approve", sandbox.dialog)).to_be_visible()
    look.check("sandbox wallet asks")
    sandbox.click("Reject", sandbox.dialog)
    sandbox.expect_result("Cancelled in wallet")
    look.check("cancelled")
    sandbox.connect()
    look.check("signed in")
    sandbox.authorise()
    look.check("authorised")
    sandbox.follow()
    look.check("followed")
    for step in ("Step 1 details", "Step 2 details"):
        sandbox.click(step)
    sandbox.page.get_by_role("button", name="Account").click()
    look.check("steps reopened, account menu open")
    sandbox.page.keyboard.press("Escape")
    sandbox.open_inspector()
    look.check("inspector open")
    sandbox.unfollow()
    look.check("unfollowed")
    sandbox.click("Show INVALID_SIGNATURE")
    expect(page.get_by_text("Signature · byte 17")).to_be_visible()
    expect(page.get_by_text("Not made by this key over this message")).to_be_visible()
    look.check("a status that the lesson earned, in the fields to edit")
    sandbox.click("Show SUCCESS")
    expect(page.get_by_text("All checks passed: the operation is in the log")).to_be_visible()
    look.check("a success of the lesson")
    sandbox.handle.fill("cyberconnect")
    sandbox.handle.press("Enter")
    sandbox.expect_following(False, "cyberconnect")
    look.check("Undo beside another handle's card")
    page.route("**/api/follow", lambda route: route.abort(), times=1)
    sandbox.click("Follow", sandbox.card("cyberconnect"))
    sandbox.expect_result("No connection")
    look.check("a failure, and what the inspector has of it")
    page.evaluate("() => new Promise((done) => (indexedDB.deleteDatabase('countersign').onsuccess = done))")
    sandbox.reload()
    expect(page.get_by_text("This browser lost its key").first).to_be_visible()
    look.check("key lost, exchanges of before the reload")
    if sandbox.button("New identity").count() == 0:
        sandbox.click("Step 1 details")
    sandbox.click("New identity")
    expect(sandbox.button("Sign in")).to_be_visible()
    look.check("a new identity that is not signed in")


def test_every_state_that_went_wrong(
    look: Auditor, wallet: Wallet, page: Page, context: BrowserContext, server: Server
) -> None:
    """Waiting for the wallet, suggestions, unknown handle, refusal, offline, signed out, the error page."""
    sandbox = SandboxPage(page, server.url).open()
    sandbox.connect(BRASS)
    wallet.hold_next()
    sandbox.click("Authorise this device")
    wallet.wait_until_held(page)
    look.check("waiting for the wallet")
    wallet.release(page)
    sandbox.expect_authorised()
    sandbox.handle.fill("c")
    expect(page.get_by_role("option").first).to_be_visible()
    look.check("suggestions")
    sandbox.handle.fill("nobody-has-this")
    sandbox.handle.press("Enter")
    expect(sandbox.card("shiyu")).to_have_count(0)
    look.check("unknown handle")
    sandbox.handle.fill("shiyu")
    sandbox.handle.press("Enter")
    server.change(
        "UPDATE signing_keys SET expires_at = registered_at + 1 WHERE lower(address) = ?",
        wallet.address.lower(),
    )
    sandbox.click("Follow", sandbox.card())
    sandbox.expect_result("EXPIRED_SIGNING_KEY")
    look.check("refused by the gateway")
    context.set_offline(True)
    expect(page.get_by_text("offline", exact=False).first).to_be_visible()
    look.check("offline")
    context.set_offline(False)
    wallet.lock()
    sandbox.expect_signed_out()
    look.check("signed out by the wallet")
    page.goto(f"{server.url}/no-such-page")
    look.check("error page")


def test_graphiql_and_the_way_back_from_it(look: Auditor, page: Page, server: Server) -> None:
    """The gateway's own page is of the family: contrast, targets, theme, and a way back."""
    page.goto(server.graphql_url)
    expect(page.get_by_role("region", name="Query Editor")).to_contain_text("profileByHandle")
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text('"handle": "shiyu"')
    look.check("GraphiQL", without=GRAPHIQLS_OWN)
    page.get_by_role("button", name="New tab").click()
    page.get_by_role("button", name="Show Documentation Explorer").click()
    expect(page.get_by_role("link", name="Query").first).to_be_visible()
    look.check("GraphiQL's tabs and documentation", without=GRAPHIQLS_OWN)
    paper = "() => getComputedStyle(document.querySelector('.graphiql-editors')).backgroundColor"
    seen = {page.evaluate(paper)}
    theme = page.get_by_role("button", name="Theme")
    for _ in range(2):
        theme.click()
        seen.add(page.evaluate(paper))
    assert seen == {"rgb(255, 255, 255)", "rgb(18, 28, 25)"}
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("link", name="Countersign").click()
    expect(SandboxPage(page, server.url).card()).to_be_visible()


# --- keyboard -------------------------------------------------------------------------------------------


def test_the_whole_way_with_a_keyboard(page: Page, server: Server) -> None:
    """Tab, Enter and Space alone lead from the first view to a follow and back; focus is never lost on the
    way.
    """
    sandbox = SandboxPage(page, server.url).open()
    focused = "() => document.activeElement !== null && document.activeElement !== document.body"
    press(sandbox.button("Connect wallet"))
    press(sandbox.dialog.get_by_role("button", name="Sandbox wallet"))
    press(sandbox.button("Approve", sandbox.dialog), "Space")
    sandbox.expect_signed_in()
    page.wait_for_function(focused)
    press(sandbox.button("Authorise this device"))
    press(sandbox.button("Approve", sandbox.dialog))
    sandbox.expect_authorised()
    page.wait_for_function(focused)
    press(sandbox.follow_button(), "Space")
    sandbox.expect_result("SUCCESS")
    sandbox.expect_following(True)
    expect(sandbox.unfollow_button()).to_be_focused()
    page.keyboard.press("Enter")
    sandbox.expect_following(False)
    expect(sandbox.follow_button()).to_be_focused()
    assert len(server.operations(sandbox.address())) == 2


def test_escape_leaves_a_dialog_and_gives_the_focus_back(page: Page, server: Server) -> None:
    """Tab stays inside the open dialog; Escape closes it and the focus is where it was. What is behind it is
    not blurred for those who asked for less transparency (conftest.py).
    """
    sandbox = SandboxPage(page, server.url).open()
    connect = sandbox.button("Connect wallet")
    connect.focus()
    page.keyboard.press("Enter")
    expect(sandbox.dialog).to_be_visible()
    behind = "(dialog) => getComputedStyle(dialog, '::backdrop').backdropFilter"
    assert sandbox.dialog.evaluate(behind) == "none"
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => document.activeElement === document.body"
            " || document.activeElement.closest('dialog') !== null"
        )
    page.keyboard.press("Escape")
    expect(sandbox.dialog).to_have_count(0)
    expect(connect).to_be_focused()


def test_choosing_a_suggestion_with_the_keyboard(sandbox: SandboxPage) -> None:
    """Type, arrow down, Enter: the card is that profile's."""
    sandbox.handle.focus()
    sandbox.page.keyboard.press("Control+a")
    sandbox.page.keyboard.type("cyber")
    expect(sandbox.page.get_by_role("option").first).to_be_visible()
    sandbox.page.keyboard.press("ArrowDown")
    chosen = sandbox.page.get_by_role("option", selected=True)
    expect(chosen).to_have_count(1)
    handle = chosen.get_attribute("data-handle") or ""
    sandbox.page.keyboard.press("Enter")
    expect(sandbox.card(handle)).to_be_visible()
    expect(sandbox.handle).to_have_value(handle)


# --- motion, size ---------------------------------------------------------------------------------------


def test_reduced_motion_is_respected(page: Page, server: Server) -> None:
    """Whoever asks for less motion sees none: no animation or transition ever starts on the whole way."""
    page.add_init_script(
        """window.moved = [];
        for (const kind of ["animationstart", "transitionrun"]) {
          addEventListener(kind, (event) => {
            const running = event.target.getAnimations().map((a) => a.effect.getComputedTiming().duration);
            if (running.some((ms) => ms > 1)) window.moved.push([kind, event.target.className, running]);
          }, true);
        }"""
    )
    page.emulate_media(reduced_motion="reduce")
    sandbox = SandboxPage(page, server.url).open().ready()
    sandbox.follow()
    sandbox.unfollow_button().hover()
    sandbox.unfollow()
    assert page.evaluate("() => window.moved") == []


def test_nothing_is_cut_off_when_all_is_twice_or_four_times_as_large(sandbox: SandboxPage) -> None:
    """At 200 % and at 400 % zoom of a 1280 px window the page needs no sideways scrolling."""
    sandbox.page.set_viewport_size({"width": 320, "height": 450})
    sandbox.ready()
    sandbox.follow()
    for step in ("Step 1 details", "Step 2 details"):
        sandbox.click(step)
    sandbox.open_inspector()
    for width in (320, 640):
        sandbox.page.set_viewport_size({"width": width, "height": 450})
        wide, room = sandbox.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= room, f"{width} px"
