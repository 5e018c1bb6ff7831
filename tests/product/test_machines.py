"""Several machines on one PostgreSQL, with one Redis: whoever uses one may go on at another at once.

A machine is `countersign run` with its gateway embedded, or in front of a `countersign gateway` of its own.
"""

import itertools
import os
import random
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests.support import handles
from tests.support.databases import seeded
from tests.support.device import now_ms
from tests.support.load import logged_messages
from tests.support.people import MUTATIONS, Person
from tests.support.ports import free_port
from tests.support.postgresql import wait_until
from tests.support.postgresql_databases import fresh_database, template, with_parameters
from tests.support.redis_server import Redis
from tests.support.server import Server, running
from tests.support.serving import FOUND, SHIYU, countersign
from webapp.applications.api_keys import ApiKeys
from webapp.server.process.system_clock import system_clock
from webapp.storage.database import Database

pytestmark = pytest.mark.together

ORIGIN = "http://localhost"
"""What people's browsers call all of them."""
MOST = 60
"""Requests a minute of one client."""

_clients = (f"100.64.{high}.{low}" for high, low in itertools.product(range(256), range(256)))


@dataclass(frozen=True, slots=True)
class Machines:
    """Two sites and two gateways, the same servers where those are embedded."""

    url: str
    sites: tuple[Server, ...]
    gateways: tuple[Server, ...]
    client: httpx.Client

    def post(
        self, gateway: Server, query: str, given: object = None, *, of: str | None = None, key: str = ""
    ) -> httpx.Response:
        """Ask a gateway, from an address that is named, or as somebody who never did."""
        headers = {"x-forwarded-for": of or next(_clients)} | ({"x-api-key": key} if key else {})
        body = {"query": query, "variables": {"input": given}}
        return self.client.post(gateway.graphql_url, json=body, headers=headers)

    def send(self, gateway: Server, op: str, given: dict[str, str]) -> str:
        """Send a mutation; gives its status."""
        reply = self.post(gateway, MUTATIONS[op], given).raise_for_status().json()
        return str(reply["data"][op]["status"])


@dataclass(slots=True)
class Visitor:
    """A browser: one jar of cookies for all machines, and the token that its page has."""

    client: httpx.Client
    token: str = ""

    def get(self, site: Server, path: str) -> httpx.Response:
        return self._noted(self.client.get(f"{site.url}{path}"))

    def post(self, site: Server, path: str, body: dict[str, Any]) -> httpx.Response:
        sent = {"x-csrf-token": self.token}
        return self._noted(self.client.post(f"{site.url}{path}", json=body, headers=sent))

    def sign_in(self, person: Person, challenged: Server, signed: Server) -> None:
        """Have a text from one site, and bring the signature to another."""
        self.get(challenged, "/api/session")
        asked = {"address": person.address, "chainId": 1}
        text = self.post(challenged, "/api/login/challenge", asked).raise_for_status().json()["message"]
        brought = {"message": text, "signature": person.wallet.sign(text)}
        self.post(signed, "/api/login", brought).raise_for_status()

    def _noted(self, response: httpx.Response) -> httpx.Response:
        if "csrfToken" in response.text:
            self.token = response.json()["csrfToken"]
        return response


@contextmanager
def visitor() -> Iterator[Visitor]:
    named = {"host": "localhost", "origin": ORIGIN}
    with httpx.Client(trust_env=False, timeout=30, headers=named) as client:
        yield Visitor(client)


@pytest.fixture(scope="module", params=["apart", pytest.param("embedded", marks=pytest.mark.soak)])
def machines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder, redis = tmp_path_factory.mktemp("machines"), Redis(free_port())
    url = fresh_database(template(seeded))
    redis.start()
    with ExitStack() as opened:
        opened.callback(redis.stop)
        client = opened.enter_context(httpx.Client(trust_env=False, timeout=30))

        def start(command: str, number: int, **env: str) -> Server:
            settings = {
                "DATABASE_URL": with_parameters(url, application_name=f"{command}-{number}"),
                "REDIS_URL": redis.url,
                "PUBLIC_ORIGINS": ORIGIN,
                "TRUSTED_PROXY_HOPS": "1",
                "ANONYMOUS_REQUESTS_PER_MINUTE": str(MOST),
            }
            named = folder / f"{command}-{number}"
            return opened.enter_context(running(named, command=command, **settings, **env))

        if request.param == "embedded":
            sites = tuple(start("run", number) for number in range(2))
            yield Machines(url, sites, sites, client)
        else:
            gateways = tuple(start("gateway", number) for number in range(2))
            urls = [gateway.graphql_url for gateway in gateways]
            sites = tuple(start("run", number, UPSTREAM_URL=urls[number]) for number in range(2))
            yield Machines(url, sites, gateways, client)


def check_log(machines: Machines, folder: Path) -> None:
    """The chains, what is projected from them, and the numbers over both processes."""
    logged_messages(machines.url)
    done = countersign("rebuild", "--check", cwd=folder, DATABASE_URL=machines.url)
    assert done.returncode == 0, done.stdout


