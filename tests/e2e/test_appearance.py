"""What a busy button, the system's own colours, paper and the browser's frame make of the page."""

from playwright.sync_api import Page, expect

from tests.e2e.sandbox import SandboxPage
from tests.e2e.server import Server


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
