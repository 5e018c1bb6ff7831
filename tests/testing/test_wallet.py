"""What a test wallet answers, without a page: accounts, signatures, chains, and what it is told to do."""

import json
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data

from countersign.testing import (
    PENDING,
    UNAUTHORIZED,
    UNKNOWN_CHAIN,
    UNSUPPORTED,
    USER_REJECTED,
    Thrown,
    Wallet,
    WalletRefusal,
    compact,
    empty,
    erc_6492,
    low_v,
    usual,
)
from tests.support.chain import contracts

TEXT = "0x" + "sign me ✓".encode().hex()
TO_SWITCH = [{"chainId": "0x89"}]
MAIL: dict[str, Any] = {
    "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}],
        "Person": [{"name": "names", "type": "string[]"}],
        "Mail": [{"name": "to", "type": "Person[]"}],
        "Unused": [{"name": "x", "type": "uint256"}],
    },
    "primaryType": "Mail",
    "domain": {"name": "Post"},
    "message": {"to": [{"names": ["Ada"]}]},
}


@pytest.fixture
def opened() -> Wallet:
    wallet = Wallet()
    assert wallet.answer("eth_accounts", []) == {"result": []}
    assert wallet.answer("eth_requestAccounts", []) == {"result": [wallet.address.lower()]}
    return wallet


def refused(thrown: Thrown) -> dict[str, object]:
    return {"thrown": thrown.sent()}


def test_it_signs_as_the_account_that_it_opened_and_as_no_other(opened: Wallet) -> None:
    active, other = (account.address for account in opened.accounts)
    signature = opened.answer("personal_sign", [TEXT, active])["result"]
    assert Account.recover_message(encode_defunct(hexstr=TEXT), signature=signature) == active
    assert opened.answer("personal_ecRecover", [TEXT, signature]) == {"result": active.lower()}
    assert opened.asked()[0].text == "sign me ✓"
    assert opened.answer("personal_sign", [TEXT, other]) == refused(UNAUTHORIZED)
    opened.locked = True
    assert opened.answer("personal_sign", [TEXT, active]) == refused(UNAUTHORIZED)
    assert opened.answer("eth_requestAccounts", []) == refused(USER_REJECTED)


@pytest.mark.parametrize("sent", [MAIL, json.dumps(MAIL)], ids=["an object", "text"])
def test_it_signs_typed_data_whatever_types_it_brings(sent: object, opened: Wallet) -> None:
    needed = {name: parts for name, parts in MAIL["types"].items() if name != "Unused"}
    signature = opened.answer("eth_signTypedData_v4", [opened.address, sent])["result"]
    message = encode_typed_data(full_message={**MAIL, "types": needed})
    assert Account.recover_message(message, signature=signature) == opened.address


def test_permissions_open_and_close(opened: Wallet) -> None:
    [permission] = opened.answer("wallet_requestPermissions", [{"eth_accounts": {}}])["result"]
    assert permission["caveats"][0]["value"] == [opened.address.lower()]
    assert opened.answer("wallet_getPermissions", [])["result"] == [permission]
    assert opened.answer("wallet_revokePermissions", [{"eth_accounts": {}}]) == {"result": None}
    assert opened.answer("wallet_getPermissions", []) == {"result": []}
    assert opened.answer("eth_accounts", []) == {"result": []}


def test_what_is_told_of_the_next_request_holds_once_and_for_its_method(opened: Wallet) -> None:
    opened.reject_next("eth_chainId", PENDING)
    opened.delay_next(0.5, "eth_chainId")
    assert opened.answer("net_version", []) == {"result": "1"}
    assert opened.answer("eth_chainId", []) == {"delay": 500, **refused(PENDING)}
    assert opened.answer("eth_chainId", []) == {"result": "0x1"}
    opened.ignore_next("eth_chainId")
    assert opened.answer("eth_chainId", []) == {"ignored": True, "result": "0x1"}


@pytest.mark.parametrize("method", ["wallet_switchEthereumChain", "wallet_addEthereumChain"])
def test_it_switches_or_says_why_not(method: str, opened: Wallet) -> None:
    opened.switches = "unknown chain"
    assert opened.answer(method, TO_SWITCH) == refused(UNKNOWN_CHAIN)
    opened.switches = "never"
    assert opened.answer(method, TO_SWITCH) == refused(UNSUPPORTED)
    opened.switches = "yes"
    assert opened.answer(method, TO_SWITCH) == {"result": None}
    assert opened.answer("eth_chainId", []) == {"result": "0x89"}


def test_a_test_may_answer_for_it(opened: Wallet) -> None:
    assert opened.answer("eth_blockNumber", []) == refused(UNSUPPORTED)

    def refuses(_params: list[Any]) -> object:
        raise WalletRefusal(PENDING)

    opened.answers = {"eth_blockNumber": lambda params: params, "eth_chainId": refuses}
    assert opened.answer("eth_blockNumber", [7]) == {"result": [7]}
    assert opened.answer("eth_chainId", []) == refused(PENDING)


def test_a_contract_is_signed_for_by_its_owner() -> None:
    """Deployed, with its factory's call along, or with an approval on the chain."""
    contract, factory = "0x" + "ab" * 20, "0x" + "cd" * 20
    wallet = Wallet(contract=contract)
    assert wallet.answer("eth_requestAccounts", []) == {"result": [contract]}
    own = bytes(wallet.accounts[0].sign_message(encode_defunct(hexstr=TEXT)).signature)
    wrapped = usual(contracts.wrapped(own, b"deploy", factory))
    for wallet.form, answer in (
        (usual, usual(own)),
        (erc_6492(factory, b"deploy"), wrapped),
        (empty, "0x"),
    ):
        assert wallet.answer("personal_sign", [TEXT, contract])["result"] == answer


@pytest.mark.parametrize("key", range(1, 9))
def test_forms_of_a_signature_are_the_same_signature(key: int) -> None:
    account = Account.from_key(key.to_bytes(32))
    message = encode_defunct(hexstr=TEXT)
    signature = bytes(account.sign_message(message).signature)
    low, short = bytes.fromhex(low_v(signature)[2:]), bytes.fromhex(compact(signature)[2:])
    assert low[64] in {0, 1}
    assert Account.recover_message(message, signature=low) == account.address
    v = bytes([27 + (short[32] >> 7)])
    assert short[:32] + bytes([short[32] & 0x7F]) + short[33:] + v == signature
