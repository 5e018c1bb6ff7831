"""`countersign hide`: in a server that runs, from a terminal; undone; and what cannot be hidden."""

from pathlib import Path
from typing import Any

from tests.support.databases import started_url
from tests.support.serving import countersign, serving


def test_an_operator_hides_a_profile_while_the_server_runs(tmp_path: Path) -> None:
    url = started_url(tmp_path / "countersign.sqlite3", {})
    with serving("run", cwd=tmp_path, DATABASE_URL=url) as server:

        def shown() -> list[Any]:
            told = server.client.get("/api/profiles/shiyu").json()
            return [told["displayName"], told["bio"], told["avatar"]]

        before = shown()
        assert before[0] == "Shiyu (demo)"
        assert "Shiyu (demo)" in server.client.get("/@shiyu").text
        hidden = countersign("hide", "@shiyu", cwd=tmp_path, DATABASE_URL=url)
        assert (hidden.returncode, hidden.stderr) == (0, "")
        assert hidden.stdout == "@shiyu is hidden: its name, words and picture are in no answer.\n"
        assert shown() == ["shiyu", "", None]
        assert "Shiyu (demo)" not in server.client.get("/@shiyu").text
        undone = countersign("hide", "--undo", "shiyu", cwd=tmp_path, DATABASE_URL=url)
        assert (undone.returncode, undone.stdout) == (0, "@shiyu is shown again.\n")
        assert shown() == before
    for arguments, expected in (
        (("nobody",), "HANDLE: expected one that somebody has; 'nobody'"),
        (("--undo", "shiyu"), "HANDLE: expected one that is hidden; 'shiyu'"),
    ):
        refused = countersign("hide", *arguments, cwd=tmp_path, DATABASE_URL=url)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert expected in refused.stderr
