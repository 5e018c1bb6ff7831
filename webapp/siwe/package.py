"""The `siwe` package, imported when it is needed: it takes 0.8 s, as long as all the rest together."""

import warnings
from functools import cache
from types import ModuleType


@cache
def siwe_package() -> ModuleType:
    """Return the package; the first call imports it.

    A server process calls this once, soon after its start, so that few sign-ins wait for it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its grammar defines some rules twice, and says so at every import
        import siwe  # type: ignore[import-untyped]  # noqa: PLC0415 (the package carries no types)
    module: ModuleType = siwe
    return module
