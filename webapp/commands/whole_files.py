"""Writing a file whole or not at all, and never in the place of what is no plain file."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_THERE = os.O_WRONLY | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


@dataclass(slots=True)
class Output:
    """A file that is being written; it is put in its place when its block ends, if `kept` is set."""

    file: BinaryIO
    kept: bool = False


@dataclass(slots=True)
class NewFile:
    """A file that is being made, in a folder that nobody else can enter; see `Output`."""

    path: Path
    kept: bool = False


@contextmanager
def output_to(name: str) -> Iterator[Output]:
    """Write to a name: a plain file is replaced as a whole, a pipe or a device is written through.

    A plain file is written under a name that nobody can guess, in the same folder, and then renamed: whatever
    bears the name is complete. A link to a plain file is refused, for it would be replaced, or lead elsewhere
    than was meant; a link to a pipe or a device, such as /dev/stdout, is followed.

    Raises `OSError` where it cannot be written, and `ValueError` for what is no name of a file.
    """
    target = Path(name)
    try:
        there = target.stat().st_mode
    except FileNotFoundError:
        there = None
    if there is None or stat.S_ISREG(there):
        if target.is_symlink():
            raise OSError("it is a link to a plain file, or to none: name the file itself")
        with _replaced(target) as output:
            yield output
        return
    if not (stat.S_ISFIFO(there) or stat.S_ISCHR(there)):
        raise OSError("it is neither a plain file nor a pipe or a character device")
    with os.fdopen(os.open(target, _THERE), "wb") as through:
        if stat.S_ISREG(os.fstat(through.fileno()).st_mode):
            raise OSError("it has become a plain file")
        yield Output(through)


@contextmanager
def new_file(name: str) -> Iterator[NewFile]:
    """Make a file, in whatever way it is written, that bears its name once it is complete and on the disk.

    Raises `OSError` where something of that name is there, or comes to be there meanwhile, or it cannot be
    written, and `ValueError` for what is no name of a file.
    """
    target = Path(name)
    with suppress(FileNotFoundError):
        target.lstat()
        raise FileExistsError(errno.EEXIST, "it is there already, and is not overwritten")
    with TemporaryDirectory(prefix=".countersign-", suffix=".unfinished", dir=target.parent) as folder:
        new = NewFile(Path(folder, "unfinished"))
        yield new
        if new.kept:
            _flush(new.path)
            os.link(new.path, target)  # and no rename, which would overwrite
            _flush(target.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _replaced(target: Path) -> Iterator[Output]:
    unfinished = target.with_name(f".countersign-{secrets.token_hex(8)}.unfinished")
    descriptor = os.open(unfinished, _NEW, 0o666)  # the process's umask takes away from it
    try:
        with os.fdopen(descriptor, "wb") as file:
            output = Output(file)
            yield output
            file.flush()
            os.fsync(file.fileno())
        if output.kept:
            unfinished.replace(target)
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
