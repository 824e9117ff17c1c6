"""A grade as Markdown, for the learner to read.

The template puts text of learners into fences, and escapes names of files and checks.
"""

import textwrap
from collections.abc import Sequence
from typing import Final

from grader import text
from grader.grades.counted import Counted
from grader.grades.grade import Case, Grade, for_learner
from grader.report.failure_summary import (
    NOTES,
    WHY,
    facts,
    rubric_rows,
    summarize,
    verdict,
)
from grader.report.text_templates import text_template

MAX_PRINTED: Final = 4000
_COLUMNS: Final = 80


def feedback(
    grade: Grade, title: str, counted: Counted | None = None, comments: Sequence[str] = ()
) -> str:
    """The page ``feedback/<learner>/<exercise>.md``; hidden checks appear as numbers only.

    ``counted`` says what counts in an assignment, ``comments`` are those of the instructor.
    """
    grade = for_learner(grade)
    printed = grade.stdout
    # A loop that prints must not make the page unreadable.
    if len(printed) > MAX_PRINTED:
        printed = printed[:MAX_PRINTED] + "\n…"

    return text_template("feedback.md").render(
        grade=grade,
        title=title,
        score=f"**{verdict(grade)}**",
        counted=counted,
        counted_points=counted_points,
        comments=[_without_html(comment) for comment in comments],
        rows=rubric_rows(grade),
        summary=summarize(grade),
        NOTES=NOTES,
        WHY=WHY,
        printed=printed,
        wrapped=_wrapped,
        case_text=_case_text,
    )


def _without_html(comment: str) -> str:
    """A comment of the instructor, which can be Markdown."""
    return text.lines(comment).replace("<", "&lt;")


def counted_points(counted: Counted) -> str:
    """What counts, in words: ``8.5 of 10 points count``."""
    if counted.points is None or counted.is_dropped:
        return "Does not count"

    points = f"{counted.points:.2f}".rstrip("0").rstrip(".")
    return f"{points} of {counted.possible:g} points count"


def _wrapped(message: str) -> str:
    # A renderer does not wrap the lines of a fenced block.
    wrapper = textwrap.TextWrapper(_COLUMNS, break_on_hyphens=False)
    return "\n".join(map(wrapper.fill, message.splitlines()))


def _case_text(case: Case) -> str:
    parts = []
    for label, value in facts(case):
        # The further lines of a value stand below its first line, right of the label.
        hanging = " " * (len(label) + 1)
        parts.append(f"{label} {textwrap.indent(value, hanging).lstrip()}")

    return "\n".join(parts)
