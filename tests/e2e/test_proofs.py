"""Proofs checked in the visitor's own browser: found by a link, dropped, chosen or pasted."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, Request, Route, expect

from tests.support.crowd import Crowd
from tests.support.e2e.arrangements import EVERY, ONE_PROCESS, Arrangement
from tests.support.e2e.auditor import LOOKS, Auditor, press
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)


@pytest.fixture(scope="module")
def crowded(one_process: Arrangement) -> Server:
    """The shared server, where one follows another."""
    server = one_process.site
    crowd = Crowd(server)
    if not server.rows("SELECT 1 FROM profiles WHERE handle = 'augusta'"):
        crowd.gather(4)
        crowd.sign("follow", "hopper", "augusta")
    return server


@pytest.fixture
def digest(crowded: Server) -> str:
    rows = crowded.rows("SELECT entry_digest FROM edges WHERE handle = 'augusta' AND following LIMIT 1")
    found: str = rows[0][0]
    return found


@pytest.fixture
def proof(crowded: Server, digest: str) -> dict[str, Any]:
    reply = httpx.get(f"{crowded.url}/proofs/{digest}.json", trust_env=False).raise_for_status()
    found: dict[str, Any] = reply.json()
    return found


def paste(page: Page, text: str) -> None:
    page.get_by_label("Proof", exact=True).fill(text)
    page.get_by_role("button", name="Check").click()


def test_a_file_that_cannot_be_read_is_told_and_the_last_one_given_is_shown(
    page: Page, crowded: Server, proof: dict[str, Any]
) -> None:
    """It was moved meanwhile, or a folder was dropped; and a slow one does not come after a quick one."""
    page.goto(f"{crowded.url}/proofs")
    page.evaluate(
        """() => {
          const read = Blob.prototype.arrayBuffer;
          Blob.prototype.arrayBuffer = function () {
            if (this.name === 'gone.json') return Promise.reject(new DOMException('gone', 'NotFoundError'));
            window.wasRead = new Promise((go) => { window.letRead = go; }).then(() => read.call(this));
            return window.wasRead;
          };
        }"""
    )
    gone: FilePayload = {"name": "gone.json", "mimeType": "application/json", "buffer": b"{}"}
    page.set_input_files("#file", gone)
    expect(page.locator("#result")).to_contain_text("The file cannot be read.")
    slow: FilePayload = {"name": "slow.json", "mimeType": "application/json", "buffer": b"{"}
    page.set_input_files("#file", slow)
    paste(page, json.dumps(proof))
    page.evaluate("() => { letRead(); return wasRead.then(() => new Promise(requestAnimationFrame)); }")
    expect(page.locator("#note .stamp")).to_have_text("Valid")
    expect(page.locator("#result")).to_contain_text("Valid")


@pytest.mark.arrangements(*EVERY)
def test_the_seal_of_a_follow_leads_to_its_proof(page: Page, site: Server) -> None:
    """Checked in the page, with nothing sent; its link says who follows whom to whoever only previews it."""
    sandbox = SandboxPage(page, site.url).open().ready()
    sandbox.follow()
    address = sandbox.address()
    sandbox.status.get_by_role("link", name="Proof").click()
    expect(page.locator("#note .stamp")).to_have_text("Valid")
    expect(page.locator(".ticks [data-state=holds]")).to_have_count(4)
    expect(page.get_by_role("heading", level=1)).to_contain_text("follows @shiyu")
    expect(page.locator("#note [data-part=who]")).to_have_attribute("title", address)
    preview = httpx.get(page.url, trust_env=False).text
    assert re.search(r'<meta property="og:title" content="0x\w{4}…\w{4} follows @shiyu · Proof', preview)


def test_what_is_downloaded_is_verified_in_a_terminal(
    page: Page, crowded: Server, digest: str, tmp_path: Path
) -> None:
    """As on another machine: with the file, and nothing of the server."""
    page.goto(f"{crowded.url}/proofs/{digest}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download proof").click()
    file = tmp_path / "proof.json"
    download.value.save_as(file)
    command = [sys.executable, "-m", "webapp.cli", "verify", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("VALID")
    page.goto(f"{crowded.url}/proofs")
    page.set_input_files("#file", file)
    expect(page.locator("#note .stamp")).to_have_text("Valid")


def test_whatever_is_brought_is_recognised_and_told(
    page: Page, crowded: Server, proof: dict[str, Any]
) -> None:
    """A whole reply, a changed one with its byte, a bare message, a text that is nothing; none is sent."""
    page.goto(f"{crowded.url}/proofs")
    page.wait_for_load_state("networkidle")
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method != "GET" else None)
    stamp = page.locator("#result .stamp")
    asked = (
        '{ profileByHandle(handle: "augusta") { followers { edges { node { proof { content digest signature '
        "signingKey signingKeyAuth { address message signature } arweaveTxHash sequence previousDigest "
        "entryDigest } } } } } }"
    )
    reply = httpx.post(crowded.graphql_url, json={"query": asked}, trust_env=False).text
    paste(page, reply)
    expect(stamp).to_have_text("Valid")

    changed = json.loads(json.dumps(proof))
    changed["proof"]["content"] = changed["proof"]["content"].replace("augusta", "augustb")
    paste(page, json.dumps(changed))
    expect(stamp).to_have_text("Not valid")
    expect(page.locator("#note .stamp")).to_have_text("Not valid")
    expect(page.locator("#note mark")).to_be_visible()
    expect(page.locator(".ticks [data-part=signature]")).to_have_attribute("data-state", "fails")

    paste(page, proof["proof"]["content"])
    expect(stamp).to_have_text("A message, and no proof")
    expect(page.get_by_role("link", name="Find the newest proof")).to_be_visible()
    paste(page, "nothing of the kind")
    expect(stamp).to_have_text("Unreadable")
    expect(page.locator("#note")).to_be_hidden()
    assert sent == []


def test_what_is_pressed_before_the_script_is_there_loses_nothing(
    page: Page, crowded: Server, proof: dict[str, Any]
) -> None:
    """The button waits for it; what was typed meanwhile is checked then."""
    held: list[Route] = []
    page.route(re.compile(r"/static/.*proofs-\w+\.js"), lambda route: held.extend([route]))
    page.goto(f"{crowded.url}/proofs", wait_until="commit")
    field, check = page.get_by_label("Proof", exact=True), page.get_by_role("button", name="Check")
    field.fill(json.dumps(proof))
    expect(check).to_be_disabled()
    check.click(force=True)
    expect(field).to_have_value(json.dumps(proof))
    assert page.url == f"{crowded.url}/proofs"
    held[0].continue_()
    check.click()
    expect(page.locator("#note .stamp")).to_have_text("Valid")


def test_addresses_are_short_and_whole_in_their_titles(
    page: Page, crowded: Server, proof: dict[str, Any]
) -> None:
    """In the ticks as in what is said of a bare message: none takes two lines of a phone."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{crowded.url}/proofs")
    address = proof["address"]
    short = f"{address[:6]}…{address[-4:]}"
    paste(page, json.dumps(proof))
    tick = page.locator(".ticks [data-part=authorisation] small")
    expect(tick).to_have_text(f"The wallet of {short} authorised the key that signed.")
    expect(tick.get_by_title(address)).to_have_text(short)
    paste(page, proof["proof"]["content"])
    said = page.locator("#result p")
    expect(said).to_contain_text(f"It says: {short} follows @augusta")
    expect(said.get_by_title(address)).to_have_text(short)


