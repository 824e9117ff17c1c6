"""A survey of a quiz's question: its key and its known wrong answers, for all numbers that can be drawn."""

import itertools
import math
from typing import Final

from grader.course.draws import all_draws, draw_numbers
from grader.course.loading import wrong_answers
from grader.course.records import Exercise
from grader.examiner.protocol import Clash, Surveyed
from grader.examiner.quiz import Key, is_same, key_of, questions, show_answer, wrong_key

MAX_DRAWS: Final = 10_000
"""Draws of a question that are tried."""
MAX_BOUND: Final = 1_000_000
"""Draws of a question that are counted."""


def survey(exercise: Exercise, name: str, learner: str, *, answers_only: bool = False) -> Surveyed:
    """Try the question ``name`` with all numbers that can be drawn, or with ``MAX_DRAWS`` learners' numbers.

    If ``answers_only``, only answer it for ``learner``.
    """
    question = next(question for question in questions(exercise) if question.name == name)
    known = wrong_answers(exercise).get(name, [])

    def answers(numbers: dict[str, int]) -> dict[str, Key]:
        wrong = {each.misconception: wrong_key(exercise, question, each, numbers) for each in known}
        return {"": key_of(exercise, question, numbers), **wrong}

    mine = {
        who: show_answer(answer)
        for who, answer in answers(draw_numbers(exercise.id, question, learner)).items()
    }
    if answers_only:
        return Surveyed(0, 0, mine.pop(""), mine, [])
    bound = math.prod(high - low + 1 for low, high in question.draw.values())
    possible = sum(1 for _ in all_draws(question)) if bound <= MAX_BOUND else bound
    sample = (draw_numbers(exercise.id, question, str(number)) for number in range(MAX_DRAWS))
    tried, clashes = 0, {}
    for numbers in all_draws(question) if possible <= MAX_DRAWS else sample:
        tried += 1
        given = answers(numbers)
        for one, other in itertools.combinations(given, 2):
            if is_same(given[other], given[one]) and (one, other) not in clashes:
                clashes[one, other] = Clash(other, one, numbers)
    return Surveyed(tried, possible, mine.pop(""), mine, list(clashes.values()))
