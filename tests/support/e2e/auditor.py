"""What everybody needs of a page: axe-core's rules, room to press, no scrolling sideways, a keyboard."""

import functools
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.places import ROOT

MOST_TABS = 60


RUN_AXE = """async (without) => {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
  });
  const where = (nodes) => nodes.map((node) => [node.html, node.failureSummary]);
  return violations.map(({ id, help, nodes }) => ({ id, help, nodes: where(nodes) }));
}"""


LEAST_TARGET = 32


# Each thing that can be pressed is that large, or a square of that size around its middle is its own. Links
# inside a sentence are exempt, and what lies under a dialog or a list that hangs over it.
SMALL_TARGETS = """(least) => {
  const within = [...document.querySelectorAll("dialog[open], [role=dialog]")].at(-1) ?? document;
  const inSentence = (link) => link.matches("a") && getComputedStyle(link).display === "inline";
  const small = [];
  const place = [scrollX, scrollY];
  for (const target of within.querySelectorAll("a[href], button, input, select, summary, [role=option]")) {
    if (inSentence(target) || target.closest(".CodeMirror")) continue;
    if (!target.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    target.scrollIntoView({ block: "center", behavior: "instant" });
    const { x, y, width, height } = target.getBoundingClientRect();
    const [middle, centre] = [x + width / 2, y + height / 2];
    const own = (dx, dy) => {
      const found = document.elementFromPoint(middle + dx, centre + dy);
      return target.contains(found) || found?.closest(".menu") != null; // an open menu lies over it for now
    };
    const reaches = (far) => own(far, 0) && own(-far, 0) && own(0, far) && own(0, -far);
    // Browsers find by whole pixels: the very edge is asked only where something reaches beyond the box.
    const large = Math.min(width, height) >= least - 0.5;
    if (own(0, 0) && !reaches(least / 2 - (large ? 1 : 0.5))) {
      small.push(`${Math.round(width)} x ${Math.round(height)}: ${target.outerHTML.slice(0, 120)}`);
    }
  }
  scrollTo(...place);
  return small;
}"""


@functools.cache
def axe() -> str:
    return Path(ROOT, "node_modules", "axe-core", "axe.min.js").read_text()


class Auditor:
    """Checks the page in one look (scheme and width) in each state that a test walks through."""

    def __init__(self, page: Page, *, narrow: bool) -> None:
        self.page = page
        self.narrow = narrow

    def check(self, state: str, without: tuple[str, ...] = ()) -> None:
        """`without`: rules of axe-core that do not count here."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(f"{axe()};0")
        violations: list[Any] = self.page.evaluate(RUN_AXE, without)
        assert violations == [], f"{state}: {json.dumps(violations, indent=2)}"
        assert self.page.evaluate(SMALL_TARGETS, LEAST_TARGET) == [], f"{state}: too small to press"
        if self.narrow:
            wide, room = self.page.evaluate(
                "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            assert wide <= room, f"{state}: scrolls sideways"


def tab_to(target: Locator, *, backwards: bool = False) -> None:
    """Press Tab until the focus is on `target`; it must come within one round of the page."""
    page = target.page
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"not reached with Tab: {target}")


def press(target: Locator, key: str = "Enter") -> None:
    tab_to(target)
    target.page.keyboard.press(key)
