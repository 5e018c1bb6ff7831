"""Whom one follows: imported, searched, taken back in one go, undone, exported; and none of it twice."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from countersign.testing import Wallet
from tests.support.crowd import NAMES, Crowd
from tests.support.e2e.arrangements import ONE_PROCESS
from tests.support.e2e.auditor import LOOKS, Auditor, press, tab_to
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server, running

pytestmark = [pytest.mark.arrangements(ONE_PROCESS), pytest.mark.together]

HANDLES = list(NAMES)
BRASS = "Brass wallet"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with everybody of the crowd, and room for many operations in a minute."""
    roomy = {"SIGNER_QUOTA": "100000", "ANONYMOUS_REQUESTS_PER_MINUTE": "100000"}
    with running(tmp_path_factory.mktemp("town"), **roomy) as server:
        Crowd(server).gather()
        yield server


@pytest.fixture
def visitor(page: Page, town: Server) -> SandboxPage:
    """Somebody who may follow, on the page of whom they follow: nobody yet."""
    sandbox = SandboxPage(page, town.url).open().ready()
    page.goto(f"{town.url}/following")
    return sandbox


def list_of(folder: Path, host: str, *more: str) -> Path:
    """A list as the federated world writes it, with a byte order mark and a column that nobody needs."""
    file = folder / "following_accounts.csv"
    lines = ["Account address,Show boosts", *(f"{handle}@{host},true" for handle in HANDLES), *more]
    file.write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    return file


def follow_all(visitor: SandboxPage, town: Server, folder: Path) -> None:
    page = visitor.page
    host = town.url.partition("//")[2]
    page.set_input_files("#file", list_of(folder, host, "alice@elsewhere.example,true", "nobody-here,true"))
    preview = page.locator("#import")
    expect(preview).to_contain_text(f"{len(HANDLES)} new, 0 already, 2 unknown")
    expect(preview).to_contain_text("Nothing has been signed yet")
    assert town.rows("SELECT count(*) FROM operations WHERE address = ?", visitor.address())[0][0] == 0
    visitor.click(f"Follow {len(HANDLES)}")
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()


def followed(town: Server, address: str) -> set[str]:
    rows = town.rows("SELECT handle FROM edges WHERE address = ? AND following", address)
    return {handle for (handle,) in rows}


def test_a_list_is_imported_taken_back_in_part_undone_and_exported(
    visitor: SandboxPage, town: Server, tmp_path: Path
) -> None:
    """The wallet is asked for none of it, and what is exported is what was imported."""
    page, address = visitor.page, visitor.address()
    follow_all(visitor, town, tmp_path)
    assert followed(town, address) == set(HANDLES)
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", str(len(HANDLES)))
    visitor.click("Done")
    expect(page.get_by_text(f"Select all {len(HANDLES)}")).to_be_visible()

    page.get_by_label("Search").fill("Whitfield D")
    expect(page.locator(".line")).to_have_count(1)
    page.get_by_label("Search").fill("")
    page.get_by_label("Order").select_option("handle")
    expect(page.locator(".line b").first).to_have_text(f"@{min(HANDLES)}")

    gone = sorted(HANDLES)[:3]
    for handle in gone:
        page.get_by_role("checkbox", name=f"Select @{handle}", exact=True).check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    visitor.click("Unfollow selected")
    expect(visitor.dialog).to_contain_text("Unfollow 3 people?")
    visitor.click("Cancel", visitor.dialog)
    assert followed(town, address) == set(HANDLES)
    visitor.click("Unfollow selected")
    visitor.click("Unfollow 3", visitor.dialog)
    expect(page.get_by_role("heading", name="Unfollowed 3 of 3")).to_be_visible()
    assert followed(town, address) == set(HANDLES) - set(gone)
    row = page.locator(".line", has=page.get_by_role("link", name=f"@{gone[0]}", exact=True))
    expect(row).to_contain_text("SUCCESS")
    expect(row.get_by_role("button", name="Follow")).to_be_visible()
    visitor.click("Undo")
    expect(page.get_by_role("heading", name="Followed 3 of 3")).to_be_visible()
    assert followed(town, address) == set(HANDLES)
    visitor.click("Done")

    host = town.url.partition("//")[2]
    expect(page.get_by_text(f"Select all {len(HANDLES)}")).to_be_visible()
    for form in ("CSV", "JSON"):
        visitor.click("Export")
        with page.expect_download() as download:
            visitor.click(form)
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        if form == "CSV":
            header, *rows = csv.reader(io.StringIO(text))
            assert header[0] == "Account address"
            names = [row[0] for row in rows]
        else:
            names = json.loads(text)["followings"]
        assert {name.removesuffix(f"@{host}") for name in names} == set(HANDLES)


