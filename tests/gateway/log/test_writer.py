"""The writer behind its socket: all is decided as ever, and whatever happens to either end is told."""

import os
import pickle
import queue
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing, suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

import pytest

from tests.support.databases import BROKEN, FULL, FailingCommits, Failure
from tests.support.handles import act
from tests.support.keys import act as act_on_key
from tests.support.operations import check_projections
from tests.support.people import MUTATIONS, Client, Device, Person, Ticker
from webapp.gateway.batches import Answers, Busy, deliver_each
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.gateway.log import writer as writers
from webapp.gateway.log.operation_log import Decided
from webapp.gateway.log.transaction import Transaction
from webapp.gateway.log.writer import Writer, WriterClient, _requests
from webapp.protocol.facts import Policy
from webapp.protocol.submissions import AnySubmission, Submission
from webapp.storage.database import Database
from webapp.storage.errors import DatabaseUnavailable, OutcomeUnknown
from webapp.storage.sqlite import SqliteDatabase

LIFETIME = 86_400_000
DEADLINE_S = 30
ALICE, BOB = Person("alice", Device("alice's")), Person("bob", Device("bob's"))


class Observed:
    """What a client was told of the writer's work."""

    def __init__(self) -> None:
        self.waiting = 0
        self.commits: list[int] = []

    def queued(self, change: int) -> None:
        self.waiting += change

    def committed(self, size: int, seconds: float) -> None:
        assert seconds >= 0
        self.commits.append(size)


class Serving:
    """A writer in a thread of this process, which can be held before it verifies a batch."""

    def __init__(self, database: Database, clock: Ticker, *, path: str, policy: Policy | None = None) -> None:
        self.path = path
        self.beats = 0
        self.failed = threading.Event()
        self.sizes: list[int] = []
        self.open = threading.Event()
        self.open.set()
        self.step = threading.Semaphore(0)
        self.reached = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._lifeline, self._held = os.pipe()
        writer = Writer(database, policy or Policy(), LIFETIME, clock, beat=self._beat)
        self.log = writer._log
        verify = writer._log._verify

        def holding(submissions: Sequence[AnySubmission]) -> None:
            self.sizes.append(len(submissions))
            self.reached.set()
            while not (self.open.is_set() or self.step.acquire(timeout=0.01)):
                pass
            verify(submissions)

        writer._log._verify = holding  # type: ignore[method-assign]  # the writer waits here
        self.thread = threading.Thread(
            target=writer.serve, args=(self._listener, self._lifeline, self.failed), daemon=True
        )
        self.thread.start()

    def _beat(self) -> None:
        self.beats += 1

    def stop(self) -> None:
        """Tell it that nobody will connect any more."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def ended(self) -> bool:
        self.thread.join(DEADLINE_S)
        return not self.thread.is_alive()

    def close(self) -> None:
        self.open.set()
        self.stop()
        self.failed.set()
        assert self.ended()
        self._listener.close()
        os.close(self._lifeline)


@pytest.fixture
def path() -> Iterator[str]:
    """Of a socket; pytest's own folders can have longer names than a socket may."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"{folder}/socket"


@pytest.fixture
def writer(database: Database, clock: Ticker, path: str) -> Iterator[Serving]:
    with closing(Serving(database, clock, path=path)) as serving:
        yield serving


def follow(person: Person, clock: Ticker, later: int = 0, op: str = "follow") -> tuple[str, dict[str, str]]:
    return op, person.request(op, "shiyu", clock.now + later)


class Asking:
    """Requests that wait for their answers."""

    def __init__(self, client: WriterClient) -> None:
        self.client = client
        self.answers: list[Future[Any]] = []

    def put(self, mutation: str, fields: dict[str, Any]) -> None:
        answer: Future[Any] = Future()
        self.answers.append(answer)
        self.client.take(mutation, fields, answer.set_result)

    def put_follows(self, clock: Ticker, number: int) -> None:
        """Of Alice's, each later than those before."""
        for _ in range(number):
            self.put(*follow(ALICE, clock, len(self.answers)))

    def outcomes(self) -> list[str]:
        found = [answer.result(DEADLINE_S) for answer in self.answers]
        return [str(getattr(outcome, "status", type(outcome).__name__)) for outcome in found]


