"""Find the submissions in the folder of a class, in the layout of any known system.

``choice`` decides which of a learner's files count. The finder never follows symlinks, and it
reports every file that it ignores.
"""

import contextlib
import re
import shlex
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from grader.course.records import Exercise
from grader.errors import SubmissionError, UnreadableError, UsageError
from grader.grades.counted import Handed
from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from grader.submission import archives, choice, layouts, system_files, times
from grader.submission.beside import DATA_SUFFIXES
from grader.submission.choice import Choice, Chooser
from grader.submission.filenames import COPY, SUFFIXES, copies, split, suffix_of
from grader.submission.layouts import DEFAULT_LAYOUT, Layout
from grader.submission.learner_file import File
from grader.submission.tree import Tree, is_wanted
from grader.text import count, printable

MAX_FILES: Final = 10_000
"""Files that are looked at in the folder of one learner."""
# The names in flat folders of other systems, to suggest a pattern.
_FLAT_PATTERNS: Final = (
    "{learner} - {exercise}.*",
    "{exercise} - {learner}.*",
    "{learner}_{exercise}.*",
    "{exercise}_{learner}.*",
    "{learner}-{exercise}.*",
    "{exercise}-{learner}.*",
    "{learner}_*_{exercise}.*",
)
_ONE_EXERCISE: Final = "{learner}.*"
# Folders around or in place of those of the learners.
_DEEP_PATTERNS: Final = (
    "*/{learner}/{exercise}.*",
    "*/*/{learner}/{exercise}.*",
    "*/{learner}_{exercise}.*",
    "*/{learner} - {exercise}.*",
    "*/*/{learner} - {exercise}.*",
    "{exercise}/{learner}.*",
    _ONE_EXERCISE,
)
# The folders of Teams for what was handed in, and for what learners still work on.
_TEAMS: Final = "Submitted files"
_TEAMS_DRAFTS: Final = "Working files"
# Longer numbers are those of students, unless they are a year or a date.
_COUNT_OR_DATE: Final = r"[0-9]{1,3}|20[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))?"
_VERSION_FOLDER: Final = re.compile(
    rf"(?i)(?:version|attempt|v)[ _-]*([0-9]{{1,9}})|({_COUNT_OR_DATE})"
)
# Folders that people make for their own work, and systems for attempts.
_OWN_FOLDER: Final = re.compile(
    r"(?i)(week|hw|homework|ex|lab|assignment|part|task|ps|v|version|attempt|sheet)[ _-]*\d+"
    rf"|[ _-]*(?:{_COUNT_OR_DATE})"
    r"|old|new|final|src|code|submission|solution|test|tests|data"
)


class Found(msgspec.Struct, frozen=True):
    """A learner's submission for an exercise, or the reason why there is none."""

    learner: str
    exercise: str
    file: str
    """Its path in the folder, with ``/``; an archive counts as a folder."""
    include_helpers: bool
    """Whether the file's folder belongs to this learner alone, so that imports may use it."""
    path: Path
    """Where it can be read."""
    beside: dict[str, str] = {}
    """In a flat download: name of each file of the learner's own to its ``file``."""
    note: str = ""
    """Which file was chosen, if it does not have the exact name or another one has other work."""
    is_exact: bool = True
    """Whether the file has the exact name."""
    is_undecided: bool = False
    """Whether the problem is that several files could be meant."""
    problem: SubmissionError | None = None
    """Why nothing can be graded."""
    is_absent: bool = False
    """Whether there is no file at all, so that only a roster knows about the learner."""
    drawn_for: str = ""
    """For a quiz: the partner whose numbers are on the sheet, if it is not the learner."""
    handed: Handed = Handed()
    """What the system of the download says about the time."""


