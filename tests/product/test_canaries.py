"""What must not be kept or told is looked for in all that a server writes and says, at its most talkative."""

import json
from pathlib import Path

import httpx
from eth_account import Account
from eth_account.messages import encode_defunct

from tests.support import faults
from tests.support.device import Device, now_ms
from tests.support.people import message
from tests.support.serving import serving

API_KEY, QUERY, CLIENT = "canary-api-key", "canary-in-the-url", "203.0.113.77"


def echoing(status: str) -> faults.Fault:
    """A gateway that repeats the key that it was sent, in its headers and in its body."""
    answer = {"data": {"follow": {"status": status, "tsInServer": now_ms()}}, "echo": API_KEY, "url": QUERY}
    return faults.reply(answer, X_Echo=API_KEY)


def test_t54_t73_neither_the_log_nor_a_reply_tells_what_it_must_not(tmp_path: Path) -> None:
    """At debug level, of what succeeds, is refused or fails: no key, cookie, token, signature or address."""
    kept: set[str] = set()
    replies: list[httpx.Response] = []
    with (
        faults.serving(echoing("SUCCESS")) as gateway,
        serving(
            "run",
            cwd=tmp_path,
            UPSTREAM_URL=f"{gateway.url}?k={QUERY}",
            UPSTREAM_API_KEY=API_KEY,
            LOG_LEVEL="debug",
            LOG_FORMAT="json",
            TRUSTED_PROXY_HOPS="1",
        ) as server,
    ):
        client, origin = server.client, str(server.client.base_url).rstrip("/")
        client.headers["x-forwarded-for"] = CLIENT

        def post(path: str, body: object) -> httpx.Response:
            token = client.get("/api/session").json()["csrfToken"]
            reply = client.post(path, json=body, headers={"origin": origin, "x-csrf-token": token})
            kept.update((token, *client.cookies.values()))
            replies.append(reply)
            return reply

        account = Account.create()
        device = Device("", account)
        asked = post("/api/login/challenge", {"address": account.address, "chainId": 1}).json()
        signature = "0x" + bytes(account.sign_message(encode_defunct(text=asked["message"])).signature).hex()
        assert post("/api/login", {"message": asked["message"], "signature": signature}).status_code == 200
        text = message("follow", account.address, "shiyu", now_ms())
        signed = {
            "address": account.address,
            "handle": "shiyu",
            "message": text,
            "signature": device.sign(text),
            "signingKey": device.signing_key,
        }
        assert post("/api/follow", signed).json()["status"] == "SUCCESS"
        assert post("/api/follow", {**signed, "more": 1}).status_code == 400
        for fault in (echoing("NEW"), faults.reset, faults.body(API_KEY.encode(), kind="text/html")):
            gateway.fault = fault
            assert post("/api/follow", signed).status_code == 502
        replies += [client.get("/"), client.get("/api/profiles/shiyu"), client.get("/nothing")]
        kept |= {signature, signed["signature"]}
        assert any(b"canary-in-the-url" in request for request in gateway.requests)
    written = server.said + server.errors
    assert "/api/follow" in written
    assert "203.0.113.0/24" in written or "127.0.0.0/24" in written
    for secret in (*kept, API_KEY, QUERY, CLIENT):
        assert secret not in written
    assert '"127.0.0.1"' not in server.errors
    for reply in replies:
        told = json.dumps(dict(reply.headers)) + reply.text
        for secret in (API_KEY, QUERY, CLIENT, signature):
            assert secret not in told, reply.url
