"""Hostile pages, wallets, names and networks, met in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect

from tests.support.e2e.arrangements import Arrangement
from tests.support.e2e.origins import origin
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

SCRIPTS = Path(__file__).with_name("scripts")

VIOLATIONS = """(() => {
  window.violations = [];
  addEventListener("securitypolicyviolation", (event) => window.violations.push(event.effectiveDirective));
})();"""


@pytest.fixture
def dialogs(context: BrowserContext) -> list[str]:
    """What `alert` and its kin said in any page of the test."""
    heard: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    context.on("dialog", dismiss)
    return heard


@pytest.fixture
def elsewhere() -> Iterator[Callable[[str], str]]:
    """Serve one page from another origin on the same host, which browsers count as the same site: the hard
    case.
    """
    pages: dict[str, str] = {}
    with origin(pages) as url:

        def serve(html: str) -> str:
            pages["/"] = html
            return f"{url}/"

        yield serve


def expect_violations(page: Page, *directives: str) -> None:
    """Wait until the policy has stopped something for the sake of each directive."""
    page.wait_for_function(
        "(directives) => directives.every((directive) => window.violations.includes(directive))",
        arg=list(directives),
    )


# --- the page's policy ----------------------------------------------------------------------------------


def test_t18_the_policy_is_strict_and_the_happy_path_keeps_it(
    context: BrowserContext, page: Page, server: Server
) -> None:
    """No `unsafe-*`, nothing from elsewhere; connecting, authorising, following and unfollowing violate
    nothing.
    """
    context.add_init_script(VIOLATIONS)
    sandbox = SandboxPage(page, server.url).open().ready()
    sandbox.follow()
    sandbox.unfollow()
    assert page.evaluate("() => window.violations") == []

    policy = httpx.get(f"{server.url}/", trust_env=False).headers["content-security-policy"]
    directives = {
        name: sources for name, *sources in (part.split() for part in policy.split(";") if part.strip())
    }
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == directives["connect-src"] == ["'self'"]
    assert directives["base-uri"] == directives["frame-ancestors"] == ["'none'"]
    assert directives["require-trusted-types-for"] == ["'script'"]
    assert "unsafe" not in policy
    assert "http" not in policy


def test_t18_injected_code_does_not_run(
    context: BrowserContext, page: Page, server: Server, faults: list[str]
) -> None:
    """Inline scripts, handlers, markup, foreign images and foreign requests: all stopped, and all
    reported.
    """
    context.add_init_script(VIOLATIONS)
    SandboxPage(page, server.url).open()
    page.evaluate((SCRIPTS / "injections.js").read_text())
    expect_violations(page, "require-trusted-types-for", "img-src", "connect-src")
    assert page.evaluate("() => window.pwned") is None
    assert faults, "the console tells it too"
    faults.clear()


def test_t18_markup_that_reached_the_page_does_not_run(
    context: BrowserContext, page: Page, server: Server, faults: list[str]
) -> None:
    """Markup in the HTML itself: inline scripts and handlers stay dead, foreign scripts stay out."""
    context.add_init_script(VIOLATIONS)
    markup = (
        "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>"
        "<script src=https://tracker.invalid/evil.js></script><base href=https://tracker.invalid/>"
    )

    def inject(route: Route) -> None:
        reply = route.fetch()
        route.fulfill(response=reply, body=reply.text().replace("</body>", f"{markup}</body>"))

    page.route(f"{server.url}/", inject)
    page.goto(f"{server.url}/")
    expect_violations(page, "script-src-elem", "script-src-attr", "base-uri")
    assert page.evaluate("() => window.pwned") is None
    assert faults, "the console tells it too"
    faults.clear()


def test_t17_hostile_names_are_only_text(
    page_of: Callable[[Server], SandboxPage], new_arrangement: Callable[..., Arrangement], dialogs: list[str]
) -> None:
    """Markup in a profile's display name and in a typed handle is shown as characters."""
    server = new_arrangement().start().site
    markup = "<img src=x onerror=alert(1)>"
    server.change(
        "UPDATE profiles SET display_name = ?, avatar = ? WHERE handle = 'shiyu'",
        markup,
        "javascript:alert(2)",
    )
    sandbox = page_of(server)
    expect(sandbox.card()).to_be_visible()
    sandbox.handle.fill(f"sh{markup}")
    sandbox.handle.press("Enter")
    expect(sandbox.card()).to_have_count(0)
    sandbox.handle.fill("shiyu")
    sandbox.handle.press("Enter")
    expect(sandbox.card()).to_contain_text(markup)
    assert dialogs == []


# --- other sites ----------------------------------------------------------------------------------------


