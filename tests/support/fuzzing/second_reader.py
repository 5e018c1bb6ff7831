"""The page's own code and its engine, as a second opinion on what the server reads."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from tests.support.places import node

Question: TypeAlias = tuple[str, ...]
"""What is asked, and the texts it is asked about; `reader.ts` has the kinds."""


class SecondReader:
    """A Node process that answers questions, a line of them at a time."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def ask(self, questions: Sequence[Question]) -> list[Any]:
        """Give an answer for each question."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(questions).encode() + b"\n")
        self._process.stdin.flush()
        answers: list[Any] = json.loads(self._process.stdout.readline())
        assert len(answers) == len(questions)
        return answers


@contextmanager
def second_reader() -> Iterator[SecondReader]:
    """Start the process; it ends with its input."""
    with subprocess.Popen(
        [node(), str(Path(__file__).with_name("reader.ts"))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield SecondReader(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 0
