"""Somebody who comes for the first time follows within six clicks, and the follow is true: kept, counted,
undone.
"""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.device import Device, now_ms
from tests.support.e2e.arrangements import ONE_PROCESS, Arrangement
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements()
in_motion = pytest.mark.browser_context_args(reduced_motion="no-preference")

SIX = ["Connect wallet", "Sandbox wallet", "Approve", "Authorise this device", "Approve", "Follow"]
FIVE = ["Connect wallet", "Sandbox wallet", "Approve", "Follow", "Approve"]


def expect_followed(sandbox: SandboxPage, gateway: Server, count: int) -> None:
    """The page and the gateway agree: followed, and counted as `count`."""
    sandbox.expect_following(True)
    sandbox.expect_count(count)
    assert gateway.follows(sandbox.address(), "shiyu")
    assert gateway.follower_count("shiyu") == count


def expect_not_followed(sandbox: SandboxPage, gateway: Server, count: int) -> None:
    sandbox.expect_following(False)
    sandbox.expect_count(count)
    assert not gateway.follows(sandbox.address(), "shiyu")
    assert gateway.follower_count("shiyu") == count


@in_motion
def test_six_clicks_through_the_three_steps(
    page_of: Callable[[Server], SandboxPage], arrangement: Arrangement
) -> None:
    """Connect, choose, approve, authorise, approve, follow; read back after each write and after
    each reload.
    """
    gateway = arrangement.gateway
    sandbox = page_of(arrangement.site)
    before = gateway.follower_count("shiyu")
    sandbox.expect_count(before)

    for name in SIX:
        if name == "Sandbox wallet":
            sandbox.choose_wallet(name)
        else:
            sandbox.click(name)
    sandbox.expect_result("SUCCESS")
    assert sandbox.clicks == SIX
    expect_followed(sandbox, gateway, before + 1)

    sandbox.reload()
    expect_followed(sandbox, gateway, before + 1)

    sandbox.unfollow()
    expect_not_followed(sandbox, gateway, before)
    sandbox.reload()
    expect_not_followed(sandbox, gateway, before)


@in_motion
@pytest.mark.arrangements(ONE_PROCESS)
def test_five_clicks_when_follow_is_pressed_early(
    page_of: Callable[[Server], SandboxPage], arrangement: Arrangement
) -> None:
    """Signed in but not authorised: Follow asks the wallet to authorise the device, then finishes
    the follow.
    """
    sandbox = page_of(arrangement.site)
    before = arrangement.gateway.follower_count("shiyu")
    sandbox.connect()
    sandbox.click("Follow", sandbox.card())
    sandbox.click("Approve", sandbox.dialog)
    sandbox.expect_result("SUCCESS")
    assert sandbox.clicks == FIVE
    expect_followed(sandbox, arrangement.gateway, before + 1)


@pytest.mark.arrangements(ONE_PROCESS)
def test_follow_as_the_very_first_click(sandbox: SandboxPage, gateway: Server) -> None:
    """With nothing done yet, Follow leads through wallet, sign-in and authorisation, and then follows: five
    again.
    """
    before = gateway.follower_count("shiyu")
    sandbox.click("Follow", sandbox.card())
    sandbox.approve_both()
    sandbox.expect_result("SUCCESS")
    assert len(sandbox.clicks) == len(FIVE) - 1, sandbox.clicks
    expect_followed(sandbox, gateway, before + 1)


@pytest.mark.arrangements(ONE_PROCESS)  # in the others, each process is killed (test_durability.py)
def test_it_survives_a_restart(page_of: Callable[[Server], SandboxPage], arrangement: Arrangement) -> None:
    """Session, device, follow and count outlive the processes; the next click needs no step again."""
    sandbox = page_of(arrangement.site).ready()
    before = sandbox.count()
    sandbox.follow()
    expect_followed(sandbox, arrangement.gateway, before + 1)
    address = sandbox.address()

    for server in arrangement.servers:
        server.restart()
    sandbox.reload()
    assert sandbox.address() == address
    expect_followed(sandbox, arrangement.gateway, before + 1)
    sandbox.unfollow()
    expect_not_followed(sandbox, arrangement.gateway, before)


@pytest.mark.arrangements(ONE_PROCESS)
def test_the_sandbox_wallet_shows_what_it_signs(sandbox: SandboxPage) -> None:
    """Both dialogs carry the exact text: the sign-in message, and the authorisation with this
    device's key.
    """
    sandbox.click("Connect wallet")
    sandbox.choose_wallet("Sandbox wallet")
    expect(sandbox.dialog).to_contain_text("wants you to sign in with your Ethereum account:")
    expect(sandbox.dialog).to_contain_text("Nonce: ")
    sandbox.click("Approve", sandbox.dialog)
    posted = sandbox.posts("signing-keys")
    sandbox.click("Authorise this device")
    expect(sandbox.dialog).to_contain_text("I authorize Countersign from this device using signing key:")
    shown = sandbox.dialog.inner_text()
    sandbox.click("Approve", sandbox.dialog)
    sandbox.expect_authorised()
    (registration,) = posted
    assert registration["message"] in shown


