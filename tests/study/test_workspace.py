"""Starting an exercise: the written file, and that no file is overwritten."""

import pytest

from grader.course.draws import draw_numbers
from grader.course.loading import load_exercise
from grader.errors import CourseError, UsageError
from grader.study import workspace
from grader.submission import answer_sheet
from grader.submission.files import find_submission, read_answers, read_submission
from grader.verify.files import check_files
from grader.verify.records import Rule

LEARNERS = [
    "ada",
    "Grace Hopper",
    "O'Brien",
    'a "quoted" name',
    "back\\slash",
    "yes",
    "null",
    "007",
    "a: b # c",
    "学生",
    "- x",
    "{a}",
    "tab here",
]


def test_starter_is_written(code, tmp_path):
    """A code exercise starts as a copy of its starter, under the name that `grade` looks for."""
    path = workspace.start(code, tmp_path, "ada")
    assert path.read_bytes() == (code.public / "starter.py").read_bytes()
    assert find_submission(code, tmp_path) == path


def test_data_comes_with_the_starter(code, course, tmp_path):
    """The files that an exercise names are copied beside the starter; one that exists stays."""
    definition = code.public / "exercise.yaml"
    definition.write_text(definition.read_text() + "files: [words.txt, more.bin]\n")
    for name, content in (("words.txt", b"a 1\r\n"), ("more.bin", b"\xff\0")):
        (code.public / name).write_bytes(content)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "words.txt").write_text("changed")
    exercise = load_exercise(course.root, code.id)
    workspace.start(exercise, mine, "ada")
    assert (mine / "words.txt").read_text() == "changed"
    assert (mine / "more.bin").read_bytes() == b"\xff\0"
    assert all(finding.rule is not Rule.FILES for finding in check_files(exercise))

    (code.public / "more.bin").unlink()
    with pytest.raises(
        CourseError, match=r"exercise.yaml: line \d+: `more.bin` at `files` does not"
    ):
        load_exercise(course.root, code.id)


@pytest.mark.parametrize("exercise", ["code", "quiz"])
def test_nothing_is_overwritten(exercise, tmp_path, request):
    """An existing file does not change."""
    exercise = request.getfixturevalue(exercise)
    path = workspace.start(exercise, tmp_path, "ada")
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists already and was not changed; grade it with"):
        workspace.start(exercise, tmp_path, "ada")
    assert path.read_text() == "mine"


def test_folder_that_is_not_there(code, tmp_path):
    """The error names the folder that cannot be written, and the next step."""
    with pytest.raises(UsageError, match=r"cannot be written .*; change to a folder of your own"):
        workspace.start(code, tmp_path / "missing", "ada")


@pytest.mark.parametrize("learner", LEARNERS)
def test_sheet_keeps_the_learner(quiz, tmp_path, learner):
    """An answer sheet reads back with empty answers and the name of its learner."""
    answers = read_answers(read_submission(quiz, workspace.start(quiz, tmp_path, learner)))
    assert answers == {"learner": learner, "weight": "", "has_bias": ""}


@pytest.mark.parametrize(
    "learner", ["two\nlines", "\x1b[31mred", "c1\x85control", "\udcff"], ids=ascii
)
def test_sheet_keeps_an_odd_learner(quiz, tmp_path, learner):
    """With a name that YAML or UTF-8 cannot contain, the sheet still asks with its own numbers."""
    path = workspace.start(quiz, tmp_path, learner)
    read_as = read_answers(read_submission(quiz, path))["learner"]
    assert answer_sheet.questions(quiz, read_as)[0][1] in path.read_text("utf-8")


def test_sheet_asks_with_drawn_numbers(quiz, tmp_path):
    """The questions on the sheet contain the numbers drawn for the learner."""
    numbers = draw_numbers("shapes", quiz.spec.questions[0], "ada")
    text = workspace.start(quiz, tmp_path, "ada").read_text("utf-8")
    call = f"nn.Embedding({numbers['num']}, {numbers['dim']})"
    assert f"# What is the shape of {call}.weight?\nweight:\n" in text
    assert "{" not in text


def test_sheet_of_long_texts(course, tmp_path):
    """Titles and questions of several lines stay comments on the sheet."""

    def change(spec):
        spec["title"] = "Shapes:\nall of them\n"
        spec["questions"][1]["ask"] = "First line: yes\n\nweight: 3\n"

    quiz = course.add_quiz(change=change).load("shapes")
    assert read_answers(read_submission(quiz, workspace.start(quiz, tmp_path, "ada"))) == {
        "learner": "ada",
        "weight": "",
        "has_bias": "",
    }
