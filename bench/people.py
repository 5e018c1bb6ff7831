"""People by number, and what they sign. It is signed in processes beside the one that measures."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tests.support.people import Device, Person
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.log_entries import ChainHead, OperationLogEntry
from webapp.protocol.message import FollowMessage
from webapp.protocol.signing_key import MessageSignature, SigningKey

DAY_MS = 86_400_000
SHARED_DEVICES = 64
"""Those who only fill the graph share so many device keys: to make one costs more than to sign with it."""
HANDLES = tuple(f"bench-{number}" for number in range(256))
"""Who can be followed. The first is followed by all who fill the graph."""


@lru_cache(maxsize=4096)
def writer(number: int) -> Person:
    """Give somebody who sends signed operations, with a device of their own."""
    return Person(f"writer {number}", _device(f"writer {number}"))


def filler(number: int) -> Person:
    """Give somebody who is in the graph from the start."""
    return Person(f"filler {number}", _device(f"shared {number % SHARED_DEVICES}"))


@lru_cache(maxsize=4096)
def _device(name: str) -> Device:
    return Device(name)


def now_ms() -> int:
    """Milliseconds since the Unix epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Planned:
    """An operation that is to be signed."""

    writer: int
    handle: str
    op: str
    ts: int


def signed(planned: list[Planned]) -> list[dict[str, str]]:
    """Sign operations; gives the input of each mutation."""
    return [writer(each.writer).request(each.op, each.handle, each.ts) for each in planned]


def registrations(numbers: Iterable[int]) -> list[dict[str, str]]:
    """Have wallets sign for their devices; gives the input of each mutation."""
    return [writer(number).registration() for number in numbers]


KeyRow = tuple[str, str, str, str, int, int]
OperationRow = tuple[str, str, int, int, str, int, str, str, str, str, str, str, int]


def key_row(person: Person, at: int) -> KeyRow:
    """A row of `signing_keys`, registered at a time in milliseconds since the Unix epoch."""
    sent = person.registration()
    return (
        sent["address"],
        person.device.signing_key,
        sent["message"],
        sent["signature"],
        at,
        at + 30 * DAY_MS,
    )


def writer_keys(numbers: range, at: int) -> list[KeyRow]:
    """The rows of writers who are registered from the start."""
    return [key_row(writer(number), at) for number in numbers]


def filled(numbers: range, follows: int, at: int) -> tuple[list[KeyRow], list[OperationRow]]:
    """The keys and the log of some of those who fill the graph, each of whom follows so many handles."""
    keys, entries = [], []
    for number in numbers:
        person = filler(number)
        row = key_row(person, at)
        keys.append(row)
        authorization = SigningKeyAuthorization(Address.parse(row[0]), row[2], row[3])
        for turn in range(follows):
            handle = HANDLES[0 if turn == 0 else 1 + (number * 7 + turn * 29) % (len(HANDLES) - 1)]
            position = number * follows + turn + 1
            ts = at + position
            sent = person.request("follow", handle, ts)
            entry = OperationLogEntry.append(
                previous=ChainHead.EMPTY,
                message=FollowMessage.parse(sent["message"]),
                signature=MessageSignature.parse(sent["signature"]),
                signing_key=SigningKey.parse(sent["signingKey"]),
                authorization=authorization,
            )
            entries.append(
                (
                    row[0],
                    handle,
                    1,
                    position,
                    "follow",
                    ts,
                    entry.message,
                    entry.digest,
                    entry.signature,
                    entry.signing_key,
                    entry.previous_digest,
                    entry.entry_digest,
                    ts,
                )
            )
    return keys, entries
