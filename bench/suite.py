"""What is measured, and in which order."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from bench.checks import LogCheck, check_log
from bench.data import Graph, build
from bench.figures import Limits, Round
from bench.limits import CORES, commits, verifications
from bench.load import Generator, Sample, find_compiler
from bench.names import (
    EMPTY,
    FEW,
    FEW_THERE,
    GATEWAY,
    INSERT,
    MANY,
    MANY_THERE,
    PGBENCH,
    POSTGRESQL,
    REGISTER,
    RUN,
    SIGN_IN,
    SITE,
    TWO_GATEWAYS,
    WRITE,
    named,
)
from bench.people import writer
from bench.postgresql import Postgresql
from bench.reading import READS, reading
from bench.servers import MeasuredServer, Several, serving
from bench.visiting import CONNECTIONS as VISITORS
from bench.visiting import Registering, sign_in
from bench.writing import Writing, to_gateway, to_site

WRITERS = {1: 64, 16: 256, 64: 512}
"""Over so many connections so many people write to `/graphql`: nobody spends a quota."""
HANDLES = 16
"""How many handles each of them follows."""
SITE_WRITERS = {1: 12, 16: 32, 64: 64}
"""The same for the site's own endpoint, where each has to be signed in."""
SITE_HANDLES = 128
OF_ONE_ADDRESS = 1_100
"""What the site takes of one address in a minute, or nearly so. Each connection of each span has its own."""
READERS = 16
FILLED = "filled"
"""PostgreSQL's database with few edges, which nobody uses, and others are copies of."""
STARTS = 3
WARM_UP_S = 0.5

Measure = Callable[[float], Sample]
Tools = tuple[Generator, Executor]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        rounds: How often everything is.
        seconds: How long each figure takes in a round.
        edges: Of the smaller graph.
        many_edges: Of the larger one; 0: there is none.
        people: How many register, and sign in, in a round.
        commit_delay: Microseconds that PostgreSQL waits in each commit, as for a slower disk.
        only: A regular expression: a figure is measured if its name has that in it.
    """

    rounds: int = 5
    seconds: float = 1.5
    edges: int = 10_000
    many_edges: int = 1_000_000
    people: int = 300
    commit_delay: int = 0
    only: str = ""

    def has(self, name: str) -> bool:
        """Whether a figure of this name is measured."""
        return re.search(self.only, name) is not None


@dataclass(slots=True)
class Results:
    """All that was measured.

    Attributes:
        rounds: One after the other.
        starts_s: What starts of `countersign gateway` took to the first answer, on a database that is there.
        resident_mb: The largest process of each server, after all rounds.
        logs: What became of acknowledged operations, by server.
    """

    rounds: list[Round] = field(default_factory=list)
    starts_s: list[float] = field(default_factory=list)
    resident_mb: dict[str, float] = field(default_factory=dict)
    logs: dict[str, LogCheck] = field(default_factory=dict)


def measure(plan: Plan, folder: Path, say: Callable[[str], None]) -> Results:
    """Measure everything.

    Args:
        plan: How much.
        folder: An empty one in the file system in question; whoever gave it removes it.
        say: Told what is going on.
    """
    results = Results()
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        tools = Generator(folder, compiler=find_compiler()), pool
        say(f"making a graph of {plan.edges:,} edges")
        site_writers = sum(SITE_WRITERS.values())
        few = build(folder / "few.sqlite3", plan.edges, sum(WRITERS.values()) + site_writers, pool)
        for number in range(STARTS):
            with serving(folder, f"start-{number}", "gateway", few) as server:
                results.starts_s.append(server.start_s)
        with ExitStack() as stack:
            places = _Places(plan, folder, few, pool=pool, say=say, stack=stack)
            gateway, run = places.serve("gateway", few), places.serve("run", few, command="run")
            written_to: dict[str, MeasuredServer | Several] = {
                GATEWAY: gateway,
                RUN: run,
                **places.on_postgresql(),
            }
            writings, steps = _writes(written_to, run, tools)
            steps |= _visits(run, gateway, plan, tools)
            steps |= places.inserts()
            read_from = places.read_from()
            steps |= {
                named(of, read, READERS): reading(tools[0], server, graph, read, READERS)
                for read in READS
                for of, (server, graph) in read_from.items()
            }
            steps = {name: step for name, step in steps.items() if plan.has(name)}
            say("warming up")
            for step in steps.values():
                step(min(WARM_UP_S, plan.seconds))
            for number in range(plan.rounds):
                say(f"round {number + 1} of {plan.rounds}")
                results.rounds.append(
                    _round(plan.seconds, steps, lambda seconds: _limits(folder, pool, seconds))
                )
            results.resident_mb = {each.name: each.resident_mb() for each in places.servers}
            places.stop()
            say("looking for what was acknowledged")
            for where, written in written_to.items():
                of_this = [each for each in writings if each.server is written and each.acknowledged]
                if of_this:
                    results.logs[where] = check_log(
                        written.database_url,
                        [digest for writing in of_this for digest in writing.acknowledged],
                        [writer(next(iter(writing.acknowledged.values()))) for writing in of_this],
                        folder,
                    )
    return results


class _Places:
    """The servers that a plan needs, each on a database of its own."""

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        few: Graph,
        *,
        pool: Executor,
        say: Callable[[str], None],
        stack: ExitStack,
    ) -> None:
        self.servers: list[MeasuredServer] = []
        self._plan, self._folder, self._few, self._pool, self._say = plan, folder, few, pool, say
        self._stack, self._running = stack, stack.enter_context(ExitStack())
        self._postgresql: Postgresql | None = None
        self._filled: str | None = None

    def serve(
        self, name: str, graph: Graph, *, command: str = "gateway", url: str | None = None
    ) -> MeasuredServer:
        """Start a server on a copy of a graph, or on the database at a URL."""
        server = self._running.enter_context(serving(self._folder, name, command, graph, url))
        self.servers.append(server)
        return server

    def stop(self) -> None:
        """Stop all of them; their databases stay."""
        self._running.close()

    def on_postgresql(self) -> dict[str, MeasuredServer | Several]:
        """Start those that are written to on PostgreSQL: one alone, and two on one database."""
        wanted = [
            named(where, WRITE, connections)
            for where in (POSTGRESQL, TWO_GATEWAYS)
            for connections in WRITERS
        ]
        if not any(map(self._plan.has, wanted)):
            return {}
        there = self._there()
        one, two = there.copied("one", FILLED), there.copied("two", FILLED)
        both = [self.serve(name, self._few, url=two) for name in ("first", "second")]
        return {
            POSTGRESQL: self.serve("postgresql", self._few, url=one),
            TWO_GATEWAYS: Several(TWO_GATEWAYS, both),
        }

    def inserts(self) -> dict[str, Measure]:
        """Prepare what PostgreSQL does by itself."""
        name = named(PGBENCH, INSERT, 1)
        return {name: self._there().inserts(FILLED)} if self._plan.has(name) else {}

    def read_from(self) -> dict[str, tuple[MeasuredServer, Graph]]:
        """Start those that are read from: with few edges and with many, on SQLite and on PostgreSQL."""
        graphs = {FEW: self._few}
        found = {}
        for of in (FEW, MANY, FEW_THERE, MANY_THERE):
            large, there = of in {MANY, MANY_THERE}, of in {FEW_THERE, MANY_THERE}
            if not any(self._plan.has(named(of, read, READERS)) for read in READS) or (
                large and not self._plan.many_edges
            ):
                continue
            if large and MANY not in graphs:
                self._say(f"making a graph of {self._plan.many_edges:,} edges")
                graphs[MANY] = build(self._folder / "many.sqlite3", self._plan.many_edges, 0, self._pool)
            graph, url = graphs[MANY if large else FEW], None
            if there:
                if large:
                    self._say("moving it to PostgreSQL")
                url = self._there().filled("many", graph) if large else self._there().copied("few", FILLED)
            found[of] = self.serve(of.replace(" ", "-"), graph, url=url), graph
        return found

    def _there(self) -> Postgresql:
        if self._postgresql is None:
            self._postgresql = self._stack.enter_context(Postgresql(self._plan.commit_delay))
            self._postgresql.filled(FILLED, self._few)
        return self._postgresql


def _round(seconds: float, steps: dict[str, Measure], limits: Callable[[float], Limits]) -> Round:
    """Measure everything once: the limits before each of the gateway's writes, or else at the start."""
    before = [named(GATEWAY, WRITE, connections) for connections in WRITERS]
    found, samples = [] if steps.keys() & set(before) else [limits(seconds / 2)], {}
    for name, step in steps.items():
        if name in before:
            found.append(limits(seconds / 3))
        samples[name] = step(seconds)
    return Round(Limits.median(found), samples)


