"""What a wallet gives for its owner's signature is read alike at every entrance: page, API and proofs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import pytest
from eth_hash.auto import keccak
from flask import Flask

from tests.support.browsers import Browser
from tests.support.keys import act
from tests.support.login import GET_MESSAGE, VERIFY, account, text_for
from tests.support.people import Client, Person, Ticker, Wallet, authorization
from tests.support.protocol.chains import KeyStep, chain_of, key_chain_of, verify_proof
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.protocol.authorization import ORDER
from webapp.protocol.proofs.proof import ProofOfConnection, ProofOfKeyOperation
from webapp.protocol.proofs.verdicts import ProofFailure
from webapp.storage.database import Database

Spelling = Callable[[str], str]


def with_v_from_zero(signature: str) -> str:
    return f"{signature[:-2]}{int(signature[-2:], 16) - 27:02x}"


def with_the_other_s(signature: str) -> str:
    s, v = int(signature[66:130], 16), int(signature[-2:], 16)
    return f"{signature[:66]}{ORDER - s:064x}{55 - v:02x}"


def in_capitals(signature: str) -> str:
    return f"0x{signature[2:].upper()}"


def in_normal_form(signature: str) -> str:
    v = signature[-2:].lower()
    return signature[:-2].lower() + {"00": "1b", "01": "1c"}.get(v, v)


SPELLINGS: dict[str, Spelling] = {
    "as most wallets write it": lambda signature: signature,
    "v of 0 or 1, as a Ledger through older wallets": with_v_from_zero,
    "capital digits": in_capitals,
    "capital digits and v of 0 or 1": lambda signature: in_capitals(with_v_from_zero(signature)),
    "high s": with_the_other_s,
    "high s and v of 0 or 1": lambda signature: with_v_from_zero(with_the_other_s(signature)),
}
NO_SPELLINGS: dict[str, Spelling] = {
    "v of 2": lambda signature: f"{signature[:-2]}02",
    "v of the other key": lambda signature: f"{signature[:-2]}{55 - int(signature[-2:], 16):02x}",
    "no v": lambda signature: signature[:-2],
    "nothing": lambda _: "0x",
}


@dataclass(frozen=True)
class SpellingWallet(Wallet):
    """A wallet with a hand of its own."""

    spelling: Spelling = str

    def sign(self, text: str) -> str:
        return self.spelling(super().sign(text))


@dataclass
class Owner(Person):
    """Somebody with such a wallet."""

    spelling: Spelling = field(default=str)

    @cached_property
    def wallet(self) -> Wallet:
        return SpellingWallet(self.name, self.spelling)


@dataclass(frozen=True)
class Doors:
    """The site and the gateway behind it."""

    browser: Browser
    client: Client


@pytest.fixture
def doors(site: Flask, database: Database, clock: Ticker) -> Doors:
    return Doors(Browser(site), Client(create_gateway(database, GatewayConfig(), clock), clock))


def signs_in_at_the_site(doors: Doors, owner: Owner) -> bool:
    text = doors.browser.challenge(owner.wallet)
    return doors.browser.login(text, owner.wallet.sign(text)).status_code == 200


def signs_in_at_the_api(doors: Doors, owner: Owner) -> bool:
    text = text_for(doors.client, address=owner.address)
    reply = doors.client.ask(VERIFY, **account(owner.wallet), signature=owner.wallet.sign(text))
    return "errors" not in reply


def authorises_at_the_site(doors: Doors, owner: Owner) -> bool:
    doors.browser.sign_in(Wallet(owner.name))
    text = authorization(owner.device, "Countersign")
    registration = {"address": owner.address, "message": text, "signature": owner.wallet.sign(text)}
    return bool(doors.browser.post("/api/signing-keys", registration).get_json()["status"] == "SUCCESS")


def authorises_at_the_api(doors: Doors, owner: Owner) -> bool:
    return doors.client.register(owner) == "SUCCESS"


def revokes_a_key(doors: Doors, owner: Owner) -> bool:
    assert doors.client.register(Person(owner.name, owner.device)) == "SUCCESS"
    return act(doors.client, "revoke", owner, owner.device) == "SUCCESS"


def proves_an_authorisation(_: Doors, owner: Owner) -> bool:
    proof = ProofOfConnection.parse(chain_of(owner, "shiyu", 1)[0])
    return not isinstance(verify_proof(proof), ProofFailure)


def proves_a_revocation(_: Doors, owner: Owner) -> bool:
    """The log's digests are of the normal form, which gateways keep; this file has the wallet's."""
    kept = Owner(
        owner.name, owner.device, spelling=lambda signature: in_normal_form(owner.spelling(signature))
    )
    [published] = key_chain_of(kept, KeyStep("revoke", owner.device))
    signature = owner.wallet.sign(published["content"])
    proof = ProofOfKeyOperation.parse({**published, "signature": signature})
    return not isinstance(verify_proof(proof), ProofFailure)


ENTRANCES = (
    signs_in_at_the_site,
    signs_in_at_the_api,
    authorises_at_the_site,
    authorises_at_the_api,
    revokes_a_key,
    proves_an_authorisation,
    proves_a_revocation,
)


@pytest.mark.parametrize("enter", ENTRANCES)
def test_every_spelling_that_wallets_have_is_taken_and_no_other(
    enter: Callable[[Doors, Owner], bool], doors: Doors
) -> None:
    taken = {name: enter(doors, Owner(name, spelling=spelling)) for name, spelling in SPELLINGS.items()}
    assert taken == dict.fromkeys(SPELLINGS, True)
    taken = {name: enter(doors, Owner(name, spelling=spelling)) for name, spelling in NO_SPELLINGS.items()}
    assert taken == dict.fromkeys(NO_SPELLINGS, False)


def as_chain_30_spells_it(address: str) -> str:
    """EIP-1191: capitals by the hash of the chain's id and the address."""
    nibbles = keccak(f"30{address.lower()}".encode()).hex()
    digits = zip(address[2:].lower(), nibbles, strict=False)
    return "0x" + "".join(digit.upper() if nibble >= "8" else digit for digit, nibble in digits)


