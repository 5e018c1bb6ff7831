"""A client of a gateway that breaks, and the ways in which it does."""

import gzip
import json
from typing import Any

from tests.support import faults
from tests.support.faults import FaultServer
from webapp.network.transport import network_transport
from webapp.protocol.address import Address
from webapp.upstream.client import SignedOperation, UpstreamClient
from webapp.upstream.errors import (
    UpstreamBusy,
    UpstreamError,
    UpstreamMalformed,
    UpstreamTimeout,
    UpstreamUnreachable,
)

ALICE = Address.parse("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
API_KEY = "canary-7f3b1c"


DEADLINE_S = 0.6


AMPLE_S = 60.0
"""For what ends by itself, on a busy machine too."""


SIGNED = SignedOperation(
    address=ALICE.checksummed,
    handle="shiyu",
    message='{"op":"follow","ts": 1,"é":"\ud800"}',
    signature="0x" + "ab" * 64,
    signing_key="MFkw",
)


GOOD = faults.http(json.dumps(faults.SUCCESS).encode())


def connected(server: FaultServer, deadline_s: float) -> UpstreamClient:
    return UpstreamClient(
        url=server.url, transport=network_transport(server.url), api_key=API_KEY, deadline_s=deadline_s
    )


def sent(server: FaultServer) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and JSON body of the last request."""
    head, _, body = server.requests[-1].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return dict(line.lower().split(": ", 1) for line in lines), json.loads(body)


def data(value: object) -> faults.Fault:
    return faults.reply({"data": {"follow": value}})


BROKEN: list[tuple[str, faults.Fault, type[UpstreamError]]] = [
    # --- on the wire
    ("reset", faults.reset, UpstreamUnreachable),
    ("closed without a byte", faults.then_close(b""), UpstreamUnreachable),
    ("closed within the headers", faults.then_close(GOOD[:30]), UpstreamUnreachable),
    ("closed within the body", faults.then_close(GOOD[:-5]), UpstreamUnreachable),
    ("not HTTP", faults.then_close(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), UpstreamMalformed),
    ("headers without end", faults.endless_headers, UpstreamMalformed),
    (
        "conflicting lengths",
        faults.raw(GOOD.replace(b"\r\n\r\n", b"\r\ncontent-length: 3\r\n\r\n")),
        UpstreamMalformed,
    ),
    ("dripped headers", faults.drip(GOOD), UpstreamTimeout),
    ("dripped body", faults.drip(GOOD, start=len(GOOD) - 40), UpstreamTimeout),
    # --- in HTTP
    ("500", faults.body(b"{}", status="500 Internal Server Error"), UpstreamUnreachable),
    (
        "502 in HTML",
        faults.body(b"<h1>no</h1>", status="502 Bad Gateway", kind="text/html"),
        UpstreamUnreachable,
    ),
    ("503 that says SUCCESS", faults.reply(faults.SUCCESS, status="503 Unavailable"), UpstreamBusy),
    ("429", faults.body(b"{}", status="429 Too Many Requests", Retry_After="7"), UpstreamBusy),
    ("401", faults.body(b"{}", status="401 Unauthorized"), UpstreamMalformed),
    ("413", faults.body(b"{}", status="413 Content Too Large"), UpstreamMalformed),
    ("400 that says SUCCESS", faults.reply(faults.SUCCESS, status="400 Bad Request"), UpstreamMalformed),
    ("204", faults.raw(b"HTTP/1.1 204 No Content\r\n\r\n"), UpstreamMalformed),
    ("HTML", faults.body(b"<!doctype html><p>SUCCESS", kind="text/html"), UpstreamMalformed),
    ("JSON that says it is HTML", faults.reply(faults.SUCCESS, kind="text/html"), UpstreamMalformed),
    ("brotli that nobody asked for", faults.body(b"\x0b", content_encoding="br"), UpstreamMalformed),
    ("gzip that is none", faults.body(b"{}", content_encoding="gzip"), UpstreamMalformed),
    (
        "gzip cut short",
        faults.body(gzip.compress(json.dumps(faults.SUCCESS).encode())[:-8], content_encoding="gzip"),
        UpstreamMalformed,
    ),
    ("a body without end", faults.endless_body, UpstreamMalformed),
    # --- in JSON
    ("empty", faults.body(b""), UpstreamMalformed),
    ("invalid UTF-8", faults.body(b'{"data": "\xff"}'), UpstreamMalformed),
    ("deep nesting", faults.body(b"[" * 200_000), UpstreamMalformed),
    ("a list", faults.reply([faults.SUCCESS]), UpstreamMalformed),
    (
        "a repeated member",
        faults.body(
            b'{"data": {"follow": {"status": "INVALID_MESSAGE", "status": "SUCCESS", "tsInServer": 1}}}'
        ),
        UpstreamMalformed,
    ),
    ("a number too long", faults.body(b'{"data": ' + b"9" * 5000 + b"}"), UpstreamMalformed),
    ("a number past 64-bit floats", faults.body(b'{"data": {"follow": 1e400}}'), UpstreamMalformed),
    # --- in GraphQL
    ("no data", faults.reply({}), UpstreamMalformed),
    ("data null", faults.reply({"data": None}), UpstreamMalformed),
    (
        "data of another field",
        faults.reply({"data": {"unfollow": {"status": "SUCCESS", "tsInServer": 1}}}),
        UpstreamMalformed,
    ),
    (
        "errors beside SUCCESS",
        faults.reply({**faults.SUCCESS, "errors": [{"message": "no"}]}),
        UpstreamMalformed,
    ),
    ("empty errors beside SUCCESS", faults.reply({**faults.SUCCESS, "errors": []}), UpstreamMalformed),
    ("errors alone", faults.reply({"errors": [{"message": "no"}]}), UpstreamMalformed),
    ("field null", data(None), UpstreamMalformed),
    ("a status unknown", data({"status": "DONE", "tsInServer": 1}), UpstreamMalformed),
    ("a status in lower case", data({"status": "success", "tsInServer": 1}), UpstreamMalformed),
    ("a status of null", data({"status": None, "tsInServer": 1}), UpstreamMalformed),
    ("a status of another type", data({"status": ["SUCCESS"], "tsInServer": 1}), UpstreamMalformed),
    ("time missing", data({"status": "SUCCESS"}), UpstreamMalformed),
    ("time as text", data({"status": "SUCCESS", "tsInServer": "1795460676294"}), UpstreamMalformed),
    ("time as a fraction", data({"status": "SUCCESS", "tsInServer": 1.5}), UpstreamMalformed),
    ("time true", data({"status": "SUCCESS", "tsInServer": True}), UpstreamMalformed),
    ("time below zero", data({"status": "SUCCESS", "tsInServer": -1}), UpstreamMalformed),
    (
        "time that no clock shows",
        data({"status": "SUCCESS", "tsInServer": 8_640_000_000_000_001}),
        UpstreamMalformed,
    ),
    (
        "time NaN",
        faults.body(b'{"data":{"follow":{"status":"SUCCESS","tsInServer":NaN}}}'),
        UpstreamMalformed,
    ),
]
