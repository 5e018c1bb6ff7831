"""Commands that cannot use the database which DATABASE_URL names."""

import pytest

from webapp.cli import main


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must end with 2 and one line, and give that line."""
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    assert line.startswith("countersign: DATABASE_URL: expected ")
    return line
