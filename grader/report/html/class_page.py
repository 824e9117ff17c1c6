"""A class as one self-contained HTML page: it loads nothing, and only its own script runs.

Text of learners passes through ``grader.text`` and Jinja's autoescape. The page's policy names
its one style sheet and its one script by their hashes, so text that got past both could not run.
"""

import base64
import hashlib
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import chain, groupby
from typing import Any, Final

import msgspec
from markupsafe import Markup

from grader import text
from grader.grades import statistics
from grader.grades.class_results import Attempts, ClassResults, GradedExercise
from grader.grades.counted import AssignmentTotal, Counted
from grader.grades.due_times import DueTimes, due_times
from grader.grades.figures import ClassFigures, figures_of
from grader.grades.grade import Case, CheckResult, Grade, Outcome
from grader.grades.isolation import LAYERS
from grader.grades.items import Item
from grader.grades.notice import Notice, NoticeKind
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
UNUSABLE: Final = ("r", "#")
"""The cell of a file that could not be graded: nothing ran, so nothing raised an exception."""
_ANSWER_WORDS: Final = {"open": "not answered", "unclear": "could not be understood"}
_TALLY_WORDS: Final = {outcome.value: word for outcome, word in WORDS.items()} | _ANSWER_WORDS
# The plots of checks, in pixels: twelve bars in a row fit a phone.
_BARS: Final = 12
_BAR_WIDTH: Final = 26
_BAR_HEIGHT: Final = 60
_BAR_ROW: Final = 100
# The plots of submission times.
_DUE_WIDTH: Final = 320
_DUE_HEIGHT: Final = 84
_DUE_BASE: Final = 100
_CLOSE: Final = 40
_DENSE: Final = 64
"""More checks than this make the columns of the map narrower."""


class Bar(msgspec.Struct, frozen=True):
    """One check in a plot."""

    x: int
    y: int
    """The top of its row."""
    height: float
    label: str
    """The share that passed, in percent."""
    number: int
    """The number of its column in the map."""
    item: Item


class CheckPlot(msgspec.Struct, frozen=True):
    """The share of learners who passed each check of one exercise."""

    exercise: GradedExercise
    bars: list[Bar]
    width: int
    height: int


class DueBar(msgspec.Struct, frozen=True):
    """Submissions of one span of time."""

    x: float
    middle: float
    width: float
    y: float
    height: float
    count: int
    is_late: bool
    label: str


class DuePlot(msgspec.Struct, frozen=True):
    """When the submissions of an assignment came."""

    times: DueTimes
    bars: list[DueBar]
    due: float
    """Where the due time is."""
    anchor: str
    """The CSS class of the label there."""
    left: str
    right: str
    """How far the ends of the axis are from the due time."""


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
    attempts: Attempts | None = None
    """If there was more than one."""
    is_unusable: bool = False
    """Whether the file could not be graded."""


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

    figures = figures_of(results)
    exercises = results.exercises
    checks = [statistics.check_statistics(results, exercise) for exercise in exercises]
    all_checks = list(chain.from_iterable(checks))

    alone = [group for group in figures.behaviors if len(group.learners) == 1]

    page: str = _template().render(
        results=results,
        style=escaping.asset("class.css"),
        script=escaping.asset("class.js"),
        policy=_policy(),
        totals=totals,
        rows=rows,
        checks=checks,
        hardest=sorted(all_checks, key=_most_missed_first),
        figures=figures,
        alone=len(alone),
        items={item.name: item for item in figures.items},
        plots=[_check_plot(exercise, figures) for exercise in exercises],
        due_times=[_due_plot(times) for times in due_times(results)],
        width=_width(len(all_checks)),
        distribution=statistics.total_distribution(results),
        exercises=[statistics.exercise_statistics(results, exercise) for exercise in exercises],
        misconceptions=statistics.misconceptions(results),
        anchors=anchors,
        renamed=_renamed(results),
        in_no_roster=_notices(results, NoticeKind.NOT_IN_ROSTER),
        not_graded=_notices(results, NoticeKind.UNREADABLE),
        system_use=_notices(results, NoticeKind.SYSTEM),
        no_points=_notices(results, NoticeKind.NOT_GRADABLE),
        not_used=_notices(results, NoticeKind.NOT_A_SUBMISSION, NoticeKind.SUPERSEDED),
    )
    return page


def _renamed(results: ClassResults) -> list[tuple[str, str, str]]:
    """Learner, exercise, and which file was graded, if somebody may have meant another one."""
    renamed = []
    for learner in results.learners:
        for exercise in results.exercises:
            grade = results.grade(learner.name, exercise.id)
            if grade is not None and grade.file_note:
                renamed.append((learner.name, exercise.id, grade.file_note))

    return renamed


def _notices(results: ClassResults, *kinds: NoticeKind) -> list[Notice]:
    """The notices of these kinds."""
    return [notice for notice in results.notices if notice.kind in kinds]


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

    is_unusable = grade is not None and _is_unusable(grade)
    # An older grade may lack a check that the rubric has now; that cell stays empty.
    cells: list[str] = []
    for check in exercise.checks:
        kind, sign = "n", ""
        if check.name in outcomes:
            kind, sign = MARKS[outcomes[check.name]]
            if is_unusable:
                kind, sign = UNUSABLE

        # The first column of an exercise has a gap before it.
        if not cells:
            kind += " e"

        cells.append(f'<td class="{kind}">{sign}')

    return Markup("".join(cells))  # noqa: S704 - made of constants only


