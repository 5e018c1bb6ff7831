"""Profiles as replies have them, in full or as the original API knows them; and signing keys."""

from typing import Any

import pytest

from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.upstream import ALICE, sent
from webapp.upstream.client import UpstreamClient
from webapp.upstream.errors import UpstreamMalformed
from webapp.upstream.replies import Profile, SigningKeyRecord

REFUSED = {"errors": [{"message": "Cannot query field"}]}
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


def test_suggestions(server: FaultServer, client: UpstreamClient) -> None:
    server.fault = faults.reply({"data": {"profilesByPrefix": [PROFILE]}})
    assert [found.handle for found in client.suggest("sh") or ()] == ["shiyu"]


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
