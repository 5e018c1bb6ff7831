"""Search over all pages: every word has to be found; what is called so comes before what only mentions it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from webapp.docs.pages import Page, Section

LONGEST_QUERY = 100
MOST_WORDS = 8
MOST_HITS = 30
_BEFORE, _AFTER = 60, 140
_IN_TITLE, _IN_HEADING, _IN_TEXT = 1000, 100, 10
_COUNTED = 5
_INSIDE_A_WORD = 0.2
_ASIDE = "decisions/"  # why, where most want to know how; and their titles are sentences, of many words
_ASIDE_WEIGHT = 0.1
_SHORT = 2  # letters: so little is found where words begin, and nowhere else
_MOST_FINDS = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an excerpt; `found` where it is what was searched for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where all words are found."""

    page: Page
    section: Section
    excerpt: tuple[Piece, ...]

    @property
    def path(self) -> str:
        """The address of the place."""
        return f"{self.page.path}#{self.section.anchor}" if self.section.anchor else self.page.path


@dataclass(frozen=True, slots=True)
class Results:
    """The best places, best first, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int


def search(pages: Iterable[Page], query: str) -> Results:
    """Find the places that have every word of the query; where they stand together as there, sooner."""
    texts = query[:LONGEST_QUERY].split()[:MOST_WORDS]
    words = [_Word(text) for text in texts]
    if not words:
        return Results((), 0)
    ranked = sorted(
        _ranked(pages, words, _Word(" ".join(texts))),
        key=lambda found: -found[0],  # and where that is equal, in the order of pages
    )
    pattern = "|".join(word.pattern for word in sorted(words, key=lambda word: -len(word.text)))
    any_word = re.compile(pattern, re.IGNORECASE)
    hits = (
        Hit(page, section, tuple(_excerpt(section.text, any_word))) for _, page, section in ranked[:MOST_HITS]
    )
    return Results(tuple(hits), len(ranked))


class _Word:
    """One word of a query, or all of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        at_start = rf"(?<![^\W_]){re.escape(text)}"  # after what is no letter: so it is in INVALID_SIGNATURE
        self.pattern = at_start if len(text) <= _SHORT else re.escape(text)
        self._lower = text.lower()
        self._at_start = re.compile(at_start, re.IGNORECASE)

    def weight(self, text: str) -> float:
        """How much a text is about the word; 0: it lacks it."""
        if self._lower not in text.lower():  # most texts end here, at a tenth of the price
            return 0
        if count := sum(1 for _ in islice(self._at_start.finditer(text), _COUNTED)):
            return 1 + count / _COUNTED
        return _INSIDE_A_WORD if len(self.text) > _SHORT else 0


def _ranked(
    pages: Iterable[Page], words: list[_Word], phrase: _Word
) -> Iterator[tuple[float, Page, Section]]:
    for page in pages:
        share = _ASIDE_WEIGHT if page.name.startswith(_ASIDE) else 1
        for section in page.sections:
            weights = [_weight(page, section, word) for word in words]
            # A section has to have something of its own: else each of a page would be found by its title.
            if all(total for total, _ in weights) and any(own for _, own in weights):
                weight = sum(total for total, _ in weights) + _weight(page, section, phrase)[0]
                yield weight * share, page, section


def _weight(page: Page, section: Section, word: _Word) -> tuple[float, float]:
    """Weigh a word: in all, and what of it is the section's own."""
    own = word.weight(section.title) * _IN_HEADING + word.weight(section.text) * _IN_TEXT
    in_title = word.weight(page.title)
    if not section.anchor:
        own += in_title * _IN_TITLE
        return own, own
    return own + in_title, own


def _excerpt(text: str, words: re.Pattern[str]) -> Iterator[Piece]:
    """Cut out what is around the find that has most different ones beside it, at the ends of words."""
    finds = list(islice(words.finditer(text), _MOST_FINDS))
    first = max((find.start() for find in finds), key=lambda at: _different(finds, at), default=0)
    begin = 0 if first <= _BEFORE else text.find(" ", first - _BEFORE, first) + 1 or first
    end = text.rfind(" ", first, first + _AFTER) if len(text) > first + _AFTER else len(text)
    end = end if end > first else min(len(text), first + _AFTER)
    shown = text[begin:end]
    if begin:
        yield Piece("… ", found=False)
    last = 0
    for match in words.finditer(shown):
        if match.start() > last:
            yield Piece(shown[last : match.start()], found=False)
        yield Piece(match[0], found=True)
        last = match.end()
    if last < len(shown):
        yield Piece(shown[last:], found=False)
    if end < len(text):
        yield Piece(" …", found=False)


def _different(finds: list[re.Match[str]], first: int) -> int:
    """Count the different words found in the excerpt that begins with a find."""
    return len({find[0].lower() for find in finds if first <= find.start() < first + _AFTER})
