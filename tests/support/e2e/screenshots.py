"""`make screenshots`: every state of every page, in four looks, as pictures in an ignored folder.

`python -m tests.support.e2e.screenshots people person` takes these walks' pictures again (`WALKS`) and leaves
the others in the folder; with `--readme` it makes the two pictures of the README, and no others.

Real server, real Chromium; only the answers of a gateway that refuses are put in the way, because most of
them cannot be had without waiting or without harm.
"""

import contextlib
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect, sync_playwright

from countersign.testing import Wallet, install
from tests.support.crowd import NAMES, Crowd
from tests.support.device import Device
from tests.support.e2e import browser as chromium
from tests.support.e2e.origins import guide, origin
from tests.support.e2e.programs import ProgramPage
from tests.support.e2e.sandbox import SandboxPage
from tests.support.places import ROOT
from tests.support.server import Server, running
from webapp.protocol.status import Status

FOLDER = ROOT / "screenshots"
ROOMY = {"SIGNER_QUOTA": "100000", "ANONYMOUS_REQUESTS_PER_MINUTE": "100000"}
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

    @property
    def window(self) -> ViewportSize:
        return {"width": self.width, "height": 740 if self.phone else 860}


LOOKS = (
    Look("light", False, 1280),
    Look("dark", True, 1280),
    Look("phone", False, 360),
    Look("phone-dark", True, 360),
)


class Camera:
    """Takes the pictures of one look, and refuses a page that is wider than its window."""

    def __init__(self, page: Page, look: Look, guide: str) -> None:
        """`guide`: a page of another site, with buttons and the sandbox in it."""
        self.page = page
        self.look = look
        self.guide = guide
        self.taken = 0

    def visit(self, url: str, state: str) -> None:
        """Go to a page, and take it as it comes."""
        self.page.goto(url)
        self.take(state)

    def take(self, state: str, *, whole: bool = True) -> None:
        """`whole`: all of the page; else the window as it is, which is what a dialog covers."""
        self.page.evaluate("() => document.fonts.ready")
        wide, room = self.page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        if wide > room:
            raise AssertionError(f"{state}, {self.look.name}: {wide} px wide in a window of {room} px")
        if whole and self.look.phone:  # or the bar at the foot of the window would lie across the picture
            length = self.page.evaluate("() => document.documentElement.scrollHeight")
            self.page.set_viewport_size({"width": self.look.width, "height": length})
        self.page.screenshot(
            path=FOLDER / f"{state}-{self.look.name}.png", full_page=whole, animations="disabled"
        )
        self.page.set_viewport_size(self.look.window)
        self.taken += 1


@contextlib.contextmanager
def visitor(
    browser: Browser, look: Look, server: Server, *wallets: Wallet, guide: str = ""
) -> Iterator[tuple[SandboxPage, Camera]]:
    """A browser that has never been here."""
    context = browser.new_context(
        viewport=look.window,
        color_scheme="dark" if look.dark else "light",
        device_scale_factor=2,
        is_mobile=look.phone,
        has_touch=look.phone,
        locale="en-GB",
    )
    install(context, *wallets)
    page = context.new_page()
    try:
        yield SandboxPage(page, server.url), Camera(page, look, guide)
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
    camera.visit(f"{sandbox.url}/no-such-page", "41-not-found")
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
    camera.visit(f"{sandbox.url}/apps", "50-apps-signed-out")
    sandbox.open().connect()
    page.goto(f"{sandbox.url}/apps")
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


OWN_HANDLES = dict(
    zip((look.name for look in LOOKS), ("rosalind", "tabitha", "winifred", "philippa"), strict=True)
)
"""What each look's visitor claims: a handle is claimed once."""


