"""What the harness promises of its figures: each is shown, and one that misses fails its test."""

import pytest

from tests.support.figures import Figure


@pytest.mark.parametrize(
    ("value", "bounds", "row"),
    [
        (1, {"at_most": 0}, ("lost", "9 kills", "1", "at most 0", "MISSED")),
        (8, {"at_least": 9}, ("lost", "9 kills", "8", "at least 9", "MISSED")),
        (0, {"at_most": 0}, ("lost", "9 kills", "0", "at most 0", "")),
        (9.5, {"at_least": 9}, ("lost", "9 kills", "9.5", "at least 9", "")),
        (7, {}, ("lost", "9 kills", "7", "", "")),
    ],
)
def test_a_figure_that_misses_fails_and_is_shown_all_the_same(
    value: float,
    bounds: dict[str, float],
    row: tuple[str, ...],
    *,
    figure: Figure,
    request: pytest.FixtureRequest,
) -> None:
    if row[4]:
        with pytest.raises(AssertionError, match="lost: "):
            figure("lost", value, of="9 kills", **bounds)
    else:
        figure("lost", value, of="9 kills", **bounds)
    assert request.node.user_properties.pop() == ("figure", row)
