"""Signing in at the API: a text that is good once, a token that says who, and nobody locked out."""

from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import update

from tests.support.databases import migrated
from tests.support.login import ALICE, GET_MESSAGE, HINTED, SECRET, VERIFY, account, text_for, token_for
from tests.support.people import DAY, NOW, Client, Ticker, Wallet
from tests.support.work import at_once
from webapp.gateway.config import GatewayConfig, LoginConfig
from webapp.gateway.http.service import create_gateway
from webapp.siwe.tables import nonce_key
from webapp.storage.database import Database

SLOT = 150_000
"""The text is another one at each multiple of so many milliseconds."""
MALLORY = Wallet("mallory")
LIFETIME = 300_000


def refused(client: Client, document: str, **variables: Any) -> dict[str, Any]:
    reply = client.ask(document, **variables)
    [error] = reply["errors"]
    assert not reply.get("data")
    extensions: dict[str, Any] = error["extensions"]
    return {"message": error["message"], **extensions}


@pytest.fixture
def clock() -> Ticker:
    """A slot begins now."""
    return Ticker(NOW - NOW % SLOT)


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig(login=LoginConfig(token_secret=SECRET))


def test_the_text_is_a_siwe_message_of_ours(client: Client) -> None:
    lines = text_for(client, chainID="56").split("\n")
    nonce = next(line for line in lines if line.startswith("Nonce: ")).removeprefix("Nonce: ")
    assert len(nonce) == 32
    assert lines == [
        "follow.example wants you to sign in with your Ethereum account:",
        ALICE.address,
        "",
        "Sign in to Countersign. This is free, sends no transaction and moves no funds.",
        "",
        "URI: https://follow.example",
        "Version: 1",
        "Chain ID: 56",
        f"Nonce: {nonce}",
        "Issued At: 2026-11-23T18:52:30.000Z",
        "Expiration Time: 2026-11-23T18:57:30.000Z",
    ]
    for domain in ("localhost:3000", "app.localhost", "127.0.0.1:8000", "[::1]:8000"):
        assert f"URI: http://{domain}\n" in text_for(client, domain=domain)
    for domain in ("localhost.example", "127.example", "192.0.2.1:8443", "[2001:db8::1]"):
        assert f"URI: https://{domain}\n" in text_for(client, domain=domain)


def test_its_signature_gives_a_token_for_a_day(client: Client, clock: Ticker) -> None:
    claims = jwt.decode(token_for(client), SECRET, algorithms=["HS256"], options={"verify_exp": False})
    assert claims == {
        "iss": "countersign",
        "sub": ALICE.address,
        "iat": clock.now // 1000,
        "exp": (clock.now + DAY) // 1000,
    }


@pytest.mark.parametrize(
    "domain",
    [
        "[::1]:8000",
        "192.0.2.1",
        "a-b.c--d.example:65535",
        "x" * 63,
        "10.0.0.1.sslip.io",
        "1.2.3.4.example",
        "xn--a.com",
        ".".join(["a" * 62] * 4),
    ],
)
def test_whatever_domain_is_taken_can_be_signed_in_to(domain: str, client: Client) -> None:
    given = account(domain=domain)
    signature = ALICE.sign(text_for(client, domain=domain))
    assert client.data(VERIFY, **given, signature=signature)["loginVerify"]["accessToken"]


@pytest.mark.parametrize("hint", [None, True, False])
def test_a_hint_about_contracts_is_taken_as_one(hint: bool | None, client: Client) -> None:
    """Without chains to ask, a key's signature is what it is."""
    given = account(signature=ALICE.sign(text_for(client)), isEIP1271=hint)
    assert client.data(HINTED, input=given)["loginVerify"]["accessToken"]


def test_other_spellings_of_a_signature_are_taken(client: Client) -> None:
    signature = ALICE.sign(text_for(client))
    v = int(signature[-2:], 16) - 27
    assert client.data(VERIFY, **account(), signature=f"{signature[:-2]}{v:02x}")["loginVerify"]


def test_t02_a_text_is_good_once(client: Client, clock: Ticker) -> None:
    """And the next one is another: whoever signs in again need not wait."""
    texts = []
    for _ in range(3):
        texts.append(text_for(client))
        given = account(signature=ALICE.sign(texts[-1]))
        assert client.data(VERIFY, **given)["loginVerify"]
        clock.now += 1
        assert refused(client, VERIFY, **given)["code"] == "LOGIN_UNKNOWN"
    assert len(set(texts)) == 3


