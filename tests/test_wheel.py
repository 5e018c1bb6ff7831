"""`pip install .` gives a wheel that carries templates and built assets and works outside the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.test_cli import serving

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run(
        [
            *pip,
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            str(folder),
            str(ROOT),
        ],
        check=True,
        timeout=100,
    )
    (built,) = folder.glob("*.whl")
    subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--target", str(folder / "site"), str(built)],
        check=True,
        timeout=60,
    )
    return built


def test_the_wheel_has_templates_assets_schema_and_migrations(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "webapp/_site/templates/sandbox.html",
        "webapp/_site/static/manifest.json",
        "webapp/gateway/schema.graphql",
        "webapp/storage/migrations/env.py",
        "webapp/py.typed",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "node_modules/", "static/"))]


def test_the_installed_site_serves_its_page_and_assets_outside_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    installed = str(wheel.parent / "site")
    with serving("run", cwd=tmp_path, PYTHONPATH=installed, PYTHONSAFEPATH="1") as server:
        page = server.client.get("/")
        assert page.status_code == 200
        assets = [part.split('"')[0] for part in page.text.split('"/static/')[1:]]
        assert any(name.endswith(".js") for name in assets)
        for name in assets:
            assert server.client.get(f"/static/{name}").status_code == 200
