"""`docs/performance.md` shows the runs that are published beside it."""

import json

from bench.publish import PAGE, PICTURE, PUBLISHED, figures, with_figures


def test_the_page_has_the_figures_of_the_published_runs() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_figures(page) == page, "python -m bench.publish writes them"
    assert PICTURE.read_text(encoding="utf-8").startswith("<?xml")


def test_what_was_promised_and_missed_is_shown_as_missed() -> None:
    now = json.loads((PUBLISHED / "now.json").read_text(encoding="utf-8"))
    now["promises"] = [
        {"text": "less", "reached": 0.98},
        {"text": "enough", "reached": 1.0},
        {"text": "nothing", "reached": None},
    ]
    rows = figures(now, now).splitlines()[-3:]
    assert rows == [
        "| less | 0.98 | **missed** | 0.98 |",
        "| enough | 1.00 | kept | 1.00 |",
        "| nothing |  |  |  |",
    ]
