"""Test pages that speak to an Ethereum wallet, and clients of Countersign.

A pytest plugin brings the fixtures (`countersign/pytest_plugin.py`); here is what they give, and what tests
tell it. Nothing here imports the server, which runs in a process of its own.
"""

from countersign.testing.errors import (
    DISCONNECTED,
    FAILURES,
    PENDING,
    REJECTIONS,
    UNAUTHORIZED,
    UNDEFINED,
    UNKNOWN_CHAIN,
    UNSUPPORTED,
    USER_REJECTED,
    Thrown,
    WalletRefusal,
    rpc_error,
)
from countersign.testing.forms import (
    caip_10,
    compact,
    eip_1191,
    empty,
    erc_6492,
    low_v,
    upper_case,
    usual,
)
from countersign.testing.pages import InstallWallet, crowd, install
from countersign.testing.server import CountersignServer, ServerNotReadyError, StartCountersign
from countersign.testing.wallet import Wallet, WalletRequest, decode_text

__all__ = [
    "DISCONNECTED",
    "FAILURES",
    "PENDING",
    "REJECTIONS",
    "UNAUTHORIZED",
    "UNDEFINED",
    "UNKNOWN_CHAIN",
    "UNSUPPORTED",
    "USER_REJECTED",
    "CountersignServer",
    "InstallWallet",
    "ServerNotReadyError",
    "StartCountersign",
    "Thrown",
    "Wallet",
    "WalletRefusal",
    "WalletRequest",
    "caip_10",
    "compact",
    "crowd",
    "decode_text",
    "eip_1191",
    "empty",
    "erc_6492",
    "install",
    "low_v",
    "rpc_error",
    "upper_case",
    "usual",
]
