"""A browser in front of two machines on one PostgreSQL, of which each answers every other request.

In `make test-postgresql`: six servers for one visitor are many.
"""

from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.databases import ON_POSTGRESQL
from tests.support.e2e.sandbox import SandboxPage
from tests.support.ports import free_port
from tests.support.postgresql_databases import fresh_database
from tests.support.proxies import NGINX, balancer, program
from tests.support.redis_server import Redis
from tests.support.server import Server, running

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="make test-postgresql")


def test_the_newcomers_way_goes_through_both(page: Page, tmp_path: Path) -> None:
    """Sign-in, authorising, a follow, a reload, and an unfollow; both gateways know of it at once."""
    found, port, url = program(*NGINX.names), free_port(), fresh_database()
    if found is None:
        pytest.skip("this machine lacks nginx")
    origin = f"http://127.0.0.1:{port}"
    redis = Redis(free_port())
    redis.start()
    with ExitStack() as opened:
        opened.callback(redis.stop)

        def start(name: str, command: str, **env: str) -> Server:
            folder = tmp_path / name
            shared = {"DATABASE_URL": url, "REDIS_URL": redis.url}
            return opened.enter_context(running(folder, command=command, **shared, **env))

        gateways = [start(f"gateway {number}", "gateway") for number in range(2)]
        sites = [
            start(f"site {number}", "run", UPSTREAM_URL=gateway.graphql_url, PUBLIC_ORIGINS=origin)
            for number, gateway in enumerate(gateways)
        ]
        opened.enter_context(balancer(found, tmp_path, port, [site.port for site in sites]))
        sandbox = SandboxPage(page, origin).open().ready()
        before = sandbox.count()
        for act, following in ((sandbox.follow, True), (sandbox.unfollow, False)):
            act()
            sandbox.reload()
            sandbox.expect_following(following)
            sandbox.expect_count(before + following)
            for gateway in gateways:
                assert gateway.follows(sandbox.address(), "shiyu") is following
        for server in (*gateways, *sites):
            assert "POST /" in server.log
