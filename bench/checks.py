"""What was acknowledged is in the log, and the log is whole."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from bench.data import countersign
from tests.support.people import Person
from webapp.gateway.tables import operations
from webapp.storage.database import Database


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


def check_log(url: str, acknowledged: list[str], writers: Sequence[Person], folder: Path) -> LogCheck:
    """Look for every acknowledged message, by its digest, and verify the log.

    Args:
        url: Of the database of a server that has stopped.
        acknowledged: SHA-256 of each message, in hex.
        writers: Some who wrote: their logs are exported, and every signature in them is verified.
        folder: Where logs are exported to.
    """
    with closing(Database.open(url)) as database, database.read() as connection:
        logged = set(connection.scalars(select(operations.c.digest)))
    checked = countersign("rebuild", "--check", url=url)
    verdicts = []
    for number, person in enumerate(writers):
        file = folder / f"log-{number}.jsonl"
        file.unlink(missing_ok=True)
        exported = countersign("export", person.address, "--output", str(file), url=url)
        verified = countersign("verify", str(file))
        if exported.returncode or verified.returncode:
            verdicts.append(exported.stderr + verified.stdout + verified.stderr)
    return LogCheck(
        acknowledged=len(acknowledged),
        lost=sum(digest not in logged for digest in acknowledged),
        chain=(checked.stdout + checked.stderr) if checked.returncode else "",
        signatures="\n".join(verdicts),
    )