def _limits(folder: Path, pool: Executor, seconds: float) -> Limits:
    verified = verifications(pool, seconds)
    one, commit_s = commits(folder, 1, seconds)
    return Limits(
        verifications=verified,
        verification_ms=1000 * CORES / verified,
        commits=one,
        commit_ms=1000 * commit_s,
        rows_by_16=commits(folder, 16, seconds)[0],
        rows_by_64=commits(folder, 64, seconds)[0],
    )


def _writes(
    written_to: Mapping[str, MeasuredServer | Several], run: MeasuredServer, tools: Tools
) -> tuple[list[Writing], dict[str, Measure]]:
    """Prepare follows and unfollows; what is held against each other is measured one after the other."""
    signed_in = range(sum(WRITERS.values()), sum(WRITERS.values()) + sum(SITE_WRITERS.values()))
    sessions = sign_in(tools[0], run, signed_in)[1]
    writings: list[Writing] = []
    steps: dict[str, Measure] = {}
    first, first_signed_in = 0, signed_in.start
    for connections, people in WRITERS.items():
        writers = range(first, first + people)
        first += people
        for of, server in written_to.items():
            writing = Writing(server, to_gateway(server.port), _shared(writers, connections), HANDLES, tools)
            writings.append(writing)
            if isinstance(server, MeasuredServer):
                steps[named(of, EMPTY, connections)] = reading(tools[0], server, None, EMPTY, connections)
            steps[named(of, WRITE, connections)] = writing.measure
        writers = range(first_signed_in, first_signed_in + SITE_WRITERS[connections])
        first_signed_in = writers.stop
        request, lanes = to_site(run.port, sessions), _shared(writers, connections)
        writings.append(Writing(run, request, lanes, SITE_HANDLES, tools, most=OF_ONE_ADDRESS))
        steps[named(SITE, WRITE, connections)] = writings[-1].measure
    return writings, steps


def _shared(writers: range, connections: int) -> list[range]:
    return [writers[lane::connections] for lane in range(connections)]


def _visits(run: MeasuredServer, gateway: MeasuredServer, plan: Plan, tools: Tools) -> dict[str, Measure]:
    everybody = range(10_000, 10_000 + plan.people * (plan.rounds + 1))
    registering = Registering(gateway, everybody, tools)
    visitors = range(20_000, 20_000 + plan.people)
    return {
        named(GATEWAY, REGISTER, VISITORS): lambda _: registering.measure(plan.people),
        named(SITE, SIGN_IN, VISITORS): lambda _: sign_in(tools[0], run, visitors)[0],
    }
