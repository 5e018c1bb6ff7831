"""What the client sends, and what it makes of gateways that lack our extensions."""

import json
from typing import Any

import httpx
import pytest

from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.upstream import ALICE, API_KEY, SIGNED, sent
from webapp.network.transport import network_transport
from webapp.protocol.status import RegistrationStatus, SigningKeyStatus, Status
from webapp.upstream.client import SignedKeyOperation, UpstreamClient
from webapp.upstream.errors import UpstreamMalformed

REFUSED = {"errors": [{"message": "Cannot query field"}]}


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
