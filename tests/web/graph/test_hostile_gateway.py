"""A gateway elsewhere may answer anything: pages show it as text, or say that it is malformed."""

import json
import re
import socket
from typing import Any

import pytest

from tests.support import faults
from tests.support.browsers import Browser
from tests.support.faults import FaultServer
from tests.support.people import Person
from tests.support.protocol.chains import chain_of

ALICE = Person("alice")
DIGEST = "ab" * 32
SURROGATE = "\ud83e"
NO_HANDLE = "../devices"
FORMAT = "100%s"

_NAME = re.compile(rb'"operationName":"(\w+)"')


class Answers:
    """What the gateway answers, by the name of the operation."""

    def __init__(self, server: FaultServer) -> None:
        self.data: dict[str, dict[str, Any]] = {}
        self._server = server
        server.fault = self._answer

    def _answer(self, connection: socket.socket) -> None:
        found = _NAME.search(self._server.requests[-1])
        assert found is not None
        faults.reply({"data": self.data[found[1].decode()]})(connection)


@pytest.fixture
def answers(elsewhere: FaultServer) -> Answers:
    return Answers(elsewhere)


def a_page(*nodes: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    info = {"hasNextPage": after is not None, "endCursor": after or ""}
    return {"totalCount": len(nodes), "pageInfo": info, "edges": [{"node": node} for node in nodes]}


def somebody(**other: Any) -> dict[str, Any]:
    return {
        "handle": "shiyu",
        "avatar": "",
        "metadataInfo": {"displayName": "Shiyu"},
        "about": {"bio": ""},
        "followerCount": 1,
        "owner": {"address": ALICE.address, "followingCount": 1},
        **other,
    }


def an_operation(**other: Any) -> dict[str, Any]:
    times = {"ts": 1_795_460_676_294, "acceptedAt": 1_795_460_676_294}
    return {
        "op": "follow",
        "handle": "shiyu",
        "sequence": 1,
        **times,
        "proof": {"entryDigest": DIGEST},
        **other,
    }


def a_proof(**other: Any) -> dict[str, Any]:
    return {
        "proof": {
            "operation": {
                **an_operation(),
                "address": ALICE.address,
                "proof": chain_of(ALICE, "shiyu", 1)[0],
                **other,
            }
        }
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"handle": NO_HANDLE},
        {"handle": ""},
        {"handle": "Shiyu"},
        {"metadataInfo": {"displayName": SURROGATE}},
        {"owner": {"address": SURROGATE, "followingCount": 1}},
    ],
    ids=json.dumps,
)
def test_somebody_who_cannot_be_is_malformed(
    wrong: dict[str, Any], remote: Browser, answers: Answers
) -> None:
    """A handle of another form would lead elsewhere, and half a character is in no page."""
    answers.data["People"] = {"profiles": a_page(somebody(), somebody(**wrong))}
    assert remote.get("/people").status_code == 502
    assert remote.get("/api/people").status_code == 502
    answers.data["ProfilePage"] = {"profileByHandle": somebody(**wrong)}
    assert remote.get("/@shiyu").status_code == 502


@pytest.mark.parametrize("wrong", [{"handle": NO_HANDLE}, {"op": "<b>"}, {"op": FORMAT}], ids=json.dumps)
def test_an_operation_that_cannot_be_is_malformed(
    wrong: dict[str, Any], remote: Browser, answers: Answers
) -> None:
    answers.data["ProfilePage"] = {"profileByHandle": somebody()}
    answers.data["Operations"] = {"address": {"list": a_page(an_operation(**wrong))}}
    assert remote.get("/@shiyu/log").status_code == 502
    answers.data["Proof"] = a_proof(**wrong)
    assert remote.get(f"/proofs/{DIGEST}").status_code == 502


def test_an_operation_that_is_new_is_shown_by_its_name(remote: Browser, answers: Answers) -> None:
    """The gateway may be newer than the site."""
    answers.data["ProfilePage"] = {"profileByHandle": somebody()}
    answers.data["Operations"] = {"address": {"list": a_page(an_operation(op="mute"))}}
    assert '<b>mute <a href="/@shiyu">@shiyu</a></b>' in remote.get("/@shiyu/log").text
    answers.data["Proof"] = a_proof(op="mute")
    page = remote.get(f"/proofs/{DIGEST}")
    assert page.status_code == 200
    assert 'mute <a href="/@shiyu">@shiyu</a>' in page.text


def test_a_length_that_is_counted_no_further_is_told_so(remote: Browser, answers: Answers) -> None:
    """Of all people, and of what somebody did with all handles, a gateway counts 1,000; of one log, all."""

    def shown(path: str) -> str:
        found = re.search(r"1,001 to [\d,]+ of [^<]+", remote.get(f"{path}?from=1001").text)
        return found[0] if found else ""

    answers.data["People"] = {"profiles": a_page(somebody()) | {"totalCount": 1_000}}
    assert shown("/people") == "1,001 to 1,001 of 1,000 or more"
    assert remote.get("/api/people").get_json()["orMore"] is True
    answers.data["People"] = {"profiles": a_page(somebody()) | {"totalCount": 999}}
    assert remote.get("/api/people").get_json()["orMore"] is False
    answers.data["ProfilePage"] = {"profileByHandle": somebody()}
    one_log = a_page(*(an_operation() for _ in range(20))) | {"totalCount": 1_020}
    answers.data["Operations"] = {"address": {"list": one_log}}
    assert shown("/@shiyu/log") == "1,001 to 1,020 of 1,020"
    remote.sign_in(ALICE.wallet)
    answers.data["Operations"] = {"address": {"list": one_log | {"totalCount": 1_000}}}
    assert shown("/activity") == "1,001 to 1,020 of 1,000 or more"
