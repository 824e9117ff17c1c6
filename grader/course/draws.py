"""The numbers that a quiz draws for a learner."""

import itertools
import random
import re
from collections.abc import Iterator
from hashlib import blake2b

from grader.course.records import Question


def draw_numbers(exercise_id: str, question: Question, learner: str) -> dict[str, int]:
    """The numbers of ``question`` for ``learner``: the same on every machine, all different."""
    key = f"{exercise_id}\0{question.name}\0{learner}".encode("utf-8", "surrogatepass")
    generator = random.Random(blake2b(key, digest_size=8).digest())  # noqa: S311 - no secret, only variety
    numbers: dict[str, int] = {}
    for name, (low, high) in question.draw.items():
        number = generator.randint(low, high)
        while number in numbers.values():
            number = generator.randint(low, high)
        numbers[name] = number
    return numbers


def all_draws(question: Question) -> Iterator[dict[str, int]]:
    """Every set of numbers that could be drawn for ``question``, in order."""
    ranges = [range(low, high + 1) for low, high in question.draw.values()]
    for numbers in itertools.product(*ranges):
        if len(set(numbers)) == len(numbers):
            yield dict(zip(question.draw, numbers, strict=True))


def fill(template: str, numbers: dict[str, int]) -> str:
    """``template`` with each ``{number}`` replaced; other braces stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda match: str(numbers[match[1]]), template)
