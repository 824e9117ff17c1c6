"""What an exercise asks for, and the list of them all, as Markdown and as plain lines."""

from collections.abc import Iterator, Sequence

from grader import text
from grader.course.records import Exercise
from grader.submission import answer_sheet


def listing(exercises: Sequence[Exercise]) -> str:
    """A line for each exercise: id, points, title."""
    width = max((len(exercise.id) for exercise in exercises), default=0)
    return "".join(
        f"{exercise.id:<{width}}  {_points(exercise):>3} points  {exercise.spec.title}\n"
        for exercise in exercises
    )


def listing_markdown(exercises: Sequence[Exercise]) -> str:
    """The same as a table."""
    rows = [
        f"| `{exercise.id}` | {_points(exercise)} | {exercise.spec.title} |"
        for exercise in exercises
    ]
    return "\n".join(["| exercise | points | title |", "| :--- | ---: | :--- |", *rows]) + "\n"


def markdown(exercise: Exercise, learner: str, then: str) -> str:
    """The statement, what to write, and the rubric or the questions as put to ``learner``; ``then`` ends it.

    Without headings: it stands in somebody else's document.
    """
    return "\n".join(_lines(exercise, learner, then)) + "\n"


def _lines(exercise: Exercise, learner: str, then: str) -> Iterator[str]:
    spec = exercise.spec
    yield from (f"**{exercise.id}: {spec.title}**", "", spec.statement.rstrip(), "")
    if spec.entry:
        yield from ("**Write**", "", *(f"- `{signature}`" for signature in spec.entry), "")
        if names := [name for name in spec.forbidden if "::" not in name]:
            yield from ("**Not allowed**", "", *(f"- `{name}`" for name in names), "")
        yield from ("**Checks**", "")
        yield from (
            f"- {line.title} ({text.count(line.points, 'point')})"
            for line in spec.checks
            if line.visible
        )
        if hidden := [line.points for line in spec.checks if not line.visible]:
            count = text.count(len(hidden), "more check")
            yield f"- {count} that you are not shown ({text.count(sum(hidden), 'point')})"
    else:
        yield from ("**Questions**", "")
        for name, question in answer_sheet.questions(exercise, learner):
            yield f"- `{name}`: {' '.join(question.split())}"
    yield from ("", then)


def _points(exercise: Exercise) -> int:
    """Points of all its checks or questions."""
    spec = exercise.spec
    return sum(check.points for check in spec.checks)
