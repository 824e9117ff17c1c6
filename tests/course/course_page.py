"""Write ``docs/course.md``: the course as a path, with the idea that each exercise teaches.

``python -m tests.course.course_page`` writes it again after a change of the course. Sections, ids,
titles and signatures come from the course; only the ideas are written here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader.course import loading, order
from grader.course.location import default_root
from grader.course.records import Exercise

PAGE: Final = Path(__file__).parents[2] / "docs" / "course.md"
IDEAS: Final = {
    "exercise1": "An embedding is a table: looking up an id reads a row.",
    "exercise4": "A linear layer is a product with its transposed weight, plus a bias.",
    "exercise2": "An embedding stores (num, dim), a linear layer (out, in).",
    "exercise5": "A lookup equals a product with one-hot rows, which reads the whole table.",
    "exercise3": "A linear layer on one-hot rows is an embedding, stored in the other layout.",
    "exercise10": "A lookup does no arithmetic, so a table can be as long as memory allows.",
    "exercise6": "Gradients of a repeated id add up, and unused rows get zero.",
    "exercise8": "Plain SGD moves only the rows that were looked up.",
    "exercise7": "An embedding layer is one Parameter, a lookup, and a few rules about ids.",
    "exercise11": "A bag turns several rows into one vector, without keeping the rows.",
    "exercise12": "Two layers can share one Parameter; its gradient is the sum of both uses.",
    "exercise9": "The options of an embedding change its initial rows, its gradient, or its table.",
    "exercise13": "Cross-entropy looks up one number for each target: its log-probability.",
    "exercise14": "A tied model with small initial numbers starts at a loss of ln(num).",
    "exercise15": "A position is an id too, with a table of its own.",
    "exercise16": "Pretrained rows must be in the order of the vocabulary, frozen or not.",
    "exercise17": "Training on neighbors gives words in similar contexts similar rows.",
    "exercise18": "The rows with the largest cosines show what a table has learned.",
    "exercise19": "Rows that only fill up a table must stay out of the loss and its gradient.",
    "exercise20": "A table can be split by rows, and the results of its parts add up.",
    "exercise21": "A step needs only the looked-up rows, not a whole gradient.",
    "exercise22": "What a loss reads and what an optimizer keeps decide which rows move.",
}
_HEAD: Final = """\
# The course

The course begins with a table of numbers. It ends with tables whose rows have a meaning, and with
tables that are too large for one machine. Each exercise teaches one idea and uses the ideas before
it. `grade list` shows the same order, and `grade` shows the next step.

<!-- python -m tests.course.course_page writes this page. -->
"""
_TAIL: Final = """
[A trained table](words.md) shows a table that was trained with the loss of exercise 17. Try
your code for exercise 18 on it. The [first hour](first-hour.md) helps with the first exercises.
"""


def lines() -> Iterator[str]:
    """The page, line by line."""
    yield from _HEAD.splitlines()
    exercises = loading.listed(default_root())
    titles = order.section_titles(default_root(), [exercise.id for exercise in exercises])
    for exercise in exercises:
        if exercise.id in titles:
            yield from ("", f"## {titles[exercise.id]}", "")
            yield "| exercise | title | you write | the idea |"
            yield "| --- | --- | --- | --- |"
        cells = f"`{exercise.id}`", exercise.spec.title, _task(exercise), IDEAS[exercise.id]
        yield f"| {' | '.join(cells)} |"
    yield from _TAIL.splitlines()


def _task(exercise: Exercise) -> str:
    """The names that a submission defines."""
    names = [f"`{entry.name}`" for entry in exercise.spec.entries]
    return " and ".join(names) or "the answers of a quiz"


def page() -> str:
    """The page as text."""
    return "\n".join(lines()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
