"""The pytest plugin: fixtures for tests of pages that speak to a wallet, and of clients of Countersign.

pytest imports this file at every start, used or not: the rest is imported by the fixture that needs it.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from countersign.testing import CountersignServer, InstallWallet, StartCountersign, Wallet


@pytest.fixture
def install_wallet(context: "BrowserContext") -> "InstallWallet":
    """Put wallets of the test's own into its pages: `install_wallet(Wallet(name="Other wallet"))`."""
    from countersign.testing import install  # noqa: PLC0415

    def install_one(wallet: "Wallet") -> "Wallet":
        install(context, wallet)
        return wallet

    return install_one


@pytest.fixture
def wallet(install_wallet: "InstallWallet") -> "Wallet":
    """A wallet with two accounts, in every page of the test: it announces itself as "Brass wallet"."""
    from countersign.testing import Wallet  # noqa: PLC0415

    return install_wallet(Wallet())


@pytest.fixture(scope="session")
def start_countersign() -> Iterator["StartCountersign"]:
    """Start servers with settings: `start_countersign(SIGNER_QUOTA="1")`. They end with the test session."""
    from countersign.testing import CountersignServer  # noqa: PLC0415

    with ExitStack() as started:
        yield lambda **settings: started.enter_context(CountersignServer(**settings))


@pytest.fixture(scope="session")
def countersign_server(start_countersign: "StartCountersign") -> "CountersignServer":
    """A site and gateway of this session's own, on a free port, with demo profiles; they end with it."""
    return start_countersign()
