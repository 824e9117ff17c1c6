"""What submissions can do to a batch: loop, be unreadable, have hostile names, or be copied."""

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from grader.classroom.results import is_complete
from grader.examiner.pool import ExaminerPool
from grader.grades.class_results import ClassResults
from grader.grades.notice import Notice, NoticeKind
from grader.submission.files import MAX_BYTES
from tests.classroom.conftest import GOOD, GRADE
from tests.grading import grade_source

BAD = "def double(x):\n    return x * x\n"
LOOPS = "while True: pass\n"
LAUNCH = Path(__file__).parents[1] / "hostile/launch.py"

# One bad submission


@pytest.fixture
def two_warm(tmp_path) -> Iterator[ExaminerPool]:
    """A pool of two warm examiners, which know the checks of ``double``."""
    with ExaminerPool(size=2) as pool:
        with pool.borrow() as one, pool.borrow() as two:
            for examiner in (one, two):
                assert grade_source(examiner, GOOD, tmp_path).passed
        yield pool


@pytest.mark.slow
def test_one_in_ten_loops(klass, two_warm):
    """Endless submissions time out; meanwhile all others are graded, and lose nothing."""
    for index in range(20):
        klass.write(f"learner{index:02}/double.py", LOOPS if index % 10 == 0 else GOOD)
    lent = nullcontext(two_warm)
    with mock.patch("grader.classroom.batch.ExaminerPool", return_value=lent):
        result = klass.batch("--jobs", "2")
    assert result.returncode == 0
    order = [learner for learner, _, _ in klass.rows()]
    assert len(order) == 20
    # While the first one looped, the other job continued. A busy machine grades only some.
    assert order.index("learner00") >= 4
    outcomes = {
        learner: {check["outcome"] for check in grade["checks"]}
        for learner, _, grade in klass.rows()
    }
    assert outcomes["learner00"] == outcomes["learner10"] == {"timeout"}
    assert all(
        found == {"passed"}
        for learner, found in outcomes.items()
        if learner not in ("learner00", "learner10")
    )


def test_broken_checks_are_no_zero(klass, pool):
    """Checks that cannot be imported leave submissions ungraded; a fix gets them graded."""
    checks = klass.copy_course() / "solutions/double/checks.py"
    whole = checks.read_text()
    checks.write_text("import nothing_like_it\n" + whole)
    for learner in ("ada", "bob"):
        klass.write(f"{learner}/double.py")
        klass.write(f"{learner}/sizes.yaml", "floats: yes\n")
    result = klass.batch()
    assert result.returncode == 3
    assert "2 not graded" in result.stdout
    assert result.stdout.count("nothing_like_it") == 1
    assert [(row["double"], row["sizes"]) for row in klass.sheet()[1:]] == [("", "1"), ("", "1")]
    assert "not your fault" in klass.feedback("ada")
    checks.write_text(whole)
    # An examiner that could not import checks keeps the reason, so the next batch needs another.
    pool.rest()
    fixed = klass.batch()
    assert "2 to grade, 2 graded before and unchanged" in fixed.stdout
    assert fixed.returncode == 0


UNFIT = {
    "empty": (b"", "empty"),
    "binary": (b"\x7fELF\0\0", "a binary file"),
    "huge": (b"#" * (1 << 20) + b"#", "larger than 1024 KiB"),
}


def test_files_that_cannot_be_graded(klass):
    """Empty, binary and huge files are listed first, get no points, and the feedback says why."""
    for name, (content, _) in UNFIT.items():
        klass.write(f"{name}/double.py", content)
    klass.write("quiz/sizes.yaml", "a: [1\n")
    klass.write("ada/double.py")
    cell = {"cell_type": "code", "source": "%%grade double\n" + "#" * (1 << 20)}
    not_text = "eve/\udcff \a\x1b[31m\n.ipynb"
    klass.write(not_text, json.dumps({"cells": [cell]}))
    result = klass.batch()
    assert result.returncode == 0
    assert "No points, because the file cannot be graded: 4 submissions" in result.stdout
    assert all(
        line.isprintable()
        for text in (result.stdout, klass.feedback("eve"))
        for line in text.splitlines()
    )
    for name, (_, reason) in UNFIT.items():
        assert reason in result.stdout and reason in klass.feedback(name)
        assert str(klass.root) not in klass.feedback(name)
    assert "sizes.yaml" in klass.feedback("quiz", "sizes")
    assert {row["learner"]: row["double"] for row in klass.sheet()}["empty"] == "0"
    assert "0 to grade, 6 graded before and unchanged" in klass.batch().stdout


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_file_without_permission(klass):
    """A file that this user cannot read is listed, and the exit code is 3."""
    klass.write("ada/double.py").chmod(0)
    klass.write("bob/double.py")
    result = klass.batch()
    assert result.returncode == 3
    assert "- ada/double.py: cannot be read; check its permissions" in result.stdout


