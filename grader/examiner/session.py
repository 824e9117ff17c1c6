"""The examination: hidden checks collected once by pytest, run again for every submission."""

import logging
import os
import re
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec
import pytest
import torch

from grader.course.loading import read_definition
from grader.course.records import Check, Exercise, QuizExercise
from grader.errors import CourseError, ExaminerError, GraderError, WireError
from grader.examiner import devices, feedback
from grader.examiner.diagnosis import Diagnosis, Verdict, Verdicts, explanation
from grader.examiner.process import ForkServer, LearnerFailure, LearnerProcess, Output
from grader.examiner.protocol import (
    Detect,
    Detected,
    Examine,
    Graded,
    Inspect,
    Inspected,
    Refusal,
    Reply,
    Request,
    Survey,
)
from grader.examiner.proxy import Learner, SubmissionRun
from grader.examiner.quiz import grade_quiz
from grader.examiner.survey import survey
from grader.grades.grade import CheckError, CheckResult, Grade, Outcome, grade_from_checks
from grader.sandbox import wire
from grader.sandbox.filesystem import is_within
from grader.submission.files import Submission

# pytest's own plugins that a check does not need: each would cost time in every one of them.
UNNEEDED_PLUGINS: Final = (
    *(
        "cacheprovider",
        "capture",
        "debugging",
        "doctest",
        "faulthandler",
        "junitxml",
        "legacypath",
        "logging",
    ),
    *(
        "monkeypatch",
        "pastebin",
        "recwarn",
        "setuponly",
        "setupplan",
        "skipping",
        "stepwise",
        "subtests",
    ),
    *("terminal", "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings"),
)
MAX_REASON: Final = 10_000
"""Characters of a reason not to grade."""
PYTEST_ARGUMENTS: Final = (
    *(
        "-c",
        os.devnull,
        "--noconftest",
        "--strict-markers",
        "--import-mode=importlib",
        "-o",
        "python_files=checks.py",
    ),
    *(f"-pno:{name}" for name in UNNEEDED_PLUGINS),
)


@dataclass(frozen=True)
class SandboxAccess:
    """The examiner's way to the processes in which submissions run."""

    server: ForkServer
    readable: list[str]
    """Where their processes can read: no course may lie there."""
    strict: bool
    """Whether to refuse to run a submission while a layer of the sandbox is missing."""
    gpu: bool = False
    """Whether submissions that are graded on the GPU can reach it."""


