"""The test kit's wallets in pages that are not ours: MetaMask's test page, and one that only listens."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from countersign.testing import FAILURES, REJECTIONS, InstallWallet, Thrown, Wallet, rpc_error
from tests.support.e2e import browser as chromium
from tests.support.e2e.origins import origin
from tests.support.places import ROOT, node

TEST_DAPP = ROOT / "node_modules" / "@metamask" / "test-dapp" / "dist"
LISTENS = """<!doctype html><title>A page</title><iframe src="/frame"></iframe><script>
  addEventListener("eip6963:announceProvider", ({ detail: { info, provider } }) => {
    names.push(info.name);
    providers[info.rdns] = provider;
    for (const event of ["accountsChanged", "chainChanged", "connect", "disconnect"]) {
      provider.on(event, (...said) => heard.push([event, ...said]));
    }
  });
  const names = [], providers = {}, heard = [];
  const BRASS = "test.countersign.brass";
  const ask = (method, params, rdns = BRASS) => providers[rdns].request({ method, params });
  dispatchEvent(new Event("eip6963:requestProvider"));
</script>"""
THROWN = """async (method) => {
  const error = await ask(method).catch((error) => error);
  if (error instanceof Error) return { bare: false, value: { ...error, message: error.message } };
  return error === undefined ? { bare: true } : { bare: true, value: error };
}"""


@pytest.fixture
def elsewhere(page: Page) -> Iterator[Page]:
    with origin({"/": LISTENS, "/frame": LISTENS.replace("<iframe", "<br data-")}) as url:
        page.goto(url)
        yield page


def heard(page: Page) -> list[Any]:
    """What the page has heard, and its frame too; taken away."""
    both: list[list[Any]] = [frame.evaluate("() => heard.splice(0)") for frame in page.frames]
    assert both[0] == both[1]
    return both[0]


def test_metamasks_test_page_connects_signs_and_follows_the_wallet(
    install_wallet: InstallWallet, page: Page, faults: list[str]
) -> None:
    """It checks the signatures itself. What it wants of the world outside, it does not get."""
    blocks = {"eth_getBlockByNumber": lambda _: {"baseFeePerGas": "0x1"}}
    wallet = install_wallet(Wallet(members={"isMetaMask": True}, answers=blocks))
    page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    page.route_web_socket(re.compile(""), lambda _: None)
    files = {f"/{file.name}": file.read_text(encoding="utf-8") for file in TEST_DAPP.iterdir()}
    with origin({**files, "/": files["/index.html"]}) as url:
        page.goto(url)
        page.get_by_role("button", name="Use Brass wallet").click()
        page.locator("#connectButton").click()
        accounts, chain = page.locator("#accounts"), page.locator("#chainId")
        expect(accounts).to_have_text(wallet.address.lower())
        expect(chain).to_have_text("0x1")

        page.locator("#personalSign").click()
        expect(page.locator("#personalSignResult")).to_have_text(re.compile(r"^0x[0-9a-f]{130}$"))
        page.locator("#personalSignVerify").click()
        for judge in ("SigUtil", "ECRecover"):
            result = page.locator(f"#personalSignVerify{judge}Result")
            expect(result).to_have_text(wallet.address.lower())

        wallet.switch_chain(137)
        expect(chain).to_have_text("0x89")
        wallet.switch_account(1)
        expect(accounts).to_have_text(wallet.accounts[1].address.lower())
        page.locator("#signTypedDataV4").click()
        page.locator("#signTypedDataV4Verify").click()
        expect(page.locator("#signTypedDataV4VerifyResult")).to_have_text(wallet.address.lower())

        wallet.reject_next("eth_signTypedData_v4", rpc_error(4001, "Not this one."))
        page.locator("#signTypedDataV4").click()
        expect(page.locator("#signTypedDataV4Result")).to_contain_text("Not this one.")
        wallet.lock()
        expect(accounts).to_be_empty()
    faults.clear()  # its relays could not be reached


def test_every_error_arrives_in_its_shape(wallet: Wallet, elsewhere: Page) -> None:
    for name, thrown in {**REJECTIONS, **FAILURES}.items():
        wallet.reject_next("eth_chainId", thrown)
        assert elsewhere.evaluate(THROWN, "eth_chainId") == thrown.sent(), name
    assert elsewhere.evaluate("() => ask('eth_chainId')") == "0x1"


def test_answers_are_held_delayed_or_never_come(wallet: Wallet, elsewhere: Page) -> None:
    never = "new Promise((end) => setTimeout(end, 50, 'nothing'))"
    wallet.ignore_next("eth_chainId")
    assert elsewhere.evaluate(f"() => Promise.race([ask('eth_chainId'), {never}])") == "nothing"
    wallet.delay_next(0.1, "eth_chainId")
    first = f"() => Promise.race([ask('eth_chainId'), {never}])"
    assert elsewhere.evaluate(first) == "nothing"
    wallet.delay_next(0.001, "eth_chainId")
    assert elsewhere.evaluate("() => ask('eth_chainId')") == "0x1"
    wallet.hold_next("eth_chainId")
    elsewhere.evaluate("() => { ask('eth_chainId').then((chain) => heard.push(chain)) }")
    wallet.wait_until_held(elsewhere)
    wallet.chain_id = 5  # too late for the one that is held
    assert elsewhere.evaluate("() => heard") == []
    wallet.release(elsewhere)
    assert elsewhere.evaluate("async () => { await ask('eth_chainId'); return heard.splice(0) }") == ["0x1"]


def test_the_page_and_its_frames_hear_the_wallet(wallet: Wallet, elsewhere: Page) -> None:
    assert elsewhere.evaluate("() => ask('eth_requestAccounts')") == [wallet.address.lower()]
    wallet.switch_account(1)
    wallet.lock()
    wallet.unlock()
    account = [wallet.accounts[1].address.lower()]
    changed = [["accountsChanged", accounts] for accounts in (account, [], account)]
    assert heard(elsewhere) == changed
    wallet.switch_chain(137, times=2)
    wallet.disconnect()
    wallet.disconnect(None)
    wallet.reconnect()
    assert heard(elsewhere) == [
        ["chainChanged", "0x89"],
        ["chainChanged", "0x89"],
        ["disconnect", {"code": 4900, "message": "Disconnected."}],
        ["disconnect"],
        ["connect", {"chainId": "0x89"}],
    ]
    switch = "(chain) => ask('wallet_switchEthereumChain', [{ chainId: chain }])"
    assert elsewhere.evaluate(switch, "0x1") is None
    assert heard(elsewhere) == [["chainChanged", "0x1"]]
    wallet.switches = "silently"
    assert elsewhere.evaluate(switch, "0x2") is None
    assert (heard(elsewhere), wallet.chain_id) == ([], 2)


def test_wallets_come_to_pages_that_are_open_and_stay_apart(
    wallet: Wallet, install_wallet: InstallWallet, elsewhere: Page
) -> None:
    """Also after a reload, where both are there from the start; each answers for itself."""
    other = install_wallet(Wallet(name="Other wallet", rdns="org.example.other", chain_id=10))
    asks = "() => Promise.all([ask('eth_chainId'), ask('eth_chainId', [], 'org.example.other')])"
    assert elsewhere.evaluate(asks) == ["0x1", "0xa"]
    elsewhere.reload()
    assert elsewhere.evaluate("() => [...new Set(names)]") == [wallet.name, other.name]
    assert elsewhere.evaluate(asks) == ["0x1", "0xa"]
    other.hold_next("eth_chainId")
    other.reject_next("eth_chainId", Thrown("no", bare=True))
    assert elsewhere.evaluate("() => ask('eth_chainId')") == "0x1"


def test_the_example_in_typescript_runs(tmp_path: Path) -> None:
    """As its readers run it, but for where the browser is; the one in Python is run with the wheel."""
    (tmp_path / "follow.spec.ts").write_bytes((ROOT / "docs" / "examples" / "follow.spec.ts").read_bytes())
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    options = chromium.launch_options()
    use = {
        "launchOptions": {"executablePath": options.get("executable_path"), "args": options["args"]},
        "contextOptions": {"reducedMotion": "reduce"},
    }
    config = json.dumps({"workers": 1, "use": use})
    (tmp_path / "playwright.config.ts").write_text(f"export default {config};", encoding="utf-8")
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [node(), "node_modules/@playwright/test/cli.js", "test", "--reporter=list"],
        cwd=tmp_path,
        env={**os.environ, "PATH": programs, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout
