"""Moodle: what its importers would read from the filled file."""

import csv
import io

import msgspec
import pytest

from grader.errors import UsageError
from grader.grades.learner import Learner
from grader.report.export import moodle
from tests.grades.test_statistics import RESULTS
from tests.report.export.test_canvas import one_learner

WORKSHEET = """\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed","Last modified (grade)","Feedback comments"
"Participant 17","Ada Lovelace",ada@example.org,"Submitted for grading",,4.00,Yes,"Monday, 5 January 2026, 10:00 AM",
"Participant 18","Bob Kahn",bob@example.org,"No submission",2.00,4.00,Yes,-,"=kept, as it is"
"Participant 19","Cy Young",cy@example.org,"Submitted for grading",,4.00,No,-,
"""  # noqa: E501
ONE = msgspec.structs.replace(RESULTS, exercises=RESULTS.exercises[:1])


def fill(content, results, columns, where):
    return moodle.open_sheet(content, where).fill(results, columns)


def read_as_moodle_does(content, grade="Grade"):
    """Participant number to grade, as mod/assign/feedback/offline/importgradeslib.php reads it."""
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    column = table[0].index(grade)
    return {row[0].rpartition(" ")[2]: row[column] for row in table[1:]}


def named(*texts):
    learners = [
        Learner(name, list(texts) if name == "ada" else []) for name in ("ada", "bob", "cy", "dan")
    ]
    return msgspec.structs.replace(ONE, learners=learners)


@pytest.mark.parametrize(
    "key", ["17", "Participant 17", "ada@example.org", "ADA@example.org", "ada  lovelace"]
)
def test_points_stand_where_moodle_looks(key):
    """A learner is found by participant, address or name; every other byte is unchanged."""
    filled = fill(WORKSHEET.encode(), named(key), {}, "worksheet.csv")
    assert read_as_moodle_does(filled.content) == {"17": "4", "18": "2.00", "19": ""}
    assert filled.content.decode() == WORKSHEET.replace('grading",,4.00,Yes', 'grading",4,4.00,Yes')


def test_locked_and_ungraded_cells_are_left_and_told():
    """Locked and ungraded cells stay unchanged, and the command names them."""
    learners = [Learner("ada", ["17"]), Learner("bob", ["18"]), Learner("cy", ["19"])]
    results = msgspec.structs.replace(ONE, learners=learners)
    filled = fill(WORKSHEET.encode(), results, {}, "worksheet.csv")
    assert read_as_moodle_does(filled.content) == {"17": "4", "18": "3", "19": ""}
    assert "cy, one: unchanged, its grade cannot be changed" in filled.notices
    two = msgspec.structs.replace(results, exercises=RESULTS.exercises[1:])
    unlocked = WORKSHEET.replace(",No,", ",Yes,")
    assert "cy, two: unchanged, the grader failed" in fill(unlocked.encode(), two, {}, "w").notices


def test_who_was_left_out_is_told_by_name():
    """The command names learners without a row and rows without a learner."""
    notices = fill(WORKSHEET.encode(), named("17"), {}, "worksheet.csv").notices
    assert "no row for these learners: `bob`, `cy`, `dan`" in notices
    assert (
        "no learner of the class fits these rows, which are unchanged: `Bob Kahn`, `Cy Young`"
        in notices
    )


def test_another_maximum():
    """Points are scaled to the assignment's maximum with its decimal sign, with a notice."""
    content = WORKSHEET.replace("4.00", '"10,00"')
    results = msgspec.structs.replace(ONE, learners=[Learner("bob", ["18"])])
    filled = fill(content.encode(), results, {}, "worksheet.csv")
    assert read_as_moodle_does(filled.content)["18"] == "7,5"
    assert any(
        "one has 4 points here and 10 in the column `Grade`" in notice for notice in filled.notices
    )


def test_another_language():
    """In another language, the grade is found by position, and --column names it too."""
    content = (
        WORKSHEET.replace("Identifier", "ID")
        .replace("Grade,", "Bewertung,", 1)
        .replace("Participant", "Teilnehmer/in")
    )
    for columns in ({}, {"one": "Bewertung"}):
        filled = fill(content.encode(), named("17"), columns, "worksheet.csv")
        assert read_as_moodle_does(filled.content, "Bewertung")["17"] == "4"
    with pytest.raises(UsageError, match="no column `Nichts`"):
        fill(content.encode(), named("17"), {"one": "Nichts"}, "worksheet.csv")


def test_a_worksheet_takes_one_exercise():
    """If the class has several exercises, --column must name one."""
    with pytest.raises(UsageError, match=r"--column EXERCISE=Grade: one, two"):
        fill(WORKSHEET.encode(), RESULTS, {}, "worksheet.csv")
    assert fill(WORKSHEET.encode(), RESULTS, {"two": "Grade"}, "worksheet.csv").count == 0


EXPORT = """"First name","Last name","ID number","Email address","Assignment: One (Real)","Assignment: One (Percentage)","Course total (Real)"
Ada,Lovelace,s1,ada@example.org,-,-,-
Bob,Kahn,s2,bob@example.org,3.00,75 %,3.00
"""  # noqa: E501


@pytest.mark.parametrize(
    "key", ["ada@example.org", "s1", "Ada Lovelace", "lovelaceada", "Lovelace, Ada"]
)
def test_grade_export(key):
    """A grade export has a column for each exercise; percentages and totals stay unchanged."""
    filled = fill(EXPORT.encode(), one_learner(Learner(key)), {}, "grades.csv")
    assert filled.content.decode() == EXPORT.replace("example.org,-,-,-", "example.org,3,-,-", 1)