def test_every_mutation_is_decided_as_in_one_process(
    writer: Serving, database: Database, clock: Ticker
) -> None:
    """What a whole gateway answers through the socket; and a time that the next message may carry."""
    gateway = create_gateway(database, GatewayConfig(), clock, writer=writer.path)
    with closing(gateway):
        client = Client(gateway, clock)
        assert client.register(ALICE) == "SUCCESS"
        assert client.status(*follow(ALICE, clock)) == "SUCCESS"
        assert client.status(*follow(ALICE, clock)) == "ALREADY_DONE"
        assert client.status("unfollow", {**follow(ALICE, clock)[1], "address": "0x0"}) == "INVALID_ADDRESS"
        clock.now += 1
        assert act(client, "claim", ALICE, "mine") == "SUCCESS"
        assert act_on_key(client, "rename", ALICE, ALICE.device, name="phone") == "SUCCESS"
    assert check_projections(database) == 2


def test_how_long_to_wait_is_told_across_the_socket(database: Database, clock: Ticker, path: str) -> None:
    policy = Policy(signer_quota=1)
    config = GatewayConfig(policy=policy)
    with (
        closing(Serving(database, clock, path=path, policy=policy)),
        closing(create_gateway(database, config, clock, writer=path)) as gateway,
    ):
        client = Client(gateway, clock)
        assert client.register(ALICE) == "SUCCESS"
        assert client.status(*follow(ALICE, clock)) == "SUCCESS"
        clock.now += 1_500
        text, (_, sent) = MUTATIONS["unfollow"], follow(ALICE, clock, op="unfollow")
        reply = client.ask(text, input=sent)
    assert reply["data"]["unfollow"]["status"] == "RATE_LIMITED"
    assert reply["extensions"] == {"retryAfter": 59}


def test_what_waits_is_one_batch_whoever_sent_it(writer: Serving, database: Database, clock: Ticker) -> None:
    """From two processes, too; each has its own answers all at once, and commits are told once."""
    observed, handed = Observed(), list[int]()

    def deliver(answers: Answers) -> None:
        handed.append(len(answers))
        deliver_each(answers)

    with closing(WriterClient(writer.path, observer=observed)) as one:
        one.deliver = deliver
        with closing(WriterClient(writer.path, observer=observed)) as other:
            for person in (ALICE, BOB):
                assert one.take_and_wait("registerSigningKey", person.registration()).status == "SUCCESS"
            writer.open.clear()
            writer.reached.clear()
            first, theirs, ours = Asking(other), Asking(other), Asking(one)
            first.put(*follow(BOB, clock))
            assert writer.reached.wait(DEADLINE_S)
            for later in range(5):
                ours.put(*follow(ALICE, clock, later, ("follow", "unfollow")[later % 2]))
            theirs.put(*follow(BOB, clock, 1, "unfollow"))
            writer.open.set()
            assert {*first.outcomes(), *theirs.outcomes(), *ours.outcomes()} == {"SUCCESS"}
            assert observed.waiting == 0
    assert sum(writer.sizes) == sum(observed.commits) == 9
    assert writer.sizes[:3] == [1, 1, 1]
    assert max(writer.sizes) > 1
    assert max(handed) > 1
    assert check_projections(database) == 7


def test_it_gives_signs_of_life(writer: Serving) -> None:
    with closing(WriterClient(writer.path)) as client:
        client.take_and_wait("registerSigningKey", ALICE.registration())
    assert writer.beats > 0


def test_one_more_than_may_wait_is_refused_and_sending_never_waits(writer: Serving, clock: Ticker) -> None:
    """However much is sent: it waits here, and not for room in a socket that nobody reads just now."""
    observed = Observed()
    with closing(WriterClient(writer.path, observer=observed)) as client:
        client.take_and_wait("registerSigningKey", ALICE.registration())
        asking = Asking(client)
        writer.open.clear()

        def fill() -> None:
            with suppress(Busy):
                while True:
                    mutation, fields = follow(ALICE, clock, len(asking.answers))
                    asking.put(mutation, {**fields, "message": "x" * 8192})
            asking.answers.pop()

        fill()
        assert len(asking.answers) == 1024
        assert observed.waiting > 900
        writer.reached.clear()
        writer.step.release()  # the first alone; then what is sent next has nobody who reads it
        asking.answers[0].result(DEADLINE_S)
        assert writer.reached.wait(DEADLINE_S)
        later = threading.Thread(target=fill, daemon=True)
        later.start()
        later.join(DEADLINE_S)
        assert not later.is_alive()
        with pytest.raises(Busy):
            client.take_and_wait(*follow(ALICE, clock))
        writer.open.set()
        assert set(asking.outcomes()) == {"INVALID_MESSAGE"}
        assert observed.waiting == 0


