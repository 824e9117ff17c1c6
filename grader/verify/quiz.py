"""Exercises of kind quiz, proven by answering them rightly, wrongly and not at all."""

from collections.abc import Iterator
from typing import Final

from grader.course import Exercise, Question, QuizExercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Clash, Examine, Survey, Surveyed
from grader.proofs import Counts, Finding, Rule
from grader.results import Check, Grade, Outcome
from grader.submission import Submission, submission_name
from grader.verify.part import Part, missed
from grader.workspace import sheet

LEARNER: Final = "verify"


def check_sheet(examiner: Examiner, exercise: Exercise) -> Part:
    """The sheet of questions as it is written gets no points, and is told so."""
    grade = _grade(examiner, exercise, sheet(exercise, LEARNER))
    place = f"exercises/{exercise.id}/exercise.yaml"
    advice = "Mend the question: an empty answer is never right."
    return Part(
        [
            Finding(Rule.STARTER, place, f"`{check.name}`, not answered, is {check.outcome.value}.", advice)
            for check in grade.checks
            if check.outcome is not Outcome.FAILED
        ]
    )


def check_question(examiner: Examiner, exercise: Exercise, question: Question) -> Part:
    """The key is right, each known wrong answer is wrong and named, whatever numbers are drawn."""
    surveyed = examiner.survey(Survey(exercise, question.name, LEARNER))
    findings = [_clash(exercise, question, clash) for clash in surveyed.clashes]
    findings += _check_key(examiner, exercise, question, surveyed)
    found = {name: list(_check_wrong(examiner, exercise, question, name, surveyed)) for name in surveyed.wrong}
    findings += [finding for some in found.values() for finding in some]
    if not surveyed.wrong:
        advice = "Add an answer that people give and what to tell them."
        problem = f"There is no known wrong answer to `{question.name}`."
        findings.append(Finding(Rule.WRONG, f"solutions/{exercise.id}/wrong.yaml", problem, advice))
    caught = sum(not some for some in found.values())
    return Part(
        findings,
        Counts(wrong=len(found), wrong_caught=caught, draws=surveyed.tried, draws_possible=surveyed.possible),
    )


def _clash(exercise: Exercise, question: Question, clash: Clash) -> Finding:
    numbers = ", ".join(f"{name} = {number}" for name, number in clash.numbers.items()) or "no numbers to draw"
    other = f"what `{clash.other}` is" if clash.other else "right"
    return Finding(
        Rule.WRONG,
        f"solutions/{exercise.id}/wrong.yaml",
        f"`{clash.misconception}` of `{question.name}` is {other} with {numbers}.",
        "Change its expression, or the ranges of `draw`, so that the answers always differ.",
    )


def _check_key(examiner: Examiner, exercise: Exercise, question: Question, surveyed: Surveyed) -> Iterator[Finding]:
    check = _answered(_grade(examiner, exercise, _answer(question, surveyed.key)), question)
    if check.outcome is not Outcome.PASSED:
        place = f"exercises/{exercise.id}/exercise.yaml"
        problem = f"The key of `{question.name}`, {surveyed.key}, is not taken as an answer: {check.message}"
        yield Finding(Rule.SOLUTION, place, problem, "Let the expression give what people can write.")


def _check_wrong(
    examiner: Examiner, exercise: Exercise, question: Question, name: str, surveyed: Surveyed
) -> Iterator[Finding]:
    grade = _grade(examiner, exercise, _answer(question, surveyed.wrong[name]))
    place = f"solutions/{exercise.id}/wrong.yaml"
    if not missed(grade) or _answered(grade, question).outcome is not Outcome.FAILED:
        problem = f"`{name}` of `{question.name}`, {surveyed.wrong[name]}, gets the points."
        yield Finding(Rule.WRONG, place, problem, "Change its expression.")
    elif grade.misconception != name:
        told = f"told to be `{grade.misconception}`" if grade.misconception else "not recognised"
        problem = f"`{name}` of `{question.name}`, {surveyed.wrong[name]}, is {told}."
        yield Finding(Rule.WRONG, place, problem, "Let its expression give what someone would write.")


def _answered(grade: Grade, question: Question) -> Check:
    return next(check for check in grade.checks if check.name == question.name)


def _answer(question: Question, answer: str) -> str:
    return f"learner: {LEARNER}\n{question.name}: {answer}\n"


def _grade(examiner: Examiner, exercise: Exercise, answers: str) -> Grade:
    return examiner.grade(Examine(exercise, Submission(submission_name(exercise), answers.encode()), LEARNER, 1))


def questions(exercise: Exercise) -> tuple[Question, ...]:
    """The exercise's questions."""
    assert isinstance(exercise.spec, QuizExercise)
    return exercise.spec.questions
