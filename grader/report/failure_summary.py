"""What a learner is told of a grade, whatever the form: the verdict, the failures that help, and each case's facts."""

from typing import Final

import msgspec

from grader.grades.grade import Case, CheckResult, Grade, Outcome

SHOWN_FAILURES: Final = 2
SHOWN_OUTPUT_LINES: Final = 12
BEFORE_ANY: Final = "Before any check could run"
"""The title of what is told when it is about the whole file, which is no one check's."""
MARKS: Final = {
    **dict.fromkeys(Outcome, "✗"),
    Outcome.PASSED: "✓",
    Outcome.SKIPPED: "–",
    Outcome.UNGRADED: "?",
}


class Told(msgspec.Struct, frozen=True):
    """The failures to show in full, and a sentence about the rest where there is any."""

    shown: list[CheckResult]
    more: str


def told(grade: Grade) -> Told:
    """The first visible failures with different messages; a quiz's answers are short, so all of them."""
    missed = [check for check in grade.checks if check.visible and check.outcome.missed]
    if missed and _before_any(missed, sum(check.visible for check in grade.checks)):
        whole_file = msgspec.structs.replace(missed[0].check, title=BEFORE_ANY)
        return Told([msgspec.structs.replace(missed[0], check=whole_file)], "")
    shown: list[CheckResult] = []
    cases = 0
    for check in missed:
        if cases == SHOWN_FAILURES:
            break
        if check.message not in {other.message for other in shown}:
            shown.append(check)
            cases += check.case is not None
    left = len(missed) - cases if cases == SHOWN_FAILURES else 0
    return Told(
        shown,
        f"{left} more did not pass. Mend the first one first: often the others follow."
        if left
        else "",
    )


def _before_any(missed: list[CheckResult], shown: int) -> bool:
    """Whether all that is ``shown`` was missed for one reason, without a call: a typo, a name that is not there."""
    first = missed[0]
    if shown == 1 or len(missed) < shown or first.outcome in (Outcome.FAILED, Outcome.UNGRADED):
        return False
    uncalled = first.case is None or not (first.case.call or first.case.note or first.case.given)
    return uncalled and all(
        (check.outcome, check.message) == (first.outcome, first.message) for check in missed
    )


def verdict(grade: Grade) -> str:
    """The one sentence that a grade comes to."""
    skipped = [check for check in grade.checks if check.outcome is Outcome.SKIPPED]
    if skipped and len(skipped) == len(grade.checks):
        return "Not graded: nothing could run here."
    if grade.status == "ungraded":
        return "Not graded: the grader failed, which is not your fault. Try again."
    if grade.passed:
        return f"All checks passed: {grade.points} of {grade.max_points} points"
    # What could not run is not held against anybody.
    possible = grade.max_points - sum(check.max_points for check in skipped)
    return f"{grade.points} of {possible} points" + (f", {len(skipped)} skipped" if skipped else "")


def mistake(grade: Grade) -> tuple[str, str] | None:
    """The name and the explanation of the known mistake that the first failure is told with, if there is one."""
    first = next(iter(told(grade).shown), None)
    if first is None or first.case is None or not grade.misconception or not grade.explanation:
        return None
    return grade.misconception, grade.explanation


def facts(case: Case) -> list[tuple[str, str]]:
    """Label and value of each thing there is to say about a case, in order."""
    rows = [
        ("in your code", "\n".join(case.traceback)),
        ("what was done", case.note),
        ("called", case.call),
        *((f"{name} =", value) for name, value in case.given.items()),
        ("yours is" if case.compared else "you returned", case.returned),
        ("expected" if case.compared else "PyTorch gives", case.expected),
    ]
    return [(label, value) for label, value in rows if value]


def hidden_sentence(grade: Grade) -> str:
    """How the hidden checks went, in number; nothing where there are none."""
    hidden = grade.hidden
    if not hidden:
        return ""
    passed = sum(check.outcome is Outcome.PASSED for check in hidden)
    return f"{passed} of {len(hidden)} {'check' if len(hidden) == 1 else 'checks'} that you are not shown passed"


def asked_sentence(grade: Grade) -> str:
    """Whose numbers a quiz asked; nothing for other exercises."""
    return (
        f"Asked with the numbers of {grade.asked}; another name's sheet has others."
        if grade.asked
        else ""
    )
