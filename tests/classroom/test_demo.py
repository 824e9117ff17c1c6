"""`grade demo` writes a class whose grades are known."""

from pathlib import Path

import pytest

from grader.classroom.demo import BROKEN, MISSED, PASSED, write_class
from grader.course.loading import load_course
from tests.grading import SMALL_COURSE

OUTCOMES = {outcome for _, _, outcome in BROKEN}


@pytest.mark.parametrize("learners", [70, pytest.param(300, marks=pytest.mark.slow)])
def test_every_expected_grade(klass, learners):
    """Every submission of the class gets the grade that `write_class` expects."""
    exercises = {
        name: exercise
        for name, exercise in load_course(SMALL_COURSE).items()
        if name in ("double", "sizes")
    }
    expected = write_class(klass.folder, exercises, learners)
    result = klass.batch()
    assert result.returncode == 0, result.stdout + result.stderr
    found = {(learner, exercise): grade for learner, exercise, grade in klass.rows()}
    assert found.keys() == expected.keys()
    wrong = {
        key: (end, found[key]) for key, end in expected.items() if not ends_as(found[key], end)
    }
    assert wrong == {}
    assert {end for (_, exercise), end in expected.items() if exercise == "sizes"} == {
        PASSED,
        MISSED,
    }
    quizzes = [grade for (_, exercise), grade in found.items() if exercise == "sizes"]
    messages = {check["message"] for grade in quizzes for check in grade["checks"]}
    assert len(messages) > 2
    assert OUTCOMES | {PASSED, MISSED, "squared"} <= set(expected.values())


def ends_as(grade, end):
    outcomes = {check["outcome"] for check in grade["checks"]}
    if end == PASSED:
        return grade["passed"]
    if end == MISSED:
        return not grade["passed"] and "ungraded" not in outcomes
    if end in OUTCOMES:
        return outcomes == {end}
    return grade["misconception"] == end


@pytest.mark.usefixtures("warm_batches")
def test_the_same_every_time(tmp_path):
    """Two demo classes have the same files."""
    exercises = load_course(SMALL_COURSE)
    write_class(tmp_path / "one", exercises, 12)
    write_class(tmp_path / "two", exercises, 12)
    files = sorted(path for path in (tmp_path / "one").rglob("*.*") if path.is_file())
    assert len(files) > 20
    for path in files:
        copy = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == copy.read_bytes()


@pytest.mark.usefixtures("warm_batches")
def test_command(run_here, tmp_path):
    """`grade demo` says what to type next, and replaces no files."""
    words = ("demo", "class", "--learners", "3", "--course", str(SMALL_COURSE))
    stdout = run_here(*words, folder=tmp_path).stdout
    assert "and an empty folder of one more: a batch finds 4 learners." in stdout
    assert "Next: `grade batch class --out class-graded`" in stdout
    again = run_here(*words, folder=tmp_path)
    assert again.returncode == 2
    assert "class: not empty, and a demo class replaces no files" in again.stderr


@pytest.mark.usefixtures("warm_batches")
def test_where_no_link_can_be_made(monkeypatch, tmp_path):
    """On Windows, most users cannot make a link; the class is written without it."""

    def refuse(*_):
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    assert write_class(tmp_path, load_course(SMALL_COURSE), 1)
    assert (tmp_path / "submitted nothing").is_dir()
