"""Wallets of all kinds: found by EIP-6963, and free to refuse, switch, lock, leave, or answer too late."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from countersign.testing import Wallet, crowd, install
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

BRASS = "Brass wallet"


def cancelled(sandbox: SandboxPage) -> None:
    """The quiet line that a refusal leaves, with its way on."""
    sandbox.expect_result("Cancelled in wallet")
    expect(sandbox.button("Try again")).to_be_visible()


# --- finding them ---------------------------------------------------------------------------------------


def test_every_announced_wallet_is_offered(context: BrowserContext, page: Page, server: Server) -> None:
    """Three announced wallets and the sandbox wallet, each by its name; the chosen one is the one asked."""
    wallets = [
        Wallet(name=f"{metal} wallet", rdns=f"test.countersign.{metal.lower()}")
        for metal in ("Tin", "Lead", "Zinc")
    ]
    install(context, *wallets)
    sandbox = SandboxPage(page, server.url).open()
    sandbox.click("Connect wallet")
    for name in ("Tin wallet", "Lead wallet", "Zinc wallet", "Sandbox wallet"):
        expect(sandbox.dialog.get_by_role("button", name=name)).to_be_visible()
    sandbox.choose_wallet("Lead wallet")
    sandbox.expect_signed_in()
    assert sandbox.address() == wallets[1].address
    assert [len(wallet.requests) > 0 for wallet in wallets] == [False, True, False]


def test_window_ethereum_is_the_last_resort(context: BrowserContext, page: Page, server: Server) -> None:
    """A wallet older than EIP-6963 is offered when nothing but the sandbox wallet announces itself."""
    old = Wallet(announced=False)
    install(context, old)
    sandbox = SandboxPage(page, server.url).open()
    sandbox.click("Connect wallet")
    others = sandbox.dialog.get_by_role("listitem").filter(has_not_text="Sandbox wallet")
    expect(others).to_have_count(1)
    others.get_by_role("button").click()
    sandbox.expect_signed_in()
    assert sandbox.address() == old.address


def test_window_ethereum_gives_way_to_a_wallet_that_announces_itself(
    context: BrowserContext, page: Page, server: Server
) -> None:
    """What sits at `window.ethereum` is then one of them already, or an intruder; the focus goes over."""
    install(context, Wallet(announced=False))
    sandbox = SandboxPage(page, server.url).open()
    sandbox.click("Connect wallet")
    expect(sandbox.dialog.get_by_role("button", name="Browser wallet")).to_be_focused()
    crowd(page, [("Newcomer", "org.example.newcomer")])
    expect(sandbox.dialog.get_by_role("button", name="Newcomer")).to_be_focused()
    expect(sandbox.dialog.get_by_role("listitem")).to_have_count(2)


# --- saying yes -----------------------------------------------------------------------------------------


def test_follow_and_unfollow(wallet: Wallet, sandbox: SandboxPage, server: Server) -> None:
    """Two signatures in all, both `personal_sign` by the account that signed in; then none."""
    before = server.follower_count("shiyu")
    sandbox.ready(BRASS)
    assert sandbox.address() == wallet.address
    sign_in, authorisation = wallet.asked()
    assert "wants you to sign in with your Ethereum account:" in sign_in.text
    assert wallet.address in sign_in.text
    assert authorisation.text.startswith("I authorize Countersign from this device using signing key:\n")

    sandbox.follow()
    sandbox.expect_count(before + 1)
    assert server.follows(wallet.address, "shiyu")
    sandbox.reload()
    sandbox.expect_following(True)
    sandbox.unfollow()
    sandbox.expect_count(before)
    assert not server.follows(wallet.address, "shiyu")
    assert len(wallet.asked()) == 2


def test_the_text_is_on_the_page_before_the_wallet_is_asked(wallet: Wallet, sandbox: SandboxPage) -> None:
    """While the wallet's prompt is open, the page shows the text that it asks about, to the letter."""
    wallet.hold_next()
    sandbox.click("Connect wallet")
    sandbox.choose_wallet(BRASS)
    wallet.wait_until_held(sandbox.page)
    (asked,) = wallet.asked()
    nonce = next(line for line in asked.text.splitlines() if line.startswith("Nonce: "))
    expect(sandbox.page.get_by_text(nonce).first).to_be_attached()
    wallet.release(sandbox.page)
    sandbox.expect_signed_in()


