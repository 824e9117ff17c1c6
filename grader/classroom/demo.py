"""A class that never was: right and wrong solutions, broken and hostile files, to see a batch at work."""

import json
import random
from pathlib import Path
from typing import Any, Final, Self

from grader.course.draws import draw_numbers
from grader.course.loading import wrong_solutions
from grader.course.records import Exercise, Question
from grader.errors import UsageError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Survey, Surveyed
from grader.submission import answer_sheet
from grader.submission.files import submission_name

PASSED: Final = "passed"
MISSED: Final = "missed"
_NAMES: Final = (
    "ada",
    "alan",
    "barbara",
    "Chloé",
    "edsger",
    "grace",
    "Håkon",
    "katherine",
    "li-wei",
    "o'neil",
)
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

# Of quizzes those that are all right; of the questions of the others those with a mistake, and those left empty.
_SURE: Final = 1 / 3
_WRONG: Final = 0.25
_EMPTY: Final = 0.1

Expected = dict[tuple[str, str], str]
"""Learner and exercise to how it ends: ``passed``, ``missed``, a misconception, or the outcome of every check."""


def write_class(folder: Path, exercises: dict[str, Exercise], learners: int) -> Expected:
    """Write the submissions of so many learners into ``folder``, the same every time; how each of them ends.

    Half are right, three in ten are real mistakes, one in ten is a starter, one in ten is broken or
    hostile. Every fifth learner hands in one notebook. Of the quizzes a third is answered well;
    in the others a question in four has a known wrong answer, and one in ten has none.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: not empty, and nothing is ever overwritten; name a new folder")
    draw = random.Random(0)  # noqa: S311 - variety, no secret
    expected: Expected = {}
    with _AnswerKey() as key:
        for number in range(learners):
            learner = f"{_NAMES[number % len(_NAMES)]}{number:03}"
            home = folder / learner
            home.mkdir(parents=True)
            texts: dict[str, bytes] = {}
            for exercise in exercises.values():
                if exercise.spec.runs_code:
                    texts[exercise.id], expected[learner, exercise.id] = _code(
                        exercise, number, draw
                    )
                elif number % 5 != 4:
                    sheet, expected[learner, exercise.id] = _answered(exercise, learner, key)
                    (home / submission_name(exercise)).write_text(sheet, "utf-8")
            if number % 5 == 4:
                for exercise_id in _write_notebook(home, texts):
                    del expected[learner, exercise_id]
            else:
                for exercise_id, text in texts.items():
                    (home / f"{exercise_id}.py").write_bytes(text)
    _write_oddities(folder)
    return expected


class _AnswerKey:
    """What PyTorch answers to a quiz's questions, and what known mistakes do; asked of an examiner, once each."""

    def __init__(self) -> None:
        self._examiner: Examiner | None = None
        self._known: dict[tuple[object, ...], Surveyed] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._examiner is not None:
            self._examiner.close()

    def of(self, exercise: Exercise, question: Question, learner: str) -> Surveyed:
        """The answers for the numbers that ``learner`` is asked about."""
        asked = (exercise.id, question.name, *draw_numbers(exercise.id, question, learner).items())
        if asked not in self._known:
            self._examiner = self._examiner or Examiner()
            self._known[asked] = self._examiner.survey(
                Survey(exercise, question.name, learner, answers_only=True)
            )
        return self._known[asked]


def _answered(exercise: Exercise, learner: str, key: _AnswerKey) -> tuple[str, str]:
    """A quiz's sheet as ``learner`` handed it in, and how it ends."""
    draw = random.Random(f"{learner}/{exercise.id}")  # noqa: S311 - variety, no secret
    sure = draw.random() < _SURE
    answers = {}
    missed = False
    for question in exercise.spec.questions:
        known = key.of(exercise, question, learner)
        kind = 1.0 if sure else draw.random()
        if kind >= _WRONG + _EMPTY or (kind >= _EMPTY and not known.wrong):
            answers[question.name] = known.key
            continue
        missed = True
        if kind >= _EMPTY:
            answers[question.name] = draw.choice(sorted(known.wrong.values()))
    return answer_sheet.sheet(exercise, learner, answers=answers), MISSED if missed else PASSED


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
    fit = {
        name: text.decode() for name, text in texts.items() if b"\0" not in text and text.strip()
    }
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
