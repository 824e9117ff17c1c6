"""Warm graders for Python programs: ``Grader`` for threads, ``AsyncGrader`` for asyncio."""

import asyncio
import operator
import os
import queue
import re
import threading
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self, TypedDict, Unpack

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
_PLAIN_PATH: Final = re.compile(r"([A-Za-z]:)?[\w./\\~-]+")
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


class _Workers:
    """Threads that do jobs. Unlike those of an executor, they do not keep the program from ending.

    They must not refer to the grader, which ends when nobody else refers to it.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._threads: list[threading.Thread] = []
        self._queue: queue.SimpleQueue[tuple[Callable[[_Job], None], _Job] | None]
        self._queue = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False

    def submit(self, work: Callable[[_Job], None], job: _Job) -> bool:
        """Let a thread call ``work`` with ``job``; return False after the end."""
        with self._lock:
            if self._is_closed:
                return False

            self._queue.put((work, job))
            if len(self._threads) < self._size:
                name = f"grader_{len(self._threads)}"
                thread = threading.Thread(target=_do_jobs, args=(self._queue,), name=name)
                thread.daemon = True
                thread.start()
                self._threads.append(thread)

        return True

    def end(self) -> None:
        """Let each thread end after the jobs that wait now."""
        with self._lock:
            self._is_closed = True
        for _ in self._threads:
            self._queue.put(None)

    def join(self) -> None:
        """Wait for the threads, except if this is one of them."""
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()


def _do_jobs(jobs: "queue.SimpleQueue[tuple[Callable[[_Job], None], _Job] | None]") -> None:
    while (item := jobs.get()) is not None:
        work, job = item
        work(job)
        # A thread that waits keeps neither the grader nor a submission in memory.
        del item, work, job


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
            workers = _count("workers", workers)
        if timeout is not None:
            timeout = _checked_timeout(timeout)

        root = None if course is None else Path(course)
        self.workers = workers or cores()
        self.seed = new_seed() if seed is None else _checked_seed(seed)
        chosen = mode(isolation, os.environ)
        self._settings = Settings(root, device=device_of(device), isolation=chosen)
        # A wrong folder is reported now and not with each submission.
        loading.some_ids(self._settings.course)
        self._timeout = timeout
        self._pool = ExaminerPool(self._settings, self.workers)
        self._threads = _Workers(self.workers)
        # Waiting jobs keep their sources in memory, so their number has a limit.
        self._places = threading.Semaphore(self.workers * _AHEAD)
        self._exercises: dict[str, Exercise] = {}
        # The processes of the examiners whose sandbox is known to be whole.
        self._checked: set[int] = set()
        self._jobs: set[_Job] = set()
        self._process = os.getpid()
        # A grader that nobody closes ends with the program, or when nobody can use it any more.
        weakref.finalize(self, _end_examiners, self._pool, self._threads, self._jobs, self._process)

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
        _require_several(sources)
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
        _require_several(sources)
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

        seeds = _count("seeds", seeds)
        if seeds > MAX_SEEDS:
            raise UsageError(f"seeds={seeds}: at most {MAX_SEEDS} are possible")

        known = self._exercise(exercise)
        first = self.seed if seed is None else _checked_seed(seed)
        job = self._job(known, source, range(first, first + seeds))
        if job.grade.done():
            return job

        self._places.acquire()
        self._jobs.add(job)
        if not self._threads.submit(self._work, job):
            # Another thread has closed the grader meanwhile.
            self._finish(job)
            raise _closed()

        return job

    def names(self, exercise: str) -> list[str]:
        """The names that a submission defines: functions and classes, or questions of a quiz."""
        spec = self._exercise(exercise).spec
        entries = [entry.name for entry in spec.entries]
        return entries or [question.name for question in spec.questions]

    def close(self) -> None:
        """End the examiners; grades that are not ready raise ``ExaminerError``."""
        # A forked process has neither the threads nor the examiners.
        if os.getpid() != self._process:
            return

        _end_examiners(self._pool, self._threads, self._jobs, self._process)
        # The jobs that wait end at once, because the pool is closed.
        self._threads.join()

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


class Arguments(TypedDict, total=False):
    """The arguments of ``Grader``."""

    workers: int | None
    course: Path | str | None
    isolation: str | None
    device: str
    seed: int | None
    timeout: float | None


class AsyncGrader:
    """``Grader`` for asyncio: an asynchronous context manager with the same arguments.

    It also works inside the running event loop of a notebook::

        async with grader.AsyncGrader() as g:
            grades = await g.gather("exercise1", sources)

    A task that is canceled ends the grading of its submission.
    """

    def __init__(self, **arguments: Unpack[Arguments]) -> None:
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
        _require_several(sources)
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

        _require_several(sources)
        waiting: set[asyncio.Task[tuple[int, Grade]]] = set()
        try:
            for number, source in enumerate(sources):
                if len(waiting) == self._grader.workers * _AHEAD:
                    for pair in await _ready_tasks(waiting):
                        yield pair

                waiting.add(asyncio.create_task(numbered(number, source)))

            while waiting:
                for pair in await _ready_tasks(waiting):
                    yield pair
        finally:
            await _cancel(waiting)


async def _ready_tasks(
    waiting: set[asyncio.Task[tuple[int, Grade]]],
) -> list[tuple[int, Grade]]:
    """Wait until some are ready, and take them out of ``waiting``."""
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    waiting -= done
    return [task.result() for task in done]


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
        if os.path.islink(source):
            raise UsageError(
                f"{source} is a link, which could make any file a submission",
                advice="pass `path.resolve()` if nobody else can change it",
            )
        return read_submission(exercise, source, follow=False)

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
    line = source.strip()
    if "\n" in line or not line.endswith(exercise.spec.suffixes):
        return False

    # A model may write a sentence or a line of code that ends like this.
    return _PLAIN_PATH.fullmatch(line) is not None or os.path.isfile(line)


def _end_examiners(pool: ExaminerPool, threads: _Workers, jobs: set[_Job], process: int) -> None:
    # The examiners do not belong to a fork of the program.
    if os.getpid() != process:
        return

    # A job that is given up starts no other examiner.
    for job in list(jobs):
        job.is_wanted = False

    pool.close()
    threads.end()


def _closed() -> ExaminerError:
    return ExaminerError("this grader is closed", advice="make another `Grader`")


def _require_several(sources: Iterable[Source]) -> None:
    # Its letters would be graded one by one.
    if isinstance(sources, str | bytes):
        kind = type(sources).__name__
        raise UsageError(
            f"`sources` is one submission, of type {kind}, and must be several",
            advice="pass a list, or use `grade`",
        )


def _count(name: str, value: int) -> int:
    number = _whole(value)
    if number is None or number < 1:
        raise UsageError(f"{name}={value!r}: it must be a whole number, at least 1")

    return number


def _checked_timeout(seconds: float) -> float | None:
    if not isinstance(seconds, int | float) or not seconds > 0:
        raise UsageError(f"timeout={seconds!r}: it must be a number of seconds above 0")

    # No timer can wait longer, for example for infinity.
    return None if seconds > threading.TIMEOUT_MAX else seconds


def _checked_seed(seed: int) -> int:
    number = _whole(seed)
    if number is None:
        raise UsageError(f"seed={seed!r}: it must be a whole number")
    if not 0 <= number <= MAX_SEED:
        raise UsageError(f"seed={number}: it must be between 0 and {MAX_SEED}")

    return number


def _whole(value: int) -> int | None:
    """``value`` as an ``int``, also from NumPy; None for anything else and for a bool."""
    if isinstance(value, bool):
        return None

    try:
        return operator.index(value)
    except TypeError:
        return None


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
