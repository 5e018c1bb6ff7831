"""What the client sends, what it makes of good replies, and what the inspector is given of both."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.upstream import API_KEY
from webapp.network.transport import network_transport
from webapp.protocol.address import Address
from webapp.protocol.status import RegistrationStatus, SigningKeyStatus, Status
from webapp.upstream.client import SignedKeyOperation, SignedOperation, UpstreamClient
from webapp.upstream.errors import UpstreamError, UpstreamMalformed
from webapp.upstream.replies import Profile, SigningKeyRecord

ALICE = Address.parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
SIGNED = SignedOperation(
    address=ALICE.checksummed,
    handle="shiyu",
    message='{"op":"follow","ts": 1,"é":"\ud800"}',
    signature="0x" + "ab" * 64,
    signing_key="MFkw",
)
REFUSED = {"errors": [{"message": "Cannot query field"}]}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture
def client(server: FaultServer) -> Iterator[UpstreamClient]:
    client = UpstreamClient(url=server.url, transport=network_transport(server.url), api_key=API_KEY)
    yield client
    client.close()


def sent(server: FaultServer) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and JSON body of the last request."""
    head, _, body = server.requests[-1].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return dict(line.lower().split(": ", 1) for line in lines), json.loads(body)


def test_a_follow_carries_the_five_fields_as_variables(server: FaultServer, client: UpstreamClient) -> None:
    reply = client.follow(SIGNED)
    assert (reply.status, reply.ts_in_server) == (Status.SUCCESS, 1_795_460_676_294)
    headers, body = sent(server)
    assert body["variables"] == {"input": SIGNED.as_input()}
    assert body["query"].startswith("mutation Follow($input: FollowRequest!)")
    assert headers["x-api-key"] == API_KEY
    assert headers["content-type"] == "application/json"
    assert "cookie" not in headers
    assert "authorization" not in headers


