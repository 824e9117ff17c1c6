"""What was found in the folder of a class, as records."""

from collections.abc import Collection
from pathlib import Path

import msgspec

from grader.errors import SubmissionError
from grader.grades.counted import Handed
from grader.grades.learner import Learner
from grader.grades.notice import Notice
from grader.submission.learner_file import File


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

    def only(self, exercises: Collection[str]) -> "ClassFolder":
        """The folder without the submissions for other exercises than ``exercises``."""
        found = [each for each in self.found if each.exercise in exercises]
        return msgspec.structs.replace(self, found=found)
