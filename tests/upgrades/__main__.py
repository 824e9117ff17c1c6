"""Writes the files of this version that later versions must read: ``python -m tests.upgrades``.

Run it once for each minor version, and commit ``tests/upgrades/VERSION``.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from grader import __version__
from tests.grading import SMALL_COURSE
from tests.upgrades.promises import commands, signatures

HERE = Path(__file__).parent
RIGHT = (SMALL_COURSE / "solutions" / "double" / "solution.py").read_text()
WRONG = "def double(x):\n    return x * x\n"
ASSIGNMENT = """\
format: 1
title: Week 1
time_zone: UTC
due: 2026-10-17 23:59
exercises: {double: 10, sizes: 5}
overrides:
  - {learner: ben, exercise: double, points: 7.5, reason: an oral answer, author: G. Hopper}
"""


def grade(*words: str, folder: Path) -> str:
    """Run a command of the grader."""
    environment = {**os.environ, "GRADE_RESIDENT": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode > 1:
        raise SystemExit(done.returncode)
    return done.stdout


def write_class(folder: Path) -> None:
    """A class with an assignment, an override and a comment, and its output folder."""
    course = ("--course", "course")
    for learner, source in (("ada", RIGHT), ("ben", WRONG)):
        (folder / "class" / learner).mkdir(parents=True)
        (folder / "class" / learner / "double.py").write_text(source)
    (folder / "class" / "ada" / "sizes.yaml").write_text("learner: ada\nfloats: yes\n")
    (folder / "week1.yaml").write_text(ASSIGNMENT)
    (folder / "roster.csv").write_text("learner,name\nada,Ada Ode\nben,Ben Abt\ncy,Cy Xu\n")
    words = ("--assignment", "week1.yaml", "--roster", "roster.csv", "--out", "graded")
    grade("batch", "class", *words, *course, folder=folder)
    grade("report", "graded", "--note", "ben", "double", "Come to me.", *course, folder=folder)
    grade("export", "jsonl", "--out", "graded", *course, folder=folder)


def write_workspace(folder: Path) -> None:
    """A workspace in which one exercise passed, and one hint was shown."""
    workspace = folder / "workspace"
    workspace.mkdir()
    course = ("--course", "../course")
    grade("start", "--learner", "ada", *course, folder=workspace)
    (workspace / "double.py").write_text(WRONG)
    grade("double", *course, folder=workspace)
    grade("hint", "double", *course, folder=workspace)
    (workspace / "double.py").write_text(RIGHT)
    grade("double", *course, folder=workspace)
    # The path of the course was that of this machine.
    (workspace / ".grade" / "course").unlink()


def main() -> None:
    """Write the folder of this version."""
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as settings:
        folder = Path(name)
        os.environ["XDG_CONFIG_HOME"] = settings
        for side in ("exercises", "solutions"):
            for exercise in ("double", "sizes"):
                shutil.copytree(SMALL_COURSE / side / exercise, folder / "course" / side / exercise)
        write_class(folder)
        write_workspace(folder)
        words = ("double", "class/ben/double.py", "--format", "json", "--seed", "1")
        (folder / "grade.json").write_text(grade(*words, "--course", "course", folder=folder))
        # Later versions write these anew.
        shutil.rmtree(folder / "graded" / "feedback")
        (folder / "graded" / "report.html").unlink()
        promises = {"commands": commands(), "signatures": signatures()}
        content = json.dumps(promises, indent=1, sort_keys=True)
        (folder / "promises.json").write_text(content + "\n")
        shutil.copytree(folder, HERE / __version__)


if __name__ == "__main__":
    main()
