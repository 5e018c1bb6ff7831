"""Contract wallets with their owners, deployed or not, and what asks a chain about them."""

import itertools

from flask import Flask

from tests.support.browsers import ORIGIN, Browser
from tests.support.chain import contracts
from tests.support.chain.anvil import CHAIN_ID, FACTORY, Anvil
from tests.support.people import Client, Ticker, Wallet
from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.in_process import InProcessCarrier
from webapp.gateway.http.service import create_gateway
from webapp.protocol.address import Address
from webapp.protocol.authorization import personal_sign_digest
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.config import SiteConfig
from webapp.web.site import create_site

OWNER, STRANGER = Wallet("owner"), Wallet("stranger")


TEXT = "I vouch"


DIGEST = personal_sign_digest(TEXT)


CODE = contracts.wallet(OWNER.address.lower())


_salts = itertools.count(1)


def signed(wallet: Wallet, text: str = TEXT) -> bytes:
    return bytes.fromhex(wallet.sign(text)[2:])


def asked(wallets: ContractWallets, address: str, signature: bytes, digest: bytes = DIGEST) -> bool:
    return wallets.is_valid_signature(Address.parse(address.lower()), digest, signature)


class Undeployed:
    """A wallet that has an address, and how to deploy it."""

    def __init__(self, code: bytes = CODE) -> None:
        salt = next(_salts)
        self.address = contracts.create2_address(code, salt)
        self.data = contracts.create2_data(code, salt)

    def wrapped(self, signature: bytes) -> bytes:
        return contracts.wrapped(signature, self.data)


def standing(anvil: Anvil) -> Undeployed:
    """One that stands on the chain."""
    wallet = Undeployed()
    anvil.send(FACTORY, wallet.data)
    return wallet


def vouched(text: str, owner: Wallet = OWNER, deployment: bytes = b"") -> str:
    """An owner's signature of a text, with the wallet's deployment where it does not stand yet."""
    signature = signed(owner, text)
    return f"0x{(contracts.wrapped(signature, deployment) if deployment else signature).hex()}"


def client_with(database: Database, wallets: ContractWallets | None, clock: Ticker | None = None) -> Client:
    """A client of a gateway that asks these chains."""
    clock = clock or Ticker()
    return Client(create_gateway(database, GatewayConfig(), clock, contract_wallets=wallets), clock)


CONFIG = SiteConfig(origins=(ORIGIN,))


def site_with(database: Database, wallets: ContractWallets | None) -> Flask:
    clock = Ticker()
    gateway = create_gateway(database, GatewayConfig(), clock, contract_wallets=wallets)
    transport = InProcessCarrier(gateway)
    upstream = UpstreamClient(url=f"{ORIGIN}/graphql", transport=transport, api_key=None)
    return create_site(CONFIG, database, upstream, clock, contract_wallets=wallets)


def challenge(browser: Browser, address: str, chain_id: int = CHAIN_ID) -> str:
    reply = browser.post("/api/login/challenge", {"address": address, "chainId": chain_id})
    text: str = reply.get_json()["message"]
    return text
