"""Which submissions of a class have to be graded, and which grades still count."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path, PurePosixPath

import msgspec

from grader.classroom.attendance import take_attendance
from grader.classroom.partners import with_shared_numbers
from grader.classroom.selection import Selection
from grader.course.records import Exercise
from grader.errors import SubmissionError, UnreadableError
from grader.examiner.protocol import SEED_BITS
from grader.examiner.tasks import Done, Result, Task, read_task, unreadable_digest
from grader.grades.grade import next_attempts
from grader.grades.gradebook import Entry, Gradebook, Key
from grader.grades.grader_version import grader_version
from grader.grades.notice import Notice, NoticeKind
from grader.submission import notebook
from grader.submission.class_folder import ClassFolder, Found
from grader.submission.filenames import suffix_of
from grader.submission.files import Submission, digest, read_submission
from grader.submission.roster import Attendance, Roster
from grader.submission.system_use import system_use
from grader.text import printable


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch grades, and why it leaves out the rest."""

    folder: ClassFolder
    unreadable: list[Notice]
    """Submissions that get no points because they are empty, binary, too large, or unreadable."""
    system_uses: list[Notice]
    """Submissions whose code names functions that reach out of the sandbox."""
    tasks: list[Task]
    absent: list[Done]
    """The results of people in the roster who have no file."""
    unchanged: int
    """Submissions whose last grade still counts."""
    restored: list[Entry]
    """Grades of earlier versions that learners submitted again."""
    noted: list[Entry]
    """Unchanged grades whose learner handed in another file meanwhile, with a note about it."""
    undone: list[str]
    """Whose grade no longer counts, because several files could be meant now."""
    not_selected: int
    """Submissions that ``only`` leaves out."""
    kept: dict[str, list[str]]
    """Learner to the exercises whose grade has no submission in the folder any more."""
    stored: int
    """The number of grades in the gradebook before any of ``tasks`` is graded."""
    device: str
    """Where submissions compute."""
    attendance: Attendance | None
    """What the roster says, if there is one."""
    before: list[Notice]
    """The notices of the batch before."""

    @property
    def notices(self) -> list[Notice]:
        """Everything that the report of the class lists."""
        notices = self.folder.skipped + self.unreadable + self.system_uses
        if self.attendance is not None:
            notices += self.attendance.notices()

        return notices

    @property
    def kept_pairs(self) -> list[tuple[str, str]]:
        """Learner and exercise of each grade in ``kept``."""
        pairs = []
        for learner, exercises in self.kept.items():
            pairs += [(learner, exercise) for exercise in exercises]

        return pairs

    @property
    def is_known(self) -> bool:
        """Whether the instructor has read all of these notices after the batch before."""
        now = {notice.sentence() for notice in self.notices}
        before = {notice.sentence() for notice in self.before}
        return now == before

    @property
    def missing(self) -> list[str]:
        """The learners without a file, unless they have a grade from an earlier folder."""
        with_file = {found.learner for found in self.folder.found if not found.is_absent}
        absent = {found.learner for found in self.folder.found if found.is_absent}
        missing = []
        for learner in self.folder.learners:
            has_work = learner.name in with_file or learner.name in self.kept
            if learner.name in absent or not has_work:
                missing.append(learner.name)

        return missing


def make_plan(
    folder: ClassFolder,
    exercises: Mapping[str, Exercise],
    definitions: Mapping[str, str],
    gradebook: Gradebook,
    *,
    force: bool = False,
    only: Sequence[str] = (),
    seed: int | None = None,
    device: str = "cpu",
    roster: Roster | None = None,
    assigned: Collection[str] = (),
) -> Plan:
    """Plan to grade everything new or changed, or what ``force`` and ``only`` ask for.

    ``definitions`` maps the id of each exercise to its digest. With a ``roster``, everybody in
    it gets a result for what is ``assigned``. Raises ``UsageError`` if ``only`` cannot be
    understood or the roster is that of another class, ``GradebookError`` if the gradebook cannot
    be read.
    """
    attendance = None
    settled: Collection[tuple[str, str]] = ()
    if roster is not None:
        folder, attendance = take_attendance(folder, roster, exercises, gradebook, assigned)
        settled = attendance.settled

    folder = with_shared_numbers(folder, exercises)
    planner = _Planner(folder, exercises, definitions, gradebook, device)
    planner.selection = Selection(only, exercises, gradebook, folder.found)
    planner.regrades = force or bool(only)
    planner.seed = seed
    for found in folder.found:
        planner.add(found)

    # A helper is part of a submission, so the instructor need not hear that it is none itself.
    # A file that cannot be graded is listed with its result.
    listed = planner.helpers | {notice.file for notice in planner.unreadable}
    skipped = [notice for notice in folder.skipped if notice.file not in listed]
    return Plan(
        folder=msgspec.structs.replace(folder, skipped=skipped),
        before=gradebook.notices(),
        unreadable=planner.unreadable,
        # A notebook with several exercises names the same for each of them.
        system_uses=list(dict.fromkeys(planner.system_uses)),
        tasks=planner.tasks,
        absent=planner.absent,
        unchanged=planner.unchanged,
        restored=planner.restored,
        noted=planner.noted,
        undone=planner.undone,
        not_selected=planner.not_selected,
        kept=planner.kept(assigned, settled),
        stored=gradebook.size() + len(planner.restored) + len(planner.noted) + len(planner.absent),
        device=device,
        attendance=attendance,
    )


