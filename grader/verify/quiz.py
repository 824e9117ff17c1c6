"""Exercises of kind quiz, proven by answering them rightly, wrongly and not at all."""

import ast
import textwrap
from collections.abc import Iterator
from typing import Final

from grader.course.draws import draw_numbers, fill
from grader.course.loading import read_definition, read_wrong_answers, wrong_answers
from grader.course.records import Exercise, Question
from grader.examiner.client import Examiner
from grader.examiner.protocol import Clash, Examine, Survey, Surveyed
from grader.grades.grade import CheckResult, Grade, Outcome
from grader.submission.answer_sheet import sheet
from grader.submission.files import Submission, submission_name
from grader.verify.part import Part, missed
from grader.verify.records import Counts, Finding, Rule
from grader.verify.statement import run_program

LEARNER: Final = "verify"
_PROGRAM: Final = """import torch
from torch import nn
from torch.nn import functional as F


def answer():
{lines}


def ran():
    try:
        found = answer()
    except Exception as error:
        if type(error).__name__ == {key!r}:
            return 1
        raise
    text = str(tuple(found)) if isinstance(found, torch.Size) else str(found)
    text = {{"True": "yes", "False": "no"}}.get(text, text)
    if {key!r} not in ("nothing", text):
        raise ValueError(f"they end with {{text}}")
    return 1
"""
"""Lines to try, and what holds what they end with, or raise, against the key."""


def check_sheet(examiner: Examiner, exercise: Exercise) -> Part:
    """The sheet of questions as it is written gets no points, and is told so."""
    grade = _grade(examiner, exercise, sheet(exercise, LEARNER))
    place = f"exercises/{exercise.id}/exercise.yaml"
    advice = "Mend the question: an empty answer is never right."
    return Part(
        [
            Finding(
                Rule.STARTER,
                place,
                f"`{check.name}`, not answered, is {check.outcome.value}.",
                advice,
            )
            for check in grade.checks
            if check.outcome is not Outcome.FAILED
        ]
    )


def check_question(examiner: Examiner, exercise: Exercise, question: Question) -> Part:
    """The key is right, each known wrong answer is wrong and named, whatever numbers are drawn."""
    surveyed = examiner.survey(Survey(exercise, question.name, LEARNER))
    findings = [_clash(exercise, question, clash) for clash in surveyed.clashes]
    findings += _check_key(examiner, exercise, question, surveyed)
    findings += _check_lines_to_try(examiner, exercise, question, surveyed.key)
    found = {
        name: list(_check_wrong(examiner, exercise, question, name, surveyed))
        for name in surveyed.wrong
    }
    findings += [finding for some in found.values() for finding in some]
    if not surveyed.wrong:
        advice = "Add an answer that people give and what to tell them."
        problem = f"There is no known wrong answer to `{question.name}`."
        findings.append(Finding(Rule.WRONG, f"solutions/{exercise.id}/wrong.yaml", problem, advice))
    caught = sum(not some for some in found.values())
    return Part(
        findings,
        Counts(
            wrong=len(found),
            wrong_caught=caught,
            draws=surveyed.tried,
            draws_possible=surveyed.possible,
        ),
    )


def _clash(exercise: Exercise, question: Question, clash: Clash) -> Finding:
    numbers = (
        ", ".join(f"{name} = {number}" for name, number in clash.numbers.items())
        or "no numbers to draw"
    )
    other = f"what `{clash.other}` is" if clash.other else "right"
    return Finding(
        Rule.WRONG,
        _place_of_wrong(exercise, question, clash.misconception),
        f"`{clash.misconception}` of `{question.name}` is {other} with {numbers}.",
        "Change its expression, or the ranges of `draw`, so that the answers always differ.",
    )


def _check_key(
    examiner: Examiner, exercise: Exercise, question: Question, surveyed: Surveyed
) -> Iterator[Finding]:
    check = _answered(_grade(examiner, exercise, _answer(question, surveyed.key)), question)
    if check.outcome is not Outcome.PASSED:
        place = _place(exercise, question, "expression")
        problem = f"The key of `{question.name}`, {surveyed.key}, is not taken as an answer: {check.message}"
        yield Finding(
            Rule.SOLUTION, place, problem, "Let the expression give what people can write."
        )


def _check_lines_to_try(
    examiner: Examiner, exercise: Exercise, question: Question, key: str
) -> Iterator[Finding]:
    """What the learner is told to try runs, and ends with what the expression gives."""
    if question.to_try is None:
        return
    place = _place(exercise, question, "try")
    advice = "Let them run as they stand, with torch, nn and F, and end with what gives the key."
    try:
        program = _program(fill(question.to_try, draw_numbers(exercise.id, question, LEARNER)), key)
    except SyntaxError as error:
        problem = (
            f"`try` of `{question.name}` is not Python (its line {error.lineno}: {error.msg})."
        )
        yield Finding(Rule.STATEMENT, place, problem, advice)
        return
    check = run_program(examiner, Submission("try.py", program.encode()))
    if check is not None:
        problem = (
            f"The lines to `try` of `{question.name}` do not give the key, {key}: {check.message}"
        )
        yield Finding(Rule.STATEMENT, place, problem, advice)


def _program(lines: str, key: str) -> str:
    """The program that tries ``lines``: as a function, which gives what they end with."""
    tree = ast.parse(lines)
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        tree.body[-1] = ast.Return(last.value)
    return _PROGRAM.format(lines=textwrap.indent(ast.unparse(tree) or "pass", "    "), key=key)


def _check_wrong(
    examiner: Examiner, exercise: Exercise, question: Question, name: str, surveyed: Surveyed
) -> Iterator[Finding]:
    grade = _grade(examiner, exercise, _answer(question, surveyed.wrong[name]))
    place = _place_of_wrong(exercise, question, name)
    if not missed(grade) or _answered(grade, question).outcome is not Outcome.FAILED:
        problem = f"`{name}` of `{question.name}`, {surveyed.wrong[name]}, gets the points."
        yield Finding(Rule.WRONG, place, problem, "Change its expression.")
    elif grade.misconception != name:
        told = f"told to be `{grade.misconception}`" if grade.misconception else "not recognised"
        problem = f"`{name}` of `{question.name}`, {surveyed.wrong[name]}, is {told}."
        yield Finding(
            Rule.WRONG, place, problem, "Let its expression give what someone would write."
        )


def _answered(grade: Grade, question: Question) -> CheckResult:
    return next(check for check in grade.checks if check.name == question.name)


def _answer(question: Question, answer: str) -> str:
    return f"learner: {LEARNER}\n{question.name}: {answer}\n"


def _grade(examiner: Examiner, exercise: Exercise, answers: str) -> Grade:
    return examiner.grade(
        Examine(exercise, Submission(submission_name(exercise), answers.encode()), LEARNER, 1)
    )


def _place(exercise: Exercise, question: Question, key: str) -> str:
    return read_definition(exercise).place("questions", questions(exercise).index(question), key)


def _place_of_wrong(exercise: Exercise, question: Question, misconception: str) -> str:
    names = [wrong.misconception for wrong in wrong_answers(exercise)[question.name]]
    return read_wrong_answers(exercise).place(question.name, names.index(misconception))


def questions(exercise: Exercise) -> tuple[Question, ...]:
    """The exercise's questions."""
    return exercise.spec.questions
