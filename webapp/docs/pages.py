"""What a page of the documentation is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading.

    Attributes:
        title: The heading; empty for what comes before the first.
        level: 2 or more; 1 before the first heading.
        anchor: The fragment that leads here; empty before the first heading.
        text: The words, without markup.
    """

    title: str
    level: int
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        name: Its file below `docs/`, without the ending; empty for the index.
        title: Its first heading.
        lead: Its first paragraph, as text: what it is about.
        html: What comes after its title.
        sections: The same as text, in order.
        source: Its Markdown.
    """

    name: str
    title: str
    lead: str
    html: str
    sections: tuple[Section, ...]
    source: str

    @property
    def path(self) -> str:
        """Where the site serves it."""
        return f"/docs/{self.name}" if self.name else "/docs"

    @property
    def chapters(self) -> tuple[Section, ...]:
        """The sections that a table of contents has."""
        return tuple(section for section in self.sections if section.level == 2)  # noqa: PLR2004 (as in h2)
