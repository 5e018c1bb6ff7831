"""The collector of garbage, told what a server process is made of."""

import gc

YOUNG = 10_000
"""How many new objects it lets pass: as many as the requests of a moment hold, none of them garbage yet."""


def settle() -> None:
    """Have it look no more at what is here now, which stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
