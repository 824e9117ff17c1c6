"""What a system wrote into the paths of graded files, read when the class is no longer there.

Learners choose the names of their files, and these can look as if a system had written them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from re import Match
from typing import Final

from grader.submission import archives
from grader.submission.layouts import DEFAULT_LAYOUT, LAYOUTS, Layout
from grader.submission.recognition import MOST_FOLDERS_AROUND, outermost

_SYSTEMS: Final = [layout for layout in LAYOUTS if layout is not DEFAULT_LAYOUT]


def read_paths(
    owners: Mapping[str, Collection[str]], *, only: str = ""
) -> dict[str, tuple[Layout, Match[str]]]:
    """Each path that a system wrote, with the system's layout and its match.

    ``owners`` maps the path of each graded file to the learners who handed it in.
    ``only`` is the learner of a class of one, which no second learner shows how to read.
    """
    below = _by_folder(owners)
    counts = {}
    for folder, paths in below.items():
        is_around = _is_around(paths, owners)
        if only:
            is_around = not _is_of_learner(folder, only)
        if not folder or is_around:
            inner = [path.removeprefix(folder) for path in paths]
            counts[folder] = {
                layout: sum(layout.fits(path) for path in inner) for layout in _SYSTEMS
            }

    found = {}
    # A system's own part is the outermost one.
    for folder in sorted(counts, key=lambda folder: folder.count("/")):
        for path in below[folder]:
            if path not in found:
                match = _match(path.removeprefix(folder), counts[folder])
                if match is not None:
                    found[path] = match

    return found


def _by_folder(paths: Collection[str]) -> dict[str, list[str]]:
    """The paths below each folder that can surround a class; its name ends with ``/``."""
    below = defaultdict(list)
    for path in paths:
        folder = ""
        below[folder].append(path)
        for name in path.split("/")[:-1][:MOST_FOLDERS_AROUND]:
            folder += f"{name}/"
            below[folder].append(path)

    return below


def _is_around(paths: Collection[str], owners: Mapping[str, Collection[str]]) -> bool:
    """Whether a folder with these files surrounds a class, and is not that of one learner.

    Learners who share a file can share their folder, too.
    """
    first, *rest = paths
    together = {*owners[first]}
    while rest:
        joined = [path for path in rest if together & {*owners[path]}]
        if not joined:
            return True

        together.update(*(owners[path] for path in joined))
        rest = [path for path in rest if not together >= {*owners[path]}]

    return False


def _is_of_learner(folder: str, learner: str) -> bool:
    names = map(archives.stem, folder.split("/"))
    return learner in names


def _match(path: str, counts: Mapping[Layout, int]) -> tuple[Layout, Match[str]] | None:
    fitting = [layout for layout in _SYSTEMS if layout.fits(path)]
    if not fitting:
        return None

    most = max(counts[layout] for layout in fitting)
    layout = outermost([each for each in fitting if counts[each] == most], [path])
    match = layout.paths.fullmatch(path)
    return None if match is None else (layout, match)
