"""`grade batch` as an instructor types it: layouts, resuming, regrading, and what goes wrong in a class."""

import csv
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.classroom import batch
from grader.course import loading
from grader.grades.class_results import ClassResults, Notice, NoticeKind
from grader.grades.gradebook import Gradebook
from grader.submission.files import MAX_BYTES
from grader.submission.finder import find_submissions
from tests.grading import HAS_GPU, SMALL_COURSE, is_dead, run_grade, until, without_times

GRADE = str(Path(sys.executable).parent / "grade")
LAUNCH = Path(__file__).parents[1] / "hostile/launch.py"
GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"
BAD = "def double(x):\n    return x * x\n"
LOOPS = "while True: pass\n"


class Class:
    """A folder of submissions under construction, and the command that grades it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "class"
        self.out = root / "graded"
        self.course = root / "course"
        shutil.copytree(SMALL_COURSE, self.course)

    def write(self, file: str, content: str | bytes = GOOD) -> Path:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def command(self, *words: str) -> list[str]:
        return [
            GRADE,
            "batch",
            str(self.folder),
            "--out",
            str(self.out),
            "--course",
            str(self.course),
            *words,
        ]

    def batch(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Grade the class; by one job where nothing else is said, for each of them imports torch."""
        words = words if "--jobs" in words else (*words, "--jobs", "1")
        return run_grade(*self.command(*words)[1:], folder=self.root, **environment)

    def report(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run_grade(
            "report", "--out", str(self.out), "--course", str(self.course), *words, folder=self.root
        )

    def rows(self, out: Path | None = None) -> list[tuple[str, str, dict]]:
        """Every grade that was ever stored: learner, exercise, grade."""
        path = (out or self.out) / "gradebook.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path, timeout=20)) as database:
            try:
                found = database.execute(
                    "SELECT learner, exercise, grade FROM grades ORDER BY id"
                ).fetchall()
            except sqlite3.OperationalError:
                return []  # no table yet
        return [(learner, exercise, json.loads(grade)) for learner, exercise, grade in found]

    def sheet(self) -> list[dict[str, str]]:
        with (self.out / "grades.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def feedback(self, learner: str, exercise: str = "double") -> str:
        return (self.out / "feedback" / learner / f"{exercise}.md").read_text()


@pytest.fixture
def klass(tmp_path):
    return Class(tmp_path)


def counts(klass):
    return {(learner, exercise): grade["points"] for learner, exercise, grade in klass.rows()}


# One class


def test_a_class(klass):
    """Grades, feedback and a sheet for all; exit 0 whatever the grades; what was passed over is told first."""
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "learner: somebody\nfloats: yes\n")
    klass.write("bob/double.py", BAD)
    klass.write("bob/notes.txt", "x")
    (klass.folder / "eve").mkdir()
    result = klass.batch()
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[:6] == [
        "Layout: a folder per learner (LEARNER/FILE)",
        "Found: 3 submissions of 3 learners (1 sizes, 2 double)",
        "No gradable submission from: eve",
        "Skipped: 1 file or folder",
        "- not a .py, .ipynb or .yaml file: bob/notes.txt",
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
    assert "This matches a known misconception, **squared**:" in page
    assert sorted(path.name for path in klass.out.iterdir()) == [
        "feedback",
        "gradebook.db",
        "grades.csv",
        "report.html",
    ]


def test_feedback_says_what_grade_says(klass):
    """Every message, case and title of the page in the terminal is in the feedback."""
    klass.write("bob/double.py", BAD)
    klass.batch("--seed", "3")
    (klass.root / "double.py").write_text(BAD)
    page = run_grade(
        "double", "--seed", "3", "--course", str(klass.course), folder=klass.root
    ).stdout
    feedback = klass.feedback("bob").replace("**", "")
    missing = [word for word in page.split() if word not in feedback and not word.startswith("─")]
    assert missing == ["repeat", "with", "--seed"]  # of no use to who has no hidden checks


def test_unchanged_is_not_graded_again(klass):
    """The same command again grades nothing; a changed submission, and a changed helper of one, are graded."""
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
    assert counts(klass)["ada", "double"] == 5


@pytest.mark.parametrize("side", ["exercises/double/exercise.yaml", "solutions/double/checks.py"])
def test_changed_exercise_is_graded_again(klass, side):
    """Whichever side of an exercise is changed, its submissions are graded again, and no others."""
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "floats: yes\n")
    klass.batch()
    with (klass.course / side).open("a") as file:
        file.write("# changed\n")
    assert "1 to grade, 1 graded before and unchanged" in klass.batch().stdout


def test_another_grader_grades_again(klass):
    """What another version of the grader graded is graded again."""
    klass.write("ada/double.py")
    klass.batch()
    with closing(sqlite3.connect(klass.out / "gradebook.db")) as database, database:
        database.execute("UPDATE grades SET grader = 'grade 0.0.1, torch 1.0'")
    assert "1 to grade" in klass.batch().stdout


@pytest.mark.skipif(HAS_GPU, reason="there is a GPU")
@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_absent_device_touches_nothing(klass, device):
    """On a device that is absent nothing is graded and no grade is lost: exit code 3, and which there are."""
    klass.write("ada/double.py")
    result = klass.batch("--device", device)
    assert (result.returncode, result.stdout, klass.out.exists()) == (3, "", False)
    assert f"this machine has no device `{device}` for PyTorch, only cpu" in result.stderr
    assert "0 to grade" not in klass.batch("--device", "auto").stdout
    assert [grade["device"] for *_, grade in klass.rows()] == ["cpu"]
    assert "--device auto is cpu here." in klass.batch("--device", "auto").stderr
    klass.batch("--device", device)
    assert "0 to grade, 1 graded before and unchanged" in klass.batch().stdout


def test_grade_of_another_device_is_another(klass):
    """A grade of the CPU is not taken for one of the GPU: code is graded again, a quiz has no device."""
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "floats: yes\n")
    klass.batch()
    exercises = loading.load_course(klass.course)
    definitions = {name: loading.digest(exercise) for name, exercise in exercises.items()}
    roster = find_submissions(klass.folder, exercises, None, klass.out)
    with Gradebook(klass.out / "gradebook.db") as gradebook:
        planned = [
            batch.make_plan(klass.folder, roster, exercises, definitions, gradebook, device=device)
            for device in ("cpu", "cuda")
        ]
    assert [[(task.name, task.device) for task in plan.tasks] for plan in planned] == [
        [],
        [("ada/double.py", "cuda")],
    ]


