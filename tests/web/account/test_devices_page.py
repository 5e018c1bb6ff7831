"""The page of keys and sessions, as the server writes it."""

import json
import re
from html import unescape

from flask import Flask

from tests.support import faults, keys
from tests.support.browsers import Browser
from tests.support.faults import FaultServer
from tests.support.people import Client, Device, Person, Ticker

LAPTOP = Device("laptop")
ROW = re.compile(r'<li class="line thing">(.*?)</li>', re.DOTALL)


def part(page: str, name: str) -> str:
    """One of the lists, from its mark to its end."""
    begins = page.index(f'data-part="{name}"')
    return page[begins : page.index("</ol>", begins)]


def names(rows: str) -> list[str]:
    return [unescape(name) for row in ROW.findall(rows) for name in re.findall(r"<b[^>]*>([^<]*)</b>", row)]


def bootstrap(page: str) -> dict[str, object]:
    found = re.search(r"data-bootstrap='([^']*)'", page)
    assert found
    written: dict[str, object] = json.loads(unescape(found[1]))
    return written


def test_keys_that_sign_and_keys_that_do_not_stand_apart(
    visitor: Browser, people: Client, alice: Person, bob: Person
) -> None:
    """Each by its name, or its fingerprint where it has none; another's are not among them."""
    for device in (alice.device, LAPTOP, Device("lost")):
        people.register(alice, device)
    people.register(bob)
    assert keys.act(people, "rename", alice, LAPTOP, name="<b>Work</b> & 'home'") == "SUCCESS"
    assert keys.act(people, "revoke", alice, Device("lost")) == "SUCCESS"
    visitor.sign_in(alice.wallet)
    page = visitor.get("/devices").text
    live = names(part(page, "live"))
    assert "<b>Work</b> & 'home'" in live
    assert [len(live), len(names(part(page, "ended")))] == [2, 1]
    assert "1 key signs no more" in page
    assert "revoked <time" in part(page, "ended")
    assert "Names of keys are public" in page
    assert "<b>Work</b>" not in page
    given = bootstrap(page)["signingKeys"]
    assert given == visitor.get("/api/signing-keys").get_json()["signingKeys"]


def test_a_key_that_ran_out_signs_no_more(
    visitor: Browser, people: Client, alice: Person, clock: Ticker
) -> None:
    people.register(alice)
    visitor.sign_in(alice.wallet)
    assert "no use lately" in visitor.get("/devices").text
    assert people.act("follow", alice, "shiyu") == "SUCCESS"
    assert "last used <time" in part(visitor.get("/devices").text, "live")
    (key,) = visitor.get("/api/signing-keys").get_json()["signingKeys"]
    clock.now = key["expiresAt"]
    visitor.sign_in(alice.wallet)
    page = visitor.get("/devices").text
    assert names(part(page, "live")) == []
    assert "ran out <time" in part(page, "ended")
    assert "No key signs for you" in page


def test_sessions_are_listed_and_this_one_is_marked(
    site: Flask, visitor: Browser, alice: Person, bob: Person
) -> None:
    Browser(site).sign_in(alice.wallet)
    Browser(site).sign_in(bob.wallet)
    visitor.sign_in(alice.wallet)
    page = visitor.get("/devices").text
    here, there = ROW.findall(page[page.index('id="sessions"') :])
    assert "This browser" in here
    assert "This browser" not in there
    assert bootstrap(page)["sessions"] == visitor.get("/api/sessions").get_json()["sessions"]


def test_whoever_is_not_signed_in_is_shown_the_way(visitor: Browser) -> None:
    """And nothing of anybody's."""
    page = visitor.get("/devices").text
    assert "You are not signed in" in page
    assert 'class="owned' not in page
    assert 'id="sessions"' not in page
    assert bootstrap(page)["sessions"] == []


def test_a_gateway_without_lists_of_keys_is_named(
    remote: Browser, elsewhere: FaultServer, alice: Person
) -> None:
    """Sessions are the site's own, and are there all the same."""
    remote.sign_in(alice.wallet)
    elsewhere.fault = faults.reply({"errors": [{"message": "Cannot query field"}]})
    page = remote.get("/devices").text
    assert "lacks that extension" in page
    assert "This browser" in page
    assert bootstrap(page)["signingKeys"] is None


def test_sessions_are_there_while_the_gateway_is_away(
    remote: Browser, elsewhere: FaultServer, alice: Person
) -> None:
    remote.sign_in(alice.wallet)
    elsewhere.fault = faults.reply({"data": {"address": {"signingKeys": "none of your business"}}})
    reply = remote.get("/devices")
    assert reply.status_code == 200
    assert "cannot be asked for your keys now" in reply.text
    assert "This browser" in reply.text
    assert "none of your business" not in reply.text
