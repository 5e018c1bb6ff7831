"""The inspector tells the truth to the byte: what was signed, by whom, what was sent, what came back; no
secrets.
"""

import base64
import json
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from eth_account import Account
from eth_account.messages import encode_defunct
from playwright.sync_api import Browser, Locator, Route, expect

from countersign.testing import Wallet
from tests.support.e2e.arrangements import ONE_PROCESS
from tests.support.e2e.sandbox import SandboxPage
from tests.support.places import node
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

BRASS = "Brass wallet"
FIRST_FOLLOW = [
    "challenge",
    "wallet-signature",
    "registration",
    "message",
    "device-signature",
    "proxied-mutation",
    "reply",
]


def rows(sandbox: SandboxPage) -> Locator:
    return sandbox.inspector.locator("[data-kind]")


def open_all(sandbox: SandboxPage) -> list[str]:
    """Open everything; gives the text of every block of bytes, exactly as it stands there."""
    sandbox.open_inspector()
    return sandbox.inspector.locator("pre").all_text_contents()


def copied(sandbox: SandboxPage, button: str) -> str:
    """What a button of the newest row with a request puts on the clipboard."""
    sandbox.button(button, sandbox.inspector).first.click()
    text: str = sandbox.page.evaluate("() => navigator.clipboard.readText()")
    return text


@pytest.fixture
def followed(sandbox: SandboxPage) -> SandboxPage:
    sandbox.ready()
    sandbox.follow()
    return sandbox


def test_an_exchange_is_headed_by_what_it_was_and_how_it_ended(followed: SandboxPage) -> None:
    """Newest first; each step with its actor, in the order they happened; the time is the answer's own."""
    heads = followed.inspector.get_by_role("heading", level=3)
    names = (r"Follow @shiyu · SUCCESS", r"Authorise this device · SUCCESS", r"Sign in · Signed in")
    expect(heads).to_have_text([re.compile(name) for name in names])
    expect(followed.inspector).to_contain_text("Newest first; steps in the order they happened")
    expect(rows(followed).filter(visible=True)).to_have_count(4)
    took = re.search(r"after ([\d.]+ m?s)", followed.status.inner_text())
    assert took
    expect(heads.first).to_contain_text(took[1])

    followed.open_inspector()
    groups = followed.inspector.locator("[data-from]").all()
    kinds = [
        [row.get_attribute("data-kind") for row in group.locator("[data-kind]").all()] for group in groups
    ]
    assert kinds == [FIRST_FOLLOW[3:], FIRST_FOLLOW[:3], ["challenge", "wallet-signature", "reply"]]
    for kind, actor in (("wallet-signature", "wallet"), ("device-signature", "device"), ("reply", "gateway")):
        expect(rows(followed).and_(followed.page.locator(f"[data-kind={kind}]")).first).to_contain_text(actor)
    assert "ink-device" in (
        followed.inspector.locator("[data-kind=device-signature] pre").nth(1).inner_html()
    )


def test_a_block_is_copied_to_the_byte_and_read_indented(followed: SandboxPage) -> None:
    """ "Indent" shows the same JSON a member a line and says that this is not what was signed; "Copy" copies
    what was.
    """
    followed.inspector.get_by_role("button", name="Signed the message").click()
    block = followed.inspector.locator("[data-kind=device-signature] figure").first
    exact = block.locator("pre").text_content() or ""
    followed.click("Indent", block)
    expect(block).to_contain_text("indented to read, signed are the exact bytes")
    shown = block.locator("pre").text_content() or ""
    assert shown != exact
    assert "\n" in shown
    assert json.loads(shown) == json.loads(exact)
    copy, neighbour = (followed.button(name, block) for name in ("Copy", "Indent"))
    left = "(found) => found.getBoundingClientRect().left"
    before = neighbour.evaluate(left)
    copy.click()
    # The button itself says so, to screen readers too, as wide as before.
    expect(followed.button("Copied", block)).to_have_attribute("aria-live", "polite")
    assert neighbour.evaluate(left) == before
    expect(copy).to_be_visible()
    assert followed.page.evaluate("() => navigator.clipboard.readText()") == exact
    followed.click("Indent", block)
    expect(block.locator("pre")).to_have_text(exact)


