"""A gateway of the original API and nothing more: every page opens, and says what such a one lacks."""

import pytest

from tests.support import faults
from tests.support.browsers import Browser
from tests.support.faults import FaultServer
from tests.support.people import Person

DIGEST = "ab" * 32
PAGES = {
    "/people": "has no directory: it lacks that extension",
    "/following": "lists no followings: it lacks that extension",
    "/activity": "shows no logs: it lacks that extension",
    "/activity/keys": "shows no logs: it lacks that extension",
    "/devices": "lists no keys: it lacks that extension",
    f"/proofs/{DIGEST}": "finds no proof by its digest: it lacks that extension",
}


@pytest.fixture
def bare(remote: Browser, elsewhere: FaultServer) -> Browser:
    elsewhere.fault = faults.reply({"errors": [{"message": "Cannot query field"}]})
    return remote


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_the_gateway_lacks(bare: Browser, alice: Person, path: str) -> None:
    bare.sign_in(alice.wallet)
    reply = bare.get(path)
    assert reply.status_code == (404 if "proofs/" in path else 200)
    assert PAGES[path] in reply.text


@pytest.mark.parametrize("path", ["/", "/proofs"])
def test_a_page_that_asks_for_no_extension_is_whole(bare: Browser, path: str) -> None:
    reply = bare.get(path)
    assert reply.status_code == 200
    assert "lacks" not in reply.text


def test_the_page_s_own_question_is_answered_with_nothing(bare: Browser) -> None:
    assert bare.get("/api/people").get_json() == {"people": None}