@pytest.mark.parametrize("together", [50, pytest.param(500, marks=pytest.mark.soak)])
def test_t02_of_many_at_once_one_gets_the_token(client: Client, together: int) -> None:
    given = account(signature=ALICE.sign(text_for(client)))
    replies = at_once(together, lambda _: client.ask(VERIFY, **given))
    assert sum("errors" not in reply for reply in replies) == 1
    codes = {error["extensions"]["code"] for reply in replies for error in reply.get("errors", ())}
    assert codes <= {"LOGIN_UNKNOWN", "UNAVAILABLE"}, "unavailable: waited too long for its turn"


@pytest.mark.parametrize(
    ("age", "codes"),
    [
        (0, []),
        (LIFETIME - 1000, []),
        (LIFETIME - 1, []),
        (LIFETIME, ["LOGIN_UNKNOWN"]),
        (LIFETIME + 1000, ["LOGIN_UNKNOWN"]),
        (10 * LIFETIME, ["LOGIN_REFUSED"]),
        (-1000, []),
        (-LIFETIME, ["LOGIN_REFUSED"]),
    ],
)
def test_t04_a_text_is_good_for_five_minutes(
    age: int, codes: list[str], client: Client, clock: Ticker
) -> None:
    """Until then it is good also if the clock is set back a little; later it is told to have run out."""
    given = account(signature=ALICE.sign(text_for(client)))
    clock.now += age
    reply = client.ask(VERIFY, **given)
    assert [error["extensions"]["code"] for error in reply.get("errors", ())] == codes


@pytest.mark.parametrize("away", [DAY, 400 * DAY, -DAY, -400 * DAY])
def test_t62_a_clock_that_leaves_and_returns_makes_no_used_text_good(
    away: int, client: Client, clock: Ticker
) -> None:
    given = account(signature=ALICE.sign(text_for(client)))
    assert client.data(VERIFY, **given)["loginVerify"]
    clock.now += away
    assert token_for(client)
    clock.now -= away
    assert refused(client, VERIFY, **given)["code"] == "LOGIN_UNKNOWN"
    assert token_for(client)


def test_whoever_asks_has_half_of_the_time_at_least(client: Client, clock: Ticker) -> None:
    """And however often it is asked for, there are few to try a signature on."""
    texts = set()
    for _ in range(100):
        text = text_for(client)
        texts.add(text)
        given = account(signature=ALICE.sign(text))
        clock.now += SLOT - 1
        assert client.ask(VERIFY, **given).get("data"), text
        clock.now += 10_001 - SLOT
    assert len(texts) == 100


def test_the_text_is_the_same_for_all_workers_of_one_database_and_of_no_other(
    client: Client, database: Database, clock: Ticker, config: GatewayConfig, tmp_path: Path
) -> None:
    text = text_for(client)
    assert text_for(Client(create_gateway(database, config, clock), clock)) == text
    elsewhere = migrated(tmp_path / "other.sqlite3")
    with elsewhere.write() as connection:
        connection.execute(update(nonce_key).values(key=bytes(32)))
    stranger = Client(create_gateway(elsewhere, config, clock), clock)
    assert text_for(stranger) != text
    assert refused(stranger, VERIFY, **account(signature=ALICE.sign(text)))["code"] == "LOGIN_REFUSED"
    elsewhere.close()


@pytest.mark.parametrize("seconds", [10, 3_600])
def test_the_operator_says_how_long_a_text_is_good(seconds: int, database: Database, clock: Ticker) -> None:
    login = LoginConfig(nonce_lifetime_ms=seconds * 1000)
    client = Client(create_gateway(database, GatewayConfig(login=login), clock), clock)
    clock.now -= clock.now % (seconds * 500)
    given = account(signature=ALICE.sign(text_for(client)))
    clock.now += seconds * 1000
    assert refused(client, VERIFY, **given)["code"] == "LOGIN_UNKNOWN"
    clock.now -= 1
    assert client.data(VERIFY, **given)["loginVerify"]


