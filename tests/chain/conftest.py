"""A real node, a wallet contract with its owner, and what asks about it."""

from collections.abc import Iterator

import pytest

from tests.support.chain.anvil import CHAIN_ID, Anvil, running_anvil
from webapp.chain.contract_wallets import ContractWallets
from webapp.network.clients import Client, on_behalf_of


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with running_anvil(tmp_path_factory.mktemp("anvil")) as node:
        yield node


@pytest.fixture(autouse=True)
def application() -> Iterator[None]:
    """Questions are an application's, which may ask more of them than a network."""
    with on_behalf_of(Client("tests", is_application=True)):
        yield


@pytest.fixture
def wallets(anvil: Anvil) -> Iterator[ContractWallets]:
    wallets = ContractWallets.at([(CHAIN_ID, anvil.url)])
    yield wallets
    wallets.close()