def test_a_keyboard_is_enough(page: Page, crowded: Server, proof: dict[str, Any]) -> None:
    page.goto(f"{crowded.url}/proofs")
    press(page.get_by_label("Proof", exact=True), "Tab")
    page.get_by_label("Proof", exact=True).fill(json.dumps(proof))
    press(page.get_by_role("button", name="Check"))
    expect(page.locator("#note .stamp")).to_have_text("Valid")
    press(page.get_by_role("link", name="@augusta"))
    expect(page.get_by_role("heading", name="@augusta", level=1)).to_be_visible()


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_every_state_in_every_look(
    looks: tuple[str, ...], page: Page, crowded: Server, digest: str, proof: dict[str, Any]
) -> None:
    auditor = Auditor(page, *looks)
    page.goto(f"{crowded.url}/proofs/{digest}")
    expect(page.locator("#note .stamp")).to_have_text("Valid")
    auditor.check("valid")
    page.goto(f"{crowded.url}/proofs")
    auditor.check("nothing given")
    changed = json.loads(json.dumps(proof))
    changed["proof"]["signature"] = "0x" + "1" * 128
    paste(page, json.dumps(changed))
    expect(page.locator("#note .stamp")).to_have_text("Not valid")
    auditor.check("not valid")
    paste(page, "nothing of the kind")
    expect(page.locator("#result .stamp")).to_have_text("Unreadable")
    auditor.check("unreadable")
    page.goto(f"{crowded.url}/proofs/{'0' * 64}")
    auditor.check("no such proof")


def test_it_is_read_without_a_script(browser: Browser, crowded: Server, digest: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{crowded.url}/proofs/{digest}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("follows @augusta")
    expect(page.locator("footer noscript code")).to_be_visible()
    expect(page.get_by_role("link", name="Download proof")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()
