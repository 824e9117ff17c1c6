"""Who handed in what: submissions found in the folder of a class, whichever system it was downloaded from.

Only names of files are looked at here, and Gradescope's list of who handed in.
Links are never followed. What is passed over is told, with the reason.
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
from grader.course.records import Exercise
from grader.errors import CourseError, SubmissionError, UsageError
from grader.grades.class_results import Learner
from grader.submission.files import (
    ANSWER_SUFFIXES,
    MAX_NOTEBOOK_BYTES,
    PYTHON_SUFFIXES,
    marked_exercises,
)
from grader.text import printable

MAX_DEPTH: Final = 6
MAX_METADATA_BYTES: Final = 16 * 2**20
MAX_NAME: Final = 120
_METADATA: Final = "submission_metadata.yml"
# What tools leave behind: nobody handed it in, and there can be much of it.
_LITTER: Final = (
    "__pycache__",
    "__MACOSX",
    ".ipynb_checkpoints",
    ".git",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
)
# Canvas counts handing in again (exercise3-1.py), browsers count downloads (exercise3 (1).py).
_COUNTED: Final = re.compile(r"(?P<id>.+?)(?:-(?P<again>\d{1,3})| ?\((?P<copy>\d{1,3})\))?")


class Found(msgspec.Struct, frozen=True):
    """A file that holds a learner's submission for an exercise."""

    learner: str
    exercise: str
    file: str
    """Its path in the folder, with ``/``."""
    include_helpers: bool
    """Whether everything in its folder is this learner's: only then do modules beside it come along."""


class Skipped(msgspec.Struct, frozen=True):
    """A file or folder that nothing is graded of."""

    file: str
    reason: str


Rank = tuple[int, int, bool]
"""Where several files hold one exercise, the least counts: .py before .ipynb, the latest, the name to the letter."""


class Roster(msgspec.Struct, frozen=True):
    """What a folder holds."""

    layout: str
    learners: list[Learner]
    found: list[Found]
    skipped: list[Skipped]


class Layout(msgspec.Struct, frozen=True):
    """How a system lays submissions out: what its paths look like."""

    name: str
    paths: "re.Pattern[str]"
    key: str = ""
    """The group of ``paths`` that tells learners of the same name apart."""


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


