"""One client, and one slow node, keep the chains from nobody else."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from flask import Flask
from limits import RateLimitItem
from werkzeug.test import TestResponse

from tests.support import faults
from tests.support.browsers import CONFIG, ORIGIN, Browser, problem
from tests.support.chain.anvil import CHAIN_ID
from tests.support.chain.nodes import AMPLE_S, ANYBODY, GOOD, NO, answer, asking, base, result
from tests.support.chain.wallets import DIGEST
from tests.support.faults import FaultServer
from tests.support.people import MUTATIONS, Person, Ticker
from webapp.chain.contract_wallets import (
    MOST_AT_ONCE,
    MOST_OF_CLIENT,
    OF_APPLICATION,
    OF_NETWORK,
    ContractWallets,
    Places,
)
from webapp.chain.errors import RpcBusy, RpcOverShare
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.graphql_over_http import GatewayRequest
from webapp.gateway.http.in_process import InProcessCarrier
from webapp.gateway.http.service import create_gateway
from webapp.network import clients
from webapp.network.clients import on_behalf_of
from webapp.network.request_limits import RequestLimits
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web.http.network_shares import NetworkShares
from webapp.web.site import create_site

pytestmark = pytest.mark.usefixtures("frozen")


@dataclass
class Held:
    """A node that answers nobody before it is let."""

    answer: bytes = GOOD
    _asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _let: threading.Event = field(default_factory=threading.Event)

    def __call__(self, connection: socket.socket) -> None:
        self._asked.release()
        assert self._let.wait(AMPLE_S)
        connection.sendall(self.answer)

    def wait_for(self, questions: int) -> None:
        """Wait until so many more questions have arrived."""
        for _ in range(questions):
            assert self._asked.acquire(timeout=AMPLE_S)

    def let(self) -> None:
        self._let.set()


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.let()


@pytest.fixture
def slow(held: Held) -> Iterator[FaultServer]:
    with faults.serving(held) as server:
        yield server
        held.let()


def asked_by(wallets: ContractWallets, client: str, *, is_application: bool = False) -> bool:
    with on_behalf_of(clients.Client(client, is_application=is_application)):
        return wallets.is_valid_signature(ANYBODY, DIGEST, b"")


@contextmanager
def under_way(wallets: ContractWallets, held: Held, *names: str) -> Iterator[list[Future[bool]]]:
    """Questions that a node does not answer for the time being; in the end each gets its answer."""
    with ThreadPoolExecutor(len(names)) as pool:
        started = [pool.submit(asked_by, wallets, name) for name in names]
        held.wait_for(len(names))
        try:
            yield started
        finally:
            held.let()


def test_a_client_takes_two_places_and_leaves_the_others(slow: FaultServer, held: Held) -> None:
    wallets = asking(base(slow))
    with under_way(wallets, held, "greedy", "greedy") as greedy:
        with pytest.raises(RpcOverShare) as caught:
            asked_by(wallets, "greedy")
        assert caught.value.retry_after_s >= 1
        with under_way(wallets, held, "another") as another:
            pass
    assert [each.result() for each in (*greedy, *another)] == [True] * 3
    assert asked_by(wallets, "greedy"), "its places are free again"
    wallets.close()


def test_all_clients_together_take_four_places(slow: FaultServer, held: Held) -> None:
    wallets = asking(base(slow))
    assert (MOST_AT_ONCE, MOST_OF_CLIENT) == (4, 2)
    with under_way(wallets, held, "1", "2", "3", "4"), pytest.raises(RpcBusy, match=r"^as many"):
        asked_by(wallets, "5")
    wallets.close()


def test_a_slow_node_keeps_no_question_from_the_others(slow: FaultServer, held: Held) -> None:
    """Two questions wait at it; the next ones do not, and hear what the other chain has to say."""
    held.answer = json_answer(vouches=0, stands=0, chain_id=1)
    with faults.serving(faults.raw(faults.http(NO))) as quick:
        wallets = asking(base(slow), base(quick), chain_ids=(1, CHAIN_ID))
        with under_way(wallets, held, "1", "2"):
            assert quick.connections == 0
            assert asked_by(wallets, "3") is False
            quick.fault = result(answer(vouches=1))
            with pytest.raises(RpcBusy, match="chain 1"):
                asked_by(wallets, "3")
        wallets.close()


def json_answer(**told: int) -> bytes:
    return faults.http(json.dumps({"jsonrpc": "2.0", "id": "asked", "result": answer(**told)}).encode())


@pytest.mark.parametrize(("is_application", "limit"), [(False, OF_NETWORK), (True, OF_APPLICATION)])
def test_a_client_may_ask_so_often_a_minute(is_application: bool, limit: RateLimitItem) -> None:
    with faults.serving(faults.raw(GOOD)) as node:
        wallets = asking(base(node))
        for _ in range(limit.amount):
            assert asked_by(wallets, "busy", is_application=is_application)
        connections, requests = node.connections, len(node.requests)
        with pytest.raises(RpcOverShare) as caught:
            asked_by(wallets, "busy", is_application=is_application)
        assert 1 <= caught.value.retry_after_s <= 60
        assert (node.connections, len(node.requests)) == (connections, requests)
        assert asked_by(wallets, "another")
        wallets.close()


def test_places_that_nobody_holds_take_no_memory() -> None:
    places = Places(1)
    for number in range(100):
        with places.take(str(number), RpcBusy()):
            pass
    assert len(places._taken) == 0


# --- who the client is ---


@pytest.fixture
def asked() -> Iterator[ContractWallets]:
    """A chain on which no wallet vouches."""
    with faults.serving(faults.raw(faults.http(NO))) as node:
        wallets = asking(base(node))
        yield wallets
        wallets.close()


def registration() -> dict[str, str]:
    return Person("contract").registration() | {"signature": "0x" + "11" * 200}


def use_up(attempt: Callable[[], int], expected: int) -> None:
    """Try until the share of a network is used up."""
    for _ in range(OF_NETWORK.amount):
        assert attempt() == expected
    assert attempt() == 429


def test_the_gateway_counts_networks_and_tells_when_to_return(
    asked: ContractWallets, database: Database
) -> None:
    gateway = create_gateway(database, GatewayConfig(), Ticker(), contract_wallets=asked)
    sent = {"query": MUTATIONS["registerSigningKey"], "variables": {"input": registration()}}

    def attempt(client: str) -> httpx.Response:
        headers = {"content-type": "application/json"}
        answer = gateway.handle(GatewayRequest("POST", headers, json.dumps(sent).encode(), client=client))
        return httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)

    use_up(lambda: attempt("203.0.113.1").status_code, 200)
    refused = attempt("203.0.113.1")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"
    assert attempt("203.0.113.2").status_code == 200


@pytest.fixture
def site(asked: ContractWallets, database: Database) -> Iterator[Flask]:
    """A site with its gateway embedded, behind one proxy."""
    gateway = create_gateway(database, GatewayConfig(), Ticker(), contract_wallets=asked)
    transport = InProcessCarrier(gateway)
    upstream = UpstreamClient(url=f"{ORIGIN}/graphql", transport=transport, api_key=None)
    shares = NetworkShares(RequestLimits(), 1)
    yield create_site(CONFIG, database, upstream, Ticker(), contract_wallets=asked, shares=shares)
    upstream.close()


def test_the_site_counts_the_networks_of_its_visitors(site: Flask) -> None:
    browser = Browser(site)

    def sign_in(network: str) -> TestResponse:
        asked = {"address": Person("contract").address, "chainId": CHAIN_ID}
        text = browser.post("/api/login/challenge", asked).get_json()["message"]
        sent = {"message": text, "signature": "0x" + "11" * 200}
        return browser.post("/api/login", sent, x_forwarded_for=network)

    use_up(lambda: sign_in("2001:db8::1").status_code, 401)
    refused = sign_in("2001:db8::2")
    assert problem(refused) == (429, "too-many-requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert sign_in("2001:db8:0:1::1").status_code == 401


def test_the_sites_visitors_are_no_one_client_of_the_gateway_beside_it(site: Flask) -> None:
    """What the embedded gateway asks a chain is counted under the visitor's network, too."""
    browser, person = Browser(site), Person("plain")
    browser.sign_in(person.wallet)
    sent = {**person.registration(), "signature": "0x" + "11" * 200}

    def register(network: str) -> TestResponse:
        return browser.post("/api/signing-keys", sent, x_forwarded_for=network)

    for _ in range(OF_NETWORK.amount):
        assert register("203.0.113.1").get_json()["status"] == "INVALID_SIGNATURE"
    refused = register("203.0.113.1")
    assert problem(refused) == (503, "unavailable")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert register("203.0.113.2").status_code == 200
