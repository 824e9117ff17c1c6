"""One warm examiner for the tests of this folder, as a class is graded by one."""

from collections.abc import Iterator

import pytest

from grader.examiner.client import Examiner


@pytest.fixture(scope="session")
def examiner() -> Iterator[Examiner]:
    """A real examiner process."""
    with Examiner() as running:
        yield running