def people(sandbox: SandboxPage, camera: Camera) -> None:
    """The directory, a handle claimed in it, and the page that comes with the handle."""
    page, handle = sandbox.page, OWN_HANDLES[camera.look.name]
    camera.visit(f"{sandbox.url}/people", "60-people")
    page.get_by_label("Search").fill("h")
    expect(page.get_by_role("link", name="@augusta")).to_have_count(0)
    camera.take("61-people-searched")
    page.get_by_label("Search").fill("nobody-has-this")
    expect(page.get_by_text("No handle begins with")).to_be_visible()
    camera.take("62-people-none-found")
    page.goto(f"{sandbox.url}/people")
    typed = page.get_by_label("Handle", exact=True)
    typed.fill("augusta")
    expect(page.get_by_text("@augusta is taken.")).to_be_visible()
    camera.take("63-claim-taken")
    typed.fill(handle)
    expect(page.get_by_text(f"@{handle} is free.")).to_be_visible()
    camera.take("64-claim-free", whole=False)
    sandbox.click("Claim a handle")
    sandbox.approve_both()
    sandbox.expect_result(f"@{handle} is yours.")
    camera.take("65-claimed")
    page.get_by_role("link", name=f"Open @{handle}").click()
    expect(page.get_by_text("Your own")).to_be_visible()
    camera.take("66-own-page")
    sandbox.click("Edit")
    page.get_by_label("Name", exact=True).fill("Rosalind F.")
    page.get_by_label("Words about you").fill("Crystals, and the light that goes through them.")
    camera.take("67-own-page-edited")
    sandbox.click("Save")
    sandbox.expect_result(f"The page of @{handle} shows it now.")
    camera.take("68-own-page-saved")
    sandbox.click("Give back the handle")
    expect(sandbox.dialog).to_be_visible()
    camera.take("69-about-to-give-back", whole=False)


def person(sandbox: SandboxPage, camera: Camera) -> None:
    """Somebody's page and its three lists, before and after one follows them."""
    page = sandbox.page
    camera.visit(f"{sandbox.url}/@augusta", "70-person")
    camera.visit(f"{sandbox.url}/@augusta/following", "71-person-following")
    camera.visit(f"{sandbox.url}/@augusta/log", "72-person-log")
    camera.visit(f"{sandbox.url}/@sophie/following", "73-person-follows-nobody")
    camera.visit(f"{sandbox.url}/@sophie", "74-person-nobody-follows")
    sandbox.open().ready()
    page.goto(f"{sandbox.url}/@augusta")
    sandbox.click("Follow")
    sandbox.expect_result("SUCCESS")
    page.mouse.move(0, 0)
    camera.take("75-person-followed")
    sandbox.button("Unfollow").focus()
    sandbox.button("Unfollow").hover()
    camera.take("76-about-to-unfollow", whole=False)
    sandbox.click("Unfollow")
    sandbox.expect_result("no longer follow")
    camera.take("77-person-unfollowed", whole=False)
    camera.visit(f"{sandbox.url}/@nobody-has-this", "78-nobody")


