"""Canvas: what its importer would read from the filled file."""

import csv
import io
import re

import pytest

from grader.course.records import Check
from grader.errors import UsageError
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import Outcome, grade_from_checks
from grader.grades.learner import Learner
from grader.report.export.canvas import CanvasGradebook
from tests.grades.test_statistics import RESULTS
from tests.grading import check_result

HEADER = "Student,ID,SIS User ID,SIS Login ID,Section,Notes,One (4711),Two (4712),Other (4713),Homework Current Score"  # noqa: E501
EXPORTED = f"""{HEADER},Current Score,Final Grade
,,,,,,Manual Posting,,,,,
    Points Possible,,,,,,4.00,4.00,10.00,(read only),(read only),(read only)
"Lovelace, Ada",101,s1,ada,Sec 1,,,,9.00,50.00,50.00,F
"Kahn, Bob",102,s2,bob,"Sec 1, Sec 2",=1+1,3.00,EX,,,,
"Young, Cy",103,s3,cy,Sec 1,,N/A,,,,,
"Student, Test",104,,,Sec 1,,,,,,,
"""


def fill(content, results, columns, where):
    return CanvasGradebook(content, where).fill(results, columns)


def read_as_canvas_does(content):
    """Student to grades by assignment id, as lib/gradebook_importer.rb reads them."""
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    header = table[0]
    assert "Student" in header[0] and "ID" in header[1] and len(header) > 3
    grades = {}
    for row in table[1:]:
        if "Points Possible" in row[0] or all(
            re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row
        ):
            continue
        grades[int(row[1])] = {
            int(found[1]): row[column].strip()
            for column, title in enumerate(header)
            if (found := re.search(r" \((\d+)\)$", title))
        }
    return grades


def test_points_stand_where_canvas_looks():
    """Canvas finds each learner's points; everything else is unchanged."""
    filled = fill(EXPORTED.encode(), RESULTS, {}, "export.csv")
    assert read_as_canvas_does(filled.content) == {
        101: {4711: "4", 4712: "4", 4713: "9.00"},
        102: {4711: "3", 4712: "EX", 4713: ""},
        103: {4711: "N/A", 4712: "", 4713: ""},
        104: {4711: "", 4712: "", 4713: ""},
    }
    assert filled.count == 3


def test_every_other_byte_is_left():
    """Only the filled cells change: header, quotes, order, computed columns and formulas stay."""
    filled = fill(EXPORTED.encode(), RESULTS, {}, "export.csv").content.decode()
    expected = EXPORTED.replace("Sec 1,,,,9.00", "Sec 1,,4,4,9.00").replace(
        "=1+1,3.00,EX", "=1+1,3,EX"
    )
    assert filled == expected


@pytest.mark.parametrize("change", ["\ufeff{}", "{}\r\n"])
def test_byte_order_mark_and_line_endings_stay(change):
    """A byte order mark and Windows line endings stay."""
    content = change.format(EXPORTED) if "{}\r" not in change else EXPORTED.replace("\n", "\r\n")
    filled = fill(content.encode(), RESULTS, {}, "export.csv").content.decode()
    assert filled.startswith("\ufeff") == content.startswith("\ufeff")
    assert filled.count("\r\n") == content.count("\r\n")


def test_semicolons():
    """An export with semicolons and decimal commas keeps them."""
    content = 'Student;ID;Section;One (4711)\n    Points Possible;;;4,00\n"Lovelace, Ada";101;S;\n'
    results = one_learner(Learner("x", ["101"]))
    assert fill(content.encode(), results, {}, "f").content.decode() == content.replace(
        ";S;", ";S;3"
    )


