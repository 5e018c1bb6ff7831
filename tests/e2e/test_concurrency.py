"""Haste and many tabs: one intention is one operation, and every tab tells the same truth."""

from playwright.sync_api import Route, expect

from tests.e2e.sandbox import SandboxPage
from tests.e2e.server import Server


def test_a_double_click_is_one_operation(sandbox: SandboxPage, server: Server) -> None:
    """Two clicks within a moment: one message is signed and sent."""
    sandbox.ready()
    posted = sandbox.posts("follow", "unfollow")
    sandbox.follow_button().dblclick()
    sandbox.expect_result("SUCCESS")
    sandbox.expect_following(True)
    assert len(posted) == 1
    assert len(server.operations(sandbox.address())) == 1


def test_clicks_during_a_slow_answer_do_nothing(sandbox: SandboxPage, server: Server) -> None:
    """While the answer is on its way the button is disabled; afterwards there is one operation."""
    sandbox.ready()
    waiting: list[Route] = []
    sandbox.page.route("**/api/follow", waiting.append)
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
    assert len(server.operations(sandbox.address())) == 1


def test_two_tabs_agree(sandbox: SandboxPage, server: Server) -> None:
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
    assert not server.follows(sandbox.address(), "shiyu")


def test_two_tabs_click_at_once(sandbox: SandboxPage, server: Server) -> None:
    """Both press Follow before either has an answer: one operation in the log, and both tabs show it."""
    sandbox.ready()
    other = sandbox.another_tab()
    other.expect_following(False)
    before = sandbox.count()
    for tab in (sandbox, other):
        tab.follow_button().dispatch_event("click")
    for tab in (sandbox, other):
        tab.expect_following(True)
        tab.expect_count(before + 1)
    assert len(server.operations(sandbox.address())) == 1


def test_signing_in_and_out_reaches_the_other_tab(sandbox: SandboxPage) -> None:
    """A tab opened before the sign-in serves the same person after it, and nobody after the sign-out."""
    other = sandbox.another_tab()
    sandbox.ready()
    other.page.bring_to_front()
    other.expect_signed_in()
    other.follow()
    sandbox.expect_following(True)


def test_two_tabs_authorise_one_key(sandbox: SandboxPage, server: Server) -> None:
    """Both tabs are asked to authorise: both end up with keys that work, and follow from either succeeds."""
    sandbox.connect()
    other = sandbox.another_tab()
    other.expect_signed_in()
    sandbox.click("Authorise this device")
    other.click("Authorise this device")
    for tab in (sandbox, other):
        approve = tab.button("Approve", tab.dialog)
        expect(approve.or_(tab.page.get_by_role("heading", level=1)).first).to_be_visible()
        if approve.count():
            approve.click()
    for tab in (sandbox, other):
        tab.expect_authorised()
    sandbox.follow()
    other.expect_following(True)
    other.unfollow()
    assert len(server.operations(sandbox.address())) == 2
