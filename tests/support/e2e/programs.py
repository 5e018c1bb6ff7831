"""The page of programs, as a visitor reads and drives it."""

import re

from playwright.sync_api import Locator, Page, expect


class ProgramPage:
    """`/docs/try` in a browser, by roles and names alone."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self._site = site
        self.output = page.get_by_role("region", name="Output")
        self.state = self.output.get_by_role("status")
        self.code = page.get_by_label("Code")

    def open(self, name: str = "") -> None:
        self.page.goto(f"{self._site}/docs/try" + (f"?show={name}" if name else ""))

    def run(self, code: str | None = None) -> None:
        if code is not None:
            self.code.fill(code)
        self.button("Run").click()

    def ends(self, how: str) -> None:
        """Wait for `Finished`, `Failed` or `Stopped`."""
        expect(self.state).to_have_text(re.compile(rf"^{how}\b"))

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def stamps(self) -> list[str]:
        """What each request came to, in order."""
        return self.output.locator(".stamp").all_inner_texts()

    def said(self) -> list[str]:
        """What the program said, a line each."""
        return self.output.locator(".said pre").all_inner_texts()
