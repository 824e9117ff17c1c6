"""The exercises that each file of a learner may be for: by its name, its marks, or its code.

Names decide first. A file is only read if it is a notebook, or if no file has the name of an
exercise and work for it.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Final

import msgspec

from grader.course.records import Exercise
from grader.errors import SubmissionError
from grader.submission import archives, work
from grader.submission.filenames import (
    COPY,
    PLAIN,
    SUFFIXES,
    WORDS,
    Named,
    Names,
    Version,
    split,
    version,
)
from grader.submission.files import submission_name
from grader.submission.learner_file import File, code_for, defines, fits, markers
from grader.submission.notebook import SUFFIX as NOTEBOOK
from grader.text import printable

# What a course numbers: its weeks and tasks.
_COURSE_WORD: Final = re.compile(
    r"(?:week|hw|homework|ex|exercise|lab|assignment|part|task|ps|sheet)"
)
_MAX_COURSE_NUMBER: Final = 1000
_MAX_MARKER: Final = 80
_NO_ARCHIVE: Final = Version("", PLAIN, 0)
_NOT_NAMED: Final = SubmissionError(
    "named after no exercise of this course", advice="rename it if it is meant for one"
)
_NOT_MARKED: Final = SubmissionError(
    "no cell in it starts with %%grade and an exercise of this course"
)


class Basis(IntEnum):
    """Why a file may be for an exercise; the smallest counts most."""

    NAMED = 0
    """It has the name of the exercise."""
    MARKED = 1
    """A cell of the notebook is marked for the exercise."""
    DEFINES = 2
    """It defines what the exercise asks for, or is alone in its folder."""


class Candidate(msgspec.Struct, frozen=True):
    """A file that may be for an exercise."""

    file: File
    basis: Basis
    mark: int
    """``PLAIN``, ``COPY``, ``WORDS`` or ``CHECKPOINT``, as in ``filenames``."""
    number: int
    """The number or date of the version; 0 without one."""
    base: str
    """The name that all its versions share, if it is not that of the exercise."""
    archive: Version = _NO_ARCHIVE
    """The name and number of the archive around it."""
    is_exact: bool = False
    """Whether the file has the exact name."""

    @property
    def is_exact_at_top(self) -> bool:
        """Whether the file has the exact name, at the top of the learner's folder."""
        return self.is_exact and not self.file.folders


class Candidates(msgspec.Struct, frozen=True):
    """Everything that one learner handed in, sorted by exercise."""

    by_exercise: dict[str, list[Candidate]] = {}
    """Exercise id to the files that may be for it."""
    unnamed: list[File] = []
    """The files with neither the name nor a mark of any exercise."""
    refused: dict[str, tuple[File, SubmissionError]] = {}
    """Exercise id to a file that has its name and cannot be graded."""
    reasons: dict[Path, tuple[File, SubmissionError]] = {}
    """Path to the file and the reason why it is not graded, unless it is a candidate."""


def find_candidates(
    files: Iterable[File],
    exercises: Mapping[str, Exercise],
    names: Names,
    likely: Collection[str] = (),
) -> Candidates:
    """Return what each of a learner's ``files`` may be for.

    ``names`` are those of all exercises of the course, and ``exercises`` the ones in question.
    ``likely`` are the exercises that the class hands in. They decide if several ask for the same
    function, and no name says which one is meant.
    """
    sorting = _ByName(exercises, names)
    for file in files:
        sorting.add(file)

    candidates = sorting.candidates
    _add_defining(candidates, exercises, names, likely)
    for exercise in exercises.values():
        _drop_modules(candidates, exercise)

    return candidates


# By name


class _ByName:
    """Sorts the files of one learner by their names, and notebooks by their marks too."""

    def __init__(self, exercises: Mapping[str, Exercise], names: Names) -> None:
        self._exercises = exercises
        self._names = names
        self._misspelled: dict[Path, SubmissionError] = {}
        """Path of a notebook to the problem of a marker in it."""
        self.candidates = Candidates()

    def add(self, file: File) -> None:
        """Add one file to what it may be for."""
        stem, suffix = split(file.name)
        if suffix not in SUFFIXES or file.error is not None:
            self._refuse_kind(file)
            return

        named = self._names.find(stem)
        marked = self._add_marked(file, named)
        if named is None:
            if not marked:
                self._add_unnamed(file)

            return

        # Unmarked code in a notebook belongs to the exercise in its name.
        is_for_name = not marked or "" in marked or named.exercise in marked
        exercise = self._exercises.get(named.exercise)
        if is_for_name and exercise is not None:
            self._add_named(file, named, exercise)

    def _add_unnamed(self, file: File) -> None:
        self.candidates.unnamed.append(file)
        reason = self._misspelled.get(file.path) or _reason_of_name(file)
        self.candidates.reasons[file.path] = (file, reason)

    def _add_named(self, file: File, named: Named, exercise: Exercise) -> None:
        if not fits(exercise, file):
            endings = " or ".join(exercise.spec.suffixes)
            problem = f"{exercise.id} takes a file ending in {endings}"
            self._refuse(file, named, SubmissionError(problem))
            return

        archive = _archive_version(file)
        candidate = Candidate(
            file,
            Basis.NAMED,
            named.mark,
            number=named.number or archive.number,
            base=named.words,
            archive=archive,
            is_exact=file.name == f"{exercise.id}{file.suffix}",
        )
        self.candidates.by_exercise.setdefault(exercise.id, []).append(candidate)

    def _add_marked(self, file: File, named: Named | None) -> list[str]:
        """Add a notebook for each exercise that one of its cells is marked for.

        Return these exercises, and an empty text if other cells have no mark.
        """
        written = markers(file)
        found = []
        for marker in written:
            meant = self._names.find(marker)
            if meant is None:
                self._refuse_marker(file, marker)
            elif meant.mark == PLAIN and meant.exercise in self._exercises:
                found.append(meant.exercise)

        for exercise_id in found:
            # With the exercise's name it is added by its name, which ranks higher.
            if named is None or named.exercise != exercise_id:
                _add_other(self.candidates, exercise_id, file, Basis.MARKED)

        if found and "" in written:
            found.append("")

        return found

    def _refuse_marker(self, file: File, marker: str) -> None:
        """Note a marker that means no exercise, if it may be a misspelled one."""
        near = self._names.near(marker)
        if not marker or near not in self._exercises:
            return

        written = printable(marker)[:_MAX_MARKER]
        problem = SubmissionError(
            f"a cell starts with %%grade {written}, which is no exercise",
            place=printable(file.name),
            advice=f"did you mean %%grade {near}?",
        )
        self._misspelled[file.path] = problem
        self.candidates.refused.setdefault(near, (file, problem))

    def _refuse_kind(self, file: File) -> None:
        """Note a file that is no source, or an archive that cannot be unpacked."""
        stem, _ = split(file.name)
        if archives.is_archive(file.name):
            stem = archives.stem(file.name)

        error = file.error or SubmissionError("not a .py, .ipynb or .yaml file")
        self._refuse(file, self._names.find(stem), error)

    def _refuse(self, file: File, named: Named | None, error: SubmissionError) -> None:
        """Note why a file isn't graded; with an exercise's name it is a submission all the same."""
        self.candidates.reasons[file.path] = (file, error)
        if named is None or named.mark == WORDS:
            return

        exercise = self._exercises.get(named.exercise)
        if exercise is None:
            return

        name = submission_name(exercise)
        place = printable(file.name)
        refusal = SubmissionError(error.problem, place=place, advice=f"hand in {name}")
        self.candidates.refused.setdefault(exercise.id, (file, refusal))