def test_an_unfollow_is_the_other_mutation(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.reply({"data": {"unfollow": {"status": "ALREADY_DONE", "tsInServer": 5}}})
    assert client.unfollow(SIGNED).status is Status.ALREADY_DONE
    assert "UnFollowRequest!" in sent(server)[1]["query"]


def test_a_registration_has_its_own_statuses(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.reply({"data": {"registerSigningKey": {"status": "INVALID_SIGNATURE"}}})
    reply = client.register_signing_key(address=str(ALICE), message="text", signature="0x1b")
    assert reply.status is RegistrationStatus.INVALID_SIGNATURE
    assert sent(server)[1]["variables"]["input"] == {
        "address": str(ALICE),
        "message": "text",
        "signature": "0x1b",
    }
    server.fault = faults.reply({"data": {"registerSigningKey": {"status": "ALREADY_DONE"}}})
    with pytest.raises(UpstreamMalformed):
        client.register_signing_key(address=str(ALICE), message="text", signature="0x1b")


def test_one_connection_serves_many_requests(server: FaultServer, client: UpstreamClient) -> None:
    for _ in range(5):
        client.follow(SIGNED)
    assert (server.connections, len(server.requests)) == (1, 5)


def test_t54_proxy_variables_of_the_environment_are_ignored(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would read the API key, and everything else."""
    with faults.serving(faults.reply(faults.SUCCESS)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        client = UpstreamClient(url=server.url, transport=network_transport(server.url), api_key=API_KEY)
        client.follow(SIGNED)
        client.close()
        assert (server.connections, proxy.connections) == (1, 0)


def test_cookies_of_the_upstream_are_not_kept(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.reply(faults.SUCCESS, Set_Cookie="track=1; Path=/")
    client.follow(SIGNED)
    client.follow(SIGNED)
    assert "cookie" not in sent(server)[0]


# --- the exchange, for the inspector ---


def test_an_exchange_has_the_exact_bodies(server: FaultServer, client: UpstreamClient) -> None:
    text = '{ "data":{"follow":{"status":"SUCCESS",\n"tsInServer":7, "extra":"é"}} }'
    server.fault = faults.body(text.encode())
    exchange = client.follow(SIGNED).exchange
    assert exchange.response.body == text
    assert exchange.request.body.encode() == server.requests[-1].partition(b"\r\n\r\n")[2]
    assert (exchange.request.method, exchange.request.url, exchange.response.status) == (
        "POST",
        server.url,
        200,
    )
    assert exchange.request.headers["content-type"] == "application/json"
    assert 0 < exchange.duration_ms < 5000
    assert set(exchange.as_json()) == {"request", "response", "durationMs"}


def test_t54_the_api_key_is_in_no_exchange_even_if_the_upstream_echoes_it(
    server: FaultServer, client: UpstreamClient
) -> None:
    server.fault = faults.body(
        json.dumps({**faults.SUCCESS, "extensions": {"you": API_KEY}}).encode(),
        X_Echo=f"key={API_KEY}",
        Set_Cookie="a=b",
    )
    exchange = client.follow(SIGNED).exchange
    assert API_KEY not in json.dumps(exchange.as_json())
    assert API_KEY not in repr(client)
    assert "x-api-key" not in exchange.request.headers
    assert "set-cookie" not in exchange.response.headers
    assert exchange.response.headers["x-echo"] == "key=[removed]"


def test_t54_a_query_of_the_url_is_sent_but_not_shown(server: FaultServer) -> None:
    url = f"{server.url}?token=canary-url"
    client = UpstreamClient(url=url, transport=network_transport(url), api_key=None)
    exchange = client.follow(SIGNED).exchange
    client.close()
    assert b"/graphql?token=canary-url" in server.requests[-1]
    assert "canary-url" not in json.dumps(exchange.as_json())


@pytest.mark.parametrize(
    "fault", [faults.reset, faults.body(b"{}", status="401 No"), faults.raw(b"\x00\r\n\r\n")]
)
def test_t54_the_api_key_is_in_no_log_and_no_error(
    server: FaultServer, client: UpstreamClient, fault: faults.Fault
) -> None:
    """At every level, of every library."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        client.follow(SIGNED)
        server.fault = fault
        with pytest.raises(UpstreamError) as caught:
            client.follow(SIGNED)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert written.getvalue()
    assert API_KEY not in written.getvalue()
    assert API_KEY not in str(caught.value)


# --- lookups, and gateways that lack our extensions ---

PROFILE = {
    "handle": "shiyu",
    "avatar": "https://pictures.example/1.png",
    "followerCount": 12,
    "owner": {"address": str(ALICE)},
}


def test_a_profile_with_its_name(server: FaultServer, client: UpstreamClient) -> None:
    full = {**PROFILE, "metadataInfo": {"displayName": "Shi Yu", "bio": "Hello."}, "isFollowedByMe": True}
    server.fault = faults.reply({"data": {"profileByHandle": full}})
    assert client.profile("shiyu", ALICE) == Profile(
        handle="shiyu",
        display_name="Shi Yu",
        bio="Hello.",
        avatar="https://pictures.example/1.png",
        owner=str(ALICE),
        follower_count=12,
        is_followed_by_me=True,
    )
    assert sent(server)[1]["variables"] == {"handle": "shiyu", "me": str(ALICE), "signedIn": True}


def test_a_profile_nobody_has_is_none(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.reply({"data": {"profileByHandle": None}})
    assert client.profile("nobody", None) is None


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request"])
def test_a_gateway_without_names_is_asked_for_the_contract_s_fields(
    server: FaultServer, client: UpstreamClient, status: str
) -> None:
    def fault(connection: Any) -> None:
        if b"NamedProfile" in server.requests[-1]:
            faults.reply(REFUSED, status=status)(connection)
        else:
            faults.reply({"data": {"profileByHandle": PROFILE}})(connection)

    server.fault = fault
    found = client.profile("shiyu", None)
    assert found is not None
    assert (found.display_name, found.is_followed_by_me) == ("shiyu", False)


@pytest.mark.parametrize(
    ("avatar", "shown"),
    [
        ("https://a.example/b.png", "https://a.example/b.png"),
        ("data:image/png;base64,AA==", "data:image/png;base64,AA=="),
        ("javascript:alert(1)", ""),
        ("data:text/html,<script>", ""),
        ("http://a.example/b.png", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_an_avatar_is_a_picture_s_url_or_nothing(
    server: FaultServer, client: UpstreamClient, avatar: str | None, shown: str
) -> None:
    server.fault = faults.reply({"data": {"profileByHandle": {**PROFILE, "avatar": avatar}}})
    found = client.profile("shiyu", None)
    assert found is not None
    assert found.avatar == shown


@pytest.mark.parametrize(
    "changed",
    [
        {"handle": 5},
        {"followerCount": "12"},
        {"followerCount": -1},
        {"owner": None},
        {"isFollowedByMe": "yes"},
        {"metadataInfo": []},
    ],
)
def test_a_profile_of_another_shape_is_malformed(
    server: FaultServer, client: UpstreamClient, changed: dict[str, object]
) -> None:
    server.fault = faults.reply({"data": {"profileByHandle": {**PROFILE, **changed}}})
    with pytest.raises(UpstreamMalformed):
        client.profile("shiyu", None)


KEY = {
    "signingKey": "MFkw",
    "fingerprint": "ab12·cd34",
    "name": "Laptop",
    "entity": "Countersign",
    "registeredAt": 1,
    "expiresAt": 2,
    "revokedAt": None,
    "lastUsedAt": None,
}


def test_signing_keys(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.reply(
        {"data": {"address": {"signingKeys": [KEY, {**KEY, "revokedAt": 3, "lastUsedAt": 2}]}}}
    )
    first, second = client.signing_keys(ALICE) or ()
    assert first == SigningKeyRecord("MFkw", "ab12·cd34", "Laptop", "Countersign", 1, 2, None, None)
    assert (second.revoked_at, second.last_used_at) == (3, 2)
    server.fault = faults.reply({"data": {"address": None}})
    assert client.signing_keys(ALICE) == ()


@pytest.mark.parametrize("op", ["revoke", "rename", "renew"])
def test_operations_on_keys(op: str, server: FaultServer, client: UpstreamClient) -> None:
    """A renewal names no key that signed it, since only the wallet may."""
    field = f"{op}SigningKey"
    server.fault = faults.reply({"data": {field: {"status": "SUCCESS", "tsInServer": 7}}})
    signed = SignedKeyOperation(ALICE.checksummed, "MFkw", "m", "0x", "MFkx")
    ask = getattr(client, f"{op}_signing_key")
    answer = ask(signed)
    assert (answer.status, answer.ts_in_server) == (SigningKeyStatus.SUCCESS, 7)
    sent = json.loads(answer.exchange.request.body)["variables"]["input"]
    by = {} if op == "renew" else {"authorizedBy": "MFkx"}
    fields = {"address": ALICE.checksummed, "signingKey": "MFkw", "message": "m", "signature": "0x"}
    assert sent == {**fields, **by}
    server.fault = faults.reply({"data": {field: {"status": "REVOKED", "tsInServer": 7}}})
    with pytest.raises(UpstreamMalformed):
        ask(signed)
    server.fault = faults.reply(REFUSED)
    assert ask(signed) is None


def test_suggestions(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.reply({"data": {"profilesByPrefix": [PROFILE]}})
    assert [found.handle for found in client.suggest("sh") or ()] == ["shiyu"]


def test_an_extension_that_is_refused_is_none(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.reply(REFUSED)
    assert client.signing_keys(ALICE) is None
    assert client.suggest("sh") is None


@pytest.mark.parametrize(
    "answer", [{"data": None, "errors": [{"message": "x"}]}, {"data": {}}, {"data": {"address": {}}}]
)
def test_an_extension_that_fails_is_an_error_and_not_none(
    server: FaultServer, client: UpstreamClient, answer: dict[str, object]
) -> None:
    server.fault = faults.reply(answer)
    with pytest.raises(UpstreamMalformed):
        client.signing_keys(ALICE)


def test_in_process_the_same_code_runs() -> None:
    seen: list[dict[str, Any]] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append({**environ, "body": environ["wsgi.input"].read()})
        start_response("200 OK", [("content-type", "application/json; charset=utf-8")])
        return [json.dumps(faults.SUCCESS).encode()]

    client = UpstreamClient(
        url="http://127.0.0.1:8000/graphql", transport=httpx.WSGITransport(app=application), api_key=API_KEY
    )
    reply = client.follow(SIGNED)
    assert reply.status is Status.SUCCESS
    assert seen[0]["HTTP_X_API_KEY"] == API_KEY
    assert seen[0]["PATH_INFO"] == "/graphql"
    assert reply.exchange.request.body.encode() == seen[0]["body"]
    client.close()


@pytest.mark.parametrize(
    ("extensions", "told"),
    [({"retryAfter": 7}, 7), ({}, None), ({"retryAfter": "soon"}, None), ({"retryAfter": -1}, None)],
)
def test_how_long_to_wait_is_passed_on_where_the_gateway_says_it(
    server: FaultServer, client: UpstreamClient, extensions: dict[str, object], told: int | None
) -> None:
    limited = {"follow": {"status": "RATE_LIMITED", "tsInServer": 1}}
    server.fault = faults.reply({"data": limited, "extensions": extensions})
    reply = client.follow(SIGNED)
    assert reply.retry_after == told
    assert reply.as_json().get("retryAfter") == told
    server.fault = faults.reply({"data": faults.SUCCESS["data"], "extensions": extensions})
    assert client.follow(SIGNED).retry_after is None