def test_a_reload_half_way_goes_on_and_does_nothing_twice(
    visitor: SandboxPage, town: Server, tmp_path: Path
) -> None:
    """Some answers are lost with the page that waited for them; each log has one entry all the same."""
    page, address = visitor.page, visitor.address()
    host = town.url.partition("//")[2]
    answered = 0

    def lose(route: Route) -> None:
        nonlocal answered
        answered += 1
        if answered <= 6:
            route.fulfill(response=route.fetch())
        elif answered <= 10:
            route.fetch()  # the gateway has it, and its answer never comes

    page.route("**/api/follow", lose)
    page.set_input_files("#file", list_of(tmp_path, host))
    visitor.click(f"Follow {len(HANDLES)}")
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "6")
    page.unroute("**/api/follow")
    page.reload()
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()
    assert followed(town, address) == set(HANDLES)
    counts = town.rows("SELECT count(*) FROM operations WHERE address = ? GROUP BY handle", address)
    assert counts == [(1,)] * len(HANDLES)


def test_it_can_be_stopped_and_goes_on_from_there(visitor: SandboxPage, town: Server, tmp_path: Path) -> None:
    page = visitor.page
    held: list[Route] = []
    page.route("**/api/follow", lambda route: held.append(route) if len(held) < 4 else route.continue_())
    page.set_input_files("#file", list_of(tmp_path, town.url.partition("//")[2]))
    visitor.click(f"Follow {len(HANDLES)}")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    while len(held) < 4:
        page.wait_for_timeout(20)
    expect(page.get_by_text("comes into this list when the work is over")).to_be_visible()
    visitor.click("Stop")
    for route in held:
        route.continue_()
    expect(page.get_by_text(re.compile(r"Stopped\. 20 were not sent"))).to_be_visible()
    expect(page.locator(".line")).to_have_count(4)
    assert len(followed(town, visitor.address())) == 4
    page.unroute("**/api/follow")
    visitor.click("Go on")
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()


def test_a_session_that_ends_half_way_goes_on_after_the_next_sign_in(
    visitor: SandboxPage, town: Server, tmp_path: Path
) -> None:
    """As the card says; the page looks again meanwhile, as whenever it comes to the front."""
    page, address = visitor.page, visitor.address()
    answered = 0

    def end_session(route: Route) -> None:
        nonlocal answered
        answered += 1
        if answered == 6:
            page.context.clear_cookies()
        route.continue_()

    page.route("**/api/follow", end_session)
    page.set_input_files("#file", list_of(tmp_path, town.url.partition("//")[2]))
    visitor.click(f"Follow {len(HANDLES)}")
    expect(page.get_by_text("Sign in again, and it goes on where it stands.")).to_be_visible()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    page.unroute("**/api/follow")
    assert len(followed(town, address)) < len(HANDLES)
    SandboxPage(page, town.url).open().connect()
    page.goto(f"{town.url}/following")
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()
    assert followed(town, address) == set(HANDLES)


