"""`docs/examples` checks proofs without our code, to the same verdicts; and says when there is no gateway."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.protocol.vectors import load

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
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
