"""Canvas gradebooks as instructors have them: titles, maxima, decimal signs, missing people."""

import csv
import io

import pytest

from grader.errors import UsageError
from grader.grades.learner import Learner
from grader.report.export.canvas import CanvasGradebook
from grader.report.export.exported_sheet import Options
from tests.grading import SMALL_COURSE
from tests.report.export import records
from tests.report.export.records import class_of, graded

RESULTS = class_of(graded("Jane Doe", 20), graded("Bob Kahn", 15))


def gradebook(*columns, separator=",", jane="", possible=True):
    """A gradebook of three people; ``columns`` are (title, points possible)."""
    titles = ["Student", "ID", "SIS Login ID", "Section", *(title for title, _ in columns)]
    rows = [titles]
    if possible:
        rows.append(["    Points Possible", "", "", "", *(worth for _, worth in columns)])
    empty = [""] * (len(columns) - 1)
    rows.append(["Doe, Jane", "101", "jd", "CS1", jane, *empty])
    rows.append(["Kahn, Bob", "102", "bk", "CS1", "", *empty])
    rows.append(["Student, Test", "999", "t", "CS1", "", *empty])
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def fill(content, results=RESULTS, columns=None, **options):
    return CanvasGradebook(content.encode(), "c.csv").fill(
        results, columns or {}, Options(**options)
    )


def grades(filled, separator=","):
    rows = list(csv.reader(io.StringIO(filled.content.decode()), delimiter=separator))
    return [row[4:] for row in rows if row[0] in ("Doe, Jane", "Kahn, Bob")]


@pytest.mark.parametrize(
    ("title", "worth", "bob"),
    [
        ("exercise1 (5001)", "10.00", "7.5"),
        ("Exercise 1 (5001)", "20.00", "15"),
        ("Ex. 01 (5001)", "100", "75"),
        ("Week 3: exercise1 (5001)", "5.0", "3.75"),
        ("EXERCISE1 (5001)", "1,000.00", "750"),
        ("exercise1: Exercise1 (5001)", "40.00", "30"),
        ("exercise1 (take home) (5001)", "8", "6"),
        ("\u300cexercise1\u300d (5001)", "12", "9"),
        ("Übung exercise1 (5001)", "0.00", "15"),
        ("Devoir : exercise1 (5001)", "3", "2.25"),
    ],
)
def test_titles_and_maxima(title, worth, bob):
    """The column is found by the name of the assignment, and the points are scaled to it."""
    filled = fill(gradebook((title, worth), ("Other (5002)", "10")))
    assert [row[0] for row in grades(filled)][1] == bob
    assert [row[1] for row in grades(filled)] == ["", ""]
    assert filled.missing == 0


def test_decimal_commas():
    """Decimal commas and semicolons of a sheet stay."""
    content = gradebook(("exercise1 (5001)", "10,00"), separator=";")
    filled = fill(content)
    assert [row[0] for row in grades(filled, ";")] == ["10", "7,5"]
    assert filled.content.decode().count(";") == content.count(";")
    # Without a number that shows it, the separator does.
    assert grades(fill(gradebook(("exercise1 (1)", "10"), separator=";")), ";")[1] == ["7,5"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            [("HW exercise1 (1)", "10"), ("exercise1 resubmission (2)", "10")],
            r"several columns could be exercise1: `HW exercise1 \(1\)`, `exercise1 resubmission",
        ),
        ([("Exercise 1 (1)", "10"), ("Ex 1 (2)", "10")], "several columns could be exercise1"),
        ([("exercise1 (1)", "")], "names no maximum for the column `exercise1"),
        ([("exercise1 (1)", "1,000")], "names no maximum"),
    ],
)
def test_what_is_not_certain_is_not_written(columns, said):
    """Several columns that fit, and a missing maximum, need a decision."""
    with pytest.raises(UsageError, match=said):
        fill(gradebook(*columns))


def test_one_column_for_two_exercises():
    """A column that could belong to two exercises takes neither."""
    both = class_of(graded("Jane Doe", 20), exercises=["exercise1", "exercise3"])
    with pytest.raises(UsageError, match="could be exercise1 or exercise3"):
        fill(gradebook(("exercise1 and exercise3 (1)", "10")), both)


