"""Owners and their followers in a browser: removed and blocked after a question, and let in again."""

import json
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.e2e.arrangements import EVERY, ONE_PROCESS
from tests.support.e2e.auditor import LOOKS, MOST_SHIFT, SHIFT, Auditor, press
from tests.support.e2e.sandbox import SandboxPage
from tests.support.people import MUTATIONS, Person
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)


class OwnPage:
    """The page of somebody's own handle, which two follow."""

    def __init__(self, page: Page, site: Server, handle: str, *, gateway: Server | None = None) -> None:
        """Claim the handle with the sandbox wallet, have it followed, and open its page."""
        self.page, self.handle, self.gateway = page, handle, gateway or site
        page.goto(f"{site.url}/people")
        self.sandbox = SandboxPage(page, site.url)
        page.get_by_label("Handle", exact=True).fill(handle)
        self.sandbox.click("Claim a handle")
        self.sandbox.approve_both()
        self.sandbox.expect_result(f"@{handle} is yours.")
        self.followers = [Person(f"{number} of {handle}") for number in range(2)]
        for follower in self.followers:
            self.send("registerSigningKey", follower.registration())
            assert self.follow(follower) == "SUCCESS"
        page.goto(f"{site.url}/@{handle}")

    def follow(self, follower: Person) -> str:
        return self.send("follow", follower.request("follow", self.handle, time.time_ns() // 1_000_000))

    def send(self, mutation: str, sent: dict[str, str]) -> str:
        status: str = self.gateway.graphql(MUTATIONS[mutation], input=sent)[mutation]["status"]
        return status

    def row(self, follower: Person) -> Locator:
        rows = self.page.get_by_role("region", name="Followers").get_by_role("listitem")
        return rows.filter(has=self.page.locator(f'[title="{follower.address}"]'))

    @property
    def blocked(self) -> Locator:
        return self.page.get_by_role("region", name="Blocked")

    @property
    def count(self) -> Locator:
        return self.page.locator("#follower-count")

    def done(self) -> list[str]:
        own = self.gateway.operations(self.sandbox.address(), self.handle)
        return [json.loads(text)["op"] for text in own]


@pytest.mark.arrangements(*EVERY)
def test_an_owner_removes_blocks_and_takes_it_back(page: Page, site: Server, gateway: Server) -> None:
    """With a mouse: each asks first; the list, the count and the log are so at once."""
    own = OwnPage(page, site, f"own-{site.port}", gateway=gateway)
    sandbox, (first, second) = own.sandbox, own.followers
    expect(own.count).to_have_text("2")
    expect(own.blocked).to_be_hidden()

    sandbox.click("Remove", own.row(first))
    expect(sandbox.dialog).to_contain_text("you cannot bring their follow back")
    sandbox.click("Cancel", sandbox.dialog)
    expect(sandbox.dialog).to_have_count(0)
    expect(sandbox.button("Remove", own.row(first))).to_be_focused()
    sandbox.click("Remove", own.row(first))
    sandbox.click("Remove", sandbox.dialog)
    sandbox.expect_result(f"They no longer follow @{own.handle}.")
    expect(own.row(first)).to_contain_text("Removed")
    expect(own.count).to_have_text("1")

    sandbox.click("Block", own.row(second))
    expect(sandbox.dialog).to_contain_text("Blocks are public")
    sandbox.click("Block", sandbox.dialog)
    sandbox.expect_result("They are blocked")
    expect(own.row(second)).to_contain_text("Blocked")
    expect(own.count).to_have_text("0")
    expect(own.blocked).to_contain_text("They cannot follow")
    assert own.follow(second) == "HANDLE_NOT_FOUND"
    assert own.follow(first) == "SUCCESS"

    page.reload()
    expect(own.row(first)).to_be_visible()
    expect(own.row(second)).to_have_count(0)
    sandbox.click("Unblock", own.blocked)
    sandbox.expect_result("can follow")
    expect(own.blocked).to_contain_text("Unblocked")
    expect(sandbox.button("Block", own.blocked)).to_be_focused()
    assert own.done() == ["claim", "remove", "block", "unblock"]
    assert own.follow(second) == "SUCCESS"

    page.goto(f"{site.url}/@{own.handle}/log")
    for done in ("Removed somebody from", "Blocked somebody from following", "Unblocked somebody for"):
        expect(page.get_by_text(done)).to_be_visible()


def test_a_keyboard_is_enough_and_the_focus_stays(page: Page, server: Server) -> None:
    own = OwnPage(page, server, f"key-{server.port}")
    sandbox, (first, second) = own.sandbox, own.followers
    press(sandbox.button("Block", own.row(first)))
    press(sandbox.button("Block", sandbox.dialog))
    sandbox.expect_result("They are blocked")
    undo = sandbox.button("Undo", own.row(first))
    expect(undo).to_be_focused()
    press(undo)
    sandbox.expect_result("can follow")
    expect(sandbox.button("Block", own.row(first))).to_be_focused()
    expect(own.blocked).to_contain_text("Unblocked")
    press(sandbox.button("Remove", own.row(second)))
    press(sandbox.button("Remove", sandbox.dialog))
    sandbox.expect_result("They no longer follow")
    expect(sandbox.button("Block", own.row(second))).to_be_focused()
    assert own.done() == ["claim", "block", "unblock", "remove"]


def test_nobody_else_sees_buttons_or_who_is_blocked(page: Page, server: Server) -> None:
    """And somebody who leaves takes theirs along."""
    own = OwnPage(page, server, f"leave-{server.port}")
    first, _ = own.followers
    own.sandbox.click("Block", own.row(first))
    own.sandbox.click("Block", own.sandbox.dialog)
    own.sandbox.expect_result("They are blocked")
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("heading", name=f"@{own.handle}", level=1)).to_be_visible()
    for name in ("Remove", "Block", "Unblock"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(own.blocked).to_be_hidden()


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_every_state_in_every_look(looks: tuple[str, ...], page: Page, server: Server) -> None:
    """axe finds nothing, nothing is too small to press, and nothing moves while the page comes."""
    auditor = Auditor(page, *looks)
    own = OwnPage(page, server, f"look-{looks[0]}-{server.port}")
    assert page.evaluate(SHIFT) <= MOST_SHIFT
    auditor.check("followers")
    own.sandbox.click("Block", own.row(own.followers[0]))
    expect(own.sandbox.dialog).to_be_visible()
    auditor.check("the question")
    own.sandbox.click("Block", own.sandbox.dialog)
    own.sandbox.expect_result("They are blocked")
    own.sandbox.click("Remove", own.row(own.followers[1]))
    own.sandbox.click("Remove", own.sandbox.dialog)
    own.sandbox.expect_result("They no longer follow")
    auditor.check("blocked and removed")
