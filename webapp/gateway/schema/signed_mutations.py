"""The mutations that a device or a wallet signs, and that the writer decides."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from webapp.gateway.batches import Answered
from webapp.gateway.log.sent import READERS, REGISTER, Decided, Fields, Log
from webapp.gateway.schema.objects import Info


@dataclass(frozen=True, slots=True)
class SignedMutation:
    """A resolver that waits for the writer; whoever need not hold a thread meanwhile asks it to begin.

    Attributes:
        log: Decides.
        name: The mutation's.
        told: Told every status that was decided.
    """

    log: Log
    name: str
    told: Callable[[str], None]

    def __call__(self, _root: None, _info: Info, *, input: Fields) -> Decided:  # noqa: A002 (the SDL's name)
        """Decide, and wait for that; raises what `Log.take_and_wait` raises."""
        decision = self.log.take_and_wait(self.name, input)
        self.told(decision.status)
        return decision

    def begin(self, given: Fields, answered: Answered) -> None:
        """Decide without waiting, as `Log.take` has it."""

        def tell(outcome: Decided | Exception) -> None:
            if not isinstance(outcome, Exception):
                self.told(outcome.status)
            answered(outcome)

        self.log.take(self.name, given, tell)


def signed_mutations(log: Log, decided: Callable[[str, str], None]) -> dict[str, SignedMutation]:
    """Resolvers by the mutation's name; registrations are not among them, for a contract may be asked first.

    Args:
        log: Decides.
        decided: Told the name of every mutation that was decided, and its status.
    """
    names = READERS.keys() - {REGISTER}
    return {name: SignedMutation(log, name, partial(decided, name)) for name in names}
