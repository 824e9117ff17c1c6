"""Answers a quiz question, right and wrong, for all the numbers that can be drawn for it."""

import itertools
import math
from collections import Counter
from typing import Final

from grader.course.draws import all_draws, draw_numbers
from grader.course.loading import wrong_answers
from grader.course.records import Exercise, Question, WrongAnswer
from grader.examiner.guessing import plausible_answers
from grader.examiner.protocol import MAX_DRAWS, Clash, Survey, Surveyed
from grader.examiner.quiz import experiment, key_of, questions, wrong_key
from grader.examiner.quiz_answers import Key, is_same, kind_of_answer, show_answer

MAX_BOUND: Final = 1_000_000
"""How many draws of a question are counted."""


def survey(request: Survey) -> Surveyed:
    """Answer the question for ``request.learner``, then try its draws, at most ``request.most``."""
    exercise = request.exercise
    by_name = {question.name: question for question in questions(exercise)}
    question = by_name[request.question]
    known = wrong_answers(exercise).get(question.name, [])

    numbers = request.numbers
    if numbers is None:
        numbers = draw_numbers(exercise.id, question, request.learner)
    mine = _answers(exercise, question, known, numbers)
    shown = {name: show_answer(answer) for name, answer in mine.items()}
    key = shown.pop("")
    if request.answers_only:
        kind = kind_of_answer(mine[""])
        lines = experiment(question, numbers)
        return Surveyed(0, 0, key, shown, [], kind=kind, experiment=lines)

    # An upper bound, because the numbers of a draw must differ.
    sizes = [high - low + 1 for low, high in question.draw.values()]
    possible = math.prod(sizes)
    # Counting takes too long for more, and a small sample needs no count.
    if possible <= MAX_BOUND and request.most == MAX_DRAWS:
        possible = sum(1 for _ in all_draws(question))

    # Every draw, if there are not too many.
    draws = all_draws(question)
    if possible > request.most:
        # The numbers of some learners are a random sample.
        learners = map(str, range(request.most))
        draws = (draw_numbers(exercise.id, question, learner) for learner in learners)

    tried = 0
    keys: Counter[str] = Counter()
    guessed = 0.0
    clashes: dict[tuple[str, str], Clash] = {}
    for numbers in draws:
        tried += 1
        given = _answers(exercise, question, known, numbers)
        keys[show_answer(given[""])] += 1
        guessed += 1 / len(plausible_answers(given, numbers))
        for one, other in itertools.combinations(given, 2):
            if is_same(given[other], given[one]):
                # The first example of each pair is enough.
                clash = Clash(other, one, numbers)
                clashes.setdefault((one, other), clash)

    commonest = max(keys.values())
    return Surveyed(
        tried,
        possible,
        key,
        shown,
        list(clashes.values()),
        fixed=commonest / tried,
        guessed=guessed / tried,
    )


def _answers(
    exercise: Exercise, question: Question, known: list[WrongAnswer], numbers: dict[str, int]
) -> dict[str, Key]:
    """The right answer as ``""``, and that of each misconception."""
    found = {"": key_of(exercise, question, numbers)}
    for wrong in known:
        found[wrong.misconception] = wrong_key(exercise, question, wrong, numbers)
    return found