def test_what_is_sent_is_what_the_contract_says(sandbox: SandboxPage, gateway: Server) -> None:
    """Exactly four members, the signer's own address, the time of the click; stored to the byte as it was
    sent.
    """
    sandbox.ready()
    posted = sandbox.posts("follow")
    sandbox.follow()
    (request,) = posted
    message = json.loads(request["message"])
    assert message == {"op": "follow", "address": sandbox.address(), "handle": "shiyu", "ts": message["ts"]}
    assert abs(message["ts"] - now_ms()) < 60_000
    assert gateway.operations(sandbox.address()) == [request["message"]]


@pytest.mark.arrangements(ONE_PROCESS)
def test_no_wallet_prompt_after_the_first_two(sandbox: SandboxPage, gateway: Server) -> None:
    """Four more operations: no dialog opens, each is one click, and the log has them all in order."""
    sandbox.ready()
    for _ in range(2):
        sandbox.follow()
        expect(sandbox.dialog).to_have_count(0)
        sandbox.unfollow()
        expect(sandbox.dialog).to_have_count(0)
    ops = [json.loads(message)["op"] for message in gateway.operations(sandbox.address())]
    assert ops == ["follow", "unfollow", "follow", "unfollow"]


@pytest.mark.arrangements(ONE_PROCESS)
def test_the_sandbox_wallet_has_more_than_one_identity(sandbox: SandboxPage, gateway: Server) -> None:
    """Another identity signs in by itself ("New identity"); the switcher goes back with no new login."""
    sandbox.ready()
    sandbox.follow()
    first = sandbox.address()
    sandbox.click("Step 1 details")
    sandbox.click("New identity")
    sandbox.expect_signed_out()
    sandbox.ready()
    second = sandbox.address()
    assert second != first
    sandbox.follow()
    assert gateway.follows(first, "shiyu")
    assert gateway.follows(second, "shiyu")

    sandbox.click("Step 1 details")
    sandbox.page.get_by_role("combobox", name="Identity").select_option(first)
    sandbox.expect_result("It is signed in already")
    sandbox.unfollow()
    assert sandbox.address() == first
    assert not gateway.follows(first, "shiyu")
    assert gateway.follows(second, "shiyu")


@pytest.mark.arrangements(ONE_PROCESS)
def test_signing_out_and_in_again(sandbox: SandboxPage, gateway: Server) -> None:
    """Signed out, the button knows nobody; the same wallet signs in again, the device still authorised."""
    sandbox.ready()
    sandbox.follow()
    address = sandbox.address()
    sandbox.page.get_by_role("button", name="Account").click()
    sandbox.click("Sign out")
    sandbox.expect_result("Signed out")  # the site has confirmed it, not only the page
    sandbox.expect_signed_out()
    sandbox.expect_following(False)
    assert sandbox.session()["address"] is None

    sandbox.connect()
    assert sandbox.address() == address
    sandbox.unfollow()
    assert not gateway.follows(address, "shiyu")


@pytest.mark.arrangements(ONE_PROCESS)
def test_another_handle_can_be_typed(sandbox: SandboxPage, gateway: Server) -> None:
    """As people write handles: a leading @ and a trailing .cyber are forgiven; the card shows whom it is
    about.
    """
    sandbox.ready()
    before = gateway.follower_count("cyberconnect")
    sandbox.handle.fill("@CyberConnect.cyber")
    sandbox.handle.press("Enter")
    sandbox.expect_count(before, "cyberconnect")
    sandbox.follow("cyberconnect")
    sandbox.expect_count(before + 1, "cyberconnect")
    assert gateway.follows(sandbox.address(), "cyberconnect")
    assert not gateway.follows(sandbox.address(), "shiyu")


@pytest.mark.arrangements(ONE_PROCESS)
def test_a_handle_that_nobody_has(sandbox: SandboxPage) -> None:
    """The page says that it does not exist, shows no button for it, and keeps what was typed."""
    sandbox.handle.fill("nobody-has-this")
    sandbox.handle.press("Enter")
    gone = sandbox.page.get_by_text("Nobody has the handle @nobody-has-this")
    expect(gone).to_be_visible()
    expect(sandbox.button("Follow")).to_have_count(0)
    expect(sandbox.handle).to_have_value("nobody-has-this")
    sandbox.handle.fill("")
    sandbox.handle.press("Enter")
    expect(gone).to_have_count(0)


@pytest.mark.arrangements(ONE_PROCESS)
def test_enter_looks_the_same_handle_up_again(sandbox: SandboxPage, gateway: Server) -> None:
    """Somebody followed meanwhile."""
    before = gateway.follower_count("shiyu")
    sandbox.expect_count(before)
    other = Device(gateway.graphql_url)
    other.register()
    assert other.send("follow")["status"] == "SUCCESS"
    sandbox.handle.press("Enter")
    sandbox.expect_count(before + 1)
