"""The numbers that a quiz draws for a learner and an attempt."""

import itertools
import random
import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from grader.course.records import Question

MAX_ATTEMPT: Final = 1000
"""Attempts of a question that have numbers of their own; later ones repeat the last."""
_TRIES: Final = 100


def draw_numbers(
    exercise_id: str, question: Question, learner: str, attempt: int = 1
) -> dict[str, int]:
    """The numbers of ``question`` for the ``attempt`` of ``learner``, counted from 1.

    They are the same on every machine, and all different. Each number differs from the same
    number of the attempt before, as far as its range allows.
    """
    # Neither the order nor the number of draws may change: learners keep their numbers.
    generator = _generator(exercise_id, question.name, learner)
    numbers = _drawn(question, generator)
    last = min(attempt, MAX_ATTEMPT)
    for later in range(2, last + 1):
        generator = _generator(exercise_id, question.name, learner, str(later))
        numbers = _drawn_anew(question, generator, numbers)

    return numbers


def example_numbers(
    exercise_id: str, question: Question, learner: str, attempt: int
) -> dict[str, int]:
    """Numbers for a solved example: those of no attempt, and other ones than in ``attempt``."""
    own = draw_numbers(exercise_id, question, learner, attempt)
    generator = _generator(exercise_id, question.name, learner, "example")
    return _drawn_anew(question, generator, own)


def all_draws(question: Question) -> Iterator[dict[str, int]]:
    """Every set of numbers that ``question`` can draw, in order."""
    ranges = []
    for low, high in question.draw.values():
        ranges.append(range(low, high + 1))

    for values in itertools.product(*ranges):
        # Drawn numbers all differ.
        if len(set(values)) == len(values):
            yield dict(zip(question.draw, values, strict=True))


def fill(template: str, numbers: dict[str, int]) -> str:
    """Replace each ``{number}`` in ``template``; other braces stay as they are."""

    def number(place: re.Match[str]) -> str:
        return str(numbers[place[1]])

    return re.sub(r"\{(\w+)\}", number, template)


def _generator(*parts: str) -> random.Random:
    # A learner's name can come from a folder's name, which need not be valid Unicode.
    key = "\0".join(parts).encode("utf-8", "surrogatepass")
    digest = blake2b(key, digest_size=8).digest()
    return random.Random(digest)  # noqa: S311 - this is for variety, not for secrecy


def _drawn(question: Question, generator: random.Random) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for name, (low, high) in question.draw.items():
        while name not in numbers:
            number = generator.randint(low, high)
            # Different numbers show which of them an answer uses.
            if number not in numbers.values():
                numbers[name] = number

    return numbers


def _drawn_anew(
    question: Question, generator: random.Random, before: dict[str, int]
) -> dict[str, int]:
    """Numbers that differ from those ``before``, each from the one of the same name."""
    best = _drawn(question, generator)
    for _ in range(_TRIES):
        repeated = _repeated(best, before)
        if not repeated:
            break

        # Each draw takes the next numbers of the same generator, so the result stays the same.
        other = _drawn(question, generator)
        # A narrow range may leave no choice.
        if _repeated(other, before) < repeated:
            best = other

    return best


def _repeated(numbers: dict[str, int], before: dict[str, int]) -> int:
    """How many numbers are the same as before."""
    return len(numbers.items() & before.items())
