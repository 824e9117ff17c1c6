"""The examination: hidden checks collected once by pytest, run again for every submission."""

import ast
import os
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import torch

from grader import course, values, wire
from grader.course import CodeExercise, Exercise
from grader.errors import CourseError, GraderError, WireError
from grader.examiner import feedback
from grader.examiner.compare import difference
from grader.examiner.process import ForkServer, LearnerFailure
from grader.examiner.protocol import Examine, Graded, Refusal
from grader.examiner.proxy import Exchange, Learner, Sitting
from grader.examiner.quiz import grade_quiz
from grader.results import Check, Grade, Outcome, grade_from_checks
from grader.submission import Submission

# pytest's own plugins that a check does not need: each would cost time in every one of them.
UNNEEDED_PLUGINS: Final = (
    *("cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging"),
    *("monkeypatch", "pastebin", "recwarn", "setuponly", "setupplan", "skipping", "stepwise", "subtests"),
    *("terminal", "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings"),
)
PYTEST_ARGUMENTS: Final = (
    *("-c", os.devnull, "--noconftest", "--strict-markers", "--import-mode=importlib", "-o", "python_files=checks.py"),
    *(f"-pno:{name}" for name in UNNEEDED_PLUGINS),
)


class Verdict(msgspec.Struct):
    """How one check ended for one submission, with what was asked and answered."""

    outcome: Outcome = Outcome.PASSED
    error: BaseException | None = None
    exchanges: list[Exchange] = []
    seconds: float = 0.0


class Examiner:
    """A pytest plugin that grades requests inside pytest's run loop.

    ``requests`` yields what to grade and ``respond`` takes each reply; between
    the two, pytest runs the items that it collected when their exercise first
    came up.
    """

    def __init__(self, server: ForkServer, requests: Iterator[Examine], respond: Callable[[Graded | Refusal], None]) -> None:
        self._server = server
        self._requests = requests
        self._respond = respond
        self._items: dict[Exercise, list[pytest.Item]] = {}
        self._known_wrong: dict[tuple[Exercise, int], dict[str, dict[str, Verdict]]] = {}
        self._sitting: Sitting | None = None
        self._seed = 0
        self._item_name = ""
        self._verdict = Verdict()
        self._collection_error = ""

    # pytest's hooks

    def pytest_collection(self) -> bool:
        return True  # nothing yet: exercises are collected as they come up

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for request in self._requests:
            try:
                reply: Graded | Refusal = Graded(self._grade(session, request))
            except GraderError as error:
                reply = Refusal(type(error).__name__, str(error))
            self._respond(reply)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._collection_error = str(report.longrepr).strip().splitlines()[-1]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        # In place of pytest's own, which formats a traceback: 0.5 s for one failure.
        verdict = self._verdict
        if call.excinfo is not None and verdict.error is None:
            verdict.outcome, verdict.error = _outcome(call.excinfo.value), call.excinfo.value
        outcome = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when, duration=call.duration)  # type: ignore[arg-type]

    @pytest.fixture
    def learner(self) -> Learner:
        """The submission, as a proxy."""
        assert self._sitting is not None
        return Learner(self._sitting)

    @pytest.fixture
    def rng(self) -> torch.Generator:
        """A generator seeded by the run's secret and the check's name: inputs nobody knows beforehand."""
        return torch.Generator().manual_seed(_derive(self._seed, self._item_name) >> 1)

    # grading

    def _grade(self, session: pytest.Session, request: Examine) -> Grade:
        exercise, submission = request.exercise, request.submission
        if not isinstance(exercise.spec, CodeExercise):
            return grade_quiz(exercise, submission, request.learner, request.seed)
        items = self._collected(session, exercise)
        started = time.monotonic()
        verdicts, sitting = self._examine(exercise, exercise.spec, items, submission, request.seed)
        seconds = time.monotonic() - started
        missed = [name for name, verdict in verdicts.items() if verdict.outcome not in (Outcome.PASSED, Outcome.SKIPPED)]
        comparable = missed and verdicts[missed[0]].outcome in (Outcome.FAILED, Outcome.RAISED) and verdicts[missed[0]].exchanges
        misconception = self._diagnose(exercise, items, verdicts, missed[0], request.seed) if comparable else None
        return grade_from_checks(
            [_check(line, verdicts[line.check], submission) for line in exercise.spec.rubric],
            exercise=exercise.id,
            submission=submission.name,
            learner=request.learner,
            seed=request.seed,
            seconds=round(seconds, 3),
            stdout=feedback.clean(sitting.output.kept.decode("utf-8", "replace"), sitting.output.cap),
            misconception=misconception,
            explanation=explanation(exercise, misconception) if misconception else None,
            isolation=sitting.isolation,
        )

    def _collected(self, session: pytest.Session, exercise: Exercise) -> list[pytest.Item]:
        if exercise not in self._items:
            self._collection_error = ""
            items = list(session.perform_collect([str(exercise.hidden / "checks.py")]))
            if self._collection_error or not items:
                reason = self._collection_error or "pytest found no checks in it"
                raise CourseError(f"solutions/{exercise.id}/checks.py: {reason}; mend it")
            self._items[exercise] = items
        return self._items[exercise]

    def _examine(
        self, exercise: Exercise, spec: CodeExercise, items: list[pytest.Item], submission: Submission, seed: int
    ) -> tuple[dict[str, Verdict], Sitting]:
        """Run every check once: check name to verdict. A check of several cases ends with its first failure."""
        sitting = self._sitting = Sitting(self._server, exercise.id, spec, submission, _derive(seed, "submission") >> 1)
        self._seed = seed
        verdicts: dict[str, Verdict] = {}
        try:
            for item in items:
                name = item.originalname.removeprefix("test_")  # type: ignore[attr-defined]
                before = verdicts.get(name)
                if before is not None and before.outcome is not Outcome.PASSED:
                    continue
                self._verdict, self._item_name = Verdict(), item.name
                sitting.begin_check()
                started = time.monotonic()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                self._verdict.exchanges = sitting.exchanges
                self._verdict.seconds = time.monotonic() - started + (before.seconds if before else 0.0)
                verdicts[name] = self._verdict
        finally:
            sitting.close()
        return verdicts, sitting

    # misconceptions

    def _diagnose(
        self, exercise: Exercise, items: list[pytest.Item], verdicts: dict[str, Verdict], missed: str, seed: int
    ) -> str | None:
        """The wrong solution that behaves exactly as this submission on the check that it missed first.

        Of several, the one that agrees with it on the most checks.
        """
        known = self._wrong_verdicts(exercise, items, seed)
        agreeing = {
            name: sum(_behave_alike(verdicts[check], theirs[check]) for check in verdicts)
            for name, theirs in known.items()
            if _behave_alike(verdicts[missed], theirs[missed])
        }
        return max(agreeing, key=lambda name: agreeing[name], default=None)

    def _wrong_verdicts(self, exercise: Exercise, items: list[pytest.Item], seed: int) -> dict[str, dict[str, Verdict]]:
        """Name of each wrong solution to its verdicts on the same inputs; recorded once per seed."""
        assert isinstance(exercise.spec, CodeExercise)
        key = (exercise, seed)
        if key not in self._known_wrong:
            self._known_wrong = {key: {}}
            for name, path in course.wrong_solutions(exercise).items():
                wrong = Submission(path.name, path.read_bytes())
                self._known_wrong[key][name] = self._examine(exercise, exercise.spec, items, wrong, seed)[0]
        return self._known_wrong[key]


