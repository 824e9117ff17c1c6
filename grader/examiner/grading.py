"""Grades one submission in the examiner: checks, misconception, and the grade."""

import importlib.util
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec
import pytest
import torch

from grader.course.loading import is_handout, read_definition
from grader.course.records import PATIENCE, Check, Exercise
from grader.errors import CourseError
from grader.examiner import broken_checks, devices, feedback
from grader.examiner.check_runner import CheckRunner, derive_seed, line_of_checks
from grader.examiner.diagnosis import Diagnosis, explanation
from grader.examiner.facts import Fact
from grader.examiner.failures import LearnerFailure
from grader.examiner.observations import observe
from grader.examiner.process import COURSE, Processes
from grader.examiner.protocol import Examine, Overran, Record
from grader.examiner.quiz import grade_quiz
from grader.examiner.recording import MAX_BYTES, RecordedCall, Recording, size
from grader.examiner.small_example import CLOCK_SECONDS, small_example
from grader.examiner.submission_run import MAX_OVERRUNS, SubmissionRun
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import (
    OBSERVED,
    CheckError,
    CheckResult,
    Frame,
    Grade,
    Outcome,
    not_counted,
)
from grader.grades.isolation import required
from grader.sandbox import wire
from grader.sandbox.forbidden import problem_of
from grader.sandbox.paths import is_within
from grader.submission.files import Submission
from grader.submission.name_advice import PARAMETER_ORDER, name_advice, parameter_order
from grader.text import closest

Given = dict[str, wire.Value]
"""Arguments by the names of their parameters, as they were sent."""
_FORBIDDEN_ADVICE: Final = "name a function, class, property or operator of torch"


@dataclass(frozen=True)
class SandboxAccess:
    """How the examiner starts the processes in which submissions run."""

    processes: Processes
    isolation: str
    """``Settings.isolation``, which says what must not be missing."""
    gpu: bool = False
    """Whether submissions that are graded on a GPU can reach it."""