class ClassFolder(msgspec.Struct, frozen=True):
    """The contents of a folder of submissions."""

    layout: str
    learners: list[Learner]
    found: list[Found]
    skipped: list[Notice]
    advice: str = ""
    """What to do if nothing was found."""
    paths: dict[str, Path] = {}
    """The path of each file in the folder to where it can be read."""
    owned: dict[str, list[File]] = {}
    """The name of a learner to everything that they handed in."""
    spare: dict[str, dict[str, list[File]]] = {}
    """The name of a learner to the files that count for nothing, by the exercise that their name
    means; empty if it means none."""
    copies: dict[str, str] = {}
    """The name of a learner to the one that it may be a copy of: ``ada (1)`` to ``ada``."""
    strays: list[File] = []
    """Files beside the learners' folders, which only a roster can assign to somebody."""


@contextlib.contextmanager
def chosen_file(exercise: Exercise, folder: Path, others: Iterable[str] = ()) -> Iterator[Choice]:
    """Choose the submission in ``folder``, or in an archive, of one learner.

    Ignores symlinks, which could lead to the solution. The file exists as long as the context
    does. ``others`` are the ids of the other exercises. Raises ``SubmissionError`` if no file
    or several files fit.
    """
    with tempfile.TemporaryDirectory(prefix="grade-") as temporary:
        scratch = Path(temporary)
        if folder.is_file():
            folder = _unpacked(folder, scratch, archives.LEARNER)

        tree = Tree(folder, scratch, most=MAX_FILES)
        files = []
        versions = _versions(tree.files)
        for path, file in tree.files.items():
            depth = tree.archives_around(path)
            error = tree.errors.get(path)
            attempt = versions.get(path, ())
            files.append(File(file, path, path, attempt, archives=depth, error=error))

        if not files:
            for path, (file, error) in tree.set_aside.items():
                files.append(File(file, path, path, error=error))

        yield choice.choose_one(exercise, files, others)


def find_submissions(
    folder: Path,
    exercises: dict[str, Exercise],
    scratch: Path,
    pattern: str | None = None,
    ignored: Path | None = None,
) -> ClassFolder:
    """Find every submission under ``folder`` for one of ``exercises``.

    ``folder`` can be an archive. ``pattern`` replaces the known layouts; ``ignored`` is a
    folder to leave out, such as the output folder. Archives are unpacked below ``scratch``,
    which must exist as long as the submissions are read. Raises ``UsageError`` if the folder
    is missing or the pattern cannot work.
    """
    root = folder
    if folder.is_file() and archives.is_archive(folder.name):
        try:
            root = _unpacked(folder, scratch, archives.CLASS)
        except SubmissionError as error:
            raise UsageError(error.problem, place=str(folder), advice=error.advice) from None

    if not root.is_dir():
        raise no_such_folder(folder)

    named = pattern.split("/") if pattern else []
    tree = Tree(root, scratch, ignored=ignored and ignored.resolve(), named=named)
    search = _Search(root, exercises, tree, pattern)
    contents = search.contents()
    if not contents.found:
        # For a single exercise, files can be named after the learners.
        named_after_learners = search.with_pattern(_ONE_EXERCISE)
        if len(exercises) == 1 and not pattern and named_after_learners.found:
            files = named_after_learners.contents()
            return msgspec.structs.replace(files, layout="a file per learner (LEARNER.py)")

        return msgspec.structs.replace(contents, advice=_advice(folder, search))

    if not pattern and _looks_wrong(search):
        other = _better_pattern(folder, search, contents)
        return msgspec.structs.replace(contents, advice=other)

    return contents


def no_such_folder(folder: Path) -> UsageError:
    """Return the error for a class that is not there."""
    advice = "name the one that holds the submissions"
    if folder.is_file():
        if folder.name.lower().endswith(archives.OTHER_SUFFIXES):
            error = archives.not_unpackable()
            return UsageError(error.problem, place=str(folder), advice=error.advice)

        return UsageError("a file, not a folder", place=str(folder), advice=advice)
    if not folder.exists():
        advice += _or_demo(folder)
    return UsageError("no such folder", place=str(folder), advice=advice)


