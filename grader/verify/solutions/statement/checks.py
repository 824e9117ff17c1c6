"""The check that the Python of a statement is put to: it runs."""

from grader.checks import Learner


def test_runs(learner: Learner) -> None:
    """The code could be loaded, and what was put at its end answers."""
    assert learner.ran() == 1