def _archive_version(file: File) -> Version:
    """The name and number of the archive around a file: ``work (2).zip`` is a later download."""
    around = [folder for folder in file.folders if archives.is_archive(folder)]
    if not file.archives or not around:
        return _NO_ARCHIVE

    stem = archives.stem(around[-1])
    taken = version(stem)
    is_download = stem.endswith((")", "]"))
    is_date = taken.number > _MAX_COURSE_NUMBER
    # hw-1.zip and hw-2.zip are the work of two weeks.
    if _COURSE_WORD.fullmatch(taken.base) and not (is_download or is_date):
        return Version(stem, PLAIN, 0)

    return taken


def _reason_of_name(file: File) -> SubmissionError:
    """Why a file without the name of an exercise is no candidate."""
    return _NOT_MARKED if file.suffix == NOTEBOOK else _NOT_NAMED


# By content


def _add_defining(
    candidates: Candidates,
    exercises: Mapping[str, Exercise],
    names: Names,
    likely: Collection[str],
) -> None:
    """Add files without a name, for each exercise for which no file with its name has work."""
    unnamed = candidates.unnamed
    if not unnamed:
        return

    meant = {file.path: _defined_exercises(file, exercises, likely) for file in unnamed}
    for exercise in exercises.values():
        own = candidates.by_exercise.get(exercise.id, [])
        if any(work.has_work(exercise, code_for(exercise, each.file)) for each in own):
            continue

        defining = [file for file in unnamed if exercise.id in meant[file.path]]
        # A folder that is named after the exercise says what its only file is for.
        if not defining and not own:
            fitting = [file for file in unnamed if fits(exercise, file)]
            inside = [file for file in fitting if _folder_exercise(file, names) == exercise.id]
            if len(inside) == 1:
                defining = inside

        for file in defining:
            _add_other(candidates, exercise.id, file, Basis.DEFINES)


def _defined_exercises(
    file: File, exercises: Mapping[str, Exercise], likely: Collection[str]
) -> set[str]:
    """The exercises for which a file without their name defines everything."""
    entries = {}
    for exercise in exercises.values():
        if fits(exercise, file) and defines(exercise, file):
            entries[exercise.id] = {entry.name for entry in exercise.spec.entries}

    meant = set()
    for exercise_id, own in entries.items():
        others = [names for other, names in entries.items() if other != exercise_id]
        # An exercise can ask for a function of another one.
        is_part = any(own <= names for names in others)
        if not is_part or exercise_id in likely:
            meant.add(exercise_id)

    return meant


def _folder_exercise(file: File, names: Names) -> str:
    """The exercise that the folder of a file is named after, or the layout names."""
    for folder in (file.assignment, *reversed(file.folders)):
        stem = archives.stem(folder)
        named = names.find(stem)
        if named is not None and named.mark <= COPY:
            return named.exercise

    return ""


def _add_other(candidates: Candidates, exercise_id: str, file: File, basis: Basis) -> None:
    """Add a file whose name does not mean the exercise."""
    stem, _ = split(file.name)
    taken = version(stem)
    candidate = Candidate(file, basis, taken.mark, taken.number, taken.base)
    candidates.by_exercise.setdefault(exercise_id, []).append(candidate)


def _drop_modules(candidates: Candidates, exercise: Exercise) -> None:
    """Remove the files that have the name among other words and are only modules.

    A module can have such a name too: ``exercise1_utils.py``.
    """
    own = candidates.by_exercise.get(exercise.id, [])
    if len(own) < 2 or not exercise.spec.runs_code:
        return

    kept = []
    for candidate in own:
        file = candidate.file
        if candidate.mark != WORDS or defines(exercise, file):
            kept.append(candidate)
        else:
            candidates.reasons[file.path] = (file, _reason_of_name(file))

    if kept:
        candidates.by_exercise[exercise.id] = kept
