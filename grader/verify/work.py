"""The work: what has to be tried for each exercise, spread over warm examiners."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from typing import Final, NamedTuple

from grader.course.loading import load_exercise
from grader.course.records import Exercise
from grader.errors import (
    CourseError,
    ExaminerError,
    GraderError,
    SubmissionError,
    UsageError,
    WireError,
)
from grader.examiner.client import Examiner
from grader.examiner.pool import ExaminerPool
from grader.examiner.settings import Settings
from grader.verify import code, quiz
from grader.verify.files import check_files, stray_in_course
from grader.verify.mutants import Mutant
from grader.verify.part import Part, from_error
from grader.verify.records import Counts, Finding, Proof, Rule, Verification, conclude, prove
from grader.verify.statement import check_statement, run_blocks

SEEDS: Final = 20
"""Seeds with which a solution has to pass."""
WRONG_SEEDS: Final = 5
"""Seeds with which a wrong solution has to be caught."""
MUTANTS_AT_ONCE: Final = 25


class Task(NamedTuple):
    """One step of proving an exercise."""

    exercise: str
    run: Callable[[Examiner], Part]


class Done(NamedTuple):
    """A task that was run, or what stands in its place."""

    exercise: str
    part: Part
    seconds: float


class Plan(NamedTuple):
    """Everything that is known before the first examiner starts, and the tasks that are left."""

    ids: list[str]
    findings: list[Finding]
    """What belongs to no exercise."""
    read: list[Done]
    tasks: list[Task]


def plan(settings: Settings, ids: list[str], seed: int, *, whole: bool) -> Plan:
    """Read the exercises ``ids``, or the ``whole`` course, and plan what to try from ``seed`` on."""
    root = settings.course
    if not ids:
        raise UsageError(
            f"{root}: a course without exercises; `grade new NAME --course {root}` writes one"
        )
    stray = list(stray_in_course(root.resolve())) if whole else []
    read, tasks = [], []
    for exercise_id in ids:
        try:
            exercise = load_exercise(root, exercise_id)
            found = [*check_files(exercise), *check_statement(exercise)]
            steps, more = _steps(exercise, seed)
        except CourseError as error:
            found, steps, more = [from_error(Rule.SCHEMA, error)], [], []
        read.append(Done(exercise_id, Part(found + more), 0.0))
        tasks += [Task(exercise_id, step) for step in steps]
    return Plan(ids, stray, read, tasks)


def _steps(exercise: Exercise, seed: int) -> tuple[list[Callable[[Examiner], Part]], list[Finding]]:
    """The steps of one exercise, the long ones first, and what is found while planning them."""
    blocks = partial(run_blocks, exercise=exercise)
    if not exercise.spec.runs_code:
        each = [
            partial(quiz.check_question, exercise=exercise, question=one)
            for one in quiz.questions(exercise)
        ]
        return [*each, partial(quiz.check_sheet, exercise=exercise), blocks], []
    made = code.make_mutants(exercise)
    seeds = range(seed, seed + SEEDS)
    return [
        partial(_starter_and_wrong_solutions, exercise=exercise, seeds=seeds[:WRONG_SEEDS]),
        *(
            partial(code.check_mutants, exercise=exercise, made=some, seed=seed)
            for some in _some_at_once(made)
        ),
        partial(code.check_solution, exercise=exercise, seeds=seeds),
        blocks,
    ], list(code.check_equivalents(exercise, made))


def _starter_and_wrong_solutions(
    examiner: Examiner, exercise: Exercise, seeds: Sequence[int]
) -> Part:
    """In one step, because an examiner records what wrong solutions do, and compares the starter with them too."""
    starter = code.check_starter(examiner, exercise, seeds[0])
    wrong = code.check_wrong_solutions(examiner, exercise, seeds)
    return Part(starter.findings + wrong.findings, wrong.counts)


def _some_at_once(made: Sequence[Mutant]) -> Iterator[Sequence[Mutant]]:
    return (made[start : start + MUTANTS_AT_ONCE] for start in range(0, len(made), MUTANTS_AT_ONCE))


def carry_out(
    planned: Plan, jobs: int, on_done: Callable[[], object], settings: Settings
) -> Verification:
    """Run the tasks in ``jobs`` examiners; ``on_done`` is called after each."""
    started = time.monotonic()
    with (
        ExaminerPool(settings, min(jobs, len(planned.tasks))) as pool,
        ThreadPoolExecutor(max(jobs, 1)) as threads,
    ):
        futures = [threads.submit(_run, pool, task) for task in planned.tasks]
        try:
            for future in as_completed(futures):
                future.result()
                on_done()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            pool.close()
            raise
    done = [
        *planned.read,
        *(future.result() for future in futures),
    ]  # in the order of the plan, whoever was first
    proofs = [
        _prove(exercise_id, [one for one in done if one.exercise == exercise_id])
        for exercise_id in planned.ids
    ]
    return conclude(planned.findings, proofs, time.monotonic() - started)


def _prove(exercise_id: str, done: list[Done]) -> Proof:
    findings = list(itertools.chain.from_iterable(one.part.findings for one in done))
    counts = sum((one.part.counts for one in done), Counts())
    return prove(exercise_id, findings, counts, sum(one.seconds for one in done))


def _run(pool: ExaminerPool, task: Task) -> Done:
    """Run ``task`` in an examiner that is free; what stops it becomes a finding."""
    started = time.monotonic()
    try:
        with pool.borrow() as examiner:
            started = time.monotonic()
            part = task.run(examiner)
    except (CourseError, SubmissionError) as error:
        part = Part([from_error(Rule.SCHEMA, error)])
    except (ExaminerError, WireError) as error:
        part = Part([_our_failure(task, error)])
    return Done(task.exercise, part, time.monotonic() - started)


def _our_failure(task: Task, error: GraderError) -> Finding:
    return Finding(
        Rule.GRADER,
        task.exercise,
        f"The grader failed: {error}",
        "Verify it again, and report it if it stays.",
    )