def find_submissions(
    folder: Path,
    exercises: dict[str, Exercise],
    pattern: str | None = None,
    ignored: Path | None = None,
) -> Roster:
    """Every submission under ``folder`` for one of ``exercises``.

    ``pattern`` is read in place of the layouts that are known; ``ignored`` is a folder
    in it that holds no submissions.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name the one that holds the submissions")
    tree = _Tree(folder, [], [], [])
    _walk(tree, "", os.path.realpath(ignored) if ignored else "")
    layout = _pattern_layout(pattern) if pattern else _recognise(folder, tree.files)
    owners = (
        _gradescope_owners(folder, tree.skipped) if layout.name.startswith("Gradescope") else {}
    )
    learners = {learner.name: learner for learner in _empty_handed(tree.folders, layout)}
    candidates: dict[tuple[str, str], list[tuple[Rank, Found]]] = {}
    for file in sorted(tree.files):
        match = layout.paths.fullmatch(file)
        if match is None:
            if file != _METADATA:
                tree.skipped.append(Skipped(file, _misplaced(layout, file, pattern)))
            continue
        who = owners.get(match.groupdict().get("id", "")) or [_learner(layout, match)]
        learners |= {learner.name: learner for learner in who}
        try:
            held = _exercises_of(folder, file, match, exercises)
        except SubmissionError as error:
            tree.skipped.append(Skipped(file, str(error)))
            continue
        for exercise_id, rank in held.items():
            for learner in who:
                found = Found(
                    learner.name, exercise_id, file, _may_include_helpers(layout, match, file)
                )
                candidates.setdefault((learner.name, exercise_id), []).append((rank, found))
    everyone = sorted(
        learners.values(), key=lambda learner: (learner.name.casefold(), learner.name)
    )
    chosen, doubles = _choose(candidates.values())
    return Roster(layout.name, everyone, chosen, tree.skipped + doubles)


def _choose(candidates: Iterable[list[tuple[Rank, Found]]]) -> tuple[list[Found], list[Skipped]]:
    """One file of each learner for each exercise, and what becomes of the others."""
    found, skipped = [], []
    for several in candidates:
        (_, best), *others = sorted(several, key=lambda ranked: (ranked[0], ranked[1].file))
        found.append(best)
        skipped += [
            Skipped(
                other.file,
                f"{other.exercise} of {other.learner} is taken from {printable(best.file)}",
            )
            for _, other in others
        ]
    return found, skipped


def folder_names(learners: Iterable[str]) -> dict[str, str]:
    """For each learner a folder's name that every file system takes and no two of them share.

    Anything but letters, digits, spaces and ``.,+@'()-`` becomes ``_``; where that, or a
    difference of case alone, could make two people one, a digest of the name is added.
    """
    folded = {name: unicodedata.normalize("NFKC", name.casefold()) for name in learners}
    count = Counter(folded.values())
    names = {}
    for name, like in folded.items():
        safe = re.sub(r"^[-.]", "_", re.sub(r"[^\w.,+@' ()-]", "_", name)[:60].strip(". "))
        if (
            safe != name
            or count[like] > 1
            or re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", safe)
        ):
            safe = f"{safe}~{_short_digest(name)}"
        names[name] = safe
    return names


def learner_name(text: str) -> str:
    """``text`` as a name that any page can show; where characters are lost, a digest keeps it apart from others."""
    shown = " ".join(printable(text).split()) or "?"
    if shown == text and len(shown) <= MAX_NAME:
        return shown
    return f"{shown[:MAX_NAME]}~{_short_digest(text)}"


def _short_digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


class _Tree(msgspec.Struct, frozen=True):
    """A walk through a folder: regular files and folders, none of them reached through a link."""

    root: Path
    files: list[str]
    folders: list[str]
    skipped: list[Skipped]


def _walk(tree: _Tree, below: str, ignored: str) -> None:
    """Add all that lies under ``below``."""
    try:
        entries = list(os.scandir(tree.root / below))
    except OSError:
        tree.skipped.append(Skipped(below, UNREADABLE))
        return
    for entry in sorted(entries, key=lambda entry: entry.name):
        path = f"{below}/{entry.name}" if below else entry.name
        if reason := _reason_to_skip(entry, path):
            tree.skipped.append(Skipped(path, reason))
        elif not entry.is_dir():
            tree.files.append(path)
        elif os.path.realpath(entry.path) != ignored:
            tree.folders.append(path)
            _walk(tree, path, ignored)


def _reason_to_skip(entry: "os.DirEntry[str]", path: str) -> str:
    """Why this is neither looked into nor graded; nothing where it is."""
    if entry.name in _LITTER:
        return "left behind by a tool"
    if entry.is_symlink():
        return "a link, which is never followed; put the file itself there"
    if entry.is_dir():
        return f"more than {MAX_DEPTH} folders deep" if path.count("/") + 1 >= MAX_DEPTH else ""
    if not entry.is_file():
        return "not a regular file"
    return "" if os.access(entry.path, os.R_OK) else UNREADABLE


UNREADABLE: Final = "cannot be read; check its permissions"


def _recognise(folder: Path, files: list[str]) -> Layout:
    """The layout that most of these files have; of several, the most particular."""
    layouts = list(_LAYOUTS)
    if folder.resolve().name == "submitted":
        layouts.insert(
            0,
            Layout(
                layouts[0].name, re.compile(layouts[0].paths.pattern.removeprefix("submitted/"))
            ),
        )
    count = [sum(layout.paths.fullmatch(file) is not None for file in files) for layout in layouts]
    return layouts[count.index(max(count))] if any(count) else _LAYOUTS[-1]


_PLACEHOLDERS: Final = {
    "{learner}": "(?P<learner>[^/]+?)",
    "{exercise}": "(?P<exercise>[^/]+?)",
    "*": "[^/]*?",
}


def _pattern_layout(pattern: str) -> Layout:
    """The layout that ``pattern`` describes: ``{learner}``, ``{exercise}`` and ``*`` each stand within one name."""
    parts = re.split(r"(\{\w*\}|\*)", pattern.strip("/"))
    for part in parts:
        if part.startswith("{") and part not in _PLACEHOLDERS:
            raise UsageError(
                f"--pattern {pattern}: `{part}` means nothing; there are {{learner}}, {{exercise}} and *"
            )
    for name in ("{learner}", "{exercise}"):
        if parts.count(name) > 1:
            raise UsageError(f"--pattern {pattern}: {name} stands twice; write * for one of them")
    if "{learner}" not in parts:
        raise UsageError(
            f"--pattern {pattern}: needs {{learner}}, as in {{learner}}_{{exercise}}.py"
        )
    body = "".join(_PLACEHOLDERS.get(part, re.escape(part)) for part in parts)
    return Layout(f"as --pattern {pattern} says", re.compile(body))


def _misplaced(layout: Layout, file: str, pattern: str | None) -> str:
    if pattern:
        return f"does not fit {pattern}"
    if layout is not _LAYOUTS[-1]:
        return f"not where a {layout.name.partition(' (')[0]} has submissions"
    where = "too deep" if "/" in file else "in no learner's folder"
    return f"{where}; lay files out as LEARNER/EXERCISE.py, or say how they lie with --pattern"


def _learner(layout: Layout, match: "re.Match[str]") -> Learner:
    """The learner whose file this is, by the path alone."""
    groups = match.groupdict()
    key = groups.get(layout.key) if layout.key else None
    if "learner" not in groups:
        return Learner(f"submission_{key}", [str(key)])
    # The number tells two people of one name apart, and is what the system matches by.
    name = learner_name(groups["learner"] if key is None else f"{groups['learner']}_{key}")
    return Learner(name, [] if key is None else [key, printable(groups["learner"])])


def _may_include_helpers(layout: Layout, match: "re.Match[str]", file: str) -> bool:
    """Whether the folder of this file is named after one learner."""
    group = "learner" if "learner" in match.groupdict() else layout.key
    return match.end(group) <= file.rfind("/")


def _empty_handed(folders: Iterable[str], layout: Layout) -> Iterator[Learner]:
    """Learners with a folder of their own, whatever is in it: who handed in nothing is of the class too."""
    for folder in folders:
        for match in (
            layout.paths.fullmatch(f"{folder}/-"),
            layout.paths.fullmatch(f"{folder}/-/-"),
        ):
            if (
                match is not None
                and "learner" in match.groupdict()
                and "/" not in folder[match.start("learner") :]
            ):
                yield _learner(layout, match)


def _exercises_of(
    folder: Path, file: str, match: "re.Match[str]", exercises: dict[str, Exercise]
) -> "dict[str, Rank]":
    """Ids of the exercises that ``file`` holds, each with its rank among several files for it."""
    named = match.groupdict().get("exercise")
    path = PurePosixPath(match.groupdict().get("file") or file)
    suffix = path.suffix.lower()
    if suffix not in (*PYTHON_SUFFIXES, *ANSWER_SUFFIXES):
        raise SubmissionError("not a .py, .ipynb or .yaml file")
    by_name = _by_name(path.stem, exercises) or (_by_name(named, exercises) if named else None)
    marked = _marked(folder / file) if suffix == ".ipynb" else []
    held: dict[str, Rank] = {
        name: (len(PYTHON_SUFFIXES), 0, False) for name in marked if name in exercises
    }
    if held and (by_name is None or by_name[0] in held or "" not in marked):
        return held
    if by_name is None:
        raise SubmissionError(
            "no cell in it starts with %%grade and an exercise of this course"
            if suffix == ".ipynb"
            else "named after no exercise of this course; rename it where it is meant for one"
        )
    exercise_id, again = by_name
    spec = exercises[exercise_id].spec
    takes = spec.suffixes
    if suffix not in takes:
        raise SubmissionError(f"{exercise_id} takes a file ending in {' or '.join(takes)}")
    return held | {exercise_id: (takes.index(suffix), -again, path.stem != exercise_id)}


def _by_name(stem: str, exercises: dict[str, Exercise]) -> tuple[str, int] | None:
    """The exercise that a file's stem names, in any case, and how often it was handed in again."""
    match = _COUNTED.fullmatch(stem.strip().lower())
    for name, count in (
        ((stem.strip().lower(), "0"), (match["id"], match["again"] or match["copy"] or "0"))
        if match
        else ()
    ):
        if name in exercises:
            return name, int(count)
    return None


