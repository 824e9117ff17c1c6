"""The tasks of a class: what there is to grade, in which order, and the result of each.

The examiners of this machine (``pool``) and the workers of a cluster share these records.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import PurePosixPath

import msgspec

from grader.course import loading
from grader.course.records import Exercise
from grader.errors import CourseError, SubmissionError, UnreadableError
from grader.examiner.protocol import Examine
from grader.grades.grade import Grade, Outcome
from grader.submission.files import Submission
from grader.submission.fingerprint import Fingerprints, joined, parts_of


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
    attempts: dict[str, int] = {}
    """For a quiz: question to the first attempt that still counts."""
    drawn_for: str = ""
    """For a quiz: whose numbers are on the sheet, if they are not those of ``learner``."""


class Result(msgspec.Struct, frozen=True, tag=True):
    """The grade of a submission, with the digests that identify it."""

    content: str
    """Digest of the submission, or of the reason why it cannot be read."""
    grade: Grade
    fingerprint: str | None = None
    """The parts of its code, as ``submission.fingerprint`` writes them."""


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


Event = SandboxReport | WorkerRefused | Done
"""What happens while tasks are graded."""

Group = tuple[str, int]
"""Id of an exercise, and a seed."""


class TaskQueue:
    """The tasks that are left, grouped by exercise and seed.

    An examiner collects the checks of an exercise once, and runs its wrong solutions once
    per seed. So each thread stays with its group while tasks of it are left. Then it moves
    to the group with the most tasks per thread. No thread waits while any task is left.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        # Threads of a pool take tasks at the same time.
        self._lock = threading.Lock()
        self._left: dict[Group, deque[Task]] = {}
        self._threads: Counter[Group] = Counter()
        for task in tasks:
            group = _group(task)
            self._left.setdefault(group, deque()).append(task)

    def take(self, before: Task | None) -> Task | None:
        """Return the next task for the thread that finished ``before``; None if no task is left."""
        with self._lock:
            if before is not None:
                group = _group(before)
                if self._left[group]:
                    return self._left[group].popleft()
                # This thread leaves its group.
                self._threads[group] -= 1

            group = max(self._left, key=self._tasks_per_thread)
            self._threads[group] += 1
            if not self._left[group]:
                return None

            return self._left[group].popleft()

    def put_back(self, tasks: Sequence[Task]) -> None:
        """Requeue ``tasks`` of a thread that is gone, in the order in which it took them."""
        with self._lock:
            # Each goes to the front, so the last one must go first.
            for task in reversed(tasks):
                self._left[_group(task)].appendleft(task)
            self._threads[_group(tasks[-1])] -= 1

    def _tasks_per_thread(self, group: Group) -> float:
        """How many tasks each thread of ``group`` would have if one more joined."""
        threads = self._threads[group] + 1
        return len(self._left[group]) / threads


def _group(task: Task) -> Group:
    return task.exercise.id, task.seed


def read_task(task: Task) -> Examine | Result:
    """Read a submission: the request for an examiner, or the result if it cannot be read."""
    try:
        submission = task.read()
    except SubmissionError as error:
        outcome = Outcome.RAISED
        if isinstance(error, UnreadableError):
            # This machine could not read the file, which is not the learner's fault.
            outcome = Outcome.UNGRADED
        empty = _examine(task, Submission(PurePosixPath(task.name).name, b""))
        return Result(unreadable_digest(error), empty.zero_grade(outcome, str(error)))

    return _examine(task, submission)


def _examine(task: Task, submission: Submission) -> Examine:
    return Examine(
        exercise=task.exercise,
        submission=submission,
        learner=task.drawn_for or task.learner,
        seed=task.seed,
        device=task.device,
        attempts=task.attempts,
    )


def device_of_all(tasks: Sequence[Task]) -> str:
    """Return the one device of ``tasks``; the ``cpu`` of a quiz does not count."""
    devices = {task.device for task in tasks} - {"cpu"}
    return devices.pop() if devices else "cpu"


def fingerprint(
    fingerprints: Fingerprints, exercise: Exercise, submission: Submission
) -> str | None:
    """Return the parts that equal submissions share; None if the code cannot be parsed.

    The starter, names and layout of code do not count, and neither do comments in an answer
    sheet. Modules beside the submission count, whatever their names are.
    """
    # An answer sheet has no code to parse.
    if not exercise.spec.runs_code:
        # An empty line or a comment changes no answer, and neither does the order.
        lines = [line.strip() for line in submission.source.splitlines()]
        answers = sorted(line for line in lines if line and not line.startswith(b"#"))
        return joined({_digest(b"\n".join(answers)): len(answers)})

    starter = _starter(exercise)
    own = fingerprints.of(submission.source, starter)
    if own is None:
        return None
    parts = parts_of(own)
    for name, source in submission.helpers.items():
        if name.endswith(".py"):
            parts |= parts_of(fingerprints.of(source, starter) or "")
    return joined(parts)


def _starter(exercise: Exercise) -> bytes:
    try:
        return loading.starter(exercise).encode()
    except CourseError:
        # The file was removed while the class was graded; that is no reason for a lost grade.
        return b""


def unreadable_digest(error: SubmissionError) -> str:
    """Return the digest of the reason why a submission cannot be read."""
    return _digest(str(error).encode("utf-8", "surrogatepass"))


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()
