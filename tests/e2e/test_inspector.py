"""The inspector tells the truth to the byte: what was signed, by whom, what was sent, what came back; no
secrets.
"""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from eth_account import Account
from eth_account.messages import encode_defunct
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.arrangements import ONE_PROCESS
from tests.e2e.bundles import node
from tests.e2e.sandbox import SandboxPage
from tests.e2e.server import Server
from tests.e2e.wallet import Wallet

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
    """Open every row; gives the text of every block of bytes, exactly as it stands there."""
    heads = sandbox.inspector.get_by_role("heading", level=3).get_by_role("button", expanded=False)
    while heads.count():
        heads.first.click()
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


def test_one_row_a_step_newest_first(followed: SandboxPage) -> None:
    """A first follow has its seven kinds of step, each with the actor whose doing it was."""
    kinds = [row.get_attribute("data-kind") for row in rows(followed).all()]
    oldest_first = [kind for kind in reversed(kinds) if kind is not None]
    assert set(oldest_first) == set(FIRST_FOLLOW)
    assert oldest_first[-4:] == FIRST_FOLLOW[-4:]
    assert oldest_first.index("wallet-signature") < oldest_first.index("registration")
    assert oldest_first[0] == "challenge"
    expect(rows(followed).first).to_contain_text("SUCCESS")
    for kind, actor in (("wallet-signature", "wallet"), ("device-signature", "device"), ("reply", "gateway")):
        row = followed.inspector.locator(f"[data-kind={kind}]").first
        expect(row).to_contain_text(actor)


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


def test_copying_is_said_without_moving_anything(sandbox: SandboxPage) -> None:
    """The button itself says "Copied", to screen readers too, as wide as before: its neighbours stay."""
    sandbox.ready()
    sandbox.follow()
    copy, neighbour = (sandbox.button(f"Copy as {kind}", sandbox.inspector) for kind in ("curl", "Python"))
    left = "(found) => found.getBoundingClientRect().left"
    before = neighbour.evaluate(left)
    copy.click()
    said = sandbox.button("Copied", sandbox.inspector)
    expect(said).to_have_attribute("aria-live", "polite")
    assert neighbour.evaluate(left) == before
    expect(copy).to_be_visible()


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


@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_copied_code_runs(followed: SandboxPage, gateway: Server, tmp_path: Path, language: str) -> None:
    """Pasted into a shell or a file it sends the same message again: the gateway knows it, and says
    ALREADY_DONE.
    """
    code = copied(followed, f"Copy as {language}")
    script = tmp_path / {"curl": "again.sh", "Python": "again.py", "JavaScript": "again.mjs"}[language]
    script.write_text(code)
    interpreter = {"curl": "/bin/sh", "Python": sys.executable, "JavaScript": node()}[language]
    assert "ALREADY_DONE" in run([interpreter, str(script)])
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
        assert message in open_all(stranger)
        assert stranger.session()["address"] is None
        assert mutations == []
    finally:
        context.close()
