"""Whatever a node does, an answer or a named error comes back, in time; and none but it is spoken to."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import faults
from tests.support.chain import contracts
from tests.support.chain.anvil import CHAIN_ID, Anvil
from tests.support.chain.nodes import (
    AMPLE_S,
    ANYBODY,
    CANARY,
    GOOD,
    ID,
    NO,
    YES,
    answer,
    asking,
    base,
    result,
)
from tests.support.chain.wallets import DIGEST, OWNER, Undeployed, asked, signed
from tests.support.faults import FaultServer
from webapp.chain.contract_wallets import ContractWallets
from webapp.chain.errors import (
    RpcBusy,
    RpcError,
    RpcMalformed,
    RpcTimeout,
    RpcUnreachable,
)
from webapp.network.clients import Client, on_behalf_of
from webapp.network.errors import UrlError

DEADLINE_S = 0.5


def error(value: object) -> faults.Fault:
    return faults.reply({"jsonrpc": "2.0", "id": ID, "error": value})


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    server.fault = faults.raw(GOOD)
    yield server
    server.close()


BROKEN: list[tuple[str, faults.Fault, type[RpcError]]] = [
    ("reset", faults.reset, RpcUnreachable),
    ("closed without a byte", faults.then_close(b""), RpcUnreachable),
    ("closed within the body", faults.then_close(GOOD[:-5]), RpcUnreachable),
    ("500", faults.body(b"{}", status="500 Internal Server Error"), RpcUnreachable),
    ("429", faults.body(b"{}", status="429 Too Many Requests"), RpcUnreachable),
    ("dripped headers", faults.drip(GOOD), RpcTimeout),
    ("dripped body", faults.drip(GOOD, start=len(GOOD) - 40), RpcTimeout),
    ("not HTTP", faults.then_close(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), RpcMalformed),
    ("401", faults.body(b"{}", status="401 Unauthorized"), RpcMalformed),
    ("HTML", faults.body(b"<p>0x1626ba7e", kind="text/html"), RpcMalformed),
    ("a body without end", faults.endless_body, RpcMalformed),
    ("invalid UTF-8", faults.body(b'{"id": ID, "result": "\xff"}'), RpcMalformed),
    ("deep nesting", faults.body(b"[" * 10_000), RpcMalformed),
    ("a list", faults.reply([{"jsonrpc": "2.0", "id": ID, "result": YES}]), RpcMalformed),
    ("another request's", faults.reply({"jsonrpc": "2.0", "id": "other", "result": YES}), RpcMalformed),
    ("a number for its id", faults.reply({"jsonrpc": "2.0", "id": 1, "result": YES}), RpcMalformed),
    ("no id", faults.reply({"jsonrpc": "2.0", "result": YES}), RpcMalformed),
    ("no result", faults.reply({"jsonrpc": "2.0", "id": 1}), RpcMalformed),
    ("a result of null", result(None), RpcMalformed),
    ("a result of true", result(True), RpcMalformed),
    ("a result that is empty", result("0x"), RpcMalformed),
    ("a result that is no hex", result("0x" + "zz" * 64), RpcMalformed),
    ("the magic value alone", result(contracts.MAGIC), RpcMalformed),
    ("half an answer", result(YES[:130]), RpcMalformed),
    ("a place that stands twice", result(answer(vouches=1, stands=2)), RpcMalformed),
    ("an answer of two", result(answer(vouches=2)), RpcMalformed),
    ("another chain's answer", result(answer(vouches=1, chain_id=1)), RpcMalformed),
    ("an error", error({"code": -32005, "message": f"limit {CANARY}"}), RpcMalformed),
    ("an error beside a result", faults.reply({"id": ID, "error": {"code": 3}, "result": YES}), RpcMalformed),
    ("an error that is none", error("no"), RpcMalformed),
    (
        "an error's code too long",
        faults.body(b'{"id": ID, "error": {"code": ' + b"9" * 4000 + b"}}"),
        RpcMalformed,
    ),
    (
        "a result twice",
        faults.body(b'{"id": ID, "result": "0x", "result": "' + YES.encode() + b'"}'),
        RpcMalformed,
    ),
]


@pytest.mark.parametrize(("fault", "expected"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_fault_has_its_error_and_the_next_question_is_answered(
    server: FaultServer, fault: faults.Fault, expected: type[RpcError]
) -> None:
    """Unknown is never told as no; and no error tells the URL, where operators keep their keys."""
    server.fault = fault
    wallets = asking(base(server), deadline_s=DEADLINE_S if expected is RpcTimeout else AMPLE_S)
    with pytest.raises(expected) as caught:
        wallets.is_valid_signature(ANYBODY, DIGEST, b"")
    assert type(caught.value) is expected
    assert CANARY not in f"{caught.value!r}{caught.value.__cause__!r}"
    server.fault = faults.raw(GOOD)
    assert wallets.is_valid_signature(ANYBODY, DIGEST, b""), "the next question is answered"
    wallets.close()


def test_silence_ends_with_the_deadline(server: FaultServer) -> None:
    server.fault = faults.silence(server.stopped)
    wallets = asking(base(server), deadline_s=DEADLINE_S)
    with pytest.raises(RpcTimeout):
        wallets.is_valid_signature(ANYBODY, DIGEST, b"")
    wallets.close()


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_t11_a_redirect_is_not_followed(server: FaultServer, status: str) -> None:
    with faults.serving(faults.raw(GOOD)) as elsewhere:
        server.fault = faults.body(b"", status=status, Location=elsewhere.url)
        wallets = asking(base(server))
        with pytest.raises(RpcMalformed, match=status[:3]):
            wallets.is_valid_signature(ANYBODY, DIGEST, b"")
        assert elsewhere.connections == 0
        wallets.close()


def test_the_environments_proxy_is_not_used(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with faults.serving(faults.raw(GOOD)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, base(proxy))
        wallets = asking(base(server))
        assert wallets.is_valid_signature(ANYBODY, DIGEST, b"")
        assert proxy.connections == 0
        wallets.close()


def test_what_is_asked_changes_nothing(server: FaultServer) -> None:
    """One `eth_call` on the newest block, by a caller whom nobody is, with a cap on its gas."""
    wallets = asking(base(server))
    wallets.is_valid_signature(ANYBODY, DIGEST, b"\xab")
    (request,) = server.requests
    body = json.loads(request.partition(b"\r\n\r\n")[2])
    call, block = body.pop("params")
    assert body == {"jsonrpc": "2.0", "id": ID, "method": "eth_call"}
    assert block == "latest"
    assert sorted(call) == ["data", "from", "gas"]
    assert int(call["from"], 16) > 2**128
    assert int(call["gas"], 16) == 13_000_000
    wallets.close()


def test_ids_cannot_be_guessed(server: FaultServer) -> None:
    wallets = ContractWallets.at([(CHAIN_ID, base(server))])
    for _ in range(2):
        with pytest.raises(RpcMalformed, match="another request"):
            wallets.is_valid_signature(ANYBODY, DIGEST, b"")
    first, second = (json.loads(sent.partition(b"\r\n\r\n")[2])["id"] for sent in server.requests)
    assert first != second
    assert min(len(first), len(second)) >= 32
    wallets.close()


def test_a_spare_reply_does_not_answer_the_next_question(server: FaultServer) -> None:
    """The connection that brought more than it was asked for is not used again."""
    server.fault = faults.raw(GOOD + GOOD)
    wallets = asking(base(server))
    assert wallets.is_valid_signature(ANYBODY, DIGEST, b"")
    server.fault = faults.body(NO)
    assert not wallets.is_valid_signature(ANYBODY, DIGEST, b"")
    assert server.connections == 2
    assert not wallets.is_valid_signature(ANYBODY, DIGEST, b"")
    assert server.connections == 2, "one that brought only what it was asked for is kept"
    wallets.close()


# --- several chains ---

WORDS = {
    "yes": answer(vouches=1),
    "no": answer(vouches=0),
    "would": answer(vouches=1, stands=0),
    "nothing": answer(vouches=0, stands=0),
}
DEAD = "dead"


@pytest.mark.parametrize(
    ("chains", "expected"),
    [
        (("yes", "yes"), True),
        (("yes", "no"), False),  # an owner who was removed on one of them
        (("no", "would"), False),
        (("would", "no"), False),
        (("yes", "would"), True),
        (("would", "yes"), True),
        (("yes", "nothing"), True),
        (("nothing", "yes"), True),
        (("would", "nothing"), True),
        (("nothing", "would"), True),
        (("nothing", "nothing"), False),
        (("no", DEAD), False),
        ((DEAD, "no"), False),
        (("yes", DEAD), None),
        ((DEAD, "yes"), None),
        (("would", DEAD), None),
        ((DEAD, "would"), None),
        (("nothing", DEAD), None),
        ((DEAD, "nothing"), None),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_a_wallet_that_stands_anywhere_has_the_last_word_and_silence_is_no_word(
    chains: tuple[str, str], expected: bool | None
) -> None:
    """None: the chain could not be asked, so that nobody knows."""

    def fault(word: str, chain_id: int) -> faults.Fault:
        if word == DEAD:
            return faults.reset
        return result(WORDS[word].replace(f"{CHAIN_ID:064x}", f"{chain_id:064x}"))

    with faults.serving(fault(chains[0], 1)) as first, faults.serving(fault(chains[1], 10)) as second:
        wallets = asking(base(first), base(second), chain_ids=(1, 10))
        if expected is None:
            with pytest.raises(RpcUnreachable):
                wallets.is_valid_signature(ANYBODY, DIGEST, b"")
        else:
            assert wallets.is_valid_signature(ANYBODY, DIGEST, b"") is expected
        wallets.close()


def test_one_deadline_is_for_all_chains_and_a_silent_one_leaves_time_for_the_next(
    server: FaultServer,
) -> None:
    with faults.serving(faults.raw(b"")) as silent:
        silent.fault = faults.silence(silent.stopped)
        wallets = asking(base(silent), base(server), deadline_s=4, chain_ids=(1, CHAIN_ID))
        with pytest.raises(RpcTimeout):
            wallets.is_valid_signature(ANYBODY, DIGEST, b"")
        assert server.connections == 1, "the next one was asked"
        wallets.close()


def test_a_silent_node_holds_no_more_than_four_threads(server: FaultServer) -> None:
    server.fault = faults.silence(server.stopped)
    wallets = asking(base(server), deadline_s=1)
    started = threading.Barrier(5)
    outcomes: list[str] = []

    def ask(client: str) -> None:
        started.wait(60)
        try:
            with on_behalf_of(Client(client)):
                wallets.is_valid_signature(ANYBODY, DIGEST, b"")
        except RpcError as fault:
            outcomes.append(type(fault).__name__)

    threads = [threading.Thread(target=ask, args=(str(number),)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes == ["RpcBusy", *["RpcTimeout"] * 4]
    wallets.close()


def test_busy_is_over_when_the_questions_are(server: FaultServer) -> None:
    wallets = ContractWallets([], most_at_once=0)
    with pytest.raises(RpcBusy):
        wallets.is_valid_signature(ANYBODY, DIGEST, b"")
    again = asking(base(server))
    assert all(again.is_valid_signature(ANYBODY, DIGEST, b"") for _ in range(9))
    again.close()


# --- where requests may go ---


@pytest.mark.parametrize(
    "url",
    ["http://node.example/", "ftp://node.example/", "https://key@node.example/", "https:///", "node.example"],
)
def test_a_url_that_no_key_should_travel_to_is_refused_at_once(url: str) -> None:
    with pytest.raises(UrlError, match="expected"):
        ContractWallets.at([(1, url)])


def test_t11_no_request_leaves_for_any_other_host(anvil: Anvil, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contracts that ask for URLs to be fetched (EIP-3668), as wallets and as deployers, from many hosts."""
    egress: list[Any] = []
    names: list[str] = []
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def recorded(connection: socket.socket, address: Any) -> None:
        egress.append(address[:2])
        connect(connection, address)

    def resolved(host: Any, *arguments: Any, **options: Any) -> Any:
        names.append(host)
        return resolve(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", recorded)
    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with faults.serving(faults.raw(GOOD)) as attacker:
        wallets = ContractWallets.at([(CHAIN_ID, anvil.url)])
        for url in (
            f"{base(attacker)}/{{sender}}/{{data}}.json",
            "https://attacker.example/{data}",
            "http://169.254.169.254/latest/meta-data/",
        ):
            hostile = contracts.offchain_lookup(url)
            undeployed = Undeployed(hostile)
            assert not asked(wallets, anvil.put(hostile), signed(OWNER))
            assert not asked(wallets, undeployed.address, undeployed.wrapped(signed(OWNER)))
            lured = contracts.wrapped(signed(OWNER), b"x", anvil.put(hostile))
            assert not asked(wallets, Undeployed().address, lured)
        wallets.close()
        assert attacker.connections == 0
    assert set(egress) == {("127.0.0.1", anvil.port)}
    assert set(names) == {"127.0.0.1"}
