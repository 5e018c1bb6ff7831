"""Appending what was accepted, and carrying it into what is projected from the logs."""

from collections import Counter

from sqlalchemy import bindparam, delete, update

from webapp.gateway.tables import (
    answered,
    blocks,
    edges,
    follower_counts,
    following_counts,
    key_operations,
    operations,
    signing_keys,
)
from webapp.protocol.address import Address
from webapp.protocol.authorization import SigningKeyAuthorization
from webapp.protocol.facts import Accepted, Answered, Edge
from webapp.protocol.handle import Handle
from webapp.protocol.handle_message import HandleMessage
from webapp.protocol.key_decision import AcceptedKeyOperation
from webapp.protocol.projections import (
    Ending,
    EntryOfPair,
    KeyState,
    blocked_after,
    counted,
    edge_after,
    edge_ended,
    key_after,
)
from webapp.protocol.signing_key import SigningKey
from webapp.storage.prepared import Driver, Known, Prepared, Rows, insert_all

_new_entries = Rows(operations)
_edge = Rows(edges, known=Known.CHANGES)
_followers = Rows(follower_counts, known=Known.ADDS)
_followings = Rows(following_counts, known=Known.ADDS)

_block = Rows(blocks)
_unblock = Prepared(
    delete(blocks).where(
        blocks.c.address == bindparam("address"),
        blocks.c.handle == bindparam("handle"),
        blocks.c.follower == bindparam("follower"),
    )
)

_append_about_key = Rows(key_operations)
_new_key = Rows(signing_keys, columns=[c.name for c in signing_keys.columns if c.server_default is None])
_this_key = (signing_keys.c.address == bindparam("of_address")) & (
    signing_keys.c.public_key == bindparam("of_key")
)
_change_key = Prepared(
    update(signing_keys)
    .where(_this_key)
    .values({name: bindparam(name) for name in ("name", "expires_at", "revoked_at")})
)

_answer = Rows(answered, known=Known.CHANGES)
_forget_answers = Prepared(delete(answered).where(answered.c.ts < bindparam("before")))


class Appends:
    """Operations that were accepted in a transaction, until they are written, many at once.

    Each statement lets go of the interpreter, and among busy threads waits to have it again.
    """

    def __init__(self, driver: Driver) -> None:
        """Hold none.

        Args:
            driver: The right to write.
        """
        self._driver = driver
        self._entries: list[dict[str, object]] = []
        self._edges: list[dict[str, object]] = []
        self._followers: Counter[str] = Counter()
        self._followings: Counter[str] = Counter()

    def add(self, accepted: Accepted, last: Edge | None, *, position: int, now: int) -> None:
        """Have an entry appended to its pair's log, and carried into the pair's edge and both counts.

        Args:
            accepted: What to append; nothing of its address waits to be written.
            last: The pair's edge until now.
            position: The entry's place in the whole log.
            now: Milliseconds since the Unix epoch.
        """
        entry, message = accepted.entry, accepted.message
        address, handle, op = entry.address.checksummed, entry.handle, message.operation.value
        self._entries.append(
            {
                "address": address,
                "handle": handle,
                "sequence": entry.sequence,
                "position": position,
                "op": op,
                "ts": message.ts,
                "message": entry.message,
                "digest": entry.digest,
                "signature": entry.signature,
                "signing_key": entry.signing_key,
                "previous_digest": entry.previous_digest,
                "entry_digest": entry.entry_digest,
                "received_at": now,
            }
        )
        logged = EntryOfPair(op, entry.sequence, entry.entry_digest, message.ts, entry.digest, now, position)
        self._move(address, handle, last, edge_after(last, logged))

    def end_follow(self, message: HandleMessage, last: Edge | None, *, position: int, now: int) -> None:
        """Have an entry about a follower, which is appended by itself, end the follow that it ends.

        Args:
            message: The entry's.
            last: The edge of the follower and the handle until now.
            position: The entry's place in the whole log.
            now: Milliseconds since the Unix epoch.
        """
        ending = Ending.of(message, now, position)
        edge = None if ending is None else edge_ended(last, ending)
        if edge is not None and edge != last and message.follower is not None:
            self._move(message.follower.checksummed, message.handle, last, edge)

    def _move(self, address: str, handle: str, before: Edge | None, after: Edge) -> None:
        self._edges.append(
            {
                "address": address,
                "handle": handle,
                "following": after.following,
                "since": after.since,
                "position": after.position,
                "sequence": after.sequence,
                "ts": after.ts,
                "digest": after.digest,
                "entry_digest": after.entry_digest,
            }
        )
        change = counted(after) - counted(before)
        self._followers[handle] += change
        self._followings[address] += change

    def write(self) -> None:
        """Write the entries and the edges, so that what is read next sees them."""
        if self._entries:
            insert_all(self._driver, (_new_entries, self._entries), (_edge, self._edges))
            self._entries, self._edges = [], []

    def write_all(self) -> None:
        """Write what waits, and by how much counts changed; in one order, as others write the same counts."""
        followers = [{"handle": of, "followers": change} for of, change in sorted(self._followers.items())]
        followings = [
            {"address": of, "followings": change} for of, change in sorted(self._followings.items())
        ]
        insert_all(
            self._driver,
            (_new_entries, self._entries),
            (_edge, self._edges),
            (_followers, followers),
            (_followings, followings),
        )
        self._entries, self._edges, self._followers, self._followings = [], [], Counter(), Counter()


