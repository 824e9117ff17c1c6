"""Whose each file in the folder of a class is, by the layout and what the system says."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from re import Match

import msgspec

from grader.errors import SubmissionError
from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from grader.submission import archives, layouts, system_files, times
from grader.submission.filenames import SUFFIXES, Names, split
from grader.submission.layouts import DEFAULT_LAYOUT, TEAMS_DRAFTS, TEAMS_SUBMITTED, Layout
from grader.submission.learner_file import File
from grader.submission.system_files import GradescopeList
from grader.submission.tree import Tree


class Owners(msgspec.Struct, frozen=True):
    """Whose each file in the folder of a class is."""

    learners: dict[str, Learner]
    """Name to learner, also of those whose folder is empty."""
    files: dict[tuple[str, ...], list[File]]
    """The names of learners who share a submission to their files."""
    strays: list[File]
    """Files at the top that fit no layout."""
    flat: set[str]
    """The paths of files in folders that several learners share."""
    active: dict[str, int | None]
    """In Submitty: name of a learner to the version that they chose to be graded."""
    created: dict[str, str]
    """In Gradescope: number of a submission to its time."""
    notices: list[Notice]
    """Why files are nobody's."""

    def files_of_each(self) -> dict[str, list[File]]:
        """The name of each learner to their files, with those that they share."""
        files: dict[str, list[File]] = defaultdict(list)
        for group, together in self.files.items():
            for learner in group:
                files[learner] += together

        return files


def find_owners(tree: Tree, layout: Layout, names: Names) -> Owners:
    """Find the learners of a class, and the files of each.

    ``names`` are those of the exercises.
    """
    listed = GradescopeList()
    if layout.system == "Gradescope":
        listed = _gradescope_list(tree, layout)

    sorting = _ByOwner(tree, layout, names, listed)
    for path in sorted(tree.files):
        sorting.add(path)

    for path, (file, error) in sorted(tree.set_aside.items()):
        sorting.add_set_aside(path, file, error)

    return sorting.owners


def _gradescope_list(tree: Tree, layout: Layout) -> GradescopeList:
    folder = tree.root / layout.prefix
    # Instructors move the list, or the folders of the submissions.
    if not (folder / system_files.GRADESCOPE_LIST).exists():
        folder = tree.root

    return system_files.gradescope_list(folder)


def _written_names(tree: Tree, layout: Layout) -> set[str]:
    """The names of the learners as the folder writes them."""
    paths = list(tree.files)
    # An empty folder has no file whose path could show its name.
    paths += [f"{folder}/-" for folder in tree.folders]
    written = set()
    for path in paths:
        match = layout.match(path)
        if match is not None:
            name = match.groupdict().get("learner") or ""
            written.add(archives.stem(name))

    return written


