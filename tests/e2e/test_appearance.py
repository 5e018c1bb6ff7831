"""What room, a busy button, the system's own colours, paper and the browser's frame make of the page."""

from playwright.sync_api import Browser, Page, Route, expect

from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server


def test_a_busy_button_looks_busy_under_the_pointer(page: Page, server: Server) -> None:
    """The pointer is still on what was just pressed: the button is pale all the same, as if it were not."""
    page.emulate_media(color_scheme="light")
    sandbox = SandboxPage(page, server.url).open().ready()
    page.route("**/api/follow", lambda _: None)
    follow = sandbox.follow_button()
    follow.click()
    expect(follow).to_have_attribute("aria-disabled", "true")
    expect(follow).to_have_css("background-color", "rgb(234, 240, 237)")
    expect(follow).to_have_css("color", "rgb(68, 87, 79)")


def test_a_click_and_its_answer_are_seen_together_on_a_laptop(page: Page, server: Server) -> None:
    """After sign-in the hero is a line: step 3, its answer and the inspector's newest row fit 1366 x 768, and
    the page comes from the server as it was left. An exchange longer than the window scrolls under the
    inspector's head.
    """
    page.set_viewport_size({"width": 1366, "height": 768})
    sandbox = SandboxPage(page, server.url).open()
    hero = page.locator(".hero")
    whole = hero.evaluate("(found) => found.offsetHeight")
    sandbox.ready()
    sandbox.follow()
    first = sandbox.inspector.locator("ol > li").first

    def all_seen() -> bool:
        boxes = [found.bounding_box() for found in (page.locator("#step-3"), sandbox.status, first)]
        return all(box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 768 for box in boxes)

    assert page.evaluate("() => scrollY") == 0
    assert all_seen()
    folded = hero.evaluate("(found) => found.offsetHeight")
    assert folded < whole / 4
    assert page.get_by_role("heading", level=1).evaluate("(line) => line.getClientRects().length") == 1
    assert "data-signed-in" in page.request.get(server.url).text()
    sandbox.reload()
    assert hero.evaluate("(found) => found.offsetHeight") == folded
    sandbox.inspector.get_by_role("button", name="Follow @shiyu").click()
    sandbox.inspector.get_by_role("button", name="Signed the message").click()
    groups = sandbox.inspector.locator("ol.groups")
    expect(groups).to_have_js_property("scrollTop", 0)
    too_tall = "(found) => found.scrollHeight > found.clientHeight"
    assert groups.evaluate(too_tall)
    assert not sandbox.inspector.locator("header").evaluate(too_tall)


def test_the_hero_folds_without_losing_the_readers_place(page: Page, server: Server) -> None:
    """On a phone, scrolled to what was pressed, the step that comes next is in view and has the focus."""
    page.set_viewport_size({"width": 360, "height": 640})
    sandbox = SandboxPage(page, server.url).open()
    sandbox.button("Connect wallet").evaluate("(found) => found.scrollIntoView({ block: 'start' })")
    assert page.evaluate("() => scrollY") > 0
    sandbox.connect()
    following = sandbox.button("Authorise this device")
    expect(following).to_be_focused()
    expect(following).to_be_in_viewport(ratio=1)
    expect(page.locator("#step-2 h2")).to_be_in_viewport()


def test_without_javascript_nothing_is_there_that_does_nothing(
    browser: Browser, sandbox: SandboxPage
) -> None:
    """Signed in or not, on every page: no button, field or list is seen, and every link leads somewhere."""
    sandbox.connect()
    kept = sandbox.page.context.storage_state()
    dead = ":is(button, input, select, textarea, summary, [role=button]):visible"
    for storage in (None, kept):
        context = browser.new_context(java_script_enabled=False, storage_state=storage)
        page = context.new_page()
        targets: set[str] = set()
        for path in ("/", "/apps", "/devices", "/graphql", "/no-such-page"):
            page.goto(f"{sandbox.url}{path}")
            expect(page.locator(dead)).to_have_count(0)
            expect(page.get_by_role("link", name="Countersign")).to_be_visible()
            if (
                path == "/graphql"
                or (path == "/" and storage is None)
                or (path in {"/apps", "/devices"} and storage)
            ):
                expect(page.locator("noscript .notice")).to_contain_text("JavaScript")
            hrefs = [link.get_attribute("href") or "" for link in page.locator("a:visible").all()]
            targets.update(href for href in hrefs if href != "#main")
        for target in targets:
            reply = page.request.get(f"{sandbox.url}{target}", headers={"accept": "text/html"})
            assert reply.ok, target
        context.close()


def test_forced_colours_still_tell_the_open_step(page: Page, server: Server) -> None:
    """Where the system paints all backgrounds alike, the number of the step to take is a filled disc."""
    page.emulate_media(forced_colors="active")
    sandbox = SandboxPage(page, server.url).open()
    fill = "(found) => getComputedStyle(found).backgroundColor"
    paper = page.locator("body").evaluate(fill)
    assert sandbox.page.locator("[aria-current=step] .number").evaluate(fill) != paper


def test_on_paper_all_steps_and_bytes_stand(page: Page, server: Server) -> None:
    """Printed, the inspector is as long as what is in it, and nothing is there that can only be pressed."""
    sandbox = SandboxPage(page, server.url).open().ready()
    sandbox.follow()
    sandbox.open_inspector()
    page.emulate_media(media="print")
    groups = sandbox.inspector.get_by_role("list").first
    assert groups.evaluate("(list) => list.scrollHeight <= list.clientHeight")
    expect(sandbox.button("Copy as curl")).to_have_count(0)
    expect(page.locator(".btn:visible")).to_have_count(0)


def test_the_browsers_frame_takes_the_colour_of_the_paper(sandbox: SandboxPage) -> None:
    """`theme-color` follows the system until a theme is chosen, and then the choice, also after a reload."""
    page = sandbox.page
    colours = "() => [...document.querySelectorAll('meta[name=theme-color]')].map(({ content }) => content)"
    light, dark = page.evaluate(colours)
    assert light != dark
    theme = page.get_by_role("button", name="Theme")
    for chosen in ([light, light], [dark, dark]):
        theme.click()
        assert page.evaluate(colours) == chosen
    sandbox.reload()
    assert page.evaluate(colours) == [dark, dark]
    theme.click()
    assert page.evaluate(colours) == [light, dark]


def test_a_press_is_not_lost_while_the_script_is_on_its_way(page: Page, server: Server) -> None:
    """What only a script brings to life takes none before, though it is seen."""
    scripts: list[Route] = []
    page.route("**/people-*.js", lambda route: scripts.append(route))  # noqa: PLW0108 (not of builtins)
    page.goto(f"{server.url}/people", wait_until="commit")
    theme = page.get_by_role("button", name="Theme")
    expect(theme).to_be_visible()
    expect(theme).to_have_css("pointer-events", "none")
    while not scripts:
        page.wait_for_timeout(20)
    scripts.pop().continue_()
    theme.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