def carry_block(
    driver: Driver,
    message: HandleMessage,
    before: bool,
    *,
    position: int,
) -> None:
    """Carry an entry about a follower into whether its signer blocks that follower.

    Args:
        driver: The right to write.
        message: The entry's.
        before: Whether a block stands until now.
        position: The entry's place in the whole log.
    """
    after = blocked_after(before, message)
    if message.follower is None or after is before:
        return
    of = {
        "address": message.address.checksummed,
        "handle": message.handle,
        "follower": message.follower.checksummed,
    }
    if after:
        _block.run(driver, [{**of, "position": position}])
    else:
        _unblock.run(driver, of)


def append_key_operation(
    driver: Driver,
    accepted: AcceptedKeyOperation,
    before: KeyState,
    *,
    now: int,
    lifetime_ms: int,
) -> None:
    """Append an entry to its address's log of key operations, and do to the key what it says.

    Args:
        driver: The right to write.
        accepted: What to append.
        before: The key until now.
        now: Milliseconds since the Unix epoch.
        lifetime_ms: How long a renewed key signs from now on.
    """
    entry, message = accepted.entry, accepted.message
    address = entry.address.checksummed
    _append_about_key.run(
        driver,
        [
            {
                "address": address,
                "sequence": entry.sequence,
                "op": message.operation.value,
                "signing_key": message.signing_key,
                "ts": message.ts,
                "message": entry.message,
                "digest": entry.digest,
                "signature": entry.signature,
                "authorized_by": entry.authorized_by,
                "previous_digest": entry.previous_digest,
                "entry_digest": entry.entry_digest,
                "received_at": now,
            }
        ],
    )
    after = key_after(before, message, now, lifetime_ms)
    _change_key.run(
        driver,
        {
            "of_address": address,
            "of_key": message.signing_key,
            "name": after.name,
            "expires_at": after.expires_at,
            "revoked_at": after.revoked_at,
        },
    )


def keep_key(
    driver: Driver,
    authorization: SigningKeyAuthorization,
    signing_key: SigningKey,
    *,
    now: int,
    expires_at: int,
) -> None:
    """Keep a key that a wallet has authorised, and when it was registered and ends."""
    _new_key.run(
        driver,
        [
            {
                "address": authorization.address.checksummed,
                "public_key": signing_key.text,
                "authorization_message": authorization.message,
                "authorization_signature": authorization.signature,
                "registered_at": now,
                "expires_at": expires_at,
                "revoked_at": None,
            }
        ],
    )


def keep_answered(
    driver: Driver,
    address: Address,
    about: Handle | str,
    newest: Answered,
    *,
    before: int,
) -> None:
    """Keep the newest message that was answered ALREADY_DONE; forget those that nothing could overtake now.

    Args:
        driver: The right to write.
        address: Who signed.
        about: The handle, or `ABOUT_KEYS`.
        newest: The message.
        before: The oldest time that a message may carry now, in milliseconds since the Unix epoch.
    """
    kept = {"address": address.checksummed, "about": about, "ts": newest.ts, "digest": newest.digest}
    _answer.run(driver, [kept])
    _forget_answers.run(driver, {"before": before})
