"""A pytest plugin that collects hidden checks once and runs them for each submission."""

import os
import re
import time
import traceback
from collections.abc import Callable, Collection, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

import pytest
import torch

from grader.course.records import CodeExercise, Exercise
from grader.errors import CourseError
from grader.examiner.learner import Learner
from grader.examiner.submission_run import SubmissionRun
from grader.examiner.verdict import Verdict, Verdicts
from grader.grades.grade import Outcome

# Plugins of pytest that no check needs. Each of them costs time in every check.
UNNEEDED_PLUGINS: Final = (
    "cacheprovider capture debugging doctest faulthandler junitxml legacypath logging monkeypatch"
    " pastebin recwarn setuponly setupplan skipping stepwise subtests terminal threadexception"
    " tmpdir unittest unraisableexception warnings"
)
# The course's own pytest configuration must not change how checks run.
_ARGUMENTS: Final = (
    *("-c", os.devnull, "--noconftest", "--strict-markers", "--import-mode=importlib"),
    *("-o", "python_files=checks.py"),
    *(f"-pno:{name}" for name in UNNEEDED_PLUGINS.split()),
)
_IN_FUNCTION: Final = re.compile(r"In \S*::(?P<name>\w+): (?P<problem>.+)")
_LINE_OF_CHECKS: Final = re.compile(r"^(?:.*[/\\])?checks\.py:(\d+):", re.MULTILINE)


class CheckRunner:
    """Runs hidden checks within one pytest run.

    pytest calls ``main`` in place of its loop over tests. While it runs, ``collect`` and
    ``run`` can be called as often as needed.
    """

    def __init__(self, main: Callable[["CheckRunner"], None]) -> None:
        self._main = main
        self._session: pytest.Session | None = None
        self.collected: dict[Exercise, dict[str, list[pytest.Function]]] = {}
        """Exercise to the cases of each of its checks, by the check's name."""
        self._report = ""
        self._reports: dict[Path, str] = {}
        # State of the case that runs now. pytest calls the hooks and fixtures, so this object
        # cannot pass the state to them as arguments.
        self._verdict = Verdict()
        self._fixtures: dict[str, object] = {}
        self._needs_pytest = False
        # Checks known to use only the fixtures below. They can be called without pytest.
        self._plain: set[pytest.Function] = set()

    def start(self) -> None:
        """Start pytest; return when ``main`` returns."""
        # pytest needs a folder to start in; it collects nothing there.
        folder = str(Path(__file__).parent)
        pytest.main([*_ARGUMENTS, folder], plugins=[self])

    def collect(self, exercise: Exercise) -> None:
        """Have pytest collect the checks of an exercise; raises ``CourseError`` if it cannot."""
        path = exercise.hidden / "checks.py"
        # pytest does not import a broken module again, so its report is kept.
        self._report = self._reports.get(path, "")
        items: dict[str, list[pytest.Function]] = {}
        if not self._report:
            for item in self._collected(path):
                name = item.originalname.removeprefix("test_")
                # A parametrized check has an item for each of its cases.
                items.setdefault(name, []).append(item)

        # pytest reports no error for a file without checks.
        if self._report or not items:
            self._reports[path] = self._report
            raise _collection_error(path, f"solutions/{exercise.id}/checks.py", self._report)

        self.collected[exercise] = items

    def _collected(self, path: Path) -> list[pytest.Function]:
        assert self._session is not None
        try:
            items = self._session.perform_collect([str(path)])
        except SystemExit as error:
            # pytest passes it on, as if somebody wanted it to end.
            line = line_of_checks(error)
            self._report = f"checks.py:{line}: in <module>\nE   SystemExit: this ends Python"
            return []

        return [item for item in items if isinstance(item, pytest.Function)]

    def run(
        self,
        exercise: Exercise,
        run: SubmissionRun,
        seed: int,
        names: Iterable[str],
        *,
        stop_after: Collection[str] | None = None,
    ) -> Verdicts:
        """Run the checks ``names``, up to the failure with which all of ``stop_after`` failed."""
        items = self.collected[exercise]
        checks = {check.name: check for check in exercise.spec.checks}
        order = list(names)
        verdicts: Verdicts = {}
        may_stop = stop_after is not None
        passing = set(stop_after or ())
        for name, following in zip(order, [*order[1:], None], strict=True):
            check = checks[name]
            if not check.visible:
                # Output could tell the learner what the hidden inputs are.
                run.output.mute()
            # With a next item, pytest keeps the module set up, which halves the time of a check.
            next_item = None
            if following is not None and not may_stop:
                next_item = items[following][0]
            # A check that runs without pytest needs no module.
            if next_item in self._plain:
                next_item = None

            run.begin_check(check)
            verdict = self._run_check(items[name], next_item, run, seed)
            verdicts[name] = verdict
            if not verdict.outcome.missed:
                continue
            passing.discard(name)
            if may_stop and not passing:
                break

        _charge_side_effects(exercise.code, run, verdicts)
        return verdicts

    def run_case(
        self, exercise: Exercise, run: SubmissionRun, seed: int, name: str, number: int
    ) -> Verdict:
        """Run one case of the check ``name``."""
        (check,) = (check for check in exercise.spec.checks if check.name == name)
        run.begin_check(check)
        item = self.collected[exercise][name][number]
        return self._run_check([item], None, run, seed)

    def _run_check(
        self,
        items: list[pytest.Function],
        next_item: pytest.Function | None,
        run: SubmissionRun,
        seed: int,
    ) -> Verdict:
        """Run the cases of one check, up to the first that does not pass."""
        started = time.monotonic()
        for number, item in enumerate(items):
            run.begin_case()
            # The fixtures and the hooks of pytest read and write these two.
            self._verdict = Verdict(case=number)
            self._fixtures = {
                "learner": Learner(run),
                "rng": torch.Generator().manual_seed(derive_seed(seed, item.name)),
                "device": torch.device(run.device),
            }
            self._run_case(item, next_item)
            self._verdict.exchanges = run.exchanges
            # One failing case is enough to explain a check.
            if self._verdict.outcome is not Outcome.PASSED:
                break

        self._verdict.seconds = time.monotonic() - started
        return self._verdict

    def _run_case(self, item: pytest.Function, next_item: pytest.Function | None) -> None:
        if item not in self._plain:
            # ``pytest_fixture_setup`` sets this too, for other reasons to need pytest.
            self._needs_pytest = not self._fixtures.keys() >= set(item.fixturenames)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=next_item)
            if not self._needs_pytest:
                self._plain.add(item)
            return

        # pytest's hooks and phases would take a quarter of the examiner's time.
        try:
            item.function(**{name: self._fixtures[name] for name in item.fixturenames})
        except (KeyboardInterrupt, pytest.exit.Exception):
            # As pytest does: these end the whole run.
            raise
        except BaseException as error:
            self._verdict.fail(error)

    # Fixtures of hidden checks

    @pytest.fixture
    def learner(self) -> object:
        """The submission, as a ``Learner``."""
        return self._fixtures["learner"]

    @pytest.fixture
    def rng(self) -> object:
        """A generator seeded by the run's seed and the check's name, for unpredictable inputs."""
        return self._fixtures["rng"]

    @pytest.fixture
    def device(self) -> object:
        """The device on which checks create their inputs, and so on which submissions compute."""
        return self._fixtures["device"]

    # Hooks of pytest

    def pytest_collection(self) -> bool:
        """Collect nothing at the start."""
        return True

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run ``main`` in place of the loop over all tests."""
        self._session = session
        self._main(self)
        return True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep the report on a file that cannot be collected."""
        if report.failed:
            self._report = str(report.longrepr).strip()

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> None:
        """Detect fixtures that the author defines, even if they have the name of one of ours."""
        if getattr(fixturedef.func, "__self__", None) is not self:
            self._needs_pytest = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """Report without a traceback, which pytest needs 0.5 s to format."""
        outcome = "passed"
        if call.excinfo is not None:
            outcome = "failed"
            # The first error counts; teardown may raise another one.
            if self._verdict.error is None:
                self._verdict.fail(call.excinfo.value)

        return pytest.TestReport(
            item.nodeid,
            item.location,
            {},
            outcome,  # type: ignore[arg-type]
            None,
            call.when,  # type: ignore[arg-type]
            duration=call.duration,
        )


