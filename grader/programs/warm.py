"""Warm graders for Python programs: ``Grader`` for threads, ``AsyncGrader`` for asyncio."""

import asyncio
import os
import threading
import weakref
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from grader.course import loading
from grader.course.records import Exercise
from grader.errors import (
    ExaminerError,
    ExaminerLostError,
    SubmissionError,
    UnreadableError,
    UsageError,
)
from grader.examiner.client import device_of
from grader.examiner.pool import ExaminerPool, WarmExaminer, checked_sandbox, cores
from grader.examiner.protocol import Examine, new_seed
from grader.examiner.settings import Settings
from grader.grades.grade import Grade, Outcome
from grader.grades.isolation import mode
from grader.submission.files import Submission, read_submission, submission_name, text_submission

MAX_SEED: Final = 2**62
MAX_SEEDS: Final = 1000
"""Gradings of one submission. A request for each of them is kept in memory."""
Source = str | bytes | Path
"""The text of a submission, or the path of its file."""
_AHEAD: Final = 8
"""Submissions per worker that may wait while an earlier one is still graded."""


class _Job:
    """One submission on its way, graded with each of its seeds."""

    def __init__(self, examines: list[Examine]) -> None:
        self.examines = examines
        self.grade: Future[Grade] = Future()
        self.is_wanted = True
        self.is_late = False
        self._lock = threading.Lock()
        self._examiner: WarmExaminer | None = None

    @contextmanager
    def lent(self, examiner: WarmExaminer) -> Iterator[None]:
        """Work with ``examiner``, which ``stop`` may end meanwhile."""
        with self._lock:
            self._examiner = examiner

        try:
            yield
        finally:
            with self._lock:
                self._examiner = None

    def time_out(self) -> None:
        """Give the job up because its time is over."""
        self.is_late = True
        self.stop()

    def stop(self) -> None:
        """Give the job up, and end the examiner that works for it."""
        self.is_wanted = False
        self.grade.cancel()
        # The lock keeps the examiner from being lent to another job meanwhile.
        with self._lock:
            if self._examiner is not None:
                self._examiner.kill()


