"""A contract wallet signs in at the API; nobody else does as it, and an unanswering node is not a no."""

from typing import Any

import pytest

from tests.support import faults
from tests.support.chain.anvil import CHAIN_ID, Anvil
from tests.support.chain.wallets import OWNER, STRANGER, Undeployed, client_with, standing, vouched
from tests.support.login import GET_MESSAGE, HINTED
from tests.support.people import Client, Wallet, check_refusal
from webapp.chain.contract_wallets import ContractWallets
from webapp.protocol.address import Address
from webapp.storage.database import Database


def answer(
    client: Client, wallet: Undeployed, *, wrapped: bool, signer: Wallet = OWNER, **changes: Any
) -> dict[str, Any]:
    """Ask for a text in the contract's name, and give the input with its signature."""
    address = Address.parse(wallet.address.lower()).checksummed
    account = {"domain": "follow.example", "address": address, "chainID": CHAIN_ID, **changes}
    text = client.data(GET_MESSAGE, **account)["loginGetMessage"]["message"]
    return {**account, "signature": vouched(text, signer, wallet.data if wrapped else b"")}


def outcome(client: Client, given: dict[str, Any]) -> str:
    reply = client.ask(HINTED, input=given)
    return "signed in" if "errors" not in reply else str(reply["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize("deployed", [True, False])
@pytest.mark.parametrize("hint", [{}, {"isEIP1271": True}])
def test_a_contract_wallet_signs_in_once(
    deployed: bool, hint: dict[str, bool], anvil: Anvil, wallets: ContractWallets, database: Database
) -> None:
    wallet = standing(anvil) if deployed else Undeployed()
    client = client_with(database, wallets)
    given = {**answer(client, wallet, wrapped=not deployed), **hint}
    assert outcome(client, given) == "signed in"
    assert outcome(client, given) == "LOGIN_UNKNOWN"


def test_nobody_else_signs_in_as_it(anvil: Anvil, wallets: ContractWallets, database: Database) -> None:
    """Nor is a chain asked that is not the account's, or for an account that is said to be no contract."""
    wallet = standing(anvil)
    client = client_with(database, wallets)
    assert outcome(client, answer(client, wallet, wrapped=False, signer=STRANGER)) == "LOGIN_REFUSED"
    good = answer(client, wallet, wrapped=False)
    assert outcome(client, {**good, "isEIP1271": False}) == "LOGIN_REFUSED"
    assert outcome(client_with(database, None), good) == "LOGIN_REFUSED"
    assert outcome(client, answer(client, wallet, wrapped=False, chainID=1)) == "LOGIN_REFUSED"
    assert outcome(client, good) == "signed in"


def test_the_reason_tells_who_could_be_asked(
    anvil: Anvil, wallets: ContractWallets, database: Database
) -> None:
    """A contract that was asked and did not vouch; one that nobody can ask here."""
    wallet = standing(anvil)
    with_chain, without = client_with(database, wallets), client_with(database, None)
    given = {**answer(with_chain, wallet, wrapped=False, signer=STRANGER), "isEIP1271": True}
    for client, signature, reason in (
        (with_chain, given["signature"], "signature"),
        (with_chain, "0x" + "11" * 200, "signature"),
        (without, given["signature"], "unsupported-wallet"),
        (without, "0x" + "11" * 200, "unsupported-wallet"),
    ):
        [error] = client.ask(HINTED, input={**given, "signature": signature})["errors"]
        assert error["extensions"] == {"code": "LOGIN_REFUSED", "reason": reason}


def test_while_the_node_is_dead_the_answer_is_unknown(anvil: Anvil, database: Database) -> None:
    """It is 503, and the text stays open for when the node is back."""
    wallet = standing(anvil)
    with faults.serving(faults.reset) as node:
        pass
    dead = ContractWallets.at([(CHAIN_ID, f"http://127.0.0.1:{node.port}/")])
    given = answer(client_with(database, dead), wallet, wrapped=False)
    response = client_with(database, dead).post({"query": HINTED, "variables": {"input": given}})
    assert check_refusal(response, 503)["code"] == "UNAVAILABLE"
    dead.close()
    alive = ContractWallets.at([(CHAIN_ID, anvil.url)])
    assert outcome(client_with(database, alive), given) == "signed in"
    alive.close()
