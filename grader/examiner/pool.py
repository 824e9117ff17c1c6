"""The pool of warm examiners: every command that keeps examiners warm borrows them here.

A thread borrows an examiner, grades with it, and gives it back. The pool replaces
those that died, and can end those that hang.
"""

import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Self

import msgspec

from grader.errors import (
    CourseError,
    ExaminerError,
    ExaminerLostError,
    GraderError,
    SubmissionError,
)
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.examiner.settings import DEFAULTS, Settings
from grader.examiner.tasks import (
    Done,
    Result,
    SandboxReport,
    Task,
    TaskQueue,
    fingerprint,
    read_task,
)
from grader.examiner.turns import Turns
from grader.grades.grade import Grade, Outcome
from grader.grades.isolation import missing, refused, required
from grader.submission.files import digest
from grader.submission.fingerprint import Fingerprints

_HOPELESS: Final = 3
"""After this many losses in a row, an examiner that never graded blames the machine."""
_TICK: Final = 0.05
"""Seconds between two attempts to end an examiner that its thread starts again."""


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WarmExaminer(Examiner):
    """An examiner of a pool, with the process that computes fingerprints."""

    def __init__(self, settings: Settings, turns: Turns) -> None:
        super().__init__(settings, turns)
        self._fingerprints = Fingerprints()
        self._losses = 0
        self._has_graded = False

    def result_of(self, examine: Examine, is_wanted: Callable[[], bool] = lambda: True) -> Result:
        """Grade a submission as ``grade_of`` does, and compute the digests that identify it."""
        grade = self.grade_of(examine, is_wanted)
        alike = fingerprint(self._fingerprints, examine.exercise, examine.submission)
        return Result(digest(examine.submission), grade, alike)

    def grade_of(self, examine: Examine, is_wanted: Callable[[], bool]) -> Grade:
        """Grade a submission, and once more if the examiner dies while it ``is_wanted``.

        A failure becomes a grade that carries the reason. Raises ``ExaminerLostError`` if
        this machine seems unable to grade anything.
        """
        is_lost = False
        try:
            grade = self.grade(examine, is_wanted=is_wanted)
        except ExaminerLostError as error:
            is_lost = True
            # The caller ended an examiner that works for nobody.
            if is_wanted():
                self._losses += 1
            if self._losses == _HOPELESS and not self._has_graded:
                raise
            grade = examine.zero_grade(Outcome.UNGRADED, str(error))
        except SubmissionError as error:
            grade = examine.zero_grade(Outcome.RAISED, str(error))
        except GraderError as error:
            grade = examine.zero_grade(Outcome.UNGRADED, str(error))

        if not is_lost:
            # Even a refusal shows that examiners work on this machine.
            self._losses = 0
            self._has_graded = True

        # The grade of a quiz names the learner on its sheet, who may be another.
        return msgspec.structs.replace(grade, learner=examine.learner)

    def close(self) -> None:
        """End the examiner and the process of the fingerprints."""
        super().close()
        self._fingerprints.close()


class ExaminerPool:
    """At most ``size`` warm examiners, each lent to one thread at a time; a context manager.

    An examiner starts when it is first borrowed, and stays warm from loan to loan.
    """

    def __init__(self, settings: Settings = DEFAULTS, size: int = 1) -> None:
        self.settings = settings
        self.size = size
        self.is_closed = False
        self._places = threading.Semaphore(size)
        self._turns = Turns()
        # Guards both lists, because borrowers are threads.
        self._lock = threading.Lock()
        self._idle: list[tuple[Hashable, WarmExaminer]] = []
        self._lent: list[WarmExaminer] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextmanager
    def borrow(self, group: Hashable = None) -> Iterator[WarmExaminer]:
        """Lend a warm examiner, if possible one that worked on ``group`` last; wait for a free one.

        The pool takes it back at the end, and starts it again for the next loan if it died.
        After an error that blames neither the course nor the submission, the pool ends it.
        Raises ``ExaminerError`` once the pool is closed.
        """
        with self._places:
            examiner = self._lend(group)
            is_reusable = False
            try:
                yield examiner
                is_reusable = True
            except (CourseError, SubmissionError):
                is_reusable = True
                raise
            finally:
                self._take_back(group, examiner, is_reusable=is_reusable)

    def warm_up(self) -> None:
        """Start an examiner ahead of the first loan; raises ``OSError`` if that is impossible."""
        with self.borrow():
            pass

    def kill(self) -> None:
        """Kill every lent examiner: its borrower gets ``ExaminerLostError``, or tries once more."""
        with self._lock:
            for examiner in self._lent:
                examiner.kill()

    def rest(self) -> None:
        """End the idle examiners; the next loan starts another."""
        with self._lock:
            # They end outside the lock, because that takes a while.
            idle, self._idle = self._idle, []
        for _, examiner in idle:
            examiner.close()

    def close(self) -> None:
        """End every examiner, even one at work, and lend no more."""
        with self._lock:
            # An examiner that is just being lent is in the list afterwards.
            self.is_closed = True
        # Repeat this, because a borrower that loses its examiner starts it once more.
        while self._lent:
            self.kill()
            time.sleep(_TICK)
        self.rest()

    def _lend(self, group: Hashable) -> WarmExaminer:
        with self._lock:
            if self.is_closed:
                raise ExaminerError("the examiners were stopped", advice="nothing more is graded")

            # An examiner knows the checks and wrong solutions of its group already.
            groups = [each for each, _ in self._idle]
            place = groups.index(group) if group in groups else -1
            # A warm examiner of another group saves the import of torch, too.
            if self._idle:
                _, examiner = self._idle.pop(place)
                # It may have died while nobody used it.
                if not examiner.is_running:
                    # The same object, so that it still knows how many losses there were in a row.
                    examiner.restart()
            else:
                examiner = WarmExaminer(self.settings, self._turns)

            self._lent.append(examiner)
            return examiner

    def _take_back(self, group: Hashable, examiner: WarmExaminer, *, is_reusable: bool) -> None:
        if self.is_closed:
            is_reusable = False

        if not is_reusable:
            # Outside the lock, because ending a process takes a while.
            examiner.close()

        with self._lock:
            self._lent.remove(examiner)
            if is_reusable:
                self._idle.append((group, examiner))


