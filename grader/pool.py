"""A pool of examiners: submissions spread over all cores, whatever each of them does.

Every job is a thread that drives one examiner process; what they find is handed
to the one thread that asks.
"""

import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Final

import msgspec

from grader.alike import Fingerprints
from grader.course import CodeExercise, Exercise
from grader.errors import CourseError, ExaminerError, ExaminerLostError, GraderError, SubmissionError, UnreadableError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.results import Check, Grade, Outcome, PlannedCheck, PlannedExercise, grade_from_checks
from grader.submission import Submission, digest

# So many examiners lost in a row, and none that ever graded: it is the machine, not the submissions.
_HOPELESS: Final = 3


class Task(msgspec.Struct, frozen=True):
    """One submission to be graded; it is read when its turn comes."""

    name: str
    """What to call it: the path of its file."""
    learner: str
    exercise: Exercise
    seed: int
    read: Callable[[], Submission]
    device: str = "cpu"
    """Where the submission computes."""


class Done(msgspec.Struct, frozen=True):
    """A task that was carried out."""

    task: Task
    content: str
    """Digest of what was graded, be it only the reason why it cannot be read."""
    grade: Grade
    fingerprint: str | None
    """What is alike in submissions that are the same but for names, comments and layout."""


class Holds(msgspec.Struct, frozen=True):
    """What holds submissions on this machine: layer of the wall to what does, or None."""

    isolation: dict[str, str | None]


