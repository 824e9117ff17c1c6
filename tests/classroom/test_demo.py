"""The class that never was: graded as it should be, every one of it."""

import json
import sqlite3
from contextlib import closing

from grader.classroom.demo import BROKEN, MISSED, PASSED, write_class
from grader.course.loading import load_course
from tests.grading import SMALL_COURSE, run_grade


def test_every_expected_grade(tmp_path):
    """Right ones pass, real mistakes are named, broken and hostile ones end as they must, and nothing is left out."""
    exercises = {
        name: exercise
        for name, exercise in load_course(SMALL_COURSE).items()
        if name in ("double", "sizes")
    }
    expected = write_class(tmp_path / "class", exercises, 300)
    result = run_grade(
        "batch", "class", "--out", "graded", "--course", str(SMALL_COURSE), folder=tmp_path
    )
    assert result.returncode == 0, result.stdout + result.stderr
    with closing(sqlite3.connect(tmp_path / "graded/gradebook.db")) as database:
        rows = database.execute("SELECT learner, exercise, grade FROM grades").fetchall()
    found = {(learner, exercise): json.loads(grade) for learner, exercise, grade in rows}
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
    named = {check["message"] for grade in quizzes for check in grade["checks"]}
    assert len(named) > 2
    assert {outcome for _, _, outcome in BROKEN} | {PASSED, MISSED, "squared"} <= set(
        expected.values()
    )


def ends_as(grade, end):
    outcomes = {check["outcome"] for check in grade["checks"]}
    if end == PASSED:
        return grade["passed"]
    if end == MISSED:
        return not grade["passed"] and "ungraded" not in outcomes
    return (
        grade["misconception"] == end
        if end not in {outcome for _, _, outcome in BROKEN}
        else outcomes == {end}
    )


def test_the_same_every_time(tmp_path):
    """Two such classes are the same, file by file."""
    exercises = load_course(SMALL_COURSE)
    write_class(tmp_path / "one", exercises, 12)
    write_class(tmp_path / "two", exercises, 12)
    files = sorted(path for path in (tmp_path / "one").rglob("*.*") if path.is_file())
    assert len(files) > 20
    for path in files:
        assert (
            path.read_bytes()
            == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
        )


def test_command(tmp_path):
    """`grade demo` writes it, says what to type next, and overwrites nothing."""
    words = ("demo", "class", "--learners", "3", "--course", str(SMALL_COURSE))
    said = run_grade(*words, folder=tmp_path).stdout
    assert "and the empty folder of one more: a batch finds 4 learners." in said
    assert "Next: `grade batch class --out class-graded`" in said
    again = run_grade(*words, folder=tmp_path)
    assert again.returncode == 2
    assert "nothing is ever overwritten" in again.stderr
