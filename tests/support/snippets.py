"""The blocks of code that the project's texts show."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt

from tests.support.places import ROOT
from webapp.docs.code import Fence

TEXTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))


@dataclass(frozen=True, slots=True)
class Snippet:
    """One block: the text that shows it, its line there, what is behind its three marks, its own lines."""

    text: str
    line: int
    fence: Fence
    code: str

    @property
    def first(self) -> str:
        return self.code.partition("\n")[0]

    def __str__(self) -> str:
        return f"{self.text}:{self.line}"


def snippets() -> Iterator[Snippet]:
    """Every block of every text, as a parser of Markdown finds them; indented ones are not ours to use."""
    for path in TEXTS:
        name = path.relative_to(ROOT).as_posix()
        for token in MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8")):
            if token.type in {"fence", "code_block"}:
                line = (token.map or [0])[0] + 1
                yield Snippet(name, line, Fence.read(token.info), token.content)


def words_of(script: str) -> Iterator[list[str]]:
    """The commands of a shell's text, roughly: each a list of words, without comments."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"(?:^|(?<=\s))#.*", "", script, flags=re.MULTILINE))
    for command in re.split(r"\n|&&|\|\||[|;()]", lines):
        if words := command.split():
            yield words
