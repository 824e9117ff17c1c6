"""The verifier: plans what to try for each exercise, and tries it in warm examiners."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from grader.course.loading import is_handout, load_exercise
from grader.course.records import Exercise
from grader.errors import CourseError, ExaminerError, SubmissionError, UsageError, WireError
from grader.examiner.client import Examiner
from grader.examiner.pool import ExaminerPool
from grader.verify import code, quiz
from grader.verify.files import check_files, compile_error, stray_in_course
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

_WEIGHT: Final = 10
"""About how many gradings a step takes that does not say."""

Step = partial[Part]
"""Called with an examiner."""
OnDone = Callable[[str, int], object]
"""Gets an exercise, and the weight of what was done for it."""
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
    known: Mapping[str, Proof] = {},
    newest_first: bool = False,
) -> Plan:
    """Read the exercises ``ids`` of a course, or the ``whole`` course, and plan their proof.

    ``seed`` is the first seed; ``known`` are proofs that still count. With ``newest_first``,
    the steps begin with the exercise that changed last. Raises ``UsageError`` if there is no
    exercise.
    """
    if not ids:
        raise UsageError(f"{root}: no exercises; `grade new NAME --course {root}` writes one")

    planned = Plan([], {}, {}, dict(known))
    # Files that belong to no exercise can only be seen in the whole course.
    if whole:
        planned.findings.extend(stray_in_course(root.resolve()))

    seeds = range(seed, seed + solution_seeds)
    few_seeds = range(seed, seed + misconception_seeds)
    for exercise_id in ids:
        planned.read[exercise_id] = Part([])
        # An earlier proof needs no steps.
        planned.steps[exercise_id] = []
        if exercise_id in known:
            continue

        try:
            exercise = _load(root, exercise_id)
            found, steps = _steps(exercise, seeds, few_seeds)
        except CourseError as error:
            # If one exercise cannot be read, still verify the others.
            planned.read[exercise_id] = Part(from_errors(Rule.SCHEMA, error))
        else:
            planned.read[exercise_id] = Part(found)
            planned.steps[exercise_id] = [partial(step, exercise=exercise) for step in steps]

    if not newest_first:
        return planned

    by_change = sorted(ids, key=lambda name: _last_change(root, name), reverse=True)
    return planned._replace(steps={name: planned.steps[name] for name in by_change})


def _load(root: Path, exercise_id: str) -> Exercise:
    exercise = load_exercise(root, exercise_id)
    if is_handout(exercise):
        raise CourseError(
            "a handout has no solution, so nothing can be proven",
            place=f"solutions/{exercise_id}",
            advice="verify the course that it was made from",
        )

    return exercise


def _steps(
    exercise: Exercise, seeds: Sequence[int], few_seeds: Sequence[int]
) -> tuple[list[Finding], list[Step]]:
    """What reading the files of an exercise finds, and the steps that need an examiner."""
    found = [*check_files(exercise), *check_statement(exercise)]
    steps: list[Step] = []
    if exercise.spec.runs_code:
        # Everything else would follow from that, and `check_files` reports it.
        if compile_error(exercise.hidden / "solution.py") is not None:
            return found, []

        made = code.make_mutants(exercise)
        found += code.check_equivalents(exercise, made)
        steps += _code_steps(exercise, made, seeds, few_seeds)
    else:
        steps += _quiz_steps(exercise)

    steps.append(partial(run_blocks))
    return found, steps


def _last_change(root: Path, exercise_id: str) -> float:
    """When a file of the exercise last changed."""
    latest = 0.0
    for side in ("exercises", "solutions"):
        folder = root / side / exercise_id
        for path in folder.rglob("*"):
            if path.is_file():
                latest = max(latest, path.stat().st_mtime)

    return latest


def _code_steps(
    exercise: Exercise, made: list[Mutant], seeds: Sequence[int], few_seeds: Sequence[int]
) -> Iterator[partial[Part]]:
    """The steps that prove an exercise of kind code, the long ones first."""
    first_seed = seeds[0]
    yield partial(_solution_first, seeds=seeds)
    yield partial(code.check_misconceptions, seeds=few_seeds)
    yield partial(code.check_starter, seed=first_seed)
    yield partial(code.check_forbidden)

    # Several at a time, so that all examiners of a pool work on one large exercise.
    for mutants in _groups(made):
        yield partial(code.check_mutants, made=mutants, seed=first_seed)

    found = outsiders(exercise)
    # A file without a proper first line is a finding already.
    known = {check.name for check in exercise.spec.checks}
    judged = [
        (path, checks)
        for path, checks in found.wrong.items()
        if checks and known.issuperset(checks)
    ]
    judged += [(path, []) for path in found.right]
    for files in _groups(judged):
        yield partial(code.check_outsiders, some=files, seed=first_seed)

    yield partial(code.check_nothing, seed=first_seed)

    yield partial(code.check_solution, seeds=seeds)


def _groups(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _PER_STEP):
        yield items[start : start + _PER_STEP]


def _quiz_steps(exercise: Exercise) -> Iterator[partial[Part]]:
    for question in exercise.spec.questions:
        yield partial(quiz.check_question, question=question)

    yield partial(quiz.check_sheet)
    yield partial(quiz.check_guessing)


def carry_out(
    planned: Plan, pool: ExaminerPool, on_done: OnDone = lambda *_: None, *, quick: bool = False
) -> Verification:
    """Take the steps in the examiners of ``pool``, and report each one to ``on_done``.

    The rest of an exercise is skipped if its solution does not pass, and with ``quick`` after
    any stage that finds something. Any error that is not a finding, Ctrl-C too, closes the pool.
    """
    started = time.monotonic()
    works = {name: _Work(steps, quick=quick) for name, steps in planned.steps.items()}

    # Threads only wait for examiners, which are processes, so they share the cores well.
    with ThreadPoolExecutor(pool.size) as threads:
        running: dict[Future[_Taken], str] = {}

        def begin(name: str) -> None:
            for step in works[name].next_stage():
                taken = threads.submit(_take, pool, name, step)
                running[taken] = name

        try:
            for name in works:
                begin(name)

            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    name = running.pop(future)
                    taken = future.result()
                    works[name].add(taken)
                    on_done(name, weight(taken.step))
                    if name in running.values():
                        continue

                    # Its stage is complete.
                    for step in works[name].skipped():
                        on_done(name, weight(step))

                    begin(name)
        except BaseException:
            # Ctrl-C has to end gradings that are under way: each can take minutes.
            threads.shutdown(wait=False, cancel_futures=True)
            pool.close()
            raise

    # In the order of the plan, so that the output is the same each time.
    proofs = []
    for exercise, read in planned.read.items():
        proof = planned.known.get(exercise)
        if proof is None:
            proof = works[exercise].proof(exercise, read)

        proofs.append(proof)

    return conclude(planned.findings, proofs, time.monotonic() - started)


class _Work:
    """The steps of one exercise, stage by stage."""

    def __init__(self, steps: Sequence[Step], *, quick: bool) -> None:
        self._steps = steps
        self._taken: dict[Step, _Taken] = {}
        stages: dict[int, list[Step]] = defaultdict(list)
        for step in steps:
            stages[_stage(step, quick=quick)].append(step)

        self._stages = deque(stages[number] for number in sorted(stages))

    def next_stage(self) -> list[Step]:
        """The steps to take next; none if all are taken."""
        if not self._stages:
            return []

        return self._stages.popleft()

    def add(self, taken: "_Taken") -> None:
        """Keep what a step found."""
        self._taken[taken.step] = taken

    def skipped(self) -> list[Step]:
        """The steps that are left, once something was found; they are not taken then."""
        if not any(taken.part.findings for taken in self._taken.values()):
            return []

        left = []
        for stage in self._stages:
            left += stage

        self._stages.clear()
        return left

    def proof(self, exercise: str, read: Part) -> Proof:
        """What the steps found after ``read``, which reading the files found."""
        findings: list[Finding] = []
        counts = read.counts
        seconds = 0.0
        # In the order of the plan, so that the output is always the same.
        for step in self._steps:
            taken = self._taken.get(step)
            if taken is not None:
                findings += taken.part.findings
                counts += taken.part.counts
                seconds += taken.seconds

        return prove(exercise, read.findings, findings, counts, seconds)


class _Taken(NamedTuple):
    step: Step
    part: Part
    seconds: float


def _stage(step: Step, *, quick: bool) -> int:
    """The stage of a step: it is taken when nothing was found in the earlier ones."""
    if step.func is _solution_first:
        return 0
    if not quick:
        return 1

    return _QUICK_STAGES.get(step.func, 1)


def total_weight(planned: Plan) -> int:
    """The weight of all steps that are planned."""
    total = 0
    for steps in planned.steps.values():
        total += sum(map(weight, steps))

    return total


def weight(step: Step) -> int:
    """About how many gradings a step takes, for a bar of progress."""
    for name in ("made", "some", "seeds"):
        if name in step.keywords:
            return len(step.keywords[name])

    return _WEIGHT


def _solution_first(examiner: Examiner, exercise: Exercise, seeds: Sequence[int]) -> Part:
    """What is wrong with a solution that does not pass: every other finding would follow from it.

    A mutant of such a solution can even repair it.
    """
    if code.solution_passes(examiner, exercise, seeds[0]):
        return Part([])

    return code.check_solution(examiner, exercise, seeds)


_QUICK_STAGES: Final[dict[Callable[..., Part], int]] = {
    code.check_outsiders: 2,
    code.check_nothing: 2,
    code.check_mutants: 3,
}
"""Stage of a step of ``grade verify --quick``: the mutants last."""


def _take(pool: ExaminerPool, exercise: str, step: Step) -> _Taken:
    """Take a step in a free examiner; an error becomes a finding."""
    started = time.monotonic()
    try:
        with pool.borrow(exercise) as examiner:
            # The time in which others use the examiner does not count.
            started = time.monotonic()
            part = step(examiner)
    except (CourseError, SubmissionError) as error:
        part = Part(from_errors(Rule.SCHEMA, error))
    except (ExaminerError, WireError) as error:
        finding = Finding(
            Rule.GRADER,
            exercise,
            f"The grader failed: {error}",
            "Verify it again; report it if it happens again.",
        )
        part = Part([finding])

    return _Taken(step, part, time.monotonic() - started)
