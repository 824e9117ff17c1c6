"""The figures about a class as text, for ``grade report OUT``."""

import textwrap
from collections.abc import Iterator
from typing import Final

from grader import text
from grader.grades.behavior import Behavior
from grader.grades.figures import ClassFigures, Resubmissions
from grader.grades.items import NOT_ATTEMPTED, Item

_MOST_GROUPS: Final = 12
_NARROWEST: Final = 40
_WIDEST: Final = 100
_NAME: Final = 30
"""Columns for the name of a check, at most."""
_MOST_NAMES: Final = 6
_MOST_OUTCOMES: Final = 2
"""Outcomes of a check that are named; JSON and CSV have all."""


def figure_lines(figures: ClassFigures, width: int) -> Iterator[str]:
    """The table of items, then misconceptions, groups, and warning signs last.

    The end of a long output is what a terminal shows.
    """
    width = max(_NARROWEST, min(width, _WIDEST))
    title = text.one_line(figures.title, 60)
    yield f"{title}: {figures.active} of {text.count(figures.learners, 'learner')} handed in work"

    name_width = _name_width(figures)
    if figures.items:
        yield ""
        yield f"  {'':<{name_width}}  passed  tells apart    not passed"

    for item in figures.items:
        if item.check is None:
            yield from text.wrapped(f"{item.exercise.id}  {text.one_line(item.title)}", width)
        yield from _item_lines(item, name_width, width)

    if figures.items:
        yield ""
        yield from text.wrapped(
            "tells apart: correlation of passing with the points for everything else, with its "
            "standard error. Near 0, the check says nothing about a learner; below 0, strong "
            "learners miss it.",
            width,
        )

    for each in figures.resubmissions:
        yield from text.wrapped(_resubmission(each), width)

    yield from _misconception_lines(figures, width)
    yield from _group_lines(figures, width)
    yield from _sign_lines(figures, width)


def outcomes(item: Item) -> str:
    """``3 raised, 2 failed, 1 otherwise``: how a check was not passed."""
    others = []
    for outcome, number in item.outcomes.items():
        if outcome not in ("passed", NOT_ATTEMPTED):
            others.append((number, outcome))

    # The sort is stable, and looks at the numbers alone.
    others.sort(key=lambda each: -each[0])
    shown = [f"{number} {outcome}" for number, outcome in others[:_MOST_OUTCOMES]]
    rest = sum(number for number, _ in others[_MOST_OUTCOMES:])
    if rest:
        shown.append(f"{rest} otherwise")

    return ", ".join(shown)


def discrimination(item: Item) -> str:
    """``+0.31 ± 0.17``; a dash if there is none."""
    found = item.discrimination
    if found is None:
        return "–"

    return f"{found.value:+.2f} ± {found.error:.2f}"


def _name_width(figures: ClassFigures) -> int:
    names = [item.check.name for item in figures.items if item.check is not None]
    longest = max(map(len, names), default=0)
    return max(min(longest, _NAME), len("mean"))


def _item_lines(item: Item, name_width: int, width: int) -> Iterator[str]:
    name = "mean"
    share = item.difficulty or 0.0
    others = (
        f"{item.passed} of {item.attempted} passed all, "
        f"{item.outcomes.get(NOT_ATTEMPTED, 0)} absent"
    )
    if item.check is not None:
        name = text.one_line(item.check.name, name_width)
        others = outcomes(item)

    percent = "–"
    if item.attempted:
        percent = f"{text.percent(share, 1)} %"

    line = f"  {name:<{name_width}}  {percent:>6}  {discrimination(item):<13}"

    whole = f"{line}  {others}"
    if len(whole) <= width:
        yield whole.rstrip()
        return

    yield line.rstrip()
    indent = " " * 6
    yield from textwrap.wrap(
        others,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
    )


def _resubmission(each: Resubmissions) -> str:
    return (
        f"{each.exercise.id}: {text.count(each.learners, 'learner')} handed in more than once "
        f"({each.attempts:.1f} times on average). Mean of their first submissions: "
        f"{each.first:.1f} of {each.exercise.max_points}, of their best ones: {each.best:.1f}."
    )


def _misconception_lines(figures: ClassFigures, width: int) -> Iterator[str]:
    if not figures.misconceptions:
        return

    yield ""
    yield "Misconceptions"
    for each in figures.misconceptions[:_MOST_GROUPS]:
        names = _listed(each.learners)
        yield from text.wrapped(f"  {each.exercise}/{each.name}: {names}", width, indent=4)

    yield from _more(len(figures.misconceptions))


def _group_lines(figures: ClassFigures, width: int) -> Iterator[str]:
    several = [group for group in figures.behaviors if len(group.learners) > 1]
    single = len(figures.behaviors) - len(several)
    if not figures.behaviors:
        return

    yield ""
    yield "Wrong in the same way, without a known misconception"
    for group in several[:_MOST_GROUPS]:
        yield from text.wrapped(_group(group), width, indent=4)

    yield from _more(len(several))
    if single:
        yield f"  {text.count(single, 'learner')} wrong in a way of their own"


def _group(group: Behavior) -> str:
    what = text.one_line(group.what, 120)
    names = _listed(group.learners)
    return f"  {group.id}, {group.check.name}: {what} – {names}"


def _sign_lines(figures: ClassFigures, width: int) -> Iterator[str]:
    yield ""
    if figures.signs:
        yield "Look at these"

    for sign in figures.signs:
        yield from text.wrapped(f"  {sign.sentence}", width, indent=4)

    if not figures.signs:
        yield "No check or question is suspicious."
    if figures.caution:
        yield from text.wrapped(figures.caution, width)


def _more(number: int) -> Iterator[str]:
    more = number - _MOST_GROUPS
    if more > 0:
        yield f"  and {more} more (--format json has all)"


def _listed(names: list[str]) -> str:
    shown = ", ".join(text.one_line(name, 40) for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    if more > 0:
        shown += f" and {more} more"

    return f"{text.count(len(names), 'learner')} ({shown})"
