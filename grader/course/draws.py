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
    # A learner's name can come from a folder's name, which need not be valid Unicode.
    key = f"{exercise_id}\0{question.name}\0{learner}".encode("utf-8", "surrogatepass")
    generator = _generator(key)
    # Neither the order nor the number of draws may change: learners keep their numbers.
    numbers = _drawn(question, generator)
    for later in range(2, min(attempt, MAX_ATTEMPT) + 1):
        generator = _generator(key + f"\0{later}".encode())
        numbers = _drawn_anew(question, generator, numbers)
    return numbers


def example_numbers(
    exercise_id: str, question: Question, learner: str, attempt: int
) -> dict[str, int]:
    """Numbers for a solved example: those of no attempt, and other ones than in ``attempt``."""
    own = draw_numbers(exercise_id, question, learner, attempt)
    key = f"{exercise_id}\0{question.name}\0{learner}\0example"
    return _drawn_anew(question, _generator(key.encode("utf-8", "surrogatepass")), own)


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


def _generator(key: bytes) -> random.Random:
    digest = blake2b(key, digest_size=8).digest()
    return random.Random(digest)  # noqa: S311 - this is for variety, not for secrecy


def _drawn(question: Question, generator: random.Random) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for name, (low, high) in question.draw.items():
        while name not in numbers:
            number = generator.randint(low, high)
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
        other = _drawn(question, generator)
        # A narrow range may leave no choice.
        if _repeated(other, before) < repeated:
            best = other
    return best


def _repeated(numbers: dict[str, int], before: dict[str, int]) -> int:
    return sum(numbers[name] == before[name] for name in numbers)
