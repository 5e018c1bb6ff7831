"""GraphQL over HTTP: methods, media types, status codes, CORS, and bodies of every unpleasant kind."""

import json
import logging
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert

from tests.support.people import (
    MUTATIONS,
    NEWER,
    NOW,
    OLDER,
    Client,
    Person,
    Ticker,
    Wallet,
    check_refusal,
    headers,
)
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import GatewayRequest, GatewayResponse, create_gateway
from webapp.gateway.tables import signing_keys
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade

TYPENAME = {"query": "{ __typename }"}


def get(client: Client, query: str, **more: str) -> GatewayResponse:
    return client.gateway.handle(GatewayRequest("GET", more, query=query))


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", OLDER),
        ("*/*", OLDER),
        (OLDER, OLDER),
        (NEWER, NEWER),
        (f"{NEWER}, {OLDER};q=0.9", NEWER),
        (f"{OLDER}, {NEWER};q=0.9", OLDER),
        (f"{NEWER};charset=utf-8", NEWER),
        ("text/html,*/*;q=0.8", OLDER),
        (f"{NEWER};q=0", OLDER),
        (f"{NEWER};q=best", OLDER),
    ],
)
def test_the_client_chooses_between_two_media_types(accept: str, expected: str, client: Client) -> None:
    response = client.post(TYPENAME, accept=accept)
    assert headers(response)["content-type"] == f"{expected}; charset=utf-8"
    assert headers(response)["vary"] == "accept"
    assert headers(response)["cache-control"] == "no-store"
    assert json.loads(response.body) == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("content", "older", "newer"),
    [
        ({"query": "{"}, 200, 400),
        ({"query": "{ nothing }"}, 200, 400),
        ({"query": "query a { __typename } query b { __typename }"}, 200, 400),
        ({"query": "query a { __typename }", "operationName": "b"}, 200, 400),
        ({"query": MUTATIONS["follow"], "variables": {"input": 7}}, 200, 400),
        ({"query": "query ($h: String!) { profileByHandle(handle: $h) { id } }"}, 200, 400),
        ({"query": '{ address(address: "0x") { address } }'}, 200, 200),
        ({"query": "fragment f on Query { __typename }"}, 200, 400),
        ({"query": "subscription { x }"}, 200, 400),
        ({"query": "type Query { x: Int }"}, 200, 400),
    ],
)
def test_status_codes_of_either_media_type(
    content: dict[str, object], older: int, newer: int, client: Client
) -> None:
    """The newer type tells by its status whether the document was executed; the older one does not."""
    for media_type, status in ((OLDER, older), (NEWER, newer)):
        response = client.post(content, accept=media_type)
        assert response.status == status
        reply = json.loads(response.body)
        assert reply["errors"]
        assert ("data" in reply) is (newer == 200)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"7",
        b'"{ __typename }"',
        b"{",
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": " \\n"}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 7}',
        b'{"query": "{ __typename }", "extensions": []}',
        b'{"query": "{ __typename }", "query": "{ __typename }"}',
        b'{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "{ __typename }", "variables": {"a": -Infinity}}',
        b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5000 + b"}}",
        b'{"query": "{ __typename }"} {}',
        b"\xef\xbb\xbf" + b'{"query": "{ __typename }"}',
        '{"query": "{ __typename }"}'.encode("utf-16"),
        b'{"query": "{ __typename }\xff"}',
        b"[" * 60_000,
        b'{"query":"{ __typename }","variables":' + b'{"a":' * 9000 + b"1" + b"}" * 9000 + b"}",
        b'[{"query": "{ __typename }"}]',
        b"[]",
        b"query=%7B__typename%7D",
    ],
    ids=lambda body: repr(body[:40]),
)
def test_t56_what_is_no_request_is_400(body: bytes, client: Client) -> None:
    for media_type in (OLDER, NEWER):
        assert check_refusal(client.post(body, accept=media_type), 400)["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (b"9" * 310, "whole numbers of at most 309 digits"),
        (b"-" + b"9" * 5000, "whole numbers of at most 309 digits"),
        (b"1e309", "numbers that a 64-bit float can hold"),
        (b"-1.5e999", "numbers that a 64-bit float can hold"),
        (b"NaN", "numbers that JSON has"),
    ],
    ids=lambda given: repr(given[:20]),
)
def test_a_number_that_is_none_is_told_apart_from_what_is_no_json(
    numbers: bytes, expected: str, client: Client
) -> None:
    body = b'{"query": "{ __typename }", "variables": {"a": ' + numbers + b"}}"
    response = client.post(body)
    check_refusal(response, 400)
    assert json.loads(response.body)["errors"][0]["message"] == f"body: expected {expected}"


