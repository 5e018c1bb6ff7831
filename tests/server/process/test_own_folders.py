"""A folder goes with who has it, or with the next of its kind; never while somebody uses it."""

import fcntl
from pathlib import Path

import pytest

from webapp.server.process.own_folders import LOCK, own_folder

PREFIX = "countersign-kind-"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_what_is_in_use_or_of_another_kind_is_not_swept(temporary: Path) -> None:
    """Nor one that has no lock yet."""
    new, dead, other = (
        temporary / name for name in (f"{PREFIX}new", f"{PREFIX}dead", "countersign-other-dead")
    )
    for folder in (new, dead, other):
        folder.mkdir()
    for folder in (dead, other):
        (folder / LOCK).touch()
    with own_folder(PREFIX) as first:
        assert set(temporary.iterdir()) == {new, other, Path(first)}
        with own_folder(PREFIX) as second:
            assert set(temporary.iterdir()) == {new, other, Path(first), Path(second)}
        with Path(first, LOCK).open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert set(temporary.iterdir()) == {new, other}