def following(sandbox: SandboxPage, camera: Camera) -> None:
    """A list imported, with some that fail; searched, selected, unfollowed."""
    page, handles = sandbox.page, [handle for handle in NAMES if handle != "sophie"]  # nobody follows her
    number = len(handles)
    camera.visit(f"{sandbox.url}/following", "80-following-signed-out")
    sandbox.open().ready()
    page.goto(f"{sandbox.url}/following")
    expect(page.get_by_text("You follow nobody yet.")).to_be_visible()
    camera.take("81-following-nobody")
    names = [*handles, "alice@elsewhere.example", "b0b!"]
    file = "Account address,Show boosts\n" + "".join(f"{name},true\n" for name in names)
    page.set_input_files("#file", {"name": "following.csv", "mimeType": "text/csv", "buffer": file.encode()})
    expect(sandbox.button(f"Follow {number}")).to_be_visible()
    camera.take("82-import-preview")
    page.set_input_files("#file", {"name": "list.csv", "mimeType": "text/csv", "buffer": b"name;place"})
    expect(page.locator("#import").get_by_role("alert")).to_be_visible()
    camera.take("83-import-unreadable")
    page.set_input_files("#file", {"name": "following.csv", "mimeType": "text/csv", "buffer": file.encode()})
    held: list[Route] = []
    sent = 0

    def follow(route: Route) -> None:
        nonlocal sent
        sent += 1
        if sent > number // 2 and len(held) < 4 and sent <= number // 2 + 4:
            held.append(route)
        elif sent % 5 == 0:
            refused = json.loads(route.request.post_data or "") | {"signature": f"0x{'1' * 128}"}
            route.continue_(post_data=refused)
        else:
            route.continue_()

    page.route("**/api/follow", follow)
    sandbox.click(f"Follow {number}")
    while len(held) < 4:
        page.wait_for_timeout(20)
    camera.take("84-following-runs")
    for route in held:
        route.continue_()
    expect(sandbox.button("Retry failed")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Select all \d\d"))).to_be_visible()
    camera.take("85-following-finished-with-failures")
    page.unroute("**/api/follow")
    sandbox.click("Done")
    expect(sandbox.button("Done")).to_be_hidden()
    camera.take("86-following")
    page.get_by_label("Search").fill("zzz")
    expect(page.get_by_text("Nobody you follow is called so.")).to_be_visible()
    camera.take("87-following-none-found")
    page.get_by_label("Search").fill("")
    expect(page.get_by_text(re.compile(r"Select all \d\d"))).to_be_visible()  # drawn a frame later
    for box in page.get_by_role("checkbox", name=re.compile("^Select @")).all()[1:5:2]:
        box.check()
    sandbox.click("Export")
    camera.take("88-following-export-menu", whole=False)
    sandbox.click("Export")
    camera.take("89-following-selected", whole=False)
    sandbox.click("Unfollow selected")
    expect(sandbox.dialog).to_be_visible()
    camera.take("90-about-to-unfollow-several", whole=False)
    sandbox.click("Unfollow 2", sandbox.dialog)
    expect(sandbox.button("Undo")).to_be_visible()
    camera.take("91-following-unfollowed")


def devices(sandbox: SandboxPage, camera: Camera) -> None:
    """Keys and sessions; then what was signed, follows and keys."""
    page = sandbox.page
    camera.visit(f"{sandbox.url}/devices", "100-devices-signed-out")
    sandbox.open().ready("Brass wallet")
    page.goto(f"{sandbox.url}/devices")
    other = (
        page.get_by_role("region", name="Signing keys")
        .get_by_role("listitem")
        .filter(has_not_text="This device")
    )
    expect(other.first).to_be_visible()
    camera.take("101-devices")
    other.first.get_by_role("button", name="Rename").click()
    page.get_by_label("Name of the key").fill("Old phone")
    camera.take("102-key-renamed")
    sandbox.click("Save")
    sandbox.expect_result("is called “Old phone” now")
    camera.take("103-key-named")
    other.filter(has_text="Old phone").get_by_role("button", name="Revoke").click()
    expect(sandbox.dialog).to_be_visible()
    camera.take("104-about-to-revoke", whole=False)
    sandbox.click("Revoke", sandbox.dialog)
    sandbox.expect_result("is revoked")
    page.get_by_text("1 key signs no more").click()
    camera.take("105-key-revoked")


def activity(sandbox: SandboxPage, camera: Camera) -> None:
    """Both logs, and a filter that leaves nothing."""
    page = sandbox.page
    camera.visit(f"{sandbox.url}/activity", "110-activity-signed-out")
    sandbox.open().ready()
    camera.visit(f"{sandbox.url}/activity", "111-activity-none")
    camera.visit(f"{sandbox.url}/activity/keys", "112-activity-keys-none")
    sandbox.open().follow()
    sandbox.unfollow()
    for handle in ("augusta", "hopper"):
        page.goto(f"{sandbox.url}/@{handle}")
        sandbox.click("Follow")
        sandbox.expect_result("SUCCESS")
    page.goto(f"{sandbox.url}/devices")
    for name in ("Desk", "Desk at home"):
        sandbox.click("Rename")
        page.get_by_label("Name of the key").fill(name)
        sandbox.click("Save")
        sandbox.expect_result(f"is called “{name}” now")
    camera.visit(f"{sandbox.url}/activity", "113-activity")
    camera.visit(f"{sandbox.url}/activity?handle=hal", "114-activity-filtered")
    camera.visit(f"{sandbox.url}/activity/keys", "115-activity-keys")


def proofs(sandbox: SandboxPage, camera: Camera) -> None:
    """What is brought, and what becomes of it."""
    page = sandbox.page
    page.goto(f"{sandbox.url}/@augusta")
    page.get_by_role("link", name="Proof", exact=True).first.click()
    expect(page.locator("#note .stamp")).to_have_text("Valid")
    camera.take("120-proof")
    proof = httpx.get(f"{page.url}.json", trust_env=False).json()
    page.goto(f"{sandbox.url}/proofs", wait_until="networkidle")
    camera.take("121-proofs")
    content = proof["proof"]["content"]
    changed = {**proof, "proof": {**proof["proof"], "content": content.replace("augusta", "augustb")}}
    for state, text, stamp in (
        ("122-proof-pasted", json.dumps(proof), "Valid"),
        ("123-proof-not-valid", json.dumps(changed), "Not valid"),
        ("124-proof-bare-message", content, "A message, and no proof"),
        ("125-proof-unreadable", "nothing of the kind", "Unreadable"),
    ):
        page.get_by_label("Proof", exact=True).fill(text)
        sandbox.click("Check")
        expect(page.locator("#result .stamp")).to_have_text(stamp)
        camera.take(state)
    camera.visit(f"{sandbox.url}/proofs/{'0' * 64}", "126-no-such-proof")


def lab(sandbox: SandboxPage, camera: Camera) -> None:
    """Each status earned by the lesson, and an edited request."""
    page = sandbox.open().page
    region = page.get_by_role("region", name="Break it", exact=True)
    sandbox.button("Show SUCCESS").scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Copy zero-quota")).to_be_visible()
    camera.take("140-lab")
    for number, status in enumerate(Status, start=1):
        sandbox.click(f"Show {status.value}")
        expect(region.get_by_role("status")).to_contain_text(status.value)
        if status in {Status.INVALID_SIGNATURE, Status.INVALID_MESSAGE, Status.SUCCESS}:
            camera.take(f"141-lab-{number}", whole=False)
    message = page.get_by_label("Message", exact=True)
    message.fill(message.input_value().replace('"unfollow"', '"follow"'))
    sandbox.click("Send")
    expect(region.get_by_role("status")).to_contain_text("INVALID_MESSAGE")
    camera.take("142-lab-edited", whole=False)
    sandbox.open_inspector()
    camera.take("143-lab-inspector")


def docs(sandbox: SandboxPage, camera: Camera) -> None:
    """The index, each kind of page, and a search; then GraphiQL."""
    page = sandbox.page
    for number, path in enumerate(
        ("", "/quick-start", "/statuses", "/contract", "/architecture", "/decisions")
    ):
        page.goto(f"{sandbox.url}/docs{path}", wait_until="networkidle")
        camera.take(
            f"13{number}-docs{path.replace('/', '-')}", whole=path in {"", "/quick-start", "/statuses"}
        )
    camera.visit(f"{sandbox.url}/docs?q=revoked+key", "136-docs-search")
    camera.visit(f"{sandbox.url}/docs/no-such-page", "137-docs-no-such-page")


def programs(sandbox: SandboxPage, camera: Camera) -> None:
    """Code beside what comes of it: before, after, a refusal opened, and a fault of syntax."""
    page = ProgramPage(sandbox.page, sandbox.url)
    page.open()
    camera.take("145-programs")
    page.run()
    page.ends("Finished")
    camera.take("146-programs-whole-way")
    page.open("INVALID_SIGNATURE")
    page.run()
    page.ends("Finished")
    page.output.locator("summary").last.click()
    camera.take("147-programs-refused")
    page.run("const wallet = 1;\n\nlet device = ;\n")
    page.ends("Failed")
    camera.take("148-programs-failed")


def presenter(sandbox: SandboxPage, camera: Camera) -> None:
    """Before an audience: nothing yet, a follow in full, and the question before all of it goes."""
    page = sandbox.page
    page.goto(f"{sandbox.url}/?present")
    camera.take("150-presenter", whole=False)
    sandbox.ready().follow()
    page.mouse.move(0, 0)
    camera.take("151-presenter-followed", whole=False)
    sandbox.click("Reset the demo")
    camera.take("152-presenter-about-to-reset", whole=False)


def embed(sandbox: SandboxPage, camera: Camera) -> None:
    """A page of another site, the window of its button, the sandbox in its frame; and the lines to copy."""
    page = sandbox.page
    page.goto(camera.guide)
    expect(page.get_by_role("link", name=re.compile("follower")).first).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("button", name="Connect wallet")).to_be_visible()
    camera.take("160-embedded")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Follow @cyberconnect").click()
    window = SandboxPage(opened.value, sandbox.url)
    window.page.set_viewport_size({"width": min(480, camera.look.width), "height": 720})
    inside = Camera(window.page, camera.look, camera.guide)
    expect(window.button("Follow")).to_be_enabled()
    inside.take("161-embed-window", whole=False)
    window.click("Follow")
    window.approve_both()
    window.expect_result("SUCCESS")
    inside.take("162-embed-window-followed", whole=False)
    camera.taken += inside.taken
    page.bring_to_front()
    expect(page.get_by_text("You follow @cyberconnect.")).to_be_visible()
    camera.take("163-embedded-followed")
    page.goto(f"{sandbox.url}/@link3")
    page.get_by_role("region", name="Embed this button").scroll_into_view_if_needed()
    camera.take("164-embed-lines", whole=False)


