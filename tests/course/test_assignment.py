"""Reading ``assignment.yaml``: times with their zone, weights, and errors with their line."""

from datetime import UTC, datetime

import msgspec
import pytest

from grader.course.assignment import Assignment, read_assignment
from grader.errors import CourseError

TEXT = """\
format: 1
title: Week 1
time_zone: Europe/Berlin
due: 2026-10-24 23:59
closes: 2026-10-27T12:00:00-08:00
exercises:
  double: 10
  sizes: 20
late: {percent_per_day: 10}
drop_lowest: 1
extensions:
  - {learner: 00417, due: 2026-10-25 23:59, reason: illness}
overrides:
  - {learner: ada, exercise: double, points: 0, reason: copied, author: G. Hopper}
"""


def read(folder, text):
    path = folder / "week1.yaml"
    path.write_text(text)
    return read_assignment(path, ["double", "sizes", "target"])[0]


def test_times_and_names(tmp_path):
    """Times have the offset of their zone on that day, and a number with zeros stays a name."""
    one = read(tmp_path, TEXT)
    assert one.due == "2026-10-24T23:59:00+02:00"
    assert datetime.fromisoformat(one.closes) == datetime(2026, 10, 27, 20, tzinfo=UTC)
    [extension] = one.extensions
    assert (extension.learner, extension.due) == ("00417", "2026-10-25T23:59:00+01:00")
    assert one.overrides[0].points == 0
    # The gradebook stores it as JSON.
    assert msgspec.json.decode(msgspec.json.encode(one), type=Assignment) == one


def test_weights(tmp_path):
    """With ``points``, the numbers of the exercises are weights."""
    one = read(tmp_path, TEXT + "points: 60\n")
    assert [one.worth("double"), one.worth("sizes")] == [20, 40]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("title", "titel", "line 2: unknown key `titel`; did you mean `title`?"),
        ("sizes: 20", "sizes: many", "line 6: expected a number, got text"),
        ("sizes: 20", "size: 20", "line 8: this course has no exercise `size`; choose from double"),
        ("24 23:59", "24", "line 4: `2026-10-24` is not a date and a time; write 2026-10-15 23:59"),
        ("24 23:59", "25 02:30", "line 4: clocks change at `2026-10-25 02:30`, so it occurs twice"),
        ("Berlin", "Berln", "line 3: unknown time zone `Europe/Berln`; write an IANA name"),
        ("time_zone: Europe/Berlin", "", "line 4: `2026-10-24 23:59` has no time zone; add"),
        ("10-27T", "10-20T", "line 5: `closes` is before `due`; correct one of them"),
        ("10-25 23:59", "10-23 23:59", "line 12: an extension until `2026-10-23 23:59`, before"),
        ("lowest: 1", "lowest: 2", "line 10: drops 2 of 2 exercises; at least one has to stay"),
        ("percent_per_day: 10", "percent_per_day: 101", "line 9: expected a number <= 100"),
        (", reason: illness", "", "line 12: key `reason` is missing"),
        ("  - {learner: 00417", "  {learner: 00417", "got lines of `key: value` at `extensions`"),
        ("exercise: double", "exercise: target", "`target` does not belong to this assignment"),
        (" points: 0,", "", "line 14: an override without points and comment; add one of them"),
        (
            "overrides:",
            "  - {learner: 00417, due: 2026-10-29 23:59, reason: again}\noverrides:",
            "line 13: `00417` has another one on line 12; remove one of them",
        ),
    ],
)
def test_errors_name_the_line(tmp_path, old, new, problem):
    """Every mistake is an error with its line, the problem and the next step."""
    assert TEXT.replace(old, new) != TEXT
    with pytest.raises(CourseError) as error:
        read(tmp_path, TEXT.replace(old, new))
    assert str(error.value).startswith("week1.yaml: ")
    assert problem in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    """The error says how to get one."""
    with pytest.raises(CourseError, match="`grade new assignment NAME` writes an example"):
        read_assignment(tmp_path / "week1.yaml", [])
