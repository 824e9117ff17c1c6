"""A grade, a hint or the progress as HTML below a notebook's cell; it contains no script.

The page around it belongs to the learner. Its colors may be dark in a light system or light in a
dark one, so every color here is mixed from the color of the text around it. It has no heading
elements, which would appear in the notebook's own table of contents. Where a site removes the
styles from outputs, the page still reads as a table, paragraphs and lists.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec

from grader import text
from grader.course.records import Exercise, Plot
from grader.grades.grade import CheckResult, Grade, Outcome
from grader.report import failure_summary
from grader.report.html import escaping, row_plot
from grader.report.html.heat_map import heat_maps
from grader.report.terminal.first_failure import Place
from grader.study import advice, progress
from grader.study.progress import Hint, Standing

_KINDS: Final = {
    **dict.fromkeys(Outcome, "missed"),
    Outcome.PASSED: "passed",
    Outcome.SKIPPED: "skipped",
    Outcome.UNGRADED: "ungraded",
}
"""Outcome to the class of its row. A sign and a word say the same, so color is never needed."""


def cell_page(
    grade: Grade,
    title: str,
    notices: Sequence[str],
    notes: Sequence[str] = (),
    *,
    place: Place | None = None,
    hints: Sequence[str] = (),
    plot: Plot | None = None,
) -> str:
    """The grade as HTML: one thing to fix, and the checks behind a button.

    ``notices`` are sentences about the first failure, which is at ``place``; ``notes`` are those
    about what is next. Each of the ``hints`` is behind a button that needs no kernel. ``plot``
    says which table is drawn.
    """
    state = "missed"
    if grade.status == "ungraded":
        state = "ungraded"
    elif grade.passed:
        state = "passed"

    printed = ""
    if grade.stdout.strip():
        printed = text.lines(grade.stdout.rstrip(), most=failure_summary.SHOWN_OUTPUT_LINES)

    return _render(
        "cell.html",
        grade=grade,
        title=title,
        verdict=failure_summary.verdict(grade),
        state=state,
        rows=failure_summary.rubric_rows(grade),
        summary=failure_summary.summarize(grade),
        notices=notices,
        notes=notes,
        NOTES=failure_summary.NOTES,
        WHY=failure_summary.WHY,
        printed=printed,
        place=place,
        caret=_caret(place),
        hints=() if grade.passed else hints,
        plot=plot,
    )


def sheet_page(sentence: str, sheet: str) -> str:
    """What to show below a new cell: a sentence, and the cell's text, in case it stays empty."""
    return _render("sheet.html", sentence=sentence, sheet=sheet)


def status_page(standings: Sequence[Standing], notes: Sequence[str]) -> str:
    """The learner's progress and what to type next; ``notes`` are sentences at the end."""
    following = progress.next_standing(standings)
    steps: advice.Rows = []
    if following is not None:
        steps = advice.cell_steps(following)

    return _render(
        "status.html",
        standings=standings,
        tally=advice.tally(standings),
        following=following,
        steps=steps,
        finished=advice.in_notebook(advice.ALL_PASSED),
        notes=notes,
    )


def hint_page(exercise: Exercise, given: Hint) -> str:
    """A hint and what helps after it; the misconception of the last grade comes first."""
    before, explanation = "", ""
    if given.misconception is not None:
        name, explanation = given.misconception
        before = advice.before_hint(name)

    return _render(
        "hint.html",
        before=before,
        mistake=explanation,
        head=advice.hint_title(exercise, given),
        hint=given.text,
        after=advice.in_notebook(advice.after_hint(exercise, given)),
    )


def _caret(place: Place | None) -> str:
    if place is None or place.column < 0:
        return ""
    return " " * place.column + "^" * place.width


def _facts(check: CheckResult, has_line: object) -> list[tuple[str, str]]:
    """What is known about the case of a check, without the values that are shown as heat maps.

    If it ``has_line`` above, a traceback of one line is not repeated.
    """
    case = check.case
    assert case is not None
    if has_line and len(case.traceback) == 1:
        case = msgspec.structs.replace(case, traceback=[])
    if heat_maps(check):
        case = msgspec.structs.replace(case, returned="", expected="")

    return [
        (text.one_line(label, 60), text.lines(value))
        for label, value in failure_summary.facts(case)
    ]


def _render(template: str, **values: object) -> str:
    page: str = (
        _environment().get_template(template).render(style=escaping.asset("cell.css"), **values)
    )
    return page


@cache
def _environment() -> Any:
    # Its own filters on top of those that escape the text of learners.
    environment = escaping.environment()
    filters = {
        "facts": _facts,
        "heat_maps": heat_maps,
        "row_plot": row_plot.row_plot,
        "state": advice.state,
        "attempts": advice.attempts,
    }
    environment.filters |= filters
    environment.globals |= {
        "KINDS": _KINDS,
        "PLOT_WIDTH": row_plot.WIDTH,
        "PLOT_HEIGHT": row_plot.HEIGHT,
    }
    return environment
