"""A handle of one's own in a browser: claimed, given a face and words, found, and given back."""

import base64
import hashlib
import json
import re
import struct
import zlib
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, Route, expect

from countersign.testing import Wallet
from tests.support.e2e.arrangements import EVERY, ONE_PROCESS
from tests.support.e2e.auditor import LOOKS, MOST_SHIFT, SHIFT, Auditor, press, tab_to
from tests.support.e2e.sandbox import SandboxPage
from tests.support.places import ROOT
from tests.support.server import Server
from tests.support.serving import countersign
from webapp.protocol.handle_message import MAX_PROFILE_BYTES, HandleMessage

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

LONGEST_TEXT = "\U0001f600"


def png(width: int, height: int) -> bytes:
    """Noise, which no encoder makes small."""
    row = 3 * width
    noise = hashlib.shake_256(b"noise").digest(row * height)
    rows = b"".join(b"\0" + noise[row * line : row * (line + 1)] for line in range(height))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"tEXt", b"Comment\0taken at home <script>"),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def named(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def claim(page: Page, url: str, handle: str) -> SandboxPage:
    """Claim a handle with the sandbox wallet, nothing done before: seven clicks and the handle's letters."""
    page.goto(f"{url}/people")
    sandbox = SandboxPage(page, url)
    field(page, "Handle").fill(handle)
    expect(page.get_by_text(f"@{handle} is free.")).to_be_visible()
    sandbox.click("Claim a handle")
    sandbox.choose_wallet("Sandbox wallet")
    sandbox.click("Approve", sandbox.dialog)
    expect(sandbox.dialog).to_contain_text("I authorize")
    may = "follow and unfollow for you, claim, edit and give back handles, remove and block followers"
    expect(sandbox.dialog).to_contain_text(may)
    sandbox.click("Approve", sandbox.dialog)
    sandbox.expect_result(f"@{handle} is yours.")
    expect(page.locator("#people .line").first).to_contain_text(f"@{handle}")
    return sandbox


def choose(page: Page, content: bytes, name: str = "me.png") -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").click()
    chooser.value.set_files(named(name, content))


@pytest.mark.arrangements(*EVERY)
def test_a_newcomer_claims_a_handle_and_fills_its_page(page: Page, site: Server, gateway: Server) -> None:
    """All of it signed by the device, in messages that are what they say; and given back at the end."""
    handle = f"ada-{site.port}"
    sandbox = claim(page, site.url, handle)
    address = sandbox.address()
    sent = sandbox.posts("handles/profile")
    page.get_by_role("link", name=f"Open @{handle}").click()
    expect(page.get_by_text("Your own", exact=True)).to_be_visible()

    sandbox.click("Edit")
    field(page, "Name").fill("Ada 😀")
    field(page, "Words about you").fill("Analyst.\nMetaphysician.")
    choose(page, png(700, 500))
    expect(page.locator("form img")).to_be_visible()
    sandbox.click("Save")
    sandbox.expect_result(f"The page of @{handle} shows it now.")
    expect(page.get_by_role("form", name="Edit your profile")).to_be_hidden()
    expect(sandbox.button("Edit")).to_be_focused()
    head = page.get_by_label(handle, exact=True)
    expect(head).to_contain_text("Ada 😀")
    expect(head).to_contain_text("Analyst. Metaphysician.")
    (signed,) = sent
    message = HandleMessage.parse(signed["message"])
    assert len(signed["message"].encode()) <= MAX_PROFILE_BYTES
    assert message.shown is not None
    assert (message.shown.display_name, message.shown.bio) == ("Ada 😀", "Analyst. Metaphysician.")
    kind, _, data = message.shown.avatar.partition(";base64,")
    assert kind == "data:image/webp"
    assert b"taken at home" not in base64.b64decode(data)
    expect(head.locator("> .face img")).to_have_attribute("src", message.shown.avatar)

    page.goto(f"{site.url}/people?search={handle}")
    line = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=f"@{handle}"))
    expect(line).to_contain_text("Ada 😀")
    expect(line.locator("img")).to_have_attribute("src", message.shown.avatar)

    page.goto(f"{site.url}/@{handle}")
    sandbox.click("Give back the handle")
    expect(sandbox.dialog).to_contain_text("nobody but you can claim it again")
    sandbox.click("Cancel", sandbox.dialog)
    expect(sandbox.dialog).to_have_count(0)
    sandbox.click("Give back the handle")
    sandbox.click("Give it back", sandbox.dialog)
    sandbox.expect_result(f"@{handle} is given back.")
    expect(head).to_contain_text("Nobody has this handle any more.")
    for gone in ("Edit", "Follow", "Give back the handle"):
        expect(sandbox.button(gone)).to_be_hidden()
    response = page.reload()
    assert response is not None
    assert response.status == 404
    done = [json.loads(one)["op"] for one in gateway.operations(address, handle)]
    assert done == ["claim", "profile", "release"]


