"""Find the submissions in the folder of a class, in the layout of any known system.

The finder looks at file names only, except for the cells of notebooks and Gradescope's list of
submitters. It never follows symlinks, and it reports every file that it ignores.
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec

from grader.course import yaml_reader
from grader.course.records import CodeExercise, Exercise
from grader.errors import CourseError, SubmissionError, UsageError
from grader.grades.class_results import Learner, Notice, NoticeKind
from grader.submission import notebook
from grader.submission.files import MAX_NOTEBOOK_BYTES, SUFFIXES, marked_exercises
from grader.text import printable

MAX_DEPTH: Final = 6
MAX_METADATA_BYTES: Final = 16 * 2**20
MAX_NAME: Final = 120
_METADATA: Final = "submission_metadata.yml"
# Tools create these files, sometimes thousands; they are not submissions.
_LEFTOVERS: Final = (
    "__pycache__",
    "__MACOSX",
    ".ipynb_checkpoints",
    ".git",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
)
# Canvas numbers resubmissions (exercise3-1.py), browsers number downloads (exercise3 (1).py).
_NUMBERED: Final = re.compile(r"(?P<id>.+?)(?:-(?P<again>\d{1,3})| ?\((?P<copy>\d{1,3})\))?")
# Windows reserves these names, with any suffix.
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class Found(msgspec.Struct, frozen=True):
    """A file that contains a learner's submission for an exercise."""

    learner: str
    exercise: str
    file: str
    """Its path in the folder, with ``/``."""
    include_helpers: bool
    """Whether the file's folder belongs to this learner alone, so that imports may use it."""


Rank = tuple[int, int, bool]
"""Among several files for one exercise the smallest rank counts: by suffix (``.py`` before
``.ipynb``), then the latest resubmission, then the exact spelling of the name."""


class Roster(msgspec.Struct, frozen=True):
    """The contents of a folder of submissions."""

    layout: str
    learners: list[Learner]
    found: list[Found]
    skipped: list[Notice]


class Layout(msgspec.Struct, frozen=True):
    """How a system arranges submissions, as a pattern for their paths."""

    name: str
    paths: "re.Pattern[str]"
    key: str = ""
    """The group of ``paths`` that distinguishes learners with the same name."""

    def learner(self, match: "re.Match[str]") -> Learner:
        """The learner in a matching path."""
        groups = match.groupdict()
        # The default layout has no key, and "" is not a group.
        key = groups.get(self.key)
        name = groups.get("learner")
        if name is None:
            # Gradescope's folders have numbers only; its list can add the names.
            return Learner(f"submission_{key}", [str(key)])
        if key is None:
            return Learner(learner_name(name))
        # The system identifies a learner by the number, and two learners can share a name.
        return Learner(learner_name(f"{name}_{key}"), [key, printable(name)])

    def has_own_folder(self, match: "re.Match[str]") -> bool:
        """Whether the learner's name, or else the key, is the name of a folder."""
        group = self.key
        if "learner" in match.groupdict():
            group = "learner"
        end = match.end(group)
        return "/" in match.string[end:]

    def owner(self, folder: str) -> Learner | None:
        """The learner that ``folder`` is named after, even if it is empty; None if nobody."""
        owner = None
        # A path below the folder, one or two levels deep, shows how the layout reads it.
        for path in (f"{folder}/-", f"{folder}/-/-"):
            match = self.paths.fullmatch(path)
            if match is None or "learner" not in match.groupdict():
                continue
            start = match.start("learner")
            # The name of a parent folder does not say who owns this one.
            if "/" not in folder[start:]:
                owner = self.learner(match)
        return owner


_LAYOUTS: Final = (
    Layout(
        "nbgrader (submitted/LEARNER/ASSIGNMENT/FILE)",
        re.compile(r"submitted/(?P<learner>[^/]+)/(?P<exercise>[^/]+)/(?P<file>[^/]+)"),
    ),
    Layout(
        "Gradescope export (submission_ID/FILE)",
        re.compile(r"submission_(?P<id>\d+)/(?P<file>.+)"),
        "id",
    ),
    Layout(
        "Moodle download (NAME_ID_assignsubmission_file/FILE)",
        re.compile(r"(?P<learner>[^/]+)_(?P<id>\d+)_assignsubmission_file_?/(?P<file>.+)"),
        "id",
    ),
    Layout(
        "Canvas download (NAME_ID_ID_FILE)",
        re.compile(r"(?P<learner>[^/]+?)(?:_late)?_(?P<id>\d+)_\d+_(?P<file>[^/]+)", re.IGNORECASE),
        "id",
    ),
    Layout(
        "a folder per learner (LEARNER/FILE)", re.compile(r"(?P<learner>[^/]+)/(?P<file>[^/]+)")
    ),
)
_DEFAULT_LAYOUT: Final = _LAYOUTS[-1]
_PLACEHOLDERS: Final = {
    "{learner}": "(?P<learner>[^/]+?)",
    "{exercise}": "(?P<exercise>[^/]+?)",
    "*": "[^/]*?",
}


