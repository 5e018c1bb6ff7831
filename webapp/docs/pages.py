"""What a page of the documentation is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading, or before the first."""

    title: str  # empty before the first heading
    level: int  # 2 or more; 1 before the first heading
    anchor: str  # the fragment that leads here; empty before the first heading
    text: str  # the words, without markup


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    name: str  # its file below `docs/`, without the ending; empty for the index
    title: str  # its first heading
    lead: str  # its first paragraph, as text: what it is about
    html: str  # what comes after its title
    sections: tuple[Section, ...]  # the same as text, in order
    source: str  # its Markdown

    @property
    def path(self) -> str:
        """Where the site serves it."""
        return f"/docs/{self.name}" if self.name else "/docs"

    @property
    def chapters(self) -> tuple[Section, ...]:
        """The sections that a table of contents has."""
        return tuple(section for section in self.sections if section.level == 2)  # noqa: PLR2004 (as in h2)
