"""Wallets for tests: real keys and real signatures in Python, an EIP-1193 provider in the page (wallet.ts).

A wallet can be programmed to have the habits of real ones (docs/wallets.md): refuse the next request in any
shape, or never answer it; switch account or chain, lock, lose its chain, say things twice or so that nobody
can read them; spell accounts and form signatures in its own way; come late, announce itself again, throw
where nothing should. What it was asked is in `requests`.
"""

import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak
from playwright.sync_api import BrowserContext, Page

from tests.support.e2e.bundles import bundle

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Ccircle cx='4' cy='4' r='4' fill='%23a67c00'/%3E%3C/svg%3E"
)
UNDEFINED = object()
"""JavaScript's `undefined`, where a test says what a wallet emits or throws."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """What a request is refused with: an Error with the members of `value`, or, `bare`, the value itself."""

    value: object
    bare: bool = False

    def sent(self) -> dict[str, object]:
        return {"bare": self.bare, **({} if self.value is UNDEFINED else {"value": self.value})}


def rpc_error(code: int | str, message: str, **members: object) -> Thrown:
    """An error as EIP-1193 has it (`code` a number), and as it comes."""
    return Thrown({"code": code, "message": message, **members})


USER_REJECTED = rpc_error(4001, "The user refused.")
UNAUTHORIZED = rpc_error(4100, "This account was not opened to the page.")
UNSUPPORTED = rpc_error(4200, "This wallet does not know that method.")
UNKNOWN_CHAIN = rpc_error(4902, "Unrecognized chain ID. Try adding the chain first.")


class WalletRefusal(Exception):  # noqa: N818 (what EIP-1193 calls a ProviderRpcError, on its way to the page)
    """The answer to a request is an error."""

    def __init__(self, thrown: Thrown) -> None:
        super().__init__(str(thrown.value))
        self.thrown = thrown


# --- how wallets spell accounts and form signatures -----------------------------------------------------


def upper_case(address: str) -> str:
    """All of it, the prefix too."""
    return address.upper()


def eip_1191(address: str, chain_id: int = 30) -> str:
    """With another chain's checksum, Rootstock's by default: https://eips.ethereum.org/EIPS/eip-1191."""
    digits = address[2:].lower()
    nibbles = keccak(text=f"{chain_id}0x{digits}").hex()
    return "0x" + "".join(
        digit.upper() if nibble >= "8" else digit for digit, nibble in zip(digits, nibbles, strict=False)
    )


def caip_10(address: str) -> str:
    return f"eip155:1:{address.lower()}"


def usual(signature: bytes) -> str:
    return "0x" + signature.hex()


def low_v(signature: bytes) -> str:
    """v of 0 or 1, as Ledgers answer through some wallets."""
    return usual(signature[:64] + bytes([signature[64] - 27]))


def compact(signature: bytes) -> str:
    """64 bytes: https://eips.ethereum.org/EIPS/eip-2098."""
    s = int.from_bytes(signature[32:64]) | (signature[64] - 27) << 255
    return usual(signature[:32] + s.to_bytes(32))