def one_learner(learner, exercises=("one",)):
    plan = [GradedExercise(each, each.title(), [Check("a", "A", 4)]) for each in exercises]
    grades = {
        each: grade_from_checks(
            [check_result("a", "A", Outcome.FAILED, 3, 4)],
            exercise=each,
            submission="x",
            learner=learner.name,
            seed=1,
        )
        for each in exercises
    }
    return ClassResults(
        title="t",
        exercises=plan,
        learners=[learner],
        grades={learner.name: grades},
        graded_at=RESULTS.graded_at,
        seconds=1,
    )


@pytest.mark.parametrize(
    "name", ["101", "s1", "ada", "Lovelace, Ada", "Ada Lovelace", "lovelaceada"]
)
def test_rows_are_found_as_canvas_finds_them(name):
    """Rows are found by ID, SIS user ID, SIS login ID, and then by name."""
    filled = fill(EXPORTED.encode(), one_learner(Learner(name)), {}, "export.csv")
    assert read_as_canvas_does(filled.content)[101][4711] == "3"


def test_first_and_last_name_in_columns_of_their_own():
    """The other form of Canvas's header works too."""
    content = b"LastName,FirstName,ID,SIS Login ID,Section,One (4711)\n    Points Possible,,,,,4\nLovelace,Ada,101,ada,S,\n"  # noqa: E501
    filled = fill(content, one_learner(Learner("Ada Lovelace")), {}, "f")
    assert filled.content == content.replace(b"ada,S,", b"ada,S,3")


def test_who_was_left_out_is_told_by_name():
    """The notices name ungraded, excused and unassigned cells, and everyone without a match."""
    notices = "\n".join(fill(EXPORTED.encode(), RESULTS, {}, "export.csv").notices)
    assert "cy, two: unchanged, the grader failed" in notices
    assert "cy, one: unchanged, not assigned" in notices
    assert "no row for these learners: `dan`" in notices
    assert "`Student, Test`" in notices
    assert "bob" not in notices  # who was excused from what they did not hand in anyway


def test_other_points_are_scaled_and_told():
    """If the assignment has other points, the points are scaled, with a notice."""
    content = EXPORTED.replace("4.00,4.00,10.00", "10.00,4.00,10.00")
    filled = fill(content.encode(), RESULTS, {}, "export.csv")
    assert read_as_canvas_does(filled.content)[102][4711] == "7.5"
    assert any(
        "one has 4 points here and 10 in the column `One (4711)`" in notice
        for notice in filled.notices
    )


def test_read_only_and_computed_columns_are_never_filled():
    """A computed or read-only column is never filled, even with a matching title."""
    content = EXPORTED.replace("One (4711)", "One Current Score").replace(
        "4.00,4.00", "4.00,(read only)"
    )
    filled = fill(content.encode(), RESULTS, {}, "export.csv")
    assert (filled.content, filled.count) == (content.encode(), 0)
    assert any(
        "no column for these exercises (use --column): `one`, `two`" in notice
        for notice in filled.notices
    )


def test_a_column_is_named_by_hand():
    """--column names a column by its title, with or without the number."""
    for title in ("Other", "other (4713)"):
        filled = fill(
            EXPORTED.encode(), one_learner(Learner("101"), ["three"]), {"three": title}, "f"
        )
        assert read_as_canvas_does(filled.content)[101][4713] == "7.5"


@pytest.mark.parametrize(
    ("content", "columns", "said"),
    [
        ("a,b\n1,2\n", {}, "not a gradebook exported from Canvas"),
        (
            EXPORTED.replace("Two (4712)", "One again: one (4712)").replace(
                "One (4711)", "a one (4711)"
            ),
            {},
            "several",
        ),
        (
            EXPORTED,
            {"one": "Nothing"},
            "no column `Nothing`; choose from `Notes`, `One \\(4711\\)`",
        ),
        (EXPORTED, {"nine": "One"}, "the class has no grades for `nine`"),
    ],
)
def test_what_cannot_be_filled_in_is_told(content, columns, said):
    """The error for a wrong file or column lists what there is."""
    with pytest.raises(UsageError, match=said):
        fill(content.encode(), RESULTS, columns, "export.csv")