def only_of(folder: ClassFolder, exercises: Collection[str]) -> ClassFolder:
    """``folder`` without the submissions for other exercises than ``exercises``."""
    found = [each for each in folder.found if each.exercise in exercises]
    return msgspec.structs.replace(folder, found=found)


def _unpacked(archive: Path, scratch: Path, limits: archives.Limits) -> Path:
    folder = scratch / "whole"
    archives.unpack(archive, folder, _is_source, limits)
    return folder


def _versions(paths: Collection[str]) -> dict[str, tuple[int, ...]]:
    """Path to version, where a folder has only folders of versions.

    Submitty names them by numbers, and Microsoft Teams ``Version 1``.
    """
    inside: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        for outer, name in _outer_folders(path):
            inside[outer].add(name)

    versions: dict[str, tuple[int, ...]] = {}
    for path in paths:
        for outer, name in _outer_folders(path):
            beside = inside[outer]
            match = _VERSION_FOLDER.fullmatch(name)
            # One folder alone can be anything.
            if match is None or len(beside) == 1:
                continue
            if all(_VERSION_FOLDER.fullmatch(other) for other in beside):
                versions[path] = (int(match[1] or match[2]),)
                break

    return versions


def _outer_folders(path: str) -> Iterator[tuple[str, str]]:
    """Each folder around a file, the outermost first: the path to it, and its name."""
    outer = ""
    for name in path.split("/")[:-1]:
        yield outer, name
        outer += f"{name}/"


def _with_versions(files: list[File]) -> list[File]:
    """The files of one learner, with the versions that their own folders name."""
    versions = _versions([file.shown for file in files])
    with_versions = []
    for file in files:
        attempt = file.attempt or versions.get(file.shown, ())
        with_versions.append(msgspec.structs.replace(file, attempt=attempt))

    return with_versions


def _or_demo(folder: Path) -> str:
    """The end of an advice: how to fill a folder that is missing or empty with a made-up class."""
    return f", or try a made-up class: `grade demo {shlex.quote(str(folder))}`"


def _is_source(path: str) -> bool:
    name = path.rpartition("/")[2]
    return is_wanted(path) or name == system_files.GRADESCOPE_LIST


def _advice(folder: Path, search: "_Search") -> str:
    """What to type if ``folder`` has no submission of anybody."""
    if not search.tree.files:
        arrange = "put files into it as LEARNER/EXERCISE.py"
        if folder.is_dir() and not any(folder.iterdir()):
            return f"the folder is empty: {arrange}{_or_demo(folder)}"

        return f"`{printable(folder.name)}` contains no file that could be one; {arrange}"

    described = "describe the layout of the folder with --pattern"
    inside = [path for path in search.tree.files if "/" not in path]
    for pattern in _FLAT_PATTERNS:
        exercises = _exercises_by(pattern, inside)
        if len(exercises) > 1 and all(_is_exercise(name, search.chooser) for name in exercises):
            return f'type `grade batch {shlex.quote(str(folder))} --pattern "{pattern}"`'

    has_work = any(search.chooser.names(path) for path in inside)
    if not has_work and not search.pattern:
        other = _better_pattern(folder, search)
        return other or described

    if search.pattern:
        return described

    above = folder.absolute().parent
    return (
        f"if this is the folder of one learner, type `grade batch {shlex.quote(str(above))}` "
        f"for the class; or {described}"
    )


def _exercises_by(pattern: str, paths: Iterable[str]) -> list[str]:
    """The exercise in each path that fits ``pattern``, as the path writes it."""
    layout = layouts.of_pattern(pattern)
    names = []
    for path in paths:
        match = layout.paths.fullmatch(path)
        if match is not None:
            names.append(match["exercise"])

    return names


def _looks_wrong(search: "_Search") -> bool:
    """Whether folders of exercises or weeks may have been taken for learners."""
    return search.is_undecided or any(_is_of_work(name, search) for name in search.learners)