UNREADABLE = "cannot be read; check its permissions"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (NoticeKind.NOT_A_SUBMISSION, True),
        (NoticeKind.SUPERSEDED, True),
        (NoticeKind.NOT_GRADABLE, True),
        (NoticeKind.UNREADABLE, False),
    ],
)
def test_kind_of_a_notice_decides_the_exit_code(kind, expected):
    """Only a file that this machine cannot read makes a batch incomplete, with any texts."""
    results = ClassResults(
        title="spring",
        exercises=[],
        learners=[],
        grades={},
        graded_at=datetime(2026, 1, 2, tzinfo=UTC),
        seconds=0.0,
        notices=[Notice(f"ada/{UNREADABLE}.txt", kind, UNREADABLE)],
    )
    assert is_complete(results) is expected


def test_file_name_that_reads_like_a_problem(klass):
    """The text in a file's name decides nothing: the exit code stays 0."""
    klass.write("ada/double.py")
    klass.write(f"ada/UNREADABLE, {UNREADABLE}.txt")
    klass.write(f"ada/double of ada is taken from {UNREADABLE}")
    result = klass.batch()
    assert (result.returncode, result.stderr) == (0, "")
    assert f"not a .py, .ipynb or .yaml file: ada/UNREADABLE, {UNREADABLE}.txt" in " ".join(
        result.stdout.split()
    )


def test_feedback_about_a_helper_names_no_folder(klass):
    """A helper that is too large is named by its file name, without the instructor's folders."""
    klass.write("ada/double.py", "import large\n")
    klass.write("ada/large.py", b"#" * (MAX_BYTES + 1))
    result = klass.batch()
    assert result.returncode == 0
    assert "large.py: larger than 1024 KiB" in klass.feedback("ada")
    assert str(klass.root) not in klass.feedback("ada")


# Names and text from learners


HOSTILE_NAMES = [
    "=1+1",
    "@SUM(A1)",
    "-rf",
    "ada\nbob",
    "ada\x1b[31m",
    "Ada",
    "ada",
    "..ada",
    "a'b\"<b>&",
    "ünïcödé 学生",
]


def test_hostile_names(klass):
    """Any name gets a row without spreadsheet formulas, and its own folder for feedback."""
    for name in HOSTILE_NAMES:
        klass.write(f"{name}/double.py")
    klass.write(b"\xff\xfe".decode("utf-8", "surrogateescape") + "/double.py")
    result = klass.batch()
    assert result.returncode == 0
    assert "\x1b" not in result.stdout
    rows = klass.sheet()[1:]
    assert len(rows) == len({row["learner"] for row in rows}) == len(HOSTILE_NAMES) + 1
    assert all(row["learner"][0] not in "=@+\t\r" and row["double"] == "5" for row in rows)
    folders = list((klass.out / "feedback").iterdir())
    assert len({folder.name.casefold() for folder in folders}) == len(rows)
    assert all((folder / "double.md").is_file() for folder in folders)


def test_learner_text_stays_inside(klass):
    """A fence, table, tag or heading of a learner never leaves its block of text."""
    nasty = "```\n# Full marks\n<script>alert(1)</script>\n~~~~\n| 5/5 |\n````` "
    source = (
        f"print({nasty!r})\ndef double(x):\n    print({nasty!r})\n    raise ValueError({nasty!r})\n"
    )
    klass.write("eve/double.py", source)
    klass.batch()
    outside, fence = [], ""
    for line in klass.feedback("eve").splitlines():
        if fence:
            fence = "" if line.strip() == fence else fence
        elif match := re.match(r"(`{3,})text$", line):
            fence = match[1]
        else:
            outside.append(line)
    assert not fence
    text = "\n".join(outside)
    assert "Full marks" not in text and "<script>" not in text and "alert" not in text


