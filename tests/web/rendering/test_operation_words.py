"""What operations are called: in one place, from which logs and proofs draw alike."""

import json
import re
from html import unescape

from flask import Flask

from tests.support.browsers import Browser
from tests.support.people import Client, Person
from webapp.protocol.handle_message import HandleOperation
from webapp.protocol.key_message import KeyOperation
from webapp.protocol.message import Operation
from webapp.web.rendering.operation_words import SENTENCE, log_words


def test_every_operation_has_words() -> None:
    known = {each.value for kind in (Operation, HandleOperation, KeyOperation) for each in kind}
    assert set(SENTENCE) == known
    assert all(log_words(op) != op for op in known)


def test_one_that_only_another_gateway_knows_goes_by_its_name() -> None:
    assert log_words("bless") == "bless"


def test_the_page_of_proofs_has_the_words_that_its_script_shows(
    visitor: Browser, people: Client, alice: Person
) -> None:
    people.register(alice)
    assert people.act("follow", alice, "shiyu") == "SUCCESS"
    visitor.sign_in(alice.wallet)
    found = re.search("/proofs/[0-9a-f]{64}", visitor.get("/activity").text)
    assert found
    given, page = (visitor.get(path).text for path in ("/proofs", found[0]))
    for text in (given, page):
        told = re.search(r"data-bootstrap='([^']*)'", text)
        assert told
        assert json.loads(unescape(told[1]))["operationWords"] == SENTENCE
    assert '<span data-part="did">follows <a href="/@shiyu">@shiyu</a></span>' in page


def test_what_needs_a_script_cannot_be_sent_before_there_is_one(site: Flask, alice: Person) -> None:
    """A form that no server answers would only lose what was typed: its button waits for the script."""
    browser = Browser(site)
    browser.sign_in(alice.wallet)
    forms = 0
    for path in ("/", "/people", "/following", "/activity", "/devices", "/proofs", "/apps", "/@shiyu"):
        for attributes, content in re.findall(
            r"<form\b([^>]*)>(.*?)</form>", browser.get(path).text, re.DOTALL
        ):
            if "action=" in attributes:
                continue
            forms += 1
            for button in re.findall(r"<button\b[^>]*>", content):
                assert " disabled" in button or 'type="button"' in button, (path, button)
    assert forms == 3
