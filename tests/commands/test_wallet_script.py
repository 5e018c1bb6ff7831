"""`countersign wallet-script`: the script as it was built, or what to do where it was not."""

from pathlib import Path

import pytest

from countersign.testing.pages import wallet_script
from webapp.cli import main
from webapp.commands import wallet_script as command


def test_it_prints_what_the_kit_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wallet-script"]) == 0
    assert capsys.readouterr().out == wallet_script()


def test_without_a_build_it_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "SCRIPT", tmp_path / "wallet.js")
    assert main(["wallet-script"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "countersign: expected the built script; `node static/build.mjs` makes it\n"