def test_closing_waits_for_all_answers_and_takes_no_more(
    writer: Serving, database: Database, clock: Ticker
) -> None:
    client = WriterClient(writer.path)
    client.take_and_wait("registerSigningKey", ALICE.registration())
    writer.open.clear()
    asking = Asking(client)
    for later in range(4):
        asking.put(*follow(ALICE, clock, later, ("follow", "unfollow")[later % 2]))
    closing = threading.Thread(target=client.close)
    closing.start()
    while not client._closed:
        threading.Event().wait(0.001)
    with pytest.raises(Busy):
        client.take_and_wait(*follow(ALICE, clock))
    assert closing.is_alive()
    writer.open.set()
    closing.join(DEADLINE_S)
    assert not closing.is_alive()
    assert asking.outcomes() == ["SUCCESS"] * 4
    assert check_projections(database) == 4
    client.close()


def test_it_ends_when_nobody_is_left(writer: Serving, clock: Ticker) -> None:
    """Whoever is connected is answered to the end, after nobody else can connect."""
    with closing(WriterClient(writer.path)) as client:
        client.take_and_wait("registerSigningKey", ALICE.registration())
        writer.stop()
        assert client.take_and_wait(*follow(ALICE, clock)).status == "SUCCESS"
        assert writer.thread.is_alive()
    assert writer.ended()


def test_a_process_that_dies_takes_nobody_along(writer: Serving, clock: Ticker) -> None:
    with socket.socket(socket.AF_UNIX) as dying, closing(WriterClient(writer.path)) as client:
        client.take_and_wait("registerSigningKey", ALICE.registration())
        dying.connect(writer.path)
        sent = pickle.dumps((1, *follow(ALICE, clock)))
        connection = Connection(os.dup(dying.fileno()))
        writer.open.clear()
        writer.reached.clear()
        connection.send_bytes(sent)
        assert writer.reached.wait(DEADLINE_S)
        connection.close()
        dying.close()  # before it is answered
        writer.open.set()
        assert client.take_and_wait(*follow(ALICE, clock)).status == "ALREADY_DONE"


@pytest.mark.parametrize(("failure", "expected"), [(FULL, DatabaseUnavailable), (BROKEN, OutcomeUnknown)])
def test_t60_a_commit_that_fails_is_told_across_the_socket(
    failure: Failure, expected: type[Exception], *, database: Database, clock: Ticker, path: str
) -> None:
    """And who writes to a file ends where it is not known what was kept, when that is answered."""
    failing = Database.open(database.url)
    disk = FailingCommits(failing)
    disk.failure = failure
    with ExitStack() as ends:
        ends.enter_context(closing(failing))
        writer = ends.enter_context(closing(Serving(failing, clock, path=path)))
        client = ends.enter_context(closing(WriterClient(path)))
        if isinstance(failing, SqliteDatabase):
            failing._commit_failed = writer.failed.set
        client.take_and_wait("registerSigningKey", ALICE.registration())
        disk.armed = True
        with pytest.raises(expected, match=failure.told):
            client.take_and_wait(*follow(ALICE, clock))
        disk.armed = False
        if expected is OutcomeUnknown and isinstance(failing, SqliteDatabase):
            assert writer.ended()
        else:
            assert client.take_and_wait(*follow(ALICE, clock)).status == "SUCCESS"


