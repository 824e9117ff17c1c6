"""The order of a course and its sections, as ``exercises/course.yaml`` gives them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from grader.course import yaml_reader
from grader.course.conversion import convert
from grader.course.records import CourseOrder
from grader.course.yaml_reader import Document

FILE: Final = "course.yaml"
_PLACE: Final = f"exercises/{FILE}"


def in_order(root: Path, ids: Sequence[str]) -> list[str]:
    """The exercises ``ids`` of the course at ``root`` in its order; those not listed come last.

    Raises ``CourseError`` if the course has a ``course.yaml`` that is broken.
    """
    order = read_order(root, ids)
    if order is None:
        return list(ids)

    listed = [each for section in order.sections for each in section.exercises]
    return listed + [each for each in ids if each not in listed]


def section_titles(root: Path, ids: Sequence[str]) -> dict[str, str]:
    """The title of each section, by its first exercise. Exercises not listed have a section too."""
    order = read_order(root, ids)
    if order is None:
        return {}

    titles = {section.exercises[0]: section.title for section in order.sections}
    listed = {each for section in order.sections for each in section.exercises}
    left = [each for each in ids if each not in listed]
    if left:
        # An exercise that the order does not name comes at the end.
        titles[left[0]] = "More exercises"

    return titles


def read_order(root: Path, ids: Sequence[str]) -> CourseOrder | None:
    """The ``course.yaml`` of the course at ``root`` with the exercises ``ids``, if there is one.

    Raises ``CourseError`` if it is broken: the line, the problem and what to do.
    """
    path = root / "exercises" / FILE
    # A link that leads nowhere is broken, and not absent.
    if not path.is_file() and not path.is_symlink():
        return None

    document = yaml_reader.read(path, _PLACE)
    order: CourseOrder = convert(document, CourseOrder)
    _check(root, order, document, ids)
    return order


def _check(root: Path, order: CourseOrder, document: Document, ids: Sequence[str]) -> None:
    """Check that each listed exercise exists, and that none is listed twice."""
    seen: set[str] = set()
    for number, section in enumerate(order.sections):
        for position, exercise_id in enumerate(section.exercises):
            path = ("sections", number, "exercises", position)
            if exercise_id not in ids:
                definition = root / "exercises" / exercise_id / "exercise.yaml"
                raise document.error(
                    f"this course has no exercise `{exercise_id}`",
                    *path,
                    advice=yaml_reader.to_rename(definition) or "fix the name, or remove it",
                )

            if exercise_id in seen:
                raise document.error(
                    f"`{exercise_id}` is listed twice", *path, advice="remove one of them"
                )

            # An exercise stands in one section, so that a course has one order.
            seen.add(exercise_id)