def test_what_failed_is_shown_and_survives_a_reload(wallet: Wallet, sandbox: SandboxPage) -> None:
    """A rejection, a lost connection and a gateway that is down stand there with what is known of them, also
    after a reload, as their account's; "Clear" takes them away for good.
    """
    page = sandbox.page
    wallet.reject_next()
    sandbox.click("Connect wallet")
    sandbox.choose_wallet(BRASS)
    sandbox.expect_result("Cancelled in wallet")
    heads = sandbox.inspector.get_by_role("heading", level=3)
    expect(heads.first).to_have_text(re.compile(r"Sign in · Cancelled in wallet"))

    sandbox.ready(BRASS)
    secrets = [sandbox.session()["csrfToken"], *(str(cookie["value"]) for cookie in page.context.cookies())]
    down = {"type": "/problems/upstream-unreachable", "title": "x", "status": 502, "detail": "No connection."}
    answers = iter([None, down])

    def fail(route: Route) -> None:
        answer = next(answers)
        if answer is None:
            return route.abort()
        return route.fulfill(status=502, content_type="application/problem+json", json=answer)

    page.route("**/api/follow", fail)
    for name in ("No connection", "Gateway not reached"):
        sandbox.click("Follow", sandbox.card())
        sandbox.expect_result(name)
        expect(heads.first).to_have_text(re.compile(rf"Follow @shiyu · {name}"))
    page.unroute_all()
    shown = "\n".join(open_all(sandbox))
    assert f"POST {sandbox.url}/api/follow" in shown
    assert "HTTP 502" in shown
    assert '"No connection."' in shown
    expect(sandbox.inspector).to_contain_text("No reply came.")
    assert f"{sandbox.url}/api/follow" in copied(sandbox, "Copy as curl")
    stored = page.evaluate("() => JSON.stringify(sessionStorage)")
    assert not [secret for secret in secrets if secret in shown or secret in stored]
    assert "wants you to sign in" not in stored

    before = heads.all_text_contents()
    sandbox.reload()
    expect(heads).to_have_text(before)
    wallet.switch_account(1)
    expect(heads.first).to_contain_text("another account")
    sandbox.click("Clear", sandbox.inspector)
    expect(page.get_by_role("heading", name="Inspector")).to_be_focused()
    assert page.evaluate("() => sessionStorage.length") == 0
    sandbox.reload()
    expect(sandbox.inspector).to_contain_text("Nothing signed here yet")


