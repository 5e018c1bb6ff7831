"""Browsers that lack something: the page goes without it, or says what is missing and what to do."""

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.support.e2e.sandbox import SandboxPage
from tests.support.places import ROOT
from tests.support.server import Server

NAME = "countersign.test"

DELETED = """
for (const [holder, name] of [
  [self, 'BroadcastChannel'], [AbortSignal, 'timeout'], [URL, 'canParse'], [Crypto.prototype, 'randomUUID'],
  [self, 'CompressionStream'], [self, 'structuredClone'], [Element.prototype, 'checkVisibility'],
]) delete holder[name];
for (const name of ['localStorage', 'indexedDB']) {
  Object.defineProperty(self, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
}
Object.defineProperty(Navigator.prototype, 'locks', { value: {
  request: () => Promise.reject(new DOMException('denied', 'SecurityError')),
} });
"""
"""What an old browser, or one that blocks storage, does not have."""

SILENT_STORAGE = "IDBFactory.prototype.open = () => new EventTarget();"
"""A database that a browser never opens, as happens with a damaged profile."""


def test_over_plain_http_the_page_says_what_is_missing_and_the_rest_works(page: Page, site: Server) -> None:
    """Behind a proxy without TLS, under a name that is not this machine's: browsers sign nothing there."""
    base = f"http://{NAME}"

    def forward(route: Route) -> None:
        request = route.request
        headers = {**request.headers, "origin": site.url} if request.method == "POST" else request.headers
        route.fulfill(response=route.fetch(url=request.url.replace(base, site.url), headers=headers))

    page.route(f"{base}/**", forward)
    sandbox = SandboxPage(page, base).open()
    assert page.evaluate("() => [isSecureContext, crypto.subtle, crypto.randomUUID]") == [False, None, None]
    sandbox.expect_result("Browsers sign only on pages that came over https or from this machine.")
    sandbox.handle.fill("cyberconnect")
    sandbox.handle.press("Enter")
    expect(sandbox.card("cyberconnect")).to_be_visible()
    sandbox.click("Connect wallet")
    sandbox.choose_wallet("Sandbox wallet")
    sandbox.expect_result("The sign-in text is not what this page asked for (domain)")
    page.unroute_all(behavior="ignoreErrors")  # or what comes late fails in the next test


def test_without_what_old_or_strict_browsers_lack(page: Page, site: Server) -> None:
    """Sign-in works, profiles are read, and a key that has no place is told; signing out works too."""
    page.add_init_script(DELETED)
    sandbox = SandboxPage(page, site.url).open()
    sandbox.connect()
    told = "This browser does not let the page keep a key"
    expect(page.locator("#step-2").get_by_text(told).first).to_be_visible()
    sandbox.click("Authorise this device")
    sandbox.expect_result(told)
    page.get_by_role("button", name="Account").click()
    sandbox.click("Sign out")
    sandbox.expect_signed_out()
    expect(sandbox.button("Connect wallet")).to_be_focused()


def test_blocked_cookies_are_called_that(page: Page, site: Server) -> None:
    """The browser drops every cookie of this site: sign-in says so, and works once they are allowed."""
    sandbox = SandboxPage(page, site.url)

    def forget(route: Route) -> None:
        response = route.fetch()
        page.context.clear_cookies()
        kept = {name: value for name, value in response.headers.items() if name != "set-cookie"}
        route.fulfill(response=response, headers=kept)

    page.route("**/*", forget)
    sandbox.open()
    sandbox.click("Connect wallet")
    sandbox.choose_wallet("Sandbox wallet")
    sandbox.expect_result("This browser blocks cookies for this site, so sign-in cannot be kept.")
    page.unroute_all()
    sandbox.click("Try again", sandbox.status)
    sandbox.click("Approve", sandbox.dialog)
    sandbox.expect_signed_in()


def test_storage_that_never_answers_can_be_left_alone(page: Page, site: Server) -> None:
    """It is named, with "Cancel", which takes the focus to "Try again"; who signed in stays signed in."""
    page.add_init_script(SILENT_STORAGE)
    sandbox = SandboxPage(page, site.url).open()
    sandbox.connect()
    sandbox.expect_result("Waiting for this browser's storage.")
    cancel = sandbox.button("Cancel", sandbox.status)
    cancel.focus()
    page.keyboard.press("Enter")
    sandbox.expect_result("Cancelled.")
    expect(sandbox.button("Try again", sandbox.status)).to_be_focused()
    assert sandbox.session()["address"] is not None


def lose_dialogs(page: Page) -> None:
    """Have what asks people not load any more, on whatever page."""
    built = Path(ROOT, "static", "dist").glob("chunk-*.js")
    for name in (file.name for file in built if "We only ask for signatures" in file.read_text()):
        page.route(f"**/{name}", lambda route: route.abort())


def test_a_question_that_cannot_be_asked_is_told(page: Page, site: Server) -> None:
    sandbox = SandboxPage(page, site.url).open().ready()
    sandbox.follow()
    lose_dialogs(page)
    page.goto(f"{site.url}/devices")
    for name in ("Revoke", "Sign out everywhere"):
        sandbox.click(name)
        expect(page.locator("#result")).to_contain_text("No connection")
    page.goto(f"{site.url}/following")
    page.get_by_role("checkbox", name="Select @shiyu").check()
    sandbox.click("Unfollow selected")
    expect(page.locator("#result")).to_contain_text("No connection")


def test_a_piece_of_the_page_that_cannot_be_loaded_is_told(page: Page, site: Server) -> None:
    """The connection is lost before the list of wallets came: the press says so, and "Reload" brings it."""
    lose_dialogs(page)
    sandbox = SandboxPage(page, site.url).open()
    sandbox.handle.fill("cyberconnect")
    sandbox.handle.press("Enter")
    sandbox.click("Connect wallet")
    sandbox.expect_result("No connection")
    page.unroute_all()
    sandbox.click("Reload", sandbox.status)
    sandbox.connect()
    expect(sandbox.handle).to_have_value("cyberconnect")
    expect(sandbox.card("cyberconnect")).to_be_visible()
