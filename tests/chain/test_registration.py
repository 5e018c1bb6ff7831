"""A contract wallet authorises a device's key through the gateway, and nobody else does in its name."""

import json
from dataclasses import dataclass
from functools import cached_property

import pytest
from sqlalchemy import select

from tests.support import faults
from tests.support.chain import contracts
from tests.support.chain.anvil import CHAIN_ID, Anvil
from tests.support.chain.wallets import CODE, OWNER, STRANGER, Undeployed, client_with, standing, vouched
from tests.support.databases import count
from tests.support.people import MUTATIONS, Client, Device, Person, Ticker, Wallet, authorization
from tests.support.protocol.chains import verify_proof
from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.tables import signing_keys
from webapp.protocol.address import Address
from webapp.protocol.facts import Policy
from webapp.protocol.proofs.proof import ProofOfConnection
from webapp.protocol.proofs.verdicts import ContractWalletUnproven, ProofStep
from webapp.storage.database import Database

PROOF = (
    "query ($me: AddressEVM!) { address(address: $me, chainID: 1) { followings { edges { node { proof {"
    " content digest signature signingKey signingKeyAuth { address message signature } arweaveTxHash"
    " sequence previousDigest entryDigest } } } } } }"
)


@dataclass
class Contract(Person):
    """Somebody whose wallet is a contract, and whose devices are like anybody's."""

    address_of_contract: str = ""
    owner: Wallet = OWNER
    deployment: bytes = b""

    @property
    def address(self) -> str:
        return Address.parse(self.address_of_contract).checksummed

    @cached_property
    def authorized(self) -> dict[str, str]:
        text = authorization(self.device)
        signature = vouched(text, self.owner, self.deployment)
        return {"address": self.address, "message": text, "signature": signature}


@pytest.fixture
def client(database: Database, clock: Ticker, wallets: ContractWallets) -> Client:
    return client_with(database, wallets, clock)


def register(client: Client, registration: dict[str, str]) -> str:
    return client.status("registerSigningKey", registration)


def stored(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(signing_keys.c.authorization_signature)))


@pytest.fixture
def deployed(anvil: Anvil) -> Contract:
    return Contract("deployed", address_of_contract=standing(anvil).address)


@pytest.fixture
def undeployed() -> Contract:
    wallet = Undeployed()
    return Contract("undeployed", address_of_contract=wallet.address, deployment=wallet.data)


@pytest.mark.parametrize("kind", ["deployed", "undeployed"])
def test_a_contract_wallet_authorises_a_key_that_then_follows(
    kind: str, client: Client, request: pytest.FixtureRequest, database: Database
) -> None:
    person: Contract = request.getfixturevalue(kind)
    assert register(client, person.authorized) == "SUCCESS"
    assert stored(database) == [person.authorized["signature"]]
    assert client.act("follow", person, "shiyu") == "SUCCESS"
    assert client.profile("shiyu", person.address) == {"followerCount": 1, "isFollowedByMe": True}


def test_its_signature_is_kept_in_lower_case(
    client: Client, undeployed: Contract, database: Database
) -> None:
    signature = undeployed.authorized["signature"]
    shouted = undeployed.authorized | {"signature": f"0x{signature[2:].upper()}"}
    assert register(client, shouted) == "SUCCESS"
    assert stored(database) == [signature]
    assert register(client, undeployed.authorized) == "SUCCESS", "the same key again changes nothing"
    assert stored(database) == [signature]


def test_nobody_else_authorises_in_its_name(
    client: Client, deployed: Contract, undeployed: Contract, database: Database
) -> None:
    for person in (deployed, undeployed):
        forger = Contract(
            "forger",
            address_of_contract=person.address,
            owner=STRANGER,
            deployment=person.deployment,
        )
        assert register(client, forger.authorized) == "INVALID_SIGNATURE"
        other_text = authorization(Device("another"))
        assert register(client, person.authorized | {"message": other_text}) == "INVALID_SIGNATURE"
    swapped = undeployed.authorized | {"address": deployed.address}
    assert register(client, swapped) == "SUCCESS", "wrapped, by the same owner: as good as plain"
    swapped = deployed.authorized | {"address": undeployed.address}
    assert register(client, swapped) == "INVALID_SIGNATURE", "not deployed, and not said how"
    assert len(stored(database)) == 1


@pytest.mark.parametrize(
    "code",
    [contracts.offchain_lookup("https://attacker.example/"), contracts.BURNS_ALL_GAS, contracts.REVERTS],
    ids=["asks to fetch a URL", "burns all gas", "reverts"],
)
def test_a_hostile_contract_gets_no_key(
    code: bytes, anvil: Anvil, client: Client, database: Database
) -> None:
    hostile = Contract("hostile", address_of_contract=anvil.put(code))
    assert register(client, hostile.authorized) == "INVALID_SIGNATURE"
    assert stored(database) == []