class Grader:
    """Grades one submission after another, and keeps what their exercises have in common."""

    def __init__(self, access: SandboxAccess, checks: CheckRunner) -> None:
        self._access = access
        self._checks = checks
        # A wrong solution can behave differently on another device.
        self._diagnoses: dict[str, Diagnosis] = {}
        self._graded: Submission | None = None
        self._owner: object = None

    def grade(self, request: Examine) -> Grade | Overran:
        """Grade a submission; raises ``GraderError`` if that is impossible.

        Returns ``Overran`` if a time limit ran out and this is the first try.
        """
        try:
            return self._grade(request)
        finally:
            self._access.processes.end_kept()

    def _grade(self, request: Examine) -> Grade | Overran:
        exercise = request.exercise
        submission = request.submission
        if not exercise.spec.runs_code:
            return grade_quiz(
                exercise,
                submission,
                request.learner,
                request.seed,
                attempts=request.attempts,
            )
        if reason := devices.why_unavailable(request.device):
            return request.zero_grade(Outcome.SKIPPED, reason)
        if exercise not in self._checks.collected:
            self._prepare(exercise)

        started = time.monotonic()
        self._graded = submission
        self._owner = COURSE if request.is_course else submission
        # The second try starts from the beginning, so the first one ends with its first overrun.
        # People who grade their own code wait for it, and change the loop before anything else.
        max_overruns = 1
        if request.again and not request.own:
            max_overruns = MAX_OVERRUNS
        run = self._start(
            exercise,
            submission,
            request.seed,
            request.device,
            max_overruns,
            is_last_try=request.again,
            own=request.own,
            owner=self._owner,
        )
        try:
            verdicts = self._checks.run(
                exercise,
                run,
                request.seed,
                _in_order(exercise),
                stop_after=request.stop_after,
            )
        finally:
            run.close()

        if run.overruns and not request.again and not (request.own and run.used_up):
            return Overran(run.was_slowed)

        # A handout has no solution, and authors must learn that a check does not stand a value.
        if not is_handout(exercise) and not request.is_course:
            broken_checks.judge(verdicts, partial(self._run_solution, request))

        # Without the time of the diagnosis, which depends on what ran before.
        seconds = round(time.monotonic() - started, 3)
        stdout = feedback.clean(run.output.kept.decode("utf-8", "replace"), run.output.cap)

        mistake = None
        if request.diagnose and request.stop_after is None:
            shown = _shown(exercise, verdicts)
            misconception = self._diagnosis(request.device).misconception(
                exercise, submission, request.seed, shown, is_course=request.is_course
            )
            smaller = {}
            if request.small_example:
                smaller = self._smaller(request, shown)
                verdicts |= smaller
            if misconception is None:
                mistake = _parameter_order(exercise, shown, submission)
                mistake = mistake or _observed(shown, smaller, stdout) or _side_effect(run, shown)
            else:
                mistake = Fact(misconception, explanation(exercise, misconception))

        return request.grade(
            _check_results(
                exercise.spec.checks, verdicts, submission, with_view=request.small_example
            ),
            seconds=seconds,
            stdout=stdout,
            misconception=mistake.name if mistake else None,
            explanation=mistake.sentence if mistake else None,
            isolation=run.isolation,
            notes=_notes(exercise, run, verdicts, submission),
        )

    def record(self, request: Record) -> bytes:
        """Run the visible checks on the solution; the recording of those that can be repeated."""
        exercise = request.exercise
        if exercise not in self._checks.collected:
            self._prepare(exercise)

        solution = _solution(exercise)
        recording: Recording = {}
        for check in exercise.spec.checks:
            if not check.visible:
                continue
            cases = [self._record(exercise, solution, seed, check) for seed in request.seeds]
            if not all(cases):
                continue
            # One case of a large check is better than none.
            while cases and size(cases) > MAX_BYTES:
                cases.pop()
            if cases:
                recording[check.name] = cases

        return msgspec.msgpack.encode(recording)

    def _record(
        self, exercise: Exercise, solution: Submission, seed: int, check: Check
    ) -> list[RecordedCall]:
        """The calls of one check; none if it fails, or if a reply cannot be repeated."""
        calls: list[RecordedCall] = []
        is_whole = True

        def keep(
            request: wire.Call | wire.Run, reply: wire.Reply, call: str, note: str, given: Given
        ) -> None:
            nonlocal is_whole
            if isinstance(reply, wire.Raised):
                # Its message and its lines are those of the solution.
                reply = wire.Raised(reply.id, reply.exception, [], "", [])

            if isinstance(reply, wire.Returned | wire.Raised):
                calls.append(
                    RecordedCall(
                        request=request,
                        reply=reply,
                        call=call,
                        note=note,
                        given=given,
                    )
                )
            else:
                is_whole = False

        run = self._start(exercise, solution, seed, "cpu", own=True)
        run.on_answer = keep
        try:
            verdicts = self._checks.run(exercise, run, seed, [check.name])
        finally:
            run.close()

        passed = verdicts[check.name].outcome is Outcome.PASSED
        return calls if passed and is_whole else []

    def _smaller(self, request: Examine, verdicts: Verdicts) -> Verdicts:
        """The first failed check with a smaller example, if there is one; else nothing.

        ``verdicts`` are those that the learner may see.
        """
        exercise = request.exercise
        # A handout has no solution.
        if is_handout(exercise) or request.device != "cpu":
            return {}

        checks = {check.name: check for check in exercise.spec.checks}
        missed = [checks[name] for name, verdict in verdicts.items() if verdict.outcome.missed]
        if not missed or not missed[0].visible:
            return {}

        # The search itself counts CPU time; these limits end a call that hangs.
        start = partial(
            self._start, exercise, seed=request.seed, device="cpu", seconds=CLOCK_SECONDS / PATIENCE
        )
        runs = [
            start(request.submission, own=request.own, owner=self._owner),
            start(_solution(exercise), own=True, owner=COURSE),
        ]
        first = missed[0]
        for run in runs:
            # The learner has seen the output of the first run.
            run.output.mute()
            run.begin_check(first)

        try:
            found = small_example(verdicts, first.name, *runs)
        except LearnerFailure:
            # One of them took too long.
            found = None
        finally:
            for run in runs:
                run.close()

        if found is None:
            return {}
        return {first.name: found}

    def _run_solution(self, request: Examine, name: str, number: int) -> Verdict:
        """Run one case of a check as for the submission, but with the solution."""
        exercise = request.exercise
        solution = _solution(exercise)
        run = self._start(exercise, solution, request.seed, request.device, own=True, owner=COURSE)
        try:
            return self._checks.run_case(exercise, run, request.seed, name, number)
        finally:
            run.close()

    def _start(
        self,
        exercise: Exercise,
        submission: Submission,
        seed: int,
        device: str,
        max_overruns: int = MAX_OVERRUNS,
        *,
        own: bool,
        is_last_try: bool = True,
        seconds: float | None = None,
        owner: object = None,
    ) -> SubmissionRun:
        spec = exercise.code
        if seconds is not None:
            limits = msgspec.structs.replace(
                spec.limits, seconds=seconds, load_seconds=seconds, total_seconds=seconds
            )
            spec = msgspec.structs.replace(spec, limits=limits)

        return SubmissionRun(
            self._access.processes,
            exercise.id,
            spec,
            submission,
            derive_seed(seed, "submission"),
            required=required(self._access.isolation, own=own),
            device=device,
            max_overruns=max_overruns,
            is_last_try=is_last_try,
            owner=owner,
        )

    def _diagnosis(self, device: str) -> Diagnosis:
        def run_wrong_solution(
            exercise: Exercise, submission: Submission, seed: int, names: Iterable[str]
        ) -> Verdicts:
            # Wrong solutions are part of the course.
            owner = self._owner if submission is self._graded else COURSE
            run = self._start(exercise, submission, seed, device, own=True, owner=owner)
            try:
                return self._checks.run(exercise, run, seed, names)
            finally:
                run.close()

        return self._diagnoses.setdefault(device, Diagnosis(run_wrong_solution))

    def _prepare(self, exercise: Exercise) -> None:
        """Collect the checks of an exercise; raises ``CourseError`` if its course is broken."""
        root = os.path.realpath(exercise.root)
        # A submission could read the checks there.
        if any(is_within(root, path) for path in self._access.processes.readable):
            problem = "submissions can read this folder, because it is part of Python or the system"
            raise CourseError(problem, place=exercise.root, advice="move the course")

        # Checked here and not when the course is loaded, because that must not import torch.
        errors = []
        for position, name in enumerate(exercise.spec.forbidden):
            if reason := problem_of(name):
                document = read_definition(exercise)
                problem = f"`{name}` at `forbidden` {reason}"
                advice = _meant(name) or _FORBIDDEN_ADVICE
                errors.append(document.error(problem, "forbidden", position, advice=advice))

        if errors:
            raise CourseError.of_all(errors)

        for position, name in enumerate(exercise.spec.packages):
            if importlib.util.find_spec(name) is None:
                document = read_definition(exercise)
                problem = f"package `{name}` at `packages` is not installed"
                raise document.error(
                    problem, "packages", position, advice="install it beside the grader"
                )

        self._checks.collect(exercise)