def test_scale_names_missing_points():
    """--scale names the maximum if the row with the points possible was removed."""
    content = gradebook(("exercise1 (1)", "10"), possible=False)
    assert grades(fill(content, scales={"exercise1": 40})) == [["40"], ["30"]]


def test_an_anonymous_download_matches_nobody():
    """The number of an anonymous download is not a student's, and the command says so."""
    anonymous = Learner("anon_101", ["101", "anon"])
    results = class_of(graded("anon_101", 20), learners=[anonymous])
    filled = fill(gradebook(("exercise1 (1)", "10")), results)
    assert (filled.count, filled.missing) == (0, 3)
    assert (
        "no row for these learners, because an anonymous download hides who they are: `anon_101`"
        in filled.notices
    )


def test_nobody_is_left_out_of_the_notices():
    """However many people have no row, each is named."""
    names = [f"learner{number}" for number in range(70)]
    filled = fill(
        gradebook(("exercise1 (1)", "10")), class_of(*(graded(name, 1) for name in names))
    )
    assert all(f"`{name}`" in "\n".join(filled.notices) for name in names)


def test_who_handed_in_nothing_keeps_a_grade():
    """The zero of somebody in the roster without a submission replaces no grade."""
    absent = records.absent("Jane Doe")
    results = class_of(absent, graded("Bob Kahn", 15))
    assert grades(fill(gradebook(("exercise1 (1)", "20")), results)) == [["0"], ["15"]]
    filled = fill(gradebook(("exercise1 (1)", "20"), jane="18"), results)
    assert grades(filled) == [["18"], ["15"]]
    assert any("nothing was submitted, and the cell has a grade" in each for each in filled.notices)
    overwritten = fill(gradebook(("exercise1 (1)", "20"), jane="18"), results, overwrite=True)
    assert grades(overwritten)[0] == ["0"]


@pytest.mark.parametrize(
    ("points", "words", "code", "said"),
    [
        ("5", ["--strict"], 0, "2 cells filled in"),
        ("", ["--scale", "double=10"], 0, "2 cells filled in"),
        ("", [], 2, "--scale double=100"),
        ("", ["--scale", "much"], 2, "--scale much: write a number"),
        ("", ["--scale", "0"], 2, "--scale 0: write a number"),
        ("5", ["--scale", "doubel=5"], 2, "--scale doubel=…: the class has no grades for"),
        ("5", ["--scale", "10"], 2, "is 5, not 10; leave out --scale"),
    ],
)
def test_the_command(points, words, code, said, tmp_path, run_here):
    """The options decide, and a file that cannot be filled in leaves no other file behind."""
    (tmp_path / "c.csv").write_text(gradebook(("double (1)", points)))
    results = class_of(
        graded("Jane Doe", 5, 5, exercise="double"),
        graded("Bob Kahn", 4, 5, exercise="double"),
        exercises=["double"],
        of=5,
    )
    records.write_gradebook(tmp_path / "graded", results, SMALL_COURSE)
    command = ["export", "canvas", "c.csv", "--out", "graded", "--output", "up/c.csv", *words]
    done = run_here(*command, folder=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert (tmp_path / "up").exists() == (code == 0)


def test_strict(tmp_path, run_here):
    """With --strict the file is written, and the exit code says that somebody is missing."""
    (tmp_path / "c.csv").write_text(gradebook(("double (1)", "5")))
    results = class_of(graded("Jane Doe", 5, 5, exercise="double"), exercises=["double"], of=5)
    records.write_gradebook(tmp_path / "graded", results, SMALL_COURSE)
    command = ["export", "canvas", "c.csv", "--out", "graded"]
    assert run_here(*command, folder=tmp_path).returncode == 0
    done = run_here(*command, "--strict", folder=tmp_path)
    assert done.returncode == 1
    assert "--strict: 1 person missing" in done.stdout and "`Kahn, Bob`" in done.stdout
    assert sorted(path.name for path in (tmp_path / "graded").iterdir()) == [
        "canvas.csv",
        "gradebook.db",
    ]
