"""What is promised, each a share of a limit that is measured in the same round."""

from collections.abc import Callable

from bench.figures import Limits, Promise, Round
from bench.load import Sample
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
    RUN,
    SITE,
    TWO_GATEWAYS,
    WRITE,
    named,
)
from bench.reading import COUNT, DEEP, DEEP_PROOFS, FIRST, FIRST_PROOFS, IS_FOLLOWED

START_S = 1.0
RESIDENT_MB = 150.0
GENERATOR = 0.1
"""What the load generator may take of all cores, to be no part of what is measured."""


def _between(
    one: str, other: str, reached: Callable[[Sample, Sample], float]
) -> Callable[[Round], float | None]:
    def of(each: Round) -> float | None:
        if one not in each.samples or other not in each.samples:
            return None
        return reached(each.samples[one], each.samples[other])

    return of


def _share(one: str, other: str, least: float) -> Callable[[Round], float | None]:
    """Hold one rate against a share of another."""
    return _between(one, other, lambda a, b: a.rate / (least * b.rate))


def _written(connections: int, reached: Callable[[Sample, Limits], float]) -> Callable[[Round], float | None]:
    """Hold follows and unfollows through the gateway against the machine's limits."""
    name = named(GATEWAY, WRITE, connections)
    return lambda each: reached(each.samples[name], each.limits) if name in each.samples else None


def _by_limits(of_r: float, of_v: float) -> Callable[[Sample, Limits], float]:
    return lambda written, limits: written.rate / min(of_r * limits.commits, of_v * limits.verifications)


def _tail(written: Sample, _: Limits) -> float:
    return 5 * written.p50_ms / written.p99_ms


def _alone(written: Sample, limits: Limits) -> float:
    return 3 * (limits.commit_ms + limits.verification_ms) / written.p50_ms


PROMISES = (
    Promise("gateway, 16 connections: the smaller of 0.8 R and 0.09 V", _written(16, _by_limits(0.8, 0.09))),
    Promise("gateway, 64 connections: the smaller of 1.1 R and 0.13 V", _written(64, _by_limits(1.1, 0.13))),
    Promise("gateway, 16 connections: p99 at most 5 times p50", _written(16, _tail)),
    Promise("gateway, 1 connection: p50 at most 3 times a raw commit and verification", _written(1, _alone)),
    *(
        Promise(
            f"{where}, {connections} connections: {text} of the gateway's",
            _share(named(where, WRITE, connections), named(GATEWAY, WRITE, connections), least),
        )
        for where, text, least in ((RUN, "0.85", 0.85), (SITE, "a third", 1 / 3))
        for connections in (16, 64)
    ),
    *(
        Promise(f"{read}: 0.4 of an empty POST", _share(named(FEW, read, 16), named(FEW, EMPTY, 16), 0.4))
        for read in (IS_FOLLOWED, COUNT)
    ),
    *(
        Promise(
            f"{read}, many edges: at most 1.2 times what few take",
            _share(named(MANY, read, 16), named(FEW, read, 16), 1 / 1.2),
        )
        for read in (IS_FOLLOWED, COUNT, FIRST, DEEP, FIRST_PROOFS, DEEP_PROOFS)
    ),
    *(
        Promise(
            f"on PostgreSQL, {connections} connections: half of what SQLite reaches",
            _share(named(POSTGRESQL, WRITE, connections), named(GATEWAY, WRITE, connections), 0.5),
        )
        for connections in (16, 64)
    ),
    Promise(
        "on PostgreSQL, 16 connections: 1.2 times its own commits of one row over one",
        _share(named(POSTGRESQL, WRITE, 16), named(PGBENCH, INSERT, 1), 1.2),
    ),
    *(
        Promise(
            f"on PostgreSQL, {connections} connections: p99 at most 6 times p50",
            _between(
                named(POSTGRESQL, WRITE, connections),
                named(POSTGRESQL, WRITE, connections),
                lambda written, _: 6 * written.p50_ms / written.p99_ms,
            ),
        )
        for connections in (16, 64)
    ),
    *(
        Promise(
            f"two gateways on PostgreSQL, {connections} connections: 0.9 of one",
            _share(named(TWO_GATEWAYS, WRITE, connections), named(POSTGRESQL, WRITE, connections), 0.9),
        )
        for connections in (16, 64)
    ),
    *(
        Promise(
            f"{read} on PostgreSQL, many edges: at most 1.2 times what few take",
            _share(named(MANY_THERE, read, 16), named(FEW_THERE, read, 16), 1 / 1.2),
        )
        for read in (IS_FOLLOWED, COUNT, FIRST, DEEP, FIRST_PROOFS, DEEP_PROOFS)
    ),
)