def test_handing_in_what_was_graded_before(klass):
    """Going back to an earlier submission brings its grade back, without grading."""
    path = klass.write("ada/double.py", GOOD)
    klass.batch()
    path.write_text(BAD)
    klass.batch()
    path.write_text(GOOD)
    assert "0 to grade, 1 same as an earlier graded version" in klass.batch().stdout
    assert klass.sheet()[1]["double"] == "5"
    assert "0 to grade, 1 graded before and unchanged" in klass.batch().stdout


def test_everyone_is_asked_the_same_once(klass):
    """First submissions share a seed; who hands in again, after feedback, is asked something else."""
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
    """`--force` and `--only` grade again and keep history; `--changes` shows before and after."""
    klass.write("ada/double.py")
    klass.write("bob/double.py", BAD)
    klass.write("bob/sizes.yaml", "floats: yes\n")
    klass.batch()
    assert "was graded more than once, so nothing has changed" in klass.report("--changes").stdout
    assert "1 to grade, 2 left as they are" in klass.batch("--only", "learner=a*").stdout
    assert "1 to grade" in klass.batch("--only", "learner=bob", "--only", "exercise=sizes").stdout
    failed = klass.batch("--only", "outcome=failed", "--only", "exercise=double").stdout
    assert "1 to grade, 2 left as they are" in failed
    assert "3 to grade" in klass.batch("--force").stdout
    assert [learner for learner, _, _ in klass.rows()].count("ada") == 3
    assert klass.report("--changes").stdout == "3 graded again with the same outcome\n"
    klass.write("bob/double.py", GOOD)
    klass.batch()
    changes = klass.report("--changes").stdout
    assert "bob  double  2/5 → 5/5  (another submission)" in changes
    assert "    value: failed → passed, points 0 → 2" in changes
    assert "2 graded again with the same outcome" in changes