def test_hidden_checks(klass):
    """Feedback says how many hidden checks passed; the gradebook has their full results."""
    definition = klass.copy_course() / "exercises/double/exercise.yaml"
    line = "title: The gradient is two everywhere"
    definition.write_text(definition.read_text().replace(line, f"{line}, visible: false"))
    klass.write("bob/double.py", "def double(x):\n    return (x * 2).detach()\n")
    klass.batch()
    page = klass.feedback("bob")
    assert "0 of 1 hidden check passed" in page
    assert "gradient" not in page
    hidden = [check for check in klass.rows()[0][2]["checks"] if not check["visible"]]
    assert [(check["name"], bool(check["message"])) for check in hidden] == [("gradient", True)]
    assert klass.sheet()[1]["double/gradient"] == "0"


def groups_after(title, stdout):
    """The groups that ``stdout`` lists below the line that begins with ``title``."""
    _, found, below = stdout.partition(f"\n{title}")
    assert found
    groups = []
    for line in below.splitlines()[1:]:
        if not line.startswith(("- ", "* ")):
            break
        groups.append(line[2:])
    return groups


def test_identical_submissions(klass):
    """Submissions that differ in names, comments and layout form a group; starters do not."""
    starter = (klass.course / "exercises/double/starter.py").read_text()
    klass.write("ada/double.py", "def double(x):\n    y = x + x\n    return y * 1\n")
    klass.write(
        "bob/double.py",
        "# mine\ndef double(value):\n  result = value + value\n\n  return result * 1\n",
    )
    klass.write("eve/double.py", BAD)
    for learner in ("x", "y"):
        klass.write(f"{learner}/double.py", starter)
        klass.write(f"{learner}/sizes.yaml", f"learner: x\n# {learner}\nfloats: yes\n")
    for learner in ("v", "w"):
        klass.write(f"{learner}/double.py", f"def double({learner}):\n    return {learner} * 7\n")
        klass.write(f"{learner}/sizes.yaml", "floats: no\n")
    groups = groups_after("Same code except for names", klass.batch().stdout)
    # One equal submission can be chance; those with several come first.
    assert groups == [
        "double: v and w (in 2 exercises)",
        "sizes: v and w (in 2 exercises)",
        "double: ada and bob",
        "sizes: x and y",
    ]


def test_what_is_no_copy(klass):
    """Partners share one file, and what a fifth of a class writes is the task."""
    klass.write(
        "submission_metadata.yml",
        "submission_1:\n  :submitters:\n  - :email: ada@x.org\n  - :email: bob@x.org\n",
    )
    klass.write("submission_1/double.py", BAD)
    klass.write("submission_1/sizes.yaml", "learner: bob@x.org\nfloats: yes\n")
    for number in range(2, 7):
        klass.write(f"submission_{number}/double.py")
    shown = klass.batch().stdout
    assert "Same code" not in shown and "Answer sheets written" not in shown
    asked = {learner: grade["asked"] for learner, _, grade in klass.rows() if grade["asked"]}
    assert asked == {"ada@x.org": "bob@x.org", "bob@x.org": "bob@x.org"}


def test_a_second_download_with_other_letters(klass, run_here):
    """A learner stays one, if the second download composes a letter of the name differently."""
    klass.write(f"{unicodedata.normalize('NFC', 'Zoë Brandt')}/double.py", BAD)
    klass.batch()
    shutil.rmtree(klass.folder)
    klass.write(f"{unicodedata.normalize('NFD', 'Zoë Brandt')}/double.py")
    klass.batch()
    rows = klass.sheet()[1:]
    assert [(row["learner"], row["double"]) for row in rows] == [("Zo\u00eb Brandt", "5")]
    canvas = klass.root / "canvas.csv"
    canvas.write_text(
        'Student,ID,Section,double (5)\n    Points Possible,,,5\n"Brandt, Zoë",1,A,\n'
    )
    exported = klass.root / "filled.csv"
    words = ["canvas", str(canvas), "--out", str(klass.out), "--output", str(exported)]
    run_here("export", *words, "--course", str(klass.course), folder=klass.root)
    assert exported.read_text().endswith('"Brandt, Zoë",1,A,5\n')


def test_name_of_the_graded_file(klass):
    """If the name is not exact, the list of the class and the learner's page name the file."""
    klass.write("ada/double (1).py")
    klass.write("ada/double.py", BAD)
    klass.write("bob/double.py")
    klass.write("cy/one.py")
    klass.write("cy/two.py", BAD)
    result = klass.batch()
    shown = " ".join(result.stdout.split())
    assert "Without the exact name: 1 submission - ada, double: Graded `double (1).py`" in shown
    assert "several different files could be double of cy; name the right one with" in shown
    note = "Graded `double (1).py`; also found `double.py`."
    assert {grade["file_note"] for _, _, grade in klass.rows()} == {"", note}
    assert "double (1).py" in klass.feedback("ada") and "also found" in klass.feedback("ada")
    assert note in (klass.out / "report.html").read_text()
    assert "could be your double" in klass.feedback("cy") and "two.py" in klass.feedback("cy")
    assert [row["double"] for row in klass.sheet()[1:]] == ["5", "5", "0"]
    assert "0 to grade" in klass.batch().stdout