class ExaminerPlugin:
    """A pytest plugin that grades requests inside pytest's run loop.

    ``requests`` yields what to grade and ``respond`` takes each reply; between
    the two, pytest runs the items that it collected when their exercise first
    came up.
    """

    def __init__(
        self, access: SandboxAccess, requests: Iterator[Request], respond: Callable[[Reply], None]
    ) -> None:
        self._access = access
        self._requests = requests
        self._respond = respond
        self._items: dict[Exercise, dict[str, list[pytest.Item]]] = {}
        # What a wrong solution did on one device says nothing of another.
        self._diagnoses: dict[str, Diagnosis] = {}
        self._device = devices.CPU
        self._run: SubmissionRun | None = None
        self._seed = 0
        self._item_name = ""
        self._verdict = Verdict()
        self._collection_error = ""
        self._uncollectable: dict[Path, str] = {}
        self._ours = {"learner": self._learner, "rng": self._rng, "device": self._torch_device}
        self._plain: set[pytest.Item] = set()
        self._needs_pytest = False

    # pytest's hooks

    def pytest_collection(self) -> bool:
        return True  # nothing yet: exercises are collected as they come up

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for request in self._requests:
            reply: Reply
            try:
                reply = self._reply(session, request)
            except GraderError as error:
                reply = Refusal(type(error).__name__, str(error)[:MAX_REASON])
            except Exception as error:
                # A bug of ours: this submission is not graded, but the next one can be.
                logging.getLogger(__name__).exception("%s failed", type(request).__name__)
                where = traceback.extract_tb(error.__traceback__)[-1]
                what = f"{type(error).__name__}: {error}"[:MAX_REASON]
                what += f", {os.path.basename(where.filename)} line {where.lineno}"
                reply = Refusal("ExaminerError", f"the grader has a bug ({what}); please report it")
            self._answer(reply)
            if self._access.server.lost:
                break  # whoever asks next starts another examiner
        return True

    def _answer(self, reply: Reply) -> None:
        """Respond with ``reply``; where no frame holds it, with what does: nothing that was sent here ends us."""
        try:
            self._respond(reply)
        except WireError as error:
            short = _short(reply.grade) if isinstance(reply, Graded) else None
            self._respond(
                Graded(short)
                if short
                else Refusal("ExaminerError", f"no answer could be sent ({error})")
            )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._collection_error = _told(str(report.longrepr))

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> None:
        if (
            getattr(fixturedef.func, "__self__", None) is not self
        ):  # one of the author's, under the name of one of ours
            self._needs_pytest = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        # In place of pytest's own, which formats a traceback: 0.5 s for one failure.
        verdict = self._verdict
        if call.excinfo is not None and verdict.error is None:
            verdict.outcome, verdict.error = _outcome(call.excinfo.value), call.excinfo.value
        outcome = "passed" if call.excinfo is None else "failed"
        return pytest.TestReport(
            item.nodeid,
            item.location,
            {},
            outcome,  # type: ignore[arg-type]
            None,
            call.when,  # type: ignore[arg-type]
            duration=call.duration,
        )

    @pytest.fixture
    def learner(self) -> Learner:
        """The submission, as a proxy."""
        return self._learner()

    @pytest.fixture
    def rng(self) -> torch.Generator:
        """A generator seeded by the run's secret and the check's name: inputs nobody knows beforehand."""
        return self._rng()

    @pytest.fixture
    def device(self) -> torch.device:
        """Where the checks put their inputs, and so where the submission computes."""
        return self._torch_device()

    # what these fixtures give

    def _learner(self) -> Learner:
        assert self._run is not None
        return Learner(self._run)

    def _rng(self) -> torch.Generator:
        return torch.Generator().manual_seed(_derive(self._seed, self._item_name))

    def _torch_device(self) -> torch.device:
        return torch.device(self._device)

    # grading

    def _reply(self, session: pytest.Session, request: Request) -> Reply:
        if isinstance(request, Survey):
            return survey(
                request.exercise,
                request.question,
                request.learner,
                answers_only=request.answers_only,
            )
        if isinstance(request, Inspect):
            return Inspected(inspect(self._access))
        if isinstance(request, Detect):
            return Detected(devices.present())
        return Graded(self._grade(session, request))

    def _grade(self, session: pytest.Session, request: Examine) -> Grade:
        exercise, submission = request.exercise, request.submission
        if isinstance(exercise.spec, QuizExercise):
            return grade_quiz(
                exercise,
                submission,
                request.learner,
                request.seed,
                ignore_sheet_name=request.ignore_sheet_name,
            )
        if reason := devices.why_unavailable(request.device):
            return _skipped(request, reason)
        self._device = request.device
        self._collect(session, exercise)
        started = time.monotonic()
        # Hidden checks come last: what a submission prints, raises or returns before has never seen their inputs.
        checks = [
            check.name
            for check in sorted(exercise.spec.checks, key=lambda check: not check.visible)
        ]
        verdicts, run = self._run_checks(
            exercise,
            submission,
            request.seed,
            checks,
            stop_at_first_failure=request.stop_at_first_failure,
        )
        seconds = time.monotonic() - started
        misconception = (
            None
            if request.stop_at_first_failure
            else self._diagnosis().misconception(exercise, request.seed, verdicts)
        )
        return grade_from_checks(
            [
                _result(check, verdicts[check.name], submission)
                for check in exercise.spec.checks
                if check.name in verdicts
            ],
            exercise=exercise.id,
            submission=submission.name,
            learner=request.learner,
            seed=request.seed,
            device=request.device,
            seconds=round(seconds, 3),
            stdout=feedback.clean(run.output.kept.decode("utf-8", "replace"), run.output.cap),
            misconception=misconception,
            explanation=explanation(exercise, misconception) if misconception else None,
            isolation=run.isolation,
        )

    def _diagnosis(self) -> Diagnosis:
        if self._device not in self._diagnoses:
            self._diagnoses[self._device] = Diagnosis(
                lambda *arguments: self._run_checks(*arguments)[0]
            )
        return self._diagnoses[self._device]

    def _collect(self, session: pytest.Session, exercise: Exercise) -> None:
        """Have pytest collect the exercise's checks, once."""
        if exercise in self._items:
            return
        if any(is_within(os.path.realpath(exercise.root), path) for path in self._access.readable):
            raise CourseError(
                f"{exercise.root}: submissions can read this folder, as part of Python or the system; move the course"
            )
        for name in exercise.spec.forbidden:
            if not _exists(name):
                document = read_definition(exercise)
                position = exercise.spec.forbidden.index(name)
                raise document.error(
                    f"`{name}` at `forbidden` does not exist; mend the name", "forbidden", position
                )
        path = exercise.hidden / "checks.py"
        # A module that failed once is not imported again by pytest, so the reason is kept.
        self._collection_error = self._uncollectable.get(path, "")
        collected = [] if self._collection_error else session.perform_collect([str(path)])
        if self._collection_error or not collected:
            reason = self._uncollectable[path] = (
                self._collection_error or "pytest found no checks in it; mend it"
            )
            raise CourseError(f"solutions/{exercise.id}/checks.py: {reason}")
        items: dict[str, list[pytest.Item]] = {}
        for item in collected:
            name = item.originalname.removeprefix("test_")  # type: ignore[attr-defined]
            items.setdefault(name, []).append(item)
        self._items[exercise] = items

    def _run_checks(
        self,
        exercise: Exercise,
        submission: Submission,
        seed: int,
        checks: Iterable[str],
        *,
        stop_at_first_failure: bool = False,
    ) -> tuple[Verdicts, SubmissionRun]:
        """Run ``checks`` once; if ``stop_at_first_failure``, only up to the first that is missed."""
        access = self._access
        run = SubmissionRun(
            access.server,
            exercise.id,
            exercise.code,
            submission,
            _derive(seed, "submission"),
            strict=access.strict,
            device=self._device,
        )
        self._run, self._seed = run, seed
        items = self._items[exercise]
        hidden = {check.name for check in exercise.spec.checks if not check.visible}
        order = list(checks)
        try:
            verdicts = {}
            for check, following in zip(order, [*order[1:], None], strict=True):
                if check in hidden:
                    run.output.mute()
                # With an item to follow, pytest leaves the module set up: half the cost of a check.
                follows = items[following][0] if following and not stop_at_first_failure else None
                nextitem = None if follows in self._plain else follows
                verdicts[check] = self._run_check(run, items[check], nextitem)
                if stop_at_first_failure and verdicts[check].outcome.missed:
                    break
            return verdicts, run
        finally:
            run.close()

    def _run_check(
        self, run: SubmissionRun, items: list[pytest.Item], nextitem: pytest.Item | None
    ) -> Verdict:
        """Run the cases of one check, up to the first that is not passed."""
        started = time.monotonic()
        run.begin_check()
        for item in items:
            self._verdict, self._item_name = Verdict(), item.name
            run.begin_case()
            self._run_case(item, nextitem)
            self._verdict.exchanges = run.exchanges
            if self._verdict.outcome is not Outcome.PASSED:
                break
        self._verdict.seconds = time.monotonic() - started
        return self._verdict

    def _run_case(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Run one case, and keep in the verdict how it ended.

        Where pytest was seen to use our fixtures alone, the check is just called from
        then on: pytest's hooks and phases take a quarter of the examiner's time.
        """
        assert isinstance(item, pytest.Function)
        if item not in self._plain:
            self._needs_pytest = not self._ours.keys() >= set(item.fixturenames)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
            if not self._needs_pytest:
                self._plain.add(item)
            return
        try:
            item.function(**{name: self._ours[name]() for name in item.fixturenames})
        except (KeyboardInterrupt, pytest.exit.Exception):
            raise
        except BaseException as error:
            self._verdict.outcome, self._verdict.error = _outcome(error), error


def serve(
    access: SandboxAccess, requests: Iterator[Request], respond: Callable[[Reply], None]
) -> None:
    """Answer ``requests`` one by one, inside one pytest run, until there are no more."""
    pytest.main(
        [*PYTEST_ARGUMENTS, str(Path(__file__).parent)],
        plugins=[ExaminerPlugin(access, requests, respond)],
    )


def inspect(access: SandboxAccess) -> dict[str, str | None]:
    """Make a learner process without a submission: layer of the wall to what holds it, or None."""
    process = LearnerProcess(
        access.server, Output(0), wire.Spawn([], subprocesses=False, gpu=access.gpu)
    )
    try:
        load = wire.Load("nothing", "nothing.py", b"", {}, [], 2**30, 1, 0)
        reply = process.ask(load, time.monotonic() + 10)
    finally:
        process.end()
    if not isinstance(reply, wire.Prepared):
        raise ExaminerError(f"a learner process could not be made ready ({reply})")
    return reply.isolation


def _short(grade: Grade) -> Grade:
    """``grade`` without what can be long: its cases and what was printed."""
    checks = [msgspec.structs.replace(check, case=None) for check in grade.checks]
    return msgspec.structs.replace(grade, checks=checks, stdout="")


def _told(report: str) -> str:
    """What pytest says of a file that it cannot collect, in one sentence: the last line of ours, and the error."""
    lines = re.findall(r"^(?:.*/)?checks\.py:(\d+):", report, re.MULTILINE)
    place = f"line {lines[-1]}: " if lines else ""
    return f"{place}{report.strip().splitlines()[-1].removeprefix('E').strip()}; mend it"


def _exists(name: str) -> bool:
    """Whether torch has this dotted name or ``namespace::operator``."""
    found: object = torch
    path = name.replace("::", ".").split(".") if "::" in name else name.split(".")[1:]
    try:
        for part in ["ops", *path] if "::" in name else path:
            found = getattr(found, part)
    except AttributeError:
        return False
    return True


def _derive(seed: int, purpose: str) -> int:
    """63 bits for one purpose, of which the others tell nothing."""
    return int.from_bytes(blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest(), "big") >> 1


def _skipped(request: Examine, reason: str) -> Grade:
    """The grade where the device is absent: nothing was tried, and nobody is to blame."""
    return grade_from_checks(
        [
            CheckResult(check, Outcome.SKIPPED, points=0, message=reason)
            for check in request.exercise.spec.checks
        ],
        exercise=request.exercise.id,
        submission=request.submission.name,
        learner=request.learner,
        seed=request.seed,
        device=request.device,
    )


def _outcome(error: BaseException) -> Outcome:
    if isinstance(error, LearnerFailure):
        return error.outcome
    if isinstance(error, (AssertionError, pytest.fail.Exception)):
        return Outcome.FAILED
    if isinstance(error, pytest.skip.Exception):
        return Outcome.SKIPPED
    return Outcome.UNGRADED


def _line_of_checks(error: BaseException) -> int | None:
    """The last line of checks.py that the traceback of ``error`` names."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if os.path.basename(frame.filename) == "checks.py"]
    return lines[-1] if lines else None


def _result(check: Check, verdict: Verdict, submission: Submission) -> CheckResult:
    text, case, broke = "", None, None
    if verdict.error is not None:
        text = feedback.message(verdict.error)
        case = feedback.case(verdict.exchanges, verdict.error, submission)
    if verdict.outcome is Outcome.UNGRADED:
        assert verdict.error is not None
        line = _line_of_checks(verdict.error)
        broke = CheckError(type(verdict.error).__name__, text, line)
        place = "" if line is None else f", checks.py line {line}"
        text = f"The grader failed here, not your code ({broke.kind}: {text}{place})."
        case = None
    points = check.points if verdict.outcome is Outcome.PASSED else 0
    seconds = round(verdict.seconds, 4)
    return CheckResult(check, verdict.outcome, points, text, seconds, case, broke)
