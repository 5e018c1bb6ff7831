"""Profile handles."""

import re
from typing import NewType

from webapp.protocol.errors import HandleError

Handle = NewType("Handle", str)

_FORM = re.compile(r"[a-z0-9][a-z0-9_-]{0,19}")


def parse_handle(text: object) -> Handle:
    """Read a handle: 1 to 20 of `a-z 0-9 _ -`, the first of them a letter or a digit. Repairs nothing.

    Raises `HandleError` for anything else: upper case, a leading `@`, a trailing `.cc`, outer white space.
    """
    if isinstance(text, str) and _FORM.fullmatch(text):
        return Handle(text)
    raise HandleError("handle", "1 to 20 of a-z, 0-9, _ and -, beginning with a letter or a digit")
