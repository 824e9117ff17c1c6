"""Batches that are killed, interrupted, refused or out of disk space continue without a loss."""

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from unittest import mock

import pytest

from grader.classroom.batch import grade_class
from grader.classroom.plan import make_plan
from grader.examiner.tasks import Done
from tests.classroom.conftest import GOOD, GRADE
from tests.grading import is_dead, until, without_times

BAD = "def double(x):\n    return x * x\n"


def write_submissions(klass, number):
    for index in range(number):
        source = BAD if index % 3 else GOOD
        klass.write(f"learner{index:03}/double.py", f"# {index}\n{source}")


def children_of(pid):
    """The processes that ``pid`` started, in any of its threads."""
    children = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except (OSError, ProcessLookupError):
            continue  # it has just ended
        if int(parent) == pid:
            children.append(int(stat.parent.name))
    return children


def comparable(rows):
    return sorted(
        (learner, exercise, json.dumps(without_times(grade))) for learner, exercise, grade in rows
    )


@pytest.mark.parametrize(
    ("kills", "number", "jobs"),
    [
        pytest.param(2, 30, "1", marks=pytest.mark.slow),
        pytest.param(10, 300, "2", marks=pytest.mark.slow),
    ],
    ids=["two kills", "ten kills"],
)
def test_killed_and_resumed(klass, kills, number, jobs):
    """After kill -9, the same command continues: no grade is lost, repeated or different."""
    write_submissions(klass, number)
    draw = random.Random(random.SystemRandom().getrandbits(32))
    moments = []
    for kill in range(kills):
        with klass.start("--jobs", jobs) as process:
            # Every fourth kill comes while the batch starts, the others between two grades.
            enough = len(klass.rows()) + draw.randint(1, 8) if kill % 4 else 0
            until(lambda enough=enough: len(klass.rows()) >= enough, 60)
            time.sleep(draw.uniform(0, 0.05 if enough else 2))
            children = children_of(process.pid)
            process.kill()
        for child in children:
            until(lambda child=child: is_dead(child))
        moments.append(len(klass.rows()))
    kept = klass.rows()
    assert moments == sorted(moments) and kills - 2 < len(kept) < number, moments

    result = klass.batch("--seed", "5")
    left = number - len(kept)
    assert f"{left} to grade, {len(kept)} graded before and unchanged" in result.stdout
    assert klass.rows()[: len(kept)] == kept
    interrupted, klass.out = klass.rows(), klass.root / "uninterrupted"
    klass.batch("--seed", "5")
    assert comparable(interrupted) == comparable(klass.rows()), moments
    assert len(interrupted) == number
    assert sorted(path.name for path in klass.out.iterdir()) == [
        "feedback",
        "gradebook.db",
        "grades.csv",
        "report.html",
    ]


def test_interrupted(klass):
    """Ctrl-C keeps the grades, says how to continue, ends every process, and exits with 130."""
    write_submissions(klass, 30)
    with klass.start("--jobs", "1") as process:
        until(lambda: len(klass.rows()) >= 3, 60)
        children = children_of(process.pid)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
    assert process.returncode == 130
    kept = len(klass.rows())
    assert f"grade: interrupted; {kept} new grades are stored in " in stderr
    assert "Run the same command again to continue." in stderr
    assert "Traceback" not in stderr
    assert children and all(is_dead(child) for child in children)
    assert f"{30 - kept} to grade" in klass.batch("--seed", "5").stdout


def test_two_batches_at_once(klass):
    """A second batch into the same folder is refused while the first one works."""
    write_submissions(klass, 2)
    seconds = []
    grade_class(
        klass.folder,
        klass.out,
        root=klass.course,
        jobs=1,
        watch=lambda event: seconds.append(klass.batch()) if isinstance(event, Done) else None,
    )
    for second in seconds:
        assert second.returncode == 2
        assert "another `grade batch`" in second.stderr
    assert len(seconds) == len(klass.rows()) == 2


@pytest.mark.slow
def test_full_disk(klass):
    """A gradebook that cannot grow stops the batch; the stored grades are kept."""
    write_submissions(klass, 30)
    words = klass.words("--seed", "5", "--jobs", "1")
    limited = ["bash", "-c", 'ulimit -S -f 80; exec "$@"', "-", GRADE, *words]
    result = subprocess.run(
        limited, cwd=klass.root, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 3
    assert "gradebook.db: " in result.stderr
    assert "run the same command again: stored grades are kept" in result.stderr
    assert "Traceback" not in result.stderr
    kept = len(klass.rows())
    assert 0 < kept < 30
    assert f"{30 - kept} to grade, {kept} graded before" in klass.batch("--seed", "5").stdout


def test_examiner_that_dies(klass, pool):
    """An examiner that is killed is replaced, and its submission is graded."""
    write_submissions(klass, 8)
    killed = []

    def kill_once(event):
        if isinstance(event, Done) and not killed:
            (examiner,) = pool._lent
            killed.append(examiner.pid)
            os.kill(examiner.pid, signal.SIGKILL)

    grade_class(klass.folder, klass.out, root=klass.course, jobs=1, watch=kill_once)
    assert len(killed) == 1 and is_dead(killed[0])
    assert len(klass.rows()) == 8
    assert all(grade["status"] == "graded" for _, _, grade in klass.rows())


def test_files_that_go_away(klass):
    """A file that disappears during the batch is ungraded; one that is gone before is kept."""
    for learner in ("ada", "bob", "cy"):
        klass.write(f"{learner}/double.py")
    last = klass.folder / "cy" / "double.py"

    def plan_then_remove(*arguments, **options):
        plan = make_plan(*arguments, **options)
        last.unlink()
        return plan

    with mock.patch("grader.classroom.batch.make_plan", plan_then_remove):
        incomplete = klass.batch()
    assert incomplete.returncode == 3
    assert "cy/double: double.py: the file was removed after the batch started" in " ".join(
        incomplete.stdout.split()
    )
    (klass.folder / "ada" / "double.py").unlink()
    again = " ".join(klass.batch().stdout.split())
    assert "Kept 2 earlier grades without a file in this folder: ada double and cy double" in again
    assert {row["learner"]: row["double"] for row in klass.sheet()}["ada"] == "5"
