"""Batches: one commit for all that waits, and the log that some order of single operations would give."""

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.databases import (
    BROKEN,
    FULL,
    ON_POSTGRESQL,
    FailingCommits,
    Failure,
    add_profile,
    done_with,
    migrated,
)
from tests.support.operations import check_projections
from tests.support.people import NOW, Device, Person, Ticker, Wallet
from webapp.gateway.batches import Answers, Busy, deliver_each
from webapp.gateway.log.operation_log import OperationLog, Outcome
from webapp.gateway.log.rebuild import compare_projections
from webapp.gateway.log.transaction import Transaction
from webapp.gateway.tables import operations
from webapp.protocol.facts import Policy
from webapp.protocol.message import Operation
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.submissions import AnySubmission, Registration, Submission, submission_of
from webapp.storage.database import Database
from webapp.storage.errors import Conflict, DatabaseUnavailable, OutcomeUnknown

LIFETIME = 86_400_000
ALICE, BOB = Person("alice", Device("alice's")), Person("bob", Device("bob's"))
HANDLES = ("shiyu", "cyberconnect")


class Gate:
    """A log whose writer takes the next batch only when it is let."""

    def __init__(self, database: Database, clock: Ticker, policy: Policy | None = None) -> None:
        self.log = OperationLog(database, policy or Policy(), LIFETIME, clock, most_waiting=64)
        self.sizes: list[int] = []
        self.answers: list[Future[Outcome]] = []
        self._held = threading.Event()
        self._go = threading.Event()
        verify = self.log._verify

        def held(submissions: Sequence[AnySubmission]) -> None:
            self.sizes.append(len(submissions))
            self._held.set()
            assert self._go.wait(30)
            verify(submissions)

        self.log._verify = held  # type: ignore[method-assign]  # the writer waits here

    def hold(self, first: AnySubmission) -> None:
        """Have the writer take one submission, and wait with it in its hands."""
        self.put(first)
        assert self._held.wait(30)

    def put(self, submission: AnySubmission) -> None:
        """Submit it without waiting."""
        answer: Future[Outcome] = Future()
        self.answers.append(answer)
        self.log.submit(submission, answer.set_result)

    def let_go(self) -> list[Outcome]:
        """Let the writer go on, and give all answers in the order of the submissions."""
        self._go.set()
        return [answer.result(30) for answer in self.answers]


def statuses(outcomes: Sequence[Outcome]) -> list[str]:
    return [str(getattr(outcome, "status", type(outcome).__name__)) for outcome in outcomes]


def submission(person: Person, op: str, handle: str, ts: int) -> Submission:
    made = submission_of(op, person.request(op, handle, ts))
    assert isinstance(made, Submission)
    return made


def registration(person: Person) -> Registration:
    return Registration.read(person.registration())


@pytest.fixture
def gate(database: Database, clock: Ticker) -> Iterator[Gate]:
    gate = Gate(database, clock)
    yield gate
    gate.let_go()
    gate.log.close()


def test_what_waits_while_one_is_written_is_one_batch(gate: Gate, database: Database, clock: Ticker) -> None:
    """A key and what it signs too: each submission sees what those before it did."""
    gate.hold(registration(BOB))
    gate.put(registration(ALICE))
    for number, op in enumerate(("follow", "unfollow", "follow")):
        gate.put(submission(ALICE, op, "shiyu", clock.now + number))
    assert set(statuses(gate.let_go())) == {"SUCCESS"}
    assert gate.sizes == [1, 4]
    assert check_projections(database) == 3
    assert compare_projections(database).equal


def test_two_of_one_pair_are_decided_one_after_the_other(
    gate: Gate, database: Database, clock: Ticker
) -> None:
    """In the order in which they came: the second sees what the first did."""
    gate.hold(registration(ALICE))
    for op, ts in (("follow", 5), ("unfollow", 4), ("follow", 6), ("unfollow", 7), ("follow", 5)):
        gate.put(submission(ALICE, op, "shiyu", clock.now + ts))
    expected = ["SUCCESS", "SUCCESS", "MESSAGE_EXPIRED", "ALREADY_DONE", "SUCCESS", "MESSAGE_EXPIRED"]
    assert statuses(gate.let_go()) == expected
    assert check_projections(database) == 2


def test_the_quota_counts_within_a_batch(database: Database, clock: Ticker) -> None:
    gate = Gate(database, clock, Policy(signer_quota=2))
    gate.hold(registration(ALICE))
    for number, op in enumerate(("follow", "unfollow", "follow")):
        gate.put(submission(ALICE, op, "shiyu", clock.now + number))
    assert statuses(gate.let_go()) == ["SUCCESS", "SUCCESS", "SUCCESS", "RATE_LIMITED"]
    gate.log.close()