def test_large_numbers_that_are_some_are_let_pass(client: Client) -> None:
    for number in (b"9" * 309, b"-" + b"9" * 309, b"1.7e308", b"1e-999"):
        body = b'{"query": "{ __typename }", "variables": {"a": ' + number + b"}}"
        assert client.post(body).status == 200


def test_too_many_parameters_are_counted(client: Client) -> None:
    def asked(query: str) -> GatewayResponse:
        return client.gateway.handle(GatewayRequest("GET", query=query))

    fifteen = "".join(f"&p{number}=1" for number in range(15))
    assert asked(f"query={{__typename}}{fifteen}").status == 200
    for query, expected in (
        (f"query={{__typename}}{fifteen}&p=1", "at most 16 parameters"),
        ("query=%ff", "percent-encoded UTF-8"),
    ):
        check_refusal(response := asked(query), 400)
        message = json.loads(response.body)["errors"][0]["message"]
        assert message == f"expected {expected} behind the question mark"


def test_what_is_let_pass(client: Client) -> None:
    """Nulls where something may be missing, an empty operation name, members nobody knows."""
    for more in (
        {"operationName": None, "variables": None, "extensions": None},
        {"operationName": "", "variables": {"unused": [1]}, "extensions": {}},
        {"id": 7},
    ):
        assert client.post({**TYPENAME, **more}).status == 200


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ('Application/JSON;Charset="UTF-8"', 200),
        ("application/json; charset=latin-1", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/graphql", 415),
        ("application/jsonx", 415),
        ("", 415),
    ],
)
def test_t58_media_types_of_the_request(content_type: str, status: int, client: Client) -> None:
    response = client.post(TYPENAME, content_type=content_type)
    assert response.status == status
    if status != 200:
        check_refusal(response, status)


CODINGS = ["gzip", "br", "deflate", "identity, gzip", "x"]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_body_is_not_read(coding: str, client: Client) -> None:
    response = client.post(TYPENAME, content_encoding=coding)
    assert check_refusal(response, 415)["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert headers(response)["accept-encoding"] == "identity"


@pytest.mark.parametrize("coding", ["", "identity", "Identity", "identity, identity"])
def test_a_body_that_is_not_compressed_may_say_so(coding: str, client: Client) -> None:
    assert client.post(TYPENAME, content_encoding=coding).status == 200


def test_a_body_may_be_64_kib(client: Client) -> None:
    most = GatewayConfig().max_body
    body = json.dumps(TYPENAME).encode()
    assert client.post(body.ljust(most)).status == 200
    assert check_refusal(client.post(body.ljust(most + 1)), 413)["code"] == "TOO_LARGE"
    assert check_refusal(client.post(b"", content_length=str(most + 1)), 413)["code"] == "TOO_LARGE"
    for length in ("-1", "1e3", "9" * 30, "٣", "x"):
        check_refusal(client.post(body, content_length=length), 400)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE", "get", "BREW"])
def test_other_methods(method: str, client: Client) -> None:
    response = client.gateway.handle(
        GatewayRequest(method, {"content-type": OLDER}, json.dumps(TYPENAME).encode())
    )
    check_refusal(response, 405)
    assert headers(response)["allow"] == "GET, POST, OPTIONS"


def test_queries_by_get(client: Client, alice: Person) -> None:
    query = urlencode(
        {
            "query": "query q($a: AddressEVM!) { address(address: $a) { address } }",
            "variables": json.dumps({"a": alice.address}),
            "operationName": "q",
        }
    )
    response = get(client, query, accept=NEWER)
    assert json.loads(response.body) == {"data": {"address": {"address": alice.address}}}


def test_t58_a_mutation_by_get_is_refused_and_not_executed(
    client: Client, alice: Person, clock: Ticker
) -> None:
    """Also where the document has a query beside it and the name selects the mutation."""
    request = alice.request("follow", "shiyu", clock.now)
    for text in (MUTATIONS["follow"], MUTATIONS["follow"] + " query q { __typename }"):
        query = urlencode(
            {"query": text, "operationName": "follow", "variables": json.dumps({"input": request})}
        )
        response = get(client, query)
        check_refusal(response, 405)
        assert headers(response)["allow"] == "POST, OPTIONS"
    assert client.profile("shiyu", alice.address)["followerCount"] == 0
    harmless = urlencode({"query": MUTATIONS["follow"] + " query q { __typename }", "operationName": "q"})
    assert get(client, harmless).status == 200


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=",
        "query=%7B__typename%7D&query=%7B__typename%7D",
        "query=%FF",
        "query=%7B__typename%7D&variables=%7B",
        "query=%7B__typename%7D&variables=[]",
        "query=%7B__typename%7D&extensions=7",
        "&".join(f"a{number}=1" for number in range(40)),
    ],
)
def test_what_is_no_request_by_get(query: str, client: Client) -> None:
    check_refusal(get(client, query), 400)


