"""Choose what counts for everybody in a class, and report every other file."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from grader.errors import UnreadableError
from grader.grades.notice import Notice, NoticeKind
from grader.submission import choice, times
from grader.submission.beside import DATA_SUFFIXES
from grader.submission.choice import Choice, Chooser
from grader.submission.class_folder import Found
from grader.submission.filenames import split
from grader.submission.folder_names import with_versions
from grader.submission.layouts import Layout
from grader.submission.learner_file import File
from grader.submission.owners import Owners
from grader.text import printable

# Canvas numbers a file that was handed in again: utils-1.py.
_RESUBMITTED: Final = re.compile(r"(.+)-(\d{1,3})")


class ClassChoice(msgspec.Struct, frozen=True):
    """What counts in a class."""

    found: list[Found]
    """One submission for each learner and exercise."""
    notices: list[Notice]
    """Why each other file does not count."""
    spare: dict[str, dict[str, list[File]]]
    """Learner and exercise to the files that may be why there is no submission."""


def choose_for_class(
    owners: Owners, layout: Layout, paths: Mapping[str, Path], chooser: Chooser
) -> ClassChoice:
    """Choose the submissions of everybody; ``paths`` are those of all files in the folder."""
    choosing = _Choosing(owners, layout, paths, chooser)
    for group in owners.files:
        choosing.choose(group)

    choosing.add_missing()
    return choosing.result


class _Choosing:
    """Chooses for one group of learners after the other, usually groups of one."""

    def __init__(
        self, owners: Owners, layout: Layout, paths: Mapping[str, Path], chooser: Chooser
    ) -> None:
        self._owners = owners
        self._layout = layout
        self._paths = paths
        self._chooser = chooser
        self._likely = _named_exercises(owners, chooser)
        self.result = ClassChoice([], [], defaultdict(lambda: defaultdict(list)))

    def choose(self, group: tuple[str, ...]) -> None:
        """Choose among the files of ``group``, the names of the learners who share them."""
        files = self._active_files(group)
        chosen = self._chooser.choose(files, self._likely)
        for exercise_id, best in chosen.choices.items():
            decision = _with_one_folder(best, group[0], self._layout)
            self._add(group, exercise_id, decision, files)

        for exercise_id, file in self._chooser.spare(files, chosen.choices):
            for learner in group:
                self.result.spare[learner][exercise_id].append(file)

        for file, error in chosen.reasons:
            kind = NoticeKind.NOT_A_SUBMISSION
            self.result.notices.append(Notice(file.whole, kind, error.problem, error.advice))

    def add_missing(self) -> None:
        """Add a result for each learner whose files are for no exercise."""
        submitted = {found.learner for found in self.result.found}
        exercises = {found.exercise for found in self.result.found}
        # With several exercises, nobody knows which one was meant.
        if len(exercises) != 1:
            return

        (exercise_id,) = exercises
        exercise = self._chooser.exercises[exercise_id]
        for group, files in self._owners.files.items():
            if submitted.isdisjoint(group):
                problem = choice.missing(exercise, files)
                self._add(group, exercise_id, Choice(files[0], problem=problem), files)

    def _active_files(self, group: tuple[str, ...]) -> list[File]:
        """The files of the version that a learner chose in Submitty, else all of them."""
        files = with_versions(self._owners.files[group])
        version = self._owners.active.get(group[0])
        active = [file for file in files if file.attempt == (version,)]
        if not active:
            return files

        for file in files:
            if file not in active:
                problem = f"version {version} is the active one in Submitty"
                notice = Notice(file.whole, NoticeKind.SUPERSEDED, problem)
                self.result.notices.append(notice)

        return active

    def _add(
        self, group: tuple[str, ...], exercise_id: str, decision: Choice, files: list[File]
    ) -> None:
        """Add the decision for an exercise to the results of everybody in a group."""
        best = decision.file
        is_flat = best.whole in self._owners.flat and best.archives == 0
        beside = _files_beside(best, files) if is_flat else {}
        handed = times.of_system(self._layout, best.whole, self._paths, self._owners.created)
        for learner in group:
            found = Found(
                learner=learner,
                exercise=exercise_id,
                file=best.whole,
                include_helpers=not is_flat,
                path=best.path,
                beside=beside,
                note=decision.note(),
                is_exact=decision.is_exact,
                is_undecided=decision.is_undecided,
                problem=decision.problem,
                handed=handed,
            )
            self.result.found.append(found)
            if decision.is_undecided:
                self.result.notices.extend(_undecided(decision, found))
            else:
                self.result.notices.extend(_superseded(decision, exercise_id, self._layout))


def _named_exercises(owners: Owners, chooser: Chooser) -> set[str]:
    """The exercises that the name of any file means."""
    found = set()
    for files in owners.files.values():
        for file in files:
            named = chooser.names.of_file(file.name)
            if named is not None:
                found.add(named.exercise)

    return found


def _with_one_folder(decision: Choice, learner: str, layout: Layout) -> Choice:
    """The decision, unless several folders of one name may be those of several people.

    A number in the names of the folders around them says which one is the latest attempt.
    """
    best = decision.file
    same_attempt = [file for file in decision.others if file.attempt == best.attempt]
    folders = [layout.folders_of_learner(file.whole) for file in (best, *same_attempt)]
    different = list(dict.fromkeys(folders))
    if len(different) == 1:
        return decision

    listed = " and ".join(f"`{printable(folder)}`" for folder in different)
    # Nobody but the instructor can know, so it is no zero.
    problem = UnreadableError(
        f"there are several folders for `{learner}`: {listed}", advice="ask your instructor"
    )
    return msgspec.structs.replace(decision, problem=problem, is_undecided=True)


def _files_beside(best: File, files: Sequence[File]) -> dict[str, str]:
    """The learner's own files in a flat download, under the names that imports use."""
    latest: dict[str, tuple[int, str]] = {}
    for file in files:
        stem, suffix = split(file.shown)
        if file is best or file.attempt != best.attempt:
            continue
        if suffix != ".py" and suffix not in DATA_SUFFIXES:
            continue

        number = 0
        numbered = _RESUBMITTED.fullmatch(stem)
        if numbered:
            stem = numbered[1]
            number = int(numbered[2])

        name = f"{stem}{suffix}"
        before = latest.get(name, (-1, ""))
        latest[name] = max(before, (number, file.whole))

    return {name: path for name, (_, path) in latest.items()}


def _undecided(decision: Choice, found: Found) -> Iterator[Notice]:
    """The notices for several files that could count equally well."""
    problem = f"several different files could be {found.exercise} of {found.learner}"
    advice = (
        "name the right one with --pattern, or for good: give it the exact name, or remove "
        "the others"
    )
    if isinstance(decision.problem, UnreadableError):
        problem = decision.problem.problem
        advice = "rename one if these are several people, or else remove one"

    for file in (decision.file, *decision.others):
        yield Notice(file.whole, NoticeKind.NOT_A_SUBMISSION, problem, advice)


def _superseded(decision: Choice, exercise_id: str, layout: Layout) -> Iterator[Notice]:
    """The notices for the files that another one replaces."""
    best = decision.file.whole
    shown = printable(best)
    for other in decision.others:
        name = shown.rpartition("/")[2]
        # Two files in different folders can have one name.
        if other.whole.endswith(f"/{name}"):
            name = shown

        advice = ""
        if layout.folders_of_learner(other.whole) != layout.folders_of_learner(best):
            advice = "if these are several people of one name, rename one of the folders"

        problem = f"not used; {name} counts for {exercise_id}"
        yield Notice(other.whole, NoticeKind.SUPERSEDED, problem, advice)
