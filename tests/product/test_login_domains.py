"""Which domains the API writes sign-in texts for, as the settings of a whole process have it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from tests.support.databases import migrated
from tests.support.login import GET_MESSAGE, account
from webapp.app import create_app
from webapp.gateway_app import create_gateway_app
from webapp.server.answers.metrics import Metrics
from webapp.settings.environment import Serves, Settings

if TYPE_CHECKING:
    from webapp.server.application import Application

Ask = Callable[[str], str]
"""Asks for a text for a domain; gives "written", or what was expected."""

ORIGINS = "https://follow.example,https://www.follow.example:8443"
OTHER = "input.domain: expected one that may sign in at this gateway"


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Callable[..., Ask]]:
    """Wire a process with settings."""
    opened: list[Application] = []
    database = migrated(tmp_path / "x.sqlite3")
    database.close()

    def wired(serves: Serves, **environ: str) -> Ask:
        create = create_app if serves is Serves.SITE else create_gateway_app
        environ["DATABASE_URL"] = database.url
        application = create(Settings.from_env(environ, serves=serves), Metrics())
        opened.append(application)

        def ask(domain: str) -> str:
            content = {"query": GET_MESSAGE, "variables": account(domain=domain)}
            reply = Client(application).post("/graphql", json=content).get_json()
            if "errors" in reply:
                return str(reply["errors"][0]["message"])
            text: str = reply["data"]["loginGetMessage"]["message"]
            assert text.startswith(f"{domain} wants you to sign in")
            return "written"

        return ask

    yield wired
    for application in opened:
        application.close()


@pytest.mark.parametrize(
    ("serves", "environ", "written", "refused"),
    [
        (Serves.SITE, {}, ["127.0.0.1:8000", "localhost:8000"], ["127.0.0.1", "follow.example"]),
        (
            Serves.SITE,
            {"PUBLIC_ORIGINS": ORIGINS},
            ["follow.example", "www.follow.example:8443"],
            ["127.0.0.1:8000", "www.follow.example", "evil.follow.example", "other.example"],
        ),
        (Serves.SITE, {"LOGIN_DOMAINS": "app.example"}, ["app.example"], ["127.0.0.1:8000"]),
        (Serves.GATEWAY, {}, ["app.example", "127.0.0.1:8000"], []),
        (Serves.GATEWAY, {"PUBLIC_ORIGINS": ORIGINS}, ["follow.example"], ["app.example"]),
        (Serves.GATEWAY, {"LOGIN_DOMAINS": "app.example"}, ["app.example"], ["follow.example"]),
    ],
)
def test_t01_texts_are_written_for_domains_of_ones_own(
    asked: Callable[..., Ask], serves: Serves, environ: dict[str, str], written: list[str], refused: list[str]
) -> None:
    """By default the site's; any for a gateway that knows of no site; what LOGIN_DOMAINS names is all."""
    ask = asked(serves, **environ)
    assert [ask(domain) for domain in written] == ["written"] * len(written)
    assert [ask(domain) for domain in refused] == [OTHER] * len(refused)
