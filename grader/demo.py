"""A class that never was: right and wrong solutions, broken and hostile files, to see a batch at work."""

import json
import random
from pathlib import Path
from typing import Any, Final

from grader import workspace
from grader.course import CodeExercise, Exercise, wrong_solutions
from grader.errors import UsageError

PASSED: Final = "passed"
MISSED: Final = "missed"
_NAMES: Final = ("ada", "alan", "barbara", "Chloé", "edsger", "grace", "Håkon", "katherine", "li-wei", "o'neil")
# What breaks a file, or is meant to break the grader: name, source, how every check then ends.
BROKEN: Final = (
    ("syntax", b"def half_typed(x, y:\n    return x\n", "raised"),
    ("undefined", b"answer = 42\n", "raised"),
    ("no_module", b"import numpy_but_misspelt\n", "raised"),
    ("empty", b"\n", "raised"),
    ("binary", b"\x7fELF\x02\x01\x01\0\0\0", "raised"),
    ("recursion", b"def again():\n    return again()\n\n\nagain()\n", "raised"),
    ("other_people", b"print(open('/etc/shadow').read())\n", "raised"),
    ("memory", b"hoard = bytearray(1 << 42)\n", "memory"),
    ("exit", b"import os\n\nprint('all checks passed')\nos._exit(0)\n", "crashed"),
    ("system_exit", b"raise SystemExit(0)\n", "crashed"),
    ("killed", b"import os, signal\n\nos.kill(os.getpid(), signal.SIGKILL)\n", "crashed"),
    ("endless", b"while True:\n    pass\n", "timeout"),
)

Expected = dict[tuple[str, str], str]
"""Learner and exercise to how it ends: ``passed``, ``missed``, a misconception, or the outcome of every check."""


def write_class(folder: Path, exercises: dict[str, Exercise], learners: int) -> Expected:
    """Write the submissions of so many learners into ``folder``, the same every time; how each of them ends.

    Half are right, three in ten are real mistakes, one in ten is a starter, one in ten is broken or
    hostile. Every fifth learner hands in one notebook. Quizzes are handed in unanswered.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: not empty, and nothing is ever overwritten; name a new folder")
    draw = random.Random(0)  # noqa: S311 - variety, no secret
    expected: Expected = {}
    for number in range(learners):
        learner = f"{_NAMES[number % len(_NAMES)]}{number:03}"
        home = folder / learner
        home.mkdir(parents=True)
        texts: dict[str, bytes] = {}
        for exercise in exercises.values():
            if isinstance(exercise.spec, CodeExercise):
                texts[exercise.id], expected[learner, exercise.id] = _code(exercise, number, draw)
            elif number % 5 != 4:
                workspace.start(exercise, home, learner)
                expected[learner, exercise.id] = MISSED
        if number % 5 == 4:
            for exercise_id in _write_notebook(home, texts):
                del expected[learner, exercise_id]
        else:
            for exercise_id, text in texts.items():
                (home / f"{exercise_id}.py").write_bytes(text)
    _write_oddities(folder)
    return expected


def _code(exercise: Exercise, number: int, draw: random.Random) -> tuple[bytes, str]:
    """A submission's source and how it ends."""
    kind = draw.random()
    wrong = list(wrong_solutions(exercise).items())
    if kind < 0.5:
        return (exercise.hidden / "solution.py").read_bytes(), PASSED
    if kind < 0.8 and wrong:
        name, path = draw.choice(wrong)
        return path.read_bytes(), name
    if kind < 0.9:
        return (exercise.public / "starter.py").read_bytes(), MISSED
    _, source, outcome = BROKEN[number % len(BROKEN)]
    return source, outcome


def _write_notebook(home: Path, texts: dict[str, bytes]) -> list[str]:
    """One notebook for all; the ids of what cannot stand in one, and so is not handed in."""
    fit = {name: text.decode() for name, text in texts.items() if b"\0" not in text and text.strip()}
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": f"%%grade {name}\n{text}",
        }
        for name, text in fit.items()
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (home / "homework.ipynb").write_text(json.dumps(notebook), "utf-8")
    return [name for name in texts if name not in fit]


def _write_oddities(folder: Path) -> None:
    """What lies about in every folder of submissions, and is passed over."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "grades from last year.txt").write_text("ask Ada\n", "utf-8")
    (folder / "linked").symlink_to("/etc")
    (folder / "handed in nothing").mkdir()