def test_the_signed_bytes_are_shown_exactly(wallet: Wallet, sandbox: SandboxPage) -> None:
    """The texts and signatures on display verify, with nothing but what is on display and the wallet's
    address.
    """
    posted = sandbox.posts("follow", "signing-keys", "login")
    sandbox.ready(BRASS)
    sandbox.follow()
    shown = open_all(sandbox)
    login, registration, follow = posted
    for wallet_text in (login["message"], registration["message"]):
        assert wallet_text in shown
        signatures = [text for text in shown if text.startswith("0x") and len(text) == 132]
        signers = {Account.recover_message(encode_defunct(text=wallet_text), signature=s) for s in signatures}
        assert wallet.address in signers

    assert follow["message"] in shown
    assert follow["signature"] in shown
    key = serialization.load_der_public_key(base64.b64decode(follow["signingKey"]))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    raw = bytes.fromhex(follow["signature"].removeprefix("0x"))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(der, follow["message"].encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        key.verify(der, follow["message"].encode() + b" ", ec.ECDSA(hashes.SHA256()))


def test_request_and_reply_are_those_of_the_proxy(sandbox: SandboxPage) -> None:
    """The request that the site sent on, and the gateway's reply, byte for byte as the site reports them."""
    sandbox.ready()
    with sandbox.page.expect_response("**/api/follow") as answered:
        sandbox.follow()
    exchange = answered.value.json()["exchange"]
    shown = open_all(sandbox)
    assert exchange["request"]["body"] in shown
    assert exchange["response"]["body"] in shown
    sent = json.loads(exchange["request"]["body"])["variables"]["input"]
    posted = json.loads(answered.value.request.post_data or "{}")
    assert sent == {
        name: posted[name] for name in ("address", "handle", "message", "signature", "signingKey")
    }


def run(command: list[str], text: str | None = None) -> str:
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*", "no_proxy": "*"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_copied_code_runs(followed: SandboxPage, gateway: Server, tmp_path: Path) -> None:
    """Pasted into a shell or a file it sends the same message again: the gateway knows it, and says
    ALREADY_DONE.
    """
    interpreters = {
        "curl": ("/bin/sh", ".sh"),
        "Python": (sys.executable, ".py"),
        "JavaScript": (node(), ".mjs"),
    }
    for language, (interpreter, ending) in interpreters.items():
        script = tmp_path / f"again{ending}"
        script.write_text(copied(followed, f"Copy as {language}"))
        assert "ALREADY_DONE" in run([interpreter, str(script)]), language
    assert len(gateway.operations(followed.address())) == 1


def test_no_secret_is_shown_copied_or_saved(followed: SandboxPage, tmp_path: Path) -> None:
    """Neither session cookie nor CSRF token is in the rows, in copied code, in the permalink or in the
    download.
    """
    cookies = [str(cookie["value"]) for cookie in followed.page.context.cookies()]
    secrets = [followed.session()["csrfToken"], *cookies]
    assert all(len(secret) > 16 for secret in secrets)

    said = open_all(followed)
    said.append(followed.inspector.inner_html())
    said += [copied(followed, f"Copy as {language}") for language in ("curl", "Python", "JavaScript")]
    with followed.page.expect_download() as saving:
        followed.button("Download", followed.inspector).first.click()
    saving.value.save_as(tmp_path / "exchange.json")
    saved = (tmp_path / "exchange.json").read_text()
    assert json.loads(saved)["steps"]
    said.append(saved)
    for secret in secrets:
        assert not [text for text in said if secret in text]


def test_a_permalink_reopens_the_exchange(followed: SandboxPage, browser: Browser) -> None:
    """In another browser the link shows the same bytes; it signs nobody in and sends nothing to
    the gateway.
    """
    shown = open_all(followed)
    message = next(text for text in shown if text.startswith('{"op":"follow"'))
    followed.button("Permalink", followed.inspector).first.click()
    expect(followed.page).to_have_url(re.compile("#exchange="))
    link = followed.page.url

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        stranger = SandboxPage(context.new_page(), followed.url)
        mutations: list[Any] = []
        stranger.page.on("request", lambda sent: mutations.append(sent) if sent.method == "POST" else None)
        stranger.page.goto(link)
        expect(rows(stranger).first).to_be_visible()
        head = stranger.inspector.get_by_role("heading", level=3)
        expect(head).to_contain_text("Follow @shiyu · SUCCESS")
        expect(head).to_contain_text("came by a link, not sent from here")
        assert message in open_all(stranger)
        assert stranger.session()["address"] is None
        assert mutations == []
        stranger.click("Close it", stranger.inspector)
        expect(rows(stranger)).to_have_count(0)
        expect(stranger.page).to_have_url(f"{stranger.url}/")
    finally:
        context.close()
    # For who did it, it is no stranger's: a reload shows it once, as what was done here.
    followed.reload()
    expect(followed.inspector.get_by_role("heading", level=3)).to_have_count(3)
    expect(rows(followed).first).to_be_visible()
    expect(followed.inspector).not_to_contain_text("came by a link")


def linked(**changes: Any) -> str:
    """The fragment of a link that a stranger wrote."""
    step = {
        "actor": "site",
        "kind": "proxied-mutation",
        "title": "Proxied",
        "at": 1,
        "durationMs": 1,
        "parts": [],
    }
    request = {"method": "POST", "url": "http://127.0.0.1:9/graphql", "headers": {}, "body": "{}"}
    exchange = {
        "request": {**request, **changes.pop("request", {})},
        "response": {"status": 200, "headers": {}, "body": "{}"},
        "durationMs": 1,
    }
    shared = {"version": 2, "name": "Follow @mallory", "account": None, "outcome": None}
    packed = zlib.compressobj(wbits=-15)
    document = json.dumps({**shared, "steps": [{**step, "exchange": exchange, **changes}]}).encode()
    text = base64.urlsafe_b64encode(packed.compress(document) + packed.flush()).decode().rstrip("=")
    return f"#exchange={text}"


def test_a_strangers_link_cannot_run_hide_or_freeze_anything(sandbox: SandboxPage) -> None:
    """A command in its method makes the link damaged; sixty thousand quotes open like any other text, in
    part; what turns the direction of reading is boxed and named.
    """
    page = sandbox.page
    command = {"method": "POST 'http://127.0.0.1:1/'; touch X; :"}
    page.goto(f"{sandbox.url}/{linked(request=command)}")
    expect(sandbox.inspector).to_contain_text("The link's exchange is damaged")
    expect(rows(sandbox)).to_have_count(0)

    quotes = '"' + '\\"' * 40_000
    turned = {"label": "Turned", "text": '{"a":"\u202euyihs"}', "kind": "json"}
    parts = [{"label": "Quotes", "text": quotes, "kind": "json"}, turned]
    page.goto(f"{sandbox.url}/{linked(parts=parts)}")
    sandbox.inspector.get_by_role("button", name="Proxied").click()
    quoted = sandbox.inspector.locator("figure").filter(has_text="Quotes")
    expect(quoted).to_contain_text("Shown in part: 20,000 of 80,001 characters")
    sandbox.click("Copy", quoted)
    assert page.evaluate("() => navigator.clipboard.readText()") == quotes
    odd = sandbox.inspector.locator(".odd")
    expect(odd).to_have_attribute("data-code", "U+202E")
    expect(odd).to_have_css("unicode-bidi", "isolate")
    expect(sandbox.inspector).to_contain_text("Copied code sends to")
