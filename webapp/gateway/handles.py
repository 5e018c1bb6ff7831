"""Handles: who owns them, who had them, and what their profiles show."""

from sqlalchemy import Connection, bindparam, func, select

from webapp.gateway.deciding import Decider
from webapp.gateway.operation_log import NOTHING_KNOWN, append_operation, pair_facts, pair_holds, pair_of
from webapp.gateway.profile_projection import ProfileProjection
from webapp.gateway.tables import changes_owner, follower_counts, operations, profiles
from webapp.protocol.address import Address
from webapp.protocol.decision import Subject, subject
from webapp.protocol.facts import HandleSubmission
from webapp.protocol.handle import Handle
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
_projection = ProfileProjection(profiles)

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

    def _pair(self, about: Subject) -> tuple[Address, Handle]:
        return pair_of(about)

    def _holds(self, facts: HandleFacts, fresh: HandleFacts, now: int) -> bool:
        # Of followers there can only have become fewer: nobody can follow a handle that nobody owns.
        known = (facts.release, facts.owned, facts.shown)
        same = known == (fresh.release, fresh.owned, fresh.shown)
        return same and pair_holds(facts.pair, fresh.pair, self._policy, now)

    def _append(self, connection: Connection, decision: HandleDecision, facts: HandleFacts, now: int) -> None:
        accepted = decision.accepted
        if accepted is None:
            return
        position = append_operation(connection, accepted, facts.pair.last, now)
        if isinstance(accepted.message, HandleMessage):
            _projection.take(connection, accepted.message, position, now)
