"""What a learner is told of a grade, whatever the form: the failures that help, and that there are hidden checks."""

from typing import Final

import msgspec

from grader.results import Check, Grade, Outcome

SHOWN_FAILURES: Final = 2


class Told(msgspec.Struct, frozen=True):
    """The failures to show in full, and a sentence about the rest where there is any."""

    shown: list[Check]
    more: str


def told(grade: Grade) -> Told:
    """The first visible failures with different messages; a quiz's answers are short, so all of them."""
    missed = [check for check in grade.checks if check.visible and check.outcome.missed]
    shown: list[Check] = []
    cases = 0
    for check in missed:
        if cases == SHOWN_FAILURES:
            break
        if check.message not in {other.message for other in shown}:
            shown.append(check)
            cases += check.case is not None
    left = len(missed) - cases if cases == SHOWN_FAILURES else 0
    return Told(shown, f"{left} more did not pass. Mend the first one first: often the others follow." if left else "")


def hidden_sentence(grade: Grade) -> str:
    """How the hidden checks went, in number; nothing where there are none."""
    hidden = grade.hidden
    if not hidden:
        return ""
    passed = sum(check.outcome is Outcome.PASSED for check in hidden)
    return f"{passed} of {len(hidden)} {'check' if len(hidden) == 1 else 'checks'} that you are not shown passed"


def asked_sentence(grade: Grade) -> str:
    """Whose numbers a quiz asked; nothing for other exercises."""
    return f"Asked with the numbers of {grade.asked}; another name's sheet has others." if grade.asked else ""
