"""Wallets for tests: real keys and real signatures in Python, an EIP-1193 provider in the page (wallet.ts).

A wallet can be programmed: refuse or hold the next request, switch account or chain, lock, disconnect, say
things twice. What it was asked is in `requests`.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from playwright.sync_api import BrowserContext, Page

from tests.e2e.bundles import bundle

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Ccircle cx='4' cy='4' r='4' fill='%23a67c00'/%3E%3C/svg%3E"
)
USER_REJECTED = (4001, "The user refused.")
UNAUTHORIZED = (4100, "This account was not opened to the page.")
UNSUPPORTED = (4200, "This wallet does not know that method.")


class WalletRefusal(Exception):  # noqa: N818 (what EIP-1193 calls a ProviderRpcError, on its way to the page)
    """The answer to a request is an error: `code` and `message` as in EIP-1193."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class WalletRequest:
    """What the page asked: EIP-1193 method and parameters; for `personal_sign`, `text` is what it showed."""

    method: str
    params: list[Any]

    @property
    def text(self) -> str:
        return decode_text(str(self.params[0]))


def decode_text(data: str) -> str:
    """The text inside `personal_sign`'s first parameter, `0x` hex of UTF-8 or the text itself."""
    return bytes.fromhex(data[2:]).decode() if data.startswith("0x") else data


@dataclass(eq=False, slots=True)
class Wallet:
    """One wallet with a few accounts, the first of them active."""

    name: str = "Brass wallet"
    rdns: str = "test.countersign.brass"
    icon: str = ICON
    announced: bool = True
    chain_id: int = 1
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    accounts: list[LocalAccount] = field(default_factory=lambda: [Account.create(), Account.create()])
    requests: list[WalletRequest] = field(default_factory=list)
    active: int = 0
    locked: bool = False
    opened: bool = False
    _refuse: dict[str, tuple[int, str]] = field(default_factory=dict)
    _hold: set[str] = field(default_factory=set)
    _contexts: list[BrowserContext] = field(default_factory=list)

    # --- what tests tell it ------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """The active account, in EIP-55."""
        return str(self.accounts[self.active].address)

    def reject_next(self, method: str = "personal_sign", error: tuple[int, str] = USER_REJECTED) -> None:
        """Answer the next such request with an error, once."""
        self._refuse[method] = error

    def hold_next(self, method: str = "personal_sign") -> None:
        """Leave the next such request unanswered until `release`; it is decided as of now, not as of then."""
        self._hold.add(method)

    def switch_account(self, index: int, *, times: int = 1) -> None:
        """Make another account the active one and say so, more than once if asked."""
        self.active = index
        for _ in range(times):
            self.emit("accountsChanged", self._open_accounts())

    def switch_chain(self, chain_id: int, *, times: int = 1) -> None:
        self.chain_id = chain_id
        for _ in range(times):
            self.emit("chainChanged", hex(chain_id))

    def lock(self) -> None:
        self.locked = True
        self.emit("accountsChanged", [])

    def unlock(self) -> None:
        self.locked = False
        self.emit("accountsChanged", self._open_accounts())

    def disconnect(self) -> None:
        """Say that it reaches no chain any more, as EIP-1193 has it."""
        self.emit("disconnect", {"code": 4900, "message": "The wallet is disconnected."})

    def emit(self, event: str, payload: object) -> None:
        for page in self._pages():
            page.evaluate("(said) => window.testWallets.emit(...said)", [self.uuid, event, payload])

    def wait_until_held(self, page: Page) -> None:
        page.wait_for_function("() => window.testWallets.held() > 0")

    def release(self, page: Page) -> None:
        page.evaluate("() => window.testWallets.release()")

    def asked(self, method: str = "personal_sign") -> list[WalletRequest]:
        return [request for request in self.requests if request.method == method]

    # --- what the page gets ------------------------------------------------------------------------------

    def answer(self, method: str, params: list[Any]) -> dict[str, Any]:
        """Decide one request: `{held, result}` or `{held, error}`."""
        self.requests.append(WalletRequest(method, params))
        held = method in self._hold
        self._hold.discard(method)
        try:
            return {"held": held, "result": self._result(method, params)}
        except WalletRefusal as refusal:
            return {"held": held, "error": {"code": refusal.code, "message": refusal.message}}

    def _result(self, method: str, params: list[Any]) -> object:
        if method in self._refuse:
            raise WalletRefusal(*self._refuse.pop(method))
        match method:
            case "eth_requestAccounts":
                if self.locked:
                    raise WalletRefusal(*USER_REJECTED)
                self.opened = True
                return self._open_accounts()
            case "eth_accounts":
                return self._open_accounts()
            case "eth_chainId":
                return hex(self.chain_id)
            case "personal_sign":
                return self._personal_sign(str(params[0]), str(params[1]))
            case "wallet_revokePermissions":
                self.opened = False
                return None
            case _:
                raise WalletRefusal(*UNSUPPORTED)

    def _personal_sign(self, data: str, address: str) -> str:
        if address.lower() not in self._open_accounts():
            raise WalletRefusal(*UNAUTHORIZED)
        signed = self.accounts[self.active].sign_message(encode_defunct(text=decode_text(data)))
        return "0x" + bytes(signed.signature).hex()

    def _open_accounts(self) -> list[str]:
        """The active account, in lower case as common wallets give it; none while locked or not opened."""
        return [self.address.lower()] if self.opened and not self.locked else []

    def _pages(self) -> Iterable[Page]:
        for context in self._contexts:
            yield from context.pages


def install(context: BrowserContext, *wallets: Wallet) -> None:
    """Put wallets into every page of a browser context: once a context, before its first page loads."""
    by_uuid = {wallet.uuid: wallet for wallet in wallets}

    def ask(_source: object, wallet_uuid: str, method: str, params: list[Any]) -> dict[str, Any]:
        return by_uuid[wallet_uuid].answer(method, params)

    context.expose_binding("askTestWallet", ask)
    shown = ("uuid", "name", "icon", "rdns", "announced")
    definitions = json.dumps([{name: getattr(wallet, name) for name in shown} for wallet in wallets])
    script = bundle("wallet.ts", name="walletsForTests")
    context.add_init_script(f"{script}\nwalletsForTests.install({definitions});")
    for wallet in wallets:
        wallet._contexts.append(context)
