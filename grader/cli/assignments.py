"""``grade new assignment``: write an example of ``assignment.yaml`` to edit."""

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from grader.cli.common import root_here, write_bytes
from grader.errors import UsageError
from grader.examiner.settings import Settings

KIND: Final = "assignment"
"""The word behind ``grade new`` and ``grade schema``."""
_WEEKS: Final = 2
_LAST_MINUTE: Final = "%Y-%m-%d 23:59"
_HEAD: Final = """\
# yaml-language-server: $schema=assignment.schema.json
# `grade schema assignment > assignment.schema.json` lets editors explain each key.
format: 1
title: {title}
time_zone: UTC  # or an IANA name such as Europe/Berlin or America/New_York
due: {due}
# closes: {closes}
exercises:  # the points of each exercise
"""
_TAIL: Final = """\
# points: 100  # scales the assignment to so many points; the numbers above are weights then
# late:
#   grace_minutes: 15
#   percent_per_day: 10
#   max_percent: 50
#   free_days: 3
# drop_lowest: 1
# extensions:
#   - {learner: ada, due: FRIDAY, reason: illness}
# excuses:
#   - {learner: ben, exercise: EXERCISE, reason: illness}
# overrides:
#   - {learner: cy, exercise: EXERCISE, points: 8, reason: graded by hand, author: G. Hopper}
"""


def new_assignment(name: str, exercise_ids: Sequence[str], settings: Settings) -> None:
    """Write ``NAME.yaml`` with these exercises, or all of the course; never overwrite a file."""
    from grader.course import loading

    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        path = path.with_name(f"{path.name}.yaml")
    if path.exists():
        raise UsageError("exists already", place=str(path), advice="choose another name")

    root = root_here(settings)
    if exercise_ids:
        chosen = [loading.load_exercise(root, each) for each in exercise_ids]
    else:
        chosen = list(loading.load_course(root).values())

    points = {exercise.id: exercise.spec.max_points for exercise in chosen}
    example = _example(path.stem, points)
    write_bytes(path, example.encode())
    advice = "" if exercise_ids else " Remove the exercises that do not belong to it."
    click.echo(f"Wrote {path}.{advice}")
    typed = shlex.quote(str(path))
    click.echo(f"Then `grade batch DIR --assignment {typed} --roster CLASS.csv --out graded`.")


def _example(title: str, points: dict[str, int]) -> str:
    """The file for these exercises, due in two weeks."""
    due = datetime.now(UTC) + timedelta(weeks=_WEEKS)
    later = due + timedelta(weeks=1)
    closes = later.strftime(_LAST_MINUTE)
    text = _HEAD.format(title=title, due=due.strftime(_LAST_MINUTE), closes=closes)
    for name, number in points.items():
        text += f"  {name}: {number}\n"

    first = next(iter(points))
    tail = _TAIL.replace("FRIDAY", closes)
    return text + tail.replace("EXERCISE", first)
