"""Figures of all rounds, their medians, their ratios to the limits, and what is promised of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass

from bench.load import Sample
from bench.statistics import median


@dataclass(frozen=True, slots=True)
class Limits:
    """The machine's limits in one round.

    Attributes:
        verifications: V: raw P-256 verifications a second, on all cores together.
        verification_ms: What one of them takes on its core.
        commits: R: raw durable commits of one row, a second.
        commit_ms: What the median one of them takes.
        rows_by_16: Rows a second, where a commit has sixteen.
        rows_by_64: Rows a second, where a commit has sixty-four.
    """

    verifications: float
    verification_ms: float
    commits: float
    commit_ms: float
    rows_by_16: float
    rows_by_64: float

    @classmethod
    def median(cls, found: Sequence["Limits"]) -> "Limits":
        """Give the median of each; where other programs take the machine for a moment, the others tell."""
        return cls(*(median(values) for values in zip(*map(astuple, found), strict=True)))


@dataclass(frozen=True, slots=True)
class Round:
    """What was measured one after the other.

    Attributes:
        limits: At the beginning.
        samples: By name.
    """

    limits: Limits
    samples: Mapping[str, Sample]


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that was measured in every round: medians, and medians of each round's own ratios.

    Attributes:
        name: What.
        sample: The median of each of its numbers.
        of_v: Rate by V.
        of_r: Rate by R.
        of_empty: Rate by that of an empty POST to the same server over as many connections; None: there is
            none.
    """

    name: str
    sample: Sample
    of_v: float
    of_r: float
    of_empty: float | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised of a round.

    Attributes:
        text: In words.
        reached: How much of it a round reached: 1 and more keeps it. None where it was not measured.
    """

    text: str
    reached: Callable[[Round], float | None]


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether a promise was kept: the median of what the rounds reached; None where it was not measured."""

    text: str
    reached: float | None

    @property
    def verdict(self) -> str:
        """One word."""
        return "not measured" if self.reached is None else "kept" if self.reached >= 1 else "MISSED"


def figure(name: str, rounds: Sequence[Round], empty: str | None) -> Figure:
    """Sum up what was measured under a name, in every round.

    Args:
        name: The sample's.
        rounds: All of them.
        empty: The name of the empty POST to hold it against, if any.
    """

    def middle(number: Callable[[Round], float]) -> float:
        return median([number(each) for each in rounds])

    def rate(each: Round) -> float:
        return each.samples[name].rate

    return Figure(
        name=name,
        sample=Sample(
            rate=middle(rate),
            p50_ms=middle(lambda each: each.samples[name].p50_ms),
            p99_ms=middle(lambda each: each.samples[name].p99_ms),
            generator=middle(lambda each: each.samples[name].generator),
            server=middle(lambda each: each.samples[name].server),
        ),
        of_v=middle(lambda each: rate(each) / each.limits.verifications),
        of_r=middle(lambda each: rate(each) / each.limits.commits),
        of_empty=None if empty is None else middle(lambda each: rate(each) / each.samples[empty].rate),
    )


def kept(promise: Promise, rounds: Sequence[Round]) -> Kept:
    """Hold a promise against every round."""
    reached = [value for each in rounds if (value := promise.reached(each)) is not None]
    return Kept(promise.text, median(reached) if reached else None)
