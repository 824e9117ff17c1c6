"""What it costs to find, match and read the submissions of a class, beside the whole batch."""

import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from grader.classroom.plan import make_plan
from grader.course import loading
from grader.course.location import default_root
from grader.grades.gradebook import NAME, Gradebook
from grader.submission.finder import find_submissions
from grader.submission.roster_file import read_roster
from tests.benchmarks.classes import LEARNERS, source
from tests.benchmarks.measure import Row, asked
from tests.benchmarks.starting import GRADE

LAYOUTS = {
    "a folder per learner": "learner{number:05}/exercise1.py",
    "a flat download of Canvas": "learner{number:05}_{number}_{number}_exercise1-1.py",
    "a zip of Moodle": "Learner {number:05}_{number}_assignsubmission_file_/exercise1.py",
}
MOST = 0.05
"""The share of the CPU time of a batch that finding may have."""


def finding(_runs: int) -> list[Row]:
    """CPU time of finding, matching with a roster and reading, in three layouts."""
    return [_row(layout, path) for layout, path in LAYOUTS.items()]


def _row(layout: str, path: str) -> Row:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        folder = _hand_in(place / "class", path)
        if "zip" in layout:
            folder = Path(shutil.make_archive(str(folder), "zip", folder))
        roster = place / "roster.csv"
        lines = [f"learner{number:05},Learner {number:05}" for number in range(LEARNERS)]
        roster.write_text("\n".join(["login,name", *lines]))
        # The second time, nothing is imported any more.
        _find(folder, roster, place / "first")
        ours = _find(folder, roster, place / "second")
        words = [GRADE, "batch", str(folder), "--out", str(place / "graded")]
        before = _cpu_of_children()
        command = [*words, "--jobs", "2", "--roster", str(roster)]
        environment = os.environ | {"GRADE_RESIDENT": "0"}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        whole = _cpu_of_children() - before
    return Row(
        f"CPU, {LEARNERS} submissions, {layout}",
        f"{ours * 1e3:.0f} ms",
        f"the whole batch {whole:.1f} s",
        f"{ours / whole:.3f}",
        asked(f"at most {MOST}", ours <= MOST * whole),
    )


def _hand_in(folder: Path, path: str) -> Path:
    exercise = loading.load_exercise(default_root(), "exercise1")
    for number in range(LEARNERS):
        file = folder / path.format(number=number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source(exercise, number))
    return folder


def _find(folder: Path, roster: Path, scratch: Path) -> float:
    """CPU seconds until all submissions are read."""
    scratch.mkdir()
    exercises = loading.load_course(default_root())
    digests = {name: loading.digest(exercise) for name, exercise in exercises.items()}
    with Gradebook(scratch / NAME, create=True) as gradebook:
        started = time.process_time()
        contents = find_submissions(folder, exercises, scratch)
        people = read_roster(roster)
        plan = make_plan(contents, exercises, digests, gradebook, roster=people)
        for task in plan.tasks:
            task.read()
        return time.process_time() - started


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