@pytest.fixture
def two_accounts(wallet: Wallet, page: Page, town: Server) -> SandboxPage:
    """A wallet's first account on the page of whom it follows; the second one is signed in beside it."""
    sandbox = SandboxPage(page, town.url).open()
    sandbox.ready(BRASS)
    wallet.switch_account(1)
    sandbox.click("Sign in")
    sandbox.expect_result("Signed in")
    wallet.switch_account(0)
    sandbox.expect_result("It is signed in already")
    page.goto(f"{town.url}/following")
    return sandbox


def test_a_key_that_runs_out_half_way_is_renewed_and_the_work_goes_on(
    visitor: SandboxPage, town: Server, tmp_path: Path
) -> None:
    """The wallet is asked for that alone; nothing is done twice, and who was refused is no failure."""
    page, address = visitor.page, visitor.address()
    answered = 0

    def run_out(route: Route) -> None:
        nonlocal answered
        answered += 1
        if answered == 6:
            town.change(
                "UPDATE signing_keys SET expires_at = registered_at + 1 WHERE lower(address) = ?",
                address.lower(),
            )
        route.continue_()

    page.route("**/api/follow", run_out)
    page.set_input_files("#file", list_of(tmp_path, town.url.partition("//")[2]))
    visitor.click(f"Follow {len(HANDLES)}")
    expect(visitor.button("Renew")).to_be_visible()
    page.unroute("**/api/follow")
    assert len(followed(town, address)) < len(HANDLES)
    Auditor(page).check("a key that ran out")
    visitor.click("Renew")
    visitor.click("Approve", visitor.dialog)
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()
    assert followed(town, address) == set(HANDLES)
    assert town.rows("SELECT DISTINCT sequence FROM operations WHERE address = ?", address) == [(1,)]


def test_another_account_half_way_is_named_and_the_right_one_goes_on(
    wallet: Wallet, two_accounts: SandboxPage, town: Server, tmp_path: Path
) -> None:
    """The site acts for the other account now, unknown to this page, and sends nothing in its name."""
    page, mine = two_accounts.page, wallet.address
    posted = 0

    def turn(route: Route) -> None:
        nonlocal posted
        posted += 1
        if posted == 6:
            headers = {"x-csrf-token": two_accounts.session()["csrfToken"], "origin": town.url}
            other = {"address": str(wallet.accounts[1].address)}
            assert page.request.post(f"{town.url}/api/session/active", data=other, headers=headers).ok
        route.continue_()

    page.route("**/api/follow", turn)
    page.set_input_files("#file", list_of(tmp_path, town.url.partition("//")[2]))
    two_accounts.click(f"Follow {len(HANDLES)}")
    short = f"{mine[:6]}…{mine[-4:]}"
    expect(page.get_by_text(f"The work is that of {short}: sign in as that one")).to_be_visible()
    Auditor(page).check("another account")
    page.unroute("**/api/follow")
    asked = len(wallet.asked())
    two_accounts.click(f"Sign in as {short}")
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()
    assert followed(town, mine) == set(HANDLES)
    assert followed(town, str(wallet.accounts[1].address)) == set()
    assert len(wallet.asked()) == asked


def test_work_waits_for_its_account_and_the_other_is_told_of_it(
    wallet: Wallet, two_accounts: SandboxPage, town: Server, tmp_path: Path
) -> None:
    page, mine = two_accounts.page, wallet.address
    expect(page.get_by_role("heading", name="Work of another account")).to_be_hidden()
    held: list[Route] = []
    page.route("**/api/follow", lambda route: held.append(route) if len(held) < 4 else route.abort())
    page.set_input_files("#file", list_of(tmp_path, town.url.partition("//")[2]))
    two_accounts.click(f"Follow {len(HANDLES)}")
    while len(held) < 4:
        page.wait_for_timeout(20)
    wallet.switch_account(1)
    elsewhere = page.get_by_role("region", name="Work of another account")
    expect(elsewhere).to_contain_text(f"{mine[:6].lower()}…{mine[-4:].lower()} began something here")
    Auditor(page).check("work of another account")
    page.unroute("**/api/follow")
    wallet.switch_account(0)
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()
    assert followed(town, mine) == set(HANDLES)