def test_a_session_is_good_at_both_and_ends_at_both(machines: Machines) -> None:
    alice = Person("alice")
    here, there = machines.sites
    with visitor() as browser, visitor() as phone:
        browser.sign_in(alice, here, there)
        phone.sign_in(alice, there, there)
        registered = browser.post(here, "/api/signing-keys", alice.registration(entity="Countersign"))
        assert registered.json()["status"] == "SUCCESS"
        for site, op in ((there, "follow"), (here, "unfollow"), (there, "follow")):
            done = browser.post(site, f"/api/{op}", alice.request(op, "shiyu", now_ms()))
            assert done.json()["status"] == "SUCCESS"
            for gateway in machines.gateways:
                assert gateway.follows(alice.address, "shiyu") is (op == "follow")
        assert phone.post(here, "/api/sessions/revoke", {"address": alice.address}).json()["ended"] == 1
        for site in machines.sites:
            assert browser.get(site, "/api/session").json()["address"] is None
            refused = browser.post(site, "/api/unfollow", alice.request("unfollow", "shiyu", now_ms()))
            assert refused.status_code == httpx.codes.UNAUTHORIZED
            assert phone.get(site, "/api/session").json()["address"] == alice.address


def test_requests_are_counted_together(machines: Machines) -> None:
    """A minute that ends meanwhile lets a few more in: some of what was counted before it fades."""
    here, there = machines.gateways
    codes = []
    while httpx.codes.TOO_MANY_REQUESTS not in codes:
        codes.append(machines.post(here, SHIYU, of="203.0.113.9").status_code)
    assert MOST < len(codes) < 2 * MOST
    assert httpx.codes.TOO_MANY_REQUESTS in {
        machines.post(there, SHIYU, of="203.0.113.9").status_code for _ in range(3)
    }
    assert machines.post(there, SHIYU).json() == FOUND


def test_an_api_key_that_is_revoked_is_dead_at_both(machines: Machines) -> None:
    with closing(Database.open(machines.url)) as third:
        keys = ApiKeys(third, system_clock)
        made = keys.create("an application")
        for gateway in machines.gateways:
            assert machines.post(gateway, SHIYU, key=made.text).json() == FOUND
        keys.revoke(made.application.id)
        for gateway in machines.gateways:
            refused = machines.post(gateway, SHIYU, key=made.text)
            assert refused.status_code == httpx.codes.UNAUTHORIZED


def test_of_two_that_write_about_the_same_one_is_first(machines: Machines, tmp_path: Path) -> None:
    """About one pair, one handle, and one profile that many follow: everybody is told what is true."""
    alice, bob = Person("alice of the race"), Person("bob of the race")
    crowd = [Person(f"one of the crowd {number}") for number in range(24)]
    before = machines.gateways[0].follower_count("ada")
    choose = random.Random(5)  # noqa: S311 (a test's dice)
    answers: list[tuple[int, str, str]] = []

    def follow_and_unfollow(gateway: Server) -> None:
        for _ in range(40):
            op, ts = choose.choice(["follow", "unfollow"]), now_ms() + choose.randrange(-4, 5)
            answers.append((ts, op, machines.send(gateway, op, alice.request(op, "shiyu", ts))))

    def claim(gateway: Server, person: Person, handle: str) -> str:
        document = "mutation ($input: HandleRequest!) { claimHandle(input: $input) { status } }"
        sent = handles.request(person, "claim", handle, now_ms())
        return str(machines.post(gateway, document, sent).json()["data"]["claimHandle"]["status"])

    def join(gateway: Server, other: Server, person: Person) -> None:
        assert machines.send(gateway, "registerSigningKey", person.registration()) == "SUCCESS"
        assert machines.send(other, "follow", person.request("follow", "ada", now_ms())) == "SUCCESS"

    for person in (alice, bob):
        assert machines.send(machines.gateways[0], "registerSigningKey", person.registration()) == "SUCCESS"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(follow_and_unfollow, machines.gateways))
        list(pool.map(join, itertools.cycle(machines.gateways), machines.gateways[::-1] * 12, crowd))
        for number in range(6):
            claims = pool.map(claim, machines.gateways, (alice, bob), [f"race{number}"] * 2)
            assert sorted(claims) == ["HANDLE_TAKEN", "SUCCESS"]

    kept = [(ts, op) for ts, op, status in answers if status in {"SUCCESS", "ALREADY_DONE"}]
    for gateway in machines.gateways:
        assert gateway.follows(alice.address, "shiyu") is (max(kept)[1] == "follow")
        assert gateway.follower_count("ada") == before + len(crowd)
    check_log(machines, tmp_path)


def test_numbers_have_no_gaps_though_the_process_that_numbers_is_killed(
    machines: Machines, tmp_path: Path
) -> None:
    """In the middle of it, while somebody keeps it from going on; another process takes over."""
    person = Person("numbered")
    here, there = machines.gateways
    assert machines.send(here, "registerSigningKey", person.registration()) == "SUCCESS"
    with psycopg.connect(machines.url) as blocker:
        blocker.execute("LOCK TABLE log_order IN SHARE MODE")
        for gateway, op in ((here, "follow"), (there, "unfollow")):
            assert machines.send(gateway, op, person.request(op, "hal", now_ms())) == "SUCCESS"
        wait_until(lambda: len(numbering(machines)) == 1)
        [name] = numbering(machines)
        number = int(name[-1])
        os.kill(machines.gateways[number].writer(), signal.SIGKILL)
        survivor = machines.gateways[1 - number]
        assert machines.send(survivor, "follow", person.request("follow", "hal", now_ms())) == "SUCCESS"
    check_log(machines, tmp_path)


def numbering(machines: Machines) -> list[str]:
    """Who has the right to number, and waits for somebody who has the table."""
    waiting = (
        "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid) JOIN pg_database ON "
        "pg_database.oid = database WHERE NOT granted AND relation::regclass::text = 'log_order'"
    )
    with psycopg.connect(machines.url) as connection:
        return [str(name) for (name,) in connection.execute(waiting)]
