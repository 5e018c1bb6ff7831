"""Folders of one run among the system's temporary files: they go when it ends, or when the next one starts.

A server that is killed (`kill -9`) cannot take its own away. So each is locked for as long as there is a
process that uses it, and whoever starts takes away those of the same kind that nobody has locked.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

LOCK = "lock"
"""Held for as long as there is a process that uses the folder; there only while it was locked at first."""


@contextmanager
def own_folder(prefix: str) -> Iterator[str]:
    """Have a folder for the length of a `with` block; `prefix` is what the names of its kind begin with."""
    _sweep(prefix)
    with TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder, _locked(Path(folder)):
        yield folder


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which is locked before it has its name: nobody ever finds one that is not."""
    with (folder / "new").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        (folder / "new").rename(folder / LOCK)
        yield


def _sweep(prefix: str) -> None:
    """Take away the folders of those that were killed."""
    for lock in Path(gettempdir()).glob(f"{prefix}*/{LOCK}"):
        # Somebody else's cannot be opened; one that is in use cannot be locked.
        with suppress(OSError), lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
