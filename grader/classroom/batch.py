"""A class: found, planned, graded over a pool of examiners, each grade stored as it comes.

Every job is a thread that drives one examiner process. The main thread alone
writes the gradebook, so a signal or an error there finds it whole.
"""

import fnmatch
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from grader.course import loading
from grader.course.records import Exercise
from grader.errors import GraderError, SubmissionError, UnreadableError, UsageError
from grader.examiner.client import device_of
from grader.examiner.pool import ExaminerPool, cores, grade_all
from grader.examiner.settings import Settings
from grader.examiner.tasks import (
    Done,
    SandboxReport,
    Task,
    WorkerRefused,
    device_of_all,
    unreadable_digest,
)
from grader.grades.class_results import (
    ClassResults,
    GradedExercise,
    Identical,
    Learner,
    Notice,
    NoticeKind,
)
from grader.grades.grade import Grade, Outcome
from grader.grades.gradebook import NAME, Entry, Gradebook, Key, grader_version, hold
from grader.report.export import outputs
from grader.submission.files import Submission, digest, read_submission
from grader.submission.finder import Found, Roster, find_submissions
from grader.submission.fingerprint import Fingerprints
from grader.text import printable

ONLY: Final = ("learner", "exercise", "outcome")


class Plan(msgspec.Struct, frozen=True):
    """What of a class is to be graded, and what is not, and why."""

    roster: Roster
    unreadable: list[Notice]
    """Submissions that get no points because they are empty, binary, too large, or unreadable."""
    tasks: list[Task]
    unchanged: int
    """Graded before, as it is now."""
    restored: list[Entry]
    """Graded before the last time, and handed in again as it was then."""
    left: int
    """Not graded since ``only`` names others."""
    kept: list[str]
    """Graded before, and no file here holds it any more: learner and exercise."""
    stored: int
    """How many grades the gradebook holds before any of ``tasks`` is graded."""
    device: str = "cpu"
    """Where submissions compute."""


Event = Plan | SandboxReport | WorkerRefused | Done


# A class


def grade_class(
    folder: Path | str,
    out: Path | str,
    *,
    root: Path | str | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    pattern: str | None = None,
    force: bool = False,
    only: Sequence[str] = (),
    seed: int | None = None,
    isolation: str = "auto",
    device: str = "cpu",
    watch: Callable[[Event], object] = bool,
) -> ClassResults:
    """Grade the submissions under ``folder`` and write gradebook, grades and feedback into ``out``.

    What was graded before and is unchanged is not graded again. ``force`` grades all
    of it anew, ``only`` (``learner=…``, ``exercise=…``, ``outcome=…``, with wildcards) that
    alone. ``cluster`` is the address of a Dask scheduler whose workers grade in place of ``jobs``
    on this machine. ``device`` is where submissions compute: ``cpu``, ``cuda``, ``mps``, or ``auto`` for
    the best of this machine. ``watch`` is told of each event as it comes. Raises ``GraderError``,
    with nothing graded where the device is absent.
    """
    folder, out = Path(folder), Path(out)
    settings = Settings(Path(root) if root else None, isolation=isolation)
    exercises = loading.load_course(settings.course)
    device = device_of(device) if cluster is None else _device_there(device)
    _make_folder(out)
    started = time.monotonic()
    with hold(out), Gradebook(out / NAME, create=True) as gradebook:
        definitions = {
            exercise_id: loading.digest(exercise) for exercise_id, exercise in exercises.items()
        }
        roster = find_submissions(folder, exercises, pattern, out)
        plan = make_plan(
            folder,
            roster,
            exercises,
            definitions,
            gradebook,
            force=force,
            only=only,
            seed=seed,
            device=device,
        )
        gradebook.add_learners(roster.learners)
        gradebook.add(plan.restored)
        gradebook.note({"title": printable(folder.resolve().name)})
        gradebook.set_notices(plan.roster.skipped + plan.unreadable)
        watch(plan)
        try:
            for events in _stored(
                _graded(plan.tasks, settings, jobs, cluster), gradebook, definitions
            ):
                for event in events:
                    watch(event)
        finally:
            _note_time(gradebook, time.monotonic() - started, graded=bool(plan.tasks))
        results = class_results(gradebook, exercises)
        outputs.write(out, results)
        return results


def graded_since(plan: Plan | None, out: Path) -> int:
    """How many grades were stored in ``out`` after ``plan`` was made, by the gradebook itself.

    An interrupt can fall between the storing of a grade and the telling of it.
    """
    if plan is None:
        return 0
    with Gradebook(out / NAME) as gradebook:
        return gradebook.size() - plan.stored