def test_a_query_string_has_an_end(client: Client) -> None:
    check_refusal(get(client, "query=" + "a" * 70_000), 414)


def test_a_browser_may_ask_from_anywhere_without_cookies(client: Client) -> None:
    response = client.gateway.handle(
        GatewayRequest(
            "OPTIONS",
            {
                "origin": "https://app.example",
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type,x-api-key",
            },
        )
    )
    found = headers(response)
    assert (response.status, response.body) == (204, b"")
    assert found["access-control-allow-origin"] == "*"
    assert found["access-control-allow-headers"] == "content-type, x-api-key, authorization"
    assert found["access-control-allow-methods"] == "GET, POST, OPTIONS"
    assert int(found["access-control-max-age"]) >= 3600
    assert "access-control-allow-credentials" not in found


def test_every_reply_may_be_read_from_anywhere(client: Client) -> None:
    for response in (client.post(TYPENAME), client.post(b"{"), client.post({"query": "{"}), get(client, "")):
        found = headers(response)
        assert found["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in found
        assert found["x-content-type-options"] == "nosniff"
        json.loads(response.body)


def test_an_internal_error_tells_only_an_id(
    client: Client, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that cannot be: the log has the exception and the id, the client has the id."""
    address = Wallet("alice").address
    with database.write() as connection:
        row = {
            "address": address,
            "public_key": "no key at all",
            "authorization_message": "",
            "authorization_signature": "",
            "registered_at": 0,
            "expires_at": NOW * 2,
        }
        connection.execute(insert(signing_keys), row)
    with caplog.at_level(logging.ERROR):
        reply = client.ask(f'{{ address(address: "{address}") {{ chainID signingKeys {{ fingerprint }} }} }}')
    [error] = reply["errors"]
    assert reply["data"] == {"address": None}
    incident = error["extensions"]["id"]
    assert error["extensions"] == {"code": "INTERNAL", "id": incident}
    assert incident in caplog.text
    assert "Traceback" in caplog.text


def test_a_failure_outside_of_resolvers_is_json_as_well(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Headers of the wrong type stand for whatever nobody thought of."""
    response = client.gateway.handle(GatewayRequest("POST", {"accept": "", "content-type": 7}, b"{}"))  # type: ignore[dict-item]  # wrong on purpose
    code = check_refusal(response, 500)
    assert code["code"] == "INTERNAL"
    assert str(code["id"]) in caplog.text


def test_a_database_that_cannot_be_opened_is_503(tmp_path: Path, clock: Ticker) -> None:
    place = tmp_path / "gone"
    database = Database.open(f"sqlite:///{place}/x.sqlite3")
    place.rmdir()
    client = Client(create_gateway(database, GatewayConfig(), clock), clock)
    fields = " ".join(f'a{number}: profileByHandle(handle: "shiyu") {{ id }}' for number in range(20))
    check_refusal(client.post({"query": f"{{ {fields} }}"}), 503)
    place.mkdir()
    upgrade(database)
    assert client.data('{ profileByHandle(handle: "shiyu") { id } }') == {"profileByHandle": None}
    database.close()


def test_a_status_comes_with_a_json_number(client: Client, alice: Person, clock: Ticker) -> None:
    """`tsInServer` is past 2^31, and a number all the same."""
    response = client.post(
        {"query": MUTATIONS["follow"], "variables": {"input": alice.request("follow", "nobody", clock.now)}}
    )
    assert f'"tsInServer":{NOW}}}' in response.body.decode()
