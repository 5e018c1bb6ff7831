"""What is installed is what was locked, runs nothing while it is installed, and is listed."""

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement

from requirements.bill_of_materials import ROOT, bill

LOCKS = ["run", "dev", "audit", "bench"]
INSTALLERS = ("Makefile", "deploy/Dockerfile", "hatch_build.py")
PACKAGES: dict[str, dict[str, object]] = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))[
    "packages"
]


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """Each requirement of a lock file, with its hashes."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    lines = re.sub(r"^ *#.*\n?", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [
        (Requirement(line.partition("--hash")[0]), re.findall(r"--hash=(sha256:[0-9a-f]{64})(?= |$)", line))
        for line in lines
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_t68_every_requirement_is_one_version_with_its_hashes(name: str) -> None:
    found = locked(name)
    assert found
    for requirement, hashes in found:
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement


def test_t68_nothing_is_installed_but_what_was_locked() -> None:
    """By any command of ours but those that update the locks: pip and npm then compare every hash."""
    makefile, dockerfile, _ = ((ROOT / place).read_text(encoding="utf-8") for place in INSTALLERS)
    installs = re.findall(
        r"^(?:\t|RUN ).*(?:PIP_INSTALL\)|\binstall) .*-r .*$", makefile + dockerfile, re.MULTILINE
    )
    assert len(installs) == len(LOCKS) + 1
    for install in installs:
        assert "--require-hashes --only-binary :all:" in install
    for place in INSTALLERS:
        words = re.sub(r'[",]', " ", (ROOT / place).read_text(encoding="utf-8")).split("\n")
        assert [line for line in words if re.search(r"\bnpm +ci\b", line)], place


def test_t68_what_runs_here_is_what_was_locked() -> None:
    for requirement, _ in locked("run"):
        if requirement.marker is None or Marker(str(requirement.marker)).evaluate():
            installed = importlib.metadata.version(requirement.name)
            assert str(requirement.specifier) == f"=={installed}", requirement.name


def test_t68_no_fresh_resolution_breaks_siwe() -> None:
    """With abnf 2.9 its grammar fails at import: no range of ours admits that, and what is locked imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ranges = {
        requirement.name: requirement.specifier for requirement in map(Requirement, project["dependencies"])
    }
    assert "2.9.0" not in ranges["abnf"]
    subprocess.run([sys.executable, "-W", "ignore", "-c", "import siwe"], check=True, timeout=60)


def test_t69_no_package_runs_a_script_at_its_installation() -> None:
    """npm is told so wherever it installs; of Python's packages only built ones are taken (above)."""
    for place in INSTALLERS:
        words = re.sub(r'[",]', " ", (ROOT / place).read_text(encoding="utf-8"))
        for command in re.findall(r"\bnpm +(?:ci|install)\b.*", words):
            assert "--ignore-scripts" in command, place
    scripted = {path for path, package in PACKAGES.items() if package.get("hasInstallScript")}
    assert scripted == {"node_modules/esbuild"}, "another one would be left half installed: see what it does"


def test_t69_every_package_of_the_page_has_its_hash_and_no_address() -> None:
    own = {"", "node_modules/countersign-ethereum-node", "tests/chain/node"}
    for path, package in PACKAGES.items():
        if path not in own:
            assert str(package["integrity"]).startswith("sha512-"), path
            assert "resolved" not in package, path


def test_t69_the_bill_of_materials_has_every_locked_package() -> None:
    found = bill(ROOT)
    purls = [component["purl"] for component in found["components"]]
    assert len(purls) == len(set(purls))
    python = {
        f"pkg:pypi/{requirement.name}@{str(requirement.specifier)[2:]}"
        for name in ("run", "dev")
        for requirement, _ in locked(name)
    }
    assert {purl for purl in purls if purl.startswith("pkg:pypi/")} == python
    digests = {digest["content"] for component in found["components"] for digest in component["hashes"]}
    assert len([purl for purl in purls if purl.startswith("pkg:npm/")]) >= len(
        {package["integrity"] for package in PACKAGES.values() if "integrity" in package}
    )
    assert all(re.fullmatch(r"[0-9a-f]{64}|[0-9a-f]{128}", digest) for digest in digests)
    scopes = {component["name"]: component["scope"] for component in found["components"]}
    assert {scopes[name] for name in ("viem", "graphiql", "react", "flask", "siwe")} == {"required"}
    assert {scopes[name] for name in ("typescript", "pytest")} == {"excluded"}
    assert "://" not in json.dumps(found)


def test_t69_the_bill_is_made_by_one_command_that_asks_nobody(tmp_path: Path) -> None:
    """With nothing but Python, wherever it is called."""
    script = ROOT / "requirements" / "bill_of_materials.py"
    made = subprocess.run(
        [sys.executable, "-I", str(script)], cwd=tmp_path, check=True, capture_output=True, timeout=60
    )
    assert json.loads(made.stdout) == bill(ROOT)
    assert "requirements/bill_of_materials.py" in (ROOT / "Makefile").read_text(encoding="utf-8")