def _meant(name: str) -> str:
    """The name of torch that an author meant by one that does not exist; empty if unknown."""
    owner = torch
    found, *parts = name.split(".")
    for part in parts:
        if not hasattr(owner, part):
            near = closest(part, dir(owner))
            return f"did you mean `{found}.{near}`?" if near else ""

        owner = getattr(owner, part)
        found = f"{found}.{part}"

    return ""


def _solution(exercise: Exercise) -> Submission:
    path = exercise.hidden / "solution.py"
    return Submission(path.name, path.read_bytes())


def _in_order(exercise: Exercise) -> list[str]:
    """The names of the checks in the order in which they run: the hidden ones last.

    So nothing that a submission returns or prints in a visible check can depend on their inputs.
    """
    checks = exercise.spec.checks
    visible = [check.name for check in checks if check.visible]
    hidden = [check.name for check in checks if not check.visible]
    return visible + hidden


def _shown(exercise: Exercise, verdicts: Verdicts) -> Verdicts:
    """The verdicts that may decide what the learner reads about their mistake.

    What a submission does with hidden inputs must not, unless nothing else is wrong.
    """
    shown = {}
    is_missed = False
    for check in exercise.spec.checks:
        if check.visible and check.name in verdicts:
            verdict = verdicts[check.name]
            shown[check.name] = verdict
            is_missed = is_missed or verdict.outcome.missed
    if not is_missed:
        return verdicts
    return shown


def _notes(
    exercise: Exercise, run: SubmissionRun, verdicts: Verdicts, submission: Submission
) -> list[str]:
    """What the learner should know besides the results."""
    notes = []
    if run.loaded is not None:
        packages = exercise.code.packages
        notes = feedback.load_notes(run.loaded, run.load_crash, submission, packages)
    if advice := _advice(exercise, verdicts, submission):
        notes.append(advice)
    return notes


def _advice(exercise: Exercise, verdicts: Verdicts, submission: Submission) -> str:
    """What to write for a name that is not defined, in the first miss that the learner may see."""
    for check in exercise.spec.checks:
        verdict = verdicts.get(check.name)
        if check.visible and verdict is not None and verdict.outcome.missed:
            return name_advice(str(verdict.error), submission)

    return ""