def is_complete(results: ClassResults) -> bool:
    """Whether every submission that was found could be graded, whatever the grade."""
    statuses = {grade.status for grades in results.grades.values() for grade in grades.values()}
    kinds = {notice.kind for notice in results.notices}
    return "ungraded" not in statuses and NoticeKind.UNREADABLE not in kinds


def class_results(gradebook: Gradebook, exercises: dict[str, Exercise]) -> ClassResults:
    """The class as the gradebook has it now; exercises that nobody handed in are left out."""
    grades: dict[str, dict[str, Grade]] = {}
    last: dict[str, Grade] = {}
    alike: dict[tuple[str, str], list[str]] = {}
    latest = ""
    for entry in gradebook.latest():
        key = entry.key
        grades.setdefault(key.learner, {})[key.exercise] = last[key.exercise] = entry.grade
        latest = max(latest, entry.graded_at)
        if entry.fingerprint:
            alike.setdefault((key.exercise, entry.fingerprint), []).append(key.learner)
    known = [
        GradedExercise(exercise_id, exercise.spec.title, list(exercise.spec.checks))
        for exercise_id, exercise in exercises.items()
        if exercise_id in last
    ]
    gone = [
        GradedExercise(exercise_id, exercise_id, [result.check for result in grade.checks])
        for exercise_id, grade in sorted(last.items())
        if exercise_id not in exercises
    ]
    return ClassResults(
        title=gradebook.fact("title") or gradebook.path.parent.name,
        exercises=known + gone,
        learners=gradebook.learners(),
        grades=grades,
        graded_at=datetime.fromisoformat(latest) if latest else datetime.now(UTC),
        seconds=float(gradebook.fact("seconds") or 0),
        shared_sheets=_shared_sheets(grades, gradebook.learners()),
        identical=_identical(alike, exercises),
        notices=gradebook.notices(),
    )


# Planning


def make_plan(
    folder: Path,
    roster: Roster,
    exercises: dict[str, Exercise],
    definitions: dict[str, str],
    gradebook: Gradebook,
    *,
    force: bool = False,
    only: Sequence[str] = (),
    seed: int | None = None,
    device: str = "cpu",
) -> Plan:
    """What to grade: all that is new or changed, or what ``force`` and ``only`` say."""
    wanted = _selection(only, exercises, gradebook)
    latest = gradebook.latest_keys()
    plan = _Planning(gradebook, seed)
    for found in roster.found:
        exercise = exercises[found.exercise]
        read = _reader(folder, found, exercise)
        try:
            submission = read()
        except SubmissionError as error:
            content = unreadable_digest(error)
            plan.unreadable.append(_notice(found.file, error))
        else:
            content = digest(submission)
            plan.helpers |= {
                str(PurePosixPath(found.file).with_name(name)) for name in submission.helpers
            }
            if found.file.endswith(".ipynb"):
                # A notebook holds many exercises and pictures too: it is not taken apart for each of them again.
                read = partial(_itself, submission)
        # A quiz is about what PyTorch says, which is the same everywhere.
        where = device if exercise.spec.runs_code else "cpu"
        key = Key(
            found.learner,
            found.exercise,
            content,
            definitions[found.exercise],
            grader_version(where),
        )
        if not wanted(found):
            plan.left += 1
        elif force or only:
            plan.add(found, exercise, key, read, where)
        elif latest.get((found.learner, found.exercise)) == (key, "graded"):
            plan.unchanged += 1
        elif (before := gradebook.find(key)) is not None:
            plan.restored.append(before)
        else:
            plan.add(found, exercise, key, read, where)
    skipped = [each for each in roster.skipped if each.file not in plan.helpers]
    roster = msgspec.structs.replace(roster, skipped=skipped)
    here = {(found.learner, found.exercise) for found in roster.found}
    kept = [" ".join(pair) for pair in latest if pair not in here]
    stored = gradebook.size() + len(plan.restored)
    return Plan(
        roster,
        plan.unreadable,
        plan.tasks,
        plan.unchanged,
        plan.restored,
        plan.left,
        kept,
        stored,
        device,
    )


