"""What is called so comes before what mentions it, every word counts, and the excerpt shows where."""

import pytest

from webapp.docs.pages import Page, Section
from webapp.docs.search import LONGEST_QUERY, MOST_HITS, Hit, search


def page(name: str, title: str, *sections: tuple[str, str]) -> Page:
    made = (Section(heading, 2 if heading else 1, heading.lower(), text) for heading, text in sections)
    return Page(name, title, "", "", tuple(made), "")


PAGES = (
    page(
        "a",
        "Operating",
        ("", "Where a proxy stands."),
        ("Floods", "A proxy in front."),
        ("Proxies", "Two of them."),
    ),
    page("b", "Proxy", ("", "What it is."), ("Floods", "Nothing.")),
    page("c", "Statuses", ("", ""), ("Refused", "INVALID_SIGNATURE, of a reproxied thing")),
)


def paths(query: str) -> list[str]:
    return [hit.path for hit in search(PAGES, query).hits]


def shown(hit: Hit) -> str:
    return "".join(f"[{piece.text}]" if piece.found else piece.text for piece in hit.excerpt)


def test_title_before_heading_before_text_and_there_the_beginning_of_a_word_before_its_inside() -> None:
    assert paths("proxy") == ["/docs/b", "/docs/a", "/docs/a#floods"]
    assert paths("prox") == ["/docs/b", "/docs/a#proxies", "/docs/a", "/docs/a#floods", "/docs/c#refused"]


def test_every_word_has_to_be_there_in_any_case_and_order() -> None:
    assert paths("FRONT proxy") == ["/docs/a#floods"]
    assert paths("proxy elsewhere") == []
    assert paths("signature") == ["/docs/c#refused"]


def test_a_section_is_found_by_its_page_only_beside_a_word_of_its_own() -> None:
    assert paths("operating floods") == ["/docs/a#floods"]
    assert paths("operating") == ["/docs/a"]


def test_words_that_stand_together_as_asked_come_sooner() -> None:
    pages = (page("a", "One", ("", "key revoked, key key")), page("b", "Two", ("", "a revoked key")))
    assert [hit.page.name for hit in search(pages, "revoked key").hits] == ["b", "a"]


def test_how_comes_before_why() -> None:
    pages = (page("decisions/x", "Why", ("Proxies", "a proxy")), page("a", "How", ("", "behind a proxy")))
    assert [hit.page.name for hit in search(pages, "proxy").hits] == ["a", "decisions/x"]


def test_few_letters_are_found_where_words_begin() -> None:
    assert paths("re") == ["/docs/c#refused"]
    assert paths("o") == ["/docs/a", "/docs/a#proxies", "/docs/c#refused"]


def test_the_excerpt_is_cut_at_words_around_the_find() -> None:
    long = f"{'before ' * 40}a <b>needle</b> and a thread {'after ' * 60}"
    (hit,) = search([page("a", "Hay", ("", long))], "thread needle").hits
    text = shown(hit)
    assert text.startswith("… before ")
    assert text.endswith("after …")
    assert "a <b>[needle]</b> and a [thread] " in text
    assert len(text) < 250


def test_the_excerpt_shows_the_place_with_most_words() -> None:
    text = f"needle {'hay ' * 100} needle and thread"
    (hit,) = search([page("a", "Hay", ("", text))], "needle thread").hits
    assert shown(hit).endswith("[needle] and [thread]")


@pytest.mark.parametrize("query", ["", "   ", "(", ".*", "\\", "[a", "%00", "\ud800", "İ", "x" * 10_000])
def test_nothing_that_is_asked_does_harm(query: str) -> None:
    assert search(PAGES, query).total == 0


def test_long_questions_are_cut_and_many_answers_are_counted() -> None:
    assert search(PAGES, "proxy " + "x" * LONGEST_QUERY).total == 0
    assert paths("proxy " * 40) == paths("proxy")
    many = [page(str(number), "Same", ("", "word")) for number in range(MOST_HITS + 5)]
    found = search(many, "word")
    assert (len(found.hits), found.total) == (MOST_HITS, MOST_HITS + 5)
    assert [hit.page.name for hit in found.hits] == [str(number) for number in range(MOST_HITS)]
