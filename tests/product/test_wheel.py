"""The wheel: whoever builds a commit gets the same bytes, so that a tampered page or wheel shows by its hash;
and `pip install` of it works outside the checkout, templates and built assets included.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from tests.support.places import ROOT
from tests.support.serving import serving

SOURCES = (
    "webapp",
    "countersign",
    "static",
    "templates",
    "docs",
    "pyproject.toml",
    "package.json",
    "hatch_build.py",
    "README.md",
    "LICENSE",
)
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
WITH_PIP = [*PIP, "wheel", "--quiet", "--no-deps", "--no-build-isolation", ".", "--wheel-dir"]
WITH_HATCHLING = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]


def build(folder: Path, command: list[str], *, modified_at: float) -> Path:
    """Build a wheel of a copy of the sources, whose files were all modified at that time."""
    folder.mkdir(parents=True)
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("dist", "__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    for path in folder.rglob("*"):
        os.utime(path, (modified_at, modified_at))
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    out = folder.with_name(f"{folder.name} out")
    subprocess.run(
        [*command, str(out)],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"},
        check=True,
        capture_output=True,
        timeout=100,
    )
    (wheel,) = out.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same sources, built by two programs in two places that differ in name and depth, from files of
    different age.
    """
    here = tmp_path_factory.mktemp("wheels")
    year = 365 * 86_400
    return (
        build(here / "one", WITH_PIP, modified_at=time.time()),
        build(here / "a" / "deeper" / "two", WITH_HATCHLING, modified_at=time.time() - year),
    )


def hashes(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as packed:
        return {name: hashlib.sha256(packed.read(name)).hexdigest() for name in packed.namelist()}


def test_t70_two_builds_are_the_same_to_the_byte(wheels: tuple[Path, Path]) -> None:
    first, second = wheels
    assert hashes(first) == hashes(second)
    assert first.read_bytes() == second.read_bytes()


def test_nothing_built_tells_where_it_was_built(wheels: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(wheels[0]) as packed:
        assert "webapp/_site/static/manifest.json" in packed.namelist()
        for name in packed.namelist():
            if name.startswith("webapp/_site/"):
                for place in (wheels[0].parents[1], ROOT):
                    assert str(place).encode() not in packed.read(name), name


def test_the_wheel_has_templates_assets_schema_and_migrations(wheels: tuple[Path, Path]) -> None:
    names = zipfile.ZipFile(wheels[0]).namelist()
    for needed in (
        "webapp/_site/templates/sandbox.html",
        "webapp/_site/static/manifest.json",
        "webapp/gateway/schema/schema.graphql",
        "webapp/storage/migrations/env.py",
        "webapp/py.typed",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "node_modules/", "static/"))]


def test_the_installed_site_serves_its_page_and_assets_outside_the_checkout(
    wheels: tuple[Path, Path], tmp_path: Path
) -> None:
    installed = str(tmp_path / "site")
    install = [*PIP, "install", "--quiet", "--no-deps", "--no-compile", "--target", installed]
    subprocess.run([*install, str(wheels[0])], check=True, timeout=60)
    with serving("run", cwd=tmp_path, PYTHONPATH=installed, PYTHONSAFEPATH="1") as server:
        page = server.client.get("/")
        assert page.status_code == 200
        assets = [part.split('"')[0] for part in page.text.split('"/static/')[1:]]
        assert any(name.endswith(".js") for name in assets)
        for name in assets:
            assert server.client.get(f"/static/{name}").status_code == 200