def find_submissions(
    folder: Path,
    exercises: dict[str, Exercise],
    pattern: str | None = None,
    ignored: Path | None = None,
) -> Roster:
    """Find every submission under ``folder`` for one of ``exercises``.

    ``pattern`` replaces the known layouts; ``ignored`` is a folder to leave out, such as the
    output folder. Raises ``UsageError`` if the folder is missing or the pattern cannot work.
    """
    if not folder.is_dir():
        raise UsageError(
            "no such folder", place=str(folder), advice="name the one that holds the submissions"
        )
    search = _Search(folder, exercises)
    search.walk("", ignored and ignored.resolve())
    if pattern:
        search.layout = _pattern_layout(pattern)
    else:
        search.layout = _recognize(folder, search.files)
    search.find_learners()
    for file in sorted(search.files):
        match = search.layout.paths.fullmatch(file)
        if match is not None:
            search.add(file, match)
        elif file != _METADATA:
            search.skipped.append(_misplaced(search.layout, file, pattern))
    return search.roster()


def folder_names(learners: Iterable[str]) -> dict[str, str]:
    """A different folder name for each learner, valid in every file system.

    Anything but letters, digits, spaces and ``.,+@'()-`` becomes ``_``. A digest of the name
    follows if something was replaced, or if another name differs in case alone.
    """
    # Two names with one folded form can be one name to a file system.
    folded = {name: unicodedata.normalize("NFKC", name.casefold()) for name in learners}
    count = Counter(folded.values())
    names = {}
    for name, like in folded.items():
        safe = re.sub(r"[^\w.,+@' ()-]", "_", name)
        # Windows removes periods and spaces at the end of a name.
        safe = safe[:60].strip(". ")
        # A command reads a name with a hyphen before it as an option.
        safe = re.sub(r"^[-.]", "_", safe)
        is_unique = count[like] == 1
        if safe == name and is_unique and not _RESERVED.fullmatch(safe):
            names[name] = safe
        else:
            names[name] = f"{safe}~{_short_digest(name)}"
    return names


def learner_name(text: str) -> str:
    """``text`` as a printable name of limited length; a digest follows if something was lost."""
    words = printable(text).split()
    shown = " ".join(words) or "?"
    if shown == text and len(shown) <= MAX_NAME:
        return shown
    return f"{shown[:MAX_NAME]}~{_short_digest(text)}"


def _short_digest(text: str) -> str:
    encoded = text.encode("utf-8", "surrogatepass")
    return blake2b(encoded, digest_size=4).hexdigest()


class _Search:
    """The state of one search: first the files and folders, then whose submissions they are."""

    def __init__(self, folder: Path, exercises: dict[str, Exercise]) -> None:
        self.folder = folder
        self.exercises = exercises
        # The layout is known only after the walk, which shows all paths.
        self.layout = _DEFAULT_LAYOUT
        self.files: list[str] = []
        self.folders: list[str] = []
        self.skipped: list[Notice] = []
        self.learners: dict[str, Learner] = {}
        self.submitters: dict[str, list[Learner]] = {}
        """Gradescope's submission number to the people who share the submission."""
        self.candidates: dict[tuple[str, str], list[tuple[Rank, Found]]] = {}
        """Learner and exercise to the files for it."""

    def walk(self, below: str, ignored: Path | None) -> None:
        """Collect the regular files and the folders under ``below``, none through a symlink."""
        try:
            entries = list(os.scandir(self.folder / below))
        except OSError:
            self.skipped.append(_unreadable(below))
            return
        entries.sort(key=lambda entry: entry.name)
        for entry in entries:
            path = entry.name
            if below:
                path = f"{below}/{path}"
            notice = _notice_of_entry(entry, path)
            if notice is not None:
                self.skipped.append(notice)
            elif not entry.is_dir():
                self.files.append(path)
            # The output folder can be inside the folder of submissions.
            elif Path(entry.path).resolve() != ignored:
                self.folders.append(path)
                self.walk(path, ignored)

    def find_learners(self) -> None:
        """Add the learners that do not depend on a submission."""
        if self.layout.name.startswith("Gradescope"):
            self.submitters = _gradescope_submitters(self.folder, self.skipped)
        # A learner with an empty folder belongs to the class too.
        for folder in self.folders:
            owner = self.layout.owner(folder)
            if owner is not None:
                self.learners[owner.name] = owner

    def add(self, file: str, match: "re.Match[str]") -> None:
        """Add a file that fits the layout: a submission of its learners, or a notice."""
        number = match.groupdict().get("id", "")
        authors = self.submitters.get(number)
        # The list can omit a submission, or contain no names for it.
        if not authors:
            authors = [self.layout.learner(match)]
        for learner in authors:
            self.learners[learner.name] = learner
        try:
            ranks = _exercises_in(self.folder, file, match, self.exercises)
        except SubmissionError as error:
            kind = NoticeKind.NOT_A_SUBMISSION
            self.skipped.append(Notice(file, kind, error.problem, error.advice))
            return
        include_helpers = self.layout.has_own_folder(match)
        for exercise_id, rank in ranks.items():
            for learner in authors:
                found = Found(learner.name, exercise_id, file, include_helpers)
                key = (learner.name, exercise_id)
                files = self.candidates.setdefault(key, [])
                files.append((rank, found))

    def roster(self) -> Roster:
        """The result: one file for each learner and exercise, and a notice for each other file."""
        chosen = []
        skipped = list(self.skipped)
        for ranked in self.candidates.values():
            # With equal ranks the first file by name counts, on every machine the same.
            ranked.sort(key=lambda each: (each[0], each[1].file))
            (_, best), *others = ranked
            chosen.append(best)
            where = printable(best.file)
            for _, other in others:
                problem = f"{other.exercise} of {other.learner} is taken from {where}"
                notice = Notice(other.file, NoticeKind.SUPERSEDED, problem)
                skipped.append(notice)
        learners = sorted(
            self.learners.values(),
            key=lambda learner: (learner.name.casefold(), learner.name),
        )
        return Roster(self.layout.name, learners, chosen, skipped)