def _is_of_work(name: str, search: "_Search") -> bool:
    """Whether a folder has the name of an exercise or a week, which is nobody's name."""
    # A student number has no letters.
    has_letter = any(letter.isalpha() for letter in name)
    is_own = has_letter and _OWN_FOLDER.fullmatch(name) is not None
    return is_own or _is_exercise(name, search.chooser)


def _is_exercise(name: str, chooser: Chooser) -> bool:
    """Whether a folder is named after an exercise; ``exercise1-ada`` can be a learner's."""
    named = chooser.names(archives.stem(name))
    return named is not None and named.mark <= COPY


def _better_pattern(folder: Path, search: "_Search", contents: ClassFolder | None = None) -> str:
    """The command with the pattern that finds the most learners, if more than ``contents`` has.

    With as many learners, more submissions decide.
    """
    most = (1, len(search.tree.files))
    if contents is not None:
        most = (_people(search.learners, search), len(contents.found))

    best = ""
    for pattern in _DEEP_PATTERNS:
        other = search.with_pattern(pattern)
        found = [each for each in other.found if each.problem is None]
        learners = _people({each.learner for each in found}, other)
        if (learners, len(found)) > most:
            most = (learners, len(found))
            best = (
                f'type `grade batch {shlex.quote(str(folder))} --pattern "{pattern}"`, which '
                f"finds {count(len(found), 'submission')} of {count(learners, 'learner')}"
            )

    return best


def _people(names: Iterable[str], search: "_Search") -> int:
    """How many of these learners can be people, and are no folders of exercises."""
    return sum(not _is_of_work(name, search) for name in names)


