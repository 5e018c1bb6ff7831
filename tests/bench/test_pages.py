"""`python -m bench.pages`, as small as it can be: lists, cursors and table fit together."""

from pathlib import Path

import pytest

from bench.pages import measured


@pytest.mark.soak
def test_every_page_is_asked_for_at_every_depth(tmp_path: Path) -> None:
    rows, _ = measured(tmp_path, followers=400, followings=300, rounds=1)
    assert len(rows) == 1 + 13
    assert all(float(ratio) > 0 for _, _, _, ratio, _ in rows[1:])
