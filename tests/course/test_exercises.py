"""What `grade verify` does not prove about the course that comes with the grader.

`.ci/run` calls `grade verify`, which proves that solutions pass and misconceptions fail. The
tests here are quick: they check that each exercise is complete, and grade each solution once,
so that a broken grader shows at once.
"""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from grader.course.loading import load_exercise, wrong_answers, wrong_solutions
from grader.course.location import default_root, exercise_ids
from grader.course.order import section_titles
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


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """Eight other processes that compute all the time."""
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command) for _ in range(8)]
    yield
    for other in others:
        other.kill()
        other.wait()


@pytest.mark.slow
@pytest.mark.usefixtures("busy_machine")
def test_right_solutions_pass_on_a_busy_machine(examiner):
    """Beside eight busy processes, every right solution still passes every check."""
    for exercise in CODE:
        others = sorted(exercise.hidden.glob("outsiders/right/*.py"))
        for path in (exercise.hidden / "solution.py", *others):
            graded = grade_file(examiner, exercise.id, path, course=ROOT)
            assert graded.passed, (path, graded.checks)


@each_code
def test_exercise_is_complete(exercise):
    """A code exercise has five to eleven checks, three hints, and at least six misconceptions."""
    assert len(exercise.spec.hints) == 3
    assert 5 <= len(exercise.spec.rubric) <= 11
    assert len(wrong_solutions(exercise)) >= 6


def test_course_is_complete():
    """The first exercises keep their order, the later ones follow, and each is in a section."""
    ids = [exercise.id for exercise in EXERCISES]
    order = 1, 4, 2, 5, 3, 10, 6, 8, 7, 11, 12, 9
    assert ids[:12] == [f"exercise{number}" for number in order]
    assert ids[12:] == sorted(ids[12:])
    assert "More exercises" not in section_titles(ROOT, ids).values()
    assert sum(len(wrong_solutions(exercise)) for exercise in CODE) >= 80


@each_quiz
def test_quiz_is_complete(exercise):
    """A quiz has at least eight questions, eight misconceptions and three hints."""
    assert len(exercise.spec.questions) >= 8
    assert len(exercise.spec.hints) == 3
    assert sum(map(len, wrong_answers(exercise).values())) >= 8
