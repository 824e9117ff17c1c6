"""Grade a whole class, or texts that a program has.

Each job is a thread with an examiner process of its own. Only the main thread writes the
gradebook, so a signal or an error in a job never interrupts a write.
"""

import os
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from grader.classroom import term
from grader.classroom.plan import Plan, make_plan
from grader.classroom.results import BEFORE, COURSE, class_results
from grader.course import loading
from grader.course.assignment import read_assignment
from grader.course.records import Exercise
from grader.errors import GraderError, UsageError, os_errors_as
from grader.examiner.client import device_of
from grader.examiner.pool import ExaminerPool, cores, grade_all
from grader.examiner.settings import Settings
from grader.examiner.tasks import Done, Event, Task, device_of_all
from grader.files import private_files
from grader.grades.class_results import ClassResults
from grader.grades.grade import Grade
from grader.grades.gradebook import NAME, Entry, Gradebook, Key, hold
from grader.grades.grader_version import grader_version
from grader.grades.isolation import mode
from grader.report.export import outputs
from grader.submission.class_folder import ClassFolder
from grader.submission.files import Submission
from grader.submission.finder import find_submissions
from grader.submission.roster_file import read_roster
from grader.text import printable


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
    roster: Path | str | None = None,
    assignment: Path | str | None = None,
    exercise: Sequence[str] = (),
    forget_missing: bool = False,
    isolation: str | None = None,
    device: str = "cpu",
    watch: Callable[[Plan | Event], object] | None = None,
) -> ClassResults:
    """Grade the submissions in ``folder``, as ``grade batch`` does.

    Writes ``gradebook.db``, ``grades.csv``, ``report.html`` and ``feedback/`` into ``out``,
    and returns the whole class. A submission that was graded before and has not changed is
    not graded again::

        results = grade_class("submissions", "graded", only=["exercise=exercise1"])
        print(results.grade("ada", "exercise1").points)

    Arguments:
        root: the folder of another course.
        jobs: submissions to grade at a time, by default the number of cores.
        cluster: the address of a Dask scheduler; its workers replace the jobs.
        pattern: the layout of ``folder``, such as ``{learner}_{exercise}.py``.
        force: grade everything again.
        only: grade these again and nothing else: ``learner=…``, ``exercise=…`` or
            ``outcome=…``, with ``*`` as a wildcard.
        seed: the seed for everyone; by default the gradebook chooses it.
        roster: a CSV file with the people of the class, each of whom gets a result.
        assignment: the path of an ``assignment.yaml``. Only its exercises are graded, and the
            results say what counts.
        exercise: grade nothing but these exercises. With a single one, the files in ``folder``
            can be named after the learners.
        forget_missing: let earlier grades count no more if their submission is not in ``folder``.
        isolation: ``auto``, ``strict``, ``weak`` or ``none``; by default the variable
            GRADE_ISOLATION, or else ``auto``. With ``auto``, nothing is graded if this machine
            lacks a sandbox layer that separates submissions from files and processes.
        device: ``cpu``, ``cuda``, ``mps``, or ``auto`` for the best of this machine.
        watch: called with the plan and then with each event.

    Raises ``UsageError`` for arguments that cannot be used, ``CourseError`` for a broken
    course, ``GradebookError``, ``ClusterError``, and ``ExaminerError`` if this machine cannot
    grade. All of them are ``GraderError``. Grades that are stored by then stay stored.
    """
    folder, out = Path(folder), Path(out)
    settings = _settings(root, isolation)
    exercises = loading.load_course(settings.course)
    chosen = _chosen(exercises, exercise)
    wanted: Collection[str] = ()
    if exercise:
        wanted = chosen

    assigned = None
    if assignment is not None:
        assigned, written = read_assignment(Path(assignment), exercises)
        wanted = [name for name in assigned.exercises if name in chosen]
        chosen = {name: chosen[name] for name in wanted}

    people = None
    if roster is not None:
        people = read_roster(Path(roster))

    # Before the folder is created, because without the device there is nothing to put into it.
    device = _device(device, cluster)
    _create(out)

    started = time.monotonic()
    with (
        TemporaryDirectory(prefix="grade-") as scratch,
        hold(out),
        _open_gradebook(out) as gradebook,
    ):
        last_before = gradebook.last_id()
        definitions = {name: loading.digest(exercise) for name, exercise in chosen.items()}
        plan = make_plan(
            _contents(folder, exercises, chosen, pattern, out, Path(scratch)),
            chosen,
            definitions,
            gradebook,
            force=force,
            only=only,
            seed=seed,
            device=device,
            roster=people,
            assigned=wanted,
        )
        if assigned is not None:
            learners = [*gradebook.learners(), *plan.folder.learners]
            assigned = term.with_names(assigned, written, learners)
            term.add_assignment(gradebook, assigned)

        gradebook.add_learners(plan.folder.learners)
        gradebook.add(plan.restored + plan.noted + _entries(plan.absent, definitions))
        _note(gradebook, plan, folder, settings, last_before)
        if plan.attendance is not None:
            gradebook.withdraw(plan.attendance.settled)
            gradebook.remove_without_grade(learner for learner, _ in plan.attendance.settled)
        if forget_missing:
            gradebook.withdraw(plan.kept_pairs)
        if term.assignments_of(gradebook):
            term.add_times(gradebook, plan, folder)
        if watch is not None:
            watch(plan)

        try:
            with closing(_grade(plan.tasks, settings, jobs, cluster)) as graded:
                for events in graded:
                    # Stored first, so that nobody hears of a grade that could still be lost.
                    gradebook.add(_entries(events, definitions))
                    for event in events:
                        if watch is not None:
                            watch(event)
        finally:
            if plan.tasks:
                _add_time(gradebook, time.monotonic() - started)

        # After an error there is no report: it would show half a class.
        results = class_results(gradebook, exercises)
        outputs.write(out, results)
        return results


