"""The card's button belongs to what the field says, is read before it is pressed, and keeps the focus."""

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.support.e2e.arrangements import ONE_PROCESS
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

FOCUSED = "() => document.activeElement !== document.body && document.activeElement?.checkVisibility()"
SUGGESTIONS = re.compile(r"/api/profiles\?prefix=")
HOVER = "(hover: hover)"


def test_while_another_handle_is_looked_up_the_button_waits(sandbox: SandboxPage, gateway: Server) -> None:
    """From the first key on the old card can do nothing and says why; a click signs for nobody."""
    sandbox.ready()
    page = sandbox.page
    held: list[Route] = []
    page.route(SUGGESTIONS, lambda route: held.append(route))  # noqa: PLW0108 (wants a function)
    button = sandbox.card("shiyu").get_by_role("button")
    with page.expect_request(SUGGESTIONS):
        sandbox.handle.fill("cyberconnec")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description("Looking up @cyberconnec")
    button.dispatch_event("click")
    held[0].continue_()
    page.unroute(SUGGESTIONS)

    expect(page.get_by_role("option").first).to_be_visible()
    expect(button).to_have_accessible_description("Press Enter to look up @cyberconnec")
    expect(sandbox.card("shiyu")).to_contain_text("Press Enter to look up @cyberconnec")
    button.dispatch_event("click")
    sandbox.handle.fill("")
    expect(button).to_have_accessible_description("Type a handle")
    sandbox.handle.fill("shiyu")
    expect(button).to_be_enabled()
    expect(button).to_have_accessible_description("")

    page.route("**/api/profiles/cyberconnect", lambda route: held.append(route))  # noqa: PLW0108
    sandbox.handle.fill("cyberconnect")
    with page.expect_request("**/api/profiles/cyberconnect"):
        sandbox.handle.press("Enter")
    button.click(force=True)  # a person's click: it takes the focus out of the field too
    expect(button).to_have_accessible_description("Looking up @cyberconnect")
    held[-1].continue_()
    sandbox.expect_following(False, "cyberconnect")
    expect(sandbox.status.filter(has_text="SUCCESS")).to_have_count(0)
    assert gateway.operations(sandbox.address()) == []
    assert gateway.operations(sandbox.address(), "cyberconnect") == []


def test_what_a_field_says_when_the_browser_brings_it_back_is_looked_up(sandbox: SandboxPage) -> None:
    """Out of the browser's cache, or restored by it: the field is right, and the card follows."""
    page = sandbox.page
    page.evaluate("() => { document.querySelector('#handle').value = 'cyberconnect'; }")
    page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    sandbox.expect_following(False, "cyberconnect")


def test_a_fresh_following_is_read_before_it_can_be_undone(sandbox: SandboxPage, gateway: Server) -> None:
    """Under the pointer, or the focus, that followed it stays; an accident has Undo, found with a key."""
    sandbox.ready()
    page = sandbox.page
    sandbox.follow()
    button = sandbox.unfollow_button()
    button.hover(position={"x": 5, "y": 5})  # it moves, and has not left
    expect(button).to_have_text("Following")
    page.mouse.move(0, 0)
    button.hover()
    expect(button).to_have_text("Unfollow")
    sandbox.unfollow()
    expect(sandbox.status).to_contain_text("Unfollow @shiyu")

    page.mouse.move(0, 0)
    sandbox.button("Undo", sandbox.status).focus()
    page.keyboard.press("Enter")
    sandbox.expect_result("You follow @shiyu.")
    expect(sandbox.button("Undo")).to_have_count(0)
    expect(button).to_be_focused()
    expect(button).to_have_text("Following")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(button).to_have_text("Unfollow")
    page.keyboard.press("Enter")
    expect(sandbox.follow_button()).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Following")
    page.keyboard.down("Enter")  # and held down: one press
    expect(sandbox.follow_button()).to_be_enabled()
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    sandbox.expect_following(False)
    assert len(gateway.operations(sandbox.address())) == 6


def test_a_finger_leaves_no_hover_behind(browser: Browser, server: Server) -> None:
    """On a touch screen the button that was tapped reads Following, and is not red under the finger."""
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    try:
        sandbox = SandboxPage(context.new_page(), server.url).open().ready()
        assert not sandbox.page.evaluate("(query) => matchMedia(query).matches", HOVER)
        sandbox.follow_button().tap()
        sandbox.expect_following(True)
        button = sandbox.unfollow_button()
        expect(button).to_have_text("Following")
        expect(button).not_to_have_attribute("data-asking", "")
        sandbox.page.get_by_role("heading", level=1).tap()  # or the next would be the second of a double tap
        button.tap()
        sandbox.expect_following(False)
        sandbox.button("Undo", sandbox.status).tap()
        sandbox.expect_following(True)
        expect(sandbox.unfollow_button()).to_have_text("Following")
    finally:
        context.close()


def test_the_focus_never_falls_to_the_body(sandbox: SandboxPage) -> None:
    """Whatever goes while it has it: a dialog, Try again, a step that is done, the account menu."""
    page = sandbox.page

    def press(name: str, key: str = "Enter") -> None:
        sandbox.button(name).last.focus()
        page.keyboard.press(key)

    press("Connect wallet")
    sandbox.dialog.get_by_role("button", name="Sandbox wallet").press("Enter")
    press("Reject")
    sandbox.expect_result("Cancelled in wallet · Sign in")
    press("Try again")
    page.wait_for_function(FOCUSED)
    sandbox.dialog.get_by_role("button", name="Approve").press("Enter")
    expect(sandbox.button("Authorise this device")).to_be_focused()
    expect(sandbox.button("Authorise this device")).to_be_enabled()
    page.keyboard.press("Enter")
    press("Approve")
    expect(sandbox.follow_button()).to_be_focused()
    expect(sandbox.follow_button()).to_be_enabled()
    page.route("**/api/follow", lambda route: route.abort(), times=1)
    page.keyboard.press("Enter")
    expect(sandbox.status).to_contain_text("Follow @shiyu")
    press("Try again")
    sandbox.expect_following(True)
    expect(sandbox.unfollow_button()).to_be_focused()
    expect(sandbox.unfollow_button()).to_have_text("Following")

    page.get_by_role("button", name="Account").press("Enter")
    press("Sign out")
    expect(sandbox.button("Connect wallet")).to_be_focused()
    page.wait_for_function(FOCUSED)
