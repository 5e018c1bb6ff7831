"""What the API answers is verified as it was saved: edges, connections, replies; nothing else passes."""

import json
from typing import Any

import pytest

from tests.support.people import Person
from tests.support.protocol.chains import ALL_KINDS, chain_of, key_chain_of, key_line_of
from tests.support.protocol.damage import SHARED, altered, described, verdict_on
from tests.support.protocol.vectors import load
from webapp.protocol.proofs.proof_file import Unreadable, VerifiedFile
from webapp.protocol.proofs.shapes import Form
from webapp.protocol.proofs.verdicts import ProofStep

CHAIN: list[dict[str, Any]] = load("proof-v1.json")["proofs"]
WHO = CHAIN[0]["signingKeyAuth"]["address"]
PAGE_INFO = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": "b3A", "endCursor": "b3A"}


def operation(proof: dict[str, Any], **more: object) -> dict[str, Any]:
    """An edge of `Address.operations`."""
    message = json.loads(proof["content"])
    said = {name: message[name] for name in ("address", "handle", "op", "ts")}
    return {"cursor": "b3A", "node": {**said, "sequence": proof["sequence"], "proof": proof, **more}}


def connection(*edges: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"totalCount": 3, "pageInfo": PAGE_INFO, "edges": list(edges), **more}


def reply(field: str, **members: object) -> dict[str, Any]:
    return {"data": {field: members}}


NEWEST_FIRST = [operation(proof) for proof in reversed(CHAIN)]
FOLLOW = {"cursor": "b3A", "node": {"address": WHO, "handle": "shiyu", "proof": CHAIN[2]}}
OTHERS = [operation(proof) for proof in reversed(chain_of(Person("bob"), "ada", 2))]
KEYS = [
    {"node": {name: line[name] for name in ("signingKey", "op", "proof")}}
    for line in map(key_line_of, reversed(key_chain_of(Person("alice"), *ALL_KINDS)))
]

ACCEPTED: list[tuple[object, Form, int, int]] = [
    (FOLLOW, Form.PROOF, 1, 1),
    ({**FOLLOW, "__typename": "FollowEdge"}, Form.PROOF, 1, 1),
    ([FOLLOW], Form.PROOF, 1, 1),
    ([FOLLOW, OTHERS[0]], Form.REPLY, 2, 2),
    (NEWEST_FIRST, Form.REPLY, 3, 0),
    (NEWEST_FIRST[:2], Form.REPLY, 2, 1),
    (connection(*NEWEST_FIRST), Form.REPLY, 3, 0),
    ({"edges": [{"node": {"proof": CHAIN[1]}}]}, Form.PROOF, 1, 1),
    (reply("address", operations=connection(*NEWEST_FIRST[1:2])), Form.PROOF, 1, 1),
    (reply("address", address=WHO, operations=connection(*NEWEST_FIRST)), Form.REPLY, 3, 0),
    (reply("address", address=WHO, __typename="Address", followings=connection(FOLLOW)), Form.PROOF, 1, 1),
    (reply("profileByHandle", handle="shiyu", followers=connection(FOLLOW)), Form.PROOF, 1, 1),
    (reply("anyAlias", operations=connection(*OTHERS), keyOperations=connection(*KEYS)), Form.REPLY, 6, 0),
    (reply("profileByHandle", owner={"operations": connection(*OTHERS)}), Form.REPLY, 2, 0),
    (
        {"data": {"batchGetAddresses": [{"operations": connection(*it)} for it in (OTHERS, NEWEST_FIRST)]}},
        Form.REPLY,
        5,
        0,
    ),
    (reply("address", followings=connection(FOLLOW), operations=connection(*NEWEST_FIRST)), Form.REPLY, 4, 0),
    (
        reply("address", first=connection(*NEWEST_FIRST[:1]), rest=connection(*NEWEST_FIRST[1:])),
        Form.REPLY,
        3,
        0,
    ),
    (reply("address", followings=connection(), operations=connection(*OTHERS)), Form.REPLY, 2, 0),
]


@pytest.mark.parametrize(("content", "form", "entries", "cut"), ACCEPTED)
def test_what_people_save_is_accepted(content: object, form: Form, entries: int, cut: int) -> None:
    verdict = verdict_on(content)
    assert isinstance(verdict, VerifiedFile), verdict
    assert (verdict.form, verdict.entries, verdict.cut) == (form, entries, cut)