class _ByOwner:
    """Sorts the files of a class by their learners."""

    def __init__(self, tree: Tree, layout: Layout, names: Names, listed: GradescopeList) -> None:
        self._tree = tree
        self._layout = layout
        self._names = names
        self._listed = listed
        self._written = _written_names(tree, layout)
        self.owners = Owners(
            learners=self._with_folder(),
            files=defaultdict(list),
            strays=[],
            flat=set(),
            active={},
            created=listed.created,
            notices=[],
        )
        if listed.notice is not None:
            self.owners.notices.append(listed.notice)

    def _with_folder(self) -> dict[str, Learner]:
        """The learners who have a folder: they belong to the class, also if it is empty."""
        learners = {}
        for folder in self._tree.folders:
            owner = self._layout.owner(folder, self._written)
            if owner is not None:
                learners[owner.name] = owner

        return learners

    def add(self, path: str) -> None:
        """Add a file: to the files of its learners, or as a notice."""
        match = self._layout.match(path)
        if match is None:
            self._add_stray(path)
            return

        authors = self._authors(match)
        for learner in authors:
            self.owners.learners[learner.name] = learner

        inner = self._path_of_learner(path, match.groupdict())
        if inner is None:
            self._add_system_file(path, authors[0])
        elif not times.is_time_of(self._layout, inner):
            self._add_file(path, inner, match, authors)

    def add_set_aside(self, path: str, file: Path, error: SubmissionError) -> None:
        """Add a file that nobody grades, if its learner handed in nothing else."""
        match = self._layout.match(path)
        if match is None or "learner" not in match.groupdict():
            return

        # Instructors keep copies in such folders, too: those are nobody's.
        learner = self._layout.learner(match, self._written)
        inner = self._path_of_learner(path, match.groupdict())
        if inner is None or learner.name not in self.owners.learners:
            return

        own = self.owners.files.get((learner.name,), [])
        if any(each.suffix in SUFFIXES and each.error is None for each in own):
            return

        self.owners.files[learner.name,].append(File(file, inner, path, error=error))

    def _authors(self, match: Match[str]) -> list[Learner]:
        """Who handed in the file whose path is ``match``."""
        number = match.groupdict().get("id") or ""
        listed = self._listed.people.get(number)
        if listed:
            return listed

        # The list can omit a submission, or contain no names for it.
        learner = self._layout.learner(match, self._written)
        if self._listed.people and learner.name not in self.owners.learners:
            problem = f"{system_files.GRADESCOPE_LIST} does not say whose it is"
            folder = self._layout.prefix + match.string[: match.end("id")]
            advice = "export the submissions again, or add the name to that file"
            notice = Notice(folder, NoticeKind.NOT_IN_ROSTER, problem, advice)
            self.owners.notices.append(notice)

        return [learner]

    def _path_of_learner(self, path: str, groups: Mapping[str, str | None]) -> str | None:
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
            if self._names.of_file(short):
                return short

        return name

    def _add_system_file(self, path: str, author: Learner) -> None:
        """Read a file that Blackboard, Submitty or Moodle put beside the submissions."""
        if path.endswith(f"/{system_files.SUBMITTY_SETTINGS}"):
            settings = self._tree.files[path]
            self.owners.active[author.name] = system_files.active_version(settings)

    def _add_file(
        self, path: str, inner: str, match: Match[str], authors: Collection[Learner]
    ) -> None:
        if not self._layout.has_own_folder(match):
            self.owners.flat.add(path)

        file = File(
            path=self._tree.files[path],
            shown=inner,
            whole=path,
            attempt=layouts.attempt(match),
            assignment=match.groupdict().get("exercise") or "",
            archives=self._tree.archives_around(inner),
            error=self._tree.errors.get(path),
        )
        group = sorted(learner.name for learner in authors)
        self.owners.files[tuple(group)].append(file)

    def _add_stray(self, path: str) -> None:
        """Add a file that does not fit the layout."""
        name = path.removeprefix(self._layout.prefix)
        if system_files.GRADESCOPE_LIST in (path, name):
            return

        error = self._tree.errors.get(path)
        self.owners.notices.append(_misplaced(path, self._layout, error))
        if "/" not in name:
            stray = File(self._tree.files[path], name, path, error=error)
            self.owners.strays.append(stray)


def _misplaced(path: str, layout: Layout, error: SubmissionError | None) -> Notice:
    """The notice for a file that does not fit the layout; ``error`` is that of an archive."""
    is_in_drafts = f"/{TEAMS_DRAFTS}/" in f"/{path}"
    advice = ""
    if error is not None:
        # The archive of a learner would not be here if it had been unpacked.
        problem = error.problem
        advice = error.advice
    elif layout.pattern:
        problem = f"does not fit {layout.pattern}"
    elif is_in_drafts and layout.prefix.endswith(f"{TEAMS_SUBMITTED}/"):
        problem = "a draft in Teams, which was not handed in"
    elif layout.name != DEFAULT_LAYOUT.name:
        name = layout.name.partition(" (")[0]
        problem = f"not in a folder for submissions ({name})"
    else:
        problem = "in no learner's folder"
        advice = "arrange files as LEARNER/EXERCISE.py, or describe their paths with --pattern"

    return Notice(path, NoticeKind.NOT_A_SUBMISSION, problem, advice)