def test_t61_what_came_while_the_database_failed_hears_so_at_once(
    writer: Serving, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch would wait as long for the same lock; what came after is tried again."""
    tried: list[int] = []

    def failing(submissions: Sequence[AnySubmission]) -> object:
        tried.append(len(submissions))
        raise DatabaseUnavailable("SQLITE_BUSY")

    with ExitStack() as ends:
        clients = [ends.enter_context(closing(WriterClient(writer.path))) for _ in range(3)]
        for client in clients:
            client.take_and_wait("registerSigningKey", ALICE.registration())
        monkeypatch.setattr(writer.log, "_written", failing)
        writer.open.clear()
        writer.reached.clear()
        asking = [Asking(client) for client in clients]
        asking[0].put(*follow(ALICE, clock))
        assert writer.reached.wait(DEADLINE_S)
        for each in asking[1:]:
            each.put(*follow(ALICE, clock))
            each.put("follow", {**follow(ALICE, clock)[1], "address": "0x0"})
        asking[0].put(*follow(ALICE, clock))
        writer.open.set()
        assert asking[0].outcomes() == ["DatabaseUnavailable"] * 2
        for each in asking[1:]:
            assert each.outcomes()[0] == "DatabaseUnavailable"
            assert each.outcomes()[1] == "INVALID_ADDRESS"
        assert tried == [1]
        monkeypatch.undo()
        assert clients[0].take_and_wait(*follow(ALICE, clock)).status == "SUCCESS"


@pytest.fixture(autouse=True)
def _migrated(database: Database) -> None:
    """Each test's file has its tables."""


def test_what_nobody_expected_is_an_error_for_one_alone(
    writer: Serving, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Transaction.take

    def stumbling(transaction: Transaction, sent: Sequence[AnySubmission]) -> object:
        if any(isinstance(each, Submission) and each.address is not None for each in sent):
            raise ZeroDivisionError("so")
        return take(transaction, sent)

    with closing(WriterClient(writer.path)) as client:
        monkeypatch.setattr(Transaction, "take", stumbling)
        with pytest.raises(RuntimeError, match=r"ZeroDivisionError\('so'\)"):
            client.take_and_wait(*follow(ALICE, clock))
        assert client.take_and_wait("registerSigningKey", ALICE.registration()).status == "SUCCESS"


# --- a writer that is lost ----------------------------------------------------------------------------------


class Careless:
    """Listens as a writer does, and does with each connection what a test says."""

    def __init__(self, path: str, *doings: Callable[[Connection], None]) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen()
        self._thread = threading.Thread(target=self._run, args=(doings,), daemon=True)
        self._thread.start()

    def _run(self, doings: tuple[Callable[[Connection], None], ...]) -> None:
        for do in doings:
            accepted, _ = self._listener.accept()
            with Connection(accepted.detach()) as connection:
                do(connection)

    def close(self) -> None:
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()
        self._listener.close()


def succeeding(connection: Connection) -> None:
    """Answer each request with SUCCESS, until goodbye."""
    while frame := connection.recv_bytes():
        answers = [(number, ("SUCCESS", 7)) for number, _, _ in _requests(frame)]
        connection.send_bytes(pickle.dumps((answers, [])))


class Counting:
    """A writer that answers a frame when it may, and knows how many requests each had."""

    def __init__(self, path: str) -> None:
        self.frames: list[int] = []
        self.taken, self.answer = threading.Semaphore(0), threading.Semaphore(0)
        self._waiting: queue.Queue[list[int]] = queue.Queue()
        self._careless = Careless(path, self._serve)
        self.close = self._careless.close

    def _serve(self, connection: Connection) -> None:
        threading.Thread(target=self._take, args=(connection,), daemon=True).start()
        while numbers := self._waiting.get():
            assert self.answer.acquire(timeout=DEADLINE_S)
            answers = [(number, ("SUCCESS", 7)) for number in numbers]
            connection.send_bytes(pickle.dumps((answers, [])))

    def _take(self, connection: Connection) -> None:
        while frame := connection.recv_bytes():
            numbers = [number for number, *_ in _requests(frame)]
            self.frames.append(len(numbers))
            self._waiting.put(numbers)
            self.taken.release()
        self._waiting.put([])


def test_a_second_frame_is_sent_once_it_is_as_large_as_the_first(path: str, clock: Ticker) -> None:
    """So that batches grow with what waits, and the writer has the next at hand."""
    with closing(Counting(path)) as writer, closing(WriterClient(path)) as client:
        asking = Asking(client)
        put = partial(asking.put_follows, clock)
        put(1)
        assert writer.taken.acquire(timeout=DEADLINE_S)
        put(6)  # of which the first is as many as are under way
        assert writer.taken.acquire(timeout=DEADLINE_S)
        assert writer.frames == [1, 1]
        writer.answer.release()
        assert writer.taken.acquire(timeout=DEADLINE_S)
        writer.answer.release()
        asking.answers[1].result(DEADLINE_S)
        put(4)  # beside five that are under way
        assert writer.frames == [1, 1, 5]
        put(1)
        assert writer.taken.acquire(timeout=DEADLINE_S)
        assert writer.frames == [1, 1, 5, 5]
        writer.answer.release(2)
        assert set(asking.outcomes()) == {"SUCCESS"}


@pytest.mark.parametrize(("gathers_s", "frames"), [(DEADLINE_S, [1, 1, 2, 2]), (0.05, [1, 1, 2, 1])])
def test_a_frame_waits_a_moment_to_become_as_large_as_the_last(
    gathers_s: float, frames: list[int], path: str, clock: Ticker
) -> None:
    """Where batches cost much: as long as others may come, and no longer."""
    with closing(Counting(path)) as writer, closing(WriterClient(path, gathers_s=gathers_s)) as client:
        asking = Asking(client)
        put = partial(asking.put_follows, clock)
        put(1)
        assert writer.taken.acquire(timeout=DEADLINE_S)
        put(3)
        writer.answer.release(3)
        asking.answers[-1].result(DEADLINE_S)
        for _ in range(2):
            assert writer.taken.acquire(timeout=DEADLINE_S)
        put(1)
        if gathers_s == DEADLINE_S:
            assert not writer.taken.acquire(timeout=0.1)
            put(1)
        assert writer.taken.acquire(timeout=DEADLINE_S)
        assert writer.frames == frames
        writer.answer.release()
        assert set(asking.outcomes()) == {"SUCCESS"}


def test_what_was_sent_to_a_writer_that_dies_is_unknown_and_what_was_not_goes_to_the_next(
    path: str, clock: Ticker
) -> None:
    sent = threading.Event()

    def dying(connection: Connection) -> None:
        for _ in range(2):
            connection.recv_bytes()
        assert sent.wait(DEADLINE_S)

    with closing(Careless(path, dying, succeeding)), closing(WriterClient(path)) as client:
        asking = Asking(client)
        for later in range(3):
            asking.put(*follow(ALICE, clock, later))
            while client._connection is None:
                threading.Event().wait(0.001)
        sent.set()
        assert asking.outcomes() == ["OutcomeUnknown", "OutcomeUnknown", "SUCCESS"]
        assert client.take_and_wait(*follow(ALICE, clock)) == Decided("SUCCESS", 7)


def test_a_writer_that_never_answers_is_given_up(
    path: str, clock: Ticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not one that has nothing to answer."""
    monkeypatch.setattr(writers, "STALLED_S", 0.5)
    given_up = threading.Event()

    def silent(connection: Connection) -> None:
        connection.recv_bytes()
        assert given_up.wait(DEADLINE_S)

    with closing(Careless(path, silent, succeeding)), closing(WriterClient(path)) as client:
        with pytest.raises(OutcomeUnknown, match="no answer within"):
            client.take_and_wait(*follow(ALICE, clock))
        given_up.set()
        for _ in range(2):
            assert client.take_and_wait(*follow(ALICE, clock)).status == "SUCCESS"
            threading.Event().wait(0.7)  # it has nothing to say


def test_where_nobody_listens_nothing_was_changed(path: str, database: Database, clock: Ticker) -> None:
    client = WriterClient(path)
    with pytest.raises(DatabaseUnavailable, match="WRITER_LOST") as failure:
        client.take_and_wait("registerSigningKey", ALICE.registration())
    assert not isinstance(failure.value, OutcomeUnknown)
    with closing(Serving(database, clock, path=path)), closing(client):
        assert client.take_and_wait("registerSigningKey", ALICE.registration()).status == "SUCCESS"


def test_answers_that_nobody_takes_do_not_stop_the_client(
    writer: Serving, clock: Ticker, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(_: Answers) -> None:
        raise RuntimeError("Event loop is closed")

    with ExitStack() as ends:
        client = ends.enter_context(closing(WriterClient(writer.path)))
        client.take_and_wait("registerSigningKey", ALICE.registration())
        client.deliver = gone
        client.take(*follow(ALICE, clock), lambda _: pytest.fail("answered"))
        assert client.take_and_wait(*follow(ALICE, clock, 1)).status == "ALREADY_DONE"
    assert "answers that nobody took" in caplog.text
