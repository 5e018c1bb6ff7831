"""People who follow and unfollow while servers are killed under them, and what each of them was told."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import httpx
from sqlalchemy import select

from tests.support.people import MUTATIONS, Person
from tests.support.postgresql import wait_until
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.tables import operations
from webapp.storage.database import Database

PEOPLE = [Person(f"person {number}") for number in range(4)]
UNLIMITED = {"SIGNER_QUOTA": "1000000", "ANONYMOUS_REQUESTS_PER_MINUTE": "1000000"}
UNSETTLED = frozenset({"UNAVAILABLE", "OUTCOME_UNKNOWN"})
PATIENCE_S = 60.0


class Load:
    """People who follow and unfollow, for as long as they are to and a server answers.

    Attributes:
        acknowledged: Every message that was answered SUCCESS, or ALREADY_DONE where it had been answered
            OUTCOME_UNKNOWN before.
        answers: How often each status or code came.
    """

    def __init__(self, *urls: str, persistent: bool = False) -> None:
        """Send nothing yet.

        Args:
            urls: Where gateways answer. Everybody goes from one to the next.
            persistent: Whether a message that was answered 503 is sent again, until it is answered otherwise.
        """
        self.acknowledged: set[str] = set()
        self.answers: Counter[str] = Counter()
        self._urls = urls
        self._persistent = persistent
        self._more = threading.Condition()
        self._enough = threading.Event()

    def register(self) -> None:
        with httpx.Client(trust_env=False) as client:
            for person in PEOPLE:
                request = person.registration()
                assert self._send(client, self._urls[0], "registerSigningKey", request) == "SUCCESS"

    @contextmanager
    def running(self) -> Iterator[None]:
        """People act from here on; at the end each has an answer to the last message, or nobody answers."""
        self._enough.clear()
        with ThreadPoolExecutor(len(PEOPLE)) as pool:
            acting = [pool.submit(self._act, person, number) for number, person in enumerate(PEOPLE)]
            try:
                yield
            finally:
                self._enough.set()
        for each in acting:
            each.result()

    def wait_for_more(self, number: int) -> None:
        """Wait until so many further messages were acknowledged."""
        with self._more:
            wanted = len(self.acknowledged) + number
            told = self._more.wait_for(lambda: len(self.acknowledged) >= wanted, PATIENCE_S)
            assert told, self.answers

    def follow_once(self, person: Person) -> tuple[float, str]:
        """Give the seconds that it took, and the status or code."""
        began = time.monotonic()
        with httpx.Client(trust_env=False, timeout=60) as client:
            request = person.request("follow", "shiyu", time.time_ns() // 1_000_000)
            answer = self._send(client, self._urls[0], "follow", request)
        return time.monotonic() - began, answer

    def _act(self, person: Person, begin: int) -> None:
        urls = itertools.islice(itertools.cycle(self._urls), begin % len(self._urls), None)
        with httpx.Client(trust_env=False, timeout=30) as client:
            for op in itertools.cycle(("follow", "unfollow")):
                if self._enough.is_set():
                    return
                request = person.request(op, "shiyu", time.time_ns() // 1_000_000)
                try:
                    kept = self._is_kept(client, urls, op, request)
                except httpx.TransportError:
                    return
                if kept:
                    with self._more:
                        self.acknowledged.add(request["message"])
                        self._more.notify_all()

    def _is_kept(self, client: httpx.Client, urls: Iterator[str], op: str, request: dict[str, str]) -> bool:
        """Send it, more than once if need be; say whether it was acknowledged."""
        answers = [self._send(client, next(urls), op, request)]
        until, pause = time.monotonic() + PATIENCE_S, threading.Event()
        while self._persistent and answers[-1] in UNSETTLED:
            assert time.monotonic() < until, answers
            pause.wait(0.05)
            answers.append(self._send(client, next(urls), op, request))
        return answers[-1] == "SUCCESS" or (answers[-1] == "ALREADY_DONE" and "OUTCOME_UNKNOWN" in answers)

    def _send(self, client: httpx.Client, url: str, op: str, request: dict[str, str]) -> str:
        content = {"query": MUTATIONS[op], "variables": {"input": request}}
        response = client.post(url, json=content)
        reply = response.json()
        answer = (
            reply["errors"][0]["extensions"]["code"] if "errors" in reply else reply["data"][op]["status"]
        )
        if answer in UNSETTLED:
            assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert int(response.headers["retry-after"]) > 0
        self.answers[answer] += 1
        return str(answer)


def logged_messages(url: str) -> set[str]:
    """What these people signed, as the log of a PostgreSQL database has it.

    The log is whole: each pair's entries chain, what is projected from it is what it says, and every entry
    has its number, without gaps, behind those of its pair that came before.
    """
    with closing(Database.open(url)) as database:
        wait_until(lambda: _row(database, _UNNUMBERED) == (0,))
        compared = compare_projections(database)
        assert compared.equal, compared
        entries = compared.operations + compared.key_operations
        assert _row(database, _NUMBERS) == (entries, min(entries, 1), entries)
        assert _row(database, _MISPLACED) == (0,)
        with database.read() as connection:
            theirs = operations.c.address.in_([person.address for person in PEOPLE])
            return set(connection.scalars(select(operations.c.message).where(theirs)))


def _row(database: Database, statement: str) -> tuple[object, ...]:
    with database.read() as connection:
        return tuple(connection.exec_driver_sql(statement).one())


_UNNUMBERED = """
    SELECT (SELECT count(*) FROM operations) + (SELECT count(*) FROM key_operations)
        - (SELECT count(*) FROM log_order)
"""
_NUMBERS = "SELECT count(*), coalesce(min(position), 0), coalesce(max(position), 0) FROM log_order"
_MISPLACED = """
    SELECT count(*) FROM (
        SELECT sequence, row_number() OVER (PARTITION BY address, handle ORDER BY position) AS place
        FROM log_order
    ) AS numbered WHERE sequence <> place
"""
