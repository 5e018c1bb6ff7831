"""Write a CycloneDX bill of materials of all that the lock files install: `make sbom`. Reads nothing else.

https://cyclonedx.org/docs/1.6/json/
"""

import base64
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
_PINNED = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?P<rest>(?:.*\\\n)*.*)")
_SHA256 = re.compile(r"--hash=sha256:([0-9a-f]{64})")

Component = dict[str, Any]


def bill(root: Path) -> dict[str, Any]:
    """Make the bill: what runs is `required`, what only builds a page or tests it is `excluded`.

    Args:
        root: Where `package-lock.json` and `requirements/` are.
    """
    found = [
        *python_components(root / "requirements" / "dev.lock", "excluded"),
        *python_components(root / "requirements" / "run.lock", "required"),
        *npm_components(root / "package-lock.json"),
    ]
    # What is needed in two places is one component, and required if it is so in one of them.
    components = {each["purl"]: each for each in sorted(found, key=lambda each: str(each["scope"]))}
    project = json.loads((root / "package.json").read_text(encoding="utf-8"))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": project["name"], "version": project["version"]}
        },
        "components": [components[purl] for purl in sorted(components)],
    }


def python_components(lock: Path, scope: str) -> Iterator[Component]:
    """Packages of a file of pinned requirements, each with the hashes of all its published files."""
    for found in _PINNED.finditer(lock.read_text(encoding="utf-8")):
        name, version = found["name"], found["version"]
        hashes = [{"alg": "SHA-256", "content": digest} for digest in _SHA256.findall(found["rest"])]
        yield _component(f"pkg:pypi/{name}@{quote(version)}", name, version, scope, hashes)


def npm_components(lock: Path) -> Iterator[Component]:
    """Packages of npm's lock file, each with its own hash."""
    for path, package in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if "integrity" not in package:  # this project itself, and a folder of its own
            continue
        name = package.get("name") or path.rpartition("node_modules/")[2]
        algorithm, _, digest = package["integrity"].partition("-")
        hashes = [
            {"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}
        ]
        scope = "excluded" if package.get("dev") or package.get("devOptional") else "required"
        purl = f"pkg:npm/{quote(name, safe='/')}@{quote(package['version'])}"
        yield _component(purl, name, package["version"], scope, hashes)


def _component(purl: str, name: str, version: str, scope: str, hashes: list[dict[str, str]]) -> Component:
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "scope": scope,
        "hashes": hashes,
        "purl": purl,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill(ROOT), indent=2, ensure_ascii=False) + "\n")
