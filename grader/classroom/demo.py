"""A made-up class with correct, wrong, broken and hostile submissions, to try ``grade batch``."""

import contextlib
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from grader.course.draws import draw_numbers
from grader.course.loading import wrong_solutions
from grader.course.records import Exercise, Question
from grader.errors import UsageError
from grader.examiner.pool import ExaminerPool
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
"""Broken and hostile files: name, source, and the outcome of every check."""

_PERFECT_QUIZZES: Final = 1 / 3
_EMPTY_ANSWERS: Final = 0.1
_WRONG_ANSWERS: Final = 0.25
# In every group of this many learners, the last one submits a notebook.
_NOTEBOOK_EVERY: Final = 5

Expected = dict[tuple[str, str], str]
"""Learner and exercise to the expected result.

The result is ``passed``, ``missed``, a misconception, or the outcome of every check.
"""


def write_class(folder: Path, exercises: Mapping[str, Exercise], learners: int) -> Expected:
    """Write submissions of ``learners`` learners into ``folder``; return the expected results.

    Every call writes the same files. Of the code, half is correct, 30 % has a misconception,
    10 % is the unchanged starter, and 10 % is broken or hostile. Every fifth learner submits
    one notebook. A third of the quizzes is all correct; in the others, a quarter of the
    answers has a misconception and 10 % are empty. Raises ``UsageError`` if ``folder`` is
    not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            "not empty, and a demo class replaces no files",
            place=str(folder),
            advice="name a new folder",
        )

    # A fixed seed, so that two people can talk about the same class.
    draw = random.Random(0)  # noqa: S311 - variety, no secret
    expected: Expected = {}
    with ExaminerPool() as pool:
        answer_key = _AnswerKey(pool)
        for number in range(learners):
            first_name = _NAMES[number % len(_NAMES)]
            learner = f"{first_name}{number:03}"
            has_notebook = number % _NOTEBOOK_EVERY == _NOTEBOOK_EVERY - 1

            files: dict[str, bytes] = {}
            results: dict[str, str] = {}
            for exercise_id, exercise in exercises.items():
                if exercise.spec.runs_code:
                    files[exercise_id], results[exercise_id] = _code(exercise, number, draw)
                # Answers to a quiz are YAML, which a notebook has no cells for.
                elif not has_notebook:
                    sheet = _answers(exercise, learner, answer_key)
                    files[exercise_id], results[exercise_id] = sheet

            home = folder / learner
            home.mkdir(parents=True)
            if has_notebook:
                for exercise_id in _write_notebook(home, files):
                    del results[exercise_id]
            else:
                for exercise_id, content in files.items():
                    file = home / submission_name(exercises[exercise_id])
                    file.write_bytes(content)

            for exercise_id, result in results.items():
                expected[learner, exercise_id] = result

    _write_oddities(folder)
    return expected


class _AnswerKey:
    """The correct answers to quiz questions, and those of known misconceptions."""

    def __init__(self, pool: ExaminerPool) -> None:
        self._pool = pool
        self._known: dict[tuple[object, ...], Surveyed] = {}

    def of(self, exercise: Exercise, question: Question, learner: str) -> Surveyed:
        """The answers for the numbers that ``learner`` gets."""
        numbers = draw_numbers(exercise.id, question, learner)
        key = (exercise.id, question.name, *numbers.items())
        # Many learners get the same numbers, and each survey runs PyTorch.
        if key not in self._known:
            survey = Survey(exercise, question.name, learner, answers_only=True)
            with self._pool.borrow() as examiner:
                self._known[key] = examiner.survey(survey)

        return self._known[key]


def _answers(exercise: Exercise, learner: str, answer_key: _AnswerKey) -> tuple[bytes, str]:
    """An answer sheet of ``learner``, and its expected result."""
    draw = random.Random(f"{learner}/{exercise.id}")  # noqa: S311 - variety, no secret
    is_perfect = draw.random() < _PERFECT_QUIZZES

    result = PASSED
    answers = {}
    for question in exercise.spec.questions:
        known = answer_key.of(exercise, question, learner)
        wrong = sorted(known.wrong.values())
        chance = 1.0
        if not is_perfect:
            chance = draw.random()

        if chance < _EMPTY_ANSWERS:
            result = MISSED
        # Not every question has a known misconception; the others get the correct answer.
        elif chance < _EMPTY_ANSWERS + _WRONG_ANSWERS and wrong:
            result = MISSED
            answers[question.name] = draw.choice(wrong)
        else:
            answers[question.name] = known.key

    sheet = answer_sheet.sheet(exercise, learner, answers=answers)
    return sheet.encode(), result


def _code(exercise: Exercise, number: int, draw: random.Random) -> tuple[bytes, str]:
    """The source of a submission, and its expected result."""
    chance = draw.random()
    wrong = list(wrong_solutions(exercise).items())

    if chance < 0.5:
        solution = exercise.hidden / "solution.py"
        return solution.read_bytes(), PASSED

    if chance < 0.8 and wrong:
        misconception, path = draw.choice(wrong)
        return path.read_bytes(), misconception

    if chance < 0.9:
        starter = exercise.public / "starter.py"
        return starter.read_bytes(), MISSED

    # By number, so that a small class has all kinds too.
    _, source, outcome = BROKEN[number % len(BROKEN)]
    return source, outcome


def _write_notebook(home: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write ``files`` as one notebook; return the exercises that it cannot contain."""
    cells = []
    left_out = []
    for exercise_id, content in files.items():
        # A notebook is JSON text, and an empty cell is no submission.
        if b"\0" in content or not content.strip():
            left_out.append(exercise_id)
            continue

        cell: dict[str, Any] = {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": f"%%grade {exercise_id}\n{content.decode()}",
        }
        cells.append(cell)

    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    file = home / "homework.ipynb"
    file.write_text(json.dumps(notebook), "utf-8")
    return left_out


def _write_oddities(folder: Path) -> None:
    """Write what many folders of submissions contain and a batch skips."""
    # The class may have no learners, and then no folder.
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "grades from last year.txt").write_text("ask Ada\n", "utf-8")
    # On Windows, only some users may make a link.
    with contextlib.suppress(OSError):
        (folder / "linked").symlink_to("/etc")

    (folder / "submitted nothing").mkdir()
