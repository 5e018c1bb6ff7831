"""What everybody needs of a page: axe-core's rules, room to press, no scrolling sideways, a keyboard."""

import functools
import json
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.e2e.bundles import script
from tests.support.places import ROOT

MOST_TABS = 60
LOOKS = (
    ("dark", "light phone"),
    pytest.param(("light", "dark phone"), marks=pytest.mark.soak),
)
"""Both schemes and both widths at each run of the tests; in a long one, each with each."""


RUN_AXE = script("run-axe")


LEAST_TARGET = 32


# Each thing that can be pressed is that large, or a square of that size around its middle is its own. Links
# inside a sentence are exempt, and what lies under a dialog or a list that hangs over it.
SMALL_TARGETS = script("small-targets")


# A page hears of its new size between two frames, and then does what belongs to it.
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


MOST_SHIFT = 0.05
SHIFT = """() => new Promise((done) => {
  let shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(shift), 300);
})"""


@functools.cache
def axe() -> str:
    return Path(ROOT, "node_modules", "axe-core", "axe.min.js").read_text()


class Auditor:
    """Checks the page in each state that a test walks through, in each of the looks (scheme and width) that
    are given; the walk itself is in the first. Without any: as the page is.
    """

    def __init__(self, page: Page, *looks: str) -> None:
        self.page = page
        self._looks = looks
        if looks:
            self._show(looks[0])

    def check(self, state: str, without: tuple[str, ...] = ()) -> None:
        """`without`: rules of axe-core that do not count here."""
        self._check(state, without)
        for look in self._looks[1:]:
            self._show(look)
            self._check(f"{state}, {look}", without)
            self._show(self._looks[0])

    def _show(self, look: str) -> None:
        """Motion is reduced, so that no colour is caught half way."""
        scheme: Literal["light", "dark"] = "dark" if "dark" in look else "light"
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        width, height = (360, 740) if "phone" in look else (1280, 900)
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.evaluate(TWO_FRAMES)

    def _check(self, state: str, without: tuple[str, ...]) -> None:
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(f"{axe()};0")
        violations: list[Any] = self.page.evaluate(RUN_AXE, without)
        assert violations == [], f"{state}: {json.dumps(violations, indent=2)}"
        small: list[str] = self.page.evaluate(SMALL_TARGETS, LEAST_TARGET)
        assert small == [], f"{state}: too small to press: {small}"
        wide, room = self.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= room, f"{state}: scrolls sideways"


def tab_to(target: Locator, *, backwards: bool = False) -> None:
    """Press Tab until the focus is on `target`; it must come within one round of the page."""
    page = target.page
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("(element) => element === element.getRootNode().activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"not reached with Tab: {target}")


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)
