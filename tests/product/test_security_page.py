"""`docs/security.md` has every threat, and every test that it names exists."""

import re

from tests.support.places import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = {
    int(cells[0]): cells[1:]
    for cells in re.findall(r"^\| (\d+) \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
}
OURS = {
    cells[0]: cells[1:]
    for cells in re.findall(r"^\| ([ep]\d) \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", PAGE, re.MULTILINE)
}
NAMED = re.findall(r"`(test_\w+|(?:t\d\d|[ep]\d) [^`]+)`", PAGE)


def _tests() -> tuple[set[str], str]:
    python = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    page = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "frontend").rglob("*.test.ts"))
    )
    return python, page


PYTHON, TYPESCRIPT = _tests()


def test_every_threat_has_a_row_with_tests_of_its_number_and_what_they_fail_without() -> None:
    assert list(ROWS) == list(range(1, 74))
    for number, (attack, defence, tests, removed) in ROWS.items():
        assert attack.strip(), number
        assert defence.strip(), number
        if defence.startswith("Does not apply: "):
            continue
        assert removed.strip(), number
        names = re.findall(r"`([^`]+)`", tests)
        assert names, number
        for name in names:
            tags = re.findall(r"(?:^|_)t(\d\d)(?=[_ ])", name)
            assert f"{number:02}" in tags, name


def test_so_has_what_a_hostile_page_can_do_with_what_it_embeds_and_a_program_in_its_frame() -> None:
    assert list(OURS) == [f"e{number}" for number in range(1, 10)] + [f"p{number}" for number in range(1, 6)]
    for number, (*told, tests, removed) in OURS.items():
        assert all(cell.strip() for cell in (*told, removed)), number
        names = re.findall(r"`([^`]+)`", tests)
        assert names, number
        for name in names:
            assert number in re.findall(r"(?:^|_)([ep]\d)(?=[_ ])", name), name


def test_every_file_that_is_named_exists() -> None:
    folders = ("webapp", "static/src", "static")
    files = {path.as_posix() for folder in folders for path in (ROOT / folder).rglob("*.*")}
    files |= {path.as_posix() for path in ROOT.iterdir()}
    for number, (_, defence, _, _) in ROWS.items():
        for name in re.findall(r"`([\w./-]+\.(?:py|ts|mjs|toml))`", defence):
            assert any(file.endswith(f"/{name}") for file in files), f"{number}: {name}"


def test_every_test_that_is_named_exists() -> None:
    assert {name for name in NAMED if name.startswith("test_")} - PYTHON == set()
    titles = [name for name in NAMED if not name.startswith("test_")]
    assert titles
    for title in titles:
        assert re.search(rf"^\s*test\([\"`]{re.escape(title)}", TYPESCRIPT, re.MULTILINE), title
