"""Habits of real wallets, played by the double, as docs/wallets.md lists them: few sign-ins, many habits."""

import re
from collections.abc import Callable
from typing import Any

from eth_account import Account
from playwright.sync_api import Browser, BrowserContext, Page, expect

from countersign.testing import (
    FAILURES,
    REJECTIONS,
    UNDEFINED,
    Wallet,
    caip_10,
    compact,
    crowd,
    eip_1191,
    empty,
    install,
    low_v,
    upper_case,
    usual,
)
from tests.support.e2e.arrangements import Arrangement
from tests.support.e2e.auditor import Auditor
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

BRASS = "Brass wallet"


def next_result(sandbox: SandboxPage, press: Callable[[], None], text: str) -> str:
    """Press, wait for a result that was not there before and says `text`, and give all of its words."""
    sandbox.page.evaluate("() => document.querySelector('#result > *')?.setAttribute('data-before', '')")
    press()
    shown = sandbox.status.locator("> :not([data-before])").filter(has_text=text)
    expect(shown).to_be_visible()
    return shown.inner_text()


# --- refusing -------------------------------------------------------------------------------------------

WORDS = {
    "another request is open": "answer that one first",
    "control characters": "could not do it. Device unplugged.",
}
"""What the page says of failures that tell why."""


def test_a_refusal_of_any_shape_is_a_quiet_line_and_nothing_raw_is_shown(
    wallet: Wallet, sandbox: SandboxPage
) -> None:
    """Each of them leaves "Try again"; after all of them the wallet still signs in."""

    def again() -> None:
        sandbox.click("Try again")

    def first() -> None:
        sandbox.click("Connect wallet")
        sandbox.choose_wallet(BRASS)

    told = [(rejection, "Cancelled in wallet") for rejection in REJECTIONS.values()]
    told += [(thrown, WORDS.get(name, "It gave no reason")) for name, thrown in FAILURES.items()]
    for number, (thrown, words) in enumerate(told):
        wallet.reject_next("eth_requestAccounts" if number % 3 else "personal_sign", thrown)
        shown = next_result(sandbox, again if number else first, words)
        assert not re.search(r"inpage|TypeError|jsonrpc|undefined|[{}\u202e]", shown), shown
    assert sandbox.session()["address"] is None
    again()
    sandbox.expect_signed_in()
    assert sandbox.address() == wallet.address


# --- spelling and signing -------------------------------------------------------------------------------


def test_an_account_in_any_spelling_is_that_account(
    context: BrowserContext, page: Page, site: Server
) -> None:
    """Another chain's checksum, upper case, CAIP-10: signed in as the address, and following as it."""
    spellings = (upper_case, caip_10, eip_1191)
    wallet = Wallet(accounts=[Account.create() for _ in spellings])
    install(context, wallet)
    sandbox = SandboxPage(page, site.url).open()
    for index, wallet.spell in enumerate(spellings):
        wallet.switch_account(index)
        sandbox.connect(BRASS)
        assert sandbox.address() == wallet.address
        # It hears its account as it spelled it: some know it in no other way.
        assert wallet.asked()[-1].params[1].lower() == wallet.address.lower()
    sandbox.authorise(BRASS)
    sandbox.follow()
    assert site.follows(wallet.address, "shiyu")


def test_a_signature_with_v_of_0_or_1_signs_in_and_authorises(
    wallet: Wallet, sandbox: SandboxPage, server: Server
) -> None:
    """As Ledgers answer through some wallets: the page passes it on, and site and gateway read it."""
    wallet.form = low_v
    sandbox.ready(BRASS)
    sandbox.follow()
    assert server.follows(wallet.address, "shiyu")


def test_a_signature_of_a_contract_wallet_is_for_the_site_to_judge(
    wallet: Wallet, sandbox: SandboxPage
) -> None:
    """`0x` (Safe) and long ones are sent; what is none is called that, and 64 bytes are called 64 bytes."""
    logins = sandbox.posts("login")
    long = "0x" + "ab" * 8_192
    answers: tuple[tuple[Callable[[bytes], object], str, bool], ...] = (
        (empty, "contract wallet", True),
        (lambda _: long, "contract wallet", True),
        (compact, "64 bytes (EIP-2098)", True),
        (lambda _: long + "ab", "It answered with no signature", False),
        (lambda _: "signed", "It answered with no signature", False),
        (lambda signature: {"signature": usual(signature)}, "It answered with no signature", False),
    )

    def press() -> None:
        if logins or wallet.asked():
            sandbox.click("Try again")
            return
        sandbox.click("Connect wallet")
        sandbox.choose_wallet(BRASS)

    for wallet.form, words, sent in answers:
        before = len(logins)
        next_result(sandbox, press, words)
        assert len(logins) == before + sent, words
    assert logins[0]["signature"] == "0x"
    wallet.form = usual
    press()
    sandbox.expect_signed_in()