def test_out_has_to_be_named(klass):
    """Where grades go is not guessed: the message has an example to copy."""
    klass.write("my class/ada/double.py")
    for folder, example in (
        ("class", "class-graded"),
        ("class/my class", "'class/my class-graded'"),
        (".", "graded"),
    ):
        result = run_grade("batch", folder, folder=klass.root)
        assert result.returncode == 2
        assert (
            result.stderr == f"grade: say where the grades go with --out, as in --out {example}\n"
        )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "exercise=dubble"], "there is no such exercise"),
        (["--only", "outcome=bad"], "there is no such outcome; there are passed, failed"),
        (["--only", "ada"], "write learner=NAME"),
        (["--jobs", "0"], "--jobs"),
        (["--pattern", "{x}.py"], "means nothing"),
        (["--course", "/nowhere"], "not a course"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage(klass, words, sentence):
    """What cannot be meant is told with exit code 2, and nothing is graded."""
    klass.write("ada/double.py")
    result = klass.batch(*words)
    assert result.returncode == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert klass.rows() == []


def test_nothing_found(klass):
    """A folder without submissions is a mistake in what was typed: it says what lay there, and what to do."""
    klass.write("double.py")
    result = klass.batch()
    assert result.returncode == 2
    assert "in no learner's folder" in result.stdout.replace("\n    ", " ")
    assert "--pattern" in result.stderr


# Interruption


def a_class_of(klass, number):
    for index in range(number):
        klass.write(f"learner{index:03}/double.py", f"# {index}\n" + (BAD if index % 3 else GOOD))


def start(klass, *words):
    return subprocess.Popen(
        klass.command("--seed", "5", *words),
        cwd=klass.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def comparable(rows):
    return sorted(
        (learner, exercise, json.dumps(without_times(grade))) for learner, exercise, grade in rows
    )


def test_killed_and_resumed(klass):
    """After ten kill -9 the same command goes on: nothing lost, nothing twice, the same grades as undisturbed."""
    a_class_of(klass, 300)
    draw = random.Random(random.SystemRandom().getrandbits(32))
    moments = []
    for round_number in range(10):
        with start(klass) as process:
            # Most while grades come in, at any point between two of them; some while all of it starts.
            enough = len(klass.rows()) + draw.randint(1, 8) if round_number % 4 else 0
            until(lambda enough=enough: len(klass.rows()) >= enough, 60)
            time.sleep(draw.uniform(0, 0.05 if enough else 2))
            children = children_of(process.pid)
            process.kill()
        for child in children:
            until(lambda child=child: is_dead(child))
        moments.append(len(klass.rows()))
    kept = klass.rows()
    assert moments == sorted(moments) and 7 <= len(kept) < 300, moments
    result = klass.batch("--seed", "5")
    assert f"{300 - len(kept)} to grade, {len(kept)} graded before and unchanged" in result.stdout
    assert klass.rows()[: len(kept)] == kept
    disturbed, klass.out = klass.rows(), klass.root / "undisturbed"
    klass.batch("--seed", "5", "--jobs", "2")
    assert comparable(disturbed) == comparable(klass.rows()), moments
    assert len(disturbed) == 300
    assert sorted(path.name for path in klass.out.iterdir()) == [
        "feedback",
        "gradebook.db",
        "grades.csv",
        "report.html",
    ]


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_interrupted(klass):
    """Ctrl-C keeps what was graded, says how to go on, ends every process, and exits with 130."""
    a_class_of(klass, 40)
    with start(klass) as process:
        until(lambda: len(klass.rows()) >= 3, 60)
        children = [
            int(stat.parent.name)
            for stat in Path("/proc").glob("[0-9]*/stat")
            if stat.exists() and parent_of(stat) == process.pid
        ]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    kept = len(klass.rows())
    assert re.search(
        rf"grade: interrupted; {kept} graded now are kept in .*Type the same command again to go on",
        said,
    )
    assert "Traceback" not in said
    assert children and all(is_dead(child) for child in children)
    assert f"{40 - kept} to grade" in klass.batch("--seed", "5").stdout


def parent_of(stat):
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (OSError, ProcessLookupError):
        return 0


def test_two_batches_at_once(klass):
    """A second batch into the same folder is refused while the first is at work."""
    a_class_of(klass, 30)
    with start(klass) as process:
        until(lambda: len(klass.rows()) >= 1, 60)
        second = klass.batch()
        process.kill()
    assert second.returncode == 2
    assert "another `grade batch` is at work there" in second.stderr


def test_full_disk(klass):
    """Where the gradebook cannot grow, the batch stops and says so; what was stored is kept and goes on later."""
    a_class_of(klass, 40)
    limited = ["bash", "-c", 'ulimit -S -f 120; exec "$@"', "-", *klass.command("--seed", "5")]
    result = subprocess.run(
        limited, cwd=klass.root, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 3
    assert (
        "gradebook.db: " in result.stderr
        and "run the same command again: stored grades are kept" in result.stderr
    )
    assert "Traceback" not in result.stderr
    kept = len(klass.rows())
    assert 0 < kept < 40
    assert f"{40 - kept} to grade, {kept} graded before" in klass.batch("--seed", "5").stdout


# One bad submission


def test_one_in_ten_loops(klass):
    """Submissions that never end get their timeout; all others are graded meanwhile and lose nothing."""
    for index in range(20):
        klass.write(f"learner{index:02}/double.py", LOOPS if index % 10 == 0 else GOOD)
    result = klass.batch("--jobs", "2")
    assert result.returncode == 0
    order = [learner for learner, _, _ in klass.rows()]
    assert len(order) == 20
    # While the first looped, the other job went on.
    assert order.index("learner00") >= 8
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


def test_examiner_that_dies(klass):
    """An examiner that is killed is started again, and its submission is graded all the same."""
    a_class_of(klass, 30)
    with start(klass, "--jobs", "1") as process:
        until(lambda: len(klass.rows()) >= 3, 60)
        victims = [
            int(stat.parent.name)
            for stat in Path("/proc").glob("[0-9]*/stat")
            if parent_of(stat) == process.pid
            and b"grader.examiner" in (stat.parent / "cmdline").read_bytes()
        ]
        assert len(victims) == 1
        os.kill(victims[0], signal.SIGKILL)
        assert process.wait(timeout=60) == 0
    assert len(klass.rows()) == 30
    assert all(grade["status"] == "graded" for _, _, grade in klass.rows())


def test_broken_course_is_nobodys_zero(klass):
    """Checks that cannot be imported leave one exercise ungraded, told once; mended, it is graded."""
    checks = klass.course / "solutions/double/checks.py"
    whole = checks.read_text()
    checks.write_text("import nothing_like_it\n" + whole)
    for learner in ("ada", "bob"):
        klass.write(f"{learner}/double.py")
        klass.write(f"{learner}/sizes.yaml", "floats: yes\n")
    result = klass.batch()
    assert result.returncode == 3
    assert "2 ungraded" in result.stdout
    assert result.stdout.count("nothing_like_it") == 1
    assert [(row["double"], row["sizes"]) for row in klass.sheet()[1:]] == [("", "1"), ("", "1")]
    assert "not your fault" in klass.feedback("ada")
    checks.write_text(whole)
    mended = klass.batch()
    assert "2 to grade, 2 graded before and unchanged" in mended.stdout
    assert mended.returncode == 0


UNFIT = {
    "empty": (b"", "empty"),
    "binary": (b"\x7fELF\0\0", "a binary file"),
    "huge": (b"#" * (1 << 20) + b"#", "larger than 1024 KiB"),
}


def test_files_that_cannot_be_read(klass):
    """Empty, binary and huge files are told before the start, get no points, and the learner is told why."""
    for name, (content, _) in UNFIT.items():
        klass.write(f"{name}/double.py", content)
    klass.write("quiz/sizes.yaml", "a: [1\n")
    klass.write("ada/double.py")
    cell = {"cell_type": "code", "source": "%%grade double\n" + "#" * (1 << 20)}
    klass.write(
        "eve/\udcff \a\x1b[31m\n.ipynb", json.dumps({"cells": [cell]})
    )  # a name that is no text
    result = klass.batch()
    assert result.returncode == 0
    assert (
        "No points for what cannot be read; the feedback says why: 4 submissions" in result.stdout
    )
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


def test_files_that_go_away(klass):
    """A file that is taken away while the batch is at work is nobody's zero; what is gone before is kept and told."""
    for index in range(12):
        klass.write(f"learner{index:02}/double.py", LOOPS if index < 2 else GOOD)
    with start(klass, "--jobs", "1") as process:
        assert "12 to grade" in "".join(process.stdout.readline() for _ in range(3))
        (klass.folder / "learner11/double.py").unlink()
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 3
    assert "learner11/double: double.py: was a file when the batch began" in " ".join(said.split())
    shutil.rmtree(klass.folder / "learner02")
    again = klass.batch().stdout
    assert (
        "no file here holds it now: 2 grades (learner02 double and learner11 double)"
        in " ".join(again.split())
    )
    assert {row["learner"]: row["double"] for row in klass.sheet()}["learner02"] == "5"


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_file_without_permission(klass):
    """A file that we may not read is our trouble: told, and exit code 3."""
    klass.write("ada/double.py").chmod(0)
    klass.write("bob/double.py")
    result = klass.batch()
    assert result.returncode == 3
    assert "cannot be read; check its permissions: ada/double.py" in result.stdout


UNREADABLE = "cannot be read; check its permissions"


@pytest.mark.parametrize(
    ("kind", "is_complete"),
    [
        (NoticeKind.NOT_A_SUBMISSION, True),
        (NoticeKind.SUPERSEDED, True),
        (NoticeKind.NOT_GRADABLE, True),
        (NoticeKind.UNREADABLE, False),
    ],
)
def test_kind_of_a_notice_decides_the_exit_code(kind, is_complete):
    """Only a file that this machine cannot read makes a batch incomplete, whatever the texts say."""
    results = ClassResults(
        title="spring",
        exercises=[],
        learners=[],
        grades={},
        graded_at=datetime(2026, 1, 2, tzinfo=UTC),
        seconds=0.0,
        notices=[Notice(f"ada/{UNREADABLE}.txt", kind, UNREADABLE)],
    )
    assert batch.is_complete(results) is is_complete


def test_file_name_that_reads_like_a_problem(klass):
    """A file's name decides nothing: with any text in it, the exit code stays 0."""
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
    """Whatever learners are called, each has a row that no spreadsheet runs and a folder that leads nowhere else."""
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
    """No fence, table, tag or heading of a learner's ends up outside of a block of text."""
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
    """Feedback says how many hidden checks there are and how they went; the gradebook has them in full."""
    definition = klass.course / "exercises/double/exercise.yaml"
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


def test_identical_submissions(klass):
    """Those that differ in names, comments and layout are a group; starters handed in as they are are none."""
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
    said = klass.batch().stdout
    groups = [line for line in said.splitlines() if line.startswith("- ")]
    assert groups == ["- double: ada and bob", "- sizes: x and y"]


def test_shared_sheets(klass):
    """Quizzes answered on one name's sheet are told, whoever of them it was written for."""
    sheets = {"ada": "ada", "bob": "ada", "cy": "cy42", "dan": "eve", "fay": "jo", "gil": "jo"}
    for number, (learner, name) in enumerate(sheets.items()):
        klass.write(f"{learner}/sizes.yaml", f"learner: {name}\nfloats: yes\nnumbers: {number}\n")
    klass.write("eve/double.py")
    result = klass.batch()
    assert [line for line in result.stdout.splitlines() if line.startswith("* ")] == [
        "* sizes: ada and bob",
        "* sizes: dan and eve",
        "* sizes: fay and gil",
    ]
    assert "The questions use the numbers of ada" in klass.feedback("bob", "sizes")
    assert "one name" in (klass.out / "report.html").read_text()


# The wall


def test_without_a_wall(klass):
    """A batch that runs without a wall says so loudly before it starts, and keeps the fact."""
    klass.write("ada/double.py")
    result = klass.batch("--isolation", "none")
    assert result.returncode == 0
    assert result.stderr.startswith("WARNING: the sandbox lacks files")
    assert "can read and change files of yours" in " ".join(result.stderr.split())
    assert None in klass.rows()[0][2]["isolation"].values()


def test_strict(klass):
    """Where a layer of the wall is missing, `--isolation strict` runs nothing, and no learner has a zero."""
    klass.write("ada/double.py", f"open({str(klass.root / 'ran')!r}, 'w')\n" + GOOD)
    klass.write("bob/double.py", BAD)
    elsewhere = [
        sys.executable,
        LAUNCH,
        "no-namespaces+no-landlock",
        *klass.command("--isolation", "strict"),
    ]
    result = subprocess.run(elsewhere, cwd=klass.root, capture_output=True, text=True, check=False)
    assert result.returncode == 3
    assert [grade["status"] for _, _, grade in klass.rows()] == ["ungraded"] * 2
    assert "--isolation strict requires every layer" in klass.feedback("ada")
    assert not (klass.root / "ran").exists()
    assert klass.batch("--isolation", "strict").returncode == 0
    assert [grade["status"] for _, _, grade in klass.rows()] == ["ungraded"] * 2 + ["graded"] * 2


# Other ways in


def test_other_layouts_through_the_command(klass):
    """Nbgrader's folders, with a notebook that holds two exercises."""
    cells = [
        {"cell_type": "code", "source": f"%%grade double\n{GOOD}"},
        {"cell_type": "code", "source": "%%grade sizes\nfloats: yes\n"},
    ]
    notebook = json.dumps({"cells": cells, "nbformat": 4, "metadata": {}})
    klass.write("submitted/ada/homework/homework.ipynb", notebook)
    result = klass.batch()
    assert "Layout: nbgrader" in result.stdout
    assert counts(klass) == {("ada", "double"): 5, ("ada", "sizes"): 1}


def test_flat_folders_share_no_modules(klass):
    """In a flat folder nobody gets another's file by importing it."""
    klass.write("ada_1_2_double.py", GOOD)
    klass.write("eve_3_4_double.py", "from ada_1_2_double import double\n")
    klass.batch()
    assert counts(klass) == {("ada_1", "double"): 5, ("eve_3", "double"): 0}


def test_report_writes_everything_again(klass):
    """`grade report` writes sheet and feedback from the gradebook alone."""
    klass.write("ada/double.py")
    klass.batch()
    before = (klass.out / "grades.csv").read_text(), klass.feedback("ada")
    shutil.rmtree(klass.out / "feedback")
    (klass.out / "grades.csv").unlink()
    shutil.rmtree(klass.folder)
    assert klass.report().returncode == 0
    assert ((klass.out / "grades.csv").read_text(), klass.feedback("ada")) == before


def test_report_without_a_gradebook(klass):
    """`grade report` of a folder that has none names the command that makes one."""
    result = klass.report()
    assert result.returncode == 2
    assert "grade batch DIR --out" in result.stderr


def test_module_is_the_command(klass):
    """`python -m grader batch` is `grade batch`."""
    klass.write("ada/double.py")
    command = [sys.executable, "-m", "grader", *klass.command()[1:]]
    result = subprocess.run(
        command, cwd=klass.root, capture_output=True, text=True, timeout=120, check=False
    )
    assert (result.returncode, len(klass.rows())) == (0, 1)


def test_progress_in_a_terminal(klass):
    """In a terminal there is a bar with count, rate and totals; it is gone at the end."""
    klass.write("ada/double.py")
    klass.write("bob/double.py", BAD)
    command = " ".join(["env", "TERM=xterm", "COLUMNS=100", *klass.command()])
    page = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    ).stdout
    for text in ("2/2", "/s", "1 passed, 1 failed", "Graded 2 submissions"):
        assert text in page