class _Planner:
    """The state of one plan."""

    selection: Selection
    regrades: bool
    """Whether to grade again what has not changed."""
    seed: int | None

    def __init__(
        self,
        folder: ClassFolder,
        exercises: Mapping[str, Exercise],
        definitions: Mapping[str, str],
        gradebook: Gradebook,
        device: str,
    ) -> None:
        self._folder = folder
        self._exercises = exercises
        self._definitions = definitions
        self._gradebook = gradebook
        self._device = device
        self._secret = _secret(gradebook)
        self._latest = gradebook.latest_keys()
        self.tasks: list[Task] = []
        self.absent: list[Done] = []
        self.restored: list[Entry] = []
        self.noted: list[Entry] = []
        self.undone: list[str] = []
        # Both are results: the feedback of an unreadable file says why it has no points.
        self.unreadable: list[Notice] = []
        self.system_uses: list[Notice] = []
        self.helpers: set[str] = set()
        self.unchanged = 0
        self.not_selected = 0

    def add(self, found: Found) -> None:
        """Decide what to do about one submission."""
        exercise = self._exercises[found.exercise]
        content, read = self._content(found, exercise)
        key = self._key(found, exercise, content)
        if not self.selection.includes(found):
            self.not_selected += 1
            return

        if found.is_undecided:
            self._add_undone(found, key)

        # Nobody has to grade again that there is no file.
        if not self.regrades or found.is_absent:
            # An ungraded submission is not unchanged: this run tries it again.
            is_latest = self._latest.get((found.learner, exercise.id)) == (key, "graded")
            if is_latest:
                self.unchanged += 1
                if not found.note:
                    return

            earlier = self._gradebook.find(key)
            # A learner can hand in an earlier version again.
            if earlier is not None:
                noted = _with_note(earlier, found)
                if is_latest and noted != earlier:
                    self.noted.append(noted)
                elif not is_latest:
                    self.restored.append(noted)

                return

        self._add_task(found, exercise, key, read)

    def _add_undone(self, found: Found, key: Key) -> None:
        """Note that a grade was for a file that was chosen, and nothing chooses it now."""
        latest, status = self._latest.get((found.learner, found.exercise), (key, ""))
        if latest.submission == key.submission or status != "graded":
            return

        earlier = self._gradebook.find(latest)
        if earlier is not None and earlier.grade.points:
            points = f"{earlier.grade.points}/{earlier.grade.max_points}"
            self.undone.append(f"{found.learner} {found.exercise} ({points})")

    def kept(
        self, assigned: Collection[str], settled: Collection[tuple[str, str]]
    ) -> dict[str, list[str]]:
        """Learner to the exercises of each grade whose submission is not in the folder.

        A grade for another assignment than the ``assigned`` exercises is no news, and neither is
        one that the roster has ``settled``.
        """
        in_folder = {(found.learner, found.exercise) for found in self._folder.found}
        kept: dict[str, list[str]] = defaultdict(list)
        for learner, exercise_id in self._latest:
            if (learner, exercise_id) in in_folder or (learner, exercise_id) in settled:
                continue
            if not assigned or exercise_id in assigned:
                kept[learner].append(exercise_id)

        return kept

    def _content(self, found: Found, exercise: Exercise) -> tuple[str, Callable[[], Submission]]:
        """The digest of a submission or of its problem, and how to read it again."""
        read = partial(_read, self._folder, found, exercise)
        try:
            submission = read()
        except SubmissionError as error:
            if not found.is_absent:
                self.unreadable.append(_notice(found.file, error))
            return unreadable_digest(error), read

        self._look_for_system_use(found, submission)
        folder = PurePosixPath(found.file).parent
        for name in submission.helpers:
            helper = found.beside.get(name) or str(folder / name)
            self.helpers.add(helper)
            # In a package, an import can begin with the name of the package.
            self.helpers.add(str(folder.parent / name))

        # Reading a notebook again for each of its exercises would parse its images each time.
        if suffix_of(found.file) == notebook.SUFFIX:
            return digest(submission), lambda: submission

        return digest(submission), read

    def _look_for_system_use(self, found: Found, submission: Submission) -> None:
        names = system_use(submission.source)
        for helper in submission.helpers.values():
            names += system_use(helper)

        if names:
            different = dict.fromkeys(names)
            problem = f"names {', '.join(different)}"
            notice = Notice(found.file, NoticeKind.SYSTEM, problem)
            self.system_uses.append(notice)

    def _device_for(self, exercise: Exercise) -> str:
        # A quiz asks about PyTorch, not about a device, so it has one grade for all devices.
        return self._device if exercise.spec.runs_code else "cpu"

    def _key(self, found: Found, exercise: Exercise, content: str) -> Key:
        version = grader_version(self._device_for(exercise))
        definition = self._definitions[exercise.id]
        return Key(
            learner=found.learner,
            exercise=exercise.id,
            submission=content,
            definition=definition,
            grader=version,
        )

    def _add_task(
        self, found: Found, exercise: Exercise, key: Key, read: Callable[[], Submission]
    ) -> None:
        seed = self.seed
        if seed is None:
            seed = _seed(self._gradebook, self._secret, key)

        task = Task(
            name=found.file,
            learner=found.learner,
            exercise=exercise,
            seed=seed,
            read=read,
            device=self._device_for(exercise),
            attempts=_attempts(self._gradebook, exercise, key, found.drawn_for),
            drawn_for=found.drawn_for,
        )
        if not found.is_absent:
            self.tasks.append(task)
            return

        # No examiner is needed for the reason why there is no file.
        result = read_task(task)
        if isinstance(result, Result):
            self.absent.append(Done(task, result))


