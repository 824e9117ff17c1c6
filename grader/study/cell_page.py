"""A grade, a hint or a status as a piece of HTML beneath a notebook's cell: what the terminal shows, without a script.

A notebook's page is not ours. Its colours are whatever the learner chose, and may be dark
on a light system or light on a dark one, so every colour here is mixed from that of the
text around it. Its table of contents and landmarks are the learner's, so there is no heading
element. Where a site strips styles from what a notebook shows, the page reads on as a
table, paragraphs and lists.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from grader import text
from grader.course.records import Exercise
from grader.grades.grade import Case, Grade, Outcome
from grader.report import failure_summary
from grader.report.html import escaping
from grader.study import advice, progress
from grader.study.progress import Hint, Standing

_KINDS: Final = {
    **dict.fromkeys(Outcome, "missed"),
    Outcome.PASSED: "passed",
    Outcome.SKIPPED: "skipped",
    Outcome.UNGRADED: "ungraded",
}
"""Outcome to the class of its row; sign and word tell it too, the colour only helps."""


def cell_page(grade: Grade, title: str, notices: Sequence[str], notes: Sequence[str] = ()) -> str:
    """The grade as HTML; ``notices`` are sentences about the first failure, ``notes`` those about what comes after."""
    summary = failure_summary.summarize(grade)
    page: str = _template("cell.html").render(
        style=escaping.asset("cell.css"),
        grade=grade,
        title=title,
        verdict=failure_summary.verdict(grade),
        state="ungraded" if grade.status == "ungraded" else "passed" if grade.passed else "missed",
        rows=failure_summary.rubric_rows(grade),
        summary=summary,
        notices=notices,
        notes=notes,
        asked=failure_summary.quiz_sentence(grade),
        printed=_printed(grade.stdout),
    )
    return page


def sheet_page(sentence: str, sheet: str) -> str:
    """What stands beneath a cell that was filled in, with the text for where it could not be."""
    page: str = _template("sheet.html").render(
        style=escaping.asset("cell.css"), sentence=sentence, sheet=sheet
    )
    return page


def status_page(standings: Sequence[Standing], notes: Sequence[str]) -> str:
    """Where a learner stands with each exercise, and what to type next; ``notes`` are sentences to end with."""
    following = progress.next_standing(standings)
    page: str = _template("status.html").render(
        style=escaping.asset("cell.css"),
        standings=standings,
        tally=advice.tally(standings),
        following=following,
        steps=advice.cell_steps(following) if following else [],
        finished=advice.in_notebook(advice.ALL_PASSED),
        notes=notes,
    )
    return page


def hint_page(exercise: Exercise, given: Hint, after: str) -> str:
    """A hint, following what the last grade said if that is better, and a sentence ``after`` it."""
    name, explanation = given.mistake or ("", "")
    page: str = _template("hint.html").render(
        style=escaping.asset("cell.css"),
        before=advice.before_hint(name) if name else "",
        mistake=explanation,
        head=advice.hint_head(exercise, given),
        hint=given.text,
        after=after,
    )
    return page


def _facts(case: Case) -> list[tuple[str, str]]:
    return [
        (text.one_line(label, 60), text.lines(value))
        for label, value in failure_summary.facts(case)
    ]


def _printed(stdout: str) -> str:
    return (
        text.lines(stdout.rstrip(), most=failure_summary.SHOWN_OUTPUT_LINES)
        if stdout.strip()
        else ""
    )


@cache
def _template(name: str) -> Any:
    environment = escaping.environment()
    environment.filters |= {"facts": _facts, "state": advice.state, "tries": advice.tries}
    environment.globals |= {"KINDS": _KINDS, "MISCONCEPTION": failure_summary.MISCONCEPTION}
    return environment.get_template(name)
