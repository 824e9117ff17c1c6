"""The tasks of a class: what there is to grade, in which order, and the result of each.

The examiners of this machine (``pool``) and the workers of a cluster share these records.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import PurePosixPath

import msgspec

from grader.course.records import Exercise
from grader.errors import SubmissionError, UnreadableError
from grader.examiner.protocol import Examine
from grader.grades.grade import CheckResult, Grade, Outcome, grade_from_checks
from grader.submission.files import Submission
from grader.submission.fingerprint import Fingerprints


class Task(msgspec.Struct, frozen=True):
    """One submission to grade; its file is read when its turn comes."""

    name: str
    """The path of its file."""
    learner: str
    exercise: Exercise
    seed: int
    read: Callable[[], Submission]
    device: str = "cpu"
    """Where the submission computes."""


class Result(msgspec.Struct, frozen=True, tag=True):
    """The grade of a submission, with the digests that identify it."""

    content: str
    """Digest of the submission, or of the reason why it cannot be read."""
    grade: Grade
    fingerprint: str | None = None
    """The digest of ``fingerprint``."""


class Done(msgspec.Struct, frozen=True):
    """A finished task."""

    task: Task
    result: Result

    @property
    def grade(self) -> Grade:
        """The grade; its checks give the reason if nothing could be graded."""
        return self.result.grade


class SandboxReport(msgspec.Struct, frozen=True):
    """The sandbox of a machine: each layer, with what provides it or None."""

    isolation: dict[str, str | None]


class WorkerRefused(msgspec.Struct, frozen=True):
    """A worker of a cluster that gets no tasks, and why."""

    worker: str
    why: str


class TaskQueue:
    """The tasks that are left, grouped by exercise and seed.

    An examiner collects the checks of an exercise once, and runs its wrong solutions once
    per seed. So each thread stays with its group while tasks of it are left. Then it moves
    to the group with the most tasks per thread. No thread waits while any task is left.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._lock = threading.Lock()
        self._left: dict[tuple[str, int], deque[Task]] = {}
        self._threads: Counter[tuple[str, int]] = Counter()
        for task in tasks:
            self._left.setdefault(_group(task), deque()).append(task)

    def take(self, before: Task | None) -> Task | None:
        """Return the next task for the thread that finished ``before``; None if no task is left."""
        with self._lock:
            if before is not None:
                group = _group(before)
                if self._left[group]:
                    return self._left[group].popleft()
                self._threads[group] -= 1
            group = max(self._left, key=self._tasks_per_thread)
            self._threads[group] += 1
            if not self._left[group]:
                return None
            return self._left[group].popleft()

    def put_back(self, tasks: Sequence[Task]) -> None:
        """Requeue ``tasks``, given in the order in which one thread took them; that thread is gone."""
        with self._lock:
            for task in reversed(tasks):
                self._left[_group(task)].appendleft(task)
            self._threads[_group(tasks[-1])] -= 1

    def _tasks_per_thread(self, group: tuple[str, int]) -> float:
        """How much each thread of ``group`` would have to do if one more joined."""
        return len(self._left[group]) / (self._threads[group] + 1)


def _group(task: Task) -> tuple[str, int]:
    return task.exercise.id, task.seed


def read_task(task: Task) -> Examine | Result:
    """Read a submission: the request for an examiner, or the result if it cannot be read."""
    try:
        return _examine(task, task.read())
    except SubmissionError as error:
        outcome = Outcome.UNGRADED if isinstance(error, UnreadableError) else Outcome.RAISED
        nothing = _examine(task, Submission(PurePosixPath(task.name).name, b""))
        return Result(unreadable_digest(error), without_value(nothing, outcome, str(error)))


def _examine(task: Task, submission: Submission) -> Examine:
    return Examine(task.exercise, submission, task.learner, task.seed, device=task.device)


def device_of_all(tasks: Sequence[Task]) -> str:
    """The one device of ``tasks``: a quiz says ``cpu``, because it computes on none."""
    return next((task.device for task in tasks if task.device != "cpu"), "cpu")


def without_value(examine: Examine, outcome: Outcome, why: str) -> Grade:
    """A zero-point grade; every check carries the reason."""
    checks = [
        CheckResult(check, outcome, points=0, message=why) for check in examine.exercise.spec.checks
    ]
    return grade_from_checks(
        checks,
        exercise=examine.exercise.id,
        submission=examine.submission.name,
        learner=examine.learner,
        seed=examine.seed,
        device=examine.device,
    )


def fingerprint(
    fingerprints: Fingerprints, exercise: Exercise, submission: Submission
) -> str | None:
    """Digest that equal submissions share: code without names and layout, answers without comments.

    None if some of the code cannot be parsed.
    """
    if not exercise.spec.runs_code:
        lines = [line.strip() for line in submission.source.splitlines()]
        # An empty line or a comment changes no answer, and neither does the order.
        answers = [line for line in lines if line and not line.startswith(b"#")]
        return _digest(b"\n".join(sorted(answers)))
    own = fingerprints.of(submission.source)
    if not submission.helpers:
        return own
    helpers = [fingerprints.of(source) for source in submission.helpers.values()]
    if own is None or None in helpers:
        return None
    # The names of the helpers say nothing, so their order must not count.
    prints = [own, *sorted(map(str, helpers))]
    return _digest(" ".join(prints).encode())


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def unreadable_digest(error: SubmissionError) -> str:
    """The digest of a submission that cannot be read: that of the reason."""
    return _digest(str(error).encode("utf-8", "surrogatepass"))