WALKS = {
    walk.__name__: walk
    for walk in (
        way_in,
        leaving,
        refusals,
        losses,
        applications,
        people,
        person,
        following,
        devices,
        activity,
        proofs,
        lab,
        docs,
        programs,
        presenter,
        embed,
    )
}


def populate(server: Server) -> None:
    """Have people come, who all follow one of them."""
    crowd = Crowd(server).gather()
    for handle in NAMES:
        if handle not in {"augusta", "sophie"}:
            crowd.sign("follow", handle, "augusta")
    for handle in ("hopper", "hamilton", "hedy", "alan", "shiyu"):
        crowd.sign("follow", "augusta", handle)
    crowd.sign("unfollow", "augusta", "alan")


def for_the_readme(browser: Browser, server: Server) -> int:
    """What a follow looks like, light and dark."""
    for look in LOOKS[:2]:
        with visitor(browser, look, server) as (sandbox, _):
            sandbox.page.set_viewport_size({"width": look.width, "height": 1200})
            sandbox.open().ready()
            sandbox.follow()
            open_row(sandbox, "Signed the message")
            sandbox.page.mouse.move(0, 0)
            expect(sandbox.unfollow_button()).to_have_text("Following")
            sandbox.page.evaluate("() => { scrollTo(0, 0); }")
            last = sandbox.button("Download", sandbox.inspector).first.bounding_box()
            assert last
            sandbox.page.screenshot(
                path=ROOT / "docs" / "images" / f"followed-{look.name}.png",
                clip={"x": 0, "y": 0, "width": look.width, "height": last["y"] + last["height"] + 16},
                animations="disabled",
            )
    return 2


