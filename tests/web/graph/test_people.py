"""The directory as the server writes it, and as its script reads it."""

import pytest

from tests.support.browsers import Browser, problem


@pytest.mark.parametrize("claim", ["", "Nobody", "a%22b", "%3Cb%3E", "a" * 21])
def test_what_is_no_handle_is_not_proposed_to_be_claimed(claim: str, visitor: Browser) -> None:
    reply = visitor.get(f"/people?claim={claim}")
    assert reply.status_code == 200
    assert '<input id="handle" autocomplete' in reply.text


def test_an_order_that_there_is_not_is_refused(visitor: Browser) -> None:
    reply = visitor.get("/api/people?order=loudest")
    assert problem(reply) == (400, "invalid-request")
    assert reply.get_json()["errors"] == [{"field": "order", "expected": "one of newest, most-followed"}]
    assert visitor.get("/people?order=loudest").status_code == 400
