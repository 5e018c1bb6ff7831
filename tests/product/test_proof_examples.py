"""What `docs/proofs.md` shows runs; `docs/examples` checks proofs without our code, to the same verdicts."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import ROOT
from tests.support.protocol.vectors import load
from tests.support.serving import Serving
from webapp.cli import main

DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"
PAGE = (DOCS / "proofs.md").read_text(encoding="utf-8")
CHAIN: list[dict[str, Any]] = load("proof-v1.json")["proofs"]
CHECKERS = {
    "python": [sys.executable, str(EXAMPLES / "check_proof.py")],
    "shell": ["sh", str(EXAMPLES / "check-proof.sh")],
}
NEEDED = ("jq", "openssl", "sha256sum", "base64")


@pytest.fixture(params=CHECKERS)
def checker(request: pytest.FixtureRequest) -> list[str]:
    missing = [tool for tool in NEEDED if shutil.which(tool) is None]
    if request.param == "shell" and missing:
        pytest.skip(f"this machine lacks {', '.join(missing)}")
    return CHECKERS[request.param]


def run(checker: list[str], proof: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "proof.json"
    file.write_text(json.dumps(proof), encoding="utf-8")
    return subprocess.run([*checker, str(file)], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("proof", CHAIN, ids=lambda proof: str(proof["sequence"]))
def test_a_valid_proof_is_accepted(checker: list[str], proof: dict[str, Any], tmp_path: Path) -> None:
    done = run(checker, proof, tmp_path)
    assert done.returncode == 0, done.stderr
    message = json.loads(proof["content"])
    for member in ("op", "address", "handle", "ts"):
        assert str(message[member]) in done.stdout


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"signingKey": CHAIN[0]["signingKey"].replace("ELO", "ELP")}, "authorisation"),
        ({"content": CHAIN[0]["content"].replace("shiyu", "shiyv")}, "signature"),
        ({"digest": "1" * 64}, "message"),
        ({"sequence": 2}, "chain"),
        ({"previousDigest": "1" * 64}, "chain"),
    ],
)
def test_a_changed_proof_is_refused_at_its_step(
    checker: list[str], change: dict[str, object], step: str, tmp_path: Path
) -> None:
    done = run(checker, {**CHAIN[0], **change}, tmp_path)
    assert done.returncode == 1
    assert step in (done.stdout + done.stderr).lower()


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9/graphql", "nonsense", "http://[::1"])
def test_without_a_gateway_the_statuses_end_with_one_line(endpoint: str) -> None:
    script = [sys.executable, str(EXAMPLES / "statuses.py"), endpoint]
    done = subprocess.run(script, capture_output=True, text=True, timeout=60, check=False)
    [line] = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert line.startswith(f"{endpoint}: expected a gateway with demo data")


def block(kind: str) -> str:
    """The first block of a kind on the page."""
    found = re.search(rf"```{kind}(?: run)?\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_shows_what_verify_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(CHAIN[1]), encoding="utf-8")
    assert main(["verify", str(file)]) == 0
    assert block("console") == capsys.readouterr().out


OWNER = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""Key of the wallet that the page asks about: known to everybody, and for tests."""


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine lacks curl")
def test_a_stranger_gets_and_checks_the_proof_of_an_unfollow_as_the_page_says(
    tmp_path: Path, open_gateway: Serving
) -> None:
    tools = Path(sys.executable).parent
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    endpoint = str(open_gateway.client.base_url.join("/graphql"))
    subprocess.run(
        ["node", str(EXAMPLES / "client.mjs"), endpoint, OWNER],
        env={**os.environ, "PATH": path},
        capture_output=True,
        timeout=60,
        check=True,
    )
    script = block("sh").replace("http://127.0.0.1:8000/graphql", endpoint)
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    headline, who, what, *_ = done.stdout.splitlines()
    shown, shown_who, shown_what, *_ = block("console").splitlines()
    assert (headline, who, what) == (shown, shown_who, shown_what)
    offline = subprocess.run(
        ["countersign", "verify", "reply.json"],
        cwd=tmp_path,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (offline.returncode, offline.stdout) == (0, done.stdout)
    if all(shutil.which(tool) for tool in NEEDED):
        [picked] = re.findall(r"`(jq '\.data[^`]*reply\.json > proof\.json)`", PAGE)
        subprocess.run(["sh", "-c", picked], cwd=tmp_path, timeout=60, check=True)
        for checker in CHECKERS.values():
            checked = subprocess.run(
                [*checker, "proof.json"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert checked.returncode == 0, checked.stderr
            assert "unfollow" in checked.stdout


@pytest.mark.skipif(any(shutil.which(tool) is None for tool in NEEDED), reason="this machine lacks a tool")
def test_the_heart_of_each_step_is_what_the_proof_says(tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text(json.dumps(CHAIN[1]), encoding="utf-8")
    [script] = re.findall(r"```sh run\n(get\(\).*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        ["sh", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    digest, *key, authorisation = done.stdout.splitlines()
    assert digest.split()[0] == CHAIN[1]["digest"]
    assert "NIST CURVE: P-256" in [line.strip() for line in key]
    auth = CHAIN[1]["signingKeyAuth"]
    text = f"{auth['message']}\n{auth['signature']}"
    assert authorisation.split()[0] == hashlib.sha256(text.encode()).hexdigest()
