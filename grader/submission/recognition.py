"""Recognize how the folder of a class is arranged.

Several systems can fit a folder. Names of exercises decide then: they are never learners.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import msgspec

from grader.submission import system_files
from grader.submission.filenames import Names
from grader.submission.folder_names import is_exercise, is_own
from grader.submission.layouts import (
    BY_ASSIGNMENT,
    DEFAULT_LAYOUT,
    LAYOUTS,
    TEAMS_DRAFTS,
    TEAMS_SUBMITTED,
    Layout,
)
from grader.submission.tree import Tree

MOST_FOLDERS_AROUND: Final = 2


def recognize(tree: Tree, names: Names) -> Layout:
    """The layout of a class, which may be below folders that only surround it."""
    files = list(tree.files)
    folder = tree.root
    prefix = ""
    layout = _layout_of(folder, files, names)
    for _ in range(MOST_FOLDERS_AROUND):
        # Only the default layout fits a class below another folder.
        around = _folder_around(files, names) if layout is DEFAULT_LAYOUT else ""
        if not around:
            break

        prefix += f"{around}/"
        files = _files_in(around, files)
        folder = folder / around
        layout = _layout_of(folder, files, names)

    layout = msgspec.structs.replace(layout, prefix=prefix)
    if layout.system == "Blackboard":
        return layout.with_logins(_logins(tree, layout))

    return layout


def _layout_of(folder: Path, files: Collection[str], names: Names) -> Layout:
    """The layout of these files, unless it takes exercises for learners."""
    layout = _best_fit(folder, files)
    if layout.system == "Submitty" and not _is_submitty(layout, files):
        return DEFAULT_LAYOUT

    # exercise1_2026_01_02T10_00_00.zip has a date, and no numbers of Canvas.
    if layout.system == "Canvas" and _are_exercises(_values("learner", layout, files), names):
        return DEFAULT_LAYOUT

    if layout.system == "nbgrader" and _is_by_assignment(layout, files, names):
        return BY_ASSIGNMENT if layout.folder else BY_ASSIGNMENT.inside()

    return layout


def _best_fit(folder: Path, files: Collection[str]) -> Layout:
    """The layout of a learning platform, or else a folder per learner.

    A platform's layout fits at least half of the files, or as many as a folder per learner does.
    If several fit equally many, it is the most specific one.
    """
    # Instructors can name a system's folder itself or the folder above it.
    name = folder.resolve().name.casefold()
    inside = [layout.inside() for layout in LAYOUTS if layout.folder == name]
    layouts = [*inside, *LAYOUTS]

    def fitting(layout: Layout) -> int:
        return sum(layout.fits(file) for file in files)

    # Every folder fits the default layout, also one that somebody put beside a download.
    counts = {layout: fitting(layout) for layout in layouts if layout is not DEFAULT_LAYOUT}
    found = max(counts.values())
    if found and (2 * found >= len(files) or found >= fitting(DEFAULT_LAYOUT)):
        return outermost([layout for layout, count in counts.items() if count == found], files)

    return DEFAULT_LAYOUT


def outermost(layouts: Sequence[Layout], files: Collection[str]) -> Layout:
    """The first of these layouts whose learners no other one finds in a learner's own file name.

    Learners choose such names: in ``ada_1_2_ben_3_assignsubmission_file_a.py`` of Canvas, Moodle
    has no part.
    """
    for layout in layouts:
        others = [other for other in layouts if other is not layout]
        if not any(_is_inside(layout, other, file) for other in others for file in files):
            return layout

    return layouts[0]


def _is_inside(layout: Layout, other: Layout, file: str) -> bool:
    """Whether ``layout`` finds its learner where ``other`` finds the learner's own path."""
    match = layout.paths.fullmatch(file)
    around = other.paths.fullmatch(file)
    if match is None or around is None or around["file"] is None:
        return False

    return match.start(layout.key or "learner") >= around.start("file")


def _values(group: str, layout: Layout, files: Collection[str]) -> set[str]:
    """What a group of the layout's pattern matches in these files."""
    matches = map(layout.paths.fullmatch, files)
    return {match[group] for match in matches if match is not None}


def _are_exercises(folders: Collection[str], names: Names) -> bool:
    return all(is_exercise(folder, names) for folder in folders)


def _is_submitty(layout: Layout, files: Collection[str]) -> bool:
    """Whether these are folders of Submitty, and not those of learners with numbered folders."""
    # Only Submitty writes this file.
    if any(path.endswith(f"/{system_files.SUBMITTY_SETTINGS}") for path in files):
        return True

    assignments = _values("assignment", layout, files)
    learners = _values("learner", layout, files)
    return len(assignments) <= len(learners)


def _is_by_assignment(layout: Layout, files: Collection[str], names: Names) -> bool:
    """Whether somebody sorted the learners into folders of assignments, against nbgrader."""
    outer = _values("learner", layout, files)
    inner = _values("exercise", layout, files)
    if _are_exercises(outer, names):
        return True

    # Many folders in one: an assignment with its learners, or a learner with exercises.
    is_one_with_many = len(outer) == 1 and len(inner) > 1
    return is_one_with_many and not any(is_exercise(folder, names) for folder in inner)


def _folder_around(files: Collection[str], names: Names) -> str:
    """The only folder here, if it surrounds a class; empty if these are the learners."""
    tops = {path.partition("/")[0] for path in files if "/" in path}
    if {TEAMS_SUBMITTED, TEAMS_DRAFTS} <= tops:
        return TEAMS_SUBMITTED
    if len(tops) != 1:
        return ""

    (top,) = tops
    inner = _files_in(top, files)
    is_system = _layout_of(Path(top), inner, names) is not DEFAULT_LAYOUT
    if is_system or _has_learners(inner, names):
        return top

    return ""


def _has_learners(files: Collection[str], names: Names) -> bool:
    """Whether several folders have a file for the same exercise, as those of learners do."""
    folders: dict[str, set[str]] = defaultdict(set)
    for path in files:
        folder, _, inner = path.partition("/")
        name = inner.rpartition("/")[2]
        named = names.of_file(name)
        if named is not None and not is_own(folder) and not is_exercise(folder, names):
            folders[named.exercise].add(folder)

    return any(len(several) > 1 for several in folders.values())


def _files_in(folder: str, files: Collection[str]) -> list[str]:
    """The paths below a folder of these files."""
    start = f"{folder}/"
    return [path.removeprefix(start) for path in files if path.startswith(start)]


def _logins(tree: Tree, layout: Layout) -> set[str]:
    """The logins in Blackboard's own files that contain a ``_``."""
    logins = set()
    for path, file in tree.files.items():
        match = layout.match(path)
        if match is None or match["file"] is not None:
            continue

        login = system_files.blackboard_login(file)
        before = path.partition("_attempt_")[0]
        if "_" in login and before.endswith(f"_{login}"):
            logins.add(login)

    return logins