class Grader:
    """Warm examiners for a program; a context manager, and safe to use from several threads.

    ``workers`` examiners grade at once, by default one for each core. ``course`` is the folder
    of a course, by default the one that comes with the grader. ``isolation`` is that of
    ``grade batch``. With ``timeout``, a submission that has no grade after so many seconds is
    "not graded"; the limits of the exercise apply before. All hidden inputs follow from ``seed``,
    which is random by default::

        with grader.Grader(workers=2) as g:
            grade = g.grade("exercise1", "def lookup(weight, idx): ...")
            print(grade.reward, grade.explanation)

    An examiner that dies is replaced and its submission graded again. The examiners
    end with the program, even if it is killed. Exercises are read once, at their first use.

    Every call raises ``UsageError`` if there is no such exercise, ``CourseError`` if it is broken,
    and ``ExaminerError`` if this machine cannot grade, or not behind a whole sandbox. All of
    them are ``GraderError``. Whatever else prevents a grade gives one whose ``status`` is
    ``ungraded`` and whose ``reward`` is None.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        course: Path | str | None = None,
        isolation: str | None = None,
        device: str = "cpu",
        seed: int | None = None,
        timeout: float | None = None,
    ) -> None:
        if workers is not None:
            _require_count("workers", workers)
        if timeout is not None:
            _require_seconds("timeout", timeout)

        root = None if course is None else Path(course)
        self.workers = workers or cores()
        self.seed = new_seed() if seed is None else _checked_seed(seed)
        chosen = mode(isolation, os.environ)
        self._settings = Settings(root, device=device_of(device), isolation=chosen)
        # A wrong folder is reported now and not with each submission.
        loading.some_ids(self._settings.course)
        self._timeout = timeout
        self._pool = ExaminerPool(self._settings, self.workers)
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="grader")
        # Waiting jobs keep their sources in memory, so their number has a limit.
        self._places = threading.Semaphore(self.workers * _AHEAD)
        self._exercises: dict[str, Exercise] = {}
        # The processes of the examiners whose sandbox is known to be whole.
        self._checked: set[int] = set()
        self._jobs: set[_Job] = set()
        self._process = os.getpid()
        # A grader that nobody closes ends with the program, or when nobody can use it any more.
        weakref.finalize(self, _end_examiners, self._pool, self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def grade(
        self, exercise: str, source: Source, *, seed: int | None = None, seeds: int = 1
    ) -> Grade:
        """Grade a submission: its text, or the ``Path`` of its file.

        With several ``seeds``, it is graded with so many different inputs, and the worst grade
        counts.
        """
        job = self.start(exercise, source, seed=seed, seeds=seeds)
        try:
            return job.grade.result()
        except BaseException:
            # Ctrl-C, or another exception from a signal.
            job.stop()
            raise

    def submit(
        self, exercise: str, source: Source, *, seed: int | None = None, seeds: int = 1
    ) -> Future[Grade]:
        """Start to grade a submission as ``grade`` does; return the future of its grade.

        Waits only if too many submissions wait already.
        """
        return self.start(exercise, source, seed=seed, seeds=seeds).grade

    def map(
        self, exercise: str, sources: Iterable[Source], *, seed: int | None = None, seeds: int = 1
    ) -> Iterator[Grade]:
        """Grade many submissions; yield their grades in the order of ``sources``.

        ``sources`` may be endless: it is read only a little ahead.
        """
        waiting: deque[_Job] = deque()
        try:
            for source in sources:
                if len(waiting) == self.workers * _AHEAD:
                    yield waiting[0].grade.result()
                    waiting.popleft()

                waiting.append(self.start(exercise, source, seed=seed, seeds=seeds))

            while waiting:
                yield waiting[0].grade.result()
                waiting.popleft()
        finally:
            _stop(waiting)

    def as_completed(
        self, exercise: str, sources: Iterable[Source], *, seed: int | None = None, seeds: int = 1
    ) -> Iterator[tuple[int, Grade]]:
        """Grade many submissions; yield the position and the grade of each as it is ready."""
        waiting: dict[Future[Grade], tuple[int, _Job]] = {}
        try:
            for number, source in enumerate(sources):
                if len(waiting) == self.workers * _AHEAD:
                    yield from _ready(waiting)

                job = self.start(exercise, source, seed=seed, seeds=seeds)
                waiting[job.grade] = number, job

            while waiting:
                yield from _ready(waiting)
        finally:
            _stop(job for _, job in waiting.values())

    def start(
        self, exercise: str, source: Source, *, seed: int | None = None, seeds: int = 1
    ) -> _Job:
        """Start a job that this module can stop; programs call ``submit``."""
        if os.getpid() != self._process:
            raise ExaminerError(
                "this grader belongs to the process that made it, and this one is a fork of it",
                advice="make a `Grader` in each process",
            )

        if self._pool.is_closed:
            raise _closed()

        _require_count("seeds", seeds)
        if seeds > MAX_SEEDS:
            raise UsageError(f"seeds={seeds}: at most {MAX_SEEDS} are possible")

        known = self._exercise(exercise)
        first = self.seed if seed is None else _checked_seed(seed)
        job = self._job(known, source, range(first, first + seeds))
        if job.grade.done():
            return job

        self._places.acquire()
        self._jobs.add(job)
        try:
            self._threads.submit(self._work, job)
        except RuntimeError:
            # Another thread has closed the grader meanwhile.
            self._finish(job)
            raise _closed() from None

        return job

    def close(self) -> None:
        """End the examiners; grades that are not ready raise ``ExaminerError``."""
        # A forked process has neither the threads nor the examiners.
        if os.getpid() != self._process:
            return

        # A job that is given up starts no other examiner.
        for job in list(self._jobs):
            job.is_wanted = False

        self._pool.close()
        self._threads.shutdown(cancel_futures=True)
        for job in list(self._jobs):
            self._finish(job)
            if job.grade.set_running_or_notify_cancel():
                job.grade.set_exception(_closed())

    def _exercise(self, name: str) -> Exercise:
        if not isinstance(name, str):
            raise UsageError(f"exercise={name!r}: it must be the id of an exercise, a text")
        if name not in self._exercises:
            self._exercises[name] = loading.load_exercise(self._settings.course, name)

        return self._exercises[name]

    def _job(self, exercise: Exercise, source: Source, seeds: Iterable[int]) -> _Job:
        reason: SubmissionError | None = None
        try:
            submission = _submission(exercise, source)
        except SubmissionError as error:
            submission = Submission(submission_name(exercise), b"")
            reason = error

        device = self._settings.device if exercise.spec.runs_code else "cpu"
        job = _Job([Examine(exercise, submission, "", seed, device=device) for seed in seeds])
        if reason is not None:
            # What this machine cannot read is not the fault of the submission.
            is_ours = isinstance(reason, UnreadableError)
            outcome = Outcome.UNGRADED if is_ours else Outcome.RAISED
            job.grade.set_result(job.examines[0].zero_grade(outcome, str(reason)))

        return job

    def _work(self, job: _Job) -> None:
        """Grade a job in a thread."""
        if not job.grade.set_running_or_notify_cancel():
            self._finish(job)
            return

        try:
            grade = self._worst_grade(job)
        except BaseException as error:
            self._finish(job)
            job.grade.set_exception(_closed() if self._pool.is_closed else error)
        else:
            self._finish(job)
            job.grade.set_result(grade)

    def _finish(self, job: _Job) -> None:
        """Make place for another job. Only then may somebody who waits for this one go on."""
        self._jobs.discard(job)
        self._places.release()

    def _worst_grade(self, job: _Job) -> Grade:
        exercise = job.examines[0].exercise
        grades = []
        with self._pool.borrow(exercise.id) as examiner:
            if exercise.spec.runs_code and examiner.pid not in self._checked:
                # This also waits for the examiner, whose start is no time of the submission.
                _check_sandbox(examiner)
                self._checked.add(examiner.pid)

            with self._time_limit(job), job.lent(examiner):
                for examine in job.examines:
                    grade = self._grade(job, examiner, examine)
                    if grade.status == "ungraded":
                        return grade

                    grades.append(grade)

        return min(grades, key=lambda grade: grade.points)

    def _grade(self, job: _Job, examiner: WarmExaminer, examine: Examine) -> Grade:
        grade = None
        if job.is_wanted:
            grade = examiner.grade_of(examine, lambda: job.is_wanted)
        if job.is_late:
            return examine.zero_grade(Outcome.UNGRADED, f"no grade within {self._timeout} s")
        if grade is None or not job.is_wanted:
            raise _closed()

        return grade

    @contextmanager
    def _time_limit(self, job: _Job) -> Iterator[None]:
        if self._timeout is None:
            yield
            return

        timer = threading.Timer(self._timeout, job.time_out)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


class AsyncGrader:
    """``Grader`` for asyncio: an asynchronous context manager with the same arguments.

    It also works inside the running event loop of a notebook::

        async with grader.AsyncGrader() as g:
            grades = await g.gather("exercise1", sources)

    A task that is canceled ends the grading of its submission.
    """

    def __init__(self, **arguments: Any) -> None:
        self._grader = Grader(**arguments)
        # One for each event loop that uses this grader; a program can run several in turn.
        self._places: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
        self._places = weakref.WeakKeyDictionary()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the examiners; grades that are not ready raise ``ExaminerError``."""
        await asyncio.to_thread(self._grader.close)

    async def grade(
        self, exercise: str, source: Source, *, seed: int | None = None, seeds: int = 1
    ) -> Grade:
        """Grade a submission as ``Grader.grade`` does."""
        async with self._places_of_loop():
            job = self._grader.start(exercise, source, seed=seed, seeds=seeds)
            try:
                return await asyncio.wrap_future(job.grade)
            except asyncio.CancelledError:
                # Ending an examiner takes a while.
                await asyncio.to_thread(job.stop)
                raise

    def _places_of_loop(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if loop not in self._places:
            # As many as the grader has, so that starting a job never blocks the event loop.
            self._places[loop] = asyncio.Semaphore(self._grader.workers * _AHEAD)

        return self._places[loop]

    async def gather(
        self, exercise: str, sources: Iterable[Source], *, seed: int | None = None, seeds: int = 1
    ) -> list[Grade]:
        """Grade many submissions at once; return their grades in the order of ``sources``."""
        tasks = [
            asyncio.create_task(self.grade(exercise, source, seed=seed, seeds=seeds))
            for source in sources
        ]
        try:
            return await asyncio.gather(*tasks)
        finally:
            await _cancel(tasks)

    async def as_completed(
        self, exercise: str, sources: Iterable[Source], *, seed: int | None = None, seeds: int = 1
    ) -> AsyncIterator[tuple[int, Grade]]:
        """Grade many submissions; yield the position and the grade of each as it is ready."""

        async def numbered(number: int, source: Source) -> tuple[int, Grade]:
            return number, await self.grade(exercise, source, seed=seed, seeds=seeds)

        tasks = [
            asyncio.create_task(numbered(number, source)) for number, source in enumerate(sources)
        ]
        try:
            for next_one in asyncio.as_completed(tasks):
                yield await next_one
        finally:
            await _cancel(tasks)


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel those that are left, and wait for their ends."""
    for task in tasks:
        task.cancel()

    await asyncio.gather(*tasks, return_exceptions=True)


def _check_sandbox(examiner: WarmExaminer) -> None:
    """Raise ``ExaminerError`` unless the sandbox is whole; try once more if the examiner dies."""
    try:
        checked_sandbox(examiner)
    except ExaminerLostError:
        examiner.restart()
        checked_sandbox(examiner)


def _submission(exercise: Exercise, source: Source) -> Submission:
    if isinstance(source, Path):
        # A wrong path is a mistake of the program, and no submission without points.
        if not os.path.isfile(source):
            raise UsageError(f"{source} is no file", advice="pass the path of a submission")
        return read_submission(exercise, source)

    if isinstance(source, bytes):
        return text_submission(exercise, source)
    if not isinstance(source, str):
        kind = type(source).__name__
        raise UsageError(f"a source is a str, bytes or a pathlib.Path, and not of type {kind}")

    if _looks_like_a_path(exercise, source):
        raise UsageError(
            f"{source!r} looks like the path of a file, and is not the text of a submission",
            advice="pass `pathlib.Path(...)` to grade a file",
        )

    # Half of a surrogate pair, as a model can write, gets a grade too.
    return text_submission(exercise, source.encode("utf-8", "surrogatepass"))


def _looks_like_a_path(exercise: Exercise, source: str) -> bool:
    if "\n" in source:
        return False
    return source.strip().endswith(exercise.spec.suffixes)


def _end_examiners(pool: ExaminerPool, process: int) -> None:
    # The examiners do not belong to a fork of the program.
    if os.getpid() == process:
        pool.close()


def _closed() -> ExaminerError:
    return ExaminerError("this grader is closed", advice="make another `Grader`")


def _require_count(name: str, value: int) -> None:
    if not isinstance(value, int) or value < 1:
        raise UsageError(f"{name}={value!r}: it must be a whole number, at least 1")


def _require_seconds(name: str, value: float) -> None:
    if not isinstance(value, int | float) or not value > 0:
        raise UsageError(f"{name}={value!r}: it must be a number of seconds above 0")


def _checked_seed(seed: int) -> int:
    if not isinstance(seed, int):
        raise UsageError(f"seed={seed!r}: it must be a whole number")
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"seed={seed}: it must be between 0 and {MAX_SEED}")

    return seed


def _ready(waiting: dict[Future[Grade], tuple[int, _Job]]) -> Iterator[tuple[int, Grade]]:
    """Wait until some are ready, and take them out of ``waiting``."""
    done, _ = wait(waiting, return_when=FIRST_COMPLETED)
    for future in done:
        number, _ = waiting.pop(future)
        yield number, future.result()


def _stop(jobs: Iterable[_Job]) -> None:
    for job in jobs:
        if not job.grade.done():
            job.stop()