def empty(_signature: bytes) -> str:
    """As a Safe answers that keeps its approval on the chain."""
    return "0x"


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
    late: bool = False
    throws_in: tuple[Literal["on", "removeListener"], ...] = ()
    chain_id: int = 1
    switches: Literal["yes", "unknown chain", "never"] = "yes"
    spell: Callable[[str], str] = str.lower
    form: Callable[[bytes], object] = usual
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    accounts: list[LocalAccount] = field(default_factory=lambda: [Account.create(), Account.create()])
    requests: list[WalletRequest] = field(default_factory=list)
    active: int = 0
    locked: bool = False
    opened: bool = False
    _refuse: dict[str, Thrown] = field(default_factory=dict)
    _hold: set[str] = field(default_factory=set)
    _contexts: list[BrowserContext] = field(default_factory=list)

    # --- what tests tell it ------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """The active account, in EIP-55."""
        return str(self.accounts[self.active].address)

    def reject_next(self, method: str = "personal_sign", error: Thrown = USER_REJECTED) -> None:
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

    def disconnect(self, code: int | None = 4900) -> None:
        """Say that it reaches no chain any more, as EIP-1193 has it; None says it without an error."""
        self.emit("disconnect", UNDEFINED if code is None else {"code": code, "message": "Disconnected."})

    def emit(self, event: str, payload: object) -> None:
        said = [self.uuid, event, *([] if payload is UNDEFINED else [payload])]
        for page in self._pages():
            page.evaluate("(said) => window.testWallets.emit(...said)", said)

    def appear(self, page: Page) -> None:
        """Come to `window.ethereum`, late."""
        page.evaluate("(uuid) => window.testWallets.appear(uuid)", self.uuid)

    def announce_again(self, page: Page, times: int) -> None:
        """Announce the same provider under new uuids."""
        page.evaluate("(said) => window.testWallets.announceAgain(...said)", [self.uuid, times])

    def wait_until_held(self, page: Page) -> None:
        page.wait_for_function("() => window.testWallets.held() > 0")

    def release(self, page: Page) -> None:
        page.evaluate("() => window.testWallets.release()")

    def asked(self, method: str = "personal_sign") -> list[WalletRequest]:
        return [request for request in self.requests if request.method == method]

    # --- what the page gets ------------------------------------------------------------------------------

    def answer(self, method: str, params: list[Any]) -> dict[str, Any]:
        """Decide one request: `{held, result}` or `{held, thrown}`."""
        self.requests.append(WalletRequest(method, params))
        held = method in self._hold
        self._hold.discard(method)
        try:
            return {"held": held, "result": self._result(method, params)}
        except WalletRefusal as refusal:
            return {"held": held, "thrown": refusal.thrown.sent()}

    def _result(self, method: str, params: list[Any]) -> object:
        if method in self._refuse:
            raise WalletRefusal(self._refuse.pop(method))
        match method:
            case "eth_requestAccounts":
                if self.locked:
                    raise WalletRefusal(USER_REJECTED)
                self.opened = True
                return self._open_accounts()
            case "eth_accounts":
                return self._open_accounts()
            case "eth_chainId":
                return hex(self.chain_id)
            case "personal_sign":
                return self._personal_sign(str(params[0]), str(params[1]))
            case "wallet_switchEthereumChain":
                self._switch(int(params[0]["chainId"], 16))
                return None
            case "wallet_revokePermissions":
                self.opened = False
                return None
            case _:
                raise WalletRefusal(UNSUPPORTED)

    def _switch(self, chain_id: int) -> None:
        if self.switches != "yes":
            raise WalletRefusal(UNKNOWN_CHAIN if self.switches == "unknown chain" else UNSUPPORTED)
        self.chain_id = chain_id

    def _personal_sign(self, data: str, address: str) -> object:
        if not self._open_accounts() or address.lower() != self.address.lower():
            raise WalletRefusal(UNAUTHORIZED)
        signed = self.accounts[self.active].sign_message(encode_defunct(text=decode_text(data)))
        return self.form(bytes(signed.signature))

    def _open_accounts(self) -> list[str]:
        """The active account, in lower case unless told otherwise; none while locked or not opened."""
        return [self.spell(self.address)] if self.opened and not self.locked else []

    def _pages(self) -> Iterable[Page]:
        for context in self._contexts:
            yield from context.pages


def install(context: BrowserContext, *wallets: Wallet) -> None:
    """Put wallets into every page of a browser context: once a context, before its first page loads."""
    by_uuid = {wallet.uuid: wallet for wallet in wallets}

    def ask(_source: object, wallet_uuid: str, method: str, params: list[Any]) -> dict[str, Any]:
        return by_uuid[wallet_uuid].answer(method, params)

    context.expose_binding("askTestWallet", ask)
    shown = ("uuid", "name", "icon", "rdns", "announced", "late", "throws_in")
    definitions = json.dumps([{name: getattr(wallet, name) for name in shown} for wallet in wallets])
    script = bundle("wallet.ts", name="walletsForTests")
    context.add_init_script(f"{script}\nwalletsForTests.install({definitions});")
    for wallet in wallets:
        wallet._contexts.append(context)


def crowd(page: Page, strangers: Iterable[tuple[str, str]], *, times: int = 1) -> None:
    """Have strangers (name and rdns) announce themselves: they never answer, and no test asks them."""
    named = [{"name": name, "rdns": rdns} for name, rdns in strangers]
    page.evaluate("(said) => window.testWallets.crowd(...said)", [named, times])
