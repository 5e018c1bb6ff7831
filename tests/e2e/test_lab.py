"""The lesson: every status really earned, nobody's follows changed, and bytes that anybody may spoil."""

import json
import re
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.e2e.arrangements import ONE_PROCESS, TWO_DATABASES, Arrangement
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server
from webapp.protocol.status import Status

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

HANDLES = ("shiyu", "cyberconnect", "expired-key", "zero-quota")
COUNTS = " ".join(
    f'n{at}: profileByHandle(handle: "{one}") {{ followerCount }}' for at, one in enumerate(HANDLES)
)
GRAPH = (
    "query ($me: AddressEVM!) { address(address: $me, chainID: 1) "
    f"{{ followings(first: 100) {{ edges {{ node {{ handle proof {{ entryDigest }} }} }} }} }} {COUNTS} }}"
)
NOBODY = "0x" + "0" * 40


def graph(arrangement: Arrangement, me: str = NOBODY) -> dict[str, Any]:
    """Whom an address follows, by which proofs, and how many follow each handle here: the gateway's word."""
    asked = {"query": GRAPH, "variables": {"me": me}}
    reply = httpx.post(arrangement.gateway.graphql_url, json=asked, trust_env=False, timeout=30)
    data: dict[str, Any] = reply.raise_for_status().json()["data"]
    return data


def region(page: Page) -> Locator:
    return page.get_by_role("region", name="Break it", exact=True)


def earn_all(page: Page) -> None:
    """Press each button, in the contract's order, with the keyboard; the focus stays where it is."""
    lab = region(page)
    for status in Status:
        show = lab.get_by_role("button", name=f"Show {status.value}", exact=True)
        show.press("Enter")
        expect(lab.get_by_role("status")).to_contain_text(status.value)
        expect(lab.get_by_role("status")).to_contain_text("Next:")
        expect(show).to_be_focused()


@pytest.mark.arrangements(ONE_PROCESS, TWO_DATABASES)
def test_a_newcomer_earns_all_ten_within_a_minute(sandbox: SandboxPage, arrangement: Arrangement) -> None:
    """Signed out, by roles alone. The inspector has all ten, after a reload too, with what was at fault."""
    page, before = sandbox.page, graph(arrangement)
    began = time.monotonic()
    earn_all(page)
    assert time.monotonic() - began < 60
    assert graph(arrangement) == before
    assert sandbox.session()["address"] is None
    page.reload()
    for status in Status:
        heading = sandbox.inspector.get_by_role("heading", name=f"Break it · {status.value}")
        expect(heading).to_be_visible()
    sandbox.inspector.get_by_role("button", name="Break it · INVALID_SIGNATURE").click()
    fault = sandbox.inspector.get_by_role("button", name="At fault: signature, byte 17")
    fault.click()
    marked = sandbox.inspector.get_by_role("group", name="Signature").locator("mark")
    expect(marked).to_have_text(re.compile("^[0-9a-f]{2}$"))


def test_a_link_to_a_status_earns_it_once(page: Page, site: Server) -> None:
    """As the documentation has them; the address keeps nothing that a reload would send again."""
    sandbox = SandboxPage(page, site.url)
    sent = sandbox.posts("lab/*")
    page.goto(f"{site.url}/?handle=ada&break=HANDLE_NOT_FOUND#break-it")
    expect(region(page).get_by_role("status")).to_contain_text("HANDLE_NOT_FOUND")
    expect(region(page).get_by_role("button", name="Show HANDLE_NOT_FOUND")).to_be_focused()
    expect(page).to_have_url(f"{site.url}/?handle=ada#break-it")
    requests = len(sent)
    page.goto(f"{site.url}/?break=nothing-of-the-kind#break-it")
    expect(region(page).get_by_role("button", name="Show SUCCESS")).to_be_visible()
    assert len(sent) == requests == 2  # the key, and the message


def test_what_a_visitor_follows_stays_as_it_is(sandbox: SandboxPage, arrangement: Arrangement) -> None:
    sandbox.ready().follow()
    before = graph(arrangement, sandbox.address())
    assert len(before["address"]["followings"]["edges"]) == 1
    earn_all(sandbox.page)
    assert graph(arrangement, sandbox.address()) == before
    sandbox.expect_following(True)


def test_the_browser_says_before_what_the_gateway_says_after(sandbox: SandboxPage) -> None:
    """A byte is changed by hand, nothing is signed again by itself, and then it is, by its button."""
    page, lab = sandbox.page, region(sandbox.page)
    message, signature, key = (
        page.get_by_role("textbox", name=name, exact=True) for name in ("Message", "Signature", "Signing key")
    )
    answer = lab.get_by_role("status")
    message.focus()
    expect(message).to_have_value(re.compile('"op":"follow"'))
    expect(message).to_have_accessible_description(re.compile("Well formed, 1[0-9]{2} bytes, just written"))
    expect(signature).to_have_accessible_description("Made by this key, over exactly this message")
    good, signed = message.input_value(), signature.input_value()

    message.press("End")
    message.press_sequentially(" ")
    expect(signature).to_have_accessible_description("Not of this message: it was changed after signing")
    expect(signature).to_have_value(signed)
    sandbox.click("Send")
    expect(answer).to_contain_text("INVALID_SIGNATURE")
    expect(signature).to_have_accessible_description(re.compile("Gateway: INVALID_SIGNATURE$"))
    expect(lab.get_by_role("button", name="Send")).to_be_focused()

    sandbox.click("Sign again")
    expect(lab.get_by_text("Signed again: exactly the text above.")).to_be_visible()
    expect(signature).to_have_accessible_description("Made by this key, over exactly this message")
    sandbox.click("Send")
    expect(answer).to_contain_text("SUCCESS")
    sandbox.click("Send")
    expect(answer).to_contain_text("ALREADY_DONE")

    for field, text, told, status in (
        (message, good, "Not this message: op", "INVALID_MESSAGE"),  # the address follows by now
        (message, good[:-4] + '9"}', "Not this message", "INVALID_MESSAGE"),
        (key, "AAAA", "No P-256 key", "INVALID_SIGNING_KEY"),
        (signature, signed + "1b", "No signature", "INVALID_SIGNATURE"),
    ):
        sandbox.click("Fresh message")
        expect(lab.get_by_text("A new message")).to_be_visible()
        field.fill(text)
        expect(field).to_have_accessible_description(re.compile(f"^{told}"))
        sandbox.click("Send")
        expect(answer).to_contain_text(status)
        expect(field).to_have_accessible_description(re.compile(f"Gateway: {status}$"))
    expect(
        sandbox.inspector.get_by_role("heading", name="Edit and send · INVALID_SIGNATURE").first
    ).to_be_visible()


def test_a_gateway_without_demo_signers_is_said_to_be_one(sandbox: SandboxPage) -> None:
    def without(route: Route) -> None:
        told = route.fetch().json()
        for signer in told["signers"]:
            signer["address"] = None
        route.fulfill(body=json.dumps(told), content_type="application/json")

    sandbox.page.route("**/api/lab/signers", without)
    lab = region(sandbox.page)
    sandbox.reload()
    lab.get_by_role("button", name="Show RATE_LIMITED").focus()
    for status in ("EXPIRED_SIGNING_KEY", "RATE_LIMITED"):
        show = lab.get_by_role("button", name=f"Show {status}")
        expect(show).to_be_disabled()
        expect(show).to_have_accessible_description("Not here: this gateway has no such demo signer.")
        show.press("Enter")
        expect(lab.get_by_role("status")).to_contain_text("No such signer")
