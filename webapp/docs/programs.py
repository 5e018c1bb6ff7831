"""Programs to change and to run beside their result: the whole way, one for each status, the original SDK.

All but the last begin alike: with a wallet, a device's key, and how each of them signs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from webapp.docs.links import ENDPOINT

FOLDER = "examples/try/"
FIRST = "follow"
ORIGINAL_SDK = "original-sdk"
STATUSES = (
    "INVALID_ADDRESS",
    "HANDLE_NOT_FOUND",
    "INVALID_MESSAGE",
    "MESSAGE_EXPIRED",
    "INVALID_SIGNING_KEY",
    "EXPIRED_SIGNING_KEY",
    "INVALID_SIGNATURE",
    "ALREADY_DONE",
    "RATE_LIMITED",
    "SUCCESS",
)
"""In the contract's order."""

_BEGINNING = "begin"
_TITLES = {FIRST: "The whole way", ORIGINAL_SDK: "The original SDK"}


@dataclass(frozen=True, slots=True)
class Program:
    """One of them: a module of JavaScript, for browsers and for Node."""

    name: str  # what its address has
    title: str  # what it shows, in a few words
    code: str  # all of it


def programs(read: Callable[[str], str], endpoint: str | None) -> tuple[Program, ...]:
    """Put them together. `read` gives the text of a file below `docs/`.

    They ask the gateway at `endpoint`; with None, that of a server on one's own machine.
    """
    beginning = read(f"{FOLDER}{_BEGINNING}.mjs")
    made = []
    for name in (FIRST, *STATUSES, ORIGINAL_SDK):
        code = read(f"{FOLDER}{name}.mjs")
        if name != ORIGINAL_SDK:
            about, _, rest = code.partition("\n\n")
            code = f"{about}\n\n{beginning}\n{rest}"
        made.append(Program(name, _TITLES.get(name, name), code.replace(ENDPOINT, endpoint or ENDPOINT)))
    return tuple(made)
