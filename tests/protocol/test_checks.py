"""What decisions share holds at the edges that no ordinary request comes near."""

import pytest

from webapp.protocol.checks import Floor
from webapp.protocol.facts import Answered, Edge, Policy
from webapp.protocol.message import FollowMessage

ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.mark.parametrize(("ts", "passes"), [(-1, False), (0, True), (1_000, True)])
def test_no_window_admits_a_time_before_the_epoch(ts: int, *, passes: bool) -> None:
    """Not even that of a clock which has just begun at the epoch, as one without a battery does."""
    text = f'{{"op":"follow","address":"{ADDRESS}","handle":"shiyu","ts":{ts}}}'
    assert Floor.of(None, None).is_near(FollowMessage.parse(text), Policy(), now=1_000) is passes


def test_of_two_times_that_are_one_the_accepted_counts() -> None:
    """What was answered is forgotten when something as new is accepted: it is no retry any more."""
    accepted = Edge(sequence=1, entry_digest="0" * 64, ts=5, digest="a" * 64, following=True)
    floor = Floor.of(accepted, Answered(5, "b" * 64))
    assert floor.answered is None
    assert Floor.of(accepted, Answered(6, "b" * 64)).ts == 6


def test_what_is_no_newer_than_the_floor_leaves_it_where_it_is() -> None:
    """So nothing is written for a message that was accepted and is sent again."""
    text = f'{{"op":"follow","address":"{ADDRESS}","handle":"shiyu","ts":5}}'
    message = FollowMessage.parse(text)
    accepted = Edge(1, "0" * 64, ts=5, digest=message.digest, following=True)
    assert Floor.of(accepted, None).after(message).answered is None