def main(arguments: list[str]) -> int:
    expect.set_options(timeout=30_000)
    readme = arguments == ["--readme"]
    walks = [WALKS[name] for name in arguments if not readme] or list(WALKS.values())
    if not arguments:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    taken = 0
    pages: dict[str, str] = {}
    with (
        tempfile.TemporaryDirectory() as scratch,
        origin(pages) as elsewhere,
        running(Path(scratch), FRAME_ANCESTORS=elsewhere, **ROOMY) as server,
        sync_playwright() as playwright,
    ):
        pages["/guide"], _ = guide(server)
        browser = playwright.chromium.launch(**chromium.launch_options())
        if not readme:
            populate(server)
        else:
            taken = for_the_readme(browser, server)
        for look in LOOKS if not readme else ():
            for walk in walks:
                wallets = (Wallet(), Wallet(name="Harbour", rdns="test.countersign.harbour"))
                Device(server.graphql_url, wallets[0].accounts[0]).register()  # an old phone's
                with visitor(browser, look, server, *wallets, guide=f"{elsewhere}/guide") as (
                    sandbox,
                    camera,
                ):
                    walk(sandbox, camera)
                    taken += camera.taken
        browser.close()
    print(f"{taken} pictures in {'docs/images' if readme else FOLDER.name}/")  # noqa: T201 (a command's answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
