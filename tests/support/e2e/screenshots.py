"""`make screenshots`: every state of the page, in four looks, as pictures in an ignored folder.

`python -m tests.support.e2e.screenshots --readme` makes the two pictures of the README again, and no others.

Real server, real Chromium; only the answers of a gateway that refuses are put in the way, because most of
them cannot be had without waiting or without harm.
"""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.support.e2e import browser as chromium
from tests.support.e2e.sandbox import SandboxPage
from tests.support.e2e.wallet import Wallet, install
from tests.support.places import ROOT
from tests.support.server import Server, running
from webapp.protocol.status import Status

FOLDER = ROOT / "screenshots"
REFUSALS = tuple(status.value for status in Status if status is not Status.SUCCESS)


@dataclass(frozen=True, slots=True)
class Look:
    """One way to see the page; `width` in CSS pixels."""

    name: str
    dark: bool
    width: int

    @property
    def phone(self) -> bool:
        return self.width < 500


LOOKS = (
    Look("light", False, 1280),
    Look("dark", True, 1280),
    Look("phone", False, 360),
    Look("phone-dark", True, 360),
)


class Camera:
    """Takes the pictures of one look, and refuses a page that is wider than its window."""

    def __init__(self, page: Page, look: Look) -> None:
        self.page = page
        self.look = look
        self.taken = 0

    def take(self, state: str, *, whole: bool = True) -> None:
        """`whole`: all of the page; else the window as it is, which is what a dialog covers."""
        self.page.evaluate("() => document.fonts.ready")
        wide, room = self.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        if wide > room:
            raise AssertionError(f"{state}, {self.look.name}: {wide} px wide in a window of {room} px")
        self.page.screenshot(
            path=FOLDER / f"{state}-{self.look.name}.png", full_page=whole, animations="disabled"
        )
        self.taken += 1


@contextlib.contextmanager
def visitor(
    browser: Browser, look: Look, server: Server, *wallets: Wallet
) -> Iterator[tuple[SandboxPage, Camera]]:
    """A browser that has never been here."""
    context = browser.new_context(
        viewport={"width": look.width, "height": 740 if look.phone else 860},
        color_scheme="dark" if look.dark else "light",
        device_scale_factor=2,
        is_mobile=look.phone,
        has_touch=look.phone,
        locale="en-GB",
    )
    install(context, *wallets)
    page = context.new_page()
    try:
        yield SandboxPage(page, server.url), Camera(page, look)
    finally:
        context.close()


def open_row(sandbox: SandboxPage, title: str) -> None:
    sandbox.inspector.get_by_role("button", name=title).first.click()


def way_in(sandbox: SandboxPage, camera: Camera) -> None:
    """From the first view to a follow and back, with the sandbox wallet."""
    sandbox.open()
    camera.take("01-start")
    sandbox.click("Connect wallet")
    expect(sandbox.dialog.get_by_role("button", name="Sandbox wallet")).to_be_visible()
    camera.take("02-wallets", whole=False)
    sandbox.choose_wallet("Sandbox wallet")
    expect(sandbox.button("Approve")).to_be_visible()
    camera.take("03-sandbox-wallet-asks-to-sign-in", whole=False)
    sandbox.click("Reject")
    sandbox.expect_result("Cancelled in wallet")
    camera.take("04-cancelled")
    sandbox.connect()
    camera.take("05-signed-in")
    sandbox.click("Authorise this device")
    expect(sandbox.button("Approve")).to_be_visible()
    camera.take("06-sandbox-wallet-asks-to-authorise", whole=False)
    sandbox.click("Approve")
    sandbox.expect_authorised()
    camera.take("07-authorised")
    sandbox.follow()
    open_row(sandbox, "Signed the message")
    sandbox.page.mouse.move(0, 0)
    expect(sandbox.unfollow_button()).to_have_text("Following")
    camera.take("08-followed")
    sandbox.unfollow_button().focus()
    sandbox.unfollow_button().hover()
    camera.take("09-about-to-unfollow")
    sandbox.page.get_by_role("button", name="Account").click()
    camera.take("10-account-menu", whole=False)
    sandbox.page.keyboard.press("Escape")
    sandbox.click("Step 1 details")
    sandbox.click("Step 2 details")
    camera.take("11-steps-reopened")
    sandbox.handle.fill("c")
    expect(
        sandbox.page.get_by_role("listbox", name="Suggestions").get_by_role("option").first
    ).to_be_visible()
    camera.take("12-suggestions")
    sandbox.reload()
    sandbox.expect_following(True)
    camera.take("13-reloaded")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    sandbox.page.route("**/api/unfollow", hold)
    sandbox.unfollow_button().click()
    expect(sandbox.status).to_contain_text("Waiting for the gateway")
    camera.take("14-waiting")
    held[0].continue_()
    sandbox.expect_result("SUCCESS")
    camera.take("15-unfollowed")
    open_row(sandbox, "Answered SUCCESS")
    sandbox.button("Permalink", sandbox.inspector).first.click()
    sandbox.page.wait_for_url("**/#exchange=*")
    link = sandbox.page.url
    sandbox.click("Clear", sandbox.inspector)  # what this tab did itself is not shown as a stranger's
    sandbox.page.goto("about:blank")
    sandbox.page.goto(link)
    expect(sandbox.inspector.locator("[data-kind]").first).to_be_visible()
    camera.take("16-permalink")
    sandbox.page.emulate_media(media="print")
    camera.take("17-printed")