def examine(tasks: Sequence[Task], jobs: int | None = None, isolation: str = "auto") -> Generator[list[Holds | Done]]:
    """Carry out ``tasks`` over ``jobs`` examiners (as many as there are cores); close the iterator to stop.

    Yields what has come since the last time, in the order in which it came.
    """
    if not tasks:
        return
    pool = _Pool(tasks, isolation)
    count = min(jobs or _cores(), len(tasks))
    try:
        pool.start(count)
        left = len(tasks)
        while left:
            events = pool.events()
            left -= sum(isinstance(event, Done) for event in events)
            yield events
    finally:
        pool.stop()


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Work:
    """What is left to do, kept together by exercise and seed.

    An examiner collects the checks of an exercise when it first comes up, and runs its
    wrong solutions once per seed; so each job stays with an exercise while it lasts, and
    then helps where most is left for each job that is there. No job is idle while
    anything is left, whatever the others are waiting for.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._lock = threading.Lock()
        self._left: dict[tuple[str, int], deque[Task]] = {}
        self._jobs: dict[tuple[str, int], int] = {}
        for task in tasks:
            self._left.setdefault((task.exercise.id, task.seed), deque()).append(task)

    def take(self, before: Task | None) -> Task | None:
        """The next task for the job that has carried out ``before``; None where nothing is left."""
        with self._lock:
            group = (before.exercise.id, before.seed) if before else None
            if group is None or not self._left[group]:
                if group is not None:
                    self._jobs[group] -= 1
                group = max(self._left, key=lambda one: len(self._left[one]) / (self._jobs.get(one, 0) + 1))
                self._jobs[group] = self._jobs.get(group, 0) + 1
            return self._left[group].popleft() if self._left[group] else None


class _Pool:
    """Threads, each with an examiner of its own."""

    def __init__(self, tasks: Sequence[Task], isolation: str) -> None:
        self._work = _Work(tasks)
        self._isolation = isolation
        # One device at a time; beside it, quizzes have none.
        self._device = next((task.device for task in tasks if task.device != "cpu"), "cpu")
        self._inspect = threading.Semaphore(any(isinstance(task.exercise.spec, CodeExercise) for task in tasks))
        self._events: queue.SimpleQueue[Holds | Done | BaseException] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._examiners: list[Examiner] = []
        self._threads: list[threading.Thread] = []
        self._broken: dict[str, str] = {}

    def start(self, count: int) -> None:
        """Start ``count`` jobs."""
        self._threads = [threading.Thread(target=self._run, name=f"job-{n}", daemon=True) for n in range(count)]
        for thread in self._threads:
            thread.start()

    def events(self) -> list[Holds | Done]:
        """Wait for what comes, and take all that is there."""
        came = [self._events.get()]
        with suppress(queue.Empty):
            while True:
                came.append(self._events.get_nowait())
        for event in came:
            if isinstance(event, BaseException):
                raise event
        return came  # type: ignore[return-value]

    def stop(self) -> None:
        """End every job, whatever it is at."""
        self._stopping.set()
        while any(thread.is_alive() for thread in self._threads):
            for examiner in list(self._examiners):
                with suppress(ProcessLookupError):
                    os.kill(examiner.pid, signal.SIGKILL)
            for thread in self._threads:
                thread.join(0.1)

    def _run(self) -> None:
        try:
            with Examiner(self._isolation, self._device) as examiner, Fingerprints() as fingerprints:
                self._examiners.append(examiner)
                try:
                    self._carry_out(examiner, fingerprints)
                finally:
                    self._examiners.remove(examiner)
        except BaseException as error:
            if not self._stopping.is_set():
                self._events.put(error if isinstance(error, GraderError) else _unexpected(error))

    def _carry_out(self, examiner: Examiner, fingerprints: Fingerprints) -> None:
        if self._inspect.acquire(blocking=False):
            self._events.put(Holds(examiner.inspect()))
        task, lost, graded = None, 0, False
        while not self._stopping.is_set() and (task := self._work.take(task)) is not None:
            try:
                submission = task.read()
            except SubmissionError as error:
                outcome = Outcome.UNGRADED if isinstance(error, UnreadableError) else Outcome.RAISED
                grade = _without_value(task, outcome, str(error))
                self._events.put(Done(task, unreadable_digest(error), grade, None))
                continue
            try:
                grade = self._grade(examiner, task, submission)
                lost, graded = 0, True
            except ExaminerLostError as error:
                lost += 1
                if lost == _HOPELESS and not graded:
                    raise
                grade = _without_value(task, Outcome.UNGRADED, str(error))
            grade = msgspec.structs.replace(grade, learner=task.learner)  # a quiz names whoever it was written for
            alike = _fingerprint(fingerprints, task.exercise, submission)
            self._events.put(Done(task, digest(submission), grade, alike))

    def _grade(self, examiner: Examiner, task: Task, submission: Submission) -> Grade:
        """The grade, where need be one that says why there is none."""
        exercise_id = task.exercise.id
        if exercise_id in self._broken:
            return _without_value(task, Outcome.UNGRADED, self._broken[exercise_id])
        examine = Examine(task.exercise, submission, task.learner, task.seed, device=task.device)
        try:
            return examiner.grade(examine, is_wanted=lambda: not self._stopping.is_set())
        except ExaminerLostError:
            raise
        except SubmissionError as error:
            return _without_value(task, Outcome.RAISED, str(error))
        except CourseError as error:
            self._broken[exercise_id] = str(error)
            return _without_value(task, Outcome.UNGRADED, str(error))
        except GraderError as error:
            return _without_value(task, Outcome.UNGRADED, str(error))


def _unexpected(error: BaseException) -> GraderError:
    return ExaminerError(f"a job of the batch ended ({type(error).__name__}: {error}); type the same again to go on")


def _without_value(task: Task, outcome: Outcome, why: str) -> Grade:
    """A grade without points, each check of which says why."""
    checks = [
        Check(check.name, check.title, outcome, 0, check.points, why, visible=check.visible)
        for check in planned(task.exercise).checks
    ]
    return grade_from_checks(
        checks,
        exercise=task.exercise.id,
        submission=PurePosixPath(task.name).name,
        learner=task.learner,
        seed=task.seed,
        device=task.device,
    )


def _fingerprint(fingerprints: Fingerprints, exercise: Exercise, submission: Submission) -> str | None:
    """What is alike in submissions that say the same: code without names and layout, answers without comments."""
    if not isinstance(exercise.spec, CodeExercise):
        lines = sorted(line.strip() for line in submission.source.splitlines())
        said = b"\n".join(line for line in lines if line and not line.startswith(b"#"))
        return blake2b(said, digest_size=16).hexdigest()
    prints = [fingerprints.of(source) for source in (submission.source, *submission.helpers.values())]
    if len(prints) == 1 or None in prints:
        return None if None in prints else prints[0]
    return blake2b(" ".join([str(prints[0]), *sorted(map(str, prints[1:]))]).encode(), digest_size=16).hexdigest()


def planned(exercise: Exercise) -> PlannedExercise:
    """``exercise`` as a class is graded on it."""
    spec = exercise.spec
    if isinstance(spec, CodeExercise):
        checks = [PlannedCheck(line.check, line.title, line.points, line.visible) for line in spec.rubric]
    else:
        checks = [PlannedCheck(question.name, question.ask, question.points) for question in spec.questions]
    return PlannedExercise(exercise.id, spec.title, checks)


def unreadable_digest(error: SubmissionError) -> str:
    """In place of a submission's digest: why it cannot be read."""
    return blake2b(str(error).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
