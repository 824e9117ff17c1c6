"""The grade of one submission, as plain frozen records."""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Final, Literal

import msgspec

from grader.course.records import Check
from grader.grades.isolation import weak_layers
from grader.text import printable

FORMAT = 1
"""Version of the results format; see ``docs/results-format.md``."""
HIDDEN_TITLE = "Hidden check"
"""What a learner reads in place of a hidden check's title."""
OBSERVED: Final = "observed_"
"""The name of a misconception starts with this if it is a fact about the result.

Other names are those of wrong solutions and wrong answers.
"""


class Outcome(str, Enum):
    """The result of one check, as a word."""

    PASSED = "passed"
    FAILED = "failed"
    RAISED = "raised"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    FORBIDDEN = "forbidden"
    SKIPPED = "skipped"
    UNGRADED = "ungraded"

    @property
    def missed(self) -> bool:
        """Whether the check counts as not passed; a skipped check does not."""
        return self not in (Outcome.PASSED, Outcome.SKIPPED)


class Numbers(msgspec.Struct, frozen=True):
    """A small tensor of a failing case."""

    dtype: str
    """Without its module: ``float32``."""
    shape: list[int]
    values: list[float]
    """Row by row; 0 and 1 for bool."""


class View(msgspec.Struct, frozen=True):
    """The numbers of a failing case, for pages that draw them; large tensors are left out."""

    given: dict[str, Numbers]
    returned: Numbers | None
    """What the check compared, if that is a tensor."""
    expected: Numbers | None


class Frame(msgspec.Struct, frozen=True):
    """A line of the learner's own files that an exception passed."""

    file: str
    line: int
    """From 1; in a notebook, counted in its cell."""
    cell: int | None = None
    """The number of the notebook's cell; None for a line of another file."""
    function: str = ""
    """The function around it; empty at the top of the file."""
    text: str = ""
    """The line without its indentation."""

    @property
    def short(self) -> str:
        """``line 4``, or ``cell 2, line 4``."""
        if self.cell is None:
            return f"line {self.line}"

        return f"cell {self.cell}, line {self.line}"

    @property
    def place(self) -> str:
        """``exercise1.py line 4``, or ``cell 2, line 4``."""
        if self.cell is None:
            return f"{self.file} {self.short}"

        return self.short

    @property
    def where(self) -> str:
        """``exercise1.py line 4, in lookup``."""
        if not self.function:
            return self.place

        return f"{self.place}, in {self.function}"

    @property
    def whole(self) -> str:
        """``exercise1.py line 4, in lookup: return weight[0]``."""
        if not self.text:
            return self.where

        return f"{self.where}: {self.text}"


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """One failing case in full; every field but the last two is text, ready to be shown."""

    call: str = ""
    """The call, as the learner would write it: ``lookup(weight, idx)``."""
    note: str = ""
    """The steps around the call, if there are any."""
    given: dict[str, str] = {}
    """Parameter name to value."""
    compared: str = ""
    """The compared thing, unless it is the returned value: ``the gradient of x``."""
    returned: str = ""
    expected: str = ""
    """PyTorch's result for the same input, or the expected value of ``compared``."""
    traceback: list[str] = []
    """Lines of the learner's own files, outermost first."""
    column: int = 0
    """Where in the last line of ``traceback`` an error of syntax is, from 1; 0 if unknown."""
    is_smaller: bool = False
    """Whether this is not a call of the check, but the same call with smaller arguments."""


class AnswerMessage(msgspec.Struct, frozen=True):
    """The message about an answer in parts, for pages that show some of them elsewhere."""

    reason: str
    place: str = ""
    """Where the answer is: ``exercise2.yaml line 4``; empty if the message does not begin so."""
    next_question: str = ""
    """What the next attempt asks, and where to answer; empty if nothing is asked again."""

    @property
    def without_place(self) -> str:
        """The message, for a page that has the place already."""
        if not self.next_question:
            return self.reason

        return f"{self.reason}\n{self.next_question}"

    @property
    def whole(self) -> str:
        """The message."""
        if not self.place:
            return self.without_place

        return f"{self.place}: {self.without_place}"


class CheckError(msgspec.Struct, frozen=True):
    """The exception of a check that broke instead of judging the submission."""

    kind: str
    """The exception's class: ``TypeError``."""
    message: str
    line: int | None
    """The last line of checks.py that its traceback names."""


