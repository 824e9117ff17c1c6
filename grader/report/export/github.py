"""GitHub Actions: annotations at the learner's lines, and the workflow that grades on push.

The runner reads standard output as commands (docs.github.com, "Workflow commands for GitHub
Actions"). So all text is escaped, and what the learner's code printed goes to the summary only.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from grader import text
from grader.grades.grade import Frame, Grade, Outcome, for_learner
from grader.report.failure_summary import WHY, hidden_checks, verdict
from grader.report.text_templates import file_with

MAX_ANNOTATIONS: Final = 10
"""Annotations of one kind that GitHub shows for a step."""
_KINDS: Final = {
    **dict.fromkeys(Outcome, "error"),
    Outcome.SKIPPED: "notice",
    Outcome.UNGRADED: "warning",
}


def annotations(grade: Grade, path: str) -> str:
    """The output of ``grade --format github``: one workflow command a line.

    ``path`` is the path of the submission in the repository.
    """
    grade = for_learner(grade)
    lines = [*_missed_checks(grade, path), *_result(grade)]
    return "\n".join(lines) + "\n"


def refusal(message: str, path: str) -> str:
    """The annotation for a submission that cannot be read."""
    return _command("error", "Not gradable", message, file=path) + "\n"


def workflow(exercise_id: str, requirement: str | None) -> str:
    """A workflow file that grades ``exercise_id`` on push.

    ``requirement`` is what pip installs; by default the value of the secret ``GRADER``.
    """
    requirement = requirement or "${{ secrets.GRADER }}"
    one_line = text.single_spaced(requirement)

    # A JSON string is also a YAML string.
    scalar = json.dumps(one_line, ensure_ascii=False)
    return file_with("github.yml", EXERCISE=exercise_id, GRADER=scalar)


def _missed_checks(grade: Grade, path: str) -> Iterator[str]:
    missed = []
    for check in grade.checks:
        if check.visible and check.outcome is not Outcome.PASSED:
            missed.append(check)

    # The explanation is about the check that was missed first.
    explanation = ""
    if grade.explanation:
        explanation = f"\n\n{WHY} {grade.explanation}"

    for check in missed[:MAX_ANNOTATIONS]:
        kind = _KINDS[check.outcome]
        message = check.message or check.outcome.value
        place = _place(check.frames, grade, path)
        yield _command(kind, check.title, message + explanation, **place)
        explanation = ""

    # GitHub would show no more of them, and would not say so.
    left = len(missed) - MAX_ANNOTATIONS
    if left > 0:
        sentence = f"{left} more did not pass; the summary shows all of them"
        yield _command("error", grade.exercise, sentence)


def _result(grade: Grade) -> Iterator[str]:
    # An annotation at a line would show which code a hidden check is about.
    hidden = hidden_checks(grade)
    if hidden is not None:
        yield _command("notice", grade.exercise, hidden.sentence)

    kind = "warning" if grade.status == "ungraded" else "notice"
    yield _command(kind, grade.exercise, verdict(grade))


def _place(frames: Sequence[Frame], grade: Grade, path: str) -> dict[str, str]:
    """The innermost line of the submission in the traceback, or else the file alone."""
    # The outermost frame comes first.
    for frame in reversed(frames):
        # A helper module may lie elsewhere in the repository, and a cell has other lines than
        # the notebook's file.
        if frame.file == grade.submission and frame.cell is None:
            return {"file": path, "line": str(frame.line)}

    return {"file": path}


def _command(kind: str, title: str, message: str, **properties: str) -> str:
    properties["title"] = text.one_line(title)
    # Without the escapes, a title or a message could end its command and begin another.
    escaped = [f"{name}={_property(value)}" for name, value in properties.items()]
    written = ",".join(escaped)
    return f"::{kind} {written}::{_data(message)}"


def _data(message: str) -> str:
    shown = text.lines(message, 3000, 30)
    # The percent sign comes first, because the other escapes contain it.
    shown = shown.replace("%", "%25")
    return shown.replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    shown = _data(text.one_line(value, 400))
    return shown.replace(":", "%3A").replace(",", "%2C")
