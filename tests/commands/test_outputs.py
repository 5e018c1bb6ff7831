"""Where commands write: streams that are closed or full, and files that are no plain ones."""

import json
import os
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.people import Client, Person
from tests.support.places import ROOT
from tests.support.protocol.vectors import load
from webapp.cli import main
from webapp.commands.whole_files import output_to
from webapp.storage.database import Database

Export = Callable[[str], tuple[int, str]]
PROOF: dict[str, Any] = load("proof-v1.json")["proofs"][0]


def in_a_shell(folder: Path, command: str) -> subprocess.CompletedProcess[bytes]:
    """Run `countersign …` with redirections."""
    line = command.replace("countersign", f"{shlex.quote(sys.executable)} -m webapp.cli", 1)
    return subprocess.run(
        ["sh", "-c", line],
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def proofs(tmp_path: Path) -> Path:
    (tmp_path / "valid").write_text(json.dumps(PROOF), encoding="utf-8")
    (tmp_path / "invalid").write_text(json.dumps(PROOF | {"digest": "1" * 64}), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("proof", ["valid", "invalid --json"])
@pytest.mark.parametrize(
    ("redirected", "said"),
    [
        (">&-", b"countersign: stdout: expected to be open\n"),
        (">/dev/full", b"countersign: output: No space left on device\n"),
        (">/dev/full 2>/dev/full", b""),
        (">&- 2>&-", b""),
    ],
)
def test_a_verdict_that_nobody_can_read_is_none(
    proofs: Path, proof: str, redirected: str, said: bytes
) -> None:
    """1 would say that the proof is invalid, and 0 that somebody was told that it is valid."""
    done = in_a_shell(proofs, f"countersign verify {proof} {redirected}")
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", said)


def test_help_that_nobody_can_read_is_2_as_well(tmp_path: Path) -> None:
    done = in_a_shell(tmp_path, "countersign --help >/dev/full")
    assert (done.returncode, done.stderr) == (2, b"countersign: output: No space left on device\n")


def test_a_name_moves_no_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "\x1b]0;VALID\x07\u202e")]) == 2
    assert r"\x1b]0;VALID\x07\u202e: No such file" in capsys.readouterr().err


def test_a_name_that_is_none_is_unreadable(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "a\0b"]) == 2
    assert r"a\x00b: embedded null byte" in capsys.readouterr().err


def test_blank_lines_without_end_come_to_an_end(tmp_path: Path) -> None:
    done = in_a_shell(tmp_path, "yes '' | countersign verify -")
    assert done.returncode == 2
    assert done.stdout.startswith(b"UNREADABLE at proof 1, reading: file: expected")


# --- export --output ---------------------------------------------------------------------------------------


@pytest.fixture
def export(
    tmp_path: Path,
    client: Client,
    alice: Person,
    *,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Export:
    """Export a log of one operation to this name; gives exit code and what was said."""
    assert client.act("follow", alice, "shiyu") == "SUCCESS"
    monkeypatch.setitem(os.environ, "DATABASE_URL", database.url)
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")

    def exported(name: str) -> tuple[int, str]:
        capsys.readouterr()
        return main(["export", alice.address, "--output", name]), capsys.readouterr().err

    return exported


def test_a_file_is_as_private_as_the_umask_has_it(export: Export, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert export("log.jsonl")[0] == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("log.jsonl").stat().st_mode) == 0o640
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["log.jsonl"]


@pytest.mark.parametrize("name", ["", "/", ".", "..", "missing/log", "folder", "x" * 256, "a\0b", "/proc/x"])
def test_what_is_no_file_to_write_is_one_line(export: Export, name: str) -> None:
    Path("folder").mkdir()
    code, said = export(name)
    assert code == 2
    [line] = said.splitlines()
    assert line.startswith("countersign: --output: expected a file to write; ")
    assert [file.name for file in Path().iterdir()] == ["folder"]


def test_a_name_may_be_as_long_as_the_system_allows(export: Export) -> None:
    assert export("x" * 255)[0] == 0


@pytest.mark.parametrize("target", ["kept", "missing"])
def test_a_link_is_neither_replaced_nor_followed_to_a_file(export: Export, target: str) -> None:
    Path("kept").write_text("kept", encoding="utf-8")
    Path("link").symlink_to(target)
    code, said = export("link")
    assert (code, "a link to a plain file, or to none" in said) == (2, True)
    assert Path("link").is_symlink()
    assert Path("kept").read_text(encoding="utf-8") == "kept"
    assert not Path("missing").exists()


def test_a_planted_link_for_the_unfinished_file_is_harmless(export: Export) -> None:
    Path("victim").write_text("kept", encoding="utf-8")
    Path("log.jsonl.unfinished").symlink_to("victim")
    assert export("log.jsonl")[0] == 0
    assert Path("victim").read_text(encoding="utf-8") == "kept"
    assert Path("log.jsonl.unfinished").is_symlink()


def test_a_pipe_is_written_through(export: Export) -> None:
    os.mkfifo("pipe")
    read: list[str] = []
    reader = Thread(target=lambda: read.append(Path("pipe").read_text(encoding="utf-8")))
    reader.start()
    assert export("pipe")[0] == 0
    reader.join()
    assert "proof" in json.loads(read[0])
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)


def test_devices_and_streams_are_written_through(export: Export) -> None:
    assert export("/dev/null")[0] == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    code, said = export("/dev/full")
    assert (code, "/dev/full: No space left on device" in said) == (2, True)
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as read:
        assert export(f"/dev/fd/{writing}")[0] == 0
        os.close(writing)
        assert "proof" in json.loads(read.read())
    with Path("stream").open("wb") as stream:
        code, said = export(f"/dev/fd/{stream.fileno()}")
    assert (code, "name the file itself" in said) == (2, True)


def test_what_fails_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("kept", encoding="utf-8")
    with pytest.raises(OSError, match="full"), output_to(str(kept)) as output:  # noqa: PT012 (halfway)
        output.file.write(b"half")
        output.kept = True
        raise OSError("full")
    assert kept.read_text(encoding="utf-8") == "kept"
    assert list(tmp_path.iterdir()) == [kept]
