"""Sign in, follow, and be refused in every way, in a real browser, against a server that goes away.

    pip install "countersign[test]" && playwright install chromium
    pytest test_follow.py

The fixtures `page` and `context` are pytest-playwright's; `wallet` and `countersign_server` come with
Countersign.
"""

import base64
import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from playwright.sync_api import Page, Route, expect

from countersign.testing import FAILURES, REJECTIONS, CountersignServer, Thrown, Wallet

Body = dict[str, str]


def sign_in(page: Page, url: str) -> None:
    """Connect the wallet and sign in; it signs by itself."""
    page.goto(url)
    page.get_by_role("button", name="Connect wallet").click()
    page.get_by_role("dialog").get_by_role("button", name="Brass wallet").click()
    expect(page.get_by_role("button", name="Authorise this device", exact=True)).to_be_visible()


def button(page: Page, name: str) -> None:
    """Press a button on the card of `shiyu`."""
    page.get_by_role("region", name="shiyu", exact=True).get_by_role("button", name=name, exact=True).click()


def expect_result(page: Page, text: str) -> None:
    """The page says how the last thing ended where its role is `status`."""
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


@pytest.fixture
def ready(page: Page, wallet: Wallet, countersign_server: CountersignServer) -> Page:
    """Signed in, with a device key that the wallet authorised."""
    sign_in(page, countersign_server.url)
    authorise = page.get_by_role("button", name="Authorise this device", exact=True)
    authorise.click()
    expect(authorise).to_have_count(0)
    assert len(wallet.asked("personal_sign")) == 2  # noqa: PLR2004 (to sign in, and to authorise)
    return page


def test_follow_and_unfollow(ready: Page, wallet: Wallet, countersign_server: CountersignServer) -> None:
    button(ready, "Follow")
    expect_result(ready, "You follow @shiyu.")
    assert countersign_server.follows(wallet.address, "shiyu")
    button(ready, "Unfollow")
    expect_result(ready, "You no longer follow @shiyu.")
    assert not countersign_server.follows(wallet.address, "shiyu")


# --- what a wallet refuses ---


def test_each_refusal_of_a_wallet(page: Page, wallet: Wallet, countersign_server: CountersignServer) -> None:
    """Nine ways to say no, seven to fail, locked, and no answer at all; then it signs in all the same."""
    page.goto(countersign_server.url)
    page.get_by_role("button", name="Connect wallet").click()
    press = page.get_by_role("dialog").get_by_role("button", name="Brass wallet")

    def refuse(thrown: Thrown, words: str) -> None:
        nonlocal press
        wallet.reject_next("personal_sign", thrown)
        press.click()
        expect_result(page, words)
        press = page.get_by_role("status").filter(has_text=words).get_by_role("button", name="Try again")

    for no, failure in zip(REJECTIONS.values(), itertools.cycle(FAILURES.values()), strict=False):
        refuse(failure, "The wallet failed")  # in turn, so that each result differs from the one before
        refuse(no, "Cancelled in wallet")

    wallet.ignore_next("personal_sign")
    press.click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    wallet.lock()
    page.get_by_role("button", name="Connect wallet").click()
    page.get_by_role("dialog").get_by_role("button", name="Brass wallet").click()
    expect_result(page, "Cancelled in wallet")
    wallet.unlock()
    sign_in(page, countersign_server.url)


# --- what a gateway refuses: the ten statuses ---


def message_with(body: Body, **fields: object) -> Body:
    """The same request with another message, which nobody signed."""
    return {**body, "message": json.dumps(json.loads(body["message"]) | fields, separators=(",", ":"))}


def other_case(body: Body) -> Body:
    """The same address with the case of a letter turned, so that its checksum is wrong."""
    address = body["address"]
    at = next(at for at in range(2, 42) if address[at].isalpha())
    return {**body, "address": address[:at] + address[at].swapcase() + address[at + 1 :]}


SPOILED: dict[str, Callable[[Body], Body]] = {
    "INVALID_ADDRESS": other_case,
    "HANDLE_NOT_FOUND": lambda body: {**body, "handle": "nobody-has-this"},
    "INVALID_MESSAGE": lambda body: message_with(body, op="unfollow"),
    "MESSAGE_EXPIRED": lambda body: message_with(body, ts=1_700_000_000_000),
    "INVALID_SIGNATURE": lambda body: {**body, "signature": "0x" + "11" * 64},
    "INVALID_SIGNING_KEY": lambda body: {**body, "signingKey": body["signingKey"][:-4]},
}
"""A request that earns each of these: what is changed in it between page and site."""


@contextmanager
def spoiled(page: Page, how: Callable[[Body], Body]) -> Iterator[None]:
    """Change what the page sends, for the length of a `with` block."""

    def spoil(route: Route) -> None:
        route.continue_(post_data=json.dumps(how(json.loads(route.request.post_data or "{}"))))

    page.route("**/api/follow", spoil)
    yield
    page.unroute("**/api/follow")


def test_each_status_of_a_spoiled_request(
    ready: Page, wallet: Wallet, countersign_server: CountersignServer
) -> None:
    """The gateway refuses each by name, and nothing changes."""
    for status, how in SPOILED.items():
        with spoiled(ready, how):
            button(ready, "Follow")
            expect_result(ready, status)
        assert not countersign_server.follows(wallet.address, "shiyu")


def test_a_request_that_arrives_twice(ready: Page) -> None:
    """SUCCESS, and ALREADY_DONE the second time: what the page is told here."""

    def send_twice(route: Route) -> None:
        assert route.fetch().json()["status"] == "SUCCESS"
        route.continue_()

    ready.route("**/api/follow", send_twice)
    button(ready, "Follow")
    expect_result(ready, "ALREADY_DONE")


SIGNERS = {"EXPIRED_SIGNING_KEY": ("expired-key", 0xC0FFEE), "RATE_LIMITED": ("zero-quota", 0xDECAF)}
"""By what they always earn: demo profiles whose device keys are published, this key included."""


@pytest.mark.parametrize("status", SIGNERS)
def test_what_a_demo_signer_earns(countersign_server: CountersignServer, status: str) -> None:
    """One whose key ran out, and one whose quota is spent before it begins: no page is needed to ask."""
    handle, secret = SIGNERS[status]
    key = ec.derive_private_key(secret, ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    asked = "query ($handle: String!) { profileByHandle(handle: $handle) { owner { address } } }"
    address = countersign_server.graphql(asked, handle=handle)["profileByHandle"]["owner"]["address"]
    said = {"op": "follow", "address": address, "handle": "shiyu", "ts": time.time_ns() // 1_000_000}
    message = json.dumps(said, separators=(",", ":"))
    r, s = decode_dss_signature(key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
    answer = countersign_server.graphql(
        "mutation ($input: FollowRequest!) { follow(input: $input) { status } }",
        input={
            "address": address,
            "handle": "shiyu",
            "message": message,
            "signature": f"0x{r:064x}{s:064x}",
            "signingKey": base64.b64encode(public).decode(),
        },
    )
    assert answer == {"follow": {"status": status}}
