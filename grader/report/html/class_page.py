"""A class as one self-contained HTML page: it loads nothing, and only its own script runs.

Text of learners passes through ``grader.text`` and Jinja's autoescape. The page's policy names
its one style sheet and its one script by their hashes, so text that got past both could not run.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import chain, groupby
from typing import Any, Final

import msgspec
from markupsafe import Markup

from grader import text
from grader.grades import statistics
from grader.grades.class_results import ClassResults, GradedExercise, Notice, NoticeKind
from grader.grades.counted import AssignmentTotal, Counted
from grader.grades.grade import Case, CheckResult, Grade, Outcome
from grader.grades.isolation import LAYERS
from grader.grades.statistics import BINS, CheckStatistics, Distribution, Total
from grader.report.export.markdown import counted_points
from grader.report.failure_summary import FOR_INSTRUCTOR, SHOWN_OUTPUT_LINES, facts
from grader.report.html import escaping

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
"""Outcome to the CSS class and the sign of its cell. The sign alone tells the outcome."""
WORDS: Final = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "wrong value",
    Outcome.RAISED: "raised an exception",
    Outcome.TIMEOUT: "took too long",
    Outcome.MEMORY: "too much memory",
    Outcome.CRASHED: "its process died",
    Outcome.FORBIDDEN: "used a forbidden name",
    Outcome.SKIPPED: "could not run here",
    Outcome.UNGRADED: "the grader failed",
}
_CLOSE: Final = 40
_DENSE: Final = 64
"""More checks than this make the columns of the map narrower."""


class Page(msgspec.Struct, frozen=True):
    """One exercise of one learner."""

    exercise: GradedExercise
    grade: Grade | None
    state: str
    """``none`` (no submission), ``ungraded``, ``all``, ``some`` or ``zero``."""
    runs: Markup
    missed: list[CheckResult]
    """Missed checks with different messages."""
    more: int
    """Missed checks that repeat a message of ``missed``."""
    counted: Counted | None
    """What counts in an assignment, if it belongs to one."""
    comments: list[str]
    """What the instructor said about it."""


class Row(msgspec.Struct, frozen=True):
    """One learner in both tables."""

    anchor: str
    name: str
    total: Total
    marks: Markup
    """Cells of the map."""
    pages: list[Page]
    """One for each exercise."""
    totals: list[AssignmentTotal]
    """One for each assignment."""


def class_page(results: ClassResults) -> str:
    """The report of ``results`` as HTML."""
    totals = statistics.totals(results)
    # A name may contain anything, so an anchor is a number.
    anchors = {total.learner.name: f"l{number}" for number, total in enumerate(totals, 1)}
    totals.sort(key=_best_first)

    rows = [_row(results, total, anchors[total.learner.name]) for total in totals]

    exercises = results.exercises
    checks = [statistics.check_statistics(results, exercise) for exercise in exercises]
    all_checks = list(chain.from_iterable(checks))

    page: str = _template().render(
        results=results,
        style=escaping.asset("class.css"),
        script=escaping.asset("class.js"),
        policy=_policy(),
        totals=totals,
        rows=rows,
        checks=checks,
        hardest=sorted(all_checks, key=_most_missed_first),
        width=_width(len(all_checks)),
        distribution=statistics.total_distribution(results),
        exercises=[statistics.exercise_statistics(results, exercise) for exercise in exercises],
        misconceptions=statistics.misconceptions(results),
        unexplained=statistics.unexplained(results),
        anchors=anchors,
        renamed=_renamed(results),
        in_no_roster=_notices(results, in_roster=False),
        not_graded=_notices(results, in_roster=True),
    )
    return page


def _renamed(results: ClassResults) -> list[tuple[str, str, str]]:
    """Learner, exercise, and which file was graded, if it does not have the exact name."""
    renamed = []
    for learner in results.learners:
        for exercise in results.exercises:
            grade = results.grade(learner.name, exercise.id)
            if grade is not None and grade.file_note:
                renamed.append((learner.name, exercise.id, grade.file_note))
    return renamed


def _notices(results: ClassResults, *, in_roster: bool) -> list[Notice]:
    """The notices about people whom the roster does not have, or all others."""
    kind = NoticeKind.NOT_IN_ROSTER
    return [notice for notice in results.notices if (notice.kind is not kind) == in_roster]


def _best_first(total: Total) -> tuple[float, bool, str]:
    # A learner without a submission comes after one with a submission and no points.
    return -total.share, not total.submitted, total.learner.name.casefold()


def _most_missed_first(check: CheckStatistics) -> float:
    return -check.missed / max(check.decided, 1)


def _width(columns: int) -> str:
    if columns > _DENSE:
        return "dense"
    if columns > _CLOSE:
        return "close"
    return "roomy"


def _row(results: ClassResults, total: Total, anchor: str) -> Row:
    name = total.learner.name
    pages = [_page(results, name, exercise) for exercise in results.exercises]

    return Row(
        anchor=anchor,
        name=text.one_line(name, 80),
        total=total,
        marks=Markup("").join(_marks(page.exercise, page.grade) for page in pages),
        pages=pages,
        totals=results.totals_of(name),
    )


def _marks(exercise: GradedExercise, grade: Grade | None) -> Markup:
    """The cells of one exercise in the map.

    A large class has 30,000 of them, for which the template would take seconds.
    """
    outcomes = {}
    if grade is not None and not grade.is_absent:
        outcomes = {check.name: check.outcome for check in grade.checks}

    # An older grade may lack a check that the rubric has now; that cell stays empty.
    cells: list[str] = []
    for check in exercise.checks:
        kind, sign = "n", ""
        if check.name in outcomes:
            kind, sign = MARKS[outcomes[check.name]]
        # The first column of an exercise has a gap before it.
        if not cells:
            kind += " e"
        cells.append(f'<td class="{kind}">{sign}')
    return Markup("".join(cells))  # noqa: S704 - made of constants only


def _runs(grade: Grade) -> Markup:
    """The outcomes on a learner's page: one element for each run of equal outcomes."""
    cells = []
    for outcome, run in groupby(check.outcome for check in grade.checks):
        kind, sign = MARKS[outcome]
        signs = sign * len(list(run))
        cells.append(f'<i class="{kind}">{signs}</i>')
    return Markup("".join(cells))  # noqa: S704 - made of constants only


