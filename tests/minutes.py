"""The time that requests are counted by, standing still: a minute must not end in the middle of a test."""

import pytest


class Frozen:
    """What stands for the module `time` in the library that counts."""

    def __init__(self) -> None:
        self.now = 1_795_460_010.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Frozen:
    frozen = Frozen()
    for module in ("limits.storage.memory", "limits.strategies", "webapp.network.request_limits"):
        monkeypatch.setattr(f"{module}.time", frozen)
    return frozen
