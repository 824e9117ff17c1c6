"""The facts of a grade that every report shows: verdict, rubric rows, failures, explanation.

The reports differ in layout only. They ask this module what to show, so that a page in the
terminal, a Markdown file and a page under a notebook cell never disagree.
"""

from typing import Final

import msgspec

from grader.grades.grade import Case, CheckResult, Grade, Outcome
from grader.text import count

SHOWN_FAILURES: Final = 2
SHOWN_OUTPUT_LINES: Final = 12
WIDEST: Final = 120
"""Columns of a page on a wide terminal: longer lines are hard to read."""
WHOLE_FILE: Final = "Before any check could run"
"""The title of a failure that concerns the whole file, not one check."""
WHY: Final = "Why:"
"""The word before the explanation of a failure."""
NOTES: Final = "About your file"
"""The title of the notes of a grade."""
MARKS: Final = {
    **dict.fromkeys(Outcome, "✗"),
    Outcome.PASSED: "✓",
    Outcome.SKIPPED: "–",
    Outcome.UNGRADED: "?",
}
_ANSWER_MARKS: Final = {"open": "○", "unclear": "?"}
"""Marks of a quiz's questions without a judged answer."""


class RubricRow(msgspec.Struct, frozen=True):
    """One row of the rubric on a page: a visible check, or all hidden checks together."""

    mark: str
    word: str
    title: str
    points: str
    outcome: Outcome | None
    """None for the row of the hidden checks, whose outcomes may differ."""
    is_unjudged: bool = False
    """Whether this is a question of a quiz that is open, or whose answer is unclear."""


class HiddenChecks(msgspec.Struct, frozen=True):
    """All hidden checks of a grade. A learner sees only these numbers."""

    number: int
    passed: int
    points: int
    max_points: int

    @property
    def sentence(self) -> str:
        """``1 of 2 hidden checks passed``."""
        return f"{self.passed} of {count(self.number, 'hidden check')} passed"


class FailureSummary(msgspec.Struct, frozen=True):
    """What a page shows below the rubric."""

    failures: list[CheckResult]
    """The failures to show in full: all of a quiz, the first few of other exercises."""
    more: str
    """A sentence about the failures that are not shown; empty if all are shown."""
    explanation: str
    """What explains the first failure shown; empty if nothing does.

    It comes without the name of the misconception, which is for authors and instructors.
    """


class Labels(msgspec.Struct, frozen=True):
    """How a page names the submission that it is about."""

    code: str
    returned: str
    compared: str


FOR_LEARNER: Final = Labels("in your code", "you returned", "yours is")
FOR_INSTRUCTOR: Final = Labels("in the code", "they returned", "theirs is")


def summarize(grade: Grade) -> FailureSummary:
    """Choose the failures to show: visible ones with different messages."""
    # A hidden check must not be explained, so it is never among the failures.
    missed = [check for check in grade.checks if check.visible and check.outcome.missed]
    uncounted = [check for check in missed if check.needed]
    missed = [check for check in missed if not check.needed]
    if _whole_file_failed(grade, missed):
        whole_file = msgspec.structs.replace(missed[0].check, title=WHOLE_FILE)
        failures = [msgspec.structs.replace(missed[0], check=whole_file)]
        return FailureSummary(failures, "", _explanation(grade, failures))

    failures = []
    messages: set[str] = set()
    cases = 0
    for check in missed:
        if cases == SHOWN_FAILURES:
            break

        # One mistake often breaks several checks in the same way.
        if check.message not in messages:
            failures.append(check)
            messages.add(check.message)
            # An answer of a quiz has no case and takes one line, so it does not count.
            if check.case is not None:
                cases += 1

    more = ""
    left = len(missed) - cases
    if cases == SHOWN_FAILURES and left:
        checks = count(left, "more check")
        more = f"{checks} did not pass. Fix the first one first; the others often follow."

    if uncounted:
        more = f"{more}\n{_why_uncounted(grade, uncounted)}".strip()

    return FailureSummary(failures, more, _explanation(grade, failures))


def _why_uncounted(grade: Grade, uncounted: list[CheckResult]) -> str:
    """Say which checks must pass before the ``uncounted`` ones count."""
    names = {check.needed for check in uncounted}
    titles = [f"“{check.title}”" for check in grade.checks if check.name in names]
    verb = "passes" if len(titles) == 1 else "pass"
    checks = count(len(uncounted), "check")
    return f"Not counted until {' and '.join(titles)} {verb}: {checks}."


