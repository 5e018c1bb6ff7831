"""One challenge, answered by fifty at once, again and again: `make test` does it once, in `test_login.py`."""

import pytest
from flask import Flask

from tests.support.browsers import Browser, personal_sign
from tests.support.databases import count
from tests.support.figures import Figure
from tests.support.people import Person
from tests.support.work import at_once
from webapp.storage.database import Database
from webapp.web.sessions.tables import web_sessions

ANSWERS = 50


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_t02_of_fifty_at_once_one_signs_in_each_time(
    site: Flask, alice: Person, database: Database, figure: Figure
) -> None:
    rounds, more_than_one = 40, 0
    for round_ in range(1, rounds + 1):
        visitor = Browser(site)
        text = visitor.challenge(alice.wallet)
        signature, cookie, token = personal_sign(alice.wallet, text), visitor.cookie(), visitor.token

        def answer(_: int, visitor: Browser = visitor, text: str = text) -> int:
            same = Browser(visitor.app)
            same.set_cookie(cookie)  # noqa: B023 (done within the round)
            same.token = token  # noqa: B023
            return same.login(text, signature).status_code  # noqa: B023

        statuses = at_once(ANSWERS, answer)
        assert set(statuses) <= {200, 401, 503}  # 503: waited too long for its turn
        assert count(database, web_sessions) == round_
        more_than_one += statuses.count(200) != 1
    figure("challenges that did not sign in just one", more_than_one, at_most=0, of=f"{rounds} x {ANSWERS}")
