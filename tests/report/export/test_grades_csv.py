"""grades.csv: its rows and columns, and that no spreadsheet runs a cell."""

import csv
import io
from datetime import UTC, datetime

import pytest

from grader.course.records import Check
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import Outcome, grade_from_checks
from grader.grades.learner import Learner
from grader.report.export.grades_csv import as_csv
from grader.report.export.tables import plain
from tests.grading import check_result

EXERCISE = GradedExercise(
    "double", "Twice", [Check("a", "A", 2), Check("b", "B", 1, visible=False)]
)


def grade(learner, *outcomes):
    checks = [
        check_result(
            planned.name,
            planned.title,
            outcome,
            planned.points * (outcome is Outcome.PASSED),
            planned.points,
        )
        for planned, outcome in zip(EXERCISE.checks, outcomes, strict=True)
    ]
    return grade_from_checks(
        checks, exercise="double", submission="double.py", learner=learner, seed=1
    )


def class_of(*grades, learners=()):
    return ClassResults(
        title="spring",
        exercises=[EXERCISE],
        learners=[*(Learner(each.learner) for each in grades), *map(Learner, learners)],
        grades={each.learner: {"double": each} for each in grades},
        graded_at=datetime(2026, 1, 2, tzinfo=UTC),
        seconds=1.0,
    )


def sheet(*grades, learners=()):
    return list(csv.reader(io.StringIO(as_csv(class_of(*grades, learners=learners)))))


def test_shape():
    """The rows are titles, possible points, and learners; hidden checks are included."""
    assert sheet(grade("ada", Outcome.PASSED, Outcome.FAILED), learners=["eve"]) == [
        ["learner", "total", "double", "double/a", "double/b"],
        ["points possible", "3", "3", "2", "1"],
        ["ada", "2", "2", "2", "0"],
        ["eve", "", "", "", ""],
    ]


def test_ungraded_is_no_zero():
    """The cells of an ungraded submission are empty."""
    assert sheet(grade("ada", Outcome.PASSED, Outcome.UNGRADED))[2] == ["ada", "", "", "", ""]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "@SUM(A1)", "\tx", "\rx", "-1+1", "-cmd", "＝1+1", "＠SUM(A1)"]
)
def test_formulas(name):
    """A cell that a spreadsheet would run gets an apostrophe."""
    assert plain(name) == f"'{name}"


@pytest.mark.parametrize("name", ["-", "-1", "-0.5", "ada", "a=b", ""])
def test_no_formulas(name):
    """A single minus and negative numbers stay unchanged."""
    assert plain(name) == name


def test_names_with_separators():
    """Commas, quotes and line ends of a name stay inside their cell."""
    assert sheet(grade('a,"b"', Outcome.PASSED, Outcome.PASSED))[2][0] == 'a,"b"'


def test_no_formula_behind_a_semicolon():
    """A spreadsheet that splits cells at semicolons finds no formula in a name."""
    results = class_of(grade("a;=1+1", Outcome.PASSED, Outcome.PASSED))
    assert next(csv.reader([as_csv(results).splitlines()[2]], delimiter=";"))[0].startswith(
        "a;=1+1"
    )