def test_of_several_pages_the_newest_entry_counts() -> None:
    newest, older = connection(*NEWEST_FIRST[:1]), connection(*NEWEST_FIRST[1:])
    replies = reply("address", a=newest, b=older), reply("address", b=older, a=newest)
    for content in (*replies, connection(*NEWEST_FIRST)):
        verdict = verdict_on(content)
        assert isinstance(verdict, VerifiedFile), verdict
        assert [last.head.sequence for last in verdict.last] == [3]


def test_a_page_with_an_entry_left_out_or_moved_is_refused() -> None:
    assert described(verdict_on(connection(NEWEST_FIRST[0], NEWEST_FIRST[2]))) == (0, "chain", "sequence")
    assert described(verdict_on(connection(*reversed(NEWEST_FIRST)))) == (1, "chain", "sequence")
    assert described(verdict_on(connection(NEWEST_FIRST[1], NEWEST_FIRST[1]))) == (0, "chain", "sequence")


def test_what_cannot_be_read_is_counted_over_all_pages() -> None:
    bad = {"node": {"proof": {**CHAIN[0], "evil": 1}}}
    content = reply("address", a=connection(*NEWEST_FIRST[:2]), b=connection(NEWEST_FIRST[2], bad))
    verdict = verdict_on(content)
    assert described(verdict) == (3, "reading", "evil")
    assert str(verdict).startswith("proof 4, reading: evil: ")


def test_two_logs_of_one_pair_contradict_each_other() -> None:
    """Each page holds by itself; but an entry of one number is only one."""
    alice = Person("alice")
    one, other = (operation(chain_of(alice, "shiyu", 1, later=later)[0]) for later in (0, 5))
    forked = reply("address", a=connection(one), b=connection(other))
    assert described(verdict_on(forked)) == (1, "chain", "entryDigest")
    assert isinstance(verdict_on(reply("address", a=connection(one), b=connection(one))), VerifiedFile)


@pytest.mark.parametrize(
    ("claim", "place", "field"),
    [
        ({"address": Person("bob").address}, 0, "address"),
        ({"address": WHO.lower()}, 0, "address"),
        ({"handle": "evil"}, 0, "handle"),
    ],
)
def test_what_stands_further_out_may_not_say_otherwise_either(
    claim: dict[str, str], place: int, field: str
) -> None:
    verdict = verdict_on(reply("address", **claim, operations=connection(*NEWEST_FIRST[:1])))
    assert described(verdict) == (place, "message", field)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"address": Person("bob").address}, "address"),
        ({"handle": "evil"}, "handle"),
        ({"op": "follow"}, "op"),
        ({"ts": 1}, "ts"),
        ({"sequence": 3}, "sequence"),
        ({"signingKey": CHAIN[1]["signingKey"]}, "signingKey"),
        ({"__typename": "Follow"}, "__typename"),
        ({"__typename": "KeyOperation"}, "__typename"),
    ],
)
def test_an_edge_says_what_its_proof_says(more: dict[str, object], field: str) -> None:
    verdict = verdict_on(operation(CHAIN[1], **more))
    assert described(verdict) == (0, "chain" if field == "sequence" else "message", field)