def test_what_is_taken_back_one_after_the_other_stays_so_and_is_not_exported(
    visitor: SandboxPage, town: Server, tmp_path: Path
) -> None:
    """A row that was pressed neither comes back with the next one, nor costs what is selected."""
    page = visitor.page
    follow_all(visitor, town, tmp_path)
    visitor.click("Done")
    expect(page.get_by_text(f"Select all {len(HANDLES)}")).to_be_visible()
    page.get_by_role("checkbox", name=f"Select @{HANDLES[-3]}", exact=True).check()

    def row(handle: str) -> Locator:
        return page.locator(".line", has=page.get_by_role("link", name=f"@{handle}", exact=True))

    gone = HANDLES[:-3:-1]
    for handle in gone:
        row(handle).get_by_role("button", name="Unfollow").click()
        expect(row(handle).get_by_role("button", name="Follow", exact=True)).to_be_visible()
    for handle in gone:
        expect(row(handle).get_by_role("button", name="Follow", exact=True)).to_be_visible()
    expect(page.get_by_text("1 selected")).to_be_visible()
    visitor.click("Export")
    with page.expect_download() as download:
        visitor.click("JSON")
    names = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["followings"]
    assert {name.partition("@")[0] for name in names} == set(HANDLES) - set(gone)


def test_a_list_that_is_imported_while_work_goes_on_is_kept(
    visitor: SandboxPage, town: Server, tmp_path: Path
) -> None:
    page = visitor.page
    held: list[Route] = []
    page.route("**/api/follow", lambda route: held.append(route) if len(held) < 4 else route.continue_())
    host = town.url.partition("//")[2]
    (tmp_path / "two").mkdir()
    page.set_input_files("#file", list_of(tmp_path, host))
    visitor.click(f"Follow {len(HANDLES)}")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.set_input_files("#file", list_of(tmp_path / "two", host))
    visitor.click(f"Follow {len(HANDLES)}")
    expect(page.get_by_role("alert")).to_contain_text("Something else is being done")
    expect(visitor.button(f"Follow {len(HANDLES)}")).to_be_visible()
    while len(held) < 4:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()


def test_a_list_without_an_end_ends_and_one_that_breaks_off_is_not_exported(visitor: SandboxPage) -> None:
    """A gateway may name the same people, and a next page, for ever."""
    page = visitor.page
    person = {"handle": "shiyu", "displayName": "Shiyu", "avatar": None, "address": "", "followsMe": False}
    row = {**person, "signedAt": None, "entryDigest": "ab" * 32}
    told = {"total": 2, "after": "next", "rows": [row, row]}
    page.route("**/api/following*", lambda route: route.fulfill(json=told))
    page.reload()
    expect(page.get_by_text("Select all 1", exact=True)).to_be_visible()
    expect(page.get_by_text("0 of them follow you")).to_be_visible()
    page.unroute("**/api/following*")
    page.route("**/api/following*", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("status").filter(has_text="The list cannot be read now")).to_be_visible()
    expect(page.get_by_text("You follow nobody yet.")).to_be_hidden()
    visitor.click("Export")
    expect(page.get_by_text("not been read to its end")).to_be_visible()
    expect(page.get_by_role("button", name="CSV")).to_be_hidden()


