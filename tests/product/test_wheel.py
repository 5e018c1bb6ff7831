"""The wheel: whoever builds a commit gets the same bytes, so that a tampered page or wheel shows by its hash;
and `pip install` of it works outside the checkout: site, built assets and the pytest plugin included.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.support.e2e import browser as chromium
from tests.support.ephemeral import address, ephemeral
from tests.support.places import ROOT
from tests.support.snippets import snippets

pytestmark = pytest.mark.together

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
        "countersign/py.typed",
        "countersign/pytest_plugin.py",
        "countersign/testing/wallet.js",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "node_modules/", "static/"))]


@pytest.fixture(scope="module")
def installed(wheels: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that pip installed the wheel into: nothing of the checkout is in it.
    What the wheel requires it shares with this one, where an editable install is not followed.
    """
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False)
    own = sysconfig.get_path("purelib", "venv", {"base": str(folder)})
    Path(own, "shared.pth").write_text(sysconfig.get_path("purelib"))
    into = [*PIP, "--python", str(folder / "bin" / "python")]
    install = [*into, "install", "--quiet", "--no-deps", "--no-compile", "--force-reinstall"]
    subprocess.run([*install, str(wheels[0])], check=True, timeout=60)
    return folder / "bin"


def test_the_installed_command_serves_the_site_and_prints_the_script(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "countersign")]
    temporary = tmp_path / "t"
    temporary.mkdir()
    with ephemeral("run", temporary=temporary, start=command, PYTHONPATH="") as server:
        url = address(server)
        page = httpx.get(url, trust_env=False)
        assets = [part.split('"')[0] for part in page.text.split('"/static/')[1:]]
        assert any(name.endswith(".js") for name in assets)
        for name in assets:
            assert httpx.get(f"{url}/static/{name}", trust_env=False).status_code == 200
        server.terminate()
    script = subprocess.run(
        [*command, "wallet-script"],
        env={**os.environ, "PYTHONPATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "window.countersignWallets ??=" in script.stdout


CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {options}

@pytest.fixture(scope="session")
def browser_context_args():
    return {{"reduced_motion": "reduce"}}
"""


def test_the_installed_plugin_runs_what_the_docs_show(installed: Path, tmp_path: Path) -> None:
    """As its readers do it, but for where the browser is; the plugin is found by its entry point alone."""
    shutil.copy(ROOT / "docs" / "examples" / "test_follow.py", tmp_path)
    [snippet] = [
        one for one in snippets() if one.text == "docs/testing.md" and one.fence.language == "python"
    ]
    (tmp_path / "test_snippet.py").write_text(snippet.code, encoding="utf-8")
    conftest = CONFTEST.format(options=chromium.launch_options())
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    done = subprocess.run(
        [str(installed / "python"), "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "--verbose"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "test_snippet.py::test_a_rejection_is_no_error[chromium] PASSED" in done.stdout
    [plugins] = [line for line in done.stdout.splitlines() if line.startswith("plugins:")]
    assert "countersign" in plugins


def test_the_extra_has_what_the_plugin_needs(wheels: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(wheels[0]) as packed:
        [about] = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        lines = packed.read(about).decode().splitlines()
    required = [line for line in lines if line.startswith("Requires-Dist:")]
    assert [line for line in required if "pytest" in line and "extra == 'test'" not in line] == []
    assert {line.split()[1].split(">")[0] for line in required if "extra == 'test'" in line} == {
        "pytest",
        "pytest-playwright",
    }