def serve(server: ForkServer, requests: Iterator[Examine], respond: Callable[[Graded | Refusal], None]) -> None:
    """Grade ``requests`` one by one, inside one pytest run, until there are no more."""
    pytest.main([*PYTEST_ARGUMENTS, str(Path(__file__).parent)], plugins=[Examiner(server, requests, respond)])


def explanation(exercise: Exercise, misconception: str) -> str:
    """What a wrong solution tells the learner who made it: its docstring."""
    path = course.wrong_solutions(exercise)[misconception]
    return ast.get_docstring(ast.parse(path.read_bytes())) or ""


def _derive(seed: int, purpose: str) -> int:
    return int.from_bytes(blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest(), "big")


def _outcome(error: BaseException) -> Outcome:
    if isinstance(error, LearnerFailure):
        return error.outcome
    if isinstance(error, (AssertionError, pytest.fail.Exception)):
        return Outcome.FAILED
    if isinstance(error, pytest.skip.Exception):
        return Outcome.SKIPPED
    return Outcome.UNGRADED


def _check(line: course.RubricLine, verdict: Verdict, submission: Submission) -> Check:
    passed = verdict.outcome is Outcome.PASSED
    text, case = "", None
    if verdict.error is not None:
        text = feedback.message(verdict.error)
        case = feedback.case(verdict.exchanges, verdict.error, submission)
    if verdict.outcome is Outcome.UNGRADED:
        text, case = f"The grader failed here, not your code ({type(verdict.error).__name__}: {text}).", None
    return Check(
        line.check, line.title, verdict.outcome, line.points if passed else 0, line.points, text, round(verdict.seconds, 4), case
    )


def _behave_alike(mine: Verdict, theirs: Verdict) -> bool:
    """Whether two submissions did the same in a check: same outcome, and reply for reply alike."""
    if mine.outcome is not theirs.outcome or not mine.exchanges or len(mine.exchanges) != len(theirs.exchanges):
        return False
    pairs = zip(mine.exchanges, theirs.exchanges, strict=True)
    return all(_reply_alike(one.reply, other.reply) for one, other in pairs)


def _reply_alike(one: wire.Reply | None, other: wire.Reply | None) -> bool:
    if isinstance(one, wire.Returned) and isinstance(other, wire.Returned):
        try:
            return difference(values.decode(one.value), values.decode(other.value), exact=False, equal_nan=True) is None
        except (WireError, RuntimeError):
            return False
    if isinstance(one, wire.Raised) and isinstance(other, wire.Raised):
        return one.exception == other.exception and feedback.clean(one.message) == feedback.clean(other.message)
    return False

