"""The values of ``--format``: an object for each, which knows how to write a grade.

To add a format, write a subclass of ``OutputFormat`` and put it into ``FORMATS``. The modules
that do the writing are imported by the methods, because a command needs only one of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, Final, TextIO

import msgspec

from grader.course.records import Exercise
from grader.grades.grade import Grade

Content = str | Callable[[TextIO], None]
"""A text, or a function that writes to a stream and looks at its width and its colors."""


class About(msgspec.Struct, frozen=True):
    """What a format may need beside the grade."""

    exercise: Exercise
    file: Path
    """The submission, or the folder that has it, as the user named it."""
    environment: Mapping[str, str]


class OutputFormat(ABC):
    """One value of ``--format``."""

    has_several: ClassVar[bool] = False
    """Whether it can write the grades of one submission on several devices."""
    has_ungraded: ClassVar[bool] = True
    """Whether it can say that the grader failed.

    Without a file, the other systems say so themselves.
    """

    records_refusals: ClassVar[bool] = False
    """Whether it writes a grade whose submission did not run, because the sandbox is too weak."""

    @abstractmethod
    def grade(self, grade: Grade, about: About) -> Content:
        """One grade."""

    def several(self, grades: Sequence[Grade], about: About) -> Content:
        """The grades of several devices, if ``has_several``."""
        raise NotImplementedError

    def refusal(self, message: str, about: About) -> Content | None:
        """The result of a submission that cannot be read; None if that is an error as usual.

        A system that waits for a result gets one, with no points and the reason.
        """
        return None

    def step_summary(self, grade: Grade, about: About) -> str:
        """Markdown for the summary of a CI step; empty if there is none."""
        return ""

    def refusal_summary(self, message: str, about: About) -> str:
        """The same for a submission that cannot be read."""
        return ""


class Terminal(OutputFormat):
    """A page for people."""

    has_several = True

    def grade(self, grade: Grade, about: About) -> Content:
        # Each format imports its own modules, because a command uses only one.
        from grader.report.terminal import grade_page

        return lambda stream: grade_page.write(grade, about.exercise.spec.title, stream)

    def several(self, grades: Sequence[Grade], about: About) -> Content:
        from grader.report.terminal import grade_page

        return lambda stream: grade_page.write_all(grades, about.exercise.spec.title, stream)


class Json(OutputFormat):
    """The results format of ``docs/results-format.md``."""

    has_several = True
    records_refusals = True

    def grade(self, grade: Grade, about: About) -> Content:
        from grader.report.export import documents

        return documents.as_json(grade)

    def several(self, grades: Sequence[Grade], about: About) -> Content:
        from grader.report.export import documents

        return documents.all_as_json(grades)


class JUnit(OutputFormat):
    """JUnit XML, for CI systems."""

    has_several = True

    def grade(self, grade: Grade, about: About) -> Content:
        return self.several([grade], about)

    def several(self, grades: Sequence[Grade], about: About) -> Content:
        from grader.report.export import documents

        return documents.as_junit(*grades)


class GitHub(OutputFormat):
    """Workflow commands of GitHub Actions, and a page for the summary of the step."""

    def grade(self, grade: Grade, about: About) -> Content:
        from grader.report.export import github

        file = about.file
        if file.is_dir():
            file /= grade.submission

        return github.annotations(grade, str(file))

    def refusal(self, message: str, about: About) -> Content:
        from grader.report.export import github

        return github.refusal(message, str(about.file))

    def step_summary(self, grade: Grade, about: About) -> str:
        from grader.report.export import markdown

        return markdown.feedback(grade, about.exercise.spec.title)

    def refusal_summary(self, message: str, about: About) -> str:
        from grader.report.text_templates import fenced

        return f"# {about.exercise.id}\n\n{fenced(message)}\n"


class Gradescope(OutputFormat):
    """Gradescope's ``results.json``."""

    has_ungraded = False

    def grade(self, grade: Grade, about: About) -> Content:
        from grader.report.export import gradescope

        return gradescope.as_results(grade)

    def refusal(self, message: str, about: About) -> Content:
        from grader.report.export import gradescope

        return gradescope.refusal(about.exercise, message)


class Classroom50(OutputFormat):
    """Classroom 50's ``result.json``; the runner's environment says whose submission it is."""

    has_ungraded = False

    def grade(self, grade: Grade, about: About) -> Content:
        from grader.report.export import classroom50

        origin = classroom50.origin_of(about.environment)
        return classroom50.as_result(grade, origin, datetime.now(UTC))

    def refusal(self, message: str, about: About) -> Content:
        from grader.report.export import classroom50

        origin = classroom50.origin_of(about.environment)
        return classroom50.refusal(origin, about.exercise.spec.max_points, datetime.now(UTC))


FORMATS: Final[dict[str, OutputFormat]] = {
    "terminal": Terminal(),
    "json": Json(),
    "junit": JUnit(),
    "github": GitHub(),
    "gradescope": Gradescope(),
    "classroom50": Classroom50(),
}
"""Value of ``--format`` to its object."""
