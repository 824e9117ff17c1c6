"""How strong each check is: what it catches that no other check catches."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from grader.course.loading import load_exercise
from grader.course.records import Exercise
from grader.examiner.client import Examiner
from grader.examiner.pool import ExaminerPool
from grader.verify import code
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
    """A wrong submission."""

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
    exercises = [load_exercise(root, exercise_id) for exercise_id in ids]
    exercises = [exercise for exercise in exercises if exercise.spec.runs_code]
    with ThreadPoolExecutor(pool.size) as threads:
        futures = []
        for exercise in exercises:
            wrong = _wrong_submissions(exercise)
            futures.append([threads.submit(_caught, pool, exercise, one, seed) for one in wrong])
        found = []
        try:
            for exercise, several in zip(exercises, futures, strict=True):
                caught = {}
                for future in several:
                    name, checks = future.result()
                    caught[name] = checks
                    on_done(exercise.id, 1)
                found.append(_strength(exercise, caught))
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            pool.close()
            raise
    return Strength(exercises=found)


def number_of_submissions(root: Path, ids: Sequence[str]) -> int:
    """How many submissions ``measure`` grades."""
    exercises = [load_exercise(root, exercise_id) for exercise_id in ids]
    return sum(len(_wrong_submissions(each)) for each in exercises if each.spec.runs_code)


def _wrong_submissions(exercise: Exercise) -> list[_Wrong]:
    equivalents = code.listed_equivalents(exercise)
    wrong = []
    for mutant in code.make_mutants(exercise):
        if (mutant.was, mutant.becomes) not in equivalents:
            name = f"line {mutant.line}, {mutant.change}: {mutant.becomes}"
            wrong.append(_Wrong(name, mutant.source))
    by_outsiders = [
        _Wrong(f"outsiders/wrong/{path.name}", path) for path in outsiders(exercise).wrong
    ]
    return wrong + by_outsiders


def _caught(
    pool: ExaminerPool, exercise: Exercise, wrong: _Wrong, seed: int
) -> tuple[str, list[str]]:
    with pool.borrow(exercise.id) as examiner:
        return wrong.name, _failing(examiner, exercise, wrong, seed)


def _failing(examiner: Examiner, exercise: Exercise, wrong: _Wrong, seed: int) -> list[str]:
    """The checks that fail ``wrong`` by themselves, and not because they need another one."""
    grade = code.grade_source(examiner, exercise, wrong.source, seed, diagnose=False)
    return [check.name for check in grade.checks if check.outcome.missed and not check.needed]


def _strength(exercise: Exercise, caught: dict[str, list[str]]) -> ExerciseStrength:
    checks = []
    for check in exercise.spec.checks:
        alone = [name for name, failing in caught.items() if failing == [check.name]]
        total = sum(check.name in failing for failing in caught.values())
        checks.append(CheckStrength(check.name, alone, total))
    return ExerciseStrength(exercise.id, len(caught), checks)
