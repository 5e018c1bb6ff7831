"""What `docs/` shows runs: a client in another language, and the script that earns every status."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.test_cli import serving

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
WALLET = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


def test_a_client_in_node_registers_follows_and_unfollows(tmp_path: Path) -> None:
    beside = Path(sys.executable).parent / "node"
    node = str(beside) if beside.exists() else shutil.which("node")
    assert node is not None
    with serving("gateway", cwd=tmp_path) as gateway:
        done = subprocess.run(
            [node, str(EXAMPLES / "client.mjs"), str(gateway.client.base_url.join("/graphql")), WALLET],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert done.stdout.splitlines() == ["registerSigningKey SUCCESS", "follow SUCCESS", "unfollow SUCCESS"]


def test_the_script_earns_all_ten_statuses(tmp_path: Path) -> None:
    with serving("run", cwd=tmp_path) as server:
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / "statuses.py"), str(server.client.base_url.join("/graphql"))],
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    earned = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("ok")]
    assert len(set(earned)) == 10


def test_the_guide_example_is_an_invalid_message(tmp_path: Path) -> None:
    request = (EXAMPLES / "guide-unfollow.json").read_bytes()
    with serving("gateway", cwd=tmp_path) as gateway:
        reply = gateway.client.post("/graphql", content=request, headers={"content-type": "application/json"})
    assert reply.json()["data"]["unfollow"]["status"] == "INVALID_MESSAGE"
