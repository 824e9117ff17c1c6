"""A file that has no grade, or whose grade needs a look, and why."""

from enum import StrEnum

import msgspec

from grader.text import printable


class NoticeKind(StrEnum):
    """Why a file has a notice."""

    NOT_A_SUBMISSION = "not a submission"
    SUPERSEDED = "superseded"
    """Another file of the learner counts for the exercise."""
    NOT_GRADABLE = "not gradable"
    """The submission is empty, binary, too large, or broken: it gets no points."""
    SYSTEM = "uses the system"
    """The submission was graded; its code names functions that reach out of the sandbox."""
    NOT_IN_ROSTER = "not in the roster"
    """The submission was graded, and the roster does not say whose it is."""
    UNREADABLE = "unreadable"
    """This machine could not read the file, so nobody knows what it is worth."""


class Notice(msgspec.Struct, frozen=True):
    """A file or folder that was not graded, and why.

    ``sentence()`` is for people. Decisions depend on ``kind``, never on a text: a learner
    chooses the file's name, which can contain any text.
    """

    file: str
    """Its path in the folder of submissions; empty if an older gradebook has only a sentence."""
    kind: NoticeKind
    problem: str
    advice: str = ""
    """The next step, if there is one."""

    def reason(self) -> str:
        """Why the file was not graded: ``a binary file, not text; save it as plain text``."""
        if not self.advice:
            return self.problem

        return f"{self.problem}; {self.advice}"

    def summary(self) -> str:
        """The reason without what belongs to this file only, to group files by it."""
        # The reason names the file that counts, so it differs for every file.
        if self.kind is NoticeKind.SUPERSEDED:
            if not self.advice:
                return "another file counts for that exercise"
            return f"another file counts for that exercise; {self.advice}"

        return self.reason()

    def sentence(self) -> str:
        """The file and the reason, as one printable line."""
        # An older gradebook has the file's name within the reason.
        if not self.file:
            return self.reason()

        return f"{printable(self.file)}: {self.reason()}"
