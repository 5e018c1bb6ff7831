"""When something between the click and the gateway fails, the page says what, keeps what was typed, and goes
on.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.support.e2e.arrangements import ONE_PROCESS, TWO_DATABASES, Arrangement
from tests.support.e2e.auditor import Auditor
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

# Whether site and gateway share a file changes nothing of what fails between them (test_durability.py).
pytestmark = pytest.mark.arrangements(ONE_PROCESS, TWO_DATABASES)

STATUS_NAMES = ("SUCCESS", "INVALID_", "EXPIRED_", "_EXPIRED", "RATE_LIMITED", "ALREADY_DONE", "NOT_FOUND")


def expect_problem(sandbox: SandboxPage, words: str) -> None:
    """Said in the status element, and not dressed up as an answer of the gateway."""
    sandbox.expect_result(words)
    for name in STATUS_NAMES:
        expect(sandbox.status).not_to_contain_text(name)


@pytest.mark.arrangements(TWO_DATABASES)
def test_the_gateway_stops_and_comes_back(
    page_of: Callable[[Server], SandboxPage], arrangement: Arrangement
) -> None:
    """Site up, gateway down: an honest problem, no made-up status, the handle still there; later all works
    again.
    """
    gateway = arrangement.gateway
    sandbox = page_of(arrangement.site).ready()
    before = sandbox.count()
    gateway.stop()

    sandbox.click("Follow", sandbox.card())
    expect_problem(sandbox, "gateway")
    expect(sandbox.handle).to_have_value("shiyu")
    expect(sandbox.button("Try again", sandbox.status)).to_be_visible()
    expect(sandbox.button("Try again")).to_have_count(1)
    expect(sandbox.page.get_by_text("cannot reach the gateway")).to_have_count(1)

    gateway.start()
    sandbox.click("Try again", sandbox.status)
    sandbox.expect_result("SUCCESS")
    sandbox.expect_following(True)
    sandbox.expect_count(before + 1)
    assert gateway.follows(sandbox.address(), "shiyu")


@pytest.mark.arrangements(TWO_DATABASES)
def test_the_page_opens_while_the_gateway_is_down(
    page_of: Callable[[Server], SandboxPage], arrangement: Arrangement
) -> None:
    """No profile can be read: the page opens and says so unasked; the profile comes by itself."""
    gateway = arrangement.gateway
    gateway.stop()
    sandbox = page_of(arrangement.site)
    expect(sandbox.button("Connect wallet")).to_be_visible()
    expect(sandbox.page.get_by_text("cannot reach the gateway")).to_be_visible()
    expect(sandbox.handle).to_have_value("shiyu")
    expect(sandbox.button("Try again")).to_be_visible()
    Auditor(sandbox.page).check("no gateway")
    sandbox.connect()
    gateway.start()
    expect(sandbox.follow_button()).to_be_enabled(timeout=40_000)  # the page reads again ever more seldom


def test_the_site_itself_stops(page_of: Callable[[Server], SandboxPage], arrangement: Arrangement) -> None:
    """Nothing answers at all: the page stays, says that the site cannot be reached, and recovers
    by itself.
    """
    sandbox = page_of(arrangement.site).ready()
    arrangement.site.stop()
    sandbox.click("Follow", sandbox.card())
    expect_problem(sandbox, "reach")
    expect(sandbox.handle).to_have_value("shiyu")
    arrangement.site.start()
    sandbox.click("Try again", sandbox.status)
    sandbox.expect_result("SUCCESS")
    assert arrangement.gateway.follows(sandbox.address(), "shiyu")


@pytest.mark.arrangements(ONE_PROCESS)
def test_offline(sandbox: SandboxPage, context: BrowserContext) -> None:
    """The browser loses its network: the page says that it is offline, keeps the handle, and says when it is
    back.
    """
    sandbox.ready()
    sandbox.handle.fill("cyberconnect")
    context.set_offline(True)
    expect(sandbox.page.get_by_text("offline", exact=False).first).to_be_visible()
    expect(sandbox.handle).to_have_value("cyberconnect")
    context.set_offline(False)
    expect(sandbox.page.get_by_text("offline", exact=False).locator("visible=true")).to_have_count(0)
    sandbox.handle.press("Enter")
    sandbox.follow("cyberconnect")


def test_a_lost_answer_is_found_out_about(sandbox: SandboxPage, gateway: Server) -> None:
    """The gateway stored it, the answer never came: the page reads the truth back; a second try changes
    nothing.
    """
    sandbox.ready()
    before = sandbox.count()
    lost: list[str] = []

    def lose_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append("once")
        route.fetch()
        route.abort("connectionreset")

    sandbox.page.route("**/api/follow", lose_answer)
    sandbox.click("Follow", sandbox.card())
    sandbox.expect_following(True)
    sandbox.expect_count(before + 1)
    assert len(gateway.operations(sandbox.address())) == 1


COME_BACK = "() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
"""What a browser says to a page that it kept whole while the visitor was elsewhere."""


@pytest.mark.arrangements(ONE_PROCESS)
def test_a_page_that_the_browser_kept_does_not_keep_a_session_that_ended(
    sandbox: SandboxPage, context: BrowserContext
) -> None:
    """Back in a kept page whose session has ended: it says so, shows nobody's follow, and signs in again."""
    sandbox.ready()
    sandbox.follow()
    context.clear_cookies()
    sandbox.page.evaluate(COME_BACK)
    sandbox.expect_result("The session has ended")
    sandbox.expect_signed_out()
    sandbox.expect_following(False)
    sandbox.click("Sign in", sandbox.status)
    sandbox.click("Approve", sandbox.dialog)
    sandbox.expect_following(True)


@pytest.mark.arrangements(ONE_PROCESS)  # the pages of API keys are where the gateway is embedded
def test_keys_of_applications_do_not_stay_on_a_kept_page(
    sandbox: SandboxPage, context: BrowserContext
) -> None:
    """The same for the page of API keys: it is nobody's as soon as the session is."""
    sandbox.connect()
    page = sandbox.page
    page.get_by_role("link", name="Apps").click()
    expect(page.get_by_role("heading", name="Your keys")).to_be_visible()
    page.wait_for_load_state("networkidle")  # while it finds out who is here, it does not look again
    context.clear_cookies()
    page.evaluate(COME_BACK)
    expect(page.get_by_text("You are not signed in")).to_be_visible()


@pytest.mark.arrangements(ONE_PROCESS)
def test_an_error_page_has_a_request_id(sandbox: SandboxPage) -> None:
    """An address that does not exist is answered in the site's own style, with an id that the log has too."""
    response = sandbox.page.goto(f"{sandbox.url}/no-such-page")
    assert response is not None
    assert response.status == 404
    expect(sandbox.page.get_by_text("Request id")).to_be_visible()
