"""A grade as Markdown, for the learner to read.

Text of learners stands in a fence that is longer than any in the text. Names of files and
checks have every character escaped that Markdown or HTML would interpret.
"""

import re
import textwrap
from collections.abc import Iterator
from typing import Final

from grader.grades.grade import Case, CheckResult, Grade, for_learner
from grader.report.failure_summary import (
    MISCONCEPTION,
    FailureSummary,
    facts,
    quiz_sentence,
    rubric_rows,
    summarize,
)

MAX_PRINTED: Final = 4000
_COLUMNS: Final = 80
# ASCII punctuation can be escaped (spec.commonmark.org, "Backslash escapes"). An underscore
# inside a word needs no escape.
_PUNCTUATION: Final = re.compile(r"([\\`*\[\]|~>$!:@#]|(?<!\w)_|_(?!\w))")


def feedback(grade: Grade, title: str) -> str:
    """The page ``feedback/<learner>/<exercise>.md``; hidden checks appear as numbers only."""
    grade = for_learner(grade)
    return "\n".join([*_head(grade, title), *_details(grade)]) + "\n"


def escaped(text: str) -> str:
    """``text`` as one line that Markdown shows unchanged."""
    text = _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
    return text.replace("&", "&amp;").replace("<", "&lt;")


def fenced(text: str) -> str:
    """``text`` as a block that nothing in the text can end."""
    runs = re.findall(r"`+", text)
    longest = max(map(len, runs), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def _head(grade: Grade, title: str) -> Iterator[str]:
    yield f"# {escaped(grade.exercise)}: {escaped(title)}"
    yield ""
    place = escaped(grade.submission)
    if grade.device != "cpu":
        place += f" on {grade.device}"
    yield f"{_score(grade)} · {place}"
    yield ""
    yield "| | check | points |"
    yield "| --- | --- | ---: |"
    for row in rubric_rows(grade):
        yield f"| {row.mark} {row.word} | {escaped(row.title)} | {row.points} |"


def _details(grade: Grade) -> Iterator[str]:
    summary = summarize(grade)
    for check in summary.failures:
        yield from _failure(check, summary)
    if summary.more:
        yield from ("", summary.more)
    if sentence := quiz_sentence(grade):
        yield from ("", escaped(sentence))
    if grade.stdout.strip():
        printed = grade.stdout
        if len(printed) > MAX_PRINTED:
            printed = printed[:MAX_PRINTED] + "\n…"
        yield from ("", "## Your code printed", "", fenced(printed))


def _failure(check: CheckResult, summary: FailureSummary) -> Iterator[str]:
    yield from ("", f"## {escaped(check.title)}")
    if check.message:
        wrapper = textwrap.TextWrapper(_COLUMNS, break_on_hyphens=False)
        paragraphs = map(wrapper.fill, check.message.splitlines())
        yield from ("", fenced("\n".join(paragraphs)))
    misconception = summary.misconception
    if misconception and check is summary.failures[0]:
        yield from ("", f"{MISCONCEPTION}, **{escaped(misconception.name)}**:", "")
        for line in misconception.explanation.splitlines():
            yield f"> {line}".rstrip()
    if check.case is not None:
        yield from _case(check.case)


def _case(case: Case) -> Iterator[str]:
    parts = []
    for label, value in facts(case):
        # The further lines of a value stand below its first line, right of the label.
        hanging = " " * (len(label) + 1)
        parts.append(f"{label} {textwrap.indent(value, hanging).lstrip()}")
    if parts:
        yield from ("", fenced("\n".join(parts)))


def _score(grade: Grade) -> str:
    if grade.status == "ungraded":
        return "**Not graded**: the grader failed, which is not your fault"
    points = f"{grade.points} of {grade.max_points} points"
    if grade.passed:
        points = f"All checks passed: {points}"
    return f"**{points}**"