def _create(out: Path) -> None:
    # It will contain grades and feedback.
    with (
        os_errors_as(UsageError, "cannot be created", out, "name another folder with --out"),
        private_files(),
    ):
        out.mkdir(parents=True, exist_ok=True)


def _contents(
    folder: Path,
    exercises: dict[str, Exercise],
    chosen: dict[str, Exercise],
    pattern: str | None,
    out: Path,
    scratch: Path,
) -> ClassFolder:
    """The submissions for the ``chosen`` exercises."""
    # With the whole course: a file must not be taken for another spelling of an id.
    contents = find_submissions(folder, exercises, scratch, pattern, out).only(chosen)
    if contents.found or len(chosen) != 1 or len(exercises) == 1:
        return contents

    # For a single exercise, files of any name count that define what it asks for.
    again = scratch / "again"
    again.mkdir()
    by_content = find_submissions(folder, chosen, again, pattern, out)
    # Only the whole course shows that a file is for another exercise.
    return msgspec.structs.replace(by_content, spare=contents.spare)


def _chosen(exercises: dict[str, Exercise], named: Sequence[str]) -> dict[str, Exercise]:
    """The exercises that were named; all of them if none was."""
    unknown = [name for name in named if name not in exercises]
    if unknown:
        raise UsageError(
            "there is no such exercise",
            place=f"--exercise {unknown[0]}",
            advice="`grade list` shows all exercises",
        )

    if not named:
        return exercises

    # In the order of the course, whatever the order of the options.
    return {name: exercises[name] for name in exercises if name in named}


def _note(
    gradebook: Gradebook, plan: Plan, folder: Path, settings: Settings, last_before: int
) -> None:
    """Store what later reports and batches need to know about this batch."""
    facts = {
        "title": printable(folder.resolve().name),
        # Reports and exports of this class need the same course.
        COURSE: str(settings.course.resolve()),
    }
    # A batch that grades nothing is no news.
    if plan.tasks or plan.absent:
        facts[BEFORE] = str(last_before)

    gradebook.note(facts)
    gradebook.set_notices(plan.notices)


def discard(out: Path) -> None:
    """Remove the output folder of a batch that found no submission, if there is nothing else."""
    with suppress(OSError):
        (out / NAME).unlink()
        out.rmdir()


def _open_gradebook(out: Path) -> Gradebook:
    # SQLite gives its journal the permissions of the gradebook.
    with private_files():
        return Gradebook(out / NAME, create=True)


def graded_since(plan: Plan | None, out: Path) -> int:
    """The number of grades that were stored in ``out`` after ``plan`` was made.

    An interrupt can come after a grade is stored and before its event, so only the gradebook
    knows the number.
    """
    if plan is None:
        return 0

    with Gradebook(out / NAME) as gradebook:
        return gradebook.size() - plan.stored