class CheckResult(msgspec.Struct, frozen=True):
    """The result of one check."""

    check: Check
    outcome: Outcome
    points: int
    message: str = ""
    seconds: float = 0.0
    case: Case | None = None
    error: CheckError | None = None
    """For the author of the check; the results format leaves it out."""
    view: View | None = None
    """The numbers of the case, if somebody draws them; the results format leaves it out."""
    frames: list[Frame] = []
    """The lines of the case's traceback; the results format has them only as text."""
    answer: Literal["", "open", "unclear"] = ""
    """For a quiz: whether the question has no answer yet, or none that can be understood."""
    attempt: int = 1
    """For a quiz: the attempt at this question, which decides its numbers."""
    needed: str = ""
    """The check that this one needs and that did not pass, by name: this one is not counted."""
    given: str = ""
    """For a quiz: the wrong answer, as the grader understood it."""
    numbers: dict[str, int] = {}
    """For a quiz: the drawn numbers of the question, unless its answer was right."""
    misconception: str = ""
    """For a quiz: the misconception behind the wrong answer, by name."""
    parts: AnswerMessage | None = None
    """For a quiz: the message in parts; the results format leaves them out."""

    @property
    def name(self) -> str:
        """The name of the check."""
        return self.check.name

    @property
    def word(self) -> str:
        """The result in words: the outcome, or ``open``, ``unclear`` or ``not counted``."""
        if self.needed:
            return "not counted"

        return self.answer or self.outcome.value

    @property
    def is_wrong_answer(self) -> bool:
        """Whether this is a judged answer of a quiz that is not the right one."""
        return self.outcome is Outcome.FAILED and not self.answer

    @property
    def title(self) -> str:
        """The title as a learner may read it: a hidden check says only that it is hidden.

        Pages for instructors show ``check.title``.
        """
        return self.check.title if self.visible else HIDDEN_TITLE

    @property
    def max_points(self) -> int:
        """The points that the check is worth."""
        return self.check.points

    @property
    def visible(self) -> bool:
        """Whether the learner may see more than the points."""
        return self.check.visible


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """The results of all checks of one submission, with their sum."""

    format: int = FORMAT
    exercise: str
    submission: str
    """The name of the file; empty if nothing was handed in."""
    learner: str
    device: str
    status: Literal["graded", "ungraded"]
    points: int
    max_points: int
    passed: bool
    seconds: float
    seed: int
    stdout: str
    misconception: str | None = None
    explanation: str | None = None
    """What the learner should know about the misconception."""
    asked: str | None = None
    """For a quiz: the name for which the numbers were drawn."""
    sheet_learner: str | None = None
    """For a quiz: the name on the answer sheet, if there is one."""
    isolation: dict[str, str | None]
    """Layer of the sandbox to the mechanism behind it; None if the layer is missing."""
    notes: list[str] = []
    """What the learner should know about the file, as whole sentences: cells that failed,
    missing packages, lines of an answer sheet that were not read."""
    file_note: str = ""
    """Which file was graded, if its name is not exact or another file has other code."""
    checks: list[CheckResult]

    @property
    def is_absent(self) -> bool:
        """Whether nothing was handed in, which is known from a roster."""
        return not self.submission and self.status == "graded"

    @property
    def is_attempt(self) -> bool:
        """Whether anything was judged: in a quiz, at least one answer that can be understood."""
        if self.is_absent or self.status != "graded":
            return False

        return not all(check.answer for check in self.checks)

    @property
    def hidden(self) -> list[CheckResult]:
        """The hidden checks: a learner sees only their number and points."""
        return [check for check in self.checks if not check.visible]

    @property
    def weak_isolation(self) -> list[str]:
        """The layers that separate submissions from files and processes, and that were missing.

        Empty for a quiz, and for a submission that the whole sandbox contained. A grade of status
        ``ungraded`` can have missing layers because its submission did not run without them.
        """
        return weak_layers(self.isolation)

    @property
    def reward(self) -> float | None:
        """The share of the points, 0 to 1; None if the grader could not grade."""
        if self.status == "ungraded":
            return None

        return self.points / self.max_points

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """Name of each check to its outcome."""
        return {check.name: check.outcome for check in self.checks}

    def check(self, name: str) -> CheckResult | None:
        """The result of one check; None if the rubric had no such check."""
        for result in self.checks:
            if result.name == name:
                return result

        return None

    @property
    def exit_code(self) -> int:
        """0 if every check passed, 1 if some check did not, 3 if the grader could not grade."""
        if self.status == "ungraded":
            return 3
        if self.passed:
            return 0

        return 1


