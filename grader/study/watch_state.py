"""The state of ``grade watch``: what the learner works on, and the page on the screen."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from grader.course.records import Exercise
from grader.grades.grade import Grade
from grader.study import advice
from grader.study.progress import Hint
from grader.submission.files import Submission


class Statement(msgspec.Struct, frozen=True):
    """What an exercise asks for."""

    exercise: Exercise


class GradeReport(msgspec.Struct, frozen=True):
    """The grade of a submission."""

    exercise: Exercise
    grade: Grade
    submission: Submission
    points_before: int | None = None
    """The points of the grade before, of the same exercise."""


class ShownHint(msgspec.Struct, frozen=True):
    """A hint; it stays on the page of its exercise after the next save."""

    exercise: Exercise
    hint: Hint


class Running(msgspec.Struct, frozen=True):
    """Lines which say that grading is running."""

    lines: list[str]


Part = Statement | GradeReport | ShownHint | Running | list[str]
"""Lines of text are a part, too."""


class Page(msgspec.Struct, frozen=True):
    """What is on the screen, and the way back to the page before."""

    parts: tuple[Part, ...] = ()
    before: tuple[Part, ...] = ()
    """The parts from which a key turned to the statement or to the list."""
    turned: int = 0
    """How often the learner turned to the next part of a page longer than the screen, less how
    often back."""

    @property
    def is_running(self) -> bool:
        """Whether the page says that grading is running."""
        return any(isinstance(part, Running) for part in self.parts)

    def aside(self, part: Part) -> "Page":
        """The statement or the list; with the same key again, the page before it."""
        if self.parts and self.parts[0] == part:
            # Without a page before it, there is nothing to go back to.
            return Page(self.before or self.parts)

        # From the statement to the list, the way back is to the page before both.
        return Page((part,), before=self.before or self.parts)

    def with_grade(self, exercise: Exercise, grade: Grade, submission: Submission) -> "Page":
        """A page with a grade; the last hint of its exercise stays until a pass."""
        points_before = None
        hints: list[Part] = []
        for part in self.parts:
            if isinstance(part, GradeReport) and part.exercise == exercise:
                points_before = part.grade.points
            if isinstance(part, ShownHint) and part.exercise == exercise and not grade.passed:
                hints.append(part)

        report = GradeReport(exercise, grade, submission, points_before)
        return Page((report, *hints))

    def with_hint(self, hint: ShownHint) -> "Page":
        """The page with a hint at its end, in place of the one before."""
        parts = [part for part in self.parts if not isinstance(part, ShownHint)]
        return self._with_addition(parts, hint)

    def with_sentence(self, sentence: str) -> "Page":
        """The page with a sentence at its end."""
        lines = advice.wrapped(sentence)
        # The same sentence twice says nothing more.
        parts = [part for part in self.parts if part != lines]
        return self._with_addition(parts, lines)

    def with_running(self, sentence: str) -> "Page":
        """The page with a sentence which says that grading is running."""
        running = Running(advice.wrapped(sentence))
        parts = [part for part in self.parts if not isinstance(part, Running)]
        return replace(self, parts=(*parts, running))

    def _with_addition(self, parts: Sequence[Part], addition: Part) -> "Page":
        # The addition is on the first screen, so the page turns back to it.
        return replace(self, parts=(*parts, addition), turned=0)


class State(msgspec.Struct, frozen=True):
    """What the learner works on, what is on the screen, and when the next ``Tick`` is due."""

    exercise: Exercise
    is_introduced: bool = False
    """Whether its statement or a grade of it was shown."""
    page: Page = Page()
    graded: tuple[str, str] = ("", "")
    """Exercise id and digest of the submission that was graded last."""
    graded_at: float = 0.0
    slow_at: float | None = None
    """When to say that grading is still running, and for how long."""
    is_warm: bool = False
    """Whether a grade came; before the first one, the examiner loads PyTorch."""
    grading_since: float = 0.0
    """When the grading began that runs now, or ran last."""
    retry_at: float | None = None
    """When to read a file again that was missing or half written."""

    @property
    def wakes_at(self) -> float | None:
        """When the next ``Tick`` is due; None if only another event can change anything."""
        due = (self.slow_at, self.retry_at)
        times = [at for at in due if at is not None]
        return min(times, default=None)

    @property
    def keys(self) -> list[str]:
        """The keys for the last line of the screen, each with what it does."""
        # Space is not here: it only works on a long page, which says so itself.
        keys = ["h hint", "s show", "n next", "l list", "r run again", "q quit"]
        if self.page.before:
            place = 1 if isinstance(self.page.parts[0], Statement) else 3
            keys[place] = f"{keys[place][0]} back"
        if not self.exercise.spec.runs_code:
            keys.insert(0, "a answer here")

        return keys
