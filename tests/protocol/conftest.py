import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

# A busy machine is no fault of the code: what is slow is found by pytest's own time limit.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture
def few_digits() -> Iterator[None]:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    yield
    sys.set_int_max_str_digits(before)
