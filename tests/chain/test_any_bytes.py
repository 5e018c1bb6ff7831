"""A contract knows by itself what it vouches for (a Safe signs on its chain): any bytes may reach it."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.browsers import Browser
from tests.support.chain import contracts
from tests.support.chain.anvil import CHAIN_ID, Anvil
from tests.support.chain.wallets import challenge, client_with, site_with
from tests.support.login import GET_MESSAGE, HINTED
from tests.support.people import Client, Device, Wallet, authorization
from webapp.chain.contract_wallets import ContractWallets
from webapp.protocol.address import Address
from webapp.storage.database import Database

OTHER_KEY = Wallet("somebody else").sign("something else")
ANY_BYTES = {
    "none": "0x",
    "one byte": "0x00",
    "a key's": OTHER_KEY,
    "a key's with v of 0 or 1": f"{OTHER_KEY[:-2]}{int(OTHER_KEY[-2:], 16) - 27:02x}",
    "65 bytes of no key": "0x" + "FF" * 65,
    "three owners'": OTHER_KEY + OTHER_KEY[2:] * 2,
}


def signs_in_at_the_site(site: Flask, _: Client, address: str, signature: str) -> bool:
    browser = Browser(site)
    return browser.login(challenge(browser, address), signature).status_code == 200


def signs_in_at_the_api(_: Flask, client: Client, address: str, signature: str) -> bool:
    account = {"domain": "follow.example", "address": address, "chainID": CHAIN_ID}
    client.data(GET_MESSAGE, **account)
    return "errors" not in client.ask(HINTED, input={**account, "signature": signature})


def authorises_a_key(_: Flask, client: Client, address: str, signature: str) -> bool:
    text = authorization(Device(signature))
    sent = {"address": address, "message": text, "signature": signature}
    return client.status("registerSigningKey", sent) == "SUCCESS"


@pytest.mark.parametrize("enter", [signs_in_at_the_site, signs_in_at_the_api, authorises_a_key])
def test_a_contract_is_asked_about_any_bytes_at_every_entrance(
    enter: Callable[[Flask, Client, str, str], bool],
    anvil: Anvil,
    wallets: ContractWallets,
    database: Database,
) -> None:
    site = site_with(database, wallets)
    client = client_with(database, wallets)
    for code, vouches in ((contracts.VOUCHES_FOR_ALL, True), (contracts.REVERTS, False)):
        address = Address.parse(anvil.put(code).lower()).checksummed
        taken = {name: enter(site, client, address, signature) for name, signature in ANY_BYTES.items()}
        assert taken == dict.fromkeys(ANY_BYTES, vouches)


def test_a_contract_s_bytes_for_an_account_that_is_called_none_are_refused_for_that_reason(
    anvil: Anvil, wallets: ContractWallets, database: Database
) -> None:
    """Not because contract wallets cannot sign in: they can."""
    client = client_with(database, wallets)
    address = Address.parse(anvil.put(contracts.VOUCHES_FOR_ALL).lower()).checksummed
    account = {"domain": "follow.example", "address": address, "chainID": CHAIN_ID}
    client.data(GET_MESSAGE, **account)
    [error] = client.ask(HINTED, input={**account, "signature": "0x", "isEIP1271": False})["errors"]
    assert error["extensions"] == {"code": "LOGIN_REFUSED", "reason": "signature"}
    assert error["message"].startswith("No key makes such a signature")
