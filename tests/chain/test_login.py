"""A contract wallet signs in to the site, authorises its device and follows; nobody else does so as it."""

import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import faults
from tests.support.browsers import Browser, personal_sign, problem, reason
from tests.support.chain import contracts
from tests.support.chain.anvil import CHAIN_ID, Anvil
from tests.support.chain.wallets import OWNER, STRANGER, Undeployed, challenge, site_with, standing
from tests.support.people import Device, Ticker, Wallet, authorization, message
from webapp.chain.contract_wallets import ContractWallets
from webapp.chain.node import Node
from webapp.protocol.address import Address
from webapp.storage.database import Database

if TYPE_CHECKING:
    from werkzeug.test import TestResponse


class Contract:
    """An account whose wallet is a contract: its owner's key signs, its deployment comes along if need be."""

    def __init__(self, address: str, deployment: bytes = b"", owner: Wallet = OWNER) -> None:
        self.address = Address.parse(address.lower()).checksummed
        self._deployment = deployment
        self._owner = owner

    def sign(self, text: str) -> str:
        signature = bytes.fromhex(personal_sign(self._owner, text)[2:])
        if self._deployment:
            signature = contracts.wrapped(signature, self._deployment)
        return f"0x{signature.hex()}"


@pytest.fixture
def browser(database: Database, wallets: ContractWallets) -> Browser:
    return Browser(site_with(database, wallets))


def deployed(anvil: Anvil, owner: Wallet = OWNER) -> Contract:
    return Contract(standing(anvil).address, owner=owner)


def undeployed(owner: Wallet = OWNER) -> Contract:
    wallet = Undeployed()
    return Contract(wallet.address, wallet.data, owner)


def login(browser: Browser, account: Contract, chain_id: int = CHAIN_ID) -> "TestResponse":
    text = challenge(browser, account.address, chain_id)
    return browser.login(text, account.sign(text))


def test_a_deployed_wallet_signs_in(anvil: Anvil, browser: Browser) -> None:
    account = deployed(anvil)
    assert login(browser, account).get_json()["address"] == account.address


def test_from_sign_in_to_follow_with_a_wallet_that_is_not_deployed(browser: Browser) -> None:
    """And its signature, some 1,000 digits long, passes page, site and gateway."""
    account, device = undeployed(), Device()
    assert login(browser, account).get_json()["address"] == account.address
    text = authorization(device, "Countersign")
    registration = {"address": account.address, "message": text, "signature": account.sign(text)}
    assert browser.post("/api/signing-keys", registration).get_json()["status"] == "SUCCESS"
    said = message("follow", account.address, "shiyu", Ticker().now)
    follow = {
        "address": account.address,
        "handle": "shiyu",
        "message": said,
        "signature": device.sign(said),
        "signingKey": device.signing_key,
    }
    assert browser.post("/api/follow", follow).get_json()["status"] == "SUCCESS"


def test_an_answer_signs_in_once(anvil: Anvil, browser: Browser) -> None:
    account = deployed(anvil)
    text = challenge(browser, account.address)
    assert browser.login(text, account.sign(text)).status_code == 200
    assert reason(browser.login(text, account.sign(text))) == "nonce-unknown"


def test_nobody_else_signs_in_as_it(anvil: Anvil, browser: Browser) -> None:
    account = deployed(anvil)
    forger = Contract(account.address, owner=STRANGER)
    assert reason(login(browser, forger)) == "signature"
    assert reason(login(browser, undeployed(STRANGER))) == "signature"
    text = challenge(browser, account.address)
    assert reason(browser.login(text, account.sign(f"{text} "))) == "signature"
    assert browser.session()["address"] is None


@pytest.mark.parametrize("signature", [None, [], "", "0x0", "0xzz", "0X00", f"0x{'00' * 8193}", "\ud800"])
def test_what_no_contract_can_be_given_is_refused(signature: Any, anvil: Anvil, browser: Browser) -> None:
    account = Contract(anvil.put(contracts.VOUCHES_FOR_ALL))
    text = challenge(browser, account.address)
    assert reason(browser.login(text, signature)) == "signature"


def test_the_chain_is_the_one_that_the_text_names(anvil: Anvil, browser: Browser) -> None:
    account = deployed(anvil)
    assert reason(login(browser, account, chain_id=1)) == "signature"
    assert reason(login(browser, undeployed(), chain_id=1)) == "unsupported-wallet"


