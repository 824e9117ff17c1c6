"""``grade export`` and ``report.html`` from a real gradebook, through the command."""

import contextlib
import json
from unittest import mock
from xml.etree import ElementTree

import msgspec
import pytest

from grader.grades.counted import Comment, Counted, Handed, Lateness
from grader.report.export.documents import class_as_junit
from grader.report.export.outputs import classroom50_files, gradescope_files
from tests.grading import SMALL_COURSE
from tests.report.export import records
from tests.report.export.test_canvas import read_as_canvas_does
from tests.report.export.test_classroom50 import checked as checked_result
from tests.report.export.test_gradescope import checked as checked_results
from tests.report.export.test_gradescope import total
from tests.report.export.test_moodle import read_as_moodle_does

COURSE = ("--course", str(SMALL_COURSE))
CANVAS = """Student,ID,Section,double (1)
    Points Possible,,,5
"Lovelace, Ada",101,S,
"Kahn, Bob",102,S,
"Roe, Richard",103,S,2
"""
MOODLE = "Identifier,Full name,Grade\nParticipant 1,Ada Lovelace,\nParticipant 2,Bob Kahn,\n"


@pytest.fixture(scope="module")
def graded(tmp_path_factory, run_here, pool):
    """A folder with a graded class of three: a solution, a misconception and a broken file."""
    folder = tmp_path_factory.mktemp("class")
    sources = {
        "Ada Lovelace": (SMALL_COURSE / "solutions" / "double" / "solution.py").read_text(),
        "Bob Kahn": "def double(x):\n    return x * x\n",
        "<b>Mallory": "raise SystemExit\n",
    }
    for name, source in sources.items():
        (folder / "submissions" / name).mkdir(parents=True)
        (folder / "submissions" / name / "double.py").write_text(source)
    (folder / "canvas-export.csv").write_text(CANVAS)
    (folder / "moodle-worksheet.csv").write_text(MOODLE)
    words = ("batch", "submissions", "--out", "graded", *COURSE)
    lent = contextlib.nullcontext(pool)
    with mock.patch("grader.classroom.batch.ExaminerPool", return_value=lent):
        done = run_here(*words, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "report.html" in done.stdout
    return folder


@pytest.fixture
def export(graded, run_here):
    """Run `grade export` for the class, and return what it prints."""

    def run(*words):
        done = run_here("export", *words, "--out", "graded", *COURSE, folder=graded)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_report(graded):
    """The page of a class has every name as text, and the misconception."""
    page = (graded / "graded" / "report.html").read_text()
    assert "Ada Lovelace" in page and "&lt;b&gt;Mallory" in page and "<b>Mallory" not in page
    assert "You multiply the input by itself" in page


def test_canvas(graded, export):
    """The filled file is next to the gradebook, and the command names who is missing."""
    said = export("canvas", "canvas-export.csv")
    filled = (graded / "graded" / "canvas.csv").read_bytes()
    assert {number: grades[1] for number, grades in read_as_canvas_does(filled).items()} == {
        101: "5",
        102: "2",
        103: "2",
    }
    assert "2 cells filled in" in said and "`Roe, Richard`" in said and "`<b>Mallory`" in said


def test_moodle(graded, export):
    """--output names the file for the filled worksheet, --scale the maximum that it hides."""
    words = ("moodle", "moodle-worksheet.csv", "--scale", "5")
    export(*words, "--output", "upload/moodle.csv")
    assert read_as_moodle_does((graded / "upload" / "moodle.csv").read_bytes()) == {
        "1": "5",
        "2": "2",
    }


def test_junit_and_json_lines(graded, export):
    """Both documents have one grade for each submission."""
    export("junit")
    export("jsonl")
    assert len(ElementTree.parse(graded / "graded" / "junit.xml").findall("testsuite")) == 3
    lines = (graded / "graded" / "grades.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["points"] for line in lines) == [0, 2, 5]


def test_gradescope_and_classroom50(graded, export):
    """Each submission has a valid file in a folder of its own."""
    export("gradescope")
    results = [
        checked_results(path.read_bytes())
        for path in (graded / "graded" / "gradescope").glob("*/double/results.json")
    ]
    assert sorted(total(each) for each in results) == [0, 2, 5]
    export("classroom50", "--classroom", "embeddings")
    results = [
        checked_result(path.read_bytes())
        for path in (graded / "graded" / "classroom50").glob("*/double/result.json")
    ]
    assert sorted(each.score for each in results) == [0, 2, 5]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("canvas", "nothing.csv"), "nothing.csv: cannot be read"),
        (("canvas", "moodle-worksheet.csv"), "not a gradebook exported from Canvas"),
        (("canvas", "canvas-export.csv", "--column", "double"), "use the form EXERCISE=TITLE"),
        (
            ("canvas", "canvas-export.csv", "--output", "submissions"),
            "submissions: cannot be written",
        ),
    ],
)
def test_what_goes_wrong_is_told(graded, run_here, words, said):
    """Wrong files, columns and places end with exit code 2 and a message."""
    done = run_here("export", *words, "--out", "graded", *COURSE, folder=graded)
    assert done.returncode == 2
    assert said in done.stderr


