"""The directory as the server writes it, and as its script reads it."""

from tests.support.browsers import Browser, problem


def test_an_order_that_there_is_not_is_refused(visitor: Browser) -> None:
    reply = visitor.get("/api/people?order=loudest")
    assert problem(reply) == (400, "invalid-request")
    assert reply.get_json()["errors"] == [{"field": "order", "expected": "one of newest, most-followed"}]
    assert visitor.get("/people?order=loudest").status_code == 400
