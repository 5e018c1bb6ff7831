"""The device's key: made in the browser, kept there per account, never let out, and made again when it is
gone.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from countersign.testing import Wallet
from tests.support.e2e.arrangements import ONE_PROCESS
from tests.support.e2e.bundles import script
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

BRASS = "Brass wallet"

# Every CryptoKey that this origin keeps in IndexedDB, whatever the databases and stores are called.
ALL_KEYS = script("all-keys")


def stored_keys(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(ALL_KEYS)
    return found


# Ways in which a browser's own storage is not what the page once put there; each takes the key with it.
NOTHING_BUT_A_NAME = script("lose-keys")


def lose_keys(sandbox: SandboxPage) -> None:
    """What Safari does after seven days: the origin's IndexedDB is gone, its cookies are not."""
    session = sandbox.page.context.new_cdp_session(sandbox.page)
    session.send("Storage.clearDataForOrigin", {"origin": sandbox.url, "storageTypes": "indexeddb"})


def test_t31_the_private_key_cannot_leave_the_browser(wallet: Wallet, sandbox: SandboxPage) -> None:
    """It is in IndexedDB, and every way to export it is refused."""
    sandbox.ready(BRASS)
    found = stored_keys(sandbox.page)
    assert found["kinds"].count("private") == 1
    private = found["kinds"].index("private")
    assert found["extractable"][private] is False
    assert found["tried"] == ["InvalidAccessError"] * 3
    assert len(wallet.asked()) == 2


def test_a_lost_key_is_one_click(wallet: Wallet, sandbox: SandboxPage, gateway: Server) -> None:
    """After the loss the page says so on its own; one click and one signature later it follows again."""
    sandbox.ready(BRASS)
    sandbox.follow()
    lose_keys(sandbox)
    sandbox.reload()
    expect(sandbox.page.get_by_text("This browser lost its key").first).to_be_visible()

    prompts = len(wallet.asked())
    sandbox.page.get_by_role("button", name="Authorise again", exact=True).first.click()
    sandbox.expect_authorised()
    sandbox.unfollow()
    assert len(wallet.asked()) == prompts + 1
    assert not gateway.follows(wallet.address, "shiyu")


@pytest.mark.usefixtures("wallet")
def test_damaged_storage_is_a_lost_key(page: Page, site: Server) -> None:
    """A record that is no key, a database without its store or with another: one click repairs each."""
    sandbox = SandboxPage(page, site.url).open().ready(BRASS)
    for damage in ("no key", "no store", "another store"):
        sandbox.page.evaluate(NOTHING_BUT_A_NAME, damage)
        sandbox.reload()
        expect(sandbox.page.get_by_text("This browser lost its key").first).to_be_visible()
        sandbox.page.get_by_role("button", name="Authorise again", exact=True).first.click()
        sandbox.expect_authorised()
    sandbox.follow()
    assert stored_keys(sandbox.page)["kinds"].count("private") == 1


def test_a_key_lost_while_the_page_is_open(wallet: Wallet, sandbox: SandboxPage, gateway: Server) -> None:
    """Noticed at the next click: nothing is sent with a wrong key, and one authorisation repairs it."""
    sandbox.ready(BRASS)
    lose_keys(sandbox)
    sandbox.click("Follow", sandbox.card())
    sandbox.expect_result("This browser lost its key")
    sandbox.click("Authorise again", sandbox.status)
    sandbox.expect_authorised()
    sandbox.follow()
    sandbox.expect_following(True)
    assert gateway.follows(wallet.address, "shiyu")
    assert len(gateway.operations(wallet.address)) == 1


def test_t30_other_accounts_keep_their_keys(wallet: Wallet, sandbox: SandboxPage, gateway: Server) -> None:
    """Keys are per account: revoking and replacing one account's leaves the other's as it is."""
    sandbox.ready(BRASS)
    first = wallet.address
    wallet.switch_account(1)
    sandbox.expect_signed_out()
    sandbox.ready(BRASS)
    gateway.change(
        "UPDATE signing_keys SET revoked_at = registered_at + 1 WHERE lower(address) = ?",
        wallet.address.lower(),
    )
    sandbox.click("Follow", sandbox.card())
    sandbox.expect_result("INVALID_SIGNING_KEY")
    sandbox.status.get_by_role("button", name=re.compile("authorise", re.IGNORECASE)).click()
    sandbox.expect_authorised()

    prompts = len(wallet.asked())
    wallet.switch_account(0)
    sandbox.expect_signed_in()
    sandbox.follow()
    assert gateway.follows(first, "shiyu")
    assert len(wallet.asked()) == prompts


def test_t30_a_tab_closed_during_the_prompt_leaves_nothing_broken(
    wallet: Wallet, sandbox: SandboxPage, gateway: Server
) -> None:
    """The key waits as pending: the next tab is not fooled into using it, and authorises with one
    signature.
    """
    sandbox.connect(BRASS)
    wallet.hold_next()
    sandbox.click("Authorise this device")
    wallet.wait_until_held(sandbox.page)
    tab = sandbox.another_tab()
    sandbox.page.close()

    tab.expect_signed_in()
    prompts = len(wallet.asked())
    tab.authorise(BRASS)
    tab.follow()
    assert len(wallet.asked()) == prompts + 1
    assert gateway.follows(wallet.address, "shiyu")


def test_a_registration_whose_answer_was_lost(wallet: Wallet, sandbox: SandboxPage, gateway: Server) -> None:
    """Registered at the gateway, though the page never heard of it: the next visit takes it as registered."""
    sandbox.connect(BRASS)

    def lose_answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        route.fetch()
        route.abort("connectionreset")

    sandbox.page.route("**/api/signing-keys", lose_answer)
    with sandbox.page.expect_event("requestfailed"):
        sandbox.click("Authorise this device")
    assert (
        len(gateway.rows("SELECT 1 FROM signing_keys WHERE lower(address) = ?", wallet.address.lower())) == 1
    )
    sandbox.page.unroute_all()
    sandbox.reload()
    prompts = len(wallet.asked())
    sandbox.follow()
    assert len(wallet.asked()) == prompts
    assert gateway.follows(wallet.address, "shiyu")


def test_signing_out_offers_to_revoke_the_key_and_the_key_does_it_itself(
    wallet: Wallet, sandbox: SandboxPage
) -> None:
    """One click, with the wallet gone: what was said to sign for the account signs nothing any more."""
    sandbox.ready(BRASS)
    asked = len(wallet.asked())
    sandbox.page.get_by_role("button", name="Account").click()
    sandbox.click("Sign out")
    sandbox.expect_result(re.compile(r"This device's key can still sign for 0x\w{4}…\w{4} until"))
    sandbox.expect_signed_out()
    expect(sandbox.button("Revoke this device's key")).to_be_in_viewport()
    sandbox.click("Revoke this device's key", sandbox.status)
    sandbox.expect_result("SUCCESS")
    sandbox.expect_result("It signs nothing any more")
    assert len(wallet.asked()) == asked
    assert stored_keys(sandbox.page)["kinds"] == []
    sandbox.connect(BRASS)
    expect(sandbox.button("Authorise this device")).to_be_visible()