def test_other_code_handed_in_later(klass):
    """Every page names another file with other code, also if nothing is graded again."""
    klass.write("ada/double.py")
    klass.write("ben/double.py")
    klass.batch()
    klass.write("ada/double_v2.py", BAD)
    shown = " ".join(klass.batch().stdout.split())
    note = "Graded `double.py`; also found `double_v2.py`, with other code."
    assert f"With other code in another file: 1 submission - ada, double: {note}" in shown
    assert "0 to grade, 2 graded before and unchanged" in shown
    assert "double_v2.py" in klass.feedback("ada")
    assert note in (klass.out / "report.html").read_text()
    rows = len(klass.rows())
    klass.batch()
    assert len(klass.rows()) == rows
    assert "ada" not in klass.report("--changes").stdout


def test_a_run_that_undoes_a_decision_says_so(klass):
    """A pattern decides for one run, and the exact name for good."""
    klass.write("ada/double_final.py")
    klass.write("ada/double_best.py", BAD)
    klass.batch("--pattern", "{learner}/{exercise}_final.py")
    assert klass.points() == {("ada", "double"): 5}
    shown = " ".join(klass.batch().stdout.split())
    assert "No longer counted, because several files could be meant: ada double (5/5)." in shown
    assert klass.points() == {("ada", "double"): 0}
    assert "No longer counted" not in klass.batch().stdout
    (klass.folder / "ada/double_final.py").rename(klass.folder / "ada/double.py")
    klass.batch()
    assert klass.points() == {("ada", "double"): 5}


def test_two_people_of_one_name(klass):
    """Folders of one name may be those of two people, and then nobody is graded as the other."""
    for folder in ("A/ada", "B/ada", "B/cy"):
        klass.write(f"{folder}/double.py")
    klass.write("A/eve/double.py")
    klass.write("B/eve/sizes.yaml", "floats: yes\n")
    result = klass.batch("--pattern", "*/{learner}/{exercise}.*")
    assert result.returncode == 3
    shown = " ".join(result.stdout.split())
    problem = "there are several folders for `ada`: `A/ada` and `B/ada`"
    assert f"{problem}; rename one if these are several people, or else remove one" in shown
    assert f"{problem}; ask your instructor" in " ".join(klass.feedback("ada").split())
    assert [row["double"] for row in klass.sheet()[1:]] == ["", "5", "5"]


def test_numbered_folders_of_one_name(klass):
    """A later attempt counts, and the output says what to do if it is another person's."""
    for number in (1, 2):
        klass.write(f"group{number}/ada/double.py", f"{GOOD}# {number}\n")
    shown = " ".join(klass.batch("--pattern", "*/{learner}/{exercise}.*").stdout.split())
    assert "group1/ada/double.py: not used; group2/ada/double.py counts for double" in shown
    assert "if these are several people of one name, rename one of the folders" in shown


def test_the_output_beside_the_learners(klass):
    """The folder of the class can be the output folder too, and `feedback` is nobody's name."""
    klass.out = klass.folder
    klass.write("ada/double.py")
    klass.batch()
    again = klass.batch().stdout
    assert "Found: 1 submission of 1 learner (1 double)" in again
    assert "the output of a `grade batch`: feedback, gradebook.db, grades.csv, report" in again
    assert [row["learner"] for row in klass.sheet()[1:]] == ["ada"]


def test_second_downloads_of_a_learner(klass):
    """A copy of a folder has a row of its own, and the output says whose it may be."""
    for name in ("ada", "ada (1)", "Kopie von ben", "ben", "cy - Copy", "Cy", "team-1", "team-2"):
        klass.write(f"{name}/double.py", f"{GOOD}# {name}\n")
    shown = " ".join(klass.batch().stdout.split())
    copies = "`Kopie von ben` of `ben`, `ada (1)` of `ada` and `cy - Copy` of `Cy`."
    assert f"May be a second hand-in of a learner, graded as another one: {copies}" in shown
    shutil.rmtree(klass.folder)
    klass.write("ada_1_2_double.py")
    klass.write("ada_2_3_double.py")
    assert "second hand-in" not in klass.batch().stdout


