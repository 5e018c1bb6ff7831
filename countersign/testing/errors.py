"""What wallets throw: an error in every shape that we know of, by whom it is thrown so."""

from collections.abc import Mapping
from dataclasses import dataclass

UNDEFINED = object()
"""JavaScript's `undefined`, where a test says what a wallet emits or throws."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """What a request is refused with.

    Attributes:
        value: The members of the Error that is thrown (`code`, `message`, `data`, ...).
        bare: Throw the value itself, of whatever kind, and no Error.
    """

    value: object
    bare: bool = False

    def sent(self) -> dict[str, object]:
        """Give it as JSON has it; a value that is left out is `undefined`."""
        return {"bare": self.bare, **({} if self.value is UNDEFINED else {"value": self.value})}


class WalletRefusal(Exception):  # noqa: N818 (what EIP-1193 calls a ProviderRpcError, on its way to the page)
    """Raised by what answers a request: the answer is an error."""

    def __init__(self, thrown: Thrown) -> None:
        super().__init__(str(thrown.value))
        self.thrown = thrown


def rpc_error(code: int | str, message: str, **members: object) -> Thrown:
    """Make an error as EIP-1193 has it (`code` a number), or as it comes."""
    return Thrown({"code": code, "message": message, **members})


USER_REJECTED = rpc_error(4001, "The user refused.")
UNAUTHORIZED = rpc_error(4100, "This account was not opened to the page.")
UNSUPPORTED = rpc_error(4200, "This wallet does not know that method.")
DISCONNECTED = rpc_error(4900, "This wallet reaches no chain.")
UNKNOWN_CHAIN = rpc_error(4902, "Unrecognized chain ID. Try adding the chain first.")
PENDING = rpc_error(-32002, "Already processing eth_requestAccounts. Please wait.")

REJECTIONS: Mapping[str, Thrown] = {
    "EIP-1193": rpc_error(4001, "User rejected the request."),
    "its code as text": rpc_error("4001", "no"),
    "WalletConnect": rpc_error(5001, "User disapproved requested methods"),
    "ethers": rpc_error("ACTION_REJECTED", "user rejected signing"),
    "internal error, by its words": rpc_error(
        -32603, "MetaMask Personal Message Signature: User denied message signature."
    ),
    "in data.originalError": rpc_error(
        -32603, "Internal JSON-RPC error.", data={"originalError": {"code": 4001, "message": "no"}}
    ),
    "in its cause": Thrown({"message": "x", "cause": {"code": 4001}}),
    "an object, by its words": Thrown({"message": "User rejected the request."}, bare=True),
    "a string": Thrown("User canceled", bare=True),
}
"""Every way in which wallets say that their user said no. None of them is a failure of anything."""

_STACK = (
    "TypeError: Cannot read properties of null (reading 'sign')\n"
    "    at Object.request (chrome-extension://abcdefgh/inpage.js:1:23456)"
)
FAILURES: Mapping[str, Thrown] = {
    "another request is open": rpc_error("-32002", "Already processing eth_requestAccounts."),
    "a stack": rpc_error(-32603, _STACK),
    "a stack as a string": Thrown(_STACK, bare=True),
    "JSON in its words": rpc_error(-32000, '{"jsonrpc":"2.0","error":{"code":-32000}}'),
    "undefined": Thrown(UNDEFINED, bare=True),
    "null": Thrown(None, bare=True),
    "control characters": rpc_error(-32000, "Device \u202eunplugged\nat all"),
}
"""What wallets throw that fail; nothing of it but the last one's words is for people."""
