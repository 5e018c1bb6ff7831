"""The sandbox page as a person meets it: things found by their role and name, clicks counted."""

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

FOLLOWERS = re.compile(r"([\d.,\u00a0\u202f]+)\s+followers?")


class SandboxPage:
    """One tab on the sandbox page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.clicks: list[str] = []

    def open(self) -> "SandboxPage":
        self.page.goto(f"{self.url}/")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        return self

    def another_tab(self) -> "SandboxPage":
        """A second tab of the same browser."""
        return SandboxPage(self.page.context.new_page(), self.url).open()

    def reload(self) -> "SandboxPage":
        self.page.reload()
        return self

    # --- what is on it -----------------------------------------------------------------------------------

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def handle(self) -> Locator:
        return self.page.get_by_label("Handle", exact=True)

    @property
    def status(self) -> Locator:
        """Where the result of the last act stands."""
        return self.page.get_by_role("status")

    @property
    def inspector(self) -> Locator:
        return self.page.get_by_role("region", name="Inspector", exact=True)

    def card(self, handle: str = "shiyu") -> Locator:
        return self.page.get_by_role("region", name=handle, exact=True)

    def follow_button(self, handle: str = "shiyu") -> Locator:
        return self.button("Follow", self.card(handle))

    def unfollow_button(self, handle: str = "shiyu") -> Locator:
        return self.button("Unfollow", self.card(handle))

    def count(self, handle: str = "shiyu") -> int:
        """The follower count that the card shows."""
        expect(self.card(handle)).to_contain_text(FOLLOWERS)
        found = FOLLOWERS.search(self.card(handle).inner_text())
        assert found
        return int(re.sub(r"\D", "", found[1]))

    def expect_count(self, count: int, handle: str = "shiyu") -> None:
        shown = re.compile(rf"(?<![\d.,]){count:,}\s+followers?(?![\d.,])")
        expect(self.card(handle)).to_contain_text(shown)

    def expect_following(self, following: bool, handle: str = "shiyu") -> None:
        expect(self.unfollow_button(handle) if following else self.follow_button(handle)).to_be_enabled()

    def expect_result(self, text: str | re.Pattern[str]) -> None:
        expect(self.status.filter(has_text=text)).to_be_visible()

    def open_inspector(self) -> None:
        """Open every exchange and every step that the inspector shows."""
        folded = self.inspector.get_by_role("heading").get_by_role("button", expanded=False)
        while folded.count():
            folded.first.click()

    def to_front(self) -> None:
        """People click in the tab that they look at; browsers give the others a frame a second."""
        if len(self.page.context.pages) > 1:
            self.page.bring_to_front()

    # --- what people do ----------------------------------------------------------------------------------

    def click(self, name: str, within: Locator | None = None) -> None:
        """Press the button of that name, and count it."""
        self.clicks.append(name)
        self.to_front()
        self.button(name, within).click()

    def choose_wallet(self, name: str) -> None:
        """Press a wallet in the dialog that lists them: its button carries the name and may say more."""
        self.clicks.append(name)
        self.to_front()
        self.dialog.get_by_role("button", name=name).click()

    def approve_both(self) -> None:
        """Let the sandbox wallet sign both texts that a newcomer's first act asks for."""
        self.choose_wallet("Sandbox wallet")
        self.click("Approve", self.dialog)
        expect(self.dialog).to_contain_text("I authorize")
        self.click("Approve", self.dialog)

    def connect(self, wallet: str = "Sandbox wallet") -> None:
        """Connect and sign in; the sandbox wallet asks in the page, any other answers by itself."""
        self.click("Connect wallet")
        self.choose_wallet(wallet)
        if wallet == "Sandbox wallet":
            self.click("Approve", self.dialog)
        self.expect_signed_in()

    def authorise(self, wallet: str = "Sandbox wallet") -> None:
        self.click("Authorise this device")
        if wallet == "Sandbox wallet":
            self.click("Approve", self.dialog)
        self.expect_authorised()

    def ready(self, wallet: str = "Sandbox wallet") -> "SandboxPage":
        """Signed in and authorised."""
        self.connect(wallet)
        self.authorise(wallet)
        return self

    def follow(self, handle: str = "shiyu") -> None:
        self.click("Follow", self.card(handle))
        self.expect_result(re.compile(rf"SUCCESS.*You follow @{handle}\."))
        self.expect_following(True, handle)

    def unfollow(self, handle: str = "shiyu") -> None:
        self.click("Unfollow", self.card(handle))
        self.expect_result(re.compile(rf"SUCCESS.*You no longer follow @{handle}\."))
        self.expect_following(False, handle)

    def expect_signed_in(self) -> None:
        expect(self.button("Connect wallet")).to_have_count(0)
        expect(self.dialog).to_have_count(0)

    def expect_signed_out(self) -> None:
        expect(self.button("Connect wallet")).to_be_visible()

    def expect_authorised(self) -> None:
        for name in ("Authorise this device", "Authorise again"):
            expect(self.button(name)).to_have_count(0)
        expect(self.dialog).to_have_count(0)

    # --- what the browser knows --------------------------------------------------------------------------

    def session(self) -> dict[str, Any]:
        """What the site says of this browser's session."""
        answer: dict[str, Any] = self.page.request.get(f"{self.url}/api/session").json()
        return answer

    def address(self) -> str:
        """The address signed in, in EIP-55."""
        address = self.session()["address"]
        assert isinstance(address, str), "nobody is signed in"
        return address

    def posts(self, *paths: str) -> list[dict[str, Any]]:
        """From now on, the bodies of the requests that the page posts to these API paths."""
        bodies: list[dict[str, Any]] = []

        def note(route: Route) -> None:
            if route.request.method == "POST":
                bodies.append(json.loads(route.request.post_data or "null"))
            route.fallback()

        for path in paths:
            self.page.route(f"**/api/{path}", note)
        return bodies