def for_learner(grade: Grade) -> Grade:
    """``grade`` as its learner may see it: a hidden check shows only whether it passed.

    Its name, title, message, case, time and the way in which it failed could tell its inputs:
    a submission can sleep, raise or print as long as its input says. The misconception goes too
    if only hidden checks were missed: it explains the check that was missed first, and hidden
    checks run last.
    """
    if not grade.hidden:
        return grade

    names = {check.name: f"hidden_{number}" for number, check in enumerate(grade.hidden, 1)}
    checks = []
    sees_a_miss = False
    for check in grade.checks:
        if check.visible:
            sees_a_miss = sees_a_miss or check.outcome.missed
            checks.append(_without_names(check, names))
        else:
            checks.append(_veiled(check, names[check.name]))

    seconds = sum(check.seconds for check in checks)
    shown = msgspec.structs.replace(grade, checks=checks, seconds=round(seconds, 3))
    # Otherwise the explanation is about a hidden check, and could tell its inputs.
    if sees_a_miss:
        return shown

    return msgspec.structs.replace(shown, misconception=None, explanation=None)


def _without_names(result: CheckResult, names: Mapping[str, str]) -> CheckResult:
    """A visible check without the hidden ones that it needs; ``names`` has their other names."""
    needs = tuple(names.get(need, need) for need in result.check.needs)
    message = result.message
    if result.needed in names:
        message = not_counted(HIDDEN_TITLE)

    return msgspec.structs.replace(
        result,
        check=msgspec.structs.replace(result.check, needs=needs),
        message=message,
        needed=names.get(result.needed, result.needed),
    )


def not_counted(title: str) -> str:
    """The message of a check that holds, but needs the one with this title, which did not pass."""
    return f"Not counted, because this check did not pass: {title}"


def _veiled(result: CheckResult, name: str) -> CheckResult:
    """A hidden check as a learner may see it, under another name."""
    outcome = result.outcome
    if outcome.missed and outcome is not Outcome.UNGRADED:
        outcome = Outcome.FAILED

    # A need names another check.
    check = msgspec.structs.replace(result.check, name=name, title=HIDDEN_TITLE, needs=())
    return CheckResult(check, outcome, result.points)


def next_attempts(grades: Iterable[Grade]) -> dict[str, int]:
    """The attempt at each question of a quiz that follows on these grades, from the second one.

    A wrong answer gets feedback, so the same question comes again with other numbers. An open
    question keeps its numbers, and so does a right answer.
    """
    following: dict[str, int] = {}
    for grade in grades:
        for check in grade.checks:
            if check.is_wrong_answer:
                following[check.name] = max(following.get(check.name, 1), check.attempt + 1)

    return following


def grade_from_checks(
    checks: list[CheckResult],
    *,
    exercise: str,
    submission: str,
    learner: str,
    seed: int,
    device: str = "cpu",
    file_note: str = "",
    seconds: float = 0.0,
    stdout: str = "",
    misconception: str | None = None,
    explanation: str | None = None,
    asked: str | None = None,
    sheet_learner: str | None = None,
    notes: Sequence[str] = (),
    isolation: dict[str, str | None] | None = None,
) -> Grade:
    """Add up ``checks``; every grade is made here."""
    outcomes = {check.outcome for check in checks}
    # A submission cannot be judged by skipped checks alone, as on a device that is absent.
    is_ungraded = Outcome.UNGRADED in outcomes or outcomes == {Outcome.SKIPPED}
    return Grade(
        exercise=exercise,
        # Every page shows the names, and a learner can choose them.
        submission=printable(submission),
        learner=printable(learner),
        device=device,
        file_note=printable(file_note),
        status="ungraded" if is_ungraded else "graded",
        points=sum(check.points for check in checks),
        max_points=sum(check.max_points for check in checks),
        passed=outcomes == {Outcome.PASSED},
        seconds=seconds,
        seed=seed,
        stdout=stdout,
        misconception=misconception,
        explanation=explanation,
        asked=None if asked is None else printable(asked),
        sheet_learner=None if sheet_learner is None else printable(sheet_learner),
        notes=[printable(note) for note in notes],
        isolation=isolation or {},
        checks=checks,
    )
