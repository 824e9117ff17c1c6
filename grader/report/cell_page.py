"""A grade as a piece of HTML beneath a notebook's cell: what the terminal shows, without a script.

A notebook's page is not ours. Its colours are whatever the learner chose, and may be dark
on a light system or light on a dark one, so every colour here is mixed from that of the
text around it. Its table of contents and landmarks are the learner's, so there is no heading
element. Where a site strips styles from what a notebook shows, the page reads on as a
table, paragraphs and lists.
"""

from functools import cache
from typing import Any, Final

from grader.report import html, telling, text
from grader.results import Case, Grade, Outcome

_KINDS: Final = {
    **dict.fromkeys(Outcome, "missed"),
    Outcome.PASSED: "passed",
    Outcome.SKIPPED: "skipped",
    Outcome.UNGRADED: "ungraded",
}
"""Outcome to the class of its row; sign and word tell it too, the colour only helps."""


def cell_page(grade: Grade, title: str, notices: list[str]) -> str:
    """The grade as HTML; ``notices`` are sentences about this notebook, told with the first failure."""
    failures = telling.told(grade)
    page: str = _template("cell.html").render(
        style=html.asset("cell.css"),
        grade=grade,
        title=title,
        verdict=telling.verdict(grade),
        state="ungraded" if grade.status == "ungraded" else "passed" if grade.passed else "missed",
        failures=failures.shown,
        more=failures.more,
        known=telling.mistake(grade),
        notices=notices,
        asked=telling.asked_sentence(grade),
        hidden=telling.hidden_sentence(grade),
        printed=_printed(grade.stdout),
    )
    return page


def sheet_page(sentence: str, sheet: str) -> str:
    """What stands beneath a cell that was filled in, with the text for where it could not be."""
    page: str = _template("sheet.html").render(style=html.asset("cell.css"), sentence=sentence, sheet=sheet)
    return page


def _facts(case: Case) -> list[tuple[str, str]]:
    return [(text.one_line(label, 60), text.lines(value)) for label, value in telling.facts(case)]


def _printed(stdout: str) -> str:
    return text.lines(stdout.rstrip(), most=telling.SHOWN_OUTPUT_LINES) if stdout.strip() else ""


@cache
def _template(name: str) -> Any:
    environment = html.environment()
    environment.filters |= {"facts": _facts}
    environment.globals |= {"MARKS": telling.MARKS, "KINDS": _KINDS}
    return environment.get_template(name)
