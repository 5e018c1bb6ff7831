"""A deadline is for everything in its block, deadlines of its parts included."""

from webapp.network.deadline import current, within


def test_a_part_ends_no_later_than_the_whole() -> None:
    with within(5) as whole, within(60) as part:
        assert part.remaining() <= whole.remaining() + 0.01


def test_a_part_may_end_sooner() -> None:
    with within(60), within(5) as part:
        assert part.remaining() <= 5


def test_after_a_part_the_whole_is_in_force_again() -> None:
    with within(60) as whole:
        with within(5):
            pass
        assert current() is whole
    assert current() is None