# --- saying things --------------------------------------------------------------------------------------


def test_losing_the_chain_and_mumbling_sign_nobody_out(
    wallet: Wallet, sandbox: SandboxPage, server: Server
) -> None:
    """`disconnect` of each kind, `accountsChanged` of no kind: still signed in, and one click follows."""
    sandbox.ready(BRASS)
    prompts = len(wallet.asked())
    for code in (1013, 4900, 4901, None):
        wallet.disconnect(code)
    for said in (UNDEFINED, None, "locked", {"accounts": []}, [None, 7, "vitalik.eth"]):
        wallet.emit("accountsChanged", said)
    sandbox.follow()
    assert sandbox.address() == wallet.address
    assert server.follows(wallet.address, "shiyu")
    assert len(wallet.asked()) == prompts


def test_a_wallet_that_throws_in_its_events_connects_and_is_left(
    context: BrowserContext, page: Page, site: Server
) -> None:
    """It is not heard, and it keeps nobody signed in."""
    install(context, Wallet(throws_in=("on", "removeListener")))
    sandbox = SandboxPage(page, site.url).open()
    sandbox.connect(BRASS)
    page.locator("#chip").click()
    sandbox.click("Sign out")
    sandbox.expect_signed_out()
    sandbox.expect_result("Signed out")
    assert sandbox.session()["address"] is None


# --- being found ----------------------------------------------------------------------------------------


def test_a_late_wallet_is_found_and_a_desktop_without_one_told_what_to_do(
    context: BrowserContext, page: Page, site: Server
) -> None:
    """While the list is open, `window.ethereum` comes: its row takes the place of the advice."""
    wallet = Wallet(announced=False, late=True)
    install(context, wallet)
    sandbox = SandboxPage(page, site.url).open()
    sandbox.click("Connect wallet")
    advice = sandbox.dialog.get_by_text("No wallet found in this browser")
    expect(advice).to_contain_text("The sandbox wallet needs none.")
    wallet.appear(page)
    expect(advice).to_have_count(0)
    sandbox.choose_wallet("Browser wallet")
    sandbox.expect_signed_in()
    assert sandbox.address() == wallet.address


def test_a_crowd_that_poses_and_repeats_itself_hides_nobody(
    context: BrowserContext, page: Page, site: Server
) -> None:
    """Forty rows at most, namesakes by rdns, the last used first, the sandbox wallet in view and our own."""
    wallet = Wallet()
    install(context, wallet, Wallet(rdns="test.countersign.second"))
    sandbox = SandboxPage(page, site.url).open()
    rows = sandbox.dialog.get_by_role("listitem")
    own = sandbox.dialog.get_by_role("button", name="Sandbox wallet")
    crowd(
        page,
        [
            ("Sandbox wallet", "org.example"),
            ("S\u0430ndbox\u200b w\u0430llet", "x"),
            ("Fox", "app.countersign.sandbox"),
        ],
    )
    wallet.announce_again(page, 3)
    sandbox.click("Connect wallet")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("test.countersign.brass")
    second = sandbox.dialog.get_by_role("button", name=BRASS, description="test.countersign.second")
    second.click()
    sandbox.expect_signed_in()

    page.set_viewport_size({"width": 360, "height": 640})
    sandbox.reload()
    page.locator("#chip").click()
    sandbox.click("Sign out")
    sandbox.expect_result("Signed out")
    strangers = [(f"Wallet \u202e{number}", f"org.example.w{number}") for number in range(300)]
    crowd(page, strangers, times=3)
    sandbox.click("Connect wallet")
    expect(rows).to_have_count(41)
    expect(rows.nth(0)).to_contain_text("test.countersign.second")
    expect(sandbox.dialog.get_by_role("button", name="Wallet 7", exact=True)).to_be_attached()
    expect(own).to_be_in_viewport(ratio=1)
    Auditor(page).check("a crowd of wallets")
    sandbox.choose_wallet("Sandbox wallet")
    expect(sandbox.button("Approve", sandbox.dialog)).to_be_visible()