def counted(grade, points, reason):
    """What counts of a grade for an exercise that is worth 10 points."""
    return Counted(
        assignment="Week 1",
        exercise=grade.exercise,
        raw=grade.points,
        max_points=grade.max_points,
        possible=10,
        points=points,
        lateness=Lateness.LATE,
        handed=Handed(),
        is_excused=points is None,
        reason=reason,
    )


def test_points_that_count():
    """Gradescope's score and properties of JUnit count; the tests keep the graded points."""
    late, excused = records.graded("Ada", 15), records.graded("Bob", 20)
    results = msgspec.structs.replace(
        records.class_of(late, excused),
        counted={
            "Ada": [counted(late, 6.5, "1 day late")],
            "Bob": [counted(excused, None, "excused")],
        },
        comments=[Comment(exercise="exercise1", text="Well <done>.", learner="Ada")],
    )

    # An excused submission without a score would be a zero.
    [content] = gradescope_files(results).values()
    read = checked_results(content)
    assert (read.score, total(read)) == (6.5, 15)
    assert read.output == "6.5 of 10 points count in Week 1: 1 day late.\n\nWell <done>."
    assert read.extra_data["counted"]["reason"] == "1 day late"

    suites = ElementTree.XML(class_as_junit(results).encode())
    found = [
        {each.get("name"): each.get("value") for each in suite.find("properties")}
        for suite in suites
    ]
    assert [each["points"] for each in found] == ["15", "20"]
    assert [each.get("counted_points") for each in found] == ["6.5", None]
    assert [each["counted_reason"] for each in found] == ["1 day late", "excused"]

    # Classroom 50 has only whole points, whose sum is the score.
    files = classroom50_files(results, "embeddings").values()
    assert [checked_result(content).score for content in files] == [15, 20]


CANVAS_OF_20 = "Student,ID,Section,double (1)\n    Points Possible,,,20\nAda,101,S,\n"


@pytest.mark.parametrize("words", [(), COURSE], ids=["without", "with"])
def test_the_gradebook_knows_its_course_and_its_maxima(words, tmp_path, run_here):
    """The points count by the rubric that graded, with and without --course."""
    (tmp_path / "c.csv").write_text(CANVAS_OF_20)
    grade = records.graded("Ada", 14, 28, exercise="double")
    results = records.class_of(grade, exercises=["double"])
    records.write_gradebook(tmp_path / "graded", results, SMALL_COURSE)
    done = run_here("export", "canvas", "c.csv", "--out", "graded", *words, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert read_as_canvas_does((tmp_path / "graded" / "canvas.csv").read_bytes())[101][1] == "10"
    assert "double has 28 points here and 20 in the column" in done.stdout