class _Planning:
    """A plan in the making."""

    def __init__(self, gradebook: Gradebook, seed: int | None) -> None:
        self._gradebook = gradebook
        self._seed = seed
        self._secret = _secret(gradebook)
        self.tasks: list[Task] = []
        self.unreadable: list[Notice] = []
        self.restored: list[Entry] = []
        self.helpers: set[str] = set()
        self.unchanged = self.left = 0

    def add(
        self,
        found: Found,
        exercise: Exercise,
        key: Key,
        read: Callable[[], Submission],
        device: str,
    ) -> None:
        """Plan to grade this."""
        seed = self._round_seed(key) if self._seed is None else self._seed
        self.tasks.append(Task(found.file, found.learner, exercise, seed, read, device))

    def _round_seed(self, key: Key) -> int:
        """The seed for a learner's first, second, … different submission for an exercise.

        Everyone is asked the same, which is fair, and lets the wrong solutions run once
        for all. Who hands in again has seen feedback, so they are asked something else.
        A batch that was interrupted goes on with the same seeds.
        """
        earlier = self._gradebook.submissions(key.learner, key.exercise)
        number = earlier.index(key.submission) if key.submission in earlier else len(earlier)
        return int.from_bytes(
            blake2b(f"{self._secret}/{number}".encode(), digest_size=4).digest(), "big"
        )


def _secret(gradebook: Gradebook) -> str:
    if (secret := gradebook.fact("secret")) is None:
        secret = secrets.token_hex(16)
        gradebook.note({"secret": secret})
    return secret


def _reader(folder: Path, found: Found, exercise: Exercise) -> Callable[[], Submission]:
    path = folder / found.file

    def read() -> Submission:
        try:
            if path.is_symlink() or not path.is_file():
                raise UnreadableError("was a file when the batch began, and is none now")
            return read_submission(exercise, path, include_helpers=found.include_helpers)
        except SubmissionError as error:
            # The learner reads this: it names the file, and not the instructor's folders.
            name = Path(error.place or path).name
            raise type(error)(
                printable(error.problem), place=printable(name), advice=error.advice
            ) from None

    return read


def _notice(file: str, error: SubmissionError) -> Notice:
    unreadable = isinstance(error, UnreadableError)
    kind = NoticeKind.UNREADABLE if unreadable else NoticeKind.NOT_GRADABLE
    return Notice(file, kind, error.problem, error.advice)


def _itself(submission: Submission) -> Submission:
    return submission


def _selection(
    only: Sequence[str], exercises: dict[str, Exercise], gradebook: Gradebook
) -> Callable[[Found], bool]:
    """Whether ``only`` names a submission; everything where it is empty."""
    wanted: dict[str, list[str]] = {}
    for word in only:
        name, _, value = word.partition("=")
        if name not in ONLY or not value:
            raise UsageError(
                f"--only {word}: write learner=NAME, exercise=NAME or outcome=NAME (* stands for anything)"
            )
        wanted.setdefault(name, []).append(value)
    for value in wanted.get("exercise", []):
        if not fnmatch.filter(exercises, value):
            raise UsageError(
                f"--only exercise={value}: there is no such exercise; `grade list` shows them all"
            )
    for value in wanted.get("outcome", []):
        if value not in list(Outcome):
            raise UsageError(
                f"--only outcome={value}: there is no such outcome; there are {', '.join(Outcome)}"
            )
    outcomes = (
        {
            (entry.key.learner, entry.key.exercise): {
                check.outcome.value for check in entry.grade.checks
            }
            for entry in gradebook.latest()
        }
        if "outcome" in wanted
        else {}
    )

    def is_wanted(found: Found) -> bool:
        values = {
            "learner": {found.learner},
            "exercise": {found.exercise},
            "outcome": outcomes.get((found.learner, found.exercise), set()),
        }
        return all(
            any(fnmatch.filter(values[name], each) for each in patterns)
            for name, patterns in wanted.items()
        )

    return is_wanted


# Grading


Events = (
    Generator[list[SandboxReport | Done]] | Generator[list[SandboxReport | WorkerRefused | Done]]
)


def _device_there(asked: str) -> str:
    """The device of a cluster's workers, which this machine need not have."""
    if asked == "auto":
        raise UsageError("--device auto is for this machine; with --cluster, say cpu or cuda")
    return asked


def _graded(
    tasks: list[Task], settings: Settings, jobs: int | None, cluster: str | None = None
) -> Events:
    """Grade ``tasks``, here or on a cluster."""
    if cluster is None:
        return _graded_here(tasks, settings, jobs or cores())
    if jobs is not None:
        raise UsageError(
            "--jobs is for this machine; how many a cluster grades at a time, its workers' threads say"
        )
    try:
        client = import_module("grader.classroom.cluster.client")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"--cluster needs {error.name}, which is not installed: pip install distributed"
        ) from None
    events: Events = client.examine(tasks, cluster, settings)
    return events