@pytest.mark.parametrize("press", ["Follow", "Authorise this device"])
def test_an_act_right_after_a_reload_waits_for_the_wallet(
    wallet: Wallet, sandbox: SandboxPage, press: str
) -> None:
    """The wallet of the last visit is slow to answer: what was pressed is busy, and no list opens."""
    sandbox.connect(BRASS)
    wallet.hold_next("eth_accounts")
    sandbox.reload()
    wallet.wait_until_held(sandbox.page)
    sandbox.click(press)
    expect(sandbox.button(press)).to_have_attribute("aria-disabled", "true")
    expect(sandbox.dialog).to_have_count(0)
    wallet.release(sandbox.page)
    sandbox.expect_authorised()
    sandbox.expect_result("SUCCESS")
    assert len(wallet.asked("eth_requestAccounts")) == 1


# --- saying no ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["eth_requestAccounts", "personal_sign"])
def test_refusing_to_sign_in(wallet: Wallet, sandbox: SandboxPage, method: str) -> None:
    """Refused at the first or the second question: a quiet line and "Try again", which then succeeds."""
    wallet.reject_next(method)
    sandbox.click("Connect wallet")
    sandbox.choose_wallet(BRASS)
    cancelled(sandbox)
    assert sandbox.session()["address"] is None

    sandbox.click("Try again")
    if sandbox.dialog.count():
        sandbox.choose_wallet(BRASS)
    sandbox.expect_signed_in()
    assert sandbox.address() == wallet.address


def test_refusing_to_authorise(wallet: Wallet, sandbox: SandboxPage) -> None:
    """Nothing is registered, the button returns; "Try again" asks once more and succeeds."""
    registrations = sandbox.posts("signing-keys")
    sandbox.connect(BRASS)
    wallet.reject_next()
    sandbox.click("Authorise this device")
    cancelled(sandbox)
    expect(sandbox.button("Authorise this device")).to_be_enabled()
    assert registrations == []
    sandbox.click("Try again")
    sandbox.expect_authorised()
    assert len(registrations) == 1
    sandbox.follow()


def test_refusing_on_the_way_to_a_follow(wallet: Wallet, sandbox: SandboxPage, server: Server) -> None:
    """Follow pressed early, authorisation refused: nothing is followed; "Try again" finishes the follow."""
    sandbox.connect(BRASS)
    wallet.reject_next()
    sandbox.click("Follow", sandbox.card())
    cancelled(sandbox)
    sandbox.expect_following(False)
    assert not server.follows(wallet.address, "shiyu")
    sandbox.click("Try again")
    sandbox.expect_result("SUCCESS")
    sandbox.expect_following(True)
    assert server.follows(wallet.address, "shiyu")


def test_rejecting_in_the_sandbox_wallet(sandbox: SandboxPage) -> None:
    """The sandbox wallet's own "Reject" is a refusal like any other."""
    sandbox.click("Connect wallet")
    sandbox.choose_wallet("Sandbox wallet")
    sandbox.click("Reject", sandbox.dialog)
    cancelled(sandbox)
    assert sandbox.session()["address"] is None


# --- switching, locking, leaving ------------------------------------------------------------------------


def test_t12_switching_accounts_locks_the_page_to_the_new_one(
    wallet: Wallet, sandbox: SandboxPage, server: Server
) -> None:
    """The other account has to sign in by itself, and what is done then is done as that account alone."""
    sandbox.ready(BRASS)
    sandbox.follow()
    first, second = (str(account.address) for account in wallet.accounts)

    wallet.switch_account(1)
    sandbox.expect_signed_out()
    sandbox.expect_following(False)

    sandbox.ready(BRASS)
    assert sandbox.address() == second
    sandbox.expect_following(False)
    sandbox.follow()
    assert server.follows(second, "shiyu")
    assert len(server.operations(first)) == len(server.operations(second)) == 1


def test_switching_back_needs_no_new_login(wallet: Wallet, sandbox: SandboxPage, server: Server) -> None:
    """The first account's session and device key are still its own: one click, no prompt."""
    sandbox.ready(BRASS)
    wallet.switch_account(1)
    sandbox.expect_signed_out()
    sandbox.connect(BRASS)
    prompts = len(wallet.asked())

    wallet.switch_account(0)
    sandbox.expect_signed_in()
    sandbox.follow()
    assert sandbox.address() == wallet.address
    assert server.follows(wallet.address, "shiyu")
    assert len(wallet.asked()) == prompts


