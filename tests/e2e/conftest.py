"""Browsers, servers and wallets for the tests in real Chromium."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.e2e import browser as chromium
from tests.e2e.sandbox import SandboxPage
from tests.e2e.server import Server, running
from tests.e2e.wallet import Wallet, install

BLOCKED = ("Content Security Policy", "Refused to", "TrustedHTML", "TrustedScript")


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every test names its server. (The plugin has this fixture in a form that pytest deprecates.)"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, **chromium.launch_options()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": 900},
        "locale": "en-GB",
        "permissions": ["clipboard-read", "clipboard-write"],
    }


# --- servers --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One embedded server for all tests of a worker that do not stop it and set nothing."""
    with running(tmp_path_factory.mktemp("embedded")) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The server that `sandbox` opens; modules that need another one override this fixture."""
    return shared_server


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of the test's own, with settings of its own; they end with the test."""
    started: list[Server] = []

    def start(**env: str) -> Server:
        server = Server(tmp_path / f"server-{len(started)}", **env)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where the page is served, and where the gateway is that it writes to."""

    site: Server
    gateway: Server


@contextlib.contextmanager
def apart(folder: Path, **site_env: str) -> Iterator[Arrangement]:
    """Let the site run in one process, and its gateway alone in another."""
    with (
        running(folder / "gateway", command="gateway") as gateway,
        running(
            folder / "site",
            UPSTREAM_URL=gateway.graphql_url,
            **{name: value.format(gateway=gateway) for name, value in site_env.items()},
        ) as site,
    ):
        yield Arrangement(site, gateway)


@pytest.fixture(scope="session")
def two_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arrangement]:
    """Site and gateway apart, on one database."""
    folder = tmp_path_factory.mktemp("two-processes")
    with apart(folder, DATABASE_URL="sqlite:///{gateway.database}") as arrangement:
        yield arrangement


@pytest.fixture(scope="session")
def two_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arrangement]:
    """Site and gateway apart, each with a database of its own, as on two machines."""
    with apart(tmp_path_factory.mktemp("two-databases")) as arrangement:
        yield arrangement


@pytest.fixture(params=["one process", "two processes", "two databases"])
def arrangement(request: pytest.FixtureRequest) -> Arrangement:
    """Each arrangement in turn: the same code must do the same in all of them."""
    if request.param == "one process":
        server: Server = request.getfixturevalue("shared_server")
        return Arrangement(server, server)
    pair: Arrangement = request.getfixturevalue(str(request.param).replace(" ", "_"))
    return pair


# --- pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def faults(context: BrowserContext) -> list[str]:
    """Uncaught errors and blocked content of all pages so far; a test that provokes some empties the list."""
    seen: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and any(mark in message.text for mark in BLOCKED):
            seen.append(message.text)

    context.on("weberror", lambda fault: seen.append(f"uncaught: {fault.error}"))
    context.on("console", on_console)
    return seen


@pytest.fixture(autouse=True)
def no_faults(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold every test with a page to it: the page never throws, and its policy never has to stop anything."""
    if "context" not in request.fixturenames:
        yield
        return
    faults: list[str] = request.getfixturevalue("faults")
    yield
    assert faults == [], "the page threw, or the content security policy stopped something"


@pytest.fixture
def sandbox(page: Page, server: Server) -> SandboxPage:
    """The sandbox page, opened as a newcomer's: nothing stored, no wallet but the page's own."""
    return SandboxPage(page, server.url).open()


@pytest.fixture
def page_of(page: Page) -> Callable[[Server], SandboxPage]:
    """Open the sandbox page of a server of the test's choice."""
    return lambda server: SandboxPage(page, server.url).open()


@pytest.fixture
def wallet(context: BrowserContext) -> Wallet:
    """A wallet of ours with two accounts; ask for it before `sandbox`, so that the page finds it."""
    one = Wallet()
    install(context, one)
    return one


@pytest.fixture(autouse=True)
def server_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put what the shared server wrote during a test beside the test's own report."""
    if "server" not in request.fixturenames:
        yield
        return
    server: Server = request.getfixturevalue("server")
    before = len(server.log)
    yield
    request.node.add_report_section("call", "server log", server.log[before:])
