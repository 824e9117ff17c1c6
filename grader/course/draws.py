"""The numbers that a quiz draws for a learner."""

import itertools
import random
import re
from collections.abc import Iterator
from hashlib import blake2b

from grader.course.records import Question


def draw_numbers(exercise_id: str, question: Question, learner: str) -> dict[str, int]:
    """The numbers of ``question`` for ``learner``: the same on every machine, and all different."""
    # A learner's name can come from a folder's name, which need not be valid Unicode.
    key = f"{exercise_id}\0{question.name}\0{learner}".encode("utf-8", "surrogatepass")
    digest = blake2b(key, digest_size=8).digest()
    generator = random.Random(digest)  # noqa: S311 - this is for variety, not for secrecy

    # Neither the order nor the number of draws may change: learners keep their numbers.
    numbers: dict[str, int] = {}
    for name, (low, high) in question.draw.items():
        while name not in numbers:
            number = generator.randint(low, high)
            if number not in numbers.values():
                numbers[name] = number
    return numbers


def all_draws(question: Question) -> Iterator[dict[str, int]]:
    """Every set of numbers that ``question`` can draw, in order."""
    ranges = [range(low, high + 1) for low, high in question.draw.values()]
    for values in itertools.product(*ranges):
        # Drawn numbers all differ.
        if len(set(values)) < len(values):
            continue
        yield dict(zip(question.draw, values, strict=True))


def fill(template: str, numbers: dict[str, int]) -> str:
    """Replace each ``{number}`` in ``template``; other braces stay as they are."""
    return re.sub(r"\{(\w+)\}", lambda match: str(numbers[match[1]]), template)
