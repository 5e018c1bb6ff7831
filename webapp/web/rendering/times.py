"""Times as pages show them before any script runs: in UTC, from which everybody can tell their own."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LAST_MS = 253_402_300_799_999  # of the year 9999, where calendars of computers end


class Moment(NamedTuple):
    """A time, in the words of a page."""

    day: str  # 26 Nov 2026
    clock: str  # 00:51 UTC
    exact: str  # 26 Nov 2026, 00:51:59 UTC
    machine: str  # 2026-11-26T00:51:59Z, as `<time datetime>` has it


def moment(ms: int) -> Moment:
    """Name a time in milliseconds since the Unix epoch."""
    at = _EPOCH + timedelta(milliseconds=min(ms, _LAST_MS))
    day = f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
    machine = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Moment(day, f"{machine[11:16]} UTC", f"{day}, {machine[11:19]} UTC", machine)
