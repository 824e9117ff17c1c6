"""What the name of a folder says: an exercise, a version of the work, or somebody's own order."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import msgspec

from grader.submission import archives
from grader.submission.filenames import COPY, Names
from grader.submission.learner_file import File

# Longer numbers are those of students, unless they are a year or a date.
_COUNT_OR_DATE: Final = r"[0-9]{1,3}|20[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))?"
_VERSION: Final = re.compile(rf"(?i)(?:version|attempt|v)[ _-]*([0-9]{{1,9}})|({_COUNT_OR_DATE})")
# Folders that people make for their own work, and systems for attempts.
_OWN: Final = re.compile(
    r"(?i)(week|hw|homework|ex|lab|assignment|part|task|ps|v|version|attempt|sheet)[ _-]*\d+"
    rf"|[ _-]*(?:{_COUNT_OR_DATE})"
    r"|old|new|final|src|code|submission|solution|test|tests|data"
)


def is_exercise(name: str, names: Names) -> bool:
    """Whether a folder is named after an exercise; ``exercise1-ada`` can be a learner's."""
    stem = archives.stem(name)
    named = names.of_file(stem)
    return named is not None and named.mark <= COPY


def is_own(name: str) -> bool:
    """Whether a folder has a name that people give to a part of their work: ``week 2``, ``src``."""
    return _OWN.fullmatch(name) is not None


def with_versions(files: Sequence[File]) -> list[File]:
    """The files of one learner, with the versions that their own folders name."""
    versions = _versions([file.shown for file in files])
    with_attempts = []
    for file in files:
        attempt = file.attempt or versions.get(file.shown, ())
        with_attempts.append(msgspec.structs.replace(file, attempt=attempt))

    return with_attempts


def _versions(paths: Collection[str]) -> dict[str, tuple[int, ...]]:
    """Path to version, where a folder has only folders of versions.

    Submitty names them by numbers, and Microsoft Teams ``Version 1``.
    """
    inside: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        for outer, name in _folders_around(path):
            inside[outer].add(name)

    versions: dict[str, tuple[int, ...]] = {}
    for path in paths:
        for outer, name in _folders_around(path):
            beside = inside[outer]
            match = _VERSION.fullmatch(name)
            # One folder alone can be anything.
            if match is None or len(beside) == 1:
                continue
            if all(_VERSION.fullmatch(other) for other in beside):
                versions[path] = (int(match[1] or match[2]),)
                break

    return versions


def _folders_around(path: str) -> Iterator[tuple[str, str]]:
    """Each folder around a file, the outermost first: the path to it, and its name."""
    outer = ""
    for name in path.split("/")[:-1]:
        yield outer, name
        outer += f"{name}/"
