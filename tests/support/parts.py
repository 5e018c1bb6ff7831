"""In what order workers get the tests, so that what takes long to make is made by one of them, once.

pytest-xdist gives each worker an equal part of the list, and who has finished takes over the second half of
what another has before it, again and again. So tests that share something (`together`) stand at the beginning
of a part, largest groups first, and what is torn apart at the end is what shares nothing.
"""

import os
from collections.abc import Sequence
from itertools import chain, islice

import pytest


def arrange_in_parts(items: list[pytest.Item]) -> None:
    """Arrange tests for as many workers as there are."""
    parts = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = [items[index] for index in in_parts([_group(item) for item in items], parts)]


def _group(item: pytest.Item) -> str | None:
    """What a test shares with others: what its mark names, else its module's."""
    mark = item.get_closest_marker("together")
    return None if mark is None else str(mark.args[0] if mark.args else item.path)


def in_parts(groups: Sequence[str | None], parts: int) -> list[int]:
    """Give the order in which tests of these groups are to stand, None for those that share nothing."""
    tests_of: dict[str, list[int]] = {}
    for index, group in enumerate(groups):
        if group is not None:
            tests_of.setdefault(group, []).append(index)
    dealt: list[list[int]] = [[] for _ in range(parts)]
    for tests in sorted(tests_of.values(), key=len, reverse=True):
        min(dealt, key=len).extend(tests)
    alone = iter([index for index, group in enumerate(groups) if group is None])
    for number, part in enumerate(dealt):
        size = len(groups) * (number + 1) // parts - len(groups) * number // parts
        part.extend(islice(alone, max(0, size - len(part))))
    return [*chain.from_iterable(dealt), *alone]