def _whole_file_failed(grade: Grade, missed: list[CheckResult]) -> bool:
    """Whether all visible checks were missed for one reason before any call, such as a typo."""
    # With one check only, the failure of the file is the failure of that check.
    visible = sum(check.visible for check in grade.checks)
    if visible < 2 or len(missed) < visible:
        return False

    # A wrong value comes from a call, and our own failure is not about the file.
    first = missed[0]
    if first.outcome in (Outcome.FAILED, Outcome.UNGRADED):
        return False

    case = first.case
    if case is not None and (case.call or case.note or case.given):
        return False

    reasons = {(check.outcome, check.message) for check in missed}
    return len(reasons) == 1


def _explanation(grade: Grade, failures: list[CheckResult]) -> str:
    # Without a case before it, the explanation would refer to nothing.
    if not failures or failures[0].case is None:
        return ""

    return grade.explanation or ""


def rubric_rows(grade: Grade) -> list[RubricRow]:
    """A row for each visible check, and one for all hidden checks if there are any."""
    rows = [_rubric_row(check) for check in grade.checks if check.visible]

    # One row for all: a row for each would tell how each of them went.
    hidden = hidden_checks(grade)
    if hidden is not None:
        points = f"{hidden.points}/{hidden.max_points}"
        rows.append(RubricRow("·", "hidden", hidden.sentence, points, outcome=None))

    return rows


def _rubric_row(check: CheckResult) -> RubricRow:
    points = f"{check.points}/{check.max_points}"
    if check.outcome is Outcome.SKIPPED:
        # A check that could not run takes no points from anybody.
        points = "–"

    return RubricRow(
        mark=mark(check),
        word=check.word,
        title=check.title,
        points=points,
        outcome=check.outcome,
        is_unjudged=bool(check.answer),
    )


def mark(check: CheckResult) -> str:
    """The sign of a check's result."""
    if check.needed:
        return MARKS[Outcome.SKIPPED]

    return _ANSWER_MARKS.get(check.answer, MARKS[check.outcome])


def hidden_checks(grade: Grade) -> HiddenChecks | None:
    """The hidden checks of ``grade`` in numbers; None if it has none."""
    hidden = grade.hidden
    if not hidden:
        return None

    return HiddenChecks(
        number=len(hidden),
        passed=sum(check.outcome is Outcome.PASSED for check in hidden),
        points=sum(check.points for check in hidden),
        max_points=sum(check.max_points for check in hidden),
    )


def verdict(grade: Grade) -> str:
    """The result of ``grade`` in one sentence."""
    skipped = [check for check in grade.checks if check.outcome is Outcome.SKIPPED]
    if skipped and len(skipped) == len(grade.checks):
        return "Not graded: no check could run here."
    if grade.status == "ungraded":
        if any(check.error is not None for check in grade.checks):
            return "Not graded: a check is broken, which is not your fault. Tell its author."
        return "Not graded: the grader failed, which is not your fault. Try again."

    if grade.passed:
        return f"All checks passed: {grade.points} of {grade.max_points} points"

    # A check that could not run takes no points from anybody.
    possible = grade.max_points - sum(check.max_points for check in skipped)
    score = f"{grade.points} of {possible} points"
    if skipped:
        score += f", {len(skipped)} skipped"

    return score


def skip_reasons(grade: Grade) -> list[str]:
    """Why checks could not run, each reason once."""
    reasons: dict[str, None] = {}
    for check in grade.checks:
        # The reason of a hidden check is empty, because learners may not see it.
        if check.outcome is Outcome.SKIPPED and check.message:
            reasons[check.message] = None

    return list(reasons)


def facts(case: Case, labels: Labels = FOR_LEARNER) -> list[tuple[str, str]]:
    """The label and the value of everything that is known about a case, in display order."""
    returned = labels.compared if case.compared else labels.returned

    called, done = "called", "what was done"
    if case.is_smaller:
        # It is not a call of the check itself.
        called = done = "small example"

    rows = [
        (labels.code, "\n".join(case.traceback)),
        (done, case.note),
        (called, case.call),
    ]
    for name, value in case.given.items():
        rows.append((f"{name} =", value))

    rows += [
        (returned, case.returned),
        ("expected", case.expected),
    ]

    # Most cases have only some of these facts.
    return [row for row in rows if row[1]]
