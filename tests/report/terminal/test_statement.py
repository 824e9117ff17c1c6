"""The page of an exercise in the terminal."""

import io

from msgspec import structs
from rich.console import Console

from grader.course.loading import load_course
from grader.report.exercise_page import exercise_page
from grader.report.terminal.statement import page
from tests.grading import SMALL_COURSE


def test_one_blank_line_around_an_example():
    """One blank line is above an example and one below it, so that more fits on a screen."""
    exercise = load_course(SMALL_COURSE)["double"]
    statement = "Write `double`:\n\n    double(2) = 4\n\n    double(3) = 6\n\nNo more.\n"
    spec = structs.replace(exercise.spec, statement=statement)
    facts = exercise_page(structs.replace(exercise, spec=spec), "ada", "")
    console = Console(file=io.StringIO(), width=60)
    console.print(page(facts))
    lines = [line.strip() for line in console.file.getvalue().splitlines()]
    shown = ["Write double:", "", "double(2) = 4", "", "double(3) = 6", "", "No more.", ""]
    assert lines[2:10] == shown
