"""Five hundred people imported, half of them taken back, undone and exported, as one who moves here does."""

import csv
import io
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support import many
from tests.support.e2e.sandbox import SandboxPage
from tests.support.figures import Figure
from tests.support.server import Server, running

PEOPLE = 500
HALF = ("many-1", "many-2", "many-30", "many-31")
"""How the handles of nearly half of them begin."""
PATIENCE_MS = 600_000
TIGHT, ROOMY = 200, 100_000
"""Operations of one signer a minute."""
UNDER_WAY = re.compile(r"^[1-4]\d\d$")
WAITING = re.compile(r"quota is used up for the moment\. It goes on in about \d+")


def headed(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible(timeout=PATIENCE_MS)


def followed(server: Server, address: str) -> set[str]:
    rows = server.rows("SELECT handle FROM edges WHERE address = ? AND following", address)
    return {handle for (handle,) in rows}


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("quota", [ROOMY, TIGHT])
def test_five_hundred(page: Page, tmp_path: Path, quota: int, figure: Figure) -> None:
    """Where the quota is tight, all of this waits for it again and again, and comes to the same."""
    with running(tmp_path / "server", SIGNER_QUOTA=str(quota)) as server:
        with many.written(server.database_url) as connection:
            many.add_people(connection, PEOPLE)
        visitor = SandboxPage(page, server.url).open().ready()
        address = visitor.address()
        handles = {f"many-{number}" for number in range(PEOPLE)}
        host = server.url.partition("//")[2]
        began = time.monotonic()

        def took(what: str) -> None:
            nonlocal began
            now = time.monotonic()
            figure(what, round(now - began, 1), of=f"quota {quota:,}")
            began = now

        file = tmp_path / "list.csv"
        file.write_text("Account address\r\n" + "".join(f"{handle}@{host}\r\n" for handle in handles))
        page.goto(f"{server.url}/following")
        page.set_input_files("#file", file)
        expect(page.locator("#import")).to_contain_text(f"{PEOPLE} new, 0 already, 0 unknown")
        took("500 read and looked up, s")
        visitor.click(f"Follow {PEOPLE}")
        expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", UNDER_WAY)
        assert len(followed(server, address)) < PEOPLE
        page.reload()
        headed(page, f"Followed {PEOPLE} of {PEOPLE}")
        took("500 followed, with a reload half-way, s")
        assert followed(server, address) == handles
        counts = server.rows("SELECT DISTINCT sequence FROM operations WHERE address = ?", address)
        assert counts == [(1,)]
        visitor.click("Done")

        expect(page.get_by_text(f"Select all {PEOPLE}")).to_be_visible()
        for prefix in HALF:
            page.get_by_label("Search").fill(prefix)
            found = sum(handle.startswith(prefix) for handle in handles)
            expect(page.get_by_text(f"Select all found, {found}")).to_be_visible()
            expect(page.locator("#all")).not_to_be_checked()
            page.locator("#all").check()
        page.get_by_label("Search").fill("")
        gone = {handle for handle in handles if handle.startswith(HALF)}
        expect(page.get_by_text(f"{len(gone)} selected")).to_be_visible()
        visitor.click("Unfollow selected")
        visitor.click(f"Unfollow {len(gone)}", visitor.dialog)
        if quota == TIGHT:
            expect(page.locator("#work")).to_contain_text(WAITING, timeout=PATIENCE_MS)
        headed(page, f"Unfollowed {len(gone)} of {len(gone)}")
        took(f"{len(gone)} selected and unfollowed, s")
        assert followed(server, address) == handles - gone
        visitor.click("Undo")
        headed(page, f"Followed {len(gone)} of {len(gone)}")
        took(f"{len(gone)} followed again by Undo, s")
        assert followed(server, address) == handles
        visitor.click("Done")

        page.reload()  # of a list that is still read again after Undo no file is made
        expect(page.get_by_text("0 of them follow you")).to_be_visible()
        visitor.click("Export")
        with page.expect_download() as download:
            visitor.click("CSV")
        content = Path(download.value.path()).read_text(encoding="utf-8-sig")
        header, *rows = csv.reader(io.StringIO(content))
        assert header[0] == "Account address"
        assert sorted(row[0] for row in rows) == sorted(f"{handle}@{host}" for handle in handles)
        took("exported, s")