def test_a_list_longer_than_the_site_reads_in_a_minute_says_so_and_is_read_to_its_end(
    visitor: SandboxPage,
) -> None:
    """What was read until then is there, and is not taken for the whole."""
    page = visitor.page
    refused: Any = {
        "status": 429,
        "content_type": "application/problem+json",
        "headers": {"retry-after": "1"},
        "body": json.dumps({"type": "/problems/too-many-requests", "title": "Too many requests"}),
    }
    asked: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route)
        if len(asked) == 2:
            route.fulfill(**refused)
        elif len(asked) != 3:
            person = {"handle": f"one-{len(asked)}", "displayName": "", "avatar": None, "address": "0x1"}
            row = {**person, "followsMe": False, "signedAt": None, "entryDigest": "ab" * 32}
            route.fulfill(json={"total": 3, "after": "next" if len(asked) == 1 else None, "rows": [row]})

    page.route("**/api/following*", answer)
    page.reload()
    expect(page.get_by_text("1 read. The site asks for a pause: the rest comes in")).to_be_visible()
    expect(page.locator(".line")).to_have_count(1)
    visitor.click("Export")
    expect(page.get_by_text("not been read to its end")).to_be_visible()
    while len(asked) < 3:
        page.wait_for_timeout(20)
    assert asked[2].request.url.endswith("after=next")
    row = {"handle": "two", "displayName": "", "avatar": None, "address": "0x1", "followsMe": False}
    rest = [{**row, "signedAt": None, "entryDigest": "ab" * 32}]
    asked[2].fulfill(json={"total": 3, "after": "more", "rows": rest})
    expect(page.locator(".line")).to_have_count(3)
    expect(page.get_by_text("0 of them follow you")).to_be_visible()


def test_a_file_that_is_no_list_is_told_what_was_expected(visitor: SandboxPage, tmp_path: Path) -> None:
    file = tmp_path / "holiday.csv"
    file.write_text("name;place\nAda;London\n")
    visitor.page.set_input_files("#file", file)
    expect(visitor.page.locator("#import").get_by_role("alert")).to_contain_text("Account address")


def test_a_keyboard_is_enough(visitor: SandboxPage, town: Server, tmp_path: Path) -> None:
    """Select, unfollow, undo: each with Tab, Space and Enter."""
    page = visitor.page
    follow_all(visitor, town, tmp_path)
    press(visitor.button("Done"))
    press(page.get_by_role("checkbox", name=f"Select @{HANDLES[-1]}", exact=True), " ")
    tab_to(visitor.button("Unfollow selected"), backwards=True)
    page.keyboard.press("Enter")
    press(visitor.button("Unfollow 1", visitor.dialog))
    expect(page.get_by_role("heading", name="Unfollowed 1 of 1")).to_be_visible()
    press(visitor.button("Undo"))
    expect(page.get_by_role("heading", name="Followed 1 of 1")).to_be_visible()


@pytest.mark.parametrize("looks", LOOKS, ids=" and ".join)
def test_every_state_in_every_look(looks: tuple[str, ...], page: Page, town: Server, tmp_path: Path) -> None:
    auditor = Auditor(page, *looks)
    page.goto(f"{town.url}/following")
    auditor.check("nobody signed in")
    visitor = SandboxPage(page, town.url).open().ready()
    page.goto(f"{town.url}/following")
    expect(page.get_by_text("You follow nobody yet.")).to_be_visible()
    auditor.check("empty")
    page.set_input_files("#file", list_of(tmp_path, town.url.partition("//")[2], "b0b!,true"))
    expect(page.locator("#import")).to_contain_text("1 unreadable")
    auditor.check("preview")
    visitor.click(f"Follow {len(HANDLES)}")
    expect(page.get_by_role("heading", name=f"Followed {len(HANDLES)} of {len(HANDLES)}")).to_be_visible()
    auditor.check("finished")
    page.get_by_role("checkbox", name=f"Select @{HANDLES[-1]}", exact=True).check()
    visitor.click("Export")
    auditor.check("selected, and the menu open")
    visitor.click("Unfollow selected")
    auditor.check("asked first")


def test_it_is_read_without_a_script(browser: Browser, town: Server) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{town.url}/following")
    expect(page.get_by_role("heading", name="Following", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()