@pytest.mark.parametrize(
    "changes",
    [
        {"domain": "evil.example"},
        {"chainID": 56},
        {"address": MALLORY.address},
        {"domain": "follow.example:8"},
    ],
)
def test_a_signature_is_for_the_account_it_was_asked_for(changes: dict[str, Any], client: Client) -> None:
    given = account(signature=ALICE.sign(text_for(client)))
    assert refused(client, VERIFY, **{**given, **changes})["code"] == "LOGIN_REFUSED"
    text_for(client, **changes)
    assert refused(client, VERIFY, **{**given, **changes})["code"] == "LOGIN_REFUSED"
    assert client.data(VERIFY, **given)["loginVerify"]


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("", "signature"),
        ("0x00", "signature"),
        ("x", "signature"),
        ("0x" + "0" * 130, "signature"),
        ("0x" + "f" * 130, "signature"),
        ("0x" + "1" * 128, "signature"),
        ("\ud800", "signature"),
        ("0x", "unsupported-wallet"),
        ("0x" + "1" * 400, "unsupported-wallet"),
        ("0x" + "1" * 20_000, "signature"),
    ],
    ids=map(str, range(10)),
)
def test_what_is_no_signature_is_refused(signature: str, reason: str, client: Client) -> None:
    """No chain can be asked here: what only a contract could have made is told apart, and so is a hint."""
    text_for(client)
    refusal = refused(client, VERIFY, **account(), signature=signature)
    assert (refusal["code"], refusal["reason"]) == ("LOGIN_REFUSED", reason)
    hinted = refused(client, HINTED, input=account(signature=signature, isEIP1271=True))
    assert (hinted["code"], hinted["reason"]) == ("LOGIN_REFUSED", "unsupported-wallet")
    assert hinted["message"] == "Contract wallets of this chain cannot sign in here."


def test_t66_nobody_is_locked_out_by_others(client: Client, clock: Ticker) -> None:
    """Mallory asks for texts and sends bad signatures in Alice's name, before and after she gets hers."""
    for _ in range(50):
        text_for(client)
    text = text_for(client)
    for _ in range(5):
        clock.now += 59_999
        for _ in range(10):
            newest = text_for(client)
            wrong = account(signature=MALLORY.sign(newest))
            assert refused(client, VERIFY, **wrong)["code"] == "LOGIN_REFUSED"
    assert client.data(VERIFY, **account(), signature=ALICE.sign(text))["loginVerify"]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"domain": ""}, "input.domain"),
        ({"domain": "Follow.Example"}, "input.domain"),
        ({"domain": "https://follow.example"}, "input.domain"),
        ({"domain": "a.example\nb"}, "input.domain"),
        ({"domain": "me@follow.example"}, "input.domain"),
        ({"domain": "a" * 300}, "input.domain"),
        ({"domain": "other.example"}, "input.domain"),
        ({"address": "0x1"}, "input.address"),
        ({"address": ALICE.address.swapcase()}, "input.address"),
        ({"chainID": 5}, "input.chainID"),
        ({"chainID": 2**60}, "input.chainID"),
    ],
)
def test_what_cannot_be_signed_in_is_named(
    changes: dict[str, Any], names: str, database: Database, clock: Ticker
) -> None:
    login = LoginConfig(domains=frozenset({"follow.example"}), chain_ids=frozenset({1}))
    client = Client(create_gateway(database, GatewayConfig(login=login), clock), clock)
    assert text_for(client)
    for document, more in ((GET_MESSAGE, {}), (VERIFY, {"signature": "0x"})):
        refusal = refused(client, document, **account(**changes), **more)
        assert refusal["code"] == "BAD_ARGUMENT"
        assert refusal["message"].startswith(f"{names}: expected")


@pytest.mark.parametrize("domain", ["my_host.example:8080", "_-.example", "[2001:db8::1]:443"])
def test_whatever_names_a_host_can_be_signed_in_to(domain: str, client: Client) -> None:
    text = text_for(client, domain=domain)
    assert text.startswith(f"{domain} wants you to sign in")
    answer = client.data(VERIFY, **account(domain=domain), signature=ALICE.sign(text))
    assert answer["loginVerify"]["accessToken"]


@pytest.mark.parametrize("domain", ["a..b", "a:0", "a:99999", "1.2.3.256", "::1"])
def test_a_domain_that_no_host_can_have_is_told_so(domain: str, client: Client) -> None:
    """Also where any domain may be signed in to."""
    refusal = refused(client, GET_MESSAGE, **account(domain=domain))
    assert refusal["message"].startswith("input.domain: expected a host name in lower case or an IP address")
