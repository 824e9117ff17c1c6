"""A class as ``grades.csv``: a row per learner, a column per exercise and per check."""

import csv
import io
import re
from typing import Final

from grader.grades import rules
from grader.grades.class_results import ClassResults, GradedExercise, Learner
from grader.grades.grade import Grade

# A spreadsheet runs a cell that begins like this (owasp.org, "CSV Injection"). Japanese versions
# also run the full-width characters. A negative number is not a formula.
_FORMULA: Final = re.compile(r"[=+@＝＋－＠\t\r]|-(?!\d*\.?\d*$)")

Cell = str | int | float
_ABOUT: Final = ("name", "email", "section")


def as_csv(results: ClassResults) -> str:
    """The sheet; the second row has the possible points. A cell without a grade is empty.

    A column ``counted/TITLE`` for each assignment has its total. The last columns say who the
    learners are, as far as a roster did.
    """
    # Only a roster says who the learners are.
    about = [what for what in _ABOUT if any(_about(learner)[what] for learner in results.learners)]
    # The two head rows have the same columns, so they are built together.
    titles = ["learner", "total"]
    possible: list[Cell] = [
        "points possible",
        sum(exercise.max_points for exercise in results.exercises),
    ]

    for exercise in results.exercises:
        titles.append(exercise.id)
        possible.append(exercise.max_points)
        for check in exercise.checks:
            titles.append(f"{exercise.id}/{check.name}")
            possible.append(check.points)

    for assignment in results.assignments:
        titles.append(plain(f"counted/{assignment.title}"))
        possible.append(whole(rules.worth(assignment)))

    titles += about
    possible += [""] * len(about)

    sheet = io.StringIO()
    # Every text is quoted: where the comma is the decimal sign, a spreadsheet splits cells at
    # semicolons, and the rest of a name could then be a formula.
    writer = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerows([titles, possible])
    for learner in results.learners:
        of_learner = _about(learner)
        row = _row(results, learner.name)
        row += [whole(total.points) for total in results.totals_of(learner.name)]
        writer.writerow([*row, *(plain(of_learner[what]) for what in about)])
    return sheet.getvalue()


def plain(cell: str) -> str:
    """``cell`` with an apostrophe in front if a spreadsheet would run it."""
    if _FORMULA.match(cell):
        return f"'{cell}"
    return cell


def whole(value: float | None) -> Cell:
    """A number without decimals that say nothing; an empty cell for None."""
    if value is None:
        return ""
    if value == int(value):
        return int(value)
    return value


def _about(learner: Learner) -> dict[str, str]:
    return {"name": learner.person, "email": learner.email, "section": learner.section}


def _row(results: ClassResults, learner: str) -> list[Cell]:
    total: str | int = ""
    cells: list[Cell] = []
    for exercise in results.exercises:
        grade = results.grade(learner, exercise.id)
        if grade is None or grade.status == "ungraded":
            # Nothing to grade and a failure of the grader are not zeros.
            cells += [""] * (1 + len(exercise.checks))
        else:
            # Without any grade, the total is empty too.
            total = int(total or 0) + grade.points
            cells += _points(exercise, grade)
    return [plain(learner), total, *cells]


def _points(exercise: GradedExercise, grade: Grade) -> list[Cell]:
    points = {check.name: check.points for check in grade.checks}
    # An older grade may lack a check that the rubric has now.
    of_checks = [points.get(check.name, "") for check in exercise.checks]
    return [grade.points, *of_checks]
