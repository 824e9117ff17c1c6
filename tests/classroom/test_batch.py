"""`grade batch` and `grade report` as an instructor uses them: results, regrading, usage errors."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from grader.classroom import plan
from grader.classroom.plan import make_plan
from grader.course import loading
from grader.examiner.protocol import new_seed
from grader.grades.gradebook import Gradebook, Key
from grader.submission.finder import find_submissions
from tests.classroom.clusters import complaints
from tests.classroom.conftest import GOOD
from tests.grading import HAS_GPU

BAD = "def double(x):\n    return x * x\n"


# One class


def test_a_class(klass):
    """A batch grades everything, says first what it skips, and exits with 0 for any grades."""
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "learner: somebody\nfloats: yes\n")
    klass.write("bob/double.py", BAD)
    klass.write("bob/notes.txt", "x")
    (klass.folder / "eve").mkdir()
    result = klass.batch()
    # A slow machine also shows its progress.
    assert (result.returncode, complaints(result.stderr)) == (0, [])
    lines = result.stdout.splitlines()
    assert lines[:6] == [
        "Layout: a folder per learner (LEARNER/FILE)",
        "Found: 3 submissions of 3 learners (1 sizes, 2 double)",
        "No gradable submission from: eve",
        "Skipped: 1 file or folder",
        "- bob/notes.txt: not a .py, .ipynb or .yaml file",
        "3 to grade",
    ]
    assert "Graded 3 submissions" in result.stdout and "1 passed, 2 failed" in result.stdout
    possible, ada, bob, eve = klass.sheet()
    assert (possible["learner"], possible["double"], possible["double/value"]) == (
        "points possible",
        "5",
        "2",
    )
    assert (ada["learner"], ada["double"], ada["sizes"], ada["total"]) == ("ada", "5", "1", "6")
    assert (bob["learner"], bob["double"], bob["double/value"], bob["sizes"]) == (
        "bob",
        "2",
        "0",
        "",
    )
    assert set(eve.values()) == {"eve", ""}
    page = klass.feedback("bob")
    assert "**2 of 5 points** · double.py" in page
    assert "**Why:**" in page and "squared" not in page
    assert sorted(path.name for path in klass.out.iterdir()) == [
        "feedback",
        "gradebook.db",
        "grades.csv",
        "report.html",
    ]


def test_feedback_says_what_grade_says(klass, run_here):
    """The feedback contains every word of the page that `grade` shows in a terminal."""
    klass.write("bob/double.py", BAD)
    klass.batch("--seed", "3")
    (klass.root / "double.py").write_text(BAD)
    words = ("double", "--seed", "3", "--course", str(klass.course))
    page = run_here(*words, folder=klass.root).stdout
    feedback = klass.feedback("bob").replace("**", "")
    # Only about the learner's own folder.
    page, _, _ = page.partition("This grade is not kept")
    # Only the learner's own grade looks for a smaller example, so numbers differ.
    page = page.replace("small example", "")
    words = [word for word in page.split() if not re.search(r"[─\d]", word)]
    missing = [word for word in words if word not in feedback]
    # A learner without the hidden checks cannot repeat the grading.
    assert missing == ["repeat", "with", "--seed"]


def test_unchanged_is_not_graded_again(klass):
    """The same command grades only submissions that changed, themselves or in a helper."""
    klass.write("ada/double.py", "from tools import twice as double\n")
    tools = klass.write("ada/tools.py", "def twice(x): return x * x\n")
    klass.write("bob/double.py")
    first = klass.batch()
    assert "tools.py" not in first.stdout
    assert "0 to grade, 2 graded before and unchanged" in klass.batch().stdout
    assert len(klass.rows()) == 2
    tools.write_text(GOOD.replace("double", "twice"))
    assert "1 to grade, 1 graded before and unchanged" in klass.batch().stdout
    assert len(klass.rows()) == 3
    assert klass.points()["ada", "double"] == 5


@pytest.mark.parametrize("side", ["exercises/double/exercise.yaml", "solutions/double/checks.py"])
def test_changed_exercise_is_graded_again(klass, side):
    """A change on either side of an exercise regrades its submissions and no others."""
    course = klass.copy_course()
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "floats: yes\n")
    klass.batch()
    with (course / side).open("a") as file:
        file.write("# changed\n")
    assert "1 to grade, 1 graded before and unchanged" in klass.batch().stdout


def test_another_grader_grades_again(klass):
    """Grades of another version of the grader are not kept."""
    klass.write("ada/double.py")
    klass.batch()
    with closing(sqlite3.connect(klass.out / "gradebook.db")) as database, database:
        database.execute("UPDATE grades SET grader = 'grade 0.0.1, torch 1.0'")
    assert "1 to grade" in klass.batch().stdout


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
def test_absent_device_touches_nothing(klass):
    """An absent device is exit code 3: nothing is graded, and no grade is lost."""
    klass.write("ada/double.py")
    result = klass.batch("--device", "cuda")
    assert (result.returncode, result.stdout, klass.out.exists()) == (3, "", False)
    assert "this machine has no device `cuda` for PyTorch, only cpu" in result.stderr

    chosen = klass.batch("--device", "auto")
    assert "0 to grade" not in chosen.stdout
    assert "--device auto is cpu here." in chosen.stderr
    assert [grade["device"] for *_, grade in klass.rows()] == ["cpu"]

    result = klass.batch("--device", "mps")
    assert (result.returncode, result.stdout) == (3, "")
    assert "this machine has no device `mps` for PyTorch, only cpu" in result.stderr
    assert "0 to grade, 1 graded before and unchanged" in klass.batch().stdout


def test_each_device_has_its_own_grade(klass):
    """A grade of the CPU does not count on a GPU; a quiz has one grade for all devices."""
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "floats: yes\n")
    klass.batch()
    exercises = loading.load_course(klass.course)
    definitions = {name: loading.digest(exercise) for name, exercise in exercises.items()}
    roster = find_submissions(klass.folder, exercises, klass.out, None, klass.out)
    with Gradebook(klass.out / "gradebook.db") as gradebook:
        planned = [
            make_plan(roster, exercises, definitions, gradebook, device=device)
            for device in ("cpu", "cuda")
        ]
    assert [[(task.name, task.device) for task in plan.tasks] for plan in planned] == [
        [],
        [("ada/double.py", "cuda")],
    ]


def test_submitting_an_earlier_version(klass):
    """An earlier version gets its earlier grade back, without grading."""
    path = klass.write("ada/double.py", GOOD)
    klass.batch()
    path.write_text(BAD)
    klass.batch()
    path.write_text(GOOD)
    assert "0 to grade, 1 same as an earlier graded version" in klass.batch().stdout
    assert klass.sheet()[1]["double"] == "5"
    assert "0 to grade, 1 graded before and unchanged" in klass.batch().stdout


def test_first_submissions_share_a_seed(klass):
    """All first submissions have one seed; a second one, after feedback, has another."""
    klass.write("ada/double.py", BAD)
    klass.write("bob/double.py")
    klass.batch()
    klass.write("ada/double.py", GOOD)
    klass.batch()
    seeds = [(learner, grade["seed"]) for learner, _, grade in klass.rows()]
    by_learner = {
        name: [seed for learner, seed in seeds if learner == name] for name in ("ada", "bob")
    }
    assert by_learner["ada"][0] == by_learner["bob"][0] != by_learner["ada"][1]


# Regrading


def test_force_only_and_changes(klass):
    """`--force` and `--only` regrade and keep history; `--changes` shows before and after."""
    klass.write("ada/double.py")
    klass.write("bob/double.py", BAD)
    klass.write("bob/sizes.yaml", "floats: yes\n")
    klass.batch()
    unchanged = klass.report("--changes").stdout
    assert unchanged == f"No changes: nothing in {klass.out} was graded more than once.\n"
    assert "1 to grade, 2 left out by --only" in klass.batch("--only", "learner=a*").stdout
    assert "1 to grade" in klass.batch("--only", "learner=bob", "--only", "exercise=sizes").stdout
    failed = klass.batch("--only", "outcome=failed", "--only", "exercise=double").stdout
    assert "1 to grade, 2 left out by --only" in failed
    assert "3 to grade" in klass.batch("--force").stdout
    assert [learner for learner, _, _ in klass.rows()].count("ada") == 3
    assert klass.report("--changes").stdout == "3 graded again with the same result\n"
    klass.write("bob/double.py", GOOD)
    klass.batch()
    changes = klass.report("--changes").stdout
    assert "bob  double  2/5 → 5/5  (another submission)" in changes
    assert "    value: failed → passed, points 0/2 → 2/2" in changes
    assert "2 graded again with the same result" in changes


def test_out_is_required(klass, run_here):
    """Without `--out`, the message has an example to copy."""
    klass.write("my class/ada/double.py")
    for folder, example in (
        ("class", "class-graded"),
        ("class/my class", "'class/my class-graded'"),
        (".", "graded"),
    ):
        result = run_here("batch", folder, folder=klass.root)
        assert result.returncode == 2
        assert result.stderr == f"grade: write where the grades go, as in --out {example}\n"

    missing = run_here("batch", "clas", folder=klass.root)
    assert missing.returncode == 2
    assert "clas: no such folder" in missing.stderr and "grade demo clas" in missing.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "exercise=dubble"], "there is no such exercise; `grade list` shows"),
        (["--only", "outcome=bad"], "there is no such outcome; outcomes are passed, failed"),
        (["--only", "ada"], "write learner=NAME"),
        (["--only", "learner="], "write learner=NAME"),
        (["--jobs", "0"], "--jobs"),
        (["--pattern", "{x}.py"], "{x}"),
        (["--course", "/nowhere"], "not a course"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_usage_errors(klass, words, sentence):
    """A usage error is exit code 2 with one sentence, and nothing is graded."""
    klass.write("ada/double.py")
    result = klass.batch(*words)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert klass.rows() == []


def test_nothing_found(klass):
    """A folder without submissions is a usage error that says what to do."""
    klass.write("double.py")
    result = klass.batch()
    assert result.returncode == 2
    assert "double.py" in result.stdout
    assert "--pattern" in result.stderr


def test_output_folder_that_cannot_be_created(klass):
    """The message names the folder and another way."""
    klass.write("ada/double.py")
    klass.out.write_text("a file")
    result = klass.batch()
    assert result.returncode == 2
    assert f"{klass.out}: cannot be created" in result.stderr
    assert "--out" in result.stderr


# Other ways in


def test_nbgrader_layout(klass):
    """The folders of nbgrader work, with a notebook for two exercises."""
    cells = [
        {"cell_type": "code", "source": f"%%grade double\n{GOOD}"},
        {"cell_type": "code", "source": "%%grade sizes\nfloats: yes\n"},
    ]
    notebook = json.dumps({"cells": cells, "nbformat": 4, "metadata": {}})
    klass.write("submitted/ada/homework/homework.ipynb", notebook)
    result = klass.batch()
    assert "Layout: nbgrader" in result.stdout
    assert klass.points() == {("ada", "double"): 5, ("ada", "sizes"): 1}


def test_flat_folders_share_no_modules(klass):
    """In a flat folder, a submission cannot import the file of another learner."""
    klass.write("ada_1_2_double.py", GOOD)
    klass.write("eve_LATE_3_4_double.py", "from ada_1_2_double import double\n")
    assert "Marked late by the system: eve_3\n" in klass.batch().stdout
    assert klass.points() == {("ada_1", "double"): 5, ("eve_3", "double"): 0}


def test_report_writes_everything_again(klass):
    """`grade report` needs only the gradebook to write grades and feedback."""
    klass.write("ada/double.py")
    klass.batch()
    before = (klass.out / "grades.csv").read_text(), klass.feedback("ada")
    shutil.rmtree(klass.out / "feedback")
    (klass.out / "grades.csv").unlink()
    shutil.rmtree(klass.folder)
    assert klass.report().returncode == 0
    assert ((klass.out / "grades.csv").read_text(), klass.feedback("ada")) == before


def test_report_without_a_gradebook(klass):
    """`grade report` names the command that makes a gradebook."""
    result = klass.report()
    assert result.returncode == 2
    assert "grade batch DIR --out" in result.stderr


@pytest.mark.slow
def test_progress_in_a_terminal(klass):
    """A terminal shows a bar with number, rate and totals; `python -m grader` is the command."""
    klass.write("ada/double.py")
    klass.write("bob/double.py", BAD)
    words = klass.words("--jobs", "1")
    command = ["env", "TERM=xterm", "COLUMNS=100", sys.executable, "-m", "grader", *words]
    result = subprocess.run(
        ["script", "-qec", " ".join(command), "/dev/null"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert (result.returncode, len(klass.rows())) == (0, 2)
    for text in ("2/2", "/s", "1 passed, 1 failed", "Graded 2 submissions"):
        assert text in result.stdout


def test_nobody_can_try_all_seeds(tmp_path):
    """A submission sees numbers that are derived from the seed, so there are very many seeds."""
    key = Key("ada", "double", "s1", "d1", "g1")
    with Gradebook(tmp_path / "gradebook.db", create=True) as gradebook:
        of_class = [plan._seed(gradebook, f"secret {number}", key) for number in range(50)]
    for seeds in (of_class, [new_seed() for _ in range(50)]):
        assert len(set(seeds)) == 50
        # Programs read larger whole numbers from JSON wrongly.
        assert 2**48 < max(seeds) < 2**53
