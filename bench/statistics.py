"""Medians and quantiles."""

import math
from collections.abc import Sequence


def quantile(ascending: Sequence[float], part: float) -> float:
    """Give the smallest value that at least so large a part of all values does not exceed (nearest rank).

    Args:
        ascending: The values, smallest first.
        part: Over 0, at most 1.

    Raises:
        ValueError: There are no values.
    """
    if not ascending:
        raise ValueError("ascending: expected at least one value")
    return ascending[max(0, math.ceil(part * len(ascending)) - 1)]


def median(values: Sequence[float]) -> float:
    """Give the value in the middle; of an even number, the mean of the two there."""
    ascending = sorted(values)
    if not ascending:
        raise ValueError("values: expected at least one")
    middle = len(ascending) // 2
    return ascending[middle] if len(ascending) % 2 else (ascending[middle - 1] + ascending[middle]) / 2