class _Search:
    """One search: whose files there are, and which of them count."""

    def __init__(
        self, root: Path, exercises: dict[str, Exercise], tree: Tree, pattern: str | None
    ) -> None:
        self.root = root
        self.exercises = exercises
        self.tree = tree
        self.pattern = pattern
        self.chooser = Chooser(exercises)
        self.prefix = ""
        """The folders around the class, with a ``/`` at the end."""
        if pattern:
            self.layout = layouts.of_pattern(pattern)
        else:
            self._recognize()
        if self.layout.name.startswith("Blackboard"):
            self.layout = self.layout.with_logins(self._logins())

        self.skipped: list[Notice] = list(tree.skipped)
        self.found: list[Found] = []
        self.learners: dict[str, Learner] = {}
        self.submitters: dict[str, list[Learner]] = {}
        """Gradescope's submission number to the people who share the submission."""
        self.created: dict[str, str] = {}
        """Gradescope's submission number to the time."""
        self.owned: dict[tuple[str, ...], list[File]] = defaultdict(list)
        """Names of the learners who share a submission to their files."""
        self.spare: dict[str, dict[str, list[File]]] = defaultdict(lambda: defaultdict(list))
        """Learner and exercise to the files that may be why there is no submission."""
        self.flat: set[str] = set()
        """The paths of files in folders that several learners share."""
        self.active: dict[str, int | None] = {}
        """In Submitty: learner to the version that they chose to be graded."""
        self.strays: list[File] = []
        self.is_undecided = False
        """Whether several files of one learner could be meant."""
        self.written: set[str] = set()
        """The names of the learners as the folder writes them."""
        self._find_learners()
        for path in sorted(tree.files):
            self._add(path)

        for path in sorted(tree.set_aside):
            self._add_set_aside(path)

        self._decide()

    def with_pattern(self, pattern: str) -> "_Search":
        """The search in the same files with another layout."""
        return _Search(self.root, self.exercises, self.tree, pattern)

    def _recognize(self) -> None:
        """Find the layout, below folders that only surround the class."""
        files = list(self.tree.files)
        folder = self.root
        self.layout = _layout_of(folder, files, self.chooser)
        for _ in range(2):
            around = _folder_around(files, self.layout, self.chooser)
            if not around:
                return

            start = f"{around}/"
            self.prefix += start
            files = [path.removeprefix(start) for path in files if path.startswith(start)]
            folder = folder / around
            self.layout = _layout_of(folder, files, self.chooser)

    def _logins(self) -> set[str]:
        """The logins in Blackboard's own files that contain a ``_``."""
        logins = set()
        for path, file in self.tree.files.items():
            match = self._match(path)
            if match is None or match["file"] is not None:
                continue

            login = system_files.blackboard_login(file)
            before = path.partition("_attempt_")[0]
            if "_" in login and before.endswith(f"_{login}"):
                logins.add(login)

        return logins

    def _find_learners(self) -> None:
        """Add the learners that do not depend on a submission."""
        if self.layout.name.startswith("Gradescope"):
            place = self.root / self.prefix
            # Instructors move the list, or the folders of the submissions.
            if not (place / system_files.GRADESCOPE_LIST).exists():
                place = self.root

            for number, about in system_files.gradescope_list(place, self.skipped).items():
                self.submitters[number] = list(system_files.submitters(about.get(":submitters")))
                self.created[number] = str(about.get(":created_at") or "")

        paths = list(self.tree.files)
        # An empty folder has no file whose path could show its name.
        paths += [f"{folder}/-" for folder in self.tree.folders]
        for path in paths:
            match = self._match(path)
            if match is not None:
                learner = match.groupdict().get("learner") or ""
                self.written.add(archives.stem(learner))

        # A learner with an empty folder belongs to the class too.
        for name in self.tree.folders:
            if not name.startswith(self.prefix):
                continue

            inner = name.removeprefix(self.prefix)
            owner = self.layout.owner(inner, self.written)
            if owner is not None:
                self.learners[owner.name] = owner

    def _match(self, path: str) -> "re.Match[str] | None":
        if not path.startswith(self.prefix):
            return None
        return self.layout.paths.fullmatch(path.removeprefix(self.prefix))

    def _path(self, inner: str) -> Path | None:
        """The file at a path below the folders around the class."""
        return self.tree.files.get(f"{self.prefix}{inner}")

    def _add(self, path: str) -> None:
        """Add a file: to the files of its learners, or as a notice."""
        match = self._match(path)
        if match is None:
            self._add_stray(path)
            return

        groups = match.groupdict()
        number = groups.get("id") or ""
        authors = self.submitters.get(number)
        # The list can omit a submission, or contain no names for it.
        if not authors:
            authors = [self.layout.learner(match, self.written)]
            if self.submitters and authors[0].name not in self.learners:
                problem = f"{system_files.GRADESCOPE_LIST} does not say whose it is"
                folder = path[: match.end("id") + len(self.prefix)]
                advice = "export the submissions again, or add the name to that file"
                self.skipped.append(Notice(folder, NoticeKind.NOT_IN_ROSTER, problem, advice))

        for learner in authors:
            self.learners[learner.name] = learner

        inner = self._inner(path, groups)
        # Blackboard, Submitty and Moodle put files of their own beside the submissions.
        if inner is None:
            if path.endswith(f"/{system_files.SUBMITTY_SETTINGS}"):
                self.active[authors[0].name] = system_files.active_version(self.tree.files[path])
            return

        if times.is_time_of(self.layout, inner):
            return
        if not self.layout.has_own_folder(match):
            self.flat.add(path)

        names = tuple(sorted(learner.name for learner in authors))
        file = File(
            self.tree.files[path],
            inner,
            path,
            layouts.attempt(match),
            groups.get("exercise") or "",
            self.tree.archives_around(inner),
            self.tree.errors.get(path),
        )
        self.owned[names].append(file)

    def _add_set_aside(self, path: str) -> None:
        """Add a file that nobody grades, if its learner handed in nothing else."""
        match = self._match(path)
        if match is None or "learner" not in match.groupdict():
            return

        # Instructors keep copies in such folders, too: those are nobody's.
        learner = self.layout.learner(match, self.written)
        inner = self._inner(path, match.groupdict())
        if inner is None or learner.name not in self.learners:
            return

        own = self.owned.get((learner.name,), [])
        if any(suffix_of(file.name) in SUFFIXES and file.error is None for file in own):
            return

        file, error = self.tree.set_aside[path]
        self.owned[learner.name,].append(File(file, inner, path, error=error))

    def _add_stray(self, path: str) -> None:
        """Add a file that does not fit the layout."""
        name = path.removeprefix(self.prefix)
        if system_files.GRADESCOPE_LIST in (path, name):
            return

        self.skipped.append(self._misplaced(path))
        if "/" not in name:
            error = self.tree.errors.get(path)
            stray = File(self.tree.files[path], name, path, error=error)
            self.strays.append(stray)

    def _inner(self, path: str, groups: Mapping[str, str | None]) -> str | None:
        """The path of a file in its learner's own folder; None for a file of the system."""
        if groups.get("feedback"):
            return None
        if "file" in groups:
            return groups["file"]

        name = path.rpartition("/")[2]
        # A pattern can give the exercise, and the rest of the name says nothing then.
        exercise = groups.get("exercise")
        if exercise:
            _, suffix = split(name)
            short = exercise
            # The placeholder can stand for the whole name of the file.
            if not exercise.endswith(suffix):
                short = f"{exercise}{suffix}"
            if self.chooser.names(short):
                return short

        return name

    def _decide(self) -> None:
        """Choose each learner's submissions; every other file gets a notice."""
        likely = set()
        for files in self.owned.values():
            for file in files:
                named = self.chooser.names(file.name)
                if named is not None:
                    likely.add(named.exercise)

        for names, everything_of_one in self.owned.items():
            files = self._in_active_version(names, _with_versions(everything_of_one))
            chosen = self.chooser.choose(files, likely)
            for exercise_id, best in chosen.choices.items():
                decision = self._with_one_folder(names, best)
                self._add_found(names, exercise_id, decision, files)

            for exercise_id, file in self.chooser.spare(files, chosen.choices):
                for name in names:
                    self.spare[name][exercise_id].append(file)

            for file, error in chosen.reasons:
                kind = NoticeKind.NOT_A_SUBMISSION
                self.skipped.append(Notice(file.whole, kind, error.problem, error.advice))

        self._add_missing()

    def _with_one_folder(self, names: tuple[str, ...], decision: Choice) -> Choice:
        """The decision, unless several folders of one name may be those of several people.

        A number in the names of the folders around them says which one is the latest attempt.
        """
        best = decision.file
        folders = [self._folder_of_learner(best)]
        for other in decision.others:
            if other.attempt == best.attempt:
                folders.append(self._folder_of_learner(other))

        different = list(dict.fromkeys(folders))
        if len(different) == 1:
            return decision

        listed = " and ".join(f"`{printable(folder)}`" for folder in different)
        # Nobody but the instructor can know, so it is no zero.
        problem = UnreadableError(
            f"there are several folders for `{names[0]}`: {listed}", advice="ask your instructor"
        )
        return msgspec.structs.replace(decision, problem=problem, is_undecided=True)

    def _folder_of_learner(self, file: File) -> str:
        """The folders up to the learner's name, if a pattern can find several of one name."""
        match = self._match(file.whole)
        if not self.pattern or match is None:
            return ""

        end = match.end("learner")
        outer, slash, _ = match.string[: match.start("learner")].rpartition("/")
        if not slash:
            return ""
        # The learner's name can be in that of the file.
        if match.string[end : end + 1] != "/":
            return outer

        return match.string[:end]

    def _in_active_version(self, names: tuple[str, ...], files: list[File]) -> list[File]:
        """The files of the version that a learner chose in Submitty, else all of them."""
        version = self.active.get(names[0])
        chosen = [file for file in files if file.attempt == (version,)]
        if not chosen:
            return files

        for file in files:
            if file not in chosen:
                problem = f"version {version} is the active one in Submitty"
                self.skipped.append(Notice(file.whole, NoticeKind.SUPERSEDED, problem))

        return chosen

    def _add_found(
        self, names: tuple[str, ...], exercise_id: str, decision: Choice, files: list[File]
    ) -> None:
        best = decision.file
        handed = Handed()
        match = self._match(best.whole)
        if match is not None:
            handed = times.of_system(self.layout, match, self._path, self.created)

        is_flat = best.whole in self.flat and best.archives == 0
        beside = {}
        if is_flat:
            beside = self._beside(best, files)

        for name in names:
            found = Found(
                name,
                exercise_id,
                best.whole,
                not is_flat,
                best.path,
                beside,
                decision.note(),
                decision.is_exact,
                decision.is_undecided,
                decision.problem,
                handed=handed,
            )
            self.found.append(found)
            self.skipped += self._notices_of_others(name, exercise_id, decision)

    def _beside(self, best: File, files: list[File]) -> dict[str, str]:
        """The learner's own files in a flat download, under the names that imports use."""
        beside: dict[str, tuple[int, str]] = {}
        for file in files:
            stem, suffix = split(file.shown)
            if file is best or file.attempt != best.attempt:
                continue
            if suffix != ".py" and suffix not in DATA_SUFFIXES:
                continue

            # Canvas numbers a file that was handed in again: utils-1.py.
            number = 0
            numbered = re.fullmatch(r"(.+)-(\d{1,3})", stem)
            if numbered:
                stem = numbered[1]
                number = int(numbered[2])

            name = f"{stem}{suffix}"
            latest = beside.get(name, (-1, ""))
            beside[name] = max(latest, (number, file.whole))

        return {name: path for name, (_, path) in beside.items()}

    def _notices_of_others(
        self, learner: str, exercise_id: str, decision: Choice
    ) -> Iterator[Notice]:
        where = printable(decision.file.whole)
        if decision.is_undecided:
            self.is_undecided = True
            problem = f"several different files could be {exercise_id} of {learner}"
            advice = (
                "name the right one with --pattern, or for good: give it the exact name, or remove "
                "the others"
            )
            if isinstance(decision.problem, UnreadableError):
                problem = decision.problem.problem
                advice = "rename one if these are several people, or else remove one"

            for file in (decision.file, *decision.others):
                yield Notice(file.whole, NoticeKind.NOT_A_SUBMISSION, problem, advice)

            return

        for other in decision.others:
            name = where.rpartition("/")[2]
            # Two files in different folders can have one name.
            if other.whole.endswith(f"/{name}"):
                name = where

            problem = f"not used; {name} counts for {exercise_id}"
            advice = ""
            if self._folder_of_learner(other) != self._folder_of_learner(decision.file):
                advice = "if these are several people of one name, rename one of the folders"

            yield Notice(other.whole, NoticeKind.SUPERSEDED, problem, advice)

    def _add_missing(self) -> None:
        """Add a result for each learner whose files are for no exercise."""
        submitted = {found.learner for found in self.found}
        exercises = {found.exercise for found in self.found}
        # With several exercises, nobody knows which one was meant.
        if len(exercises) != 1:
            return

        (exercise_id,) = exercises
        exercise = self.exercises[exercise_id]
        for names, files in self.owned.items():
            if submitted.isdisjoint(names):
                problem = choice.missing(exercise, files)
                decision = Choice(files[0], problem=problem)
                self._add_found(names, exercise_id, decision, files)

    def _misplaced(self, file: str) -> Notice:
        """The notice for a file that does not fit the layout."""
        error = self.tree.errors.get(file)
        advice = ""
        if error is not None:
            # The archive of a learner would not be here if it had been unpacked.
            problem = error.problem
            advice = error.advice
        elif self.pattern:
            problem = f"does not fit {self.pattern}"
        elif f"/{_TEAMS_DRAFTS}/" in f"/{file}" and self.prefix.endswith(f"{_TEAMS}/"):
            problem = "a draft in Teams, which was not handed in"
        elif self.layout is not DEFAULT_LAYOUT:
            name = self.layout.name.partition(" (")[0]
            problem = f"not in a folder for submissions ({name})"
        else:
            problem = "in no learner's folder"
            advice = "arrange files as LEARNER/EXERCISE.py, or describe their paths with --pattern"

        return Notice(file, NoticeKind.NOT_A_SUBMISSION, problem, advice)

    def contents(self) -> ClassFolder:
        """The result: one file for each learner and exercise, and a notice for each other file."""
        learners = sorted(
            self.learners.values(),
            key=lambda learner: (learner.name.casefold(), learner.name),
        )
        layout = self.layout.name
        if self.prefix:
            layout += f", in {printable(self.prefix)}"

        owned: dict[str, list[File]] = defaultdict(list)
        for names, files in self.owned.items():
            for name in names:
                owned[name] += files

        paths = self.tree.files
        return ClassFolder(
            layout,
            learners,
            self.found,
            self.skipped,
            paths=paths,
            owned=owned,
            spare=self.spare,
            copies=self._copies(),
            strays=self.strays,
        )

    def _copies(self) -> dict[str, str]:
        # A number of the system tells learners apart.
        if self.layout.key:
            return {}

        return copies(sorted(self.learners))


