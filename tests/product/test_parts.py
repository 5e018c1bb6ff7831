"""How tests are dealt to workers: what shares something to one of them, first, and all of them once."""

from itertools import pairwise

import pytest

from tests.support.parts import in_parts


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_what_is_together_is_at_the_beginning_of_one_part(parts: int) -> None:
    groups = [None, "a", None, "b", "a", None, "c", "a", None, None, "b", None, None]
    order = in_parts(groups, parts)
    assert sorted(order) == list(range(len(groups)))
    ends = [len(groups) * number // parts for number in range(parts + 1)]
    told = [[groups[index] for index in order[begin:end]] for begin, end in pairwise(ends)]
    found = [group for part in told for group in dict.fromkeys(filter(None, part))]
    assert sorted(found) == ["a", "b", "c"]
    for part in told:
        named = [group for group in part if group]
        assert part[: len(named)] == named, "what shares nothing comes afterwards, and is what is taken over"


def test_what_shares_nothing_stays_in_order() -> None:
    assert in_parts([None] * 5, 2) == [0, 1, 2, 3, 4]
    assert in_parts([None, "a", None, None], 2) == [1, 0, 2, 3]
    assert in_parts(["a", "a", "a", None], 2) == [0, 1, 2, 3]
