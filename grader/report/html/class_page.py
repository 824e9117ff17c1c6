"""A class as one self-contained HTML page: nothing is loaded from elsewhere, and nothing but its own script runs.

Everything that stems from learners passes through ``grader.report.text`` and Jinja's
autoescape, and the page's policy names its one style sheet and its one script by
their hashes: even text that slipped through could not run.
"""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any, Final

import msgspec
from markupsafe import Markup

from grader import text
from grader.grades import statistics
from grader.grades.class_results import ClassResults, GradedExercise
from grader.grades.grade import Case, CheckResult, Grade, Outcome
from grader.grades.statistics import BINS, CheckStatistics, Spread, Total
from grader.report.failure_summary import SHOWN_OUTPUT_LINES
from grader.report.html import escaping
from grader.report.terminal.doctor import LAYERS

SHOWN_CASES: Final = 2
MARKS: Final = {
    Outcome.PASSED: ("p", "·"),
    Outcome.FAILED: ("f", "×"),
    Outcome.RAISED: ("r", "!"),
    Outcome.TIMEOUT: ("b", "t"),
    Outcome.MEMORY: ("b", "m"),
    Outcome.CRASHED: ("b", "c"),
    Outcome.FORBIDDEN: ("b", "f"),
    Outcome.SKIPPED: ("s", "–"),
    Outcome.UNGRADED: ("u", "?"),
}
"""Outcome to the class and the sign of its cell: each is told by its sign alone, colours only help."""
WORDS: Final = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "wrong value",
    Outcome.RAISED: "raised an exception",
    Outcome.TIMEOUT: "no answer in time",
    Outcome.MEMORY: "too much memory",
    Outcome.CRASHED: "its process died",
    Outcome.FORBIDDEN: "used what is forbidden",
    Outcome.SKIPPED: "could not run here",
    Outcome.UNGRADED: "the grader failed",
}
_WIDTHS: Final = ((40, "roomy"), (64, "close"), (0, "dense"))
"""Checks at most, and how wide a column of the map then is; 0 is any number."""


class Cell(msgspec.Struct, frozen=True):
    """One exercise of one learner in the table of learners."""

    points: int | None
    state: str
    """``none`` (nothing handed in), ``ungraded``, ``all``, ``some`` or ``zero``."""


class Row(msgspec.Struct, frozen=True):
    """One learner in both tables."""

    anchor: str
    name: str
    total: Total
    percent: int
    cells: list[Cell]
    marks: Markup


class Page(msgspec.Struct, frozen=True):
    """One exercise on a learner's own page."""

    exercise: GradedExercise
    anchor: str
    grade: Grade | None
    runs: Markup
    passed: int
    missed: list[CheckResult]
    """With different messages: what follows from one broken file is said once."""
    more: int
    shown_cases: int


def class_page(results: ClassResults) -> str:
    """The report of ``results`` as HTML."""
    totals = statistics.totals(results)
    anchors = {total.learner.name: f"l{number}" for number, total in enumerate(totals, 1)}
    by_points = sorted(
        totals, key=lambda total: (-total.share, not total.handed_in, total.learner.name.casefold())
    )
    checks = [statistics.check_statistics(results, exercise) for exercise in results.exercises]
    rows = [_row(results, total, anchors) for total in by_points]
    page: str = _template().render(
        results=results,
        style=_style(),
        script=_script(),
        policy=_policy(),
        totals=totals,
        rows=rows,
        pages={row.anchor: _pages(results, row.total.learner.name) for row in rows},
        checks=checks,
        hardest=_hardest(checks),
        width=_width(sum(map(len, checks))),
        spread=statistics.class_spread(results),
        exercises=[
            statistics.exercise_statistics(results, exercise) for exercise in results.exercises
        ],
        misconceptions=statistics.misconceptions(results),
        unexplained=statistics.unexplained(results),
        anchors=anchors,
        layers=[
            (layer, LAYERS[layer][0] if layer in LAYERS else "") for layer in results.missing_layers
        ],
    )
    return page


def _row(results: ClassResults, total: Total, anchors: dict[str, str]) -> Row:
    name = total.learner.name
    grades = [(exercise, results.grade(name, exercise.id)) for exercise in results.exercises]
    return Row(
        anchor=anchors[name],
        name=text.one_line(name, 80),
        total=total,
        percent=text.percent(total.points, total.max_points),
        cells=[_cell(grade) for _, grade in grades],
        marks=Markup("").join(_marks(exercise, grade) for exercise, grade in grades),
    )


def _cell(grade: Grade | None) -> Cell:
    if grade is None:
        return Cell(None, "none")
    if grade.status == "ungraded":
        return Cell(None, "ungraded")
    return Cell(grade.points, "all" if grade.passed else "some" if grade.points else "zero")


