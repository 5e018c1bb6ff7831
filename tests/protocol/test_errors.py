import pickle

import pytest

from webapp.protocol import errors
from webapp.protocol.errors import ProtocolError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ProtocolError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_names_the_field_and_what_was_expected(kind: type[ProtocolError]) -> None:
    error = kind("ts", "an integer")
    assert (error.field, error.expected, str(error)) == ("ts", "an integer", "ts: expected an integer")
    assert isinstance(error, ValueError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own bytes


def test_the_tree_at_the_top_of_the_file_is_the_tree() -> None:
    drawn = errors.__doc__ or ""
    assert all(kind.__name__ in drawn for kind in KINDS)
    assert len(KINDS) == drawn.count("─ ") + 1
