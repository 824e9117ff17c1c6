"""Exercises of kind quiz: answer them correctly, wrongly and not at all."""

import ast
import textwrap
from collections.abc import Iterator
from typing import Final

from grader.course.draws import draw_numbers, fill
from grader.course.loading import read_definition, read_wrong_answers, wrong_answers
from grader.course.records import Exercise, Question
from grader.examiner.client import Examiner
from grader.examiner.protocol import Clash, Examine, Survey
from grader.grades.grade import CheckResult, Grade, Outcome
from grader.submission.answer_sheet import sheet
from grader.submission.files import Submission, submission_name
from grader.verify.findings import LEARNER
from grader.verify.records import Counts, Finding, Part, Rule
from grader.verify.statement import run_program

MAX_GUESSED: Final = 0.15
"""The largest share of a quiz's points that answers without knowledge may earn on average."""
_GUESSED_DRAWS: Final = 300
"""Draws of a question from which that share is computed."""
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
"""Runs the lines to try, and compares their last value, or what they raise, with the key."""


def check_sheet(examiner: Examiner, exercise: Exercise) -> Part:
    """The empty answer sheet gets no points: every question fails."""
    grade = _grade(examiner, exercise, sheet(exercise, LEARNER))
    place = f"exercises/{exercise.id}/exercise.yaml"
    findings = [
        Finding(
            Rule.STARTER,
            place,
            f"Without an answer, `{check.name}` is {check.outcome.value}.",
            "Fix the question: an empty answer is never correct.",
        )
        for check in grade.checks
        if check.outcome is not Outcome.FAILED
    ]
    return Part(findings)


def check_guessing(examiner: Examiner, exercise: Exercise) -> Part:
    """Neither a guesser nor one fixed sheet gets more than ``MAX_GUESSED`` of the points."""
    guessed = 0.0
    fixed = 0.0
    worth: dict[str, float] = {}
    for question in exercise.spec.questions:
        survey = Survey(exercise, question.name, LEARNER, most=_GUESSED_DRAWS)
        found = examiner.survey(survey)
        by_guessing = question.points * found.guessed
        by_one_sheet = question.points * found.fixed
        guessed += by_guessing
        fixed += by_one_sheet
        # The finding names the questions with which guessing earns the most.
        worth[question.name] = max(by_guessing, by_one_sheet)

    who = "Guessing"
    points = guessed
    if fixed > guessed:
        who = "One fixed sheet"
        points = fixed

    total = exercise.spec.max_points
    if points <= MAX_GUESSED * total:
        return Part([])

    easiest = sorted(worth, key=lambda name: worth[name], reverse=True)
    names = [f"`{name}`" for name in easiest[:3]]
    finding = Finding(
        Rule.GUESSING,
        f"exercises/{exercise.id}/exercise.yaml",
        f"{who} earns {points:.1f} of {total} points on average, most of them at "
        f"{', '.join(names)}; at most {MAX_GUESSED:.0%} is allowed.",
        "Ask for a number or a shape that depends on the drawn numbers, in place of yes or no or "
        "an exception.",
    )
    return Part([finding])


def check_question(examiner: Examiner, exercise: Exercise, question: Question) -> Part:
    """The key is accepted; each misconception differs from it for every draw and is recognized."""
    # The examiner tries every draw, because it is the one that evaluates expressions.
    surveyed = examiner.survey(Survey(exercise, question.name, LEARNER))
    findings = [_clash(exercise, question, clash) for clash in surveyed.clashes]
    findings += _check_key(examiner, exercise, question, surveyed.key)
    findings += _check_lines_to_try(examiner, exercise, question, surveyed.key)

    caught = 0
    # What clashes cannot be recognized, which needs no second finding.
    clashing = {clash.misconception for clash in surveyed.clashes}
    for name, answer in surveyed.wrong.items():
        if name in clashing:
            continue

        found = list(_check_misconception(examiner, exercise, question, name, answer))
        if not found:
            caught += 1

        findings += found

    if not surveyed.wrong:
        place = f"solutions/{exercise.id}/wrong.yaml"
        findings.append(
            Finding(
                Rule.WRONG,
                place,
                f"`{question.name}` has no misconception.",
                "Add a typical wrong answer, and what to tell the learner about it.",
            )
        )

    counts = Counts(
        wrong=len(surveyed.wrong),
        wrong_caught=caught,
        draws=surveyed.tried,
        draws_possible=surveyed.possible,
    )
    return Part(findings, counts)


