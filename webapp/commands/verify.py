"""`countersign verify FILE`: check proofs offline, with nothing but the file."""

import argparse
import json
import sys
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from webapp.commands.errors import CommandError
from webapp.commands.verdicts import as_json, as_lines
from webapp.protocol.proofs.proof_file import Unreadable, VerifiedFile, verify_file
from webapp.protocol.proofs.verdicts import ProofFailure

VALID, INVALID, UNREADABLE = 0, 1, 2

OPERATIONS = "operations.jsonl"
"""What can be proven of an archive that a site gives out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE",
        help=(
            "a proof or a whole reply as the API gives it, a list of proofs, what `countersign export` "
            "wrote, or an archive that was taken out of a site; - reads stdin"
        ),
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object, whatever comes")
    parser.epilog = (
        "Exit code: 0 valid; 1 invalid, with the step that failed, or not to be proven offline; 2 unreadable."
    )


def act(options: argparse.Namespace) -> int:
    """Say what the file proves (0), which check of which proof failed (1), or why it cannot be read (2).

    What only a chain could prove is 1 as well: whoever asks none must not take it for valid.
    """
    try:
        verdict = _verdict(options.file)
    except (OSError, ValueError) as error:  # a name can be none, too
        missing = f"a file to read; {options.file}: {getattr(error, 'strerror', None) or error}"
        if not options.json:
            raise CommandError(f"FILE: expected {missing}") from None
        verdict = Unreadable(0, "file", missing)
    for line in [json.dumps(as_json(verdict), ensure_ascii=True)] if options.json else as_lines(verdict):
        print(line)
    if isinstance(verdict, VerifiedFile):
        return VALID
    return INVALID if isinstance(verdict, ProofFailure) else UNREADABLE


def _verdict(name: str) -> VerifiedFile | ProofFailure | Unreadable:
    if name != "-":
        with Path(name).open("rb") as file:
            if zipfile.is_zipfile(file):
                return _verdict_of_archive(file)
            file.seek(0)
            return verify_file(file)
    if sys.stdin is None:
        raise OSError("stdin is closed")
    return verify_file(sys.stdin.buffer)


def _verdict_of_archive(file: BinaryIO) -> VerifiedFile | ProofFailure | Unreadable:
    """Verify the operations of an archive that a site gave out; what else it holds is named, unproven."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if OPERATIONS not in names:
                return Unreadable(0, "file", f"an archive with {OPERATIONS} in it")
            for name in names:
                if name != OPERATIONS:
                    print(f"Not checked: {name!r}: nothing proves it", file=sys.stderr)
            with archive.open(OPERATIONS) as member:
                return verify_file(cast("BinaryIO", member))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error) as error:
        return Unreadable(0, "file", f"a whole archive that is not encrypted ({error})")
