"""What decisions share holds at the edges that no ordinary request comes near."""

import pytest

from webapp.protocol.checks import Floor
from webapp.protocol.facts import Policy
from webapp.protocol.message import FollowMessage

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.mark.parametrize(("ts", "passes"), [(-1, False), (0, True), (1_000, True)])
def test_no_window_admits_a_time_before_the_epoch(ts: int, *, passes: bool) -> None:
    """Not even that of a clock which has just begun at the epoch, as one without a battery does."""
    text = f'{{"op":"follow","address":"{ADDRESS}","handle":"shiyu","ts":{ts}}}'
    assert Floor.of(None, None).is_near(FollowMessage.parse(text), Policy(), now=1_000) is passes
