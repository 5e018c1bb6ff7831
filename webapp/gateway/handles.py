"""Handles: who owns them, since when, and what their profiles show. Profiles are projected from the log."""

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from webapp.gateway.deciding import Decider
from webapp.gateway.operation_log import NOTHING_KNOWN, append_operation, pair_facts, pair_holds
from webapp.gateway.tables import changes_owner, follower_counts, operations, profiles
from webapp.protocol.address import Address
from webapp.protocol.decision import Subject, subject
from webapp.protocol.facts import HandleSubmission
from webapp.protocol.handle_decision import HandleDecision, HandleFacts, Release, decide_handle
from webapp.protocol.handle_message import HandleMessage, HandleOperation, ProfileText

_last_owner = (
    select(operations.c.op, operations.c.address, operations.c.received_at)
    .where(operations.c.handle == bindparam("handle"), changes_owner)
    .order_by(operations.c.position.desc())
    .limit(1)
)
_shown = select(profiles.c.display_name, profiles.c.bio, profiles.c.avatar).where(
    profiles.c.handle == bindparam("handle")
)
_followers = select(follower_counts.c.followers).where(follower_counts.c.handle == bindparam("handle"))
_owned = select(func.count()).select_from(profiles).where(profiles.c.owner_address == bindparam("address"))
_highest_number = select(func.max(profiles.c.profile_id))
_show = (
    update(profiles)
    .where(profiles.c.handle == bindparam("of_handle"))
    .values({name: bindparam(name) for name in ("display_name", "bio", "avatar")})
)
_forget = delete(profiles).where(profiles.c.handle == bindparam("of_handle"))
_oldest = select(func.min(profiles.c.profile_id)).where(profiles.c.owner_address == bindparam("owner"))
_promote = update(profiles).where(profiles.c.profile_id == bindparam("number")).values(is_primary=True)

_NO_HANDLE = HandleFacts(pair=NOTHING_KNOWN, release=None, has_followers=False, owned=0, shown=None)


class Handles(Decider[HandleSubmission, Subject, HandleFacts, HandleDecision]):
    """Decides claims, releases and changes of profiles, and appends the accepted ones to the log."""

    @property
    def _nothing_known(self) -> HandleFacts:
        return _NO_HANDLE

    def _subject(self, submission: HandleSubmission) -> Subject | None:
        about = subject(submission)
        return None if about.address is None or about.handle is None else about

    def _facts(self, connection: Connection, about: Subject, now: int) -> HandleFacts:
        of = {"handle": about.handle, "address": about.address and about.address.checksummed}
        release = connection.execute(_last_owner, of).first()
        shown = connection.execute(_shown, of).first()
        return HandleFacts(
            pair=pair_facts(connection, about, self._policy, now),
            release=(
                Release(Address(release.address), release.received_at)
                if release is not None and release.op == HandleOperation.RELEASE
                else None
            ),
            has_followers=bool(connection.scalar(_followers, of)),
            owned=connection.scalar(_owned, of) or 0,
            shown=None if shown is None else ProfileText(*shown),
        )

    def _decide(self, submission: HandleSubmission, facts: HandleFacts, now: int) -> HandleDecision:
        return decide_handle(submission, facts, self._policy, now)

    def _holds(self, facts: HandleFacts, fresh: HandleFacts) -> bool:
        known = (facts.release, facts.has_followers, facts.owned, facts.shown)
        same = known == (fresh.release, fresh.has_followers, fresh.owned, fresh.shown)
        return same and pair_holds(facts.pair, fresh.pair, self._policy, self._clock())

    def _append(self, connection: Connection, decision: HandleDecision, facts: HandleFacts, now: int) -> None:
        accepted = decision.accepted
        if accepted is None:
            return
        position = append_operation(connection, accepted, facts.pair.last, now)
        if isinstance(accepted.message, HandleMessage):
            project(connection, accepted.message, position, now)


def project(connection: Connection, message: HandleMessage, position: int, now: int) -> None:
    """Carry an entry of the log into the profiles.

    A profile has the position of its claim as its number, so that none is given twice; but where profiles
    that are older than the log have higher ones, the next that is free. Of an address's profiles the oldest
    stands for it.

    Args:
        connection: The right to write.
        message: The entry's message.
        position: The entry's position in the whole log.
        now: When it was received, in milliseconds since the Unix epoch.
    """
    owner = message.address.checksummed
    if message.operation is HandleOperation.RELEASE:
        connection.execute(_forget, {"of_handle": message.handle})
        connection.execute(_promote, {"number": connection.scalar(_oldest, {"owner": owner})})
    elif message.shown is not None:
        shown = message.shown
        texts = {"display_name": shown.display_name, "bio": shown.bio, "avatar": shown.avatar}
        connection.execute(_show, {"of_handle": message.handle, **texts})
    else:
        highest = connection.scalar(_highest_number) or 0
        is_first = connection.scalar(_oldest, {"owner": owner}) is None
        connection.execute(
            insert(profiles),
            {
                "handle": message.handle,
                "profile_id": max(position, highest + 1),
                "owner_address": owner,
                "display_name": "",
                "bio": "",
                "avatar": "",
                "metadata_location": "",
                "is_primary": is_first,
                "created_at": now,
            },
        )