def test_t12_never_acts_as_the_old_account(wallet: Wallet, sandbox: SandboxPage, server: Server) -> None:
    """Follow pressed right after a switch starts the new account's sign-in; the old account
    follows nothing.
    """
    sandbox.ready(BRASS)
    first, second = (str(account.address) for account in wallet.accounts)
    wallet.switch_account(1)
    sandbox.click("Follow", sandbox.card())
    if sandbox.dialog.count():
        sandbox.choose_wallet(BRASS)
    sandbox.expect_result("SUCCESS")
    assert server.follows(second, "shiyu")
    assert server.operations(first) == []


def test_an_event_said_twice_counts_once(wallet: Wallet, sandbox: SandboxPage) -> None:
    """Some wallets repeat themselves: one sign-in for one switch, and a change of chain alone
    changes nobody.
    """
    sandbox.ready(BRASS)
    first = wallet.address
    wallet.switch_chain(137, times=2)
    wallet.switch_account(0, times=2)
    sandbox.follow()
    assert sandbox.address() == first
    assert len(wallet.asked()) == 2
    wallet.switch_account(1, times=2)
    sandbox.connect(BRASS)
    assert len(wallet.asked()) == 3


def test_locking_the_wallet_signs_the_page_out(wallet: Wallet, sandbox: SandboxPage) -> None:
    """No account is left: the page forgets whom it served, and so does the server."""
    sandbox.ready(BRASS)
    wallet.lock()
    sandbox.expect_result("you are signed out")
    sandbox.expect_signed_out()
    assert sandbox.session()["address"] is None


def test_signing_in_again_after_a_lock_finds_the_device_still_authorised(
    wallet: Wallet, sandbox: SandboxPage
) -> None:
    """Signing out ends the session, not the device's key: one signature, not two."""
    sandbox.ready(BRASS)
    wallet.lock()
    sandbox.expect_signed_out()
    wallet.unlock()
    prompts = len(wallet.asked())
    sandbox.connect(BRASS)
    sandbox.follow()
    assert len(wallet.asked()) == prompts + 1


# --- answering too late ---------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["eth_requestAccounts", "personal_sign"])
def test_a_wallet_that_does_not_answer_can_be_left_alone(
    wallet: Wallet, sandbox: SandboxPage, method: str
) -> None:
    """It is named, "Cancel" frees the page at once and hands on the focus, a late answer signs nobody in, and
    the next try works while the old request is still open.
    """
    logins = sandbox.posts("login")
    wallet.hold_next(method)
    sandbox.click("Connect wallet")
    sandbox.choose_wallet(BRASS)
    sandbox.expect_result("Waiting for Brass wallet. Open Brass wallet to continue.")
    sandbox.button("Cancel", sandbox.status).focus()
    sandbox.page.keyboard.press("Enter")
    sandbox.expect_result("Cancelled. What Brass wallet still answers is dropped.")
    expect(sandbox.button("Try again", sandbox.status)).to_be_focused()
    sandbox.click("Try again", sandbox.status)
    sandbox.expect_signed_in()
    wallet.release(sandbox.page)
    sandbox.authorise(BRASS)
    assert len(logins) == 1
    assert sandbox.address() == wallet.address


def test_a_sign_in_signed_after_a_switch_does_nothing(wallet: Wallet, sandbox: SandboxPage) -> None:
    """The prompt of the old account is approved after the wallet moved on: nobody is signed in by it."""
    logins = sandbox.posts("login")
    first, second = (str(account.address) for account in wallet.accounts)
    wallet.hold_next()
    sandbox.click("Connect wallet")
    sandbox.choose_wallet(BRASS)
    wallet.wait_until_held(sandbox.page)
    wallet.switch_account(1)
    wallet.release(sandbox.page)

    sandbox.expect_signed_out()
    sandbox.connect(BRASS)
    assert sandbox.session()["addresses"] == [second]
    assert all(first not in login["message"] for login in logins)


def test_an_authorisation_signed_after_a_switch_does_nothing(
    wallet: Wallet, sandbox: SandboxPage, server: Server
) -> None:
    """The old account's key is not registered by a page that has moved on to another account."""
    registrations = sandbox.posts("signing-keys")
    first = wallet.address
    sandbox.connect(BRASS)
    wallet.hold_next()
    sandbox.click("Authorise this device")
    wallet.wait_until_held(sandbox.page)
    wallet.switch_account(1)
    sandbox.expect_signed_out()
    wallet.release(sandbox.page)

    sandbox.ready(BRASS)
    sandbox.follow()
    assert [registration["address"] for registration in registrations] == [wallet.address]
    assert server.operations(first) == []
