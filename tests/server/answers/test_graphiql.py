"""GraphiQL's page as the server writes it: in the visitor's theme, with a way back where there is one."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from webapp.server.answers.graphiql import graphiql_wsgi
from webapp.server.static_files import SiteFolders

if TYPE_CHECKING:
    from werkzeug.test import TestResponse


def opened(*, has_site: bool, cookie: str = "") -> "TestResponse":
    page = graphiql_wsgi(SiteFolders.locate(), has_site=has_site, has_applications=has_site)
    return Client(page, use_cookies=False).get("/graphql", headers={"cookie": cookie})


@pytest.mark.parametrize(
    ("cookie", "written"),
    [
        ("theme=dark", ' data-theme="dark"'),
        ("a=b; theme=light", ' data-theme="light"'),
        ("", ""),
        ('theme="><script>', ""),
    ],
)
def test_the_page_comes_in_the_theme_that_was_chosen_on_the_site(cookie: str, written: str) -> None:
    reply = opened(has_site=True, cookie=cookie)
    assert f'<html lang="en"{written}>' in reply.text
    assert reply.headers["vary"] == "accept, cookie"


def test_the_way_back_is_there_where_it_leads_somewhere() -> None:
    """A gateway that serves alone has no site to go back to: its name stands there and is no link."""
    assert 'class="brand" href="/"' in opened(has_site=True).text
    alone = opened(has_site=False).text
    assert 'href="/"' not in alone
    assert "/apps" not in alone
    assert "Countersign" in alone


def test_t69_everything_is_loaded_from_here() -> None:
    """Its letters are the site's own files too: the policy has no `data:` for fonts."""
    policy = opened(has_site=True).headers["content-security-policy"]
    assert "font-src 'self';" in policy
    assert "script-src 'self';" in policy


@pytest.mark.parametrize(
    ("accepted", "coding"), [("br, gzip", "gzip"), ("", None), ("identity", None), ("gzip;q=0", None)]
)
def test_its_files_are_compressed_for_whoever_takes_that(
    tmp_path: Path, accepted: str, coding: str | None
) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "page-ABCD1234.js").write_text("0;")
    page = graphiql_wsgi(SiteFolders(SiteFolders.locate().templates, tmp_path, tmp_path), has_site=False)
    reply = Client(page).get("/static/page-ABCD1234.js", headers={"accept-encoding": accepted})
    assert reply.headers.get("content-encoding") == coding
    assert reply.headers["x-content-type-options"] == "nosniff"