def _attempts(gradebook: Gradebook, exercise: Exercise, key: Key, partner: str) -> dict[str, int]:
    """The first attempt that still counts for each question of a quiz.

    A learner has seen what was wrong on earlier sheets, so these questions come with other
    numbers.
    """
    if exercise.spec.runs_code:
        return {}

    learner = partner or key.learner
    return next_attempts(gradebook.grades_before(learner, key.exercise, key.submission))


def _read(folder: ClassFolder, found: Found, exercise: Exercise) -> Submission:
    """Read a submission; an error names the file, but no folder."""
    if found.problem is not None:
        raise found.problem

    path = found.path
    beside = None
    if not found.include_helpers:
        beside = {name: folder.paths[file] for name, file in found.beside.items()}

    try:
        if path.is_symlink() or not path.is_file():
            raise UnreadableError("the file was removed after the batch started")

        submission = read_submission(
            exercise,
            path,
            include_helpers=found.include_helpers,
            beside=beside,
            follow=False,
        )
    except SubmissionError as error:
        # Learners read this in their feedback, and the instructor's folders are private.
        name = Path(error.place or path).name
        problem = printable(error.problem)
        raise type(error)(problem, place=printable(name), advice=error.advice) from None

    return submission.with_note(found.note)


def _with_note(entry: Entry, found: Found) -> Entry:
    """An earlier grade, with the file that counts now."""
    grade = msgspec.structs.replace(entry.grade, file_note=printable(found.note))
    return msgspec.structs.replace(entry, grade=grade)


def _notice(file: str, error: SubmissionError) -> Notice:
    kind = NoticeKind.NOT_GRADABLE
    if isinstance(error, UnreadableError):
        # This machine is to blame, so nobody may count it as zero.
        kind = NoticeKind.UNREADABLE

    return Notice(
        file=file,
        kind=kind,
        problem=error.problem,
        advice=error.advice,
    )


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

    text = f"{secret}/{number}"
    digest_of_text = blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest_of_text, "big") >> (64 - SEED_BITS)
