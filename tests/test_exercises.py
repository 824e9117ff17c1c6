"""The course that comes with the grader: its own solutions, starters and wrong solutions, really graded."""

from collections.abc import Iterator

import pytest

from grader.course import (
    CodeExercise,
    QuizExercise,
    default_root,
    draw_numbers,
    exercise_ids,
    load_exercise,
    wrong_answers,
    wrong_solutions,
)
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.examiner.quiz import evaluate, show_answer
from grader.results import Grade, Outcome
from grader.submission import Submission

ROOT = default_root()
EXERCISES = [load_exercise(ROOT, exercise_id) for exercise_id in exercise_ids(ROOT)]
CODE = [exercise for exercise in EXERCISES if isinstance(exercise.spec, CodeExercise)]
QUIZZES = [exercise for exercise in EXERCISES if isinstance(exercise.spec, QuizExercise)]
# Seed by seed: what the wrong solutions do is recorded once per seed.
WRONG = [(exercise, seed, name) for exercise in CODE for seed in (1, 2) for name in wrong_solutions(exercise)]
each_code = pytest.mark.parametrize("exercise", CODE, ids=lambda exercise: exercise.id)
each_quiz = pytest.mark.parametrize("exercise", QUIZZES, ids=lambda exercise: exercise.id)


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    """One examiner for the whole course."""
    with Examiner() as running:
        yield running


@pytest.fixture(scope="module")
def missed() -> dict[str, set[str]]:
    """Exercise id to the checks that some wrong solution missed, filled by the tests below."""
    return {}


def grade(examiner, exercise, path, seed=1) -> Grade:
    """Grade the file at ``path``."""
    return examiner.grade(Examine(exercise, Submission(path.name, path.read_bytes()), "ada", seed))


@each_code
def test_solution_gets_full_points(exercise, examiner):
    """The reference solution passes every check, whatever the seed."""
    for seed in range(5):
        graded = grade(examiner, exercise, exercise.hidden / "solution.py", seed)
        assert graded.passed, graded.checks


@each_code
def test_starter_gets_zero(exercise, examiner):
    """The starter gets no point and crashes nothing: each check says that it is not written yet."""
    graded = grade(examiner, exercise, exercise.public / "starter.py")
    assert (graded.points, graded.status) == (0, "graded")
    assert {check.outcome for check in graded.checks} == {Outcome.RAISED}
    assert all(check.message.startswith("NotImplementedError") for check in graded.checks)


@pytest.mark.parametrize(("exercise", "seed", "name"), WRONG, ids=lambda value: getattr(value, "id", value))
def test_wrong_solution_is_caught_and_named(exercise, seed, name, examiner, missed):
    """Every wrong solution loses points, is told apart from all others, and is explained."""
    graded = grade(examiner, exercise, wrong_solutions(exercise)[name], seed)
    assert graded.status == "graded"
    assert graded.points < graded.max_points
    assert graded.misconception == name
    assert graded.explanation
    missed.setdefault(exercise.id, set()).update(
        check.name for check in graded.checks if check.outcome is not Outcome.PASSED
    )


@each_code
def test_every_check_is_missed_by_something(exercise, missed):
    """No check passes without looking: some wrong solution misses it."""
    assert missed[exercise.id] == {line.check for line in exercise.spec.rubric}


@each_code
def test_exercise_is_complete(exercise):
    """A code exercise teaches, hints three times, and knows at least six mistakes."""
    spec = exercise.spec
    assert len(spec.hints) == 3
    assert 5 <= len(spec.rubric) <= 10
    assert len(wrong_solutions(exercise)) >= 6
    assert all(signature.split("(")[0].split()[-1] in spec.statement for signature in spec.entry)


def test_course_is_complete():
    """Twelve exercises, in the order in which they build on each other, and at least eighty mistakes."""
    assert [exercise.id for exercise in EXERCISES] == [f"exercise{number}" for number in range(1, 13)]
    assert sum(len(wrong_solutions(exercise)) for exercise in CODE) >= 80


@each_quiz
def test_quiz_with_right_answers(exercise, examiner):
    """The keys, computed by PyTorch, get full points; with one of them wrong, that point is lost and explained."""
    known = wrong_answers(exercise)
    answers = {question.name: _key(exercise, question, question.expression) for question in exercise.spec.questions}
    assert _graded(examiner, exercise, answers).passed
    for question in exercise.spec.questions:
        wrong = known[question.name][0]
        graded = _graded(examiner, exercise, answers | {question.name: _key(exercise, question, wrong.expression)})
        assert graded.max_points - graded.points == question.points
        assert graded.misconception == wrong.misconception


@each_quiz
def test_quiz_is_complete(exercise):
    """A quiz asks at least eight questions, each with a known wrong answer, and hints three times."""
    assert len(exercise.spec.questions) >= 8
    assert len(exercise.spec.hints) == 3
    assert set(wrong_answers(exercise)) == {question.name for question in exercise.spec.questions}


@each_quiz
def test_wrong_answers_differ_from_the_key(exercise):
    """For many learners' numbers, no known wrong answer is right by accident."""
    known = wrong_answers(exercise)
    for question in exercise.spec.questions:
        for learner in map(str, range(15)):
            key = _key(exercise, question, question.expression, learner)
            assert key not in [_key(exercise, question, wrong.expression, learner) for wrong in known[question.name]]


def _key(exercise, question, expression, learner="ada") -> str:
    return show_answer(evaluate(expression, draw_numbers(exercise.id, question, learner), exercise.id))


def _graded(examiner, exercise, answers) -> Grade:
    sheet = "learner: ada\n" + "".join(f"{name}: {answer}\n" for name, answer in answers.items())
    return examiner.grade(Examine(exercise, Submission("sheet.yaml", sheet.encode()), "ada", 1))