def _notice_of_entry(entry: "os.DirEntry[str]", path: str) -> Notice | None:
    """Why the finder ignores a file or folder; None if it does not."""
    problem = advice = ""
    if entry.name in _LEFTOVERS:
        problem = "left behind by a tool"
    elif entry.is_symlink():
        problem = "a link, which is never followed"
        advice = "put the file itself there"
    elif entry.is_dir():
        if path.count("/") + 1 >= MAX_DEPTH:
            problem = f"more than {MAX_DEPTH} folders deep"
    elif not entry.is_file():
        problem = "not a regular file"
    elif not os.access(entry.path, os.R_OK):
        return _unreadable(path)
    if not problem:
        return None
    return Notice(path, NoticeKind.NOT_A_SUBMISSION, problem, advice)


def _unreadable(path: str) -> Notice:
    return Notice(path, NoticeKind.UNREADABLE, "cannot be read", "check its permissions")


# Layouts


def _recognize(folder: Path, files: list[str]) -> Layout:
    """The layout that fits most of these files; with equal counts, the most specific one."""
    layouts = list(_LAYOUTS)
    # Instructors can name nbgrader's folder itself or the folder above it.
    if folder.resolve().name == "submitted":
        nbgrader = _LAYOUTS[0]
        pattern = nbgrader.paths.pattern.removeprefix("submitted/")
        inside = Layout(nbgrader.name, re.compile(pattern))
        layouts.insert(0, inside)

    def fitting(layout: Layout) -> int:
        return sum(layout.paths.fullmatch(file) is not None for file in files)

    best = max(layouts, key=fitting)
    if fitting(best) == 0:
        return _DEFAULT_LAYOUT
    return best


def _pattern_layout(pattern: str) -> Layout:
    """The layout of ``--pattern``; a placeholder stands for part of one file or folder name."""
    parts = re.split(r"(\{\w*\}|\*)", pattern.strip("/"))
    for part in parts:
        if part.startswith("{") and part not in _PLACEHOLDERS:
            raise UsageError(
                f"--pattern {pattern}: `{part}` means nothing",
                advice="there are {learner}, {exercise} and *",
            )
    # A group can occur once in a regular expression.
    for name in ("{learner}", "{exercise}"):
        if parts.count(name) > 1:
            raise UsageError(
                f"--pattern {pattern}: {name} stands twice", advice="write * for one of them"
            )
    if "{learner}" not in parts:
        raise UsageError(
            f"--pattern {pattern}: needs {{learner}}, as in {{learner}}_{{exercise}}.py"
        )
    body = "".join(_PLACEHOLDERS.get(part, re.escape(part)) for part in parts)
    return Layout(f"as --pattern {pattern} says", re.compile(body))


