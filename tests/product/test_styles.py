"""What holds for every style sheet of ours, and for the oldest browsers that `docs/browsers.md` names."""

import re
from collections.abc import Iterator

from tests.support.places import ROOT

STYLES = {
    sheet.name: re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    for sheet in (ROOT / "static" / "css").glob("*.css")
}
BUILD = (ROOT / "static" / "build.mjs").read_text()
ROOM = "clamp(112.5%, 1.3vw, 250%)"
"""What the whole scale is sized by before an audience."""
STEPS = ("0.8125rem", "0.9375rem", "1.125rem", "1.5rem", "2rem")

# Not in all of Chrome 111, Firefox 115 and Safari 16.4, and the build puts nothing in its place.
NEWER_STYLE = (
    "light-dark(",
    "@starting-style",
    "@scope",
    "@property",
    "@position-try",
    "@view-transition",
    "scripting:",
    "field-sizing",
    "anchor-name",
    "position-area",
    "position-anchor",
    "interpolate-size",
    "calc-size(",
    "animation-timeline",
    "transition-behavior",
    "text-box",
    ":popover-open",
    "content-visibility",
    "(from ",
    "round(",
    "sign(",
    "style(",
)
# `:has()` came to Firefox with 121. These rules only refine what stands without them.
HAS_WITHOUT_NEED = (
    ".wallets .mark:has(img)",
    ".bar nav:not(:has(li + li))",
    ".paper:has(.offline:not(:empty))",
    ".asks:has(.harm)",
    ".line:has(> .by)",
    ".find .field:first-child:has(+ button:not(.unscripted))",
    '.all:has(> [data-part="told"]:empty):has(~ .empty:not([hidden]))',
    ".side:has(> :is(.card:not(.about, [hidden]), .result:not(:empty))) > .about",
    ".following > .side:has(> :is(.card:not(.about, [hidden]), .result:not(:empty)))",
)
NEWER_SCRIPT = (
    ".ariaLive",
    "Promise.withResolvers",
    "Promise.try",
    "Array.fromAsync",
    "Object.groupBy",
    "Map.groupBy",
    "AbortSignal.any",
    "toBase64(",
    "fromBase64(",
    "toHex(",
    "fromHex(",
    "moveBefore(",
    "startViewTransition(",
    "showPopover(",
    "togglePopover(",
    "setHTMLUnsafe(",
    "CloseWatcher",
    "Iterator.from",
    "Intl.DurationFormat",
    "cookieStore",
    "requestClose(",
    "closedby:",
    "DisposableStack",
    ".isSubsetOf(",
    ".symmetricDifference(",
)


def selectors(css: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each text before a brace, with those of the blocks around it."""
    around: list[str] = []
    for before, mark in re.findall(r"([^{};]*)([{};])", css):
        if mark == "{":
            yield before.strip(), tuple(around)
            around.append(before.strip())
        elif mark == "}":
            around.pop()


def test_type_has_only_the_steps_of_the_scale() -> None:
    """No size of letters is written but as a token, and the tokens are steps that the eye can tell apart."""
    for sheet, css in STYLES.items():
        for name, value in re.findall(r"(?<![\w-])(font|font-size)\s*:\s*([^;}]+)", css):
            token = re.search(r"var\(--t-?\d\)", value)
            assert value in {"inherit", ROOM} or token, f"{sheet}: {name}: {value}"
    *steps, headline = re.findall(r"--t-?\d: ([^;]+);", STYLES["tokens.css"])
    assert tuple(steps) == STEPS
    assert headline.startswith("clamp(2rem,")


def test_only_a_pointer_that_hovers_meets_styles_of_hovering() -> None:
    """On a touch screen `:hover` sticks to what was touched last: nothing may look different for it there."""
    for sheet, css in STYLES.items():
        for selector, around in selectors(css):
            assert ":hover" not in selector or "@media (hover: hover)" in around, f"{sheet}: {selector}"


def test_nothing_needs_a_browser_newer_than_the_oldest() -> None:
    """Neither styles nor scripts use what came later, but for what only refines the page."""
    for sheet, css in STYLES.items():
        assert [word for word in NEWER_STYLE if word in css] == [], sheet
        asked = [selector for selector, _ in selectors(css) if ":has(" in selector]
        assert [selector for selector in asked if selector not in HAS_WITHOUT_NEED] == [], sheet
    for script in (ROOT / "static" / "src").rglob("*.ts"):
        source = script.read_text()
        assert [word for word in NEWER_SCRIPT if word in source] == [], script.name


def test_the_bundle_is_built_for_the_browsers_that_are_documented() -> None:
    """The build's target is the table of `docs/browsers.md`, row by row."""
    targets = dict(re.findall(r'"([a-z]+)([\d.]+)"', re.findall(r"const OLDEST = \[(.*?)\]", BUILD)[0]))
    text = (ROOT / "docs" / "browsers.md").read_text()
    section = text.split("## The oldest browsers that work")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| ([A-Z][a-z]+)[^|]*\| ([\d.]+)", section, flags=re.MULTILINE))
    assert {name.lower(): version for name, version in rows.items()} == {
        "chrome": targets["chrome"],
        "firefox": targets["firefox"],
        "safari": targets["safari"],
    }
    assert targets["ios"] == targets["safari"]
