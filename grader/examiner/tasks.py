"""A job: one warm examiner that carries out task after task, on this machine or on a worker of a cluster.

What is shared by ``pool`` and ``cluster`` stands here: what there is to do, in which
order, and what came of it.
"""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import PurePosixPath
from types import TracebackType
from typing import Final, Self

import msgspec

from grader.course.records import CodeExercise, Exercise
from grader.errors import (
    CourseError,
    ExaminerLostError,
    GraderError,
    SubmissionError,
    UnreadableError,
)
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.class_results import PlannedCheck, PlannedExercise
from grader.grades.grade import Check, Grade, Outcome, grade_from_checks
from grader.submission.files import Submission, digest
from grader.submission.fingerprint import Fingerprints

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


class Result(msgspec.Struct, frozen=True, tag=True):
    """What came of a submission."""

    content: str
    """Digest of what was graded, be it only the reason why it cannot be read."""
    grade: Grade
    fingerprint: str | None = None
    """What is alike in submissions that are the same but for names, comments and layout."""


class Done(msgspec.Struct, frozen=True):
    """A task that was carried out."""

    task: Task
    result: Result

    @property
    def grade(self) -> Grade:
        """The grade, be it only one that says why there is none."""
        return self.result.grade


class SandboxReport(msgspec.Struct, frozen=True):
    """What holds submissions on a machine: layer of the wall to what does, or None."""

    isolation: dict[str, str | None]


class WorkerRefused(msgspec.Struct, frozen=True):
    """A worker of a cluster that is given nothing, and why."""

    worker: str
    why: str


class TaskQueue:
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
                group = max(
                    self._left, key=lambda one: len(self._left[one]) / (self._jobs.get(one, 0) + 1)
                )
                self._jobs[group] = self._jobs.get(group, 0) + 1
            return self._left[group].popleft() if self._left[group] else None

    def put_back(self, tasks: Sequence[Task]) -> None:
        """Leave ``tasks`` to other jobs: the one that took them, the last of them last, is gone."""
        with self._lock:
            for task in reversed(tasks):
                self._left[task.exercise.id, task.seed].appendleft(task)
            self._jobs[tasks[-1].exercise.id, tasks[-1].seed] -= 1


class Job:
    """A warm examiner, started anew where it died, and what finds submissions that are alike; a context manager."""

    def __init__(self, isolation: str = "auto", device: str = "cpu") -> None:
        self._examiner = Examiner(isolation, device)
        self._fingerprints = Fingerprints()
        self._broken: dict[str, str] = {}
        self._lost = 0
        self._graded = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def inspect(self) -> SandboxReport:
        """What holds submissions here."""
        return SandboxReport(self._examiner.inspect())

    def carry_out(self, examine: Examine, is_wanted: Callable[[], bool] = lambda: True) -> Result:
        """Grade one submission, trying once more where the examiner dies while it ``is_wanted``.

        What stands in the way becomes a grade that says so. ``ExaminerLostError`` where
        this machine seems unable to grade anything.
        """
        try:
            grade = self._grade(examine, is_wanted)
        except ExaminerLostError as error:
            self._lost += 1
            if self._lost == _HOPELESS and not self._graded:
                raise
            grade = without_value(examine, Outcome.UNGRADED, str(error))
        else:
            self._lost, self._graded = 0, True
        # a quiz names whoever it was written for
        grade = msgspec.structs.replace(grade, learner=examine.learner)
        alike = _fingerprint(self._fingerprints, examine.exercise, examine.submission)
        return Result(digest(examine.submission), grade, alike)

    def kill(self) -> None:
        """Kill the examiner, whatever it is at; for another thread than the one at work."""
        with suppress(ProcessLookupError):
            os.kill(self._examiner.pid, signal.SIGKILL)

    def close(self) -> None:
        """End its processes."""
        self._examiner.close()
        self._fingerprints.close()

    def _grade(self, examine: Examine, is_wanted: Callable[[], bool]) -> Grade:
        """The grade, where need be one that says why there is none."""
        exercise_id = examine.exercise.id
        if exercise_id in self._broken:
            return without_value(examine, Outcome.UNGRADED, self._broken[exercise_id])
        try:
            return self._examiner.grade(examine, is_wanted=is_wanted)
        except ExaminerLostError:
            raise
        except SubmissionError as error:
            return without_value(examine, Outcome.RAISED, str(error))
        except CourseError as error:
            self._broken[exercise_id] = str(error)
            return without_value(examine, Outcome.UNGRADED, str(error))
        except GraderError as error:
            return without_value(examine, Outcome.UNGRADED, str(error))


def read_task(task: Task) -> Examine | Result:
    """What to ask an examiner for ``task``, or what comes of a submission that cannot be read."""
    try:
        return _examine(task, task.read())
    except SubmissionError as error:
        outcome = Outcome.UNGRADED if isinstance(error, UnreadableError) else Outcome.RAISED
        nothing = _examine(task, Submission(PurePosixPath(task.name).name, b""))
        return Result(unreadable_digest(error), without_value(nothing, outcome, str(error)))


def _examine(task: Task, submission: Submission) -> Examine:
    return Examine(task.exercise, submission, task.learner, task.seed, device=task.device)


def device_of_all(tasks: Sequence[Task]) -> str:
    """Where ``tasks`` compute: on one device, beside which quizzes have none."""
    return next((task.device for task in tasks if task.device != "cpu"), "cpu")


def without_value(examine: Examine, outcome: Outcome, why: str) -> Grade:
    """A grade without points, each check of which says why."""
    checks = [
        Check(check.name, check.title, outcome, 0, check.points, why, visible=check.visible)
        for check in planned(examine.exercise).checks
    ]
    return grade_from_checks(
        checks,
        exercise=examine.exercise.id,
        submission=examine.submission.name,
        learner=examine.learner,
        seed=examine.seed,
        device=examine.device,
    )


def _fingerprint(
    fingerprints: Fingerprints, exercise: Exercise, submission: Submission
) -> str | None:
    """What is alike in submissions that say the same: code without names and layout, answers without comments."""
    if not isinstance(exercise.spec, CodeExercise):
        lines = sorted(line.strip() for line in submission.source.splitlines())
        said = b"\n".join(line for line in lines if line and not line.startswith(b"#"))
        return blake2b(said, digest_size=16).hexdigest()
    prints = [
        fingerprints.of(source) for source in (submission.source, *submission.helpers.values())
    ]
    if len(prints) == 1 or None in prints:
        return None if None in prints else prints[0]
    return blake2b(
        " ".join([str(prints[0]), *sorted(map(str, prints[1:]))]).encode(), digest_size=16
    ).hexdigest()


def planned(exercise: Exercise) -> PlannedExercise:
    """``exercise`` as a class is graded on it."""
    spec = exercise.spec
    if isinstance(spec, CodeExercise):
        checks = [
            PlannedCheck(line.check, line.title, line.points, line.visible) for line in spec.rubric
        ]
    else:
        checks = [
            PlannedCheck(question.name, question.ask, question.points)
            for question in spec.questions
        ]
    return PlannedExercise(exercise.id, spec.title, checks)


def unreadable_digest(error: SubmissionError) -> str:
    """In place of a submission's digest: why it cannot be read."""
    return blake2b(str(error).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