def _graded_here(
    tasks: list[Task], settings: Settings, jobs: int
) -> Generator[list[SandboxReport | Done]]:
    """Grade ``tasks`` with a pool of ``jobs`` examiners; closing the iterator ends them."""
    settings = msgspec.structs.replace(settings, device=device_of_all(tasks))
    with ExaminerPool(settings, jobs) as pool:
        yield from grade_all(pool, tasks)


def _stored(
    examined: Events, gradebook: Gradebook, definitions: dict[str, str]
) -> Iterator[Sequence[Event]]:
    """What is ``examined``; what is yielded is stored."""
    with closing(examined):
        for events in examined:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            done = [event for event in events if isinstance(event, Done)]
            gradebook.add(_entry(each, definitions[each.task.exercise.id], now) for each in done)
            yield events


def _entry(done: Done, definition: str, now: str) -> Entry:
    task = done.task
    key = Key(
        task.learner, task.exercise.id, done.result.content, definition, grader_version(task.device)
    )
    return Entry(key, printable(task.name), now, done.grade, done.result.fingerprint)


# The class as a whole


def _identical(
    alike: dict[tuple[str, str], list[str]], exercises: dict[str, Exercise]
) -> list[Identical]:
    """Groups of the same submissions; starters that were handed in as they are say nothing."""
    starters = set()
    with Fingerprints() as fingerprints:
        for exercise in exercises.values():
            if exercise.spec.runs_code:
                starters.add(
                    (exercise.id, fingerprints.of((exercise.public / "starter.py").read_bytes()))
                )
    order = list(exercises)
    groups = [
        Identical(exercise_id, sorted(learners))
        for (exercise_id, print_of), learners in alike.items()
        if len(learners) > 1 and (exercise_id, print_of) not in starters
    ]
    return sorted(
        groups,
        key=lambda group: (
            order.index(group.exercise) if group.exercise in order else -1,
            group.learners,
        ),
    )


def _shared_sheets(
    grades: dict[str, dict[str, Grade]], learners: Sequence[Learner]
) -> list[Identical]:
    """Groups asked with the numbers of one name: by copying a sheet, or with one login for all.

    Who a sheet was written for is its own word, since the name that a class is downloaded
    under is seldom the login name under which its sheets were begun.
    """
    groups: dict[tuple[str, str], set[str]] = {}
    for learner, of_learner in grades.items():
        for exercise_id, grade in of_learner.items():
            if grade.asked:
                groups.setdefault((exercise_id, grade.asked), set()).add(learner)
    for (_, asked), group in groups.items():
        # Whose name stands on another's sheet is in it too, whatever they handed in themselves.
        group |= {learner.name for learner in learners if asked in (learner.name, *learner.keys)}
    return [
        Identical(exercise_id, sorted(group))
        for (exercise_id, _), group in groups.items()
        if len(group) > 1
    ]


def _note_time(gradebook: Gradebook, seconds: float, *, graded: bool) -> None:
    """Add to the wall time that this class has taken, resumed runs and all."""
    if graded:
        with suppress(GraderError):  # a full disk is told of elsewhere
            gradebook.note({"seconds": f"{float(gradebook.fact('seconds') or 0) + seconds:.3f}"})


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{out}: cannot be made ({error.strerror}); name another folder with --out"
        ) from None


# Sources from a program


def grade_sources(
    exercise_id: str,
    sources: "dict[str, str]",
    *,
    root: Path | str | None = None,
    jobs: int | None = None,
    seed: int = 0,
    isolation: str = "auto",
    device: str = "cpu",
) -> Iterator[tuple[str, Grade]]:
    """Grade texts that a program holds: yields name and grade of each, in the order in which they are done.

    ``sources`` maps a name of your choice to Python source, or to a quiz's answers as YAML.
    The same ``seed`` asks everyone the same. ``device`` is as for ``grade_class``. Raises ``GraderError``.
    """
    settings = Settings(Path(root) if root else None, isolation=isolation)
    exercise = loading.load_exercise(settings.course, exercise_id)
    where = device_of(device) if exercise.spec.runs_code else "cpu"
    suffix = exercise.spec.suffixes[0]

    def task(name: str, source: str) -> Task:
        submission = Submission(f"{exercise_id}{suffix}", source.encode("utf-8", "surrogatepass"))
        return Task(name, name, exercise, seed, lambda: submission, where)

    tasks = [task(*each) for each in sources.items()]
    with closing(_graded(tasks, settings, jobs)) as graded:
        for events in graded:
            for event in events:
                if isinstance(event, Done):
                    yield event.task.name, event.grade