def _layout_of(folder: Path, files: Collection[str], chooser: Chooser) -> Layout:
    """The layout of these files, unless it takes exercises for learners."""
    layout = layouts.recognize(folder, files)
    if layout.name.startswith("Submitty") and not _is_submitty(layout, files):
        return DEFAULT_LAYOUT

    is_nbgrader = layout.name.startswith("nbgrader")
    if not is_nbgrader and not layout.name.startswith("Canvas"):
        return layout

    outer = set()
    inner = set()
    for path in files:
        match = layout.paths.fullmatch(path)
        if match is not None:
            outer.add(match["learner"])
            inner.add(match.groupdict().get("exercise", ""))

    are_exercises = all(_is_exercise(name, chooser) for name in outer)
    if not is_nbgrader:
        # exercise1_2026_01_02T10_00_00.zip has a date, and no numbers of Canvas.
        return DEFAULT_LAYOUT if are_exercises else layout

    if len(outer) == 1 and len(inner) > 1:
        # Many folders in one: an assignment with its learners, or a learner with exercises.
        are_learners = not any(_is_exercise(name, chooser) for name in inner)
        are_exercises = are_exercises or are_learners

    if not are_exercises:
        return layout
    if layout.folder:
        return layouts.BY_ASSIGNMENT

    return layouts.BY_ASSIGNMENT.inside()


