"""The course that comes with the grader, in so far as `grade verify` does not prove it.

That what is right passes and nothing wrong does is proven by `grade verify`, which
.ci/run calls beside these tests. What stays here is quick: how complete an exercise
of ours has to be, and one grading each, so that a broken engine shows at once.
"""

import pytest

from grader.course.loading import load_exercise, wrong_answers, wrong_solutions
from grader.course.location import default_root, exercise_ids
from grader.course.records import CodeExercise, QuizExercise
from tests.grading import grade_file

ROOT = default_root()
EXERCISES = [load_exercise(ROOT, exercise_id) for exercise_id in exercise_ids(ROOT)]
CODE = [exercise for exercise in EXERCISES if isinstance(exercise.spec, CodeExercise)]
QUIZZES = [exercise for exercise in EXERCISES if isinstance(exercise.spec, QuizExercise)]
each_code = pytest.mark.parametrize("exercise", CODE, ids=lambda exercise: exercise.id)
each_quiz = pytest.mark.parametrize("exercise", QUIZZES, ids=lambda exercise: exercise.id)


@each_code
def test_solution_passes(exercise, examiner):
    """The reference solution passes every check."""
    graded = grade_file(examiner, exercise.id, exercise.hidden / "solution.py", course=ROOT)
    assert graded.passed, graded.checks


@each_code
def test_exercise_is_complete(exercise):
    """A code exercise has five to ten checks, hints three times, and knows at least six mistakes."""
    assert len(exercise.spec.hints) == 3
    assert 5 <= len(exercise.spec.rubric) <= 10
    assert len(wrong_solutions(exercise)) >= 6


def test_course_is_complete():
    """Twelve exercises, in the order in which they build on each other, and at least eighty mistakes."""
    assert [exercise.id for exercise in EXERCISES] == [
        f"exercise{number}" for number in range(1, 13)
    ]
    assert sum(len(wrong_solutions(exercise)) for exercise in CODE) >= 80


@each_quiz
def test_quiz_is_complete(exercise):
    """A quiz asks at least eight questions and hints three times."""
    assert len(exercise.spec.questions) >= 8
    assert len(exercise.spec.hints) == 3
    assert sum(map(len, wrong_answers(exercise).values())) >= 8