def test_a_phone_without_a_wallet_may_open_the_page_in_the_browser_of_one(
    browser: Browser, browser_context_args: dict[str, Any], site: Server
) -> None:
    """Links, for the visitor alone: nothing is fetched for them. At a loopback address it says why not."""
    phone = {**browser_context_args, "viewport": {"width": 360, "height": 740}}
    with browser.new_context(**phone, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        sandbox = SandboxPage(page, site.url).open()
        sandbox.click("Connect wallet")
        host = site.url.removeprefix("http://")
        expect(sandbox.dialog.get_by_text(f"cannot open {host}")).to_be_visible()

        origin = "https://follow.example"
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.route(
            f"{origin}/**",
            lambda route: route.fulfill(
                response=page.request.fetch(site.url + route.request.url.removeprefix(origin))
            ),
        )
        sandbox = SandboxPage(page, origin).open()
        sandbox.click("Connect wallet")
        links = sandbox.dialog.get_by_role("list", name="Open in your wallet's browser").get_by_role("link")
        expect(links).to_have_text(["MetaMask", "Coinbase Wallet", "Trust Wallet", "Phantom"])
        expect(links.first).to_have_attribute("href", "https://link.metamask.io/dapp/follow.example/")
        assert {link.get_attribute("rel") for link in links.all()} == {"noreferrer"}
        Auditor(page).check("a phone without a wallet")
        assert [url for url in asked if not url.startswith((origin, "data:"))] == []


# --- being elsewhere ------------------------------------------------------------------------------------


def test_a_wallet_on_another_chain_is_told_which_and_asked_to_switch(
    context: BrowserContext, page: Page, new_arrangement: Callable[..., Arrangement]
) -> None:
    """It lacks the chain, its owner refuses, it switches: the sign-in that was begun is finished. The sandbox
    wallet is on a chain that may sign in from the start.
    """
    wallet = Wallet(chain_id=137, switches="unknown chain")
    install(context, wallet)
    sandbox = SandboxPage(page, new_arrangement(CHAIN_IDS="56,8453").start().site.url).open()
    sandbox.click("Connect wallet")
    sandbox.choose_wallet(BRASS)
    where = "This site signs in accounts of BNB Chain (56) and Base (8453); Brass wallet is on Polygon (137)."
    sandbox.expect_result(where)
    Auditor(page).check("a wallet on another chain")
    next_result(sandbox, lambda: sandbox.click("Switch to BNB Chain"), "It did not switch")
    assert wallet.asked() == []

    next_result(sandbox, lambda: sandbox.click("Try again"), where)
    wallet.reject_next("wallet_switchEthereumChain")
    next_result(sandbox, lambda: sandbox.click("Switch to BNB Chain"), "Cancelled in wallet")
    next_result(sandbox, lambda: sandbox.click("Try again"), where)
    wallet.switches = "yes"
    sandbox.click("Switch to BNB Chain")
    sandbox.expect_signed_in()
    assert "Chain ID: 56" in wallet.asked()[-1].text

    page.locator("#chip").click()
    sandbox.click("Sign out")
    sandbox.connect()


# --- the sandbox wallet's identities --------------------------------------------------------------------


def test_every_identity_of_the_sandbox_wallet_stays_in_reach(sandbox: SandboxPage) -> None:
    """Back to the first without a login, before the new one ever signed in; two tabs at once lose none."""
    sandbox.connect()
    first = sandbox.address()
    logins = sandbox.posts("login")
    identity = sandbox.page.get_by_role("combobox", name="Identity")
    sandbox.click("Step 1 details")
    sandbox.click("New identity")
    sandbox.expect_signed_out()
    expect(identity.get_by_role("option")).to_have_count(2)
    identity.select_option(first)
    sandbox.expect_result("It is signed in already")
    assert (sandbox.address(), logins) == (first, [])

    other = sandbox.another_tab()
    press = "() => document.querySelector('[data-part=new-identity]').click()"
    for tab in (sandbox, other):
        tab.page.evaluate(press)
    for tab in (sandbox, other):
        expect(tab.page.locator("#identity option")).to_have_count(4)
    sandbox.reload()
    expect(identity.get_by_role("option")).to_have_count(4)
    identity.select_option(first)
    sandbox.expect_result("It is signed in already")
    assert (sandbox.address(), logins) == (first, [])
