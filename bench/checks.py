"""What was acknowledged is in the log, and the log is whole."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.data import command
from tests.support.people import Person


@dataclass(frozen=True, slots=True)
class LogCheck:
    """What came of looking for acknowledged operations in a log.

    Attributes:
        acknowledged: How many messages were answered SUCCESS.
        lost: How many of those are not in the log.
        chain: What `countersign rebuild --check` says, which reads every entry and its digest; empty where
            all is well.
        signatures: What `countersign verify` says of some writers' exported logs; empty where all is well.
    """

    acknowledged: int
    lost: int
    chain: str
    signatures: str

    @property
    def passed(self) -> bool:
        """Whether there is nothing to object to."""
        return not (self.lost or self.chain or self.signatures)


def check_log(database: Path, acknowledged: list[str], writers: Sequence[Person]) -> LogCheck:
    """Look for every acknowledged message, by its digest, and verify the log.

    Args:
        database: Of a server that has stopped.
        acknowledged: SHA-256 of each message, in hex.
        writers: Some who wrote: their logs are exported, and every signature in them is verified.
    """
    with closing(sqlite3.connect(database)) as connection:
        logged = {digest for (digest,) in connection.execute("SELECT digest FROM operations")}
    checked = command("rebuild", "--check", database=database)
    verdicts = []
    for number, person in enumerate(writers):
        file = database.with_name(f"log-{number}.jsonl")
        exported = command("export", person.address, "--output", str(file), database=database)
        verified = command("verify", str(file), database=database)
        if exported.returncode or verified.returncode:
            verdicts.append(exported.stderr + verified.stdout + verified.stderr)
    return LogCheck(
        acknowledged=len(acknowledged),
        lost=sum(digest not in logged for digest in acknowledged),
        chain=(checked.stdout + checked.stderr) if checked.returncode else "",
        signatures="\n".join(verdicts),
    )