def _is_submitty(layout: Layout, files: Collection[str]) -> bool:
    """Whether these are folders of Submitty, and not those of learners with numbered folders."""
    assignments = set()
    learners = set()
    for path in files:
        # Only Submitty writes this file.
        if path.endswith(f"/{system_files.SUBMITTY_SETTINGS}"):
            return True

        match = layout.paths.fullmatch(path)
        if match is not None:
            assignments.add(match["assignment"])
            learners.add(match["learner"])

    return len(assignments) <= len(learners)


def _folder_around(files: list[str], layout: Layout, chooser: Chooser) -> str:
    """The only folder here, if it surrounds a class; empty if these are the learners."""
    if layout is not DEFAULT_LAYOUT:
        return ""

    tops = {path.partition("/")[0] for path in files if "/" in path}
    if {_TEAMS, _TEAMS_DRAFTS} <= tops:
        return _TEAMS
    if len(tops) != 1:
        return ""

    (top,) = tops
    start = f"{top}/"
    inner = [path.removeprefix(start) for path in files if path.startswith(start)]
    if _layout_of(Path(top), inner, chooser) is not DEFAULT_LAYOUT:
        return top

    # Several folders that have a file for the same exercise are those of several learners.
    learners: dict[str, set[str]] = defaultdict(set)
    for path in inner:
        folder, _, name = path.partition("/")
        named = chooser.names(name.rpartition("/")[2])
        is_own = _OWN_FOLDER.fullmatch(folder) or _is_exercise(folder, chooser)
        if named is not None and not is_own:
            learners[named.exercise].add(folder)

    if any(len(folders) > 1 for folders in learners.values()):
        return top

    return ""
