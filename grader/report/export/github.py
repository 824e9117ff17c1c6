"""GitHub Actions: annotations beside the learner's lines, a step summary, and the workflow that grades on push.

What is printed there is read as commands (docs.github.com, "Workflow commands"), so every
text is escaped, and what a learner's code printed stands in the summary only.
"""

import re
from collections.abc import Iterator
from importlib import resources
from typing import Final

from grader import text
from grader.grades.grade import Case, CheckResult, Grade, Outcome, for_learner
from grader.report.failure_summary import hidden_sentence

MOST: Final = 10
"""Annotations of one kind that GitHub shows for a step."""
_PLACE: Final = re.compile(r"(?P<file>.+?) line (?P<line>\d+)\b")


def annotations(grade: Grade, path: str) -> str:
    """What ``grade --format github`` prints: one workflow command a line.

    ``path`` is where the submission lies in the repository.
    """
    return "".join(f"{line}\n" for line in _lines(for_learner(grade), path))


def refusal(message: str, path: str) -> str:
    """The annotation for a submission that could not be read at all."""
    return f"{_command('error', 'Not gradable', message, file=path)}\n"


def workflow(exercise_id: str, requirement: str | None) -> str:
    """A workflow file that grades ``exercise_id`` on push.

    ``requirement`` is what pip installs for it; where it is None, the secret ``GRADER`` says so.
    """
    source = (resources.files("grader.report") / "templates" / "github.yml").read_text("utf-8")
    return source.replace("@EXERCISE@", exercise_id).replace(
        "@GRADER@", _scalar(requirement or "${{ secrets.GRADER }}")
    )


def _lines(grade: Grade, path: str) -> Iterator[str]:
    missed = [
        check for check in grade.checks if check.visible and check.outcome is not Outcome.PASSED
    ]
    for check in missed[:MOST]:
        kind = {Outcome.SKIPPED: "notice", Outcome.UNGRADED: "warning"}.get(check.outcome, "error")
        yield _command(
            kind,
            check.title,
            _said(check, grade, first=check is missed[0]),
            **_place(check.case, grade, path),
        )
    if len(missed) > MOST:
        yield _command(
            "error",
            grade.exercise,
            f"{len(missed) - MOST} more did not pass; the summary has them all",
        )
    if sentence := hidden_sentence(grade):
        yield _command("notice", grade.exercise, sentence)
    if grade.status == "ungraded":
        yield _command(
            "warning",
            grade.exercise,
            "Not graded: the grader failed, which is not your fault. Run it again.",
        )
    else:
        points = f"{grade.points} of {grade.max_points} points"
        yield _command(
            "notice", grade.exercise, f"All checks passed: {points}" if grade.passed else points
        )


def _said(check: CheckResult, grade: Grade, *, first: bool) -> str:
    parts = [check.message or check.outcome.value]
    if first and grade.misconception and grade.explanation:
        parts.append(
            f"This behaves exactly like a known mistake, {grade.misconception}: {grade.explanation}"
        )
    return "\n\n".join(parts)


def _place(case: Case | None, grade: Grade, path: str) -> dict[str, str]:
    """The innermost line of the submission that a failure came from, where there is one."""
    for frame in reversed(case.traceback if case else []):
        found = _PLACE.match(frame)
        if found and found["file"] == grade.submission:
            return {"file": path, "line": found["line"]}
    return {"file": path}


def _command(kind: str, title: str, message: str, **properties: str) -> str:
    every = {**properties, "title": text.one_line(title)}
    return f"::{kind} {','.join(f'{name}={_property(value)}' for name, value in every.items())}::{_data(message)}"


def _data(message: str) -> str:
    return (
        text.lines(message, 3000, 30).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    )


def _property(value: str) -> str:
    return _data(text.one_line(value, 400)).replace(":", "%3A").replace(",", "%2C")


def _scalar(value: str) -> str:
    """A YAML scalar on one line, in single quotes."""
    return "'" + " ".join(value.split()).replace("'", "''") + "'"
