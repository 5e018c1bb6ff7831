"""What a command raises when it cannot do what was asked."""


class CommandError(Exception):
    """Usage, settings or surroundings that cannot be used: the process says why and ends with exit code 2."""

    def __init__(self, why: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__(why, *faults)
        self.why = why
        self.faults = faults
