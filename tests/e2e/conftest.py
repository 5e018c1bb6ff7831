"""Browsers and servers for the tests in real Chromium; wallets are the test kit's (`countersign/testing`).

Tests name `site` for the page and `gateway` for what is kept, so that the same code runs in every
arrangement of the two; the mark `arrangements` says in which. The newcomer's way, crashes and failures run in
all of them, the guide's example and the original SDK with the gateway embedded and alone; statuses, keys,
clocks, haste and the inspector in one process, unless a mark names more. In one process alone run the tests
of what a site does by itself, wherever its gateway is: how it looks, how it is read and worked from a
keyboard, what its policy stops, what wallets do to it.

Nothing moves on the page (`prefers-reduced-motion`) but where a newcomer first follows (`in_motion`):
painting motion took a third of the browser's time in all tests, and the others are not about it. Nothing is
seen through what lies over it (`prefers-reduced-transparency`): without a graphics card the blur behind a
dialog costs 60 ms a frame, a third of a whole follow.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.support.e2e import browser as chromium
from tests.support.e2e.arrangements import (
    EVERY,
    ONE_PROCESS,
    TWO_DATABASES,
    TWO_PROCESSES,
    Arrangement,
    arrange,
    in_one_process,
    site_settings,
)
from tests.support.e2e.origins import Sites, guide, origin
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server, running

PATIENCE_MS = 30_000
"""How long a page may take to show something: on a machine that does ten other things, not on an idle one."""

OPAQUE = "--blink-settings=prefersReducedTransparency=true"
"""Playwright emulates no such preference."""

LOUD = (
    "* { color: red !important; font: italic 40px serif !important; letter-spacing: 9px !important;"
    " text-transform: uppercase !important; text-align: end !important; line-height: 3 !important }"
    " button, a, p, svg { padding: 30px !important; background: red !important; opacity: 0.1 !important }"
)
"""Styles of a page that means everything."""

BLOCKED = ("Content Security Policy", "Refused to", "TrustedHTML", "TrustedScript")


@pytest.fixture(scope="session")
def base_url() -> None:
    """Every test names its server. (The plugin has this fixture in a form that pytest deprecates.)"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    options = chromium.launch_options()
    return {**browser_type_launch_args, **options, "args": [*options["args"], OPAQUE]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": 900},
        "locale": "en-GB",
        "reduced_motion": "reduce",
        "permissions": ["clipboard-read", "clipboard-write"],
    }


def pytest_configure(config: pytest.Config) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    config.addinivalue_line(
        "markers",
        "arrangements(*names): run in these arrangements of site and gateway; in all if none is named",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `arrangements` in those that the mark names, or in all if it names none; where site
    and gateway are two processes on one database, in `make soak` alone.
    """
    mark = metafunc.definition.get_closest_marker("arrangements")
    if mark is not None and "arrangement_name" in metafunc.fixturenames:
        soak = {TWO_PROCESSES: (pytest.mark.soak,)}
        names = [pytest.param(name, marks=soak.get(name, ())) for name in mark.args or EVERY]
        metafunc.parametrize("arrangement_name", names)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one worker alone start the servers of other arrangements than one process."""
    for item in items:
        if not in_one_process(item):
            item.add_marker(pytest.mark.together("other arrangements"))


# --- servers --------------------------------------------------------------------------------------------


@pytest.fixture
def arrangement_name() -> str:
    """One process, unless the test's mark has it run in others too (`pytest_generate_tests`)."""
    return ONE_PROCESS


@pytest.fixture(scope="session")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arrangement]:
    with running(tmp_path_factory.mktemp("embedded")) as server:
        yield Arrangement(server, server)


