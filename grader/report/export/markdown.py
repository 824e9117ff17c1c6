"""A grade as Markdown: what a learner is given to read.

What comes from learners stands in fences longer than any in it, or where it is but
a name, with every character escaped that Markdown or HTML would read as its own.
"""

import re
import textwrap
from collections.abc import Iterator
from typing import Final

from grader.grades.grade import Case, CheckResult, Grade, for_learner
from grader.report.failure_summary import (
    MARKS,
    asked_sentence,
    facts,
    hidden_sentence,
    mistake,
    told,
)

MAX_PRINTED: Final = 4000
_COLUMNS: Final = 80
# ASCII punctuation can be escaped (spec.commonmark.org, "Backslash escapes"); an underscore inside a word is only that.
_PUNCTUATION: Final = re.compile(r"([\\`*\[\]|~>$!:@#]|(?<!\w)_|_(?!\w))")


def feedback(grade: Grade, title: str) -> str:
    """The page ``feedback/<learner>/<exercise>.md``: what ``grade`` shows, hidden checks in number only."""
    return "\n".join(_lines(for_learner(grade), title)) + "\n"


def escaped(text: str) -> str:
    """``text`` as one line that Markdown shows as it is."""
    text = _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
    return text.replace("&", "&amp;").replace("<", "&lt;")


def fenced(text: str) -> str:
    """``text`` as a block that nothing in it can end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def _lines(grade: Grade, title: str) -> Iterator[str]:
    yield f"# {escaped(grade.exercise)}: {escaped(title)}"
    yield ""
    place = "" if grade.device == "cpu" else f" on {grade.device}"
    yield f"{_score(grade)} · {escaped(grade.submission)}{place}"
    yield ""
    yield "| | check | points |"
    yield "| --- | --- | ---: |"
    for check in grade.checks:
        if check.visible:
            mark = f"{MARKS[check.outcome]} {check.outcome.value}"
            yield f"| {mark} | {escaped(check.title)} | {check.points}/{check.max_points} |"
    if grade.hidden:
        points = f"{sum(check.points for check in grade.hidden)}/{sum(check.max_points for check in grade.hidden)}"
        yield f"| hidden | {hidden_sentence(grade)} | {points} |"
    failures, known = told(grade), mistake(grade)
    for number, check in enumerate(failures.shown):
        yield from _failure(check)
        if not number and known:
            yield from (
                "",
                f"This behaves exactly like a known mistake, **{escaped(known[0])}**:",
                "",
            )
            yield from (f"> {line}".rstrip() for line in known[1].splitlines())
        if check.case is not None:
            yield from _case(check.case)
    if failures.more:
        yield from ("", failures.more)
    if sentence := asked_sentence(grade):
        yield from ("", escaped(sentence))
    if grade.stdout.strip():
        shown = (
            grade.stdout if len(grade.stdout) <= MAX_PRINTED else grade.stdout[:MAX_PRINTED] + "\n…"
        )
        yield from ("", "## Your code printed", "", fenced(shown))


def _failure(check: CheckResult) -> Iterator[str]:
    yield from ("", f"## {escaped(check.title)}")
    if check.message:
        lines = (
            textwrap.fill(line, _COLUMNS, break_on_hyphens=False)
            for line in check.message.splitlines()
        )
        yield from ("", fenced("\n".join(lines)))


def _case(case: Case) -> Iterator[str]:
    parts = [
        f"{label} {textwrap.indent(value, ' ' * (len(label) + 1)).lstrip()}"
        for label, value in facts(case)
    ]
    if parts:
        yield from ("", fenced("\n".join(parts)))


def _score(grade: Grade) -> str:
    if grade.status == "ungraded":
        return "**Not graded**: the grader failed, which is not your fault"
    if grade.passed:
        return f"**All checks passed: {grade.points} of {grade.max_points} points**"
    return f"**{grade.points} of {grade.max_points} points**"
