"""A wallet for tests: real keys and real signatures, and the habits of the real ones.

Python decides what it answers; in the page stands an EIP-1193 provider that asks (`pages.py`, `wallet.ts`).
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from eth_account import Account
from eth_account.messages import SignableMessage, encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount

from countersign.testing.errors import (
    UNAUTHORIZED,
    UNDEFINED,
    UNKNOWN_CHAIN,
    UNSUPPORTED,
    USER_REJECTED,
    Thrown,
    WalletRefusal,
)
from countersign.testing.forms import Form, Spelling, usual

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Frame, Page

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Ccircle cx='4' cy='4' r='4' fill='%23a67c00'/%3E%3C/svg%3E"
)
IN_PAGE = "window.countersignWallets"
"""What `wallet.ts` puts into the page; not there in a frame that is only beginning."""


@dataclass(frozen=True, slots=True)
class WalletRequest:
    """What a page asked: EIP-1193 method and parameters."""

    method: str
    params: list[Any]

    @property
    def text(self) -> str:
        """What `personal_sign` showed."""
        return decode_text(str(self.params[0]))


def decode_text(data: str) -> str:
    """Read `personal_sign`'s first parameter: `0x` hex of UTF-8, or the text itself."""
    return bytes.fromhex(data[2:]).decode() if data.startswith("0x") else data