def _parameter_order(exercise: Exercise, verdicts: Verdicts, submission: Submission) -> Fact | None:
    """The order of a function's parameters, if it is another one and a call failed."""
    missed = [verdict for verdict in verdicts.values() if verdict.outcome.missed]
    order = parameter_order(exercise.code.entries, submission)
    if order is None or not missed or not missed[0].exchanges:
        return None

    # It explains the failure better than anything that the wrong arguments lead to.
    return Fact(PARAMETER_ORDER, order.sentence)


def _observed(verdicts: Verdicts, smaller: Verdicts, printed: str) -> Fact | None:
    """A fact about the first failed check, as it is in the ``smaller`` example if there is one."""
    fact = observe(verdicts, printed)
    if fact is None or not smaller:
        return fact
    # The few and simple numbers of an example can also agree by chance.
    seen = observe(verdicts | smaller, printed)
    if seen is None or seen.name != fact.name:
        return None
    return seen


def _side_effect(run: SubmissionRun, verdicts: Verdicts) -> Fact | None:
    """What a visible call changed, which may be the reason why another check failed."""
    if run.side_effects is None:
        return None
    failure, exchanges = run.side_effects
    errors = [verdict.error for verdict in verdicts.values() if verdict.outcome.missed]
    # There are no exchanges if the call was a hidden one.
    if not exchanges or not errors or errors[0] is failure:
        return None
    return Fact(f"{OBSERVED}side_effect", str(failure))


def _check_results(
    checks: Iterable[Check], verdicts: Verdicts, submission: Submission, *, with_view: bool
) -> list[CheckResult]:
    """The results of the checks that ran, in the order of the rubric."""
    results = {}
    for check in checks:
        if check.name in verdicts:
            verdict = verdicts[check.name]
            results[check.name] = _check_result(check, verdict, submission, with_view=with_view)

    for name, result in results.items():
        if result.outcome is not Outcome.PASSED:
            continue
        for need in result.check.needs:
            # A run that stops early lacks some results.
            needed = results.get(need)
            if needed is not None and needed.outcome.missed:
                results[name] = _not_counted(result, needed)
                break

    return list(results.values())


def _not_counted(result: CheckResult, missed: CheckResult) -> CheckResult:
    """The result of a check that holds, but shows nothing while ``missed`` did not pass."""
    message = not_counted(missed.title)
    return msgspec.structs.replace(
        result, outcome=Outcome.FAILED, points=0, message=message, needed=missed.name
    )


def _check_result(
    check: Check, verdict: Verdict, submission: Submission, *, with_view: bool
) -> CheckResult:
    # There are no partial points for one check.
    points = 0
    if verdict.outcome is Outcome.PASSED:
        points = check.points
    text = ""
    case = None
    frames: list[Frame] = []
    broken = None
    view = None
    if verdict.outcome is Outcome.UNGRADED and verdict.error is not None:
        # The values of a broken check say nothing about the submission, so no case is shown.
        broken = _check_error(verdict.error)
        text = _about_broken_check(broken)
    elif verdict.error is not None:
        text = feedback.message(verdict.error)
        frames = feedback.frames_of(verdict.error, submission)
        case = feedback.case(
            verdict.exchanges,
            verdict.error,
            frames,
            is_smaller=verdict.is_smaller,
        )
        if with_view:
            view = feedback.view(verdict.exchanges, verdict.error)

    seconds = round(verdict.seconds, 4)
    return CheckResult(
        check=check,
        outcome=verdict.outcome,
        points=points,
        message=text,
        seconds=seconds,
        case=case,
        error=broken,
        view=view,
        frames=frames,
    )


def _check_error(error: BaseException) -> CheckError:
    kind = type(error).__name__
    if isinstance(error, pytest.FixtureLookupError):
        # It has no text, and the check has not begun.
        problem = f"there is no fixture `{error.argname}`; "
        problem += "checks have learner, rng, device, and those in this file"
        return CheckError(kind, problem, error.request.function.__code__.co_firstlineno)

    return CheckError(kind, feedback.message(error), line_of_checks(error))


def _about_broken_check(error: CheckError) -> str:
    """What the learner reads about a check that is broken."""
    problem = f"{error.kind}: {error.message}"
    if error.line is not None:
        problem += f", checks.py line {error.line}"
    return f"This check is broken, not your code ({problem}). Tell its author."