@pytest.mark.parametrize(
    "spell",
    [str, str.lower, in_capitals, as_chain_30_spells_it],
    ids=["EIP-55", "lower", "upper", "EIP-1191"],
)
def test_an_account_signs_in_however_its_wallet_spells_it(
    spell: Spelling, doors: Doors, alice: Person
) -> None:
    asked = {"address": spell(alice.address), "chainId": 30}
    text = doors.browser.post("/api/login/challenge", asked).get_json()["message"]
    assert f"\n{alice.address}\n" in text
    assert doors.browser.login(text, alice.wallet.sign(text)).get_json()["address"] == alice.address
    at_the_api = account(alice.wallet, address=spell(alice.address), chainID=30)
    text = text_for(doors.client, **at_the_api)
    assert f"\n{alice.address}\n" in text
    assert doors.client.data(VERIFY, **at_the_api, signature=alice.wallet.sign(text))["loginVerify"]


def test_a_checksum_of_no_chain_that_was_named_is_a_typing_error(doors: Doors, alice: Person) -> None:
    spelt = as_chain_30_spells_it(alice.address)
    refused = doors.browser.post("/api/login/challenge", {"address": spelt, "chainId": 31})
    assert refused.get_json()["errors"] == [{"field": "address", "expected": "an EIP-55 checksum that fits"}]
    at_the_api = account(alice.wallet, address=spelt, chainID=31)
    for document, given in ((GET_MESSAGE, at_the_api), (VERIFY, {**at_the_api, "signature": "0x"})):
        [error] = doors.client.ask(document, **given)["errors"]
        assert error["message"] == "input.address: expected an EIP-55 checksum that fits"
    text = authorization(alice.device, "Countersign")
    registration = {"address": spelt, "message": text, "signature": alice.wallet.sign(text)}
    assert doors.client.status("registerSigningKey", registration) == "INVALID_ADDRESS"
