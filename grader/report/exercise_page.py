"""What an exercise asks for, and the list of all exercises, as plain text and as Markdown.

``ExercisePage`` has the facts of a page. ``grader.report.terminal.statement`` lays the same facts
out for a terminal.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from grader.course.records import Exercise
from grader.report.text_templates import text_template
from grader.sandbox import guesses
from grader.submission import answer_sheet
from grader.submission.files import submission_name
from grader.text import count


class ExercisePage(msgspec.Struct, frozen=True):
    """The facts of an exercise that a learner may read."""

    id: str
    title: str
    statement: str
    """Markdown."""
    file: str
    """The file that the learner writes."""
    signatures: Sequence[str]
    to_define: Sequence[str]
    """The signatures as Python writes them."""
    forbidden: Sequence[str]
    packages: Sequence[str]
    """What a submission may import besides the standard library, PyTorch and NumPy."""
    checks: list[tuple[str, str]]
    """Points and title of each visible check; the last row is for all hidden checks."""
    questions: list[tuple[str, str]]
    """Name and text of each question of a quiz, with the learner's numbers."""
    next_step: str


def exercise_page(
    exercise: Exercise, learner: str, next_step: str, attempts: Mapping[str, int] = {}
) -> ExercisePage:
    """The page of ``exercise`` for ``learner``; ``next_step`` is its last sentence.

    ``attempts`` maps names of quiz questions to the attempt whose numbers the page shows.
    """
    spec = exercise.spec
    # The check of a quiz question has the question as its title, so it would appear twice.
    questions = []
    checks = []
    if spec.runs_code:
        checks = _check_rows(exercise)
    else:
        questions = answer_sheet.questions(exercise, learner, attempts)

    return ExercisePage(
        id=exercise.id,
        title=spec.title,
        statement=spec.statement.rstrip(),
        file=submission_name(exercise),
        signatures=spec.entry,
        to_define=[guesses.asked_for(entry.signature) for entry in spec.entries],
        # A learner calls the public name; the operator and private names are further safeguards.
        forbidden=[name for name in spec.forbidden if "::" not in name and "._" not in name],
        packages=spec.packages,
        checks=checks,
        questions=questions,
        next_step=next_step,
    )


def _check_rows(exercise: Exercise) -> list[tuple[str, str]]:
    rows = []
    # Hidden checks are counted, so that the points add up.
    hidden = []
    for check in exercise.spec.checks:
        if check.visible:
            rows.append((count(check.points, "point"), check.title))
        else:
            hidden.append(check.points)

    if hidden:
        rows.append((count(sum(hidden), "point"), count(len(hidden), "hidden check")))

    return rows


def as_text(page: ExercisePage) -> str:
    """The page as plain text, for files and pipes."""
    wrapper = textwrap.TextWrapper(
        width=78,
        initial_indent="  ",
        subsequent_indent="    ",
    )
    return text_template("exercise.txt").render(page=page, wrapped=wrapper.fill)


def as_markdown(page: ExercisePage) -> str:
    """The page as Markdown without headings, because it stands in another document."""
    return text_template("exercise.md").render(page=page)


def as_prompt(page: ExercisePage, starter: str) -> str:
    """The task for a language model: what to write, the file to begin with, and how to answer."""
    return text_template("prompt.txt").render(page=page, starter=starter)


def as_document(page: ExercisePage, starter: str) -> dict[str, Any]:
    """The facts of the page as a JSON object; ``docs/results-format.md`` lists its keys."""
    checks = [{"worth": worth, "title": title} for worth, title in page.checks]
    questions = [{"name": name, "ask": ask} for name, ask in page.questions]
    return {
        "exercise": page.id,
        "title": page.title,
        "statement": page.statement,
        "file": page.file,
        "signatures": list(page.signatures),
        "forbidden": list(page.forbidden),
        "packages": list(page.packages),
        "checks": checks,
        "questions": questions,
        "starter": starter,
    }


def listing(exercises: Mapping[str, Exercise | None], sections: Mapping[str, str] = {}) -> str:
    """A line for each exercise: id, points, title. None is one that cannot be read.

    ``sections`` maps the first exercise of each section to the title above it.
    """
    width = max(map(len, exercises), default=0)
    lines: list[str] = []
    for exercise_id, exercise in exercises.items():
        if exercise_id in sections:
            # An empty line separates a section from the one before.
            start = "\n" if lines else ""
            lines.append(f"{start}{' '.join(sections[exercise_id].split())}\n")

        said = "cannot be read"
        if exercise is not None:
            spec = exercise.spec
            said = f"{spec.max_points:>3} points  {spec.title}"

        lines.append(f"{exercise_id:<{width}}  {said}\n")

    return "".join(lines)


def listing_markdown(exercises: Sequence[Exercise]) -> str:
    """The same list as a table in Markdown."""
    lines = ["| exercise | points | title |", "| :--- | ---: | :--- |"]
    for exercise in exercises:
        spec = exercise.spec
        lines.append(f"| `{exercise.id}` | {spec.max_points} | {spec.title} |")

    return "\n".join(lines) + "\n"
