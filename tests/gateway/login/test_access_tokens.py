"""Access tokens: they say who asks, to this gateway alone, and only as it wrote them."""

import json
from typing import Any

import jwt
import pytest

from tests.support.login import ALICE, SECRET, token_for
from tests.support.people import DAY, MUTATIONS, NOW, Client, Person, Ticker, check_refusal, headers
from webapp.gateway.config import GatewayConfig, LoginConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.login.access_tokens import LONGEST
from webapp.storage.database import Database


@pytest.fixture
def config() -> GatewayConfig:
    return GatewayConfig(login=LoginConfig(token_secret=SECRET))


def bearing(client: Client, authorization: str, **variables: Any) -> Any:
    content = {"query": MUTATIONS["registerSigningKey"], "variables": variables}
    return client.post(content, authorization=authorization)


@pytest.mark.parametrize("scheme", ["bearer", "Bearer", "BEARER "])
def test_a_bearer_registers_keys_for_itself_alone(scheme: str, client: Client) -> None:
    token, alice, bob = token_for(client), Person("alice"), Person("bob")
    for person, status in ((bob, "INVALID_ADDRESS"), (alice, "SUCCESS")):
        response = bearing(client, f"{scheme} {token}", input=person.registration())
        assert json.loads(response.body)["data"]["registerSigningKey"]["status"] == status
    assert client.register(bob) == "SUCCESS"


def forged(by: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    claims = {"iss": "countersign", "sub": ALICE.address, "iat": NOW // 1000, "exp": NOW // 1000 + 60}
    return jwt.encode({**claims, **changes}, by, algorithm=algorithm)


def test_a_token_of_our_making_is_good() -> None:
    """So that the table below shows what it means to show."""
    assert jwt.decode(
        forged(), SECRET, algorithms=["HS256"], issuer="countersign", options={"verify_exp": False}
    )


def test_a_token_longer_than_ours_can_be_is_not_looked_into(client: Client) -> None:
    """Well signed, and all in order but for its length."""
    grown = {length: forged(more="x" * length) for length in (1_000, 2_000)}
    assert [len(token) > LONGEST for token in grown.values()] == [False, True]
    for length, status in ((1_000, 200), (2_000, 401)):
        response = bearing(client, f"bearer {grown[length]}", input=Person("alice").registration())
        assert response.status == status


WITHOUT_EXPIRY = jwt.encode({"iss": "countersign", "sub": ALICE.address, "iat": 1}, SECRET, algorithm="HS256")


@pytest.mark.parametrize(
    "token",
    [
        "",
        "undefined",
        "a.b.c",
        "é",
        "x" * 100_000,
        forged(exp=NOW // 1000),
        forged(exp="soon"),
        forged(exp=None),
        forged(iss="another"),
        forged(sub="0x1"),
        forged(sub=None),
        WITHOUT_EXPIRY,
        f"{forged()}x",
        f"{forged()} {forged()}",
        forged(by="another secret of at least thirty-two characters"),
        forged(by="", algorithm="none"),
        forged(by=SECRET * 2, algorithm="HS512"),
        forged(by=SECRET * 2),
    ],
    ids=map(str, range(18)),
)
def test_what_is_no_token_of_ours_is_401(token: str, client: Client) -> None:
    response = bearing(client, f"bearer {token}", input=Person("alice").registration())
    assert check_refusal(response, 401)["code"] == "ACCESS_TOKEN_INVALID"
    assert headers(response)["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "authorization",
    [
        "bearer",
        "bearer \xe9",
        "bearer \ud800",
        *(f"bearer{between}{forged()}" for between in ("\xe9", "\xa0", "\t", ",", " \xa0")),
        f"bearer {forged()}\xa0",
    ],
    ids=map(str, range(9)),
)
def test_whoever_names_the_scheme_has_given_a_token(authorization: str, client: Client) -> None:
    """A wrong one, and is told so: nobody who meant to say who they are is taken for nobody."""
    response = bearing(client, authorization, input=Person("alice").registration())
    assert check_refusal(response, 401)["code"] == "ACCESS_TOKEN_INVALID"


def test_a_token_has_one_spelling(client: Client) -> None:
    """Its signature's 32 bytes could be written in others, which the library takes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = token_for(client)
    head, last = token[:-1], alphabet.index(token[-1])
    others = [f"{head}{alphabet[last + spare]}" for spare in (1, 2, 3)]
    for other in (*others, f"{token}=", f"{token}==", f"{head}!{token[-1]}", f"{token}.", f".{token}"):
        assert bearing(client, f"bearer {other}", input=Person("alice").registration()).status == 401
    assert bearing(client, f"bearer {token}", input=Person("alice").registration()).status == 200


def test_a_token_runs_out(client: Client, clock: Ticker) -> None:
    token = token_for(client)
    for age, status in ((DAY - 1, 200), (1, 401)):
        clock.now += age
        assert bearing(client, f"bearer {token}", input=Person("alice").registration()).status == status


@pytest.mark.parametrize("authorization", ["Basic YTpi", "Basic \xe9", "Bearers x", "Bearer-x x", ""])
def test_other_schemes_are_not_ours(authorization: str, client: Client) -> None:
    """A proxy in front may want a password of its own."""
    response = client.post({"query": "{ __typename }"}, authorization=authorization)
    assert response.status == 200


def test_without_a_secret_each_process_believes_itself_alone(database: Database, clock: Ticker) -> None:
    one, another = (Client(create_gateway(database, GatewayConfig(), clock), clock) for _ in range(2))
    token = token_for(one)
    assert bearing(one, f"bearer {token}", input=Person("alice").registration()).status == 200
    assert bearing(another, f"bearer {token}", input=Person("alice").registration()).status == 401