def test_one_more_than_may_wait_is_refused_at_once_and_the_others_are_answered(
    gate: Gate, clock: Ticker
) -> None:
    gate.hold(registration(ALICE))
    sent = submission(ALICE, "follow", "shiyu", clock.now)
    for _ in range(64):
        gate.put(sent)
    with pytest.raises(Busy):
        gate.log.submit(sent, lambda _: pytest.fail("answered"))
    with pytest.raises(Busy):
        gate.log.submit_and_wait(sent)
    assert statuses(gate.let_go()) == ["SUCCESS"] * 2 + ["ALREADY_DONE"] * 63
    assert gate.log.submit_and_wait(sent).status == "ALREADY_DONE"


def test_what_cannot_be_looked_up_is_answered_though_the_queue_is_full(gate: Gate) -> None:
    gate.hold(registration(ALICE))
    for _ in range(64):
        gate.put(registration(BOB))
    sent = {"address": "0x0", "handle": "shiyu", "message": "", "signature": "", "signingKey": ""}
    nobody = Submission.read(Operation.FOLLOW, sent)
    assert gate.log.submit_and_wait(nobody).status == "INVALID_ADDRESS"


def test_closing_answers_what_waits_and_takes_no_more(gate: Gate, database: Database, clock: Ticker) -> None:
    gate.hold(registration(ALICE))
    gate.put(submission(ALICE, "follow", "shiyu", clock.now))
    closing = threading.Thread(target=gate.log.close)
    closing.start()
    while not gate.log._closed:
        threading.Event().wait(0.001)
    with pytest.raises(Busy):
        gate.log.submit_and_wait(registration(BOB))
    assert statuses(gate.let_go()) == ["SUCCESS", "SUCCESS"]
    closing.join(30)
    assert not closing.is_alive()
    assert check_projections(database) == 1


def test_all_answers_of_a_batch_are_handed_over_at_once(gate: Gate, clock: Ticker) -> None:
    """So that an event loop is woken once."""
    handed: list[int] = []

    def deliver(answers: Answers) -> None:
        handed.append(len(answers))
        deliver_each(answers)

    gate.log.deliver = deliver
    gate.hold(registration(ALICE))
    for number in range(5):
        gate.put(submission(ALICE, "follow", "shiyu", clock.now + number))
    gate.let_go()
    assert handed == [1, 5]