def _charge_side_effects(spec: CodeExercise, run: SubmissionRun, verdicts: Verdicts) -> None:
    """Fail the check that is there for side effects, if calls in other checks had some."""
    check = spec.side_effects_check
    if check is None or run.side_effects is None:
        return
    verdict = verdicts.get(check.name)
    if verdict is not None and verdict.outcome is Outcome.PASSED:
        failure, verdict.exchanges = run.side_effects
        verdict.fail(failure)


def _collection_error(path: Path, place: str, report: str) -> CourseError:
    """The error for a ``report`` of pytest: its last line of checks.py, and its exception."""
    line = None
    problem = "pytest found no checks in this file"
    if report:
        # The last line of the report has the exception, after an E.
        problem = report.splitlines()[-1].removeprefix("E").strip()
        if lines := _LINE_OF_CHECKS.findall(report):
            line = int(lines[-1])
    # About a function that it cannot call, such as one with parameters that do not fit.
    if match := _IN_FUNCTION.fullmatch(problem):
        problem = f"`{match['name']}`: {match['problem']}"
        before, _, _ = path.read_text("utf-8").partition(f"def {match['name']}(")
        line = before.count("\n") + 1

    return CourseError(problem, place=place, line=line, advice="fix it")


def line_of_checks(error: BaseException) -> int | None:
    """The last line of checks.py that the traceback names."""
    line = None
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.basename(frame.filename) == "checks.py":
            line = frame.lineno
    return line


def derive_seed(seed: int, purpose: str) -> int:
    """Derive an independent seed per purpose, 0 to 2**63 - 1."""
    text = f"{seed}/{purpose}"
    digest = blake2b(text.encode(), digest_size=8).digest()
    # A signed 64-bit integer, the largest that the wire accepts.
    return int.from_bytes(digest, "big") >> 1