def _marked(path: Path) -> list[str]:
    if path.stat().st_size > MAX_NOTEBOOK_BYTES:
        return []  # reading it as a submission says why it cannot be
    try:
        return marked_exercises(path)
    except SubmissionError:
        return []


def _gradescope_owners(folder: Path, skipped: list[Skipped]) -> dict[str, list[Learner]]:
    """Submission number to those who handed it in, from the list that Gradescope puts beside the folders."""
    path = folder / _METADATA
    try:
        if path.is_symlink() or path.stat().st_size > MAX_METADATA_BYTES:
            raise CourseError(f"{_METADATA}: a link, or larger than {MAX_METADATA_BYTES >> 20} MiB")
        listed = yaml_reader.load(path.read_bytes(), _METADATA, typed=False)
    except (OSError, CourseError, UnicodeDecodeError) as error:
        skipped.append(
            Skipped(
                _METADATA, f"no names can be read from it ({error}); learners go by their number"
            )
        )
        return {}
    owners = {}
    for name, about in listed.items() if isinstance(listed, dict) else ():
        submitters = about.get(":submitters") if isinstance(about, dict) else None
        who = [_submitter(each) for each in submitters] if isinstance(submitters, list) else []
        owners[str(name).removeprefix("submission_")] = [
            learner for learner in who if learner is not None
        ]
    return owners


def _submitter(about: Any) -> Learner | None:
    """Someone on Gradescope's list: their e-mail address is their name here, since no two share it."""
    if not isinstance(about, dict):
        return None
    values = [about.get(key) for key in (":email", ":name", ":sid")]
    texts = [value for value in values if isinstance(value, str) and value]
    return Learner(learner_name(texts[0]), [printable(text) for text in texts]) if texts else None
