"""A quiz with fixed numbers for a learning platform: its variants, and the formats that hold them.

The platform knows no learner of ours, so it gets some variants of each question and draws one.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from grader.course.draws import draw_numbers, fill
from grader.course.loading import wrong_answers
from grader.course.records import Exercise, Question
from grader.examiner.protocol import AnswerKind, Survey, Surveyed

_TRIES: Final = 50
"""Draws for each variant, to find one that is new."""
_EXCEPTIONS: Final = {"nothing": ["nothing", "no error", "no exception", "it does not raise"]}
_NUMBER: Final = re.compile(r"-?\d+")


class WrongChoice(NamedTuple):
    """A known wrong answer, in the forms that people write, and what to tell them."""

    answers: list[str]
    because: str


class Variant(NamedTuple):
    """A question with fixed numbers."""

    name: str
    """Name of the question, and the number of the variant: ``weight 07``."""
    text: str
    """The question, in Markdown."""
    kind: AnswerKind
    answers: list[str]
    """The right answer, in the forms that people write; the first is as PyTorch prints it."""
    wrong: list[WrongChoice]
    explanation: str
    """How to see the answer, in Markdown."""
    points: int


class Quiz(NamedTuple):
    """A quiz to export."""

    exercise_id: str
    title: str
    statement: str
    questions: dict[str, list[Variant]]
    """Name of each question to its variants."""

    @property
    def variants(self) -> list[Variant]:
        """All variants of all questions."""
        return [variant for variants in self.questions.values() for variant in variants]


def make_quiz(exercise: Exercise, count: int, survey: Callable[[Survey], Surveyed]) -> Quiz:
    """The quiz with up to ``count`` variants of each question; fewer if fewer can be drawn.

    ``survey`` asks an examiner, which evaluates the keys with PyTorch.
    """
    spec = exercise.spec
    questions = {}
    for question in spec.questions:
        drawn = _draws(exercise.id, question, count)
        questions[question.name] = [
            _variant(exercise, question, number, numbers, survey)
            for number, numbers in enumerate(drawn, 1)
        ]

    return Quiz(exercise.id, spec.title, spec.statement, questions)


def _draws(exercise_id: str, question: Question, count: int) -> list[dict[str, int]]:
    """Different sets of numbers, the same each time."""
    found: list[dict[str, int]] = []
    for number in range(count * _TRIES):
        numbers = draw_numbers(exercise_id, question, f"variant {number}")
        if numbers not in found:
            found.append(numbers)
        if len(found) == count or not question.draw:
            break

    return found


def _variant(
    exercise: Exercise,
    question: Question,
    number: int,
    numbers: dict[str, int],
    survey: Callable[[Survey], Surveyed],
) -> Variant:
    request = Survey(exercise, question.name, "", answers_only=True, numbers=numbers)
    found = survey(request)
    known = wrong_answers(exercise).get(question.name, [])
    because = {each.misconception: each.because for each in known}
    wrong = []
    seen = {found.key}
    for misconception, answer in found.wrong.items():
        # The first explanation of an answer counts, as it does for a learner of ours.
        if answer not in seen:
            seen.add(answer)
            explanation = fill(because[misconception], numbers)
            wrong.append(WrongChoice(_spellings(answer), explanation))

    return Variant(
        f"{question.name} {number:02}",
        fill(question.ask, numbers),
        found.kind,
        _spellings(found.key),
        wrong,
        _explanation(found.experiment),
        question.points,
    )


def _explanation(experiment: str) -> str:
    if "\n" in experiment:
        return f"See for yourself:\n\n```python\n{experiment}\n```"
    return f"See for yourself: `{experiment}`"


def _spellings(answer: str) -> list[str]:
    """The forms of an answer that a platform should accept; it compares only texts."""
    if answer.startswith("("):
        return _spellings_of_shape(_NUMBER.findall(answer), answer)

    return _EXCEPTIONS.get(answer, [answer])


def _spellings_of_shape(sizes: list[str], shown: str) -> list[str]:
    listed = ", ".join(sizes)
    forms = [shown, f"({listed})", f"[{listed}]", f"torch.Size([{listed}])"]
    if sizes:
        forms += [listed, " ".join(sizes)]
    if len(sizes) > 1:
        forms.append(" x ".join(sizes))

    # Moodle and Canvas keep spaces, and people leave them out.
    forms += [form.replace(", ", ",").replace(" x ", "x") for form in forms]
    return list(dict.fromkeys(forms))
