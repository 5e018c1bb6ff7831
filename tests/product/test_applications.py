"""Applications and request limits as operators meet them: processes, sockets, proxies, a revoked key."""

from pathlib import Path

import httpx

from tests.support.databases import started_url
from tests.support.serving import FOUND, SHIYU, Serving, countersign, serving


def test_a_key_made_in_a_terminal_works_until_it_is_revoked_there(tmp_path: Path) -> None:
    """At once, in a server that goes on running; and no key ever stands in its logs."""
    url = started_url(tmp_path / "countersign.sqlite3", {})
    made = countersign("api-key", "create", "App", cwd=tmp_path, DATABASE_URL=url).stdout.splitlines()
    application, key = (line.split()[-1] for line in made[:2])
    with serving("gateway", cwd=tmp_path, DATABASE_URL=url, REQUIRE_API_KEY="1", LOG_LEVEL="debug") as server:

        def ask(**headers: str) -> httpx.Response:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return server.client.post("/graphql", json={"query": SHIYU}, headers=sent)

        anonymous = ask()
        assert anonymous.status_code == 401
        assert anonymous.headers["access-control-allow-origin"] == "*"
        assert anonymous.json()["errors"][0]["extensions"]["code"] == "API_KEY_REQUIRED"
        assert ask(x_api_key=key).json() == FOUND
        revoked = countersign("api-key", "revoke", application, cwd=tmp_path, DATABASE_URL=url)
        assert revoked.returncode == 0, revoked.stderr
        assert ask(x_api_key=key).status_code == 401
        listed = countersign("api-key", "list", cwd=tmp_path, DATABASE_URL=url).stdout
    assert application in listed
    assert "used never" not in listed
    assert key not in server.errors
    assert key not in listed


def test_visitors_of_the_site_are_not_counted_as_one_caller(tmp_path: Path) -> None:
    """The site asks its own gateway, whatever that asks of others; nobody outside passes for the site."""
    with serving("run", cwd=tmp_path, REQUIRE_API_KEY="1", ANONYMOUS_REQUESTS_PER_MINUTE="2") as server:
        for _ in range(4):
            assert server.client.get("/api/profiles/shiyu").json()["handle"] == "shiyu"
        claims = {
            "in-process": "1",
            "x-in-process": "true",
            "remote-addr": "127.0.0.1",
            "user-agent": "httpx",
        }
        asked = [server.client.post("/graphql", json={"query": SHIYU}, headers=claims) for _ in range(6)]
    # A minute may end in between, and leave room for one more.
    assert [asked[0].status_code, asked[-1].status_code] == [401, 429]
    assert int(asked[-1].headers["retry-after"]) >= 1


def test_behind_a_proxy_a_client_cannot_choose_whom_it_is_counted_as(tmp_path: Path) -> None:
    """Whether the proxy adds to the client's own header or writes a second one below it."""
    with serving(
        "gateway", cwd=tmp_path, TRUSTED_PROXY_HOPS="1", ANONYMOUS_REQUESTS_PER_MINUTE="4"
    ) as server:

        def ask(*forwarded: str) -> int:
            headers = [("x-forwarded-for", value) for value in forwarded]
            return server.client.post("/graphql", json={"query": SHIYU}, headers=headers).status_code

        assert [ask(f"198.51.100.{n}, 203.0.113.7") for n in range(2)] == [200] * 2
        assert [ask(f"198.51.100.{n}", "203.0.113.7") for n in range(2, 4)] == [200] * 2
        # A minute may end in between, and leave room for one more.
        assert [ask(f"198.51.100.{n}, 203.0.113.7") for n in range(4, 8)][-1] == 429
        assert [ask(f"198.51.100.{n}", "203.0.113.7") for n in range(8, 12)][-1] == 429
        assert ask("203.0.113.7, 198.51.100.5") == 200


def test_beside_a_remote_gateway_the_site_has_no_page_for_keys(site_without_upstream: Serving) -> None:
    """They would be kept in the site's own database, where that gateway does not look."""
    assert site_without_upstream.client.get("/apps").status_code == 404
    assert site_without_upstream.client.get("/api/applications").status_code == 404
    assert "/apps" not in site_without_upstream.client.get("/").text


def test_an_operator_may_keep_the_making_of_keys_to_herself(tmp_path: Path) -> None:
    """Otherwise REQUIRE_API_KEY would keep out nobody who has a wallet."""
    with serving("run", cwd=tmp_path, REQUIRE_API_KEY="1", WALLET_API_KEYS="0") as server:
        assert server.client.get("/apps").status_code == 404
        assert server.client.get("/api/applications").status_code == 404
        assert "/apps" not in server.client.get("/").text
        assert server.client.get("/api/profiles/shiyu").json()["handle"] == "shiyu"