EDGE = operation(CHAIN[1])


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({**EDGE, "evil": 1}, "evil"),
        ({**EDGE, "cursor": 1}, "cursor"),
        ({**EDGE, "__typename": "ProfileEdge"}, "__typename"),
        ({**EDGE, "node": None}, "node"),
        ({"node": {**EDGE["node"], "acceptedAt": 1}}, "acceptedAt"),
        ({"node": {**EDGE["node"], "profile": {"handle": "evil"}}}, "profile"),
        ([EDGE, {**EDGE, "evil": 1}], "evil"),
        ([EDGE, CHAIN[0]], "proof"),
        (connection(EDGE, evil=1), "evil"),
        (connection(EDGE, totalCount=-1), "totalCount"),
        (connection(EDGE, totalCount=True), "totalCount"),
        (connection(EDGE, pageInfo={**PAGE_INFO, "evil": 1}), "evil"),
        (connection(EDGE, pageInfo={"hasNextPage": 0}), "hasNextPage"),
        (connection(EDGE, pageInfo={"endCursor": None}), "endCursor"),
        (connection(EDGE, pageInfo=None), "pageInfo"),
        (connection(EDGE, edges={}), "edges"),
        (connection(EDGE, edges=[None]), "an edge"),
        (connection(EDGE, __typename="PageInfo"), "__typename"),
        (connection(), "proof"),
        (reply("address", operations=connection()), "proof"),
        ({"data": None}, "data"),
        ({"data": {}}, "data"),
        ({"data": []}, "proof"),
        ({"data": {"address": None}}, "address"),
        ({"data": {"address": WHO}}, "data"),
        ({"data": {"address": {}}}, "address"),
        ({"data": {"address": {"__typename": "Evil", "operations": connection(EDGE)}}}, "__typename"),
        ({"data": None, "errors": []}, "errors"),
        ({**reply("address", operations=connection(EDGE)), "errors": [{"message": "x"}]}, "errors"),
        ({**reply("address", operations=connection(EDGE)), "extensions": {}}, "extensions"),
        (reply("address", operations=connection(EDGE), followingCount=3), "followingCount"),
        (reply("address", operations=connection(EDGE), chainID=1), "chainID"),
        (reply("address", address=WHO, followingCount=3), "followingCount"),
        (reply("profileByHandle", handle="evil", owner={"operations": connection(EDGE)}), "owner"),
        (reply("profileByHandle", followers=connection(FOLLOW), owner={"address": WHO}), "owner"),
        (reply("address", proof=CHAIN[0]), "content"),
        ({"address": {"operations": connection(EDGE)}}, "proof"),
        ({"errors": [{"message": "x"}]}, "proof"),
    ],
)
def test_any_other_shape_is_unreadable_and_says_where(content: object, field: str) -> None:
    verdict = verdict_on(content)
    assert isinstance(verdict, Unreadable), verdict
    assert verdict.field == field
    assert str(verdict).isprintable()


def test_lists_without_entries_prove_nothing() -> None:
    assert described(verdict_on(connection())) == (0, "reading", "proof")
    assert "all the lists of this reply are empty" in str(verdict_on(connection()))


def test_the_hint_says_what_would_do() -> None:
    assert "an edge, a connection or a whole reply" in str(verdict_on({"errors": []}))


def test_a_reply_that_nests_without_end_is_unreadable() -> None:
    deep: object = connection(EDGE)
    for _ in range(20):
        deep = {"address": deep}
    assert isinstance(verdict_on({"data": deep}), Unreadable)


# --- no byte can be another ---------------------------------------------------------------------------------

ALTERED: dict[str, dict[str, Any]] = {
    "an edge": EDGE,
    "a reply": reply("address", address=WHO, operations=connection(*NEWEST_FIRST[1:])),
    "a reply about keys": reply("address", keyOperations={"edges": KEYS[:2]}),
}
UNBELIEVED = {"cursor", "totalCount", "pageInfo"}


def believed(value: Any) -> Any:
    """All of a file but what is about the page; and a field's name in the query is the asker's own."""
    if isinstance(value, list):
        return [believed(item) for item in value]
    if isinstance(value, dict):
        return {name: believed(member) for name, member in value.items() if name not in UNBELIEVED}
    return value


def asked(value: Any) -> Any:
    """With the names on the way to the lists left out: a query may call them what it likes."""
    if isinstance(value, dict) and "data" in value:
        return [asked(member) for member in value["data"].values()]
    if isinstance(value, dict) and not value.keys() & {"edges", "node", "proof"}:
        said = {name: member for name, member in value.items() if isinstance(member, str)}
        return [said, *(believed(member) for member in value.values() if not isinstance(member, str))]
    return believed(value)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("content", ALTERED.values(), ids=ALTERED)
@pytest.mark.parametrize("shared", SHARED)
def test_any_byte_changed_is_refused_and_the_step_is_named(content: dict[str, Any], shared: int) -> None:
    """But for white space, what is about the page, and names that the query chose."""
    text = json.dumps(content).encode()
    assert isinstance(verdict_on(text), VerifiedFile)
    steps = set()
    for changed in altered(text, shared):
        verdict = verdict_on(changed)
        if isinstance(verdict, VerifiedFile):
            assert asked(json.loads(changed)) == asked(content), changed
        else:
            steps.add(described(verdict)[1])
    assert steps == {"reading", *ProofStep}
