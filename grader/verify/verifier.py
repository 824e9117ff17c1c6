"""The verifier: plans what to try for each exercise, and tries it in warm examiners."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from grader.course.loading import load_exercise
from grader.course.records import Exercise
from grader.errors import CourseError, ExaminerError, SubmissionError, UsageError, WireError
from grader.examiner.client import Examiner
from grader.examiner.pool import ExaminerPool
from grader.verify import code, quiz
from grader.verify.files import check_files, stray_in_course
from grader.verify.findings import from_errors
from grader.verify.mutants import Mutant
from grader.verify.outsiders import outsiders
from grader.verify.records import Finding, Part, Proof, Rule, Verification, conclude, prove
from grader.verify.statement import check_statement, run_blocks

SOLUTION_SEEDS: Final = 20
"""Seeds with which a solution has to pass."""
MISCONCEPTION_SEEDS: Final = 3
"""Seeds with which the checks have to catch a misconception."""
_PER_STEP: Final = 25
"""Mutants or outsiders' submissions in one step."""

Step = Callable[[Examiner], Part]
T = TypeVar("T")


class Plan(NamedTuple):
    """What reading the files found, and the steps that need an examiner."""

    findings: list[Finding]
    """Findings that belong to no exercise."""
    read: dict[str, Part]
    """Exercise to what reading its files found, in the order of the course."""
    steps: dict[str, list[Step]]
    """Exercise to the steps that prove it; none if its files cannot be read."""
    known: dict[str, Proof]
    """Exercise to the proof of an earlier run. It has no steps."""


def plan(
    root: Path,
    ids: list[str],
    seed: int,
    *,
    whole: bool,
    solution_seeds: int = SOLUTION_SEEDS,
    misconception_seeds: int = MISCONCEPTION_SEEDS,
    known: Mapping[str, Proof] = MappingProxyType({}),
) -> Plan:
    """Read the exercises ``ids`` of a course, or the ``whole`` course, and plan their proof.

    ``seed`` is the first seed; ``known`` are proofs that still count. Raises ``UsageError``
    if there is no exercise.
    """
    if not ids:
        raise UsageError(f"{root}: no exercises; `grade new NAME --course {root}` writes one")

    planned = Plan([], {}, {}, dict(known))
    if whole:
        planned.findings.extend(stray_in_course(root.resolve()))

    seeds = range(seed, seed + max(solution_seeds, misconception_seeds))
    for exercise_id in ids:
        steps: list[Callable[..., Part]] = []
        if exercise_id in known:
            planned.read[exercise_id] = Part([])
            planned.steps[exercise_id] = []
            continue
        try:
            exercise = load_exercise(root, exercise_id)
            found = [*check_files(exercise), *check_statement(exercise)]
            if exercise.spec.runs_code:
                made = code.make_mutants(exercise)
                found += code.check_equivalents(exercise, made)
                steps += _code_steps(
                    exercise,
                    made,
                    seeds[:solution_seeds],
                    seeds[:misconception_seeds],
                )
            else:
                steps += _quiz_steps(exercise)
            steps.append(run_blocks)
        except CourseError as error:
            # If one exercise cannot be read, still verify the others.
            found = from_errors(Rule.SCHEMA, error)

        planned.read[exercise_id] = Part(found)
        planned.steps[exercise_id] = [partial(step, exercise=exercise) for step in steps]
    return planned


def _code_steps(
    exercise: Exercise, made: list[Mutant], seeds: Sequence[int], few_seeds: Sequence[int]
) -> Iterator[Callable[..., Part]]:
    """The steps that prove an exercise of kind code, the long ones first."""
    yield partial(_check_starter_and_misconceptions, seeds=few_seeds)

    # Several at a time, so that all examiners of a pool work on one large exercise.
    for some in _groups(made):
        yield partial(code.check_mutants, made=some, seed=seeds[0])

    found = outsiders(exercise)
    # A file without a proper first line is a finding already.
    judged = [(path, checks) for path, checks in found.wrong.items() if checks]
    judged += [(path, []) for path in found.right]
    for group in _groups(judged):
        yield partial(code.check_outsiders, some=group, seed=seeds[0])
    yield partial(code.check_nothing, seed=seeds[0])

    yield partial(code.check_solution, seeds=seeds)


def _groups(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _PER_STEP):
        yield items[start : start + _PER_STEP]


def _quiz_steps(exercise: Exercise) -> Iterator[Callable[..., Part]]:
    for question in exercise.spec.questions:
        yield partial(quiz.check_question, question=question)
    yield quiz.check_sheet
    yield quiz.check_guessing


def _check_starter_and_misconceptions(
    examiner: Examiner, exercise: Exercise, seeds: Sequence[int]
) -> Part:
    # One step, because an examiner runs the misconceptions to compare the starter with them too.
    starter = code.check_starter(examiner, exercise, seeds[0])
    misconceptions = code.check_misconceptions(examiner, exercise, seeds)
    findings = starter.findings + misconceptions.findings
    return Part(findings, misconceptions.counts)


def carry_out(
    planned: Plan, pool: ExaminerPool, on_done: Callable[[], object] = lambda: None
) -> Verification:
    """Take the steps in the examiners of ``pool``; ``on_done`` is called after each step.

    Any error that is not a finding, Ctrl-C too, closes the pool.
    """
    started = time.monotonic()

    # Threads only wait for examiners, which are processes, so they share the cores well.
    with ThreadPoolExecutor(pool.size) as threads:
        futures = {
            exercise: [threads.submit(_take, pool, exercise, step) for step in steps]
            for exercise, steps in planned.steps.items()
        }
        try:
            for future in as_completed(itertools.chain(*futures.values())):
                future.result()
                on_done()
        except BaseException:
            # Ctrl-C has to end gradings that are under way: each can take minutes.
            threads.shutdown(wait=False, cancel_futures=True)
            pool.close()
            raise

    # In the order of the plan, so that the output is the same each time.
    proofs = []
    for exercise, read in planned.read.items():
        findings: list[Finding] = []
        counts = read.counts
        seconds = 0.0
        for future in futures[exercise]:
            part, spent = future.result()
            findings += part.findings
            counts += part.counts
            seconds += spent
        proof = planned.known.get(exercise) or prove(
            exercise, read.findings, findings, counts, seconds
        )
        proofs.append(proof)

    return conclude(planned.findings, proofs, time.monotonic() - started)


def _take(pool: ExaminerPool, exercise: str, step: Step) -> tuple[Part, float]:
    """Take a step in a free examiner; its findings and seconds. An error becomes a finding."""
    started = time.monotonic()
    try:
        with pool.borrow(exercise) as examiner:
            # The time in which others use the examiner does not count.
            started = time.monotonic()
            part = step(examiner)
    except (CourseError, SubmissionError) as error:
        part = Part(from_errors(Rule.SCHEMA, error))
    except (ExaminerError, WireError) as error:
        part = Part(
            [
                Finding(
                    Rule.GRADER,
                    exercise,
                    f"The grader failed: {error}",
                    "Verify it again; report it if it happens again.",
                )
            ]
        )
    return part, time.monotonic() - started
