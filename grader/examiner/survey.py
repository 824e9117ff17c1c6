"""Answers a quiz question, right and wrong, for all the numbers that can be drawn for it."""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Final

from grader.course.draws import all_draws, draw_numbers
from grader.course.loading import wrong_answers
from grader.course.records import Exercise, Question, WrongAnswer
from grader.examiner.guessing import plausible_answers
from grader.examiner.protocol import MAX_DRAWS, Clash, Survey, Surveyed
from grader.examiner.quiz import experiment, key_of, wrong_key
from grader.examiner.quiz_answers import Key, is_same, kind_of_answer, show_answer

MAX_BOUND: Final = 1_000_000
"""How many draws of a question are counted."""


def survey(request: Survey) -> Surveyed:
    """Answer the question for ``request.learner``, then try its draws, at most ``request.most``."""
    exercise = request.exercise
    by_name = {question.name: question for question in exercise.spec.questions}
    question = by_name[request.question]
    numbers = request.numbers
    if numbers is None:
        numbers = draw_numbers(exercise.id, question, request.learner)

    known = wrong_answers(exercise).get(question.name, [])
    answers = _answers(exercise, question, known, numbers)
    shown = {name: show_answer(answer) for name, answer in answers.items()}
    key = shown.pop("")
    if request.answers_only:
        kind = kind_of_answer(answers[""])
        lines = experiment(question, numbers)
        return Surveyed(
            tried=0,
            possible=0,
            key=key,
            wrong=shown,
            clashes=[],
            kind=kind,
            experiment=lines,
        )

    tried = 0
    keys: Counter[str] = Counter()
    guessed = 0.0
    clashes: dict[tuple[str, str], Clash] = {}
    possible = _number_of_draws(question, request.most)
    for drawn in _draws(exercise, question, possible, request.most):
        tried += 1
        answers = _answers(exercise, question, known, drawn)
        shown_key = show_answer(answers[""])
        keys[shown_key] += 1
        guessed += 1 / len(plausible_answers(answers, drawn))
        # Two misconceptions with one answer could not be told apart either.
        for one, other in itertools.combinations(answers, 2):
            if is_same(answers[other], answers[one]):
                # The first example of each pair is enough.
                clash = Clash(other, one, drawn)
                clashes.setdefault((one, other), clash)

    commonest = max(keys.values())
    return Surveyed(
        tried=tried,
        possible=possible,
        key=key,
        wrong=shown,
        clashes=list(clashes.values()),
        fixed=commonest / tried,
        guessed=guessed / tried,
    )


def _number_of_draws(question: Question, most: int) -> int:
    """How many draws of a question there are; an upper bound if counting them takes too long."""
    bound = 1
    for low, high in question.draw.values():
        bound *= high - low + 1
    # A small sample needs no count.
    if bound > MAX_BOUND or most != MAX_DRAWS:
        return bound
    # There are fewer, because the numbers of a draw must differ.
    return sum(1 for _ in all_draws(question))


def _draws(
    exercise: Exercise, question: Question, possible: int, most: int
) -> Iterator[dict[str, int]]:
    """Every draw of a question; the numbers of some learners if there are too many."""
    if possible <= most:
        yield from all_draws(question)
        return
    for learner in range(most):
        yield draw_numbers(exercise.id, question, str(learner))


def _answers(
    exercise: Exercise, question: Question, known: list[WrongAnswer], numbers: dict[str, int]
) -> dict[str, Key]:
    """The right answer as ``""``, and that of each misconception."""
    found = {"": key_of(exercise, question, numbers)}
    for wrong in known:
        found[wrong.misconception] = wrong_key(exercise, question, wrong, numbers)
    return found