def grade_sources(
    exercise_id: str,
    sources: Mapping[str, str],
    *,
    root: Path | str | None = None,
    jobs: int | None = None,
    seed: int = 0,
    isolation: str | None = None,
    device: str = "cpu",
) -> Iterator[tuple[str, Grade]]:
    """Grade texts, such as generated code; yield the name and the grade of each.

    ``sources`` maps names of your choice to Python source, or to the answers to a quiz as
    YAML. Grades come in the order in which they are ready, all with the same ``seed``::

        sources = {"first": "def lookup(weight, idx): ..."}
        for name, grade in grade_sources("exercise1", sources):
            print(name, grade.points)

    The other arguments are those of ``grade_class``. Raises ``UsageError`` if there is no such
    exercise, ``CourseError`` if it is broken, and ``ExaminerError`` if this machine cannot
    grade. All of them are ``GraderError``.
    """
    settings = _settings(root, isolation)
    exercise = loading.load_exercise(settings.course, exercise_id)
    # Finding devices starts PyTorch, and a quiz needs none.
    own_device = "cpu"
    if exercise.spec.runs_code:
        own_device = device_of(device)

    tasks = [_task(exercise, name, source, seed, own_device) for name, source in sources.items()]
    return _grades(tasks, settings, jobs)


def _settings(root: Path | str | None, isolation: str | None) -> Settings:
    chosen = mode(isolation, os.environ)
    if root is None:
        return Settings(isolation=chosen)

    return Settings(Path(root), isolation=chosen)


def _task(exercise: Exercise, name: str, source: str, seed: int, device: str) -> Task:
    file = f"{exercise.id}{exercise.spec.suffixes[0]}"
    # A text of a program can contain half of a surrogate pair; its learner gets a grade anyway.
    submission = Submission(file, source.encode("utf-8", "surrogatepass"))
    return Task(
        name=name,
        learner=name,
        exercise=exercise,
        seed=seed,
        read=lambda: submission,
        device=device,
    )


def _grades(tasks: list[Task], settings: Settings, jobs: int | None) -> Iterator[tuple[str, Grade]]:
    with closing(_grade(tasks, settings, jobs)) as graded:
        for events in graded:
            for event in events:
                if isinstance(event, Done):
                    yield event.task.name, event.grade


def _device(asked: str, cluster: str | None) -> str:
    if cluster is None:
        return device_of(asked)
    # The devices of this machine say nothing about those of the workers.
    if asked == "auto":
        raise UsageError(
            "a cluster cannot choose the device",
            place="--device auto",
            advice="write --device cpu or --device cuda",
        )

    return asked


def _grade(
    tasks: list[Task], settings: Settings, jobs: int | None, cluster: str | None = None
) -> Generator[Sequence[Event]]:
    """Grade ``tasks`` here or on a cluster, and yield the events; close the generator to stop."""
    if cluster is None:
        settings = msgspec.structs.replace(settings, device=device_of_all(tasks))
        with ExaminerPool(settings, jobs or cores()) as pool:
            yield from grade_all(pool, tasks)

        return

    if jobs is not None:
        raise UsageError(
            "a cluster grades as many submissions at a time as its workers have threads",
            place="--jobs",
            advice="leave out --jobs or --cluster",
        )

    # Dask is an optional dependency, and slow to import.
    try:
        client = import_module("grader.classroom.cluster.client")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed",
            place="--cluster",
            advice="run `pip install distributed`",
        ) from None

    yield from client.examine(tasks, cluster, settings)


def _entries(events: Sequence[Event], definitions: Mapping[str, str]) -> list[Entry]:
    """The grades among ``events``, as the gradebook stores them."""
    graded_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    entries = []
    for event in events:
        if not isinstance(event, Done):
            continue

        task = event.task
        result = event.result
        definition = definitions[task.exercise.id]
        version = grader_version(task.device)
        key = Key(
            learner=task.learner,
            exercise=task.exercise.id,
            submission=result.content,
            definition=definition,
            grader=version,
        )
        file = printable(task.name)
        entry = Entry(
            key=key,
            file=file,
            graded_at=graded_at,
            grade=event.grade,
            fingerprint=result.fingerprint,
        )
        entries.append(entry)

    return entries


def _add_time(gradebook: Gradebook, seconds: float) -> None:
    """Add to the time that this class has taken, in all runs together."""
    # The error that ends the batch matters more than the time, and often has the same cause.
    with suppress(GraderError):
        before = float(gradebook.fact("seconds") or 0)
        gradebook.note({"seconds": f"{before + seconds:.3f}"})
