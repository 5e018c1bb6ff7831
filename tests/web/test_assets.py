"""Built files come from memory, with their right types, for ever where their names carry a hash."""

import gzip
import json
import logging
from pathlib import Path

import pytest
from flask import Flask

from tests.support.browsers import ORIGIN
from webapp.server.static_files import Assets, SiteFolders
from webapp.web.context import EXTENSION

FILES = {
    "page-ABCD1234.js": b"export const page = 1;" * 50,
    "styles-ABCD1234.css": b"body{color:red}" * 50,
    "font-ABCD1234.woff2": b"\x00\x01font",
    "favicon-ABCD1234.svg": b"<svg/>",
    "page-ABCD1234.js.map": b"{}",
    "plain.js": b"1",
    "secret.env": b"KEY=1",
}
MANIFEST = {"page.js": "page-ABCD1234.js", "page.css": "styles-ABCD1234.css"}


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    return folder


@pytest.fixture
def built(site: Flask, dist: Path) -> Flask:
    context = site.extensions[EXTENSION]
    object.__setattr__(context, "assets", Assets.load(dist))  # the one part that this test brings itself
    return site


def test_a_plain_name_leads_to_the_built_file(dist: Path) -> None:
    assets = Assets.load(dist)
    assert assets.url("page.js") == "/static/page-ABCD1234.js"
    assert assets.url("page.css") == "/static/styles-ABCD1234.css"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("page-ABCD1234.js", "text/javascript; charset=utf-8"),
        ("styles-ABCD1234.css", "text/css; charset=utf-8"),
        ("font-ABCD1234.woff2", "font/woff2"),
        ("favicon-ABCD1234.svg", "image/svg+xml"),
        ("page-ABCD1234.js.map", "application/json"),
    ],
)
def test_a_hashed_file_is_kept_for_ever(built: Flask, name: str, media_type: str) -> None:
    reply = built.test_client().get(f"/static/{name}", base_url=ORIGIN)
    assert reply.data == FILES[name]
    assert reply.content_type == media_type
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "cookie" not in reply.headers.get("vary", "").lower()


def test_a_source_map_takes_no_memory_and_is_missing_where_it_was_removed(built: Flask, dist: Path) -> None:
    (dist / "page-ABCD1234.js.map").unlink()
    assert built.test_client().get("/static/page-ABCD1234.js.map", base_url=ORIGIN).status_code == 404
    (dist / "page-ABCD1234.js").unlink()
    assert built.test_client().get("/static/page-ABCD1234.js", base_url=ORIGIN).status_code == 200


def test_another_file_is_asked_for_anew(built: Flask) -> None:
    reply = built.test_client().get("/static/plain.js", base_url=ORIGIN)
    assert reply.headers["cache-control"] == "no-cache"


def test_text_travels_compressed_where_the_browser_can(built: Flask) -> None:
    client = built.test_client()
    reply = client.get("/static/page-ABCD1234.js", base_url=ORIGIN, headers={"accept-encoding": "br, gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(reply.data) == FILES["page-ABCD1234.js"]
    assert "accept-encoding" in reply.headers["vary"].lower()
    for accepted in ("", "identity", "gzip;q=0"):
        reply = client.get("/static/page-ABCD1234.js", base_url=ORIGIN, headers={"accept-encoding": accepted})
        assert "content-encoding" not in reply.headers
        assert reply.data == FILES["page-ABCD1234.js"]
    reply = client.get("/static/font-ABCD1234.woff2", base_url=ORIGIN, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in reply.headers


@pytest.mark.parametrize(
    "name", ["nothing.js", "secret.env", "../secret.env", "..%2fsecret.env", "/etc/passwd", "", ".", "%00"]
)
def test_nothing_else_is_served(built: Flask, name: str) -> None:
    assert built.test_client().get(f"/static/{name}", base_url=ORIGIN).status_code == 404


def test_without_a_build_pages_come_all_the_same(
    site: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assets = Assets.load(tmp_path / "missing")
    assert "not built" in caplog.text
    assert assets.url("page.js") == "/static/page.js"
    object.__setattr__(site.extensions[EXTENSION], "assets", assets)
    assert site.test_client().get("/", base_url=ORIGIN).status_code == 200


def test_a_wheel_carries_its_own_folders(tmp_path: Path) -> None:
    checkout, packaged = tmp_path / "checkout", tmp_path / "_site"
    found = SiteFolders.locate(packaged, checkout)
    assert found == SiteFolders(checkout / "templates", checkout / "static" / "dist", checkout / "docs")
    packaged.mkdir()
    found = SiteFolders.locate(packaged, checkout)
    assert found == SiteFolders(packaged / "templates", packaged / "static", packaged / "docs")
