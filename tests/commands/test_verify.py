"""`countersign verify` as a process: exit codes, what it says, and all that it does not need."""

import json
import shlex
import subprocess
import sys
from itertools import filterfalse
from pathlib import Path
from typing import Any

import pytest

from tests.support.figures import Figure
from tests.support.people import Device, Person
from tests.support.places import ROOT
from tests.support.protocol.chains import KeyStep, key_chain_of, line_of, lines_of_chain, renumbered
from tests.support.protocol.vectors import load
from webapp.cli import main
from webapp.commands.verdicts import time_of
from webapp.protocol.authorization import personal_sign_digest
from webapp.protocol.signing_key import SigningKey

CHAIN: list[dict[str, Any]] = load("proof-v1.json")["proofs"]
BROKEN_SETTINGS = {"PORT": "x", "DATABASE_URL": "nowhere", "HOST": "0.0.0.0"}  # noqa: S104 (refused)


def countersign(*arguments: str, stdin: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run in an environment of these variables alone."""
    return subprocess.run(
        [sys.executable, "-m", "webapp.cli", *arguments],
        input=stdin,
        env=environ,
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_a_proof_says_who_what_when_for_whom_and_with_which_key() -> None:
    done = countersign("verify", "-", stdin=json.dumps(CHAIN[1]).encode(), **BROKEN_SETTINGS)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    for fact in (
        "VALID",
        CHAIN[1]["signingKeyAuth"]["address"],
        "unfollow shiyu",
        "2026-11-23T19:04:40.000Z",
        "Countersign",
        "6208·15f6",
        CHAIN[1]["entryDigest"],
    ):
        assert fact in said
    assert "entry 1: it is only claimed, by its digest" in said


@pytest.mark.parametrize(
    ("member", "value", "step"),
    [
        ("signingKey", CHAIN[0]["signingKey"].replace("ELO", "ELP"), "authorisation"),
        ("signature", CHAIN[1]["signature"], "signature"),
        ("digest", "1" * 64, "message"),
        ("previousDigest", "1" * 64, "chain"),
    ],
)
def test_what_does_not_hold_is_1_with_the_step(tmp_path: Path, member: str, value: str, step: str) -> None:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps({**CHAIN[0], member: value}), encoding="utf-8")
    done = countersign("verify", str(file))
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode().startswith(f"INVALID at proof 1, {step}: ")


VOUCHED = ("0x" + "ab" * 97, Person("mallory").wallet.sign(CHAIN[0]["signingKeyAuth"]["message"]))


@pytest.mark.parametrize("signature", VOUCHED, ids=["a contract's", "another key's"])
def test_what_only_a_chain_can_prove_is_1_and_says_so(
    signature: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not called broken, for it may hold; nor valid, for nobody has asked."""
    authorization = CHAIN[0]["signingKeyAuth"]
    (proof,) = renumbered([{**CHAIN[0], "signingKeyAuth": {**authorization, "signature": signature}}])
    done = countersign("verify", "-", stdin=json.dumps(proof).encode())
    headline, *rest = done.stdout.decode().splitlines()
    assert (done.returncode, done.stderr) == (1, b"")
    assert headline == "CANNOT BE PROVEN OFFLINE, needs the chain: proof 1, authorisation"
    digest = f"0x{personal_sign_digest(authorization['message']).hex()}"
    assert f"isValidSignature({digest}" in " ".join(rest)
    assert "None" not in done.stdout.decode()
    assert authorization["address"] in " ".join(rest)
    code, answer = asked(tmp_path, capsys, [proof])
    assert (code, answer["verdict"], answer["step"]) == (1, "needs-chain", "authorisation")
    assert (", not by " in answer["expected"]) is (signature == VOUCHED[1]), "only of a key's is known whose"
    assert answer["isValidSignature"] == {
        "address": authorization["address"],
        "hash": digest,
        "signature": signature,
    }


@pytest.mark.parametrize("text", [b"", b"{}", b"not JSON", b'{"content": 1, "content": 2}'])
def test_what_cannot_be_read_is_2(text: bytes) -> None:
    done = countersign("verify", "-", stdin=text)
    assert (done.returncode, done.stderr) == (2, b"")
    assert done.stdout.startswith(b"UNREADABLE at proof 1, reading: ")


def test_a_missing_file_is_2(tmp_path: Path) -> None:
    for name in (str(tmp_path / "missing"), str(tmp_path)):
        done = countersign("verify", name)
        assert done.returncode == 2
        assert done.stderr.startswith(b"countersign: FILE: expected a file to read")


def test_it_starts_without_settings_database_or_web() -> None:
    """Nothing is imported that a proof does not need, so that it answers at once."""
    script = (
        "import sys; from webapp.cli import main; code = main(['verify', '-'])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}\n"
        "    & {'sqlalchemy', 'alembic', 'flask', 'graphql', 'httpx', 'granian', 'siwe', 'eth_account'}),\n"
        "    sorted(name for name in sys.modules if name.startswith('webapp.') and 'protocol' not in name),\n"
        "    file=sys.stderr)\n"
        "raise SystemExit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(CHAIN[0]).encode(),
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stderr.decode().strip() == (
        "[] ['webapp.cli', 'webapp.commands', 'webapp.commands.errors', 'webapp.commands.stderr', "
        "'webapp.commands.verdicts', 'webapp.commands.verify']"
    )


def test_a_terminal_without_the_characters_gets_their_codes() -> None:
    done = countersign("verify", "-", stdin=json.dumps(CHAIN[0]).encode(), PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert rb"6208\xb715f6" in done.stdout


def asked(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: object) -> tuple[int, Any]:
    file = tmp_path / "file.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    code = main(["verify", "--json", str(file)])
    return code, json.loads(capsys.readouterr().out)


def test_programs_get_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, valid = asked(tmp_path, capsys, CHAIN)
    assert (code, valid["verdict"], valid["form"], valid["entries"]) == (0, "valid", "chain", 3)
    assert valid["last"] == [
        {
            "address": CHAIN[2]["signingKeyAuth"]["address"],
            "op": "follow",
            "handle": "shiyu",
            "ts": 1795460690001,
            "entity": "Countersign",
            "signingKey": CHAIN[2]["signingKey"],
            "fingerprint": "6208·15f6",
            "sequence": 3,
            "entryDigest": CHAIN[2]["entryDigest"],
        }
    ]
    code, invalid = asked(tmp_path, capsys, [CHAIN[0], CHAIN[2]])
    assert code == 1
    assert invalid == {
        "verdict": "invalid",
        "proof": 2,
        "step": "chain",
        "field": "sequence",
        "expected": "2",
    }
    code, unreadable = asked(tmp_path, capsys, {"proof": None})
    assert (code, unreadable["verdict"], unreadable["step"]) == (2, "unreadable", "reading")


def test_a_time_beyond_the_calendar_is_no_crash() -> None:
    """A message may carry any time within int64, and whoever holds the key can sign it."""
    assert time_of(2**63 - 1) == "beyond the year 9999"


def test_programs_get_json_about_a_missing_file_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (tmp_path / "missing", tmp_path):
        assert main(["verify", "--json", str(name)]) == 2
        said = capsys.readouterr()
        answer = json.loads(said.out)
        assert (answer["verdict"], answer["step"], answer["field"]) == ("unreadable", "reading", "file")
        assert answer["expected"].startswith(f"a file to read; {name}: ")
        assert said.err == ""


def test_a_closed_stdin_is_2() -> None:
    script = f"exec <&-; exec {shlex.quote(sys.executable)} -m webapp.cli verify --json -"
    done = subprocess.run(["sh", "-c", script], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (2, b"")
    assert json.loads(done.stdout)["verdict"] == "unreadable"


KEY_NOT_SHOWN = "that the key was neither revoked nor expired at the time"


def test_it_says_what_a_file_cannot_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (CHAIN[0], CHAIN[1], CHAIN, [{"node": {"proof": proof}} for proof in CHAIN[::-1]]):
        _, answer = asked(tmp_path, capsys, content)
        assert any(line.startswith(KEY_NOT_SHOWN) for line in answer["notShown"])
        assert any(line.startswith("that no entry is missing") for line in answer["notShown"])
    _, later = asked(tmp_path, capsys, [{"node": {"proof": proof}} for proof in CHAIN[:0:-1]])
    assert later["form"] == "reply"
    assert any(line.startswith("what came before the oldest") for line in later["notShown"])


def test_key_operations_say_who_signed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alice, laptop = Person("alice"), Device("laptop")
    steps = KeyStep("rename", laptop, by=laptop, name="Work"), KeyStep("revoke", alice.device)
    chain = key_chain_of(alice, *steps)
    file = tmp_path / "file.json"
    fingerprint = SigningKey.parse(laptop.signing_key).fingerprint
    for proof, what, signer, by_key in (
        (chain[0], f'  what    rename key {fingerprint} to "Work"\n', "  entity  CyberConnect\n", True),
        (chain[1], "  what    revoke key ", "  key     none, the wallet itself signed\n", False),
    ):
        file.write_text(json.dumps(proof), encoding="utf-8")
        assert main(["verify", str(file)]) == 0
        said = capsys.readouterr().out
        assert what in said
        assert signer in said
        assert (KEY_NOT_SHOWN in said) is by_key
    code, answer = asked(tmp_path, capsys, chain)  # which writes it to the file
    assert (code, answer["entries"]) == (0, 2)
    assert [(last["op"], last["key"], last["signingKey"]) for last in answer["last"]] == [
        ("rename", laptop.signing_key, laptop.signing_key),
        ("revoke", alice.device.signing_key, None),
    ]
    assert main(["verify", str(file)]) == 0
    assert "entry 2, the wallet" in capsys.readouterr().out


# --- what it costs, and what reaches a terminal -------------------------------------------------------------


def most_memory(file: Path) -> int:
    """Bytes that a process held at most while it verified a file."""
    script = (  # what the system says of the process itself: `resource` counts whoever started it, too
        "import re, sys; from webapp.cli import main; code = main(['verify', sys.argv[1]])\n"
        "print(re.search('VmHWM:\\\\s*(\\\\d+) kB', open('/proc/self/status').read())[1], file=sys.stderr)\n"
        "raise SystemExit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)],
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=True,
    )
    return int(done.stderr) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells")
@pytest.mark.parametrize(
    ("kind", "most"), [("of one pair", 0.5), ("of a pair each", 1.5)], ids=["one pair", "many pairs"]
)
def test_memory_does_not_grow_with_a_log_but_little_with_its_pairs(
    kind: str, most: float, tmp_path: Path, figure: Figure
) -> None:
    """Of each pair the newest entry is kept, and said at the end; of each key, one copy."""
    alice, files = Person("alice"), {}
    for count in (300, 3_000):
        lines = (
            lines_of_chain(alice, "shiyu", count)
            if kind == "of one pair"
            else [lines_of_chain(alice, f"h{number}", 1)[0] for number in range(count)]
        )
        files[count] = tmp_path / f"{count}.jsonl"
        files[count].write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    more = files[3_000].stat().st_size - files[300].stat().st_size
    grown = most_memory(files[3_000]) - most_memory(files[300])
    figure(
        "memory of verify, for each byte of file", round(grown / more, 2), at_most=most, of=f"entries {kind}"
    )


TERMINAL = "\x1b[2J\x1b]0;x\x07\x9b31m\u202e\r\n\u2028\x00"
LINE = line_of(CHAIN[0], "follow", "shiyu")


def changed(content: Any, path: tuple[str, ...]) -> Any:
    name, *rest = path
    return content | {name: changed(content[name], tuple(rest)) if rest else content[name] + TERMINAL}


@pytest.mark.parametrize(
    "path",
    [
        *((name,) for name in LINE if isinstance(LINE[name], str)),
        *(("proof", name) for name, value in CHAIN[0].items() if isinstance(value, str)),
        *(("proof", "signingKeyAuth", name) for name in CHAIN[0]["signingKeyAuth"]),
    ],
    ids=".".join,
)
def test_nothing_of_a_file_moves_the_cursor(
    path: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.json"
    file.write_text(json.dumps(changed(LINE, path)), encoding="utf-8")
    for options in ([], ["--json"]):
        assert main(["verify", *options, str(file)]) in (1, 2)
        said = capsys.readouterr()
        assert said.err == ""
        assert said.out.rstrip("\n").replace("\n", "").isprintable()


def test_neither_does_a_name_that_is_signed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever holds a key can sign any text."""
    device, file = Device(), tmp_path / "file.json"
    (proof,) = key_chain_of(Person("alice"), KeyStep("rename", device, name="ab"))
    for character in filterfalse(str.isprintable, TERMINAL):
        members = {"op": "rename", "address": Person("alice").address, "signingKey": device.signing_key}
        text = json.dumps(members | {"name": f"a{character}b", "ts": 1})
        forged = proof | {"content": text, "signature": Person("alice").wallet.sign(text)}
        file.write_text(json.dumps(forged), encoding="utf-8")
        assert main(["verify", str(file)]) == 1
        said = capsys.readouterr().out
        assert "content.name" in said
        assert said.replace("\n", "").isprintable()