def test_one_that_nobody_expected_does_not_take_its_batch_along(
    gate: Gate, database: Database, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = submission(ALICE, "follow", "shiyu", clock.now)
    take = Transaction.take

    def stumbling(transaction: Transaction, sent: Sequence[AnySubmission]) -> object:
        if wrong in sent:
            raise ZeroDivisionError
        return take(transaction, sent)

    monkeypatch.setattr(Transaction, "take", stumbling)
    gate.hold(registration(ALICE))
    gate.put(submission(ALICE, "follow", "cyberconnect", clock.now))
    gate.put(wrong)
    gate.put(submission(ALICE, "unfollow", "cyberconnect", clock.now + 1))
    assert statuses(gate.let_go()) == ["SUCCESS", "SUCCESS", "ZeroDivisionError", "SUCCESS"]
    assert check_projections(database) == 2


@pytest.mark.parametrize("quota", [1, 2, 3, 4, 5, 6])
def test_the_quota_counts_over_any_number_of_batches(quota: int, database: Database, clock: Ticker) -> None:
    """It is counted only where the log has grown enough for anybody to have spent it."""
    policy = Policy(signer_quota=quota)
    with closing(OperationLog(database, policy, LIFETIME, clock)) as log:
        for person in (ALICE, BOB):
            assert log.submit_and_wait(registration(person)).status == "SUCCESS"
        answers: list[str] = []
        for first, size in ((0, 1), (1, 2), (3, 3), (6, 1)):
            batch = [
                submission(ALICE, ("follow", "unfollow")[ts % 2], "shiyu", clock.now + ts)
                for ts in range(first, first + size)
            ]
            others = [submission(BOB, "follow", "shiyu", clock.now)] if first == 1 else []
            answers += statuses(log._outcomes([*batch, *others]))[:size]
        assert answers[:quota] == ["SUCCESS"] * quota
        # Of the rest every second one is as things are already.
        assert answers[quota] == "RATE_LIMITED"
        assert "SUCCESS" not in answers[quota:]
        clock.now += policy.quota_window_ms
        again = ("follow", "unfollow")[quota % 2]
        assert log.submit_and_wait(submission(ALICE, again, "shiyu", clock.now)).status == "SUCCESS"


@pytest.mark.parametrize(
    ("failure", "expected", "kept"),
    [
        (FULL, DatabaseUnavailable, False),
        (BROKEN, OutcomeUnknown, False),
        (BROKEN, OutcomeUnknown, True),
    ],
)
def test_t60_a_commit_that_fails_is_the_answer_to_all_of_its_batch(
    failure: Failure,
    expected: type[Exception],
    *,
    kept: bool,
    database: Database,
    clock: Ticker,
) -> None:
    """Nobody hears SUCCESS; and all of them, sent again, are answered as the log then has it."""
    with closing(OperationLog(database, Policy(), LIFETIME, clock)) as log:
        log.submit_and_wait(registration(ALICE))
    failing = Database.open(database.url)
    disk = FailingCommits(failing)
    disk.armed, disk.kept, disk.failure = True, kept, failure
    gate = Gate(failing, clock)
    sent = [submission(ALICE, "follow", handle, clock.now) for handle in HANDLES]
    gate.hold(submission(ALICE, "unfollow", "shiyu", clock.now - 1))
    for each in sent:
        gate.put(each)
    outcomes = gate.let_go()
    assert [type(outcome) for outcome in outcomes] == [expected] * 3
    gate.log.close()
    failing.close()
    assert check_projections(database) == (2 if kept else 0)
    again = OperationLog(database, Policy(), LIFETIME, clock)
    answers = [str(again.submit_and_wait(each).status) for each in sent]
    assert answers == ["ALREADY_DONE" if kept else "SUCCESS"] * 2
    assert check_projections(database) == 2
    again.close()


def test_a_batch_costs_one_commit_however_many_it_holds(
    gate: Gate, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    monkeypatch.setattr(gate.log._observer, "committed", lambda size, _: commits.append(size))
    gate.hold(registration(ALICE))
    for number in range(40):
        gate.put(submission(ALICE, "follow", "shiyu", clock.now + number))
    gate.let_go()
    assert commits == [1, 40]


def test_signatures_are_verified_before_anything_is_locked(
    gate: Gate, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each once."""
    verify, began = SigningKey.verify, type(gate.log._database).write
    events: list[str] = []

    def verifying(*given: object) -> bool:
        events.append("verify")
        return verify(*given)  # type: ignore[arg-type]

    @contextmanager
    def writing(base: Database, **named: Any) -> Iterator[object]:
        events.append("write")
        with began(base, **named) as connection:
            yield connection

    gate.hold(registration(ALICE))
    for number, op in enumerate(("follow", "unfollow", "follow")):
        gate.put(submission(ALICE, op, "shiyu", clock.now + number))
    monkeypatch.setattr(SigningKey, "verify", verifying)
    monkeypatch.setattr(type(gate.log._database), "write", writing)
    gate.let_go()
    assert events == ["write", *["verify"] * 3, "write"]


@pytest.mark.parametrize(("ended", "expected"), [(2, ["SUCCESS", "SUCCESS"]), (3, ["Conflict", "Conflict"])])
def test_a_batch_that_the_database_ends_for_anothers_sake_is_done_again(
    ended: int, expected: list[str], gate: Gate, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice: nothing of it was kept, and nobody hears of it. Then it is 503, and no status."""
    write, left = type(gate.log._database).write, [0]

    @contextmanager
    def ending(base: Database, **named: Any) -> Iterator[object]:
        with write(base, **named) as connection:
            yield connection
            left[0] -= 1
            if left[0] >= 0:
                raise Conflict("40P01: deadlock detected")

    gate.hold(registration(ALICE))
    gate.let_go()
    monkeypatch.setattr(type(gate.log._database), "write", ending)
    left[0] = ended
    outcomes = gate.log.settle(
        [submission(ALICE, "follow", handle, clock.now) for handle in ("shiyu", "cyberconnect")]
    )
    assert statuses(outcomes) == expected
    assert check_projections(gate.log._database) == expected.count("SUCCESS")


# --- any interleaving -------------------------------------------------------------------------------------

SENT = st.lists(
    st.tuples(
        st.sampled_from([ALICE, BOB]),
        st.sampled_from(["follow", "unfollow"]),
        st.sampled_from(HANDLES),
        st.integers(0, 6),
    ),
    min_size=1,
    max_size=12,
)


def emptied(folder: str) -> Database:
    database = migrated(Path(folder) / "x.sqlite3")
    for number, handle in enumerate(HANDLES, start=1):
        add_profile(database, handle, Wallet("owner").address, number)
    return database


def log_of(database: Database) -> list[tuple[object, ...]]:
    """Its rows, numbered from 1: on PostgreSQL positions have gaps."""
    with database.read() as connection:
        rows = connection.execute(select(operations).order_by(operations.c.position)).mappings()
        return [tuple({**row, "position": number}.values()) for number, row in enumerate(rows, start=1)]


@settings(max_examples=6 if ON_POSTGRESQL else 25, deadline=None)
@given(sent=SENT, cuts=st.sets(st.integers(1, 11)), from_two=st.booleans())
def test_any_batches_give_the_log_that_some_order_of_single_operations_gives(
    sent: list[tuple[Person, str, str, int]], cuts: set[int], *, from_two: bool
) -> None:
    """The order is that of the batches; with two writers on one file, that in which they had their turns."""
    clock = Ticker()
    made = [submission(person, op, handle, NOW + ts) for person, op, handle, ts in sent]
    with ExitStack() as ends:
        batched, single = (ends.enter_context(tempfile.TemporaryDirectory()) for _ in range(2))
        database, alone = emptied(batched), emptied(single)
        for each in (database, alone):
            ends.callback(done_with, each)
        logs = [OperationLog(database, Policy(), LIFETIME, clock)]
        if from_two:
            second = Database.open(database.url)
            ends.callback(second.close)
            logs.append(OperationLog(second, Policy(), LIFETIME, clock))
        reference = OperationLog(alone, Policy(), LIFETIME, clock)
        for log in (logs[0], reference):
            for person in (ALICE, BOB):
                assert log.submit_and_wait(registration(person)).status == "SUCCESS"
        outcomes: list[Outcome] = []
        writers = itertools.cycle(logs)
        for first, end in itertools.pairwise([0, *sorted(cut for cut in cuts if cut < len(made)), len(made)]):
            outcomes += next(writers)._outcomes(made[first:end])
        expected = [reference.submit_and_wait(each) for each in made]
        assert outcomes == expected
        assert log_of(database) == log_of(alone)
        assert compare_projections(database).equal
        check_projections(database)
        for log in (*logs, reference):
            log.close()


@pytest.mark.parametrize("writers", [1, 3])
def test_however_they_interleave_the_log_is_that_of_its_own_order(
    writers: int, tmp_path: Path, database: Database, clock: Ticker
) -> None:
    """Threads and writers at once: singly, in the order of the log, all that was accepted is accepted."""
    bases = [database, *(Database.open(database.url) for _ in range(writers - 1))]
    logs = [OperationLog(base, Policy(), LIFETIME, clock) for base in bases]
    for person in (ALICE, BOB):
        assert logs[0].submit_and_wait(registration(person)).status == "SUCCESS"
    sent = {}
    for number, (person, handle) in enumerate(itertools.product((ALICE, BOB), HANDLES)):
        for ts in range(30):
            op = ("follow", "unfollow")[(ts * 7 // 3 + number) % 2]
            made = submission(person, op, handle, clock.now + ts)
            assert made.message is not None
            sent[made.message.text] = made

    def run(part: int, answered: Callable[[str], None]) -> None:
        for made in list(sent.values())[part::4]:
            answered(str(logs[part % writers].submit_and_wait(made).status))

    answers: list[str] = []
    threads = [threading.Thread(target=run, args=(part, answers.append)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(sent)
    assert set(answers) <= {"SUCCESS", "ALREADY_DONE", "MESSAGE_EXPIRED"}
    stored = log_of(database)
    assert answers.count("SUCCESS") == len(stored) == check_projections(database)
    assert compare_projections(database).equal
    assert taken_singly(tmp_path, [sent[str(row[MESSAGE])] for row in stored]) == stored
    for log in logs:
        log.close()
    for base in bases[1:]:
        base.close()


MESSAGE = list(operations.columns.keys()).index("message")


def taken_singly(folder: Path, accepted: Sequence[AnySubmission]) -> list[tuple[object, ...]]:
    """The log of a new file into which these were taken one by one, each of them accepted."""
    with tempfile.TemporaryDirectory(dir=folder) as alone, closing(emptied(alone)) as database:
        with closing(OperationLog(database, Policy(), LIFETIME, Ticker())) as log:
            for person in (ALICE, BOB):
                log.submit_and_wait(registration(person))
            assert {str(log.submit_and_wait(each).status) for each in accepted} <= {"SUCCESS"}
        return log_of(database)