def _clash(exercise: Exercise, question: Question, clash: Clash) -> Finding:
    place = _misconception_place(exercise, question, clash.misconception)
    other = "the correct answer"
    if clash.other:
        other = f"the same as `{clash.other}`"

    problem = f"`{clash.misconception}` of `{question.name}` is {other}"

    # A question without numbers has nothing to draw.
    numbers = ", ".join(f"{name} = {number}" for name, number in clash.numbers.items())
    if numbers:
        problem = f"{problem} for {numbers}"

    advice = "Change its expression or the ranges of `draw`, so that the answers always differ."
    return Finding(Rule.WRONG, place, f"{problem}.", advice)


def _check_key(
    examiner: Examiner, exercise: Exercise, question: Question, key: str
) -> Iterator[Finding]:
    # As a learner would write it, so that the reading of answers is tried too.
    _, check = _answer(examiner, exercise, question, key)
    if check.outcome is not Outcome.PASSED:
        place = _question_place(exercise, question, "expression")
        yield Finding(
            Rule.SOLUTION,
            place,
            f"The key of `{question.name}`, {key}, is not accepted: {check.message}",
            "Let the expression give an answer that a learner can write.",
        )


def _check_lines_to_try(
    examiner: Examiner, exercise: Exercise, question: Question, key: str
) -> Iterator[Finding]:
    """The lines that the question gives to ``try`` run and end with the key."""
    if question.to_try is None:
        return

    # The key of the survey is for the same learner, so the numbers are the same.
    numbers = draw_numbers(exercise.id, question, LEARNER)
    lines = fill(question.to_try, numbers)
    try:
        program = _program(lines, key)
    except SyntaxError as error:
        where = f"its line {error.lineno}: {error.msg}"
        problem = f"`try` of `{question.name}` is not Python ({where})."
    else:
        check = run_program(examiner, Submission("try.py", program.encode()))
        if check is None:
            return

        # The program itself raises this one.
        message = check.message.replace("ValueError: they end with", "they end with")
        problem = f"`try` of `{question.name}` does not give the key, {key}: {message}"

    place = _question_place(exercise, question, "try")
    advice = "Write lines that run with torch, nn and F, the last of which gives the key."
    yield Finding(Rule.STATEMENT, place, problem, advice)


def _program(lines: str, key: str) -> str:
    """The program that tries ``lines`` as a function that returns the last line's value."""
    tree = ast.parse(lines)
    match tree.body:
        case [*_, ast.Expr(value=value)]:
            tree.body[-1] = ast.Return(value)

    # Lines that are only comments leave an empty body.
    body = textwrap.indent(ast.unparse(tree) or "pass", "    ")
    return _PROGRAM.format(lines=body, key=key)


def _check_misconception(
    examiner: Examiner, exercise: Exercise, question: Question, name: str, answer: str
) -> Iterator[Finding]:
    grade, check = _answer(examiner, exercise, question, answer)
    if check.outcome is not Outcome.FAILED:
        problem = "gets the points"
        advice = "Change its expression."
    elif grade.misconception != name:
        problem = f"is not recognized: {check.message}"
        if grade.misconception is not None:
            problem = f"is taken for `{grade.misconception}`"

        advice = "Let its expression give an answer that someone would write."
    else:
        return

    yield Finding(
        Rule.WRONG,
        _misconception_place(exercise, question, name),
        f"`{name}` of `{question.name}`, {answer}, {problem.removesuffix('.')}.",
        advice,
    )


def _answer(
    examiner: Examiner, exercise: Exercise, question: Question, answer: str
) -> tuple[Grade, CheckResult]:
    """Answer one question; the grade, and the result of this question in it."""
    # The other questions stay empty, so that a misconception of theirs cannot interfere.
    answers = f"learner: {LEARNER}\n{question.name}: {answer}\n"
    grade = _grade(examiner, exercise, answers)
    # A quiz has one check for each question.
    [check] = [check for check in grade.checks if check.name == question.name]
    return grade, check


def _grade(examiner: Examiner, exercise: Exercise, answers: str) -> Grade:
    submission = Submission(submission_name(exercise), answers.encode())
    return examiner.grade(Examine(exercise, submission, LEARNER, seed=1))


def _question_place(exercise: Exercise, question: Question, key: str) -> str:
    position = exercise.spec.questions.index(question)
    return read_definition(exercise).place("questions", position, key)


def _misconception_place(exercise: Exercise, question: Question, misconception: str) -> str:
    known = wrong_answers(exercise)[question.name]
    names = [wrong.misconception for wrong in known]
    position = names.index(misconception)
    return read_wrong_answers(exercise).place(question.name, position)