@pytest.mark.parametrize(
    ("cell", "call"),
    [
        ("def helper(x):\n    return x * 2", "helper(x)"),
        ("from operator import mul as times", "times(x, 2)"),
        ("%%grade sizes\nFACTOR = 2", "x * FACTOR"),
    ],
)
def test_a_name_from_a_cell_that_is_not_graded(klass, cell, call):
    """The page says in which cell the name is, and nothing about similar names."""
    texts = ["1 + 1", cell, f"%%grade double\ndef double(x):\n    return {call}"]
    cells = [{"cell_type": "code", "source": text} for text in texts]
    klass.write("ada/double.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    klass.batch("--exercise", "double")
    page = klass.feedback("ada")
    assert "is in cell 2, which is not graded. Move it into the graded cell." in page
    assert "Did you mean" not in page


LEFT_OUT = {
    "backup/double.py": "in the folder `backup`, in which tools keep copies",
    ".ipynb_checkpoints/double-checkpoint.ipynb": "in the folder `.ipynb_checkpoints`, in which",
    ".double.py": "a hidden file, which nobody grades",
    "._double.py": "written by macOS about a file, and not the file itself",
}


def test_only_files_that_nobody_grades(klass):
    """Who handed in only what tools keep for themselves reads what was found, and what to do."""
    klass.write("ada/double.py")
    klass.write("ada/backup/double.py", BAD)
    klass.write("ada/sizes.yaml", "floats: yes\n")
    klass.write("backup/double.py")
    learners = {f"learner{number}": path for number, path in enumerate(LEFT_OUT)}
    for learner, path in learners.items():
        klass.write(f"{learner}/{path}")
    klass.write("learner0/notes.txt", "see backup")
    klass.batch()
    for learner, path in learners.items():
        page = " ".join(klass.feedback(learner).split())
        assert LEFT_OUT[path] in page
        assert "hand in" in page
    assert [row["double"] for row in klass.sheet()[1:]] == ["5", "0", "0", "0", "0"]


def test_shared_sheets(klass):
    """Learners with answer sheets of one name are listed, with the owner of the name."""
    sheets = {"ada": "ada", "bob": "ada", "cy": "cy42", "dan": "eve", "fay": "jo", "gil": "jo"}
    for number, (learner, name) in enumerate(sheets.items()):
        klass.write(f"{learner}/sizes.yaml", f"learner: {name}\nfloats: yes\nnumbers: {number}\n")
    klass.write("eve/double.py")
    result = klass.batch()
    assert groups_after("Answer sheets written for the same name", result.stdout) == [
        "sizes: ada and bob",
        "sizes: dan and eve",
        "sizes: fay and gil",
    ]
    feedback = " ".join(klass.feedback("bob", "sizes").split())
    assert "written for ada, but it is graded with the numbers of bob" in feedback
    assert "Answer sheets with the same name" in (klass.out / "report.html").read_text()


# The sandbox


@pytest.mark.slow
def test_without_a_sandbox(klass):
    """A batch without a sandbox warns before it starts, and stores which layers lacked."""
    klass.write("ada/double.py")
    result = klass.batch("--isolation", "none")
    assert result.returncode == 0
    assert result.stderr.startswith("WARNING: the sandbox lacks files")
    assert "can read and change your files" in " ".join(result.stderr.split())
    assert None in klass.rows()[0][2]["isolation"].values()


@pytest.mark.slow
def test_strict(klass):
    """If a layer is missing, `--isolation strict` runs nothing, and no learner gets a zero."""
    klass.write("ada/double.py", f"open({str(klass.root / 'ran')!r}, 'w')\n" + GOOD)
    klass.write("bob/double.py", BAD)
    words = klass.words("--isolation", "strict", "--jobs", "1")
    weaker = [sys.executable, LAUNCH, "no-namespaces+no-landlock", GRADE, *words]
    result = subprocess.run(weaker, cwd=klass.root, capture_output=True, text=True, check=False)
    assert result.returncode == 3
    assert [grade["status"] for _, _, grade in klass.rows()] == ["ungraded"] * 2
    assert "--isolation strict requires every layer" in klass.feedback("ada")
    assert not (klass.root / "ran").exists()
    assert klass.batch("--isolation", "strict").returncode == 0
    assert [grade["status"] for _, _, grade in klass.rows()] == ["ungraded"] * 2 + ["graded"] * 2
