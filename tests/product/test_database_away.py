"""A PostgreSQL that goes away while it is used: everybody is told to come back, and may once it is there."""

from pathlib import Path

import httpx

from tests.support.device import now_ms
from tests.support.people import MUTATIONS, Person
from tests.support.postgresql import PASSWORD, ROLE, Server, wait_until
from tests.support.server import running
from tests.support.serving import FOUND, SHIYU

OK, UNAVAILABLE = httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE


def test_while_it_is_away_all_is_503_and_then_all_is_well(tmp_path: Path) -> None:
    alice = Person("alice")
    with Server() as database, httpx.Client(trust_env=False, timeout=30) as client:
        database.ask(f"CREATE DATABASE one OWNER {ROLE}")
        with running(tmp_path, DATABASE_URL=database.tcp_url("one")) as server:
            client.base_url = server.url

            def send(op: str, given: dict[str, str]) -> httpx.Response:
                return client.post("/graphql", json={"query": MUTATIONS[op], "variables": {"input": given}})

            def all_of(code: int) -> None:
                asked = [client.get(page) for page in ("/api/profiles/shiyu", "/people")]
                asked.append(client.post("/graphql", json={"query": SHIYU}))
                asked.append(send("follow", alice.request("follow", "shiyu", now_ms())))
                for response in asked:
                    assert response.status_code == code, response.text
                    assert ("retry-after" in response.headers) is (code == UNAVAILABLE)

            assert send("registerSigningKey", alice.registration()).status_code == OK
            writer = server.writer()
            all_of(OK)
            database.stop()
            all_of(UNAVAILABLE)
            wait_until(lambda: client.get("/readyz").status_code == UNAVAILABLE)
            assert client.get("/healthz").status_code == OK
            database.start()
            all_of(OK)  # at once: nobody has to find out first
            wait_until(lambda: client.get("/readyz").status_code == OK)
            assert client.post("/graphql", json={"query": SHIYU}).json() == FOUND
            assert server.writer() == writer
        assert PASSWORD not in server.log
        assert "Traceback" not in server.log
