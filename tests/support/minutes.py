"""The time that requests are counted by, standing still: a minute must not end in the middle of a test."""

import pytest


class Frozen:
    """What stands for the module `time` in the module that counts."""

    def __init__(self) -> None:
        self.now = 1_795_460_010.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Frozen:
    frozen = Frozen()
    monkeypatch.setattr("webapp.network.request_limits.time", frozen)
    return frozen