def _misplaced(layout: Layout, file: str, pattern: str | None) -> Notice:
    """The notice for a file that does not fit the layout."""
    advice = ""
    if pattern:
        problem = f"does not fit {pattern}"
    elif layout is not _DEFAULT_LAYOUT:
        problem = f"not where a {layout.name.partition(' (')[0]} has submissions"
    else:
        problem = "in no learner's folder"
        if "/" in file:
            problem = "too deep"
        advice = "arrange files as LEARNER/EXERCISE.py, or describe their paths with --pattern"
    return Notice(file, NoticeKind.NOT_A_SUBMISSION, problem, advice)


# Exercises


def _exercises_in(
    folder: Path, file: str, match: "re.Match[str]", exercises: dict[str, Exercise]
) -> dict[str, Rank]:
    """The exercises that ``file`` is for: exercise id to rank.

    Raises ``SubmissionError`` with the reason if there is none.
    """
    groups = match.groupdict()
    path = PurePosixPath(groups.get("file") or file)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise SubmissionError("not a .py, .ipynb or .yaml file")
    named = _by_name(path.stem, exercises)
    # An assignment's folder, as in nbgrader, names the exercise if the file does not.
    if named is None and groups.get("exercise"):
        named = _by_name(groups["exercise"], exercises)
    marked = []
    if suffix == notebook.SUFFIX:
        marked = _marked(folder / file)
    ranks: dict[str, Rank] = {}
    for name in marked:
        if name in exercises:
            # A file with the exercise's name comes before a notebook with a marked cell.
            ranks[name] = (len(CodeExercise.suffixes), 0, False)
    # Unmarked code in a notebook belongs to the exercise in its name, unless that has a mark.
    if ranks and (named is None or named[0] in ranks or "" not in marked):
        return ranks
    if named is None:
        if suffix == notebook.SUFFIX:
            raise SubmissionError(
                "no cell in it starts with %%grade and an exercise of this course"
            )
        raise SubmissionError(
            "named after no exercise of this course", advice="rename it if it is meant for one"
        )
    exercise_id, number = named
    suffixes = exercises[exercise_id].spec.suffixes
    if suffix not in suffixes:
        endings = " or ".join(suffixes)
        raise SubmissionError(f"{exercise_id} takes a file ending in {endings}")
    preference = suffixes.index(suffix)
    is_renamed = path.stem != exercise_id
    ranks[exercise_id] = (preference, -number, is_renamed)
    return ranks


def _by_name(stem: str, exercises: dict[str, Exercise]) -> tuple[str, int] | None:
    """The exercise that a file's stem names, in any case, and the number of the resubmission."""
    stem = stem.strip().lower()
    if stem in exercises:
        return stem, 0
    match = _NUMBERED.fullmatch(stem)
    if match is None:
        return None
    exercise_id = match["id"]
    if exercise_id not in exercises:
        return None
    number = match["again"] or match["copy"] or "0"
    return exercise_id, int(number)


def _marked(path: Path) -> list[str]:
    # Reading the file as a submission reports its size.
    if path.stat().st_size > MAX_NOTEBOOK_BYTES:
        return []
    try:
        return marked_exercises(path)
    except SubmissionError:
        return []


# Gradescope


def _gradescope_submitters(folder: Path, skipped: list[Notice]) -> dict[str, list[Learner]]:
    """Submission number to its submitters, from the list in Gradescope's export."""
    path = folder / _METADATA
    try:
        # A stranger can have made the folder: a symlink can lead to any file.
        size = path.lstat().st_size
        if path.is_symlink() or size > MAX_METADATA_BYTES:
            limit = f"{MAX_METADATA_BYTES >> 20} MiB"
            raise CourseError(f"{_METADATA}: a link, or larger than {limit}")
        listed = yaml_reader.load(path.read_bytes(), _METADATA, typed=False)
    except (OSError, CourseError, UnicodeDecodeError) as error:
        problem = f"no names can be read from it ({error})"
        advice = "learners go by their number"
        skipped.append(Notice(_METADATA, NoticeKind.NOT_A_SUBMISSION, problem, advice))
        return {}
    if not isinstance(listed, dict):
        return {}
    submitters = {}
    for name, about in listed.items():
        number = str(name).removeprefix("submission_")
        people: Any = None
        if isinstance(about, dict):
            people = about.get(":submitters")
        if isinstance(people, list):
            submitters[number] = list(_submitters(people))
    return submitters


def _submitters(people: list[Any]) -> Iterator[Learner]:
    """The people on Gradescope's list who have a name."""
    for person in people:
        if not isinstance(person, dict):
            continue
        names = []
        # The email address comes first: it becomes the name, because it is unique.
        for key in (":email", ":name", ":sid"):
            name = person.get(key)
            if name and isinstance(name, str):
                names.append(name)
        if names:
            keys = [printable(name) for name in names]
            yield Learner(learner_name(names[0]), keys)
