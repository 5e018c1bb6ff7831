"""Time as the protocol sees it: a number that is passed in, so that tests own it."""

from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]
"""Gives the current time in milliseconds since the Unix epoch."""

DAY_MS = 86_400_000
"""Milliseconds in a day."""
