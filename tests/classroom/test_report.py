"""`grade report` as an instructor uses it, and what a second batch says."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from tests.classroom.conftest import GOOD

BAD = "def double(x):\n    return x * x\n"
ODD = "def double(x):\n    return x * {}\n"


@pytest.fixture
def regraded(klass):
    """A class that was graded twice; ``old`` in its root has the outputs of the first time."""
    course = klass.copy_course()
    klass.write("ada/double.py")
    klass.write("bob/double.py", BAD)
    klass.write("cy/double.py", ODD.format(3))
    klass.write("dee/double.py", f"# another comment\n{ODD.format(3)}")
    klass.write("eve/double.py", ODD.format(4))
    klass.batch()
    shutil.copytree(klass.out, klass.root / "old")
    # The instructor corrects a check, Bob hands in again, and Flo is late.
    exercise = course / "exercises/double/exercise.yaml"
    exercise.write_text(exercise.read_text().replace("points: 2", "points: 3"))
    klass.write("bob/double.py", GOOD)
    klass.write("flo/double.py")
    klass.batch()
    return klass


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_report(regraded):
    """A report has figures, attempts, groups of equal behavior and changes, in three formats."""
    # As text
    shown = regraded.report().stdout
    assert "graded: " not in shown
    assert "class: 6 of 6 learners handed in work" in shown
    assert "  value        50 %" in shown
    assert "double: 1 learner handed in more than once (2.0 times on average)." in shown
    flat = " ".join(shown.split())
    assert "Mean of their first submissions: 2.0 of 6, of their best ones: 6.0." in flat
    assert "2 learners (cy, dee)" in flat
    assert "  1 learner wrong in a way of their own" in shown
    assert "With fewer than 20 learners, these figures mean little" in shown
    assert "Wrote grades.csv, report.html and feedback/" in shown

    # For programs
    whole, value, *_ = rows(regraded.report("--format", "csv").stdout)
    assert (whole["exercise"], whole["check"], whole["points"]) == ("double", "", "6")
    assert (value["check"], value["passed"], value["failed"]) == ("value", "3", "3")
    assert (value["attempted"], value["difficulty"]) == ("6", "0.5")
    output = regraded.root / "figures.json"
    assert regraded.report("--format", "json", "--output", str(output)).stdout == ""
    figures = json.loads(output.read_text())
    assert [item["check"] for item in figures["items"][:2]] == [None, "value"]
    assert figures["items"][1]["outcomes"] == {"passed": 3, "failed": 3}
    assert [group["learners"] for group in figures["groups"]] == [["cy", "dee"], ["eve"]]
    attempts = {"number": 2, "first": 2, "best": 6}
    assert figures["attempts"] == {"bob": {"double": attempts}}

    page = (Path(__file__).parents[2] / "docs/report.md").read_text()
    keys = {*figures, *figures["items"][0], *figures["groups"][0], *attempts}
    assert {key for key in keys if f"`{key}`" not in page} == set()

    # On the pages
    bob = regraded.sheet()[2]
    assert [bob[f"double {what}"] for what in ("attempts", "first", "best")] == ["2", "2", "6"]
    page = (regraded.out / "report.html").read_text()
    assert "2 attempts: the first 2, the best 6 points" in page
    assert 'aria-label="Share that passed: 1 value: 50 %; ' in page

    # What changed
    changes = regraded.report("--changes").stdout
    assert "bob  double  2/5 → 6/6  (another submission, the exercise changed)" in changes
    assert "    value: failed → passed, points 0/2 → 3/3" in changes
    assert "flo  new: double 6/6" in changes
    compared = regraded.report("--compare", str(regraded.root / "old")).stdout
    assert "  double/value: passed → passed for 1 learner" in compared
    assert "  double/value: failed → passed for 1 learner" in compared
    assert "flo  new: double 6/6" in compared
    assert "  double/value: 20 % → 50 %" in compared
    assert "with the same result in both" not in compared
    # A comparison reads the gradebook of the old class, and writes nothing.
    (change, *_) = rows(regraded.report("--compare", "old", "--format", "csv").stdout)
    assert (change["learner"], change["points_before"], change["points_after"]) == ("ada", "5", "6")
    compared = json.loads(regraded.report("--compare", "old", "--format", "json").stdout)
    assert compared["difficulty"]["double/value"] == {"before": 0.2, "after": 0.5}
    assert compared["changes"][-1]["learner"] == "flo"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["other"], "two folders, other and --out"),
        (["--changes", "--compare", "old"], "--changes and --compare show different things"),
        (["--output", "x.csv"], "--output is for --format csv and json"),
        (["--compare", "nowhere"], "nowhere: no gradebook there; name the folder"),
    ],
)
def test_usage_errors(klass, words, sentence):
    """What cannot be meant is exit code 2 with one sentence."""
    klass.write("ada/double.py")
    klass.batch()
    result = klass.report(*words)
    assert result.returncode == 2
    assert sentence in result.stderr


def test_a_notebook_with_several_exercises_is_listed_once(klass):
    """The code of a notebook for two exercises is one thing to look at."""
    cells = [f"%%grade {name}\nimport os\nos.kill(1, 9)" for name in ("double", "target")]
    code = [{"cell_type": "code", "source": cell} for cell in cells]
    klass.write("ada/work.ipynb", json.dumps({"cells": code, "nbformat": 4}))
    shown = klass.batch().stdout
    assert "Look at the code of 1 submission" in shown
    assert shown.count("ada/work.ipynb: names os.kill") == 1
    assert "2 to grade" in shown


def test_second_batch(klass):
    """A second batch repeats no list, and forgets missing work only when asked; nothing is lost."""
    system = "import os\n\ndef double(x):\n    os.system('rm -rf /')\n    return x\n"
    klass.write("ada/Double.py")
    klass.write("ada/notes.txt", "x")
    klass.write("bob/double.py", system)
    first = klass.batch().stdout
    assert "- ada/notes.txt: not a .py" in first
    assert "- bob/double.py: names os.system" in first
    assert "Uses of the system" in (klass.out / "report.html").read_text()
    second = klass.batch().stdout
    assert "notes.txt" not in second and "os.system" not in second
    assert "Skipped: 1 file or folder\n" in second
    assert "These are the same files as in the last batch" in second

    unknown = klass.batch("--only", "learner=nobody")
    assert unknown.returncode == 2
    assert "there is no such learner; some in this folder: ada, bob" in unknown.stderr

    work = (klass.folder / "bob/double.py").read_text()
    (klass.folder / "bob/double.py").unlink()
    assert "Kept 1 earlier grade without a file in this folder: bob double" in klass.batch().stdout
    assert "Forgot 1 earlier grade" in klass.batch("--forget-missing").stdout
    assert [row["double"] for row in klass.sheet()] == ["5", "5", ""]
    # The history is still there, so the same file is not graded again.
    klass.write("bob/double.py", work)
    assert "1 same as an earlier graded version" in klass.batch().stdout
    assert len(klass.sheet()[2]["double"]) == 1


def test_nothing_to_grade_leaves_nothing(klass):
    """A batch without submissions leaves no folder; one with the wrong learners says how else."""
    klass.write("ada.py")
    klass.write("bob.py", f"{GOOD}# mine\n")
    result = klass.batch()
    assert result.returncode == 2
    assert not klass.out.exists()
    # Several exercises ask for this function, so somebody has to say which one it is.
    assert "Graded 2 submissions" in klass.batch("--exercise", "double").stdout
    assert [row["double"] for row in klass.sheet()] == ["5", "5", "5"]
    shutil.rmtree(klass.out)
    for number, name in enumerate(("ada", "bob", "cy", "dee")):
        klass.write(f"section {number % 2}/{name}/double.py", f"{GOOD}# {name}\n")
    advice = '--pattern "*/{learner}/{exercise}.*"`, which finds 4 submissions of 4 learners'
    assert advice in " ".join(klass.batch().stdout.split())
    klass.write("graded before/gradebook.db", b"")
    klass.write("graded before/grades.csv", "")
    klass.write("graded before/report.html", "")
    (klass.folder / "ada.py").rename(klass.folder / "graded before/double.py")
    assert "- graded before: the output of another `grade batch`" in klass.batch().stdout