def _is_unusable(grade: Grade) -> bool:
    """Whether the file could not be graded, such as a PDF: every check says why, and none ran."""
    messages = set()
    for check in grade.checks:
        is_raised = check.outcome is Outcome.RAISED
        if not is_raised or check.case is not None or check.seconds:
            return False

        messages.add(check.message)

    return len(messages) == 1


def _runs(grade: Grade) -> Markup:
    """The outcomes on a learner's page: one element for each run of equal outcomes."""
    # Nothing ran, so no outcome of a check is true.
    if _is_unusable(grade):
        kind, sign = UNUSABLE
        signs = sign * len(grade.checks)
        return Markup('<i class="{}">{}</i>').format(kind, signs)

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

    attempts = results.attempts.get(learner, {}).get(exercise.id)

    missed = [check for check in grade.checks if check.outcome.missed]
    # A broken file fails every check with the same message.
    different: dict[str, CheckResult] = {}
    for check in missed:
        # A check without a message counts by its name.
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
        attempts=attempts,
        is_unusable=_is_unusable(grade),
    )


def _state(grade: Grade) -> str:
    if grade.status == "ungraded":
        return "ungraded"
    if grade.passed:
        return "all"

    return "some" if grade.points else "zero"


def _correlation(item: Item) -> str:
    """``+0.31 ± 0.17``, with signs of one width; empty if there is none."""
    found = item.discrimination
    if found is None:
        return ""

    sign = "\N{MINUS SIGN}" if found.value < 0 else "+"
    return f"{sign}{abs(found.value):.2f} ± {found.error:.2f}"


def _facts(case: Case) -> list[tuple[str, str]]:
    rows = []
    for label, value in facts(case, FOR_INSTRUCTOR):
        # A large class has thousands of cases, and the page must stay small.
        rows.append((text.one_line(label, 60), text.lines(value, 2000)))

    return rows


def _tally(item: Item) -> str:
    """``7 wrong value, 2 raised an exception``: what happened, the most frequent first."""
    parts = []
    numbers = Counter(item.outcomes)
    for word, number in numbers.most_common():
        if word != Outcome.PASSED.value:
            parts.append(f"{number} {_TALLY_WORDS.get(word, word)}")

    return ", ".join(parts)


def _check_plot(exercise: GradedExercise, figures: ClassFigures) -> CheckPlot:
    """The bars of one exercise, in rows that fit a phone."""
    bars: list[Bar] = []
    for item in figures.items:
        if item.check is None or item.exercise.id != exercise.id:
            continue

        place = len(bars)
        share = text.percent(item.passed, item.attempted)
        bar = Bar(
            x=place % _BARS * _BAR_WIDTH,
            y=place // _BARS * _BAR_ROW,
            height=round(share * _BAR_HEIGHT / 100, 1),
            label=f"{share}" if item.attempted else "–",
            number=place + 1,
            item=item,
        )
        bars.append(bar)

    rows = math.ceil(len(bars) / _BARS)
    columns = min(len(bars), _BARS)
    return CheckPlot(exercise, bars, columns * _BAR_WIDTH, rows * _BAR_ROW)


def _due_plot(times: DueTimes) -> DuePlot:
    """The bars of a histogram of submission times."""
    highest = max(times.bins)
    step = _DUE_WIDTH / len(times.bins)
    bars = []
    for place, number in enumerate(times.bins):
        if not number:
            continue

        height = max(_DUE_HEIGHT * number / highest, 1.5)
        bar = DueBar(
            x=round(place * step + step * 0.08, 1),
            middle=round(place * step + step / 2, 1),
            width=round(step * 0.84, 1),
            y=round(_DUE_BASE - height, 1),
            height=round(height, 1),
            count=number,
            is_late=times.first + place >= 0,
            label=_span(times, place),
        )
        bars.append(bar)

    due = round(-times.first * step, 1)
    anchor = ""
    if due > _DUE_WIDTH - 20:
        anchor = "last"
    if due < 20:
        anchor = "first"

    after = times.first + len(times.bins)
    return DuePlot(
        times=times,
        bars=bars,
        due=due,
        anchor=anchor,
        left=_hours(-times.first * times.hours),
        right=_hours(after * times.hours),
    )


def _span(times: DueTimes, place: int) -> str:
    """``up to 6 h before``: where a bin of submission times lies."""
    number = times.first + place
    if number >= 0:
        return f"up to {_hours((number + 1) * times.hours)} after the due time"

    return f"up to {_hours(-number * times.hours)} before the due time"


def _hours(hours: int) -> str:
    if hours % 24:
        return f"{hours} h"
    return text.count(hours // 24, "day")


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
        "hours": _hours,
        "correlation": _correlation,
    }
    environment.globals |= {
        "percent": text.percent,
        "counted_points": counted_points,
        "count": text.count,
        "MARKS": MARKS,
        "UNUSABLE": UNUSABLE,
        "ANSWER_WORDS": _ANSWER_WORDS,
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