@pytest.fixture(scope="session")
def lone_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The gateway of both arrangements that have it apart."""
    with running(tmp_path_factory.mktemp("gateway"), command="gateway") as gateway:
        yield gateway


@pytest.fixture(scope="session")
def two_processes(tmp_path_factory: pytest.TempPathFactory, lone_gateway: Server) -> Iterator[Arrangement]:
    settings = site_settings(TWO_PROCESSES, lone_gateway)
    with running(tmp_path_factory.mktemp("one-database"), **settings) as site:
        yield Arrangement(site, lone_gateway)


@pytest.fixture(scope="session")
def two_databases(tmp_path_factory: pytest.TempPathFactory, lone_gateway: Server) -> Iterator[Arrangement]:
    settings = site_settings(TWO_DATABASES, lone_gateway)
    with running(tmp_path_factory.mktemp("own-database"), **settings) as site:
        yield Arrangement(site, lone_gateway)


@pytest.fixture
def arrangement(request: pytest.FixtureRequest, arrangement_name: str) -> Iterator[Arrangement]:
    """What runs already: one of each name for all tests of a worker that set nothing. A test may stop or kill
    its servers: what does not run at its end is started again for the next.
    """
    shared: Arrangement = request.getfixturevalue(arrangement_name.replace(" ", "_"))
    yield shared
    for server in shared.servers:
        if not server.running:
            server.start()


@pytest.fixture
def site(arrangement: Arrangement) -> Server:
    """What serves the page."""
    return arrangement.site


@pytest.fixture
def gateway(arrangement: Arrangement) -> Server:
    """What keeps the operations, and answers `/graphql`."""
    return arrangement.gateway


@pytest.fixture
def server(arrangement: Arrangement) -> Server:
    """Site and gateway in one, for tests that run in no other arrangement."""
    assert arrangement.site is arrangement.gateway, "server: expected site or gateway to be named"
    return arrangement.site


@pytest.fixture
def new_arrangement(tmp_path: Path, arrangement_name: str) -> Iterator[Callable[..., Arrangement]]:
    """Make arrangements of the test's own, not started, the gateway's settings as given; they end with the
    test.
    """
    folders = itertools.count()
    with contextlib.ExitStack() as ends:

        def make(**env: str) -> Arrangement:
            made = arrange(arrangement_name, tmp_path / f"arrangement-{next(folders)}", **env)
            for server in made.servers:
                ends.callback(server.stop)
            return made

        yield make


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """The framing site is `localhost`, ours `127.0.0.1`: two sites to a browser, and both may sign."""
    pages: dict[str, str] = {}
    headers: dict[str, dict[str, str]] = {"/apart": {"Cross-Origin-Opener-Policy": "same-origin"}}
    with origin(pages, headers) as first, origin(pages, headers) as second:
        docs, stranger = (url.replace("127.0.0.1", "localhost") for url in (first, second))
        with running(tmp_path_factory.mktemp("framed"), FRAME_ANCESTORS=docs) as server:
            pages["/"] = (
                "<!doctype html><html lang=en><title>Guide</title><h1>Guide</h1>"
                f"<iframe src='{server.url}/' title=Sandbox width=640 height=500></iframe>"
            )
            pages["/guide"], headers["/guide"] = guide(server)
            pages["/plain"] = "<!doctype html><title>Plain</title>"
            pages["/apart"] = pages["/guide"]
            pages["/loud"] = f"<style>{LOUD}</style>{pages['/guide']}"
            yield Sites(server, docs, stranger)


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
def sandbox(page: Page, site: Server) -> SandboxPage:
    """The sandbox page, opened as a newcomer's: nothing stored, no wallet but the page's own."""
    return SandboxPage(page, site.url).open()


@pytest.fixture
def page_of(page: Page) -> Callable[[Server], SandboxPage]:
    """Open the sandbox page of a server of the test's choice."""
    return lambda server: SandboxPage(page, server.url).open()


@pytest.fixture(autouse=True)
def server_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put what shared servers wrote during a test beside the test's own report."""
    if "arrangement" not in request.fixturenames:
        yield
        return
    arrangement: Arrangement = request.getfixturevalue("arrangement")
    before = [len(server.log) for server in arrangement.servers]
    yield
    for server, known in zip(arrangement.servers, before, strict=True):
        request.node.add_report_section("call", f"log of {server.url}", server.log[known:])
