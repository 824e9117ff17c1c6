"""Partners who hand in one answer sheet are asked with the numbers of one of them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from grader.course.records import Exercise, QuizExercise
from grader.files import read_regular
from grader.grades.learner import Learner
from grader.submission.class_folder import ClassFolder, Found

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = re.compile(rb"^learner:[ \t]*[\"']?([^\r\n#\"']+)", re.MULTILINE)


class _Sheet(NamedTuple):
    """An answer sheet of several learners."""

    exercise: str
    learners: frozenset[str]
    """Who hands it in together."""
    content: bytes


def with_shared_numbers(folder: ClassFolder, exercises: Mapping[str, Exercise]) -> ClassFolder:
    """The folder, in which partners with equal answer sheets have the numbers of one name.

    It is the name on the sheet, if that is one of the partners, and otherwise the first of them.
    The name on the sheet of somebody without partners still decides nothing.
    """
    learners = {learner.name: learner for learner in folder.learners}
    owners: dict[tuple[str, str], str] = {}
    for sheet, names in _shared_sheets(folder, exercises, learners).items():
        partners = [learners[name] for name in names]
        owner = _owner(sheet.content, partners)
        for name in names:
            owners[sheet.exercise, name] = owner

    changed = []
    for found in folder.found:
        owner = owners.get((found.exercise, found.learner), "")
        if owner == found.learner:
            owner = ""

        changed.append(msgspec.structs.replace(found, drawn_for=owner))

    return msgspec.structs.replace(folder, found=changed)


def _shared_sheets(
    folder: ClassFolder, exercises: Mapping[str, Exercise], learners: Mapping[str, Learner]
) -> dict[_Sheet, list[str]]:
    """Each sheet of several learners, and the names under which it was found."""
    # Partners can have one file, to which several names lead.
    at_path: dict[tuple[str, Path], set[str]] = defaultdict(set)
    for found in folder.found:
        at_path[found.exercise, found.path].add(found.learner)

    shared = defaultdict(list)
    for found in folder.found:
        if not _is_sheet(found, exercises):
            continue

        together = {found.learner, *learners[found.learner].partners}
        together |= at_path[found.exercise, found.path]
        # Nobody reads the sheets of those who work alone.
        if len(together) > 1:
            sheet = _Sheet(found.exercise, frozenset(together), _content(found))
            shared[sheet].append(found.learner)

    return shared


def _is_sheet(found: Found, exercises: Mapping[str, Exercise]) -> bool:
    if found.is_absent or found.problem is not None:
        return False
    return not exercises[found.exercise].spec.runs_code


def _content(found: Found) -> bytes:
    """The beginning of a sheet: a longer one is refused anyway."""
    try:
        return read_regular(found.path, QuizExercise.max_bytes)
    except OSError:
        return b""


def _owner(content: bytes, partners: Sequence[Learner]) -> str:
    """Whose numbers are on a sheet: the name in it, or else the first of the partners."""
    match = _NAME.search(content)
    if match is not None:
        # It is compared only, so a wrong encoding does no harm.
        written = match[1].decode("utf-8", "replace").strip()
        for partner in partners:
            if written in _names(partner):
                return partner.name

    return partners[0].name


def _names(learner: Learner) -> Iterable[str]:
    return (learner.name, learner.person, learner.email, *learner.keys)
