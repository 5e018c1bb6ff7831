"""Every status, really answered by the gateway, is shown by its name with a sentence and a way on.

Requests are spoiled between page and site, rows are changed behind the gateway's back, or its settings are
small; nothing here makes up an answer.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from countersign.testing import Wallet
from tests.support.device import Device
from tests.support.e2e.arrangements import ONE_PROCESS, Arrangement
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server
from webapp.protocol.status import Status

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

BRASS = "Brass wallet"
DAY_MS = 86_400_000

Spoil = Callable[[dict[str, str]], dict[str, str]]


@pytest.fixture
def ready(wallet: Wallet, sandbox: SandboxPage) -> SandboxPage:
    """Signed in with our wallet and authorised, on the card of `shiyu`, not following."""
    assert wallet.requests == []
    return sandbox.ready(BRASS)


def spoil(sandbox: SandboxPage, how: Spoil, *, times: int = 100) -> list[dict[str, str]]:
    """Change the fields of the next requests to follow, on their way to the site; gives what was sent
    instead.
    """
    sent: list[dict[str, str]] = []

    def intercept(route: Route) -> None:
        body: dict[str, str] = json.loads(route.request.post_data or "{}")
        if len(sent) < times:
            body = how(body)
            sent.append(body)
        route.continue_(post_data=json.dumps(body))

    sandbox.page.route("**/api/follow", intercept)
    return sent


def wrong_checksum(address: str) -> str:
    """The same address with the case of its first letter turned: EIP-55 no longer agrees."""
    letter = next(i for i, character in enumerate(address) if i > 1 and character.isalpha())
    return address[:letter] + address[letter].swapcase() + address[letter + 1 :]


def message_with(body: dict[str, str], **fields: Any) -> dict[str, str]:
    message = json.loads(body["message"]) | fields
    return {**body, "message": json.dumps(message, separators=(",", ":"))}


def expect_status(sandbox: SandboxPage, status: Status, sentence: str, way_on: str | None) -> None:
    """The status' name, a sentence about it, and the button that goes on, all in the element with role
    status.
    """
    sandbox.expect_result(status.name)
    expect(sandbox.status).to_contain_text(re.compile(sentence, re.IGNORECASE))
    if way_on is not None:
        expect(sandbox.status.get_by_role("button", name=re.compile(way_on, re.IGNORECASE))).to_be_enabled()


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A request that earns `status`: what is changed in it, and what the page then says."""

    status: Status
    how: Spoil
    sentence: str
    way_on: str | None


# The one after which the page has no key any more comes last.
SPOILED = (
    Spoiled(
        Status.INVALID_ADDRESS,
        lambda body: {**body, "address": wrong_checksum(body["address"])},
        "address",
        None,
    ),
    Spoiled(
        Status.HANDLE_NOT_FOUND,
        lambda body: {**body, "handle": "nobody-has-this"},
        "handle|profile",
        "handle",
    ),
    Spoiled(
        Status.INVALID_MESSAGE,
        lambda body: message_with(body, op="unfollow"),
        "message",
        "again",
    ),
    Spoiled(
        Status.MESSAGE_EXPIRED,
        lambda body: message_with(body, ts=json.loads(body["message"])["ts"] - DAY_MS),
        "clock|time|old",
        "again",
    ),
    Spoiled(
        Status.INVALID_SIGNATURE,
        lambda body: {
            **body,
            "signature": body["signature"][:-1] + ("0" if body["signature"][-1] != "0" else "1"),
        },
        "signature",
        "again",
    ),
    Spoiled(
        Status.INVALID_SIGNING_KEY,
        lambda body: {**body, "signingKey": body["signingKey"][:-4]},
        "key",
        "authorise",
    ),
)


def test_spoiled_requests(ready: SandboxPage, wallet: Wallet, gateway: Server) -> None:
    """One field changed on its way earns each status; nothing is stored, and the button goes back to what is
    true.
    """
    for case in SPOILED:
        sent = spoil(ready, case.how)
        ready.click("Follow", ready.card())
        expect_status(ready, case.status, case.sentence, case.way_on)
        assert sent, case.status
        expect(ready.inspector).to_contain_text(case.status.name)
        assert gateway.operations(wallet.address) == [], case.status
        if case.status is not Status.INVALID_SIGNING_KEY:
            ready.expect_following(False)
        ready.page.unroute_all()


def test_success(ready: SandboxPage, wallet: Wallet, gateway: Server) -> None:
    """SUCCESS says whom one follows now."""
    ready.click("Follow", ready.card())
    expect_status(ready, Status.SUCCESS, "shiyu", None)
    assert gateway.follows(wallet.address, "shiyu")


def test_already_done(ready: SandboxPage, wallet: Wallet, gateway: Server) -> None:
    """Another device of the same person followed meanwhile: said so, and the button then tells the truth."""
    other = Device(gateway.graphql_url, wallet.accounts[0])
    other.register()
    count = ready.count()
    assert other.send("follow")["status"] == "SUCCESS"

    ready.click("Follow", ready.card())
    expect_status(ready, Status.ALREADY_DONE, "already", None)
    ready.expect_following(True)
    ready.expect_count(count + 1)
    assert len(gateway.operations(wallet.address)) == 1


@pytest.mark.parametrize(
    ("status", "change"),
    [
        (
            Status.EXPIRED_SIGNING_KEY,
            "UPDATE signing_keys SET expires_at = registered_at + 1 WHERE lower(address) = ?",
        ),
        (
            Status.INVALID_SIGNING_KEY,
            "UPDATE signing_keys SET revoked_at = registered_at + 1 WHERE lower(address) = ?",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Status) else "",
)
def test_a_key_that_ran_out_or_was_revoked(
    ready: SandboxPage, wallet: Wallet, gateway: Server, status: Status, change: str
) -> None:
    """The page says so and offers to authorise again: one click, one signature, and the next
    follow succeeds.
    """
    assert gateway.change(change, wallet.address.lower()) == 1
    ready.click("Follow", ready.card())
    expect_status(ready, status, "key", "authorise")
    assert not gateway.follows(wallet.address, "shiyu")

    prompts = len(wallet.asked())
    ready.status.get_by_role("button", name=re.compile("authorise", re.IGNORECASE)).click()
    ready.expect_authorised()
    if not ready.unfollow_button().count():
        ready.follow()
    assert len(wallet.asked()) == prompts + 1
    assert gateway.follows(wallet.address, "shiyu")


def test_rate_limited(
    wallet: Wallet,
    page_of: Callable[[Server], SandboxPage],
    new_arrangement: Callable[..., Arrangement],
) -> None:
    """A gateway that allows one operation a minute refuses the second, by name; the follow stands."""
    arrangement = new_arrangement(SIGNER_QUOTA="1").start()
    sandbox = page_of(arrangement.site).ready(BRASS)
    sandbox.follow()
    sandbox.click("Unfollow", sandbox.card())
    expect_status(sandbox, Status.RATE_LIMITED, "minute|wait|too many", "again")
    sandbox.expect_following(True)
    assert arrangement.gateway.follows(wallet.address, "shiyu")


def test_no_status_is_left_out() -> None:
    """The ten statuses of the contract are all earned in this file."""
    here = {case.status for case in SPOILED} | {
        Status.SUCCESS,
        Status.ALREADY_DONE,
        Status.EXPIRED_SIGNING_KEY,
        Status.RATE_LIMITED,
    }
    assert here == set(Status)
