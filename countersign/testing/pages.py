"""Wallets in the pages of a browser: found through EIP-6963, asked through EIP-1193."""

import json
from collections.abc import Callable, Iterable
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import BrowserContext, Page

from countersign.testing.wallet import IN_PAGE, Wallet

InstallWallet = Callable[[Wallet], Wallet]
"""Puts a wallet into the test's pages, and gives it back."""

ASK = "askCountersignWallet"
"""What the script calls: `(uuid, method, params)`, and an answer as `Wallet.answer` gives it."""
_SHOWN = ("uuid", "name", "icon", "rdns", "announced", "late", "throws_in", "members")
_known: WeakKeyDictionary[BrowserContext, dict[str, Wallet]] = WeakKeyDictionary()


def wallet_script() -> str:
    """Give the script that runs in the page (`wallet.ts`, built)."""
    return files("countersign.testing").joinpath("wallet.js").read_text(encoding="utf-8")


def install(context: BrowserContext, *wallets: Wallet) -> None:
    """Put wallets into every page of a browser context, those that are open too: these see them come late."""
    steps = [] if context in _known else [wallet_script()]
    known = _known.setdefault(context, {})
    if steps:

        def ask(_source: object, uuid: str, method: str, params: list[Any]) -> dict[str, Any]:
            return known[uuid].answer(method, params)

        context.expose_binding(ASK, ask)
    known |= {wallet.uuid: wallet for wallet in wallets}
    shown = [{name: getattr(wallet, name) for name in _SHOWN} for wallet in wallets]
    steps.append(f"{IN_PAGE}.install({json.dumps(shown)});")
    for step in steps:
        context.add_init_script(step)
        for page in context.pages:
            page.evaluate(step)
    for wallet in wallets:
        wallet._contexts.append(context)  # noqa: SLF001 (it says things there; nobody else is to know)


def crowd(page: Page, strangers: Iterable[tuple[str, str]], *, times: int = 1) -> None:
    """Have strangers (name and rdns) announce themselves: they never answer."""
    named = [{"name": name, "rdns": rdns} for name, rdns in strangers]
    page.evaluate(f"(said) => {IN_PAGE}.crowd(...said)", [named, times])