def test_t15_another_origin_cannot_act_with_the_visitors_session(
    sandbox: SandboxPage, server: Server, elsewhere: Callable[[str], str]
) -> None:
    """Forms and credentialed requests from elsewhere are refused; the visitor stays signed in and follows
    nobody new.
    """
    sandbox.ready()
    address = sandbox.address()
    attacker = sandbox.page.context.new_page()
    for path in ("logout", "follow", "session/active"):
        attacker.goto(
            elsewhere(
                f"<!doctype html><form method=post enctype=text/plain action={server.url}/api/{path}>"
                """<input name='{"address":"' value='"}'><button>Win a prize</button></form>"""
            )
        )
        with attacker.expect_response(f"**/api/{path}") as refused:
            attacker.get_by_role("button").click()
        assert refused.value.status == 403

    attacker.goto(elsewhere("<!doctype html><title>Quiet</title>"))
    for mode in ("no-cors", "cors"):
        attacker.evaluate(
            "([url, mode]) => "
            "fetch(url, {method: 'POST', mode, credentials: 'include', body: '{}'}).catch(() => 0)",
            [f"{server.url}/api/logout", mode],
        )
    assert sandbox.address() == address
    assert server.operations(address) == []


def test_another_origin_cannot_read_the_session(
    sandbox: SandboxPage, server: Server, elsewhere: Callable[[str], str]
) -> None:
    """A credentialed read from elsewhere fails in the browser: the CSRF token stays unknown."""
    sandbox.connect()
    attacker = sandbox.page.context.new_page()
    attacker.goto(elsewhere("<!doctype html><title>Curious</title>"))
    read = attacker.evaluate(
        """(url) => fetch(url, {credentials: "include"}).then((r) => r.text(), (error) => error.name)""",
        f"{server.url}/api/session",
    )
    assert read == "TypeError"


def test_t19_the_page_cannot_be_framed(
    page: Page, server: Server, elsewhere: Callable[[str], str], faults: list[str]
) -> None:
    """In somebody else's frame there is no Follow button to click by mistake."""
    with page.expect_event("framenavigated", lambda frame: frame.parent_frame is not None):
        page.goto(elsewhere(f"<!doctype html><iframe src='{server.url}/'></iframe>"))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("button", name="Follow", exact=True)).to_have_count(0)
    expect(frame.get_by_role("heading", level=1)).to_have_count(0)
    assert page.frames[1].url.startswith("chrome-error:")
    faults.clear()


# --- hostile wallets ------------------------------------------------------------------------------------


def test_t13_malicious_wallets_do_nothing(
    context: BrowserContext, page: Page, server: Server, dialogs: list[str]
) -> None:
    """Scripts in names and icons, twins, traps, nonsense: no code runs, nothing is fetched, the rest still
    works.
    """
    context.add_init_script(path=SCRIPTS / "malicious-wallets.js")
    foreign: list[str] = []
    page.on(
        "request",
        lambda sent: (
            None if sent.url.startswith((server.url, "data:", "blob:")) else foreign.append(sent.url)
        ),
    )
    sandbox = SandboxPage(page, server.url).open()
    sandbox.click("Connect wallet")
    expect(sandbox.dialog.get_by_role("button", name="Sandbox wallet")).to_be_visible()
    for listed in ("<img src=x", "Script icon", "Tracker", "xxxxxxxx"):
        expect(sandbox.dialog.get_by_role("button", name=listed)).to_have_count(1)
    expect(sandbox.dialog.get_by_role("button", name="Twin")).to_have_count(0)
    expect(sandbox.dialog.get_by_role("button", name="Trap")).to_have_count(0)
    assert page.evaluate("() => [window.pwned, window.asked]") == [None, None]
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    sandbox.choose_wallet("Sandbox wallet")
    sandbox.click("Approve", sandbox.dialog)
    sandbox.expect_signed_in()
    sandbox.authorise()
    sandbox.follow()
    assert foreign == []
    assert dialogs == []


# --- sessions -------------------------------------------------------------------------------------------


def test_scripts_cannot_read_the_session_cookie(sandbox: SandboxPage) -> None:
    """Every cookie of ours that could sign somebody in is HttpOnly and sent to our own pages only."""
    sandbox.connect()
    assert sandbox.page.evaluate("() => document.cookie") == ""
    cookies = sandbox.page.context.cookies()
    assert cookies
    for cookie in cookies:
        assert cookie["httpOnly"]
        assert cookie["sameSite"] in {"Lax", "Strict"}


def test_t14_signing_out_ends_the_session_for_every_copy_of_its_cookie(
    sandbox: SandboxPage, server: Server
) -> None:
    """A cookie captured before the sign-out is worth nothing after it; signing in changed it, too."""
    before = {cookie["value"] for cookie in sandbox.page.context.cookies()}
    sandbox.connect()
    captured = {str(c["name"]): str(c["value"]) for c in sandbox.page.context.cookies()}
    assert before.isdisjoint(captured.values()), "the session's identifier rotates at sign-in"
    address = sandbox.address()
    with httpx.Client(cookies=captured, trust_env=False) as thief:
        assert thief.get(f"{server.url}/api/session").json()["address"] == address
        sandbox.page.get_by_role("button", name="Account").click()
        sandbox.click("Sign out")
        sandbox.expect_result("Signed out")  # the site has confirmed it, not only the page
    with httpx.Client(cookies=captured, trust_env=False) as thief:
        assert thief.get(f"{server.url}/api/session").json()["address"] is None
