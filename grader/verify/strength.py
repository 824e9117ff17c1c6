"""How strong each check is: what it catches that no other check catches."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from grader.course.loading import load_exercise
from grader.course.records import Exercise
from grader.examiner.pool import ExaminerPool
from grader.verify import code
from grader.verify.findings import missed
from grader.verify.outsiders import outsiders

FORMAT: Final = 1
"""Version of the JSON of ``grade verify --strength``."""


class CheckStrength(msgspec.Struct, frozen=True):
    """What only one check catches."""

    check: str
    alone: list[str]
    """Mutants, as their line and change, and files of outsiders."""
    caught: int
    """How many mutants and files it catches, alone or not."""


class ExerciseStrength(msgspec.Struct, frozen=True):
    """The checks of an exercise, in the order of the rubric."""

    exercise: str
    tried: int
    """Mutants and wrong submissions of outsiders."""
    checks: list[CheckStrength]


class Strength(msgspec.Struct, frozen=True, kw_only=True):
    """The strength of all checks of a course."""

    format: int = FORMAT
    exercises: list[ExerciseStrength]


class _Wrong(NamedTuple):
    name: str
    source: Path | str


def measure(
    root: Path,
    ids: Sequence[str],
    pool: ExaminerPool,
    seed: int,
    on_done: Callable[[str, int], object] = lambda *_: None,
) -> Strength:
    """Grade every mutant and every wrong submission of outsiders with all checks.

    A quiz has neither, and is left out. Raises ``CourseError`` if an exercise cannot be read.
    """
    exercises = _code_exercises(root, ids)
    with ThreadPoolExecutor(pool.size) as threads:
        # All are submitted before the first one is awaited, so that no examiner is idle.
        running = []
        for exercise in exercises:
            gradings = []
            for wrong in _wrong_submissions(exercise):
                grading = threads.submit(_failing, pool, exercise, wrong, seed)
                gradings.append((wrong.name, grading))

            running.append((exercise, gradings))

        found = []
        try:
            for exercise, gradings in running:
                caught = {}
                for name, grading in gradings:
                    caught[name] = grading.result()
                    on_done(exercise.id, 1)

                found.append(_strength(exercise, caught))
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            pool.close()
            raise

    return Strength(exercises=found)


def number_of_submissions(root: Path, ids: Sequence[str]) -> int:
    """How many submissions ``measure`` grades."""
    number = 0
    for exercise in _code_exercises(root, ids):
        number += len(_wrong_submissions(exercise))

    return number


def _code_exercises(root: Path, ids: Sequence[str]) -> list[Exercise]:
    # A quiz has no code that could be changed.
    exercises = [load_exercise(root, exercise_id) for exercise_id in ids]
    return [exercise for exercise in exercises if exercise.spec.runs_code]


def _wrong_submissions(exercise: Exercise) -> list[_Wrong]:
    equivalents = code.listed_equivalents(exercise)
    wrong = []
    for mutant in code.make_mutants(exercise):
        # No check can catch an equivalent mutant.
        if (mutant.was, mutant.becomes) not in equivalents:
            name = f"line {mutant.line}, {mutant.change}: {mutant.becomes}"
            wrong.append(_Wrong(name, mutant.source))

    for path in outsiders(exercise).wrong:
        name = f"outsiders/wrong/{path.name}"
        wrong.append(_Wrong(name, path))

    return wrong


def _failing(pool: ExaminerPool, exercise: Exercise, wrong: _Wrong, seed: int) -> list[str]:
    """The checks that fail ``wrong`` by themselves, and not because they need another one."""
    with pool.borrow(exercise.id) as examiner:
        grade = code.grade_source(examiner, exercise, wrong.source, seed, diagnose=False)

    return [check.name for check in missed(grade) if not check.needed]


def _strength(exercise: Exercise, caught: dict[str, list[str]]) -> ExerciseStrength:
    checks = []
    for check in exercise.spec.checks:
        alone = []
        total = 0
        for name, failing in caught.items():
            if check.name in failing:
                total += 1
                # No other check catches it.
                if len(failing) == 1:
                    alone.append(name)

        checks.append(CheckStrength(check.name, alone, total))

    return ExerciseStrength(exercise.id, len(caught), checks)