def leaving(sandbox: SandboxPage, camera: Camera) -> None:
    """Signed out, with a key that still signs; and that key revoked."""
    sandbox.open()
    sandbox.ready()
    sandbox.page.get_by_role("button", name="Account").click()
    sandbox.click("Sign out")
    sandbox.expect_result("can still sign")
    camera.take("18-signed-out", whole=False)
    sandbox.click("Revoke this device's key")
    sandbox.expect_result("SUCCESS")
    camera.take("19-key-revoked")


def answering(status: str) -> Callable[[Route], None]:
    """Let the request through, and put another status into the gateway's answer."""

    def answer(route: Route) -> None:
        reply = route.fetch()
        told = reply.json()
        answered = told["exchange"]["response"]
        answered["body"] = answered["body"].replace(told["status"], status)
        route.fulfill(response=reply, json={**told, "status": status})

    return answer


def refusals(sandbox: SandboxPage, camera: Camera) -> None:
    """What the gateway may answer, and what can stand between it and the page."""
    page = sandbox.page
    sandbox.open().ready("Brass wallet")
    for number, status in enumerate(REFUSALS, start=20):
        answer = answering(status)
        page.route("**/api/*follow", answer)
        card = sandbox.card()
        card.get_by_role("button").click()
        sandbox.expect_result(status)
        camera.take(f"{number}-{status.lower().replace('_', '-')}")
        page.unroute("**/api/*follow", answer)
        if status in {"INVALID_SIGNING_KEY", "EXPIRED_SIGNING_KEY"}:
            sandbox.status.get_by_role("button").click()
            sandbox.expect_authorised()
    sandbox.handle.fill("nobody-has-this")
    sandbox.handle.press("Enter")
    expect(sandbox.card()).to_have_count(0)
    camera.take("30-unknown-handle")
    sandbox.handle.fill("shiyu")
    sandbox.handle.press("Enter")
    expect(sandbox.card()).to_be_visible()
    unreachable = {
        "type": "/problems/upstream-unreachable",
        "title": "The gateway cannot be reached",
        "status": 502,
        "detail": "No connection to the gateway.",
        "requestId": "01K9Z3V7Q2",
    }
    page.route(
        "**/api/*follow",
        lambda route: route.fulfill(status=502, content_type="application/problem+json", json=unreachable),
    )
    sandbox.card().get_by_role("button").click()
    expect(sandbox.status).to_contain_text("Request id")
    camera.take("31-gateway-unreachable")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    camera.take("32-offline", whole=False)
    page.context.set_offline(False)


