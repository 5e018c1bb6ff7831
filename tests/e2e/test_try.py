"""Programs beside their results: each comes to what it says, and none reaches the page around it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.e2e.auditor import LOOKS, Auditor
from tests.support.e2e.bundles import script
from tests.support.e2e.origins import origin
from tests.support.e2e.programs import ProgramPage
from tests.support.e2e.sandbox import SandboxPage
from tests.support.places import ROOT
from tests.support.server import Server
from webapp.docs.library import Library
from webapp.docs.programs import ORIGINAL_SDK, STATUSES


@pytest.fixture
def programs(page: Page, server: Server) -> ProgramPage:
    return ProgramPage(page, server.url)


def test_every_program_comes_to_what_it_says(programs: ProgramPage, server: Server) -> None:
    """Each status really earned, by a wallet made on the spot or a published demo signer."""
    programs.open(ORIGINAL_SDK)
    programs.run()
    programs.ends("Finished")
    assert programs.stamps() == ["SUCCESS", "HTTP 200", "SUCCESS", "HTTP 200", "SUCCESS"]
    for program in Library(ROOT / "docs", server.graphql_url).programs:
        if program.name in STATUSES:
            programs.run(program.code)
            expect(programs.output.locator(".stamp", has_text=program.name).first).to_be_visible()
            programs.ends("Finished")


def test_the_whole_way_beside_its_code(programs: ProgramPage, page: Page) -> None:
    """Run by the keyboard, read to the byte, changed, kept over a reload, taken along, and reset."""
    look = Auditor(page, *LOOKS[0])
    programs.open()
    look.check("before a run")
    programs.code.press("Control+Enter")
    programs.ends("Finished")
    assert programs.stamps() == ["SUCCESS", "SUCCESS", "HTTP 200", "SUCCESS", "HTTP 200"]
    read = [line for line in programs.said() if line.startswith("read back")]
    assert ["isFollowedByMe: true" in line for line in read] == [True, False]
    programs.output.locator("summary", has_text="follow").first.press("Enter")
    request = programs.output.get_by_role("group", name="Request").first
    expect(request).to_contain_text("FollowRequest")
    expect(request).to_contain_text('"signature": "0x')
    look.check("after a run")

    whole = programs.code.input_value()
    mended = whole.replace('console.log("authorise"', '\nlet wrong = ;\nconsole.log("authorise"')
    programs.code.fill(mended)
    page.reload()
    assert programs.code.input_value() == mended
    programs.run()
    programs.ends("Failed")
    line = mended[: mended.index("let wrong")].count("\n") + 1
    look.check("a fault of syntax")
    programs.button(f"Line {line}").click()
    selected = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert programs.code.evaluate(selected) == "let wrong = ;"
    with page.expect_download() as taken:
        programs.button("Download").click()
    assert taken.value.suggested_filename == "countersign-follow.mjs"
    assert Path(taken.value.path()).read_text(encoding="utf-8") == mended
    programs.button("Reset").click()
    assert programs.code.input_value() == whole
    expect(programs.output.get_by_role("listitem")).to_have_count(0)
    page.reload()
    assert programs.code.input_value() == whole


def test_p4_whatever_a_program_does_can_be_stopped(programs: ProgramPage, page: Page) -> None:
    """A loop without an end, words without an end, what was left behind; the page answers all along."""
    programs.open()
    programs.run("console.log('begun'); for (;;) {}")
    expect(programs.output).to_contain_text("begun")
    page.keyboard.press("Enter")  # the focus went from "Run" to "Stop"
    programs.ends("Stopped")
    assert len(page.frames) == 1
    expect(programs.button("Run")).to_be_focused()
    programs.run("for (;;) console.log('more')")
    expect(programs.state).to_have_text("Stopped after 500 lines.")
    assert len(page.frames) == 1
    programs.run("setTimeout(() => console.log('later'), 200);\nPromise.reject(new Error('left'));")
    programs.ends("Finished")
    expect(programs.output).to_contain_text("later")
    expect(programs.output).to_contain_text("Error: left")
    expect(programs.button("Line 2")).to_be_visible()
    programs.run("close(); await new Promise(() => {});")
    programs.button("Stop").click()
    programs.ends("Stopped")


def test_p1_p5_nothing_that_a_program_does_reaches_the_page_around_it(
    programs: ProgramPage, page: Page, server: Server
) -> None:
    """Signed in, with a key that signs, in a browser that would send the session's cookie."""
    sandbox = SandboxPage(page, server.url).open().ready()
    programs.open()
    before = page.context.cookies(), page.evaluate("() => JSON.stringify(localStorage)"), page.title()
    asked: list[str] = []
    page.on("response", lambda reply: asked.append(reply.url))
    with origin({"/": "for everybody"}) as elsewhere:
        programs.run(script("hostile-program").replace("ELSEWHERE", elsewhere).replace("HERE", server.url))
        programs.ends("Finished")
    *_, markup, told = programs.said()
    frame = page.locator("iframe")
    assert frame.get_attribute("sandbox") == "allow-scripts"
    assert page.frames[-1].evaluate("() => self.origin") == "null"
    reached = {name: how for name, how in json.loads(told).items() if how != "refused"}
    assert reached == {}
    assert markup == '<img src=x onerror=alert(1)> { toJSON: 1, a: "<b>" }'
    assert "forged" not in programs.output.inner_text()
    assert programs.output.locator("img").count() == 0
    after = page.context.cookies(), page.evaluate("() => JSON.stringify(localStorage)"), page.title()
    assert after == before
    assert page.url == f"{server.url}/docs/try"
    own = (f"{server.url}/docs/try/frame", f"{server.url}/docs/try/worker.js", "data:")
    assert [url for url in asked if not url.startswith(own)] == []
    sandbox.open()
    sandbox.expect_authorised()
