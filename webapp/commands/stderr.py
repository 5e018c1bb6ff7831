"""What commands say to people beside their output, and what becomes of it where nobody listens."""

import os
import sys
from contextlib import suppress
from typing import TextIO


def say(what: str, *details: str) -> None:
    """Write a line, and one for each detail, to whom still listens; shown without what moves a cursor."""
    if sys.stderr is None:
        return
    try:
        for line in (f"countersign: {what}", *(f"  {detail}" for detail in details)):
            shown = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)
            print(shown, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        write_no_more(sys.stderr)


def write_no_more(stream: TextIO) -> None:
    """Throw away what was not written: at its end Python would try again, and change the exit code."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