def losses(sandbox: SandboxPage, camera: Camera) -> None:
    """The key is gone; the page does not exist."""
    sandbox.open().ready("Brass wallet")
    sandbox.page.evaluate(
        "async () => { for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name); }"
    )
    sandbox.reload()
    expect(sandbox.page.get_by_text("This browser lost its key").first).to_be_visible()
    camera.take("40-key-lost")
    sandbox.page.goto(f"{sandbox.url}/no-such-page")
    camera.take("41-not-found")
    sandbox.page.goto(f"{sandbox.url}/graphql")
    expect(sandbox.page.get_by_role("region", name="Query Editor")).to_contain_text("profileByHandle")
    sandbox.page.get_by_role("button", name="Execute query").click()
    expect(sandbox.page.locator(".result-window")).to_contain_text('"handle": "shiyu"')
    camera.take("42-graphiql", whole=False)
    sandbox.page.get_by_role("button", name="Show Documentation Explorer").click()
    expect(sandbox.page.get_by_role("link", name="Query").first).to_be_visible()
    camera.take("43-graphiql-documentation", whole=False)


def applications(sandbox: SandboxPage, camera: Camera) -> None:
    """API keys: nobody signed in, a new one, the second click, a revoked one."""
    page = sandbox.page
    page.goto(f"{sandbox.url}/apps")
    camera.take("50-apps-signed-out")
    sandbox.open().connect()
    page.get_by_role("link", name="Apps").click()
    expect(page.get_by_role("heading", name="Your keys")).to_be_visible()
    camera.take("51-apps-none")
    for name in ("Feed reader", "Nightly export"):
        page.get_by_label("Name of the application").fill(name)
        sandbox.click("Create key")
        expect(page.get_by_role("group", name=f"API key of {name}")).to_be_visible()
    camera.take("52-apps-new-key")
    sandbox.click("I have it")
    sandbox.click("Revoke: Feed reader")
    camera.take("53-apps-about-to-revoke")
    sandbox.click("Revoke for good: Feed reader")
    expect(page.get_by_role("listitem").filter(has_text="Revoked")).to_be_visible()
    camera.take("54-apps-revoked")


def devices(sandbox: SandboxPage, camera: Camera) -> None:
    """Keys and sessions: nobody signed in, both lists, a name, the question, a revoked key."""
    page = sandbox.page
    page.goto(f"{sandbox.url}/devices")
    camera.take("70-devices-signed-out")
    sandbox.open().ready()
    page.goto(f"{sandbox.url}/devices")
    expect(page.get_by_text("This device", exact=True)).to_be_visible()
    camera.take("71-devices")
    sandbox.click("Rename")
    page.get_by_label("Name of the key").fill("Work laptop")
    camera.take("72-devices-naming")
    sandbox.click("Save")
    sandbox.expect_result("SUCCESS")
    sandbox.click("Revoke")
    camera.take("73-devices-about-to-revoke")
    sandbox.click("Revoke", sandbox.dialog)
    page.get_by_text("1 key signs no more").click()
    camera.take("74-devices-revoked")


def for_the_readme(browser: Browser, server: Server) -> int:
    """What a follow looks like, light and dark."""
    for look in LOOKS[:2]:
        with visitor(browser, look, server) as (sandbox, _):
            sandbox.page.set_viewport_size({"width": look.width, "height": 900})
            sandbox.open().ready()
            sandbox.follow()
            open_row(sandbox, "Signed the message")
            sandbox.page.mouse.move(0, 0)
            expect(sandbox.unfollow_button()).to_have_text("Following")
            path = ROOT / "docs" / "images" / f"followed-{look.name}.png"
            sandbox.page.screenshot(path=path, animations="disabled")
    return 2


def main(arguments: list[str]) -> int:
    readme = arguments == ["--readme"]
    if not readme:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
    taken = 0
    with (
        tempfile.TemporaryDirectory() as scratch,
        running(Path(scratch)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(**chromium.launch_options())
        if readme:
            taken = for_the_readme(browser, server)
        for look in LOOKS if not readme else ():
            for walk in (way_in, leaving, refusals, losses, applications, devices):
                wallets = (Wallet(), Wallet(name="Harbour", rdns="test.countersign.harbour"))
                with visitor(browser, look, server, *wallets) as (sandbox, camera):
                    walk(sandbox, camera)
                    taken += camera.taken
        browser.close()
    print(f"{taken} pictures in {'docs/images' if readme else FOLDER.name}/")  # noqa: T201 (a command's answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