def _marks(exercise: GradedExercise, grade: Grade | None) -> Markup:
    """The cells of one exercise in the map; built by hand, there may be 30,000 of them."""
    outcomes = {check.name: check.outcome for check in grade.checks} if grade else {}
    cells = []
    for position, check in enumerate(exercise.checks):
        kind, sign = MARKS[outcomes[check.name]] if check.name in outcomes else ("n", "")
        first = " e" if position == 0 else ""
        cells.append(f'<td class="{kind}{first}">{sign}')
    return Markup("".join(cells))  # noqa: S704 - made of constants only


def _runs(grade: Grade | None) -> Markup:
    """The same outcomes on a learner's page: one element for each run of equal ones."""
    runs = groupby(check.outcome for check in grade.checks) if grade else ()
    cells = [
        f'<i class="{MARKS[outcome][0]}">{MARKS[outcome][1] * len(list(run))}</i>'
        for outcome, run in runs
    ]
    return Markup("".join(cells))  # noqa: S704 - made of constants only


def _width(columns: int) -> str:
    return next(name for most, name in _WIDTHS if columns <= most or not most)


def _pages(results: ClassResults, learner: str) -> list[Page]:
    return [
        _page(number, exercise, results.grade(learner, exercise.id))
        for number, exercise in enumerate(results.exercises, 1)
    ]


def _page(number: int, exercise: GradedExercise, grade: Grade | None) -> Page:
    missed: dict[str, CheckResult] = {}
    of_all = [check for check in grade.checks if check.outcome.missed] if grade else []
    for check in of_all:
        missed.setdefault(check.message or check.name, check)
    return Page(
        exercise=exercise,
        anchor=f"x{number}",
        grade=grade,
        runs=_runs(grade),
        passed=sum(check.outcome is Outcome.PASSED for check in grade.checks) if grade else 0,
        missed=list(missed.values()),
        more=len(of_all) - len(missed),
        shown_cases=SHOWN_CASES,
    )


def _hardest(checks: Iterable[list[CheckStatistics]]) -> list[CheckStatistics]:
    every = [figure for of_exercise in checks for figure in of_exercise]
    return sorted(
        every, key=lambda figure: -(figure.missed / figure.judged if figure.judged else 0)
    )


def _facts(case: Case) -> list[tuple[str, str]]:
    """Label and value of each thing there is to say about a case, as the terminal page labels them."""
    rows = [
        ("in the code", "\n".join(case.traceback)),
        ("what was done", case.note),
        ("called", case.call),
        *((f"{name} =", value) for name, value in case.given.items()),
        ("theirs is" if case.compared else "they returned", case.returned),
        ("expected" if case.compared else "PyTorch gives", case.expected),
    ]
    return [(text.one_line(label, 60), text.lines(value, 2000)) for label, value in rows if value]


def _tally(figure: CheckStatistics) -> str:
    """``7 wrong value, 2 raised an exception``: the misses by outcome, most frequent first."""
    missed = [(count, outcome) for outcome, count in figure.outcomes.items() if outcome.missed]
    return ", ".join(
        f"{count} {WORDS[outcome]}" for count, outcome in sorted(missed, key=lambda item: -item[0])
    )


def _histogram(spread: Spread, height: int) -> list[dict[str, Any]]:
    """Bars of ``height`` at most: where each stands, how high it is, and what it says."""
    highest = max(spread.bins, default=0) or 1
    step = 100 // BINS
    return [
        {
            "x": number,
            "height": max(round(height * count / highest, 1), 1.5) if count else 0,
            "count": count,
            "label": f"{number * step} to {100 if number == BINS - 1 else number * step + step - 1} %",
        }
        for number, count in enumerate(spread.bins)
    ]


@cache
def _template() -> Any:
    environment = escaping.environment()
    environment.filters |= {
        "facts": _facts,
        "duration": text.duration,
        "bars": _histogram,
        "tally": _tally,
    }
    environment.globals |= {
        "percent": text.percent,
        "count": text.count,
        "is_missed": statistics.is_missed,
    }
    environment.globals |= {"MARKS": MARKS, "WORDS": WORDS, "OUTPUT_LINES": SHOWN_OUTPUT_LINES}
    return environment.get_template("class.html")


@cache
def _style() -> Markup:
    return escaping.asset("class.css")


@cache
def _script() -> Markup:
    return escaping.asset("class.js")


def _policy() -> str:
    """Nothing is loaded, and only this style sheet and this script hold (CSP Level 2, hashes)."""
    style, script = (_hash(source) for source in (_style(), _script()))
    return f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"


def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"
