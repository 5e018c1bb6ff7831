"""Haste and many tabs: one intention is one operation, and every tab tells the same truth."""

import pytest
from playwright.sync_api import Route, expect

from countersign.testing import Wallet
from tests.support.e2e.arrangements import ONE_PROCESS
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)


def test_a_double_click_is_one_operation(sandbox: SandboxPage, gateway: Server) -> None:
    """Two clicks within a moment: one message is signed and sent."""
    sandbox.ready()
    posted = sandbox.posts("follow", "unfollow")
    sandbox.follow_button().dblclick()
    sandbox.expect_result("SUCCESS")
    sandbox.expect_following(True)
    assert len(posted) == 1
    assert len(gateway.operations(sandbox.address())) == 1


def test_clicks_during_a_slow_answer_do_nothing(sandbox: SandboxPage, gateway: Server) -> None:
    """While the answer is on its way the button is disabled; afterwards there is one operation."""
    sandbox.ready()
    waiting: list[Route] = []
    sandbox.page.route("**/api/follow", lambda route: waiting.append(route))  # noqa: PLW0108 (wants a function)
    sandbox.follow_button().click()
    button = sandbox.card().get_by_role("button")
    expect(button).to_be_disabled()
    button.click(force=True)
    button.dispatch_event("click")
    (route,) = waiting
    route.continue_()
    sandbox.expect_result("SUCCESS")
    sandbox.expect_following(True)
    assert len(waiting) == 1
    assert len(gateway.operations(sandbox.address())) == 1


def test_two_tabs_agree(sandbox: SandboxPage, gateway: Server) -> None:
    """What one tab did, the other shows without a reload; both then tell the same state and count."""
    sandbox.ready()
    other = sandbox.another_tab()
    other.expect_signed_in()
    before = sandbox.count()
    other.expect_count(before)

    sandbox.follow()
    other.expect_following(True)
    other.expect_count(before + 1)

    other.unfollow()
    sandbox.expect_following(False)
    sandbox.expect_count(before)
    assert not gateway.follows(sandbox.address(), "shiyu")


def test_two_tabs_click_at_once(sandbox: SandboxPage, gateway: Server) -> None:
    """Both press Follow before either has an answer: one operation in the log, and both tabs show it."""
    held: list[Route] = []
    sandbox.ready()
    other = sandbox.another_tab()
    other.expect_following(False)
    before = sandbox.count()
    sandbox.page.route("**/api/follow", lambda route: held.append(route))  # noqa: PLW0108 (wants a function)
    with sandbox.page.expect_request("**/api/follow"):
        sandbox.click("Follow", sandbox.card())
    other.click("Follow", other.card())
    expect(other.card().get_by_role("button")).to_be_disabled()
    held[0].continue_()
    for tab in (sandbox, other):
        tab.expect_following(True)
        tab.expect_count(before + 1)
    assert len(gateway.operations(sandbox.address())) == 1


def test_signing_in_and_out_reaches_the_other_tab(sandbox: SandboxPage) -> None:
    """A tab opened before the sign-in serves the same person after it, and nobody after the sign-out."""
    other = sandbox.another_tab()
    sandbox.ready()
    other.expect_signed_in()
    other.follow()
    sandbox.expect_following(True)

    sandbox.to_front()
    sandbox.page.get_by_role("button", name="Account").click()
    sandbox.click("Sign out")
    for tab in (sandbox, other):
        tab.expect_signed_out()
        tab.expect_following(False)


def test_t30_two_tabs_authorise_one_key(sandbox: SandboxPage, gateway: Server) -> None:
    """Asked in both, answered in one: the other waits for that answer, and takes the same key."""
    sandbox.connect()
    other = sandbox.another_tab()
    other.expect_signed_in()
    sandbox.click("Authorise this device")
    expect(sandbox.button("Approve", sandbox.dialog)).to_be_visible()
    other.click("Authorise this device")
    sandbox.click("Approve", sandbox.dialog)
    for tab in (sandbox, other):
        tab.expect_authorised()
    sandbox.follow()
    other.expect_following(True)
    other.unfollow()
    assert len(gateway.operations(sandbox.address())) == 2


def test_two_tabs_sign_in_at_once(wallet: Wallet, sandbox: SandboxPage, gateway: Server) -> None:
    """Both prompts open before either is answered, and the tabs cannot hear each other: both end signed in,
    and both can act.
    """
    tabs = [sandbox, sandbox.another_tab()]
    for tab in tabs:
        tab.page.add_init_script("delete self.BroadcastChannel; delete Navigator.prototype.locks;")
        tab.reload()
        wallet.hold_next()
        tab.click("Connect wallet")
        tab.choose_wallet("Brass wallet")
        wallet.wait_until_held(tab.page)
    for tab in tabs:
        wallet.release(tab.page)
    for tab in tabs:
        tab.expect_signed_in()
    sandbox.authorise("Brass wallet")
    sandbox.follow()
    tabs[1].page.evaluate(
        "() => document.dispatchEvent(new Event('visibilitychange'))"
    )  # it comes to the front
    tabs[1].expect_following(True)
    tabs[1].unfollow()
    assert len(gateway.operations(wallet.address)) == 2