@dataclass(eq=False, slots=True, kw_only=True)
class Wallet:
    """One wallet with a few accounts, the first of them active.

    Everything here may be changed while a page is open; what the page is told of it, the methods say.

    Attributes:
        name: Its name, as EIP-6963 announces it.
        rdns: Its reverse domain name, likewise.
        icon: Its picture, a `data:` URL.
        announced: Whether it announces itself; one that does not sits at `window.ethereum`.
        late: It comes to `window.ethereum` only by `appear`.
        throws_in: Methods of its provider that throw.
        members: Further members of its provider, such as `{"isMetaMask": True}`.
        chain_id: The chain that it is on.
        switches: What it does when a page asks it for another chain: switch and say so, switch and say
            nothing, lack the chain (4902), or not know the request (4200).
        spell: How it writes accounts.
        form: How it answers with a signature.
        contract: The address of a contract wallet (EIP-1271), which is then its one account: the active key
            signs as its owner.
        answers: What it answers to further methods, or otherwise to one that it knows: called with the
            parameters; may raise `WalletRefusal`.
        accounts: Its keys.
        active: Which of them signs.
        locked: Whether it is locked.
        opened: Whether the page was given its account.
        requests: What it was asked so far.
        uuid: Its EIP-6963 uuid.
    """

    name: str = "Brass wallet"
    rdns: str = "test.countersign.brass"
    icon: str = ICON
    announced: bool = True
    late: bool = False
    throws_in: tuple[Literal["on", "removeListener"], ...] = ()
    members: Mapping[str, object] = field(default_factory=dict)
    chain_id: int = 1
    switches: Literal["yes", "silently", "unknown chain", "never"] = "yes"
    spell: Spelling = str.lower
    form: Form = usual
    contract: str | None = None
    answers: Mapping[str, Callable[[list[Any]], object]] = field(default_factory=dict)
    accounts: list[LocalAccount] = field(default_factory=lambda: [Account.create(), Account.create()])
    active: int = 0
    locked: bool = False
    opened: bool = False
    requests: list[WalletRequest] = field(default_factory=list)
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    _refuse: dict[str, Thrown] = field(default_factory=dict)
    _wait: dict[str, dict[str, object]] = field(default_factory=dict)
    _contexts: list["BrowserContext"] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The account in EIP-55: the active key's, or the contract's as it was given."""
        return self.contract or str(self.accounts[self.active].address)

    def asked(self, method: str = "personal_sign") -> list[WalletRequest]:
        """Give the requests of a method so far."""
        return [request for request in self.requests if request.method == method]

    # --- what the next request comes to -----------------------------------------------------------------

    def reject_next(self, method: str = "personal_sign", error: Thrown = USER_REJECTED) -> None:
        """Answer the next such request with an error, once."""
        self._refuse[method] = error

    def hold_next(self, method: str = "personal_sign") -> None:
        """Leave the next such request unanswered until `release`; it is decided as of now, not as of then."""
        self._wait[method] = {"held": True}

    def delay_next(self, seconds: float, method: str = "personal_sign") -> None:
        """Answer the next such request so much later."""
        self._wait[method] = {"delay": seconds * 1000}

    def ignore_next(self, method: str = "personal_sign") -> None:
        """Never answer the next such request."""
        self._wait[method] = {"ignored": True}

    def wait_until_held(self, page: "Page") -> None:
        """Wait until a request of this page is held."""
        page.wait_for_function(f"(uuid) => {IN_PAGE}.held(uuid) > 0", arg=self.uuid)

    def release(self, page: "Page") -> None:
        """Let the held answers of this page go."""
        page.evaluate(f"(uuid) => {IN_PAGE}.release(uuid)", self.uuid)

    # --- what it does by itself -------------------------------------------------------------------------

    def switch_account(self, index: int, *, times: int = 1) -> None:
        """Make another account the active one and say so, more than once if asked."""
        self.active = index
        for _ in range(times):
            self.emit("accountsChanged", self._open_accounts())

    def switch_chain(self, chain_id: int, *, times: int = 1) -> None:
        """Go to another chain and say so."""
        self.chain_id = chain_id
        for _ in range(times):
            self.emit("chainChanged", hex(chain_id))

    def lock(self) -> None:
        """Show no account to the page any more, and say so."""
        self.locked = True
        self.emit("accountsChanged", [])

    def unlock(self) -> None:
        """Show it again."""
        self.locked = False
        self.emit("accountsChanged", self._open_accounts())

    def disconnect(self, code: int | None = 4900) -> None:
        """Say that it reaches no chain any more, as EIP-1193 has it; None says it without an error."""
        self.emit("disconnect", UNDEFINED if code is None else {"code": code, "message": "Disconnected."})

    def reconnect(self) -> None:
        """Say that it reaches its chain again."""
        self.emit("connect", {"chainId": hex(self.chain_id)})

    def emit(self, event: str, payload: object = UNDEFINED) -> None:
        """Say anything, in every open page and every frame of it."""
        said = [self.uuid, event, *([] if payload is UNDEFINED else [payload])]
        for frame in self._frames():
            frame.evaluate(f"(said) => {IN_PAGE}?.emit(...said)", said)

    def appear(self, page: "Page") -> None:
        """Come to `window.ethereum`, late."""
        page.evaluate(f"(uuid) => {IN_PAGE}.appear(uuid)", self.uuid)

    def announce_again(self, page: "Page", times: int) -> None:
        """Announce the same provider under new uuids."""
        page.evaluate(f"(said) => {IN_PAGE}.announceAgain(...said)", [self.uuid, times])

    # --- what the page gets -----------------------------------------------------------------------------

    def answer(self, method: str, params: list[Any]) -> dict[str, Any]:
        """Decide one request: `{result}` or `{thrown}`, and when it is answered."""
        self.requests.append(WalletRequest(method, params))
        when = self._wait.pop(method, {})
        try:
            return {**when, "result": self._result(method, params)}
        except WalletRefusal as refusal:
            return {**when, "thrown": refusal.thrown.sent()}

    def _result(self, method: str, params: list[Any]) -> object:
        if method in self._refuse:
            raise WalletRefusal(self._refuse.pop(method))
        answer = self.answers.get(method) or self._known(method)
        if answer is None:
            raise WalletRefusal(UNSUPPORTED)
        return answer(params)

    def _known(self, method: str) -> Callable[[list[Any]], object] | None:
        known: dict[str, Callable[[list[Any]], object]] = {
            "eth_requestAccounts": lambda _: self._open(),
            "eth_accounts": lambda _: self._open_accounts(),
            "eth_chainId": lambda _: hex(self.chain_id),
            "net_version": lambda _: str(self.chain_id),
            "personal_sign": self._sign_text,
            "personal_ecRecover": _recover,
            "eth_signTypedData_v4": self._sign_typed_data,
            "wallet_switchEthereumChain": self._switch,
            "wallet_addEthereumChain": self._switch,
            "wallet_requestPermissions": lambda _: self._open() and self._permissions(),
            "wallet_getPermissions": lambda _: self._permissions(),
            "wallet_revokePermissions": self._close,
        }
        return known.get(method)

    def _open(self) -> list[str]:
        if self.locked:
            raise WalletRefusal(USER_REJECTED)
        self.opened = True
        return self._open_accounts()

    def _close(self, _params: list[Any]) -> None:
        self.opened = False

    def _permissions(self) -> list[dict[str, object]]:
        """EIP-2255: one permission, to see the account."""
        accounts = self._open_accounts()
        caveats = [{"type": "restrictReturnedAccounts", "value": accounts}]
        return [{"parentCapability": "eth_accounts", "caveats": caveats}] if accounts else []

    def _switch(self, params: list[Any]) -> None:
        chain_id = int(params[0]["chainId"], 16)
        if self.switches not in {"yes", "silently"}:
            raise WalletRefusal(UNKNOWN_CHAIN if self.switches == "unknown chain" else UNSUPPORTED)
        if self.switches == "yes" and chain_id != self.chain_id:
            self.switch_chain(chain_id)
        self.chain_id = chain_id

    def _sign_text(self, params: list[Any]) -> object:
        return self._sign(str(params[1]), encode_defunct(text=decode_text(str(params[0]))))

    def _sign_typed_data(self, params: list[Any]) -> object:
        data = json.loads(params[1]) if isinstance(params[1], str) else params[1]
        return self._sign(str(params[0]), _typed_data(data))

    def _sign(self, address: str, message: SignableMessage) -> object:
        if not self._open_accounts() or address.lower() != self.address.lower():
            raise WalletRefusal(UNAUTHORIZED)
        signed = self.accounts[self.active].sign_message(message)
        return self.form(bytes(signed.signature))

    def _open_accounts(self) -> list[str]:
        """The account, in lower case unless told otherwise; none while locked or not opened."""
        return [self.spell(self.address)] if self.opened and not self.locked else []

    def _frames(self) -> Iterator["Frame"]:
        for context in self._contexts:
            for page in context.pages:
                yield from page.frames


def _recover(params: list[Any]) -> str:
    text = encode_defunct(text=decode_text(str(params[0])))
    return str(Account.recover_message(text, signature=params[1])).lower()


def _typed_data(data: dict[str, Any]) -> SignableMessage:
    """Read EIP-712 data with the types that its primary one needs: eth-account takes none beside them."""
    types: dict[str, list[dict[str, str]]] = data["types"]
    needed, look = {"EIP712Domain"}, [str(data["primaryType"])]
    while look:
        name = look.pop().partition("[")[0]
        if name in types and name not in needed:
            needed.add(name)
            look += [member["type"] for member in types[name]]
    return encode_typed_data(
        full_message={**data, "types": {name: types[name] for name in needed & {*types}}}
    )
