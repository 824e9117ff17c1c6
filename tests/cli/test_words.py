"""What people type after ``grade`` first, and the exercise that it means."""

from pathlib import Path

import pytest

from grader.cli import words
from grader.course.location import default_root

ROOT = default_root()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("exercise1.py", "exercise1"),
        ("exercise1.py --seed 3", "exercise1 --seed 3"),
        ("./exercise1.py", "exercise1"),
        ("1", "exercise1"),
        ("01", "exercise1"),
        ("ex1", "exercise1"),
        ("Exercise1", "exercise1"),
        ("exercise_1", "exercise1"),
        ("exercise 1", "exercise1"),
        ("exercise 99", "exercise99"),
        ("check exercise1", "exercise1"),
        ("run 1 --ask", "exercise1 --ask"),
        (".", "exercise1"),
        ("sub", "exercise4 sub"),
        ("sub/exercise4.py", "exercise4 sub/exercise4.py"),
        ("my_solution.py", "exercise3 my_solution.py"),
        ("exercise12", "exercise12"),
        ("exercise99", "exercise99"),
        ("nothing.py", "nothing.py"),
        ("nothing", "nothing"),
    ],
)
def test_words_mean_an_exercise(typed, meant, tmp_path):
    """A file, a number, another spelling and a folder stand for the exercise that they mean."""
    (tmp_path / "exercise1.py").write_text("def lookup(weight, idx): ...\n")
    (tmp_path / "my_solution.py").write_text("def linear_to_embedding(weight): ...\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/exercise4.py").write_text("def linear(x, weight, bias): ...\n")
    assert words.command_line(ROOT, tmp_path, typed.split()) == meant.split()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("exercise1.py exercise4.py", "exercise1"),
        ("exercise1 exercise3", "exercise1"),
        ("1 3", "exercise1"),
        ("check 4 1", "exercise4"),
        ("exercise 1", None),
        ("exercise4 exercise1.py", None),
        ("exercise1 --seed 3", None),
        ("nothing exercise1", None),
    ],
)
def test_two_exercises(typed, first, run_here, tmp_path, monkeypatch):
    """Only one exercise is graded at a time; a file of any name can be graded for it."""
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    for name in ("exercise1.py", "exercise4.py"):
        (tmp_path / name).write_text("def lookup(weight, idx): ...\n")
    assert words.first_of_several(ROOT, tmp_path, typed.split()) == first
    if first is not None:
        result = run_here(*typed.split(), folder=tmp_path)
        assert (result.returncode, result.stdout) == (2, "")
        assert f"one exercise at a time; type `grade {first}` first" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "1"], "exercise1  An embedding is a table"),
        (["show", "12"], "class TiedModel with __init__(self, num_embeddings, embedding_dim)"),
        (["exercise99"], "there is no exercise `exercise99`; there are exercise1 to exercise"),
        (["exercise"], "there is no exercise `exercise`; there are exercise1 to exercise"),
        (["stat"], "did you mean `grade status`?"),
        (["reset"], "which exercise? name one, as in `grade reset exercise1`"),
        (["solution"], "which exercise? name one, as in `grade solution exercise1`"),
        (["next"], "exercise1  An embedding is a table"),
        (["help", "watch"], "Grade on every save."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_that_people_type(arguments, said, run_here, tmp_path, monkeypatch):
    """Each of them does what is meant, or says what to type."""
    monkeypatch.delenv("GRADE_COURSE", raising=False)
    result = run_here(*arguments, folder=tmp_path)
    assert said in result.stdout + result.stderr


def test_course_of_a_command_line():
    """The course that is named in a command line decides what its words mean."""
    assert words.course_named(["1", "--course", "a"]) == Path("a")
    assert words.course_named(["1", "--course=b"]) == Path("b")
    assert words.course_named(["1"]) is None