@pytest.mark.parametrize("signature", ["0x0", "0xzz", f"0x{'00' * 8193}", "", "0X00"])
def test_what_no_contract_can_be_given_is_not_asked_about(
    signature: str, database: Database, clock: Ticker, deployed: Contract
) -> None:
    with faults.serving(faults.reset) as node:
        wallets = ContractWallets.at([(CHAIN_ID, f"http://127.0.0.1:{node.port}")])
        client = client_with(database, wallets, clock)
        assert register(client, deployed.authorized | {"signature": signature}) == "INVALID_SIGNATURE"
        assert node.connections == 0
        wallets.close()


def test_nothing_is_asked_that_is_refused_anyway(
    database: Database, clock: Ticker, deployed: Contract
) -> None:
    """Nor about a signature that the address's own key made: only what is left costs a request."""
    with faults.serving(faults.reset) as node:
        wallets = ContractWallets.at([(CHAIN_ID, f"http://127.0.0.1:{node.port}")])
        policy = Policy(entities=frozenset({"CyberConnect"}), max_live_keys=1)
        gateway = create_gateway(database, GatewayConfig(policy=policy), clock, contract_wallets=wallets)
        client = Client(gateway, clock)
        alice, good = Person("alice"), deployed.authorized
        assert client.register(alice) == "SUCCESS"
        assert register(client, good | {"address": "0x12"}) == "INVALID_ADDRESS"
        assert register(client, good | {"message": "I authorize"}) == "INVALID_MESSAGE"
        assert register(client, good | {"message": authorization(Device(), "Other")}) == "INVALID_MESSAGE"
        assert register(client, good | {"message": good["message"][:-1]}) == "INVALID_SIGNING_KEY"
        full = alice.registration(Device("second")) | {"signature": good["signature"]}
        assert register(client, full) == "INVALID_SIGNING_KEY"
        assert node.connections == 0
        wallets.close()


def test_without_chains_a_contract_authorises_nothing(
    database: Database, clock: Ticker, deployed: Contract, undeployed: Contract
) -> None:
    client = client_with(database, None, clock)
    assert register(client, deployed.authorized) == "INVALID_SIGNATURE"
    assert register(client, undeployed.authorized) == "INVALID_SIGNATURE"
    assert stored(database) == []


@pytest.mark.parametrize("media_type", ["application/json", "application/graphql-response+json"])
def test_while_a_node_is_dead_the_answer_is_unknown_and_not_no(
    media_type: str, database: Database, clock: Ticker, deployed: Contract
) -> None:
    with faults.serving(faults.reset) as node:
        pass
    wallets = ContractWallets.at([(CHAIN_ID, f"http://127.0.0.1:{node.port}/canary-key")])
    client = client_with(database, wallets, clock)
    response = client.post(
        {"query": MUTATIONS["registerSigningKey"], "variables": {"input": deployed.authorized}},
        accept=media_type,
    )
    reply = json.loads(response.body)
    assert response.status == 503
    assert dict(response.headers)["retry-after"] == "2"
    assert dict(response.headers)["access-control-allow-origin"] == "*"
    assert "data" not in reply
    (error,) = reply["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert "canary" not in response.body.decode()
    assert count(database, signing_keys) == 0
    assert client.register(Person("alice")) == "SUCCESS", "others need no chain"
    wallets.close()


def test_the_proof_says_that_only_the_chain_can_tell(client: Client, undeployed: Contract) -> None:
    """Everything in it can be checked offline, but for the wallet's signature."""
    assert register(client, undeployed.authorized) == "SUCCESS"
    assert client.act("follow", undeployed, "shiyu") == "SUCCESS"
    (edge,) = client.data(PROOF, me=undeployed.address)["address"]["followings"]["edges"]
    verdict = verify_proof(ProofOfConnection.parse(edge["node"]["proof"]))
    assert isinstance(verdict, ContractWalletUnproven)
    assert verdict.step is ProofStep.AUTHORIZATION
    assert verdict.field == "signingKeyAuth.signature"
    assert "contract wallet" in str(verdict)
    question = verdict.question
    assert question.address.checksummed == undeployed.address
    assert f"0x{question.signature.hex()}" == undeployed.authorized["signature"]


def test_what_the_proof_asks_is_what_the_chain_answers(
    client: Client, deployed: Contract, wallets: ContractWallets
) -> None:
    assert register(client, deployed.authorized) == "SUCCESS"
    assert client.act("follow", deployed, "shiyu") == "SUCCESS"
    (edge,) = client.data(PROOF, me=deployed.address)["address"]["followings"]["edges"]
    proof = edge["node"]["proof"]
    verdict = verify_proof(ProofOfConnection.parse(proof))
    assert isinstance(verdict, ContractWalletUnproven)
    asked = verdict.question
    assert wallets.is_valid_signature(asked.address, asked.digest, asked.signature)
    assert not wallets.is_valid_signature(asked.address, asked.digest, asked.signature[:-1])


def test_the_code_of_the_wallet_is_what_these_tests_deploy(anvil: Anvil, deployed: Contract) -> None:
    assert anvil.code(deployed.address) == f"0x{CODE.hex()}"