def _page(results: ClassResults, learner: str, exercise: GradedExercise) -> Page:
    grade = results.grade(learner, exercise.id)
    counted = results.counted_for(learner, exercise.id)
    comments = results.comments_for(learner, exercise.id)
    if grade is None or grade.is_absent:
        return Page(exercise, None, "none", Markup(""), [], 0, counted, comments)

    missed = [check for check in grade.checks if check.outcome.missed]
    # A broken file fails every check with the same message.
    different: dict[str, CheckResult] = {}
    for check in missed:
        different.setdefault(check.message or check.name, check)

    return Page(
        exercise=exercise,
        grade=grade,
        state=_state(grade),
        runs=_runs(grade),
        missed=list(different.values()),
        more=len(missed) - len(different),
        counted=counted,
        comments=comments,
    )


def _state(grade: Grade) -> str:
    if grade.status == "ungraded":
        return "ungraded"
    if grade.passed:
        return "all"
    return "some" if grade.points else "zero"


def _facts(case: Case) -> list[tuple[str, str]]:
    rows = []
    for label, value in facts(case, FOR_INSTRUCTOR):
        # A large class has thousands of cases, and the page must stay small.
        rows.append((text.one_line(label, 60), text.lines(value, 2000)))
    return rows


def _tally(check: CheckStatistics) -> str:
    """``7 wrong value, 2 raised an exception``: the missed outcomes, the most frequent first."""
    parts = []
    numbers = Counter(check.outcomes)
    for outcome, number in numbers.most_common():
        if outcome.missed:
            parts.append(f"{number} {WORDS[outcome]}")
    return ", ".join(parts)


def _bars(distribution: Distribution, height: int) -> Iterator[dict[str, Any]]:
    """The bars of a histogram, at most ``height`` high; an empty bin has none."""
    highest = max(distribution.bins)
    step = 100 // BINS

    for number, count in enumerate(distribution.bins):
        if count:
            first = number * step
            # The last bin includes 100 %.
            last = 100 if number == BINS - 1 else first + step - 1
            yield {
                "x": number,
                # A single learner in a large class must be visible.
                "height": max(round(height * count / highest, 1), 1.5),
                "count": count,
                "label": f"{first} to {last} %",
            }


@cache
def _template() -> Any:
    environment = escaping.environment()
    environment.filters |= {
        "facts": _facts,
        "duration": text.duration,
        "bars": _bars,
        "tally": _tally,
    }
    environment.globals |= {
        "percent": text.percent,
        "counted_points": counted_points,
        "count": text.count,
        "MARKS": MARKS,
        "ANSWER_WORDS": {"open": "not answered", "unclear": "could not be understood"},
        "WORDS": WORDS,
        "LAYERS": LAYERS,
        "OUTPUT_LINES": SHOWN_OUTPUT_LINES,
        "SHOWN_CASES": SHOWN_CASES,
    }
    return environment.get_template("class.html")


def _policy() -> str:
    """Load nothing, and apply only this style sheet and this script (CSP Level 2, hashes)."""
    style = _hash(escaping.asset("class.css"))
    script = _hash(escaping.asset("class.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    encoded = base64.b64encode(digest)
    return f"sha256-{encoded.decode()}"
