"""What `docs/` shows runs: clients in four languages, and the script that earns every status."""

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tests.support.places import ROOT, node
from tests.support.ports import free_port
from tests.support.serving import Serving, serving
from webapp.docs.library import Library

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


def test_the_whole_way_of_the_page_of_programs_runs_in_node(open_gateway: Serving) -> None:
    """As it is downloaded: what imports packages has to stand where they are."""
    url = str(open_gateway.client.base_url.join("/graphql"))
    program = Library(ROOT / "docs", url).programs[0]
    done = subprocess.run(
        [node(), "--input-type=module", "-"],
        cwd=EXAMPLES,
        input=program.code,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    *_, back, unfollowed, again = done.stdout.splitlines()
    assert "isFollowedByMe: true" in back
    assert "SUCCESS" in unfollowed
    assert "isFollowedByMe: false" in again


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


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("quick_start.py", ["isFollowedByMe True"]),
        ("quick-start.ts", []),
    ],
)
def test_the_quick_starts_go_all_the_way(open_gateway: Serving, program: str, said: list[str]) -> None:
    command = sys.executable if program.endswith(".py") else node()
    done = subprocess.run(
        [command, str(EXAMPLES / program), str(open_gateway.client.base_url.join("/graphql"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    expected = ["registerSigningKey SUCCESS", "follow SUCCESS", *said, "unfollow SUCCESS"]
    assert done.stdout.splitlines() == expected


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine lacks curl")
def test_the_quick_start_in_a_shell_signs_what_it_sends(open_gateway: Serving, tmp_path: Path) -> None:
    """Its key is nobody's, which the gateway says before it looks at the signature: that is checked here."""
    sent = tmp_path / "sent"
    watching = tmp_path / "curl"
    watching.write_text(
        f'#!/bin/sh\nfor last; do :; done\nprintf %s "$last" > {sent}\nexec {shutil.which("curl")} "$@"\n'
    )
    watching.chmod(0o755)
    done = subprocess.run(
        ["sh", str(EXAMPLES / "quick-start.sh"), str(open_gateway.client.base_url.join("/graphql"))],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    read, signed = map(json.loads, done.stdout.splitlines())
    assert read["data"]["profileByHandle"]["isFollowedByMe"] is False
    assert signed["data"]["follow"]["status"] == "INVALID_SIGNING_KEY"
    given = json.loads(sent.read_text())["variables"]["input"]
    key = serialization.load_der_public_key(base64.b64decode(given["signingKey"]))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert len(given["signature"]) == 130
    r, s = int(given["signature"][2:66], 16), int(given["signature"][66:], 16)
    key.verify(utils.encode_dss_signature(r, s), given["message"].encode(), ec.ECDSA(hashes.SHA256()))


def test_the_examples_of_graphiql_run(open_gateway: Serving) -> None:
    """Each is answered without an error and with something; two earn the status that they are named after."""
    script = Path(__file__).with_name("explorer.ts")
    done = subprocess.run(
        [node(), str(script), str(open_gateway.client.base_url.join("/graphql"))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    replies = dict(map(json.loads, done.stdout.splitlines()))
    assert len(replies) == len(done.stdout.splitlines()) >= 9
    for name, reply in replies.items():
        assert "errors" not in reply, name
        assert "null" not in json.dumps(reply), name
        assert "[]" not in json.dumps(reply), name
    earned = {name: reply["data"]["unfollow"]["status"] for name, reply in replies.items() if name.isupper()}
    assert earned == {name: name for name in ("INVALID_SIGNATURE", "INVALID_MESSAGE")}
