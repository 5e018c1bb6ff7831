"""Signing keys as a reply lists them."""

from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.upstream import ALICE
from webapp.upstream.client import UpstreamClient
from webapp.upstream.replies import SigningKeyRecord

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
