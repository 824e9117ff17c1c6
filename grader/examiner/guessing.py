"""What somebody would guess who knows the kind of the answer, but not its reason."""

import itertools
from collections.abc import Iterable, Mapping
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
    guesses: Iterable[Key]
    if isinstance(key, bool):
        guesses = (True, False)
    elif isinstance(key, Raised):
        guesses = _USUAL
    elif isinstance(key, int | float):
        guesses = _near(numbers)
    else:
        # A size of 1 is in no question, and still in many shapes.
        sizes = sorted({1, *numbers.values()})
        guesses = []
        for rank in range(_MOST_SIZES + 1):
            guesses += itertools.permutations(sizes, rank)

    found.update(map(show_answer, guesses))
    return found


def _near(numbers: Mapping[str, int]) -> set[int]:
    near = set(_SMALL)
    for number in numbers.values():
        near.update((number - 1, number, number + 1))
    for one, other in itertools.combinations(numbers.values(), 2):
        near.add(one * other)
    return near