def grade_all(pool: ExaminerPool, tasks: Sequence[Task]) -> Generator[list[SandboxReport | Done]]:
    """Grade ``tasks`` with all examiners of ``pool``; close the iterator to stop.

    Yields the events since the last time, in the order in which they came. If some task is
    code, the first examiner reports its sandbox.
    """
    run = _Run(pool, tasks)
    left = len(tasks)
    try:
        while left:
            events = run.events()
            left -= sum(isinstance(event, Done) for event in events)
            yield events
    finally:
        # The caller may close this before all is done.
        run.stop(is_aborted=left > 0)


class _Run:
    """The threads of one ``grade_all``, each with a borrowed examiner, and their events."""

    def __init__(self, pool: ExaminerPool, tasks: Sequence[Task]) -> None:
        self._pool = pool
        self._tasks = TaskQueue(tasks)
        self._events: queue.SimpleQueue[SandboxReport | Done | BaseException] = queue.SimpleQueue()
        self._is_stopping = False
        self._threads: list[threading.Thread] = []
        # A quiz needs no sandbox.
        self._runs_code = any(task.exercise.spec.runs_code for task in tasks)
        reports = True
        for _ in range(min(pool.size, len(tasks))):
            # A daemon, so that Ctrl-C does not wait for a submission.
            thread = threading.Thread(target=self._work, args=(reports,), daemon=True)
            thread.start()
            self._threads.append(thread)
            reports = False

    def events(self) -> list[SandboxReport | Done]:
        """Wait for an event, and take all that are there; raise the error of a thread."""
        events = [self._events.get()]
        # Stop waiting as soon as an event arrives, so that the caller can store it.
        while not self._events.empty():
            events.append(self._events.get())

        for event in events:
            if isinstance(event, BaseException):
                raise event

        return events  # type: ignore[return-value]

    def stop(self, *, is_aborted: bool) -> None:
        """Wait for the threads; if the run ``is_aborted``, end what they are doing."""
        self._is_stopping = True
        while any(thread.is_alive() for thread in self._threads):
            if is_aborted:
                # Once is not enough: an examiner may be starting just now.
                self._pool.kill()
            for thread in self._threads:
                thread.join(_TICK)

    def _is_wanted(self) -> bool:
        return not self._is_stopping

    def _work(self, reports: bool) -> None:
        """Grade task after task; an error ends the run, and is raised where the events are read.

        Without a layer that the settings require, no task is graded. Only the first thread
        ``reports`` the sandbox, because all examiners have the same.
        """
        try:
            with self._pool.borrow() as examiner:
                # Before the first grade.
                if self._runs_code:
                    layers = checked_sandbox(examiner)
                    if reports:
                        self._events.put(SandboxReport(layers))
                task = self._tasks.take(None)
                while task is not None and not self._is_stopping:
                    read = read_task(task)
                    if isinstance(read, Examine):
                        read = examiner.result_of(read, self._is_wanted)
                    self._events.put(Done(task, read))
                    task = self._tasks.take(task)
        except BaseException as error:
            if not self._is_stopping:
                self._events.put(error if isinstance(error, GraderError) else _unexpected(error))


def checked_sandbox(examiner: Examiner) -> dict[str, str | None]:
    """The layers of the sandbox; raises ``ExaminerError`` if it may not run these tasks."""
    layers = examiner.inspect()
    # With `strict`, each grade says what is missing.
    if examiner.settings.isolation == "auto":
        needed = required("auto", own=False)
        if lacking := missing(layers, needed):
            raise refused(lacking, needed)
    return layers


def _unexpected(error: BaseException) -> GraderError:
    problem = f"a thread of the batch ended ({type(error).__name__}: {error})"
    return ExaminerError(problem, advice="run the same command again to continue")
