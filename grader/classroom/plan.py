"""Which submissions of a class have to be graded, and which grades still count."""

import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path, PurePosixPath

import msgspec

from grader.classroom.selection import Selection
from grader.course.records import Exercise
from grader.errors import SubmissionError, UnreadableError
from grader.examiner.tasks import Task, unreadable_digest
from grader.grades.class_results import Notice, NoticeKind
from grader.grades.grade import next_attempts
from grader.grades.gradebook import Entry, Gradebook, Key, grader_version
from grader.submission import notebook
from grader.submission.filenames import suffix_of
from grader.submission.files import Submission, digest, read_submission
from grader.submission.finder import Found, Roster
from grader.text import printable


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch grades, and why it leaves out the rest."""

    roster: Roster
    unreadable: list[Notice]
    """Submissions that get no points because they are empty, binary, too large, or unreadable."""
    tasks: list[Task]
    unchanged: int
    """Submissions whose last grade still counts."""
    restored: list[Entry]
    """Grades of earlier versions that learners submitted again."""
    not_selected: int
    """Submissions that ``only`` leaves out."""
    kept: list[str]
    """Learner and exercise of each grade whose submission is no longer in the folder."""
    stored: int
    """The number of grades in the gradebook before any of ``tasks`` is graded."""
    device: str
    """Where submissions compute."""


def make_plan(
    roster: Roster,
    exercises: Mapping[str, Exercise],
    definitions: Mapping[str, str],
    gradebook: Gradebook,
    *,
    force: bool = False,
    only: Sequence[str] = (),
    seed: int | None = None,
    device: str = "cpu",
) -> Plan:
    """Plan to grade everything new or changed, or what ``force`` and ``only`` ask for.

    ``definitions`` maps the id of each exercise to its digest. Raises ``UsageError`` if
    ``only`` cannot be understood, ``GradebookError`` if the gradebook cannot be read.
    """
    selection = Selection(only, exercises, gradebook)
    regrades = force or bool(only)
    secret = _secret(gradebook)
    latest = gradebook.latest_keys()

    tasks: list[Task] = []
    restored: list[Entry] = []
    # Both are results: the feedback of an unreadable file says why it has no points.
    unreadable: list[Notice] = []
    helpers: set[str] = set()
    unchanged = 0
    not_selected = 0
    for found in roster.found:
        exercise = exercises[found.exercise]
        read = partial(_read, roster, found, exercise)
        try:
            submission = read()
        except SubmissionError as error:
            content = unreadable_digest(error)
            unreadable.append(_notice(found.file, error))
        else:
            content = digest(submission)
            file = PurePosixPath(found.file)
            for name in submission.helpers:
                helper = found.beside.get(name) or str(file.with_name(name))
                helpers.add(helper)
            # Reading a notebook again for each of its exercises would parse its images each time.
            if suffix_of(found.file) == notebook.SUFFIX:
                read = partial(_same, submission)

        # A quiz asks about PyTorch, not about a device, so it has one grade for all devices.
        own_device = "cpu"
        if exercise.spec.runs_code:
            own_device = device
        definition = definitions[exercise.id]
        version = grader_version(own_device)
        key = Key(found.learner, exercise.id, content, definition, version)

        if not selection.includes(found):
            not_selected += 1
            continue
        if not regrades:
            # An ungraded submission is not unchanged: this run tries it again.
            if latest.get((found.learner, exercise.id)) == (key, "graded"):
                unchanged += 1
                continue
            earlier = gradebook.find(key)
            if earlier is not None:
                restored.append(earlier)
                continue

        own_seed = seed
        if own_seed is None:
            own_seed = _seed(gradebook, secret, key)
        attempts = _attempts(gradebook, exercise, key)
        tasks.append(
            Task(found.file, found.learner, exercise, own_seed, read, own_device, attempts)
        )

    # A helper is part of a submission, so the instructor need not hear that it is none itself.
    skipped = [notice for notice in roster.skipped if notice.file not in helpers]
    in_folder = {(found.learner, found.exercise) for found in roster.found}
    kept = [" ".join(pair) for pair in latest if pair not in in_folder]
    return Plan(
        roster=msgspec.structs.replace(roster, skipped=skipped),
        unreadable=unreadable,
        tasks=tasks,
        unchanged=unchanged,
        restored=restored,
        not_selected=not_selected,
        kept=kept,
        stored=gradebook.size() + len(restored),
        device=device,
    )


def _attempts(gradebook: Gradebook, exercise: Exercise, key: Key) -> dict[str, int]:
    """The first attempt that still counts for each question of a quiz.

    A learner has seen what was wrong on earlier sheets, so these questions come with other
    numbers.
    """
    if exercise.spec.runs_code:
        return {}
    return next_attempts(gradebook.grades_before(key.learner, key.exercise, key.submission))


def _read(roster: Roster, found: Found, exercise: Exercise) -> Submission:
    """Read a submission; an error names the file, but no folder."""
    if found.problem is not None:
        raise found.problem
    path = found.path
    beside = None
    if not found.include_helpers:
        beside = {name: roster.paths[file] for name, file in found.beside.items()}
    try:
        if path.is_symlink() or not path.is_file():
            raise UnreadableError("the file was removed after the batch started")
        submission = read_submission(
            exercise,
            path,
            include_helpers=found.include_helpers,
            beside=beside,
        )
    except SubmissionError as error:
        # Learners read this in their feedback, and the instructor's folders are private.
        name = Path(error.place or path).name
        problem = printable(error.problem)
        raise type(error)(problem, place=printable(name), advice=error.advice) from None
    return msgspec.structs.replace(submission, file_note=found.note)


def _same(submission: Submission) -> Submission:
    return submission


def _notice(file: str, error: SubmissionError) -> Notice:
    kind = NoticeKind.NOT_GRADABLE
    if isinstance(error, UnreadableError):
        kind = NoticeKind.UNREADABLE
    return Notice(file, kind, error.problem, error.advice)


def _secret(gradebook: Gradebook) -> str:
    """The gradebook's own secret, which decides what its class is asked."""
    secret = gradebook.fact("secret")
    if secret is None:
        secret = secrets.token_hex(16)
        gradebook.note({"secret": secret})
    return secret


def _seed(gradebook: Gradebook, secret: str, key: Key) -> int:
    """The seed for a learner's first, second, … different submission for an exercise.

    All first submissions get the same seed: that is fair, and each misconception runs only
    once for the whole class. The second submission gets another seed, because its learner
    has seen the inputs in the feedback. An interrupted batch continues with the same seeds.
    """
    earlier = gradebook.submissions(key.learner, key.exercise)
    number = len(earlier)
    if key.submission in earlier:
        number = earlier.index(key.submission)
    hashed = blake2b(f"{secret}/{number}".encode(), digest_size=4)
    return int.from_bytes(hashed.digest(), "big")
