"""What the adapters share: the prompt of an exercise, and the code in a model's answer."""

import re
from pathlib import Path
from typing import Final

from grader.course import loading, location
from grader.report.exercise_page import as_prompt, exercise_page
from grader.study.workspace import beginning

# Up to the next fence, or up to the end of an answer that was cut off.
_BLOCK: Final = re.compile(r"^ *```[^\n`]*\n(.*?)(?:^ *```|\Z)", re.DOTALL | re.MULTILINE)
_END_OF_REASONING: Final = "</think>"


def source_in(answer: str) -> str:
    """Return the last fenced block of an answer, or the whole answer if it has none.

    What a model wrote as its reasoning, up to ``</think>``, does not count.
    """
    final = answer.rpartition(_END_OF_REASONING)[2]
    blocks: list[str] = _BLOCK.findall(final)
    if blocks:
        return blocks[-1]

    return final


def prompts(course: Path | str | None = None) -> dict[str, str]:
    """Return the prompt of each exercise of a course, in the order of the course."""
    root = location.default_root() if course is None else Path(course)
    found = {}
    for exercise in loading.listed(root):
        page = exercise_page(exercise, "", "")
        found[exercise.id] = as_prompt(page, beginning(exercise, ""))

    return found