def test_a_handle_that_nobody_has_leads_to_its_claim(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/@led-on")
    page.get_by_role("link", name="Claim @led-on").click()
    expect(field(page, "Handle")).to_have_value("led-on")
    expect(page.get_by_text("@led-on is free.")).to_be_visible()
    page.goto(f"{server.url}/@led-on")
    page.get_by_role("link", name="Search for @led-on").click()
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("led-on")


def test_marks_in_the_directory_are_those_of_whoever_looks(
    page: Page, wallet: Wallet, server: Server
) -> None:
    """Of the account before nothing stays, neither where the next one is signed in nor where nobody is."""
    sandbox = SandboxPage(page, server.url).open()
    sandbox.ready("Brass wallet")
    followed, follower = f"followed-{server.port}", f"follower-{server.port}"
    for account, handle in enumerate((followed, follower)):
        if account == 1:
            wallet.switch_account(1)
            sandbox.click("Sign in")
            sandbox.expect_result("Signed in")
        page.goto(f"{server.url}/people")
        field(page, "Handle").fill(handle)
        sandbox.click("Claim a handle")
        sandbox.expect_result(f"@{handle} is yours.")
    page.goto(f"{server.url}/@{followed}")
    sandbox.click("Follow")
    sandbox.expect_result("SUCCESS")
    page.goto(f"{server.url}/people?search={follower}")
    mark = page.locator("#people .mark")
    expect(page.locator("#people .line")).to_have_count(1)
    expect(mark).to_have_count(0)
    wallet.switch_account(0)
    expect(mark).to_have_text("Follows you")
    wallet.switch_account(1)
    expect(mark).to_have_count(0)
    wallet.switch_account(0)
    expect(mark).to_be_visible()
    page.get_by_role("button", name=re.compile("^Account ")).click()
    sandbox.click("Sign out")
    expect(mark).to_be_hidden()


def test_what_cannot_be_claimed_is_told(page: Page, server: Server) -> None:
    """While one types, before anything is signed; and by the gateway, where it came to that."""
    page.goto(f"{server.url}/people")
    sandbox = SandboxPage(page, server.url)
    handle = field(page, "Handle")
    for typed, told in (
        ("shiyu", "@shiyu is taken."),
        ("@Shiyu.cc", "@shiyu is taken."),
        ("-no", "A handle has 1 to 20 of"),
        ("spaced out", "A handle has 1 to 20 of"),
    ):
        handle.fill(typed)
        expect(page.get_by_text(told)).to_be_visible()
        sandbox.click("Claim a handle")
        expect(handle).to_be_focused()
        expect(handle).to_have_attribute("aria-invalid", "true")
        expect(sandbox.dialog).to_have_count(0)
    # Somebody was quicker than what was told.
    page.route("**/api/profiles/shiyu", lambda route: route.fulfill(status=404, **NOT_FOUND))
    handle.fill("shiyu")
    expect(page.get_by_text("@shiyu is free.")).to_be_visible()
    sandbox.click("Claim a handle")
    sandbox.choose_wallet("Sandbox wallet")
    for _ in range(2):
        sandbox.click("Approve", sandbox.dialog)
    sandbox.expect_result(re.compile("HANDLE_TAKEN.*@shiyu is not to be had"))
    sandbox.click("Choose another handle", sandbox.status)
    expect(handle).to_be_focused()


def test_what_is_told_is_about_what_the_field_says(page: Page, server: Server) -> None:
    """An answer that comes late is about a handle that nobody asks for any more."""
    page.goto(f"{server.url}/people")
    held: list[Route] = []
    page.route("**/api/profiles/shiyu", lambda route: held.append(route))  # noqa: PLW0108 (a builtin cannot be marked)
    field(page, "Handle").fill("shiyu")
    with page.expect_request("**/api/profiles/shiyu"):
        pass
    field(page, "Handle").fill("nobody-yet")
    expect(page.get_by_text("@nobody-yet is free.")).to_be_visible()
    with page.expect_response("**/api/profiles/shiyu"):
        held[0].continue_()
    field(page, "Handle").press("End")
    expect(page.get_by_text("@nobody-yet is free.")).to_be_visible()
    expect(page.get_by_text("@shiyu is taken.")).to_be_hidden()


NOT_FOUND: Any = {
    "content_type": "application/problem+json",
    "body": json.dumps({"type": "/problems/not-found", "title": "Nothing", "status": 404}),
}
LARGE = "data:image/png;base64," + "A" * 7_600
NO_PICTURES = {
    "an SVG that is called a PNG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a page": b"<!doctype html><script>alert(1)</script>",
    "half a picture": png(8, 8)[:40],
    "nothing": b"",
}


def test_whose_a_handle_is_is_not_told_to_the_next_visitor(page: Page, server: Server) -> None:
    """Who has signed out is told anew, and offered no page of their own."""
    handle = f"left-{server.port}"
    sandbox = claim(page, server.url, handle)
    expect(page.get_by_role("link", name=f"Open @{handle}")).to_be_visible()
    page.locator("#chip").click()
    sandbox.click("Sign out")
    expect(page.get_by_text(f"@{handle} is taken.")).to_be_visible()
    expect(page.get_by_role("link", name=f"Open @{handle}")).to_be_hidden()


def test_what_is_no_picture_is_refused_and_the_longest_texts_fit_beside_one(
    page: Page, server: Server
) -> None:
    handle = "pictured"
    sandbox = claim(page, server.url, handle)
    page.goto(f"{server.url}/@{handle}")
    sandbox.click("Edit")
    for content in NO_PICTURES.values():
        choose(page, content)
        expect(page.get_by_role("alert")).not_to_be_empty()
        expect(page.locator("form img")).to_have_count(0)
        expect(sandbox.button("Remove picture")).to_be_hidden()
        choose(page, png(40, 60))
        expect(page.locator("form img")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)
        sandbox.click("Remove picture")
    choose(page, png(512, 512))
    expect(page.locator("form img")).to_be_visible()
    name, words = field(page, "Name"), field(page, "Words about you")
    name.fill(LONGEST_TEXT * 51)
    sandbox.click("Save")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    name.fill(LONGEST_TEXT * 50)
    words.fill(LONGEST_TEXT * 200)
    sent = sandbox.posts("handles/profile")
    sandbox.click("Save")
    sandbox.expect_result("SUCCESS")
    assert len(sent[0]["message"].encode()) <= MAX_PROFILE_BYTES
    # Another client's picture may leave no room for more words.
    assert server.change("UPDATE profiles SET avatar = ?, bio = '' WHERE handle = ?", LARGE, handle) == 1
    page.reload()
    sandbox.click("Edit")
    words.fill(LONGEST_TEXT * 200)
    sandbox.click("Save")
    expect(page.get_by_role("alert")).to_contain_text("leaves no room")
    sandbox.click("Remove picture")
    sandbox.click("Save")
    sandbox.expect_result("SUCCESS")
    # What is there already; and a text that the gateway does not take, which is kept to be changed.
    sandbox.click("Edit")
    expect(name).to_have_value(LONGEST_TEXT * 50)
    sandbox.click("Save")
    sandbox.expect_result("ALREADY_DONE")
    sandbox.click("Edit")
    name.fill("a\u200b")
    sandbox.click("Save")
    sandbox.expect_result("INVALID_MESSAGE")
    sandbox.click("Change the text", sandbox.status)
    expect(name).to_be_focused()
    expect(name).to_have_value("a\u200b")


def test_a_picture_that_is_elsewhere_is_not_loaded_and_its_owner_is_told_why(
    page: Page, server: Server
) -> None:
    """Another client may name one; it stays when something else is saved, and a file takes its place."""
    handle = "elsewhere"
    sandbox = claim(page, server.url, handle)
    elsewhere = "https://pictures.example/me.png"
    assert server.change("UPDATE profiles SET avatar = ? WHERE handle = ?", elsewhere, handle) == 1
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/@{handle}")
    sandbox.click("Edit")
    told = page.get_by_text("Your picture is on another site")
    expect(told).to_be_visible()
    expect(page.locator("form .face svg")).to_be_visible()
    field(page, "Name").fill("Elsa")
    sent = sandbox.posts("handles/profile")
    sandbox.click("Save")
    sandbox.expect_result("SUCCESS")
    assert json.loads(sent[0]["message"])["avatar"] == elsewhere
    sandbox.click("Edit")
    choose(page, png(40, 60))
    expect(page.locator("form img")).to_be_visible()
    expect(told).to_be_hidden()
    assert [url for url in asked if "pictures.example" in url] == []


def test_a_lost_reply_is_not_taken_for_that_of_another_text(page: Page, server: Server) -> None:
    """What is tried again is the same message; what is saved anew is another one."""
    handle = "lost-reply"
    sandbox = claim(page, server.url, handle)
    page.goto(f"{server.url}/@{handle}")
    sandbox.click("Edit")
    sent = sandbox.posts("handles/profile")
    page.route("**/api/handles/profile", lambda route: route.abort(), times=2)
    field(page, "Name").fill("One")
    sandbox.click("Save")
    sandbox.expect_result("No connection")
    sandbox.click("Try again", sandbox.status)
    sandbox.expect_result("No connection")
    field(page, "Name").fill("Two")
    sandbox.click("Save")
    sandbox.expect_result("SUCCESS")
    names = [json.loads(one["message"])["displayName"] for one in sent]
    assert names[-1] == "Two"
    expect(page.get_by_label(handle, exact=True)).to_contain_text("Two")


def test_an_owner_whose_profile_is_hidden_is_told_that_it_is_not_shown(page: Page, server: Server) -> None:
    handle = "hidden-one"
    sandbox = claim(page, server.url, handle)
    page.goto(f"{server.url}/@{handle}")
    assert countersign("hide", handle, cwd=ROOT, DATABASE_URL=server.database_url).returncode == 0
    sandbox.click("Edit")
    field(page, "Name").fill("Seen by nobody")
    sandbox.click("Save")
    sandbox.expect_result("its operator may have hidden this profile")
    expect(page.get_by_label(handle, exact=True)).not_to_contain_text("Seen by nobody")


def test_a_keyboard_is_enough(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/people")
    sandbox = SandboxPage(page, server.url)
    tab_to(field(page, "Handle"))
    page.keyboard.type("by-keyboard")
    expect(page.get_by_text("@by-keyboard is free.")).to_be_visible()
    page.keyboard.press("Enter")
    press(sandbox.button("Sandbox wallet", sandbox.dialog))
    for _ in range(2):
        press(sandbox.button("Approve", sandbox.dialog))
        expect(sandbox.status.first).to_be_attached()
    sandbox.expect_result("SUCCESS")
    press(page.get_by_role("link", name="Open @by-keyboard"))
    press(sandbox.button("Edit"))
    expect(field(page, "Name")).to_be_focused()
    page.keyboard.type("Typed")
    press(sandbox.button("Save"))
    sandbox.expect_result("SUCCESS")
    expect(sandbox.button("Edit")).to_be_focused()
    press(sandbox.button("Give back the handle"))
    expect(sandbox.button("Cancel", sandbox.dialog)).to_be_focused()
    page.keyboard.press("Escape")
    expect(sandbox.button("Give back the handle")).to_be_focused()
    page.keyboard.press("Enter")
    press(sandbox.button("Give it back", sandbox.dialog))
    sandbox.expect_result("is given back")


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_every_state_in_every_look(looks: tuple[str, ...], page: Page, server: Server) -> None:
    """axe finds nothing, nothing is too small to press, and nothing moves while a page comes."""
    auditor, handle = Auditor(page, *looks), looks[0]
    page.goto(f"{server.url}/people")
    field(page, "Handle").fill("shiyu")
    expect(page.get_by_text("@shiyu is taken.")).to_be_visible()
    auditor.check("taken")
    sandbox = claim(page, server.url, handle)
    auditor.check("claimed")
    for path in ("/people", f"/@{handle}"):
        page.goto(server.url + path)
        assert page.evaluate(SHIFT) <= MOST_SHIFT, path
    sandbox.click("Edit")
    choose(page, b"<svg/>")
    expect(page.get_by_role("alert")).not_to_be_empty()
    auditor.check("refused")
    choose(page, png(64, 64))
    expect(page.locator("form img")).to_be_visible()
    auditor.check("chosen")
    sandbox.click("Save")
    sandbox.expect_result("SUCCESS")
    sandbox.click("Give back the handle")
    auditor.check("asked")
    sandbox.click("Give it back", sandbox.dialog)
    sandbox.expect_result("is given back")
    auditor.check("given back")


def test_nothing_that_only_a_script_does_is_there_without_one(browser: Browser, server: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/people")
    expect(page.get_by_text("Claiming one needs JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Claim a handle")).to_be_hidden()
    page.goto(f"{server.url}/@shiyu")
    for name in ("Edit", "Give back the handle"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    context.close()
