"""What somebody would guess who knows the kind of the answer, but not its reason."""

import itertools
from collections.abc import Mapping
from typing import Final

from grader.examiner.quiz_answers import NOTHING, Key, Raised, show_answer

_USUAL: Final = (
    NOTHING,
    Raised("IndexError"),
    Raised("RuntimeError"),
    Raised("TypeError"),
    Raised("ValueError"),
)
"""What PyTorch usually raises."""
_SMALL: Final = (0, 1, 2)
_MOST_SIZES: Final = 3


def plausible_answers(known: Mapping[str, Key], numbers: Mapping[str, int]) -> set[str]:
    """The answers among which a guesser chooses, as text.

    ``known`` has the right answer as ``""`` and those of the misconceptions; ``numbers`` are in
    the question. A guesser of a number tries small ones, those in the question, their neighbors,
    and products of two. A guesser of a shape tries up to three of the numbers, in any order.
    """
    key = known[""]
    found = {show_answer(answer) for answer in known.values()}
    if isinstance(key, bool):
        return found | {"yes", "no"}
    if isinstance(key, Raised):
        return found | {answer.name for answer in _USUAL}
    if isinstance(key, int | float):
        return found | {str(number) for number in _near(numbers)}

    sizes = sorted({1, *numbers.values()})
    for rank in range(_MOST_SIZES + 1):
        found |= {str(shape) for shape in itertools.permutations(sizes, rank)}
    return found


def _near(numbers: Mapping[str, int]) -> set[int]:
    drawn = numbers.values()
    neighbors = {number + step for number in drawn for step in (-1, 0, 1)}
    products = {one * other for one, other in itertools.combinations(drawn, 2)}
    return {*_SMALL, *neighbors, *products}
