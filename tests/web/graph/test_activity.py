"""What one signed, as the server writes it: both logs, each entry with its proof."""

import re

import pytest

from tests.support import keys
from tests.support.browsers import Browser
from tests.support.people import Client, Person
from webapp.protocol.signing_key import SigningKey
from webapp.upstream.logs import read_operations
from webapp.web.rendering.times import moment

ROW = re.compile(r'<li class="line">(.*?)</li>', re.DOTALL)


@pytest.fixture
def log(people: Client, alice: Person) -> Client:
    """A gateway at which alice followed two, and took one back."""
    people.register(alice)
    for op, handle in (("follow", "shiyu"), ("follow", "hal"), ("unfollow", "shiyu")):
        assert people.act(op, alice, handle) == "SUCCESS"
    return people


def told(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", found).strip() for found in re.findall("<b>(.*?)</b>", page)]


@pytest.mark.usefixtures("log")
def test_everything_that_was_signed_is_listed_newest_first(visitor: Browser, alice: Person) -> None:
    visitor.sign_in(alice.wallet)
    page = visitor.get("/activity").text
    assert told(page) == ["Unfollowed @shiyu", "Followed @hal", "Followed @shiyu"]
    assert len(re.findall(r'href="/proofs/[0-9a-f]{64}"', page)) == 3
    assert told(visitor.get("/activity?handle=@Shiyu").text) == ["Unfollowed @shiyu", "Followed @shiyu"]
    assert "You have signed nothing about @grace" in visitor.get("/activity?handle=grace").text
    assert "Nothing has been done to your keys" in visitor.get("/activity/keys").text


def test_a_long_log_is_walked_to_its_end(visitor: Browser, log: Client, alice: Person) -> None:
    for _ in range(20):
        assert log.act("follow", alice, "shiyu") == "SUCCESS"
        assert log.act("unfollow", alice, "shiyu") == "SUCCESS"
    visitor.sign_in(alice.wallet)
    for path, total in (("/activity", 43), ("/activity?handle=shiyu", 42)):
        seen, following = 0, path
        while following:
            page = visitor.get(following).text
            seen += len(ROW.findall(page))
            found = re.search(r'rel="next" href="([^"]+)"', page)
            following = found[1].replace("&amp;", "&") if found else ""
        assert seen == total


def test_entries_about_keys_are_told_apart(visitor: Browser, log: Client, alice: Person) -> None:
    """By the name that was given or taken away, by the key, and by the time of day."""
    key = alice.device.signing_key
    for name in ("Desk <b>", ""):
        log.clock.now += 60_000
        assert keys.call(log, alice, name) == "SUCCESS"
    visitor.sign_in(alice.wallet)
    page = visitor.get("/activity/keys").text
    assert told(page) == ["Took the name of a signing key away", "Named a signing key “Desk &lt;b&gt;”"]
    times = re.findall(r"<time [^>]*>(.*?)</time>", page)
    assert len(set(times)) == 2
    assert times[0] == f"{moment(log.clock.now).day} <span>{moment(log.clock.now).clock}</span>"
    assert page.count(SigningKey.parse(key).fingerprint) == 2


@pytest.mark.parametrize("content", ["", "{}", '{"op":"rename","name":"\u202e"}'])
def test_an_entry_whose_message_cannot_be_read_is_listed_all_the_same(content: str) -> None:
    """The gateway may be another's; the page of the proof says what is wrong with it."""
    proof = {"content": content, "entryDigest": "0" * 64}
    node = {"op": "rename", "signingKey": "x", "ts": 1, "acceptedAt": 2, "sequence": 3, "proof": proof}
    page = {"totalCount": 1, "pageInfo": {"hasNextPage": False}, "edges": [{"node": node}]}
    [row] = read_operations({"list": page}).rows
    assert (row.op, row.fingerprint, row.name) == ("rename", "", None)


def test_nobody_s_log_is_not_shown(visitor: Browser) -> None:
    page = visitor.get("/activity").text
    assert "You are not signed in" in page
    assert ROW.findall(page) == []


def test_what_is_no_handle_is_told(visitor: Browser) -> None:
    reply = visitor.get("/activity?handle=%F0%9F%A6%8A")
    assert reply.status_code == 400
    assert "handle: expected 1 to 20 of a-z" in reply.text