def test_t11_without_chains_contract_wallets_are_told_apart(anvil: Anvil, database: Database) -> None:
    browser = Browser(site_with(database, None))
    assert reason(login(browser, undeployed())) == "unsupported-wallet"
    text = challenge(browser, deployed(anvil).address)
    assert reason(browser.login(text, "0x")) == "unsupported-wallet"
    plain = Wallet("plain")
    text = challenge(browser, plain.address)
    assert browser.login(text, personal_sign(plain, text)).status_code == 200


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (faults.reset, (502, "chain-unreachable")),
        (faults.body(b"{}", status="500 Internal Server Error"), (502, "chain-unreachable")),
        (faults.reply({"id": 1, "error": {"code": -32005}}), (502, "chain-unreachable")),
        (faults.drip(faults.http(b" " * 1000)), (504, "chain-timeout")),
    ],
    ids=["dead", "broken", "refusing", "slow"],
)
def test_a_node_that_gives_no_answer_is_a_problem_of_its_own(
    fault: faults.Fault, expected: tuple[int, str], database: Database
) -> None:
    """Distinct from a refusal; and those with a key of their own do not notice."""
    with faults.serving(fault) as node:
        url = f"http://127.0.0.1:{node.port}/canary-key"
        wallets = ContractWallets.at([(CHAIN_ID, url)], deadline_s=0.5)
        browser = Browser(site_with(database, wallets))
        refused = login(browser, undeployed())
        assert problem(refused) == expected
        assert "canary" not in refused.text
        assert browser.session()["address"] is None
        plain = Wallet("plain")
        asked = node.connections
        text = challenge(browser, plain.address)
        assert browser.login(text, personal_sign(plain, text)).status_code == 200
        assert node.connections == asked
        wallets.close()


def test_while_the_node_is_dead_the_challenge_stays_open(anvil: Anvil, database: Database) -> None:
    """The same signature counts when it is back."""
    account = deployed(anvil)
    with faults.serving(faults.reset) as node:
        dead = ContractWallets.at([(CHAIN_ID, f"http://127.0.0.1:{node.port}/")])
        browser = Browser(site_with(database, dead))
        text = challenge(browser, account.address)
        assert problem(browser.login(text, account.sign(text))) == (502, "chain-unreachable")
    alive = ContractWallets.at([(CHAIN_ID, anvil.url)])
    browser.client.application = site_with(database, alive)
    assert browser.login(text, account.sign(text)).status_code == 200
    for wallets in (dead, alive):
        wallets.close()


def test_too_many_at_once_are_asked_to_come_again(database: Database) -> None:
    node = faults.FaultServer()
    asked = Node(CHAIN_ID, f"http://127.0.0.1:{node.port}", allow_private=False)
    wallets = ContractWallets([asked], most_at_once=0)
    browser = Browser(site_with(database, wallets))
    refused = login(browser, undeployed())
    assert problem(refused) == (503, "unavailable")
    assert refused.headers["retry-after"]
    wallets.close()
    node.close()


@pytest.mark.parametrize(
    "code",
    [
        contracts.BURNS_ALL_GAS,
        contracts.ANSWERS_A_MEGABYTE,
        contracts.ANSWERS_THE_QUESTION,
        contracts.REVERTS,
    ],
    ids=["burns all gas", "answers a megabyte", "answers the question", "reverts"],
)
def test_a_hostile_contract_does_not_sign_in(code: bytes, anvil: Anvil, browser: Browser) -> None:
    assert reason(login(browser, Contract(anvil.put(code)))) == "signature"


def test_t11_no_request_leaves_for_where_a_contract_points(
    anvil: Anvil, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    egress: list[Any] = []
    connect = socket.socket.connect

    def recorded(connection: socket.socket, address: Any) -> None:
        egress.append(address)
        connect(connection, address)

    hostile = Contract(anvil.put(contracts.offchain_lookup("https://attacker.example/{sender}/{data}")))
    monkeypatch.setattr(socket.socket, "connect", recorded)
    assert reason(login(browser, hostile)) == "signature"
    assert set(egress) == {("127.0.0.1", anvil.port)}
