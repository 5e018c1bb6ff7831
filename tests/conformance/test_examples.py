"""What `docs/` shows runs: a client in another language, and the script that earns every status."""

import subprocess
import sys
from pathlib import Path

from tests.support.places import ROOT, node
from tests.support.ports import free_port
from tests.support.serving import Serving, serving

EXAMPLES = ROOT / "docs" / "examples"
WALLET = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


def run_client(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [node(), str(EXAMPLES / "client.mjs"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_client_in_node_registers_follows_and_unfollows(open_gateway: Serving) -> None:
    done = run_client(str(open_gateway.client.base_url.join("/graphql")), WALLET)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["registerSigningKey SUCCESS", "follow SUCCESS", "unfollow SUCCESS"]


def test_the_client_in_node_fails_where_it_is_refused(tmp_path: Path) -> None:
    """Told in one sentence, and by its exit: nobody takes a refusal for a success."""
    with serving("gateway", cwd=tmp_path, ACCEPTED_ENTITIES="Somebody else") as gateway:
        url = str(gateway.client.base_url.join("/graphql"))
        done = run_client(url, WALLET)
    refused = f"{url}: expected SUCCESS of registerSigningKey; it answered INVALID_MESSAGE\n"
    assert (done.returncode, done.stderr) == (1, refused)
    assert done.stdout == "registerSigningKey INVALID_MESSAGE\n"


def test_the_client_in_node_says_where_nobody_answers() -> None:
    nobody = f"http://127.0.0.1:{free_port()}/graphql"
    cases = {
        nobody: f"{nobody}: expected a gateway that answers; ECONNREFUSED\n",
        "no url": "no url: expected a gateway that answers; ERR_INVALID_URL\n",
    }
    for url, said in cases.items():
        done = run_client(url)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
    wrong = run_client(nobody, "0x12")
    assert (wrong.returncode, wrong.stderr) == (1, "the wallet's private key: expected 64 hex digits\n")


def test_the_script_earns_all_ten_statuses(open_gateway: Serving) -> None:
    """From a gateway alone, as it is started by default; the embedded one's are earned in a browser."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "statuses.py"), str(open_gateway.client.base_url.join("/graphql"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    earned = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("ok")]
    assert len(set(earned)) == 10


def test_the_guide_example_is_an_invalid_message(open_gateway: Serving) -> None:
    request = (EXAMPLES / "guide-unfollow.json").read_bytes()
    sent = {"content-type": "application/json"}
    reply = open_gateway.client.post("/graphql", content=request, headers=sent)
    assert reply.json()["data"]["unfollow"]["status"] == "INVALID_MESSAGE"
