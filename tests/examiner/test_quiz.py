"""Quizzes: forms of answers, keys, and the grade of a whole sheet."""

import time

import pytest
import yaml

from grader.course.draws import draw_numbers
from grader.errors import CourseError, SubmissionError
from grader.examiner.quiz import evaluate, grade_quiz
from grader.examiner.quiz_answers import NOTHING, Raised, parse_answer, show_answer
from grader.grades.grade import Outcome
from grader.report.export import documents
from grader.study import workspace
from grader.submission.files import Submission, read_answers, read_submission

SHAPES = {
    (5, 4): [
        *(
            "[5, 4]",
            "(5, 4)",
            "5, 4",
            "5,4",
            "5 x 4",
            "5x4",
            "5×4",
            "5*4",
            "5 4",
            "(5,4,)",
            "`(5, 4)`",
            " ( 5 , 4 ) ",
        ),
        *("torch.Size([5, 4])", "Size([5, 4])", "size(5, 4)", "((5, 4))", ["5", "4"]),
    ],
    (5,): ["[5]", "(5,)", "(5)", "5", "5,", "torch.Size([5])", ["5"]],
    (): ["()", "[]", "( )", "torch.Size([])", []],
    (2, 0, 3): ["(2, 0, 3)", "2 x 0 x 3"],
}


@pytest.mark.parametrize(
    ("key", "answer"),
    [(key, answer) for key, answers in SHAPES.items() for answer in answers],
    ids=str,
)
def test_shape(key, answer):
    """A shape is read in all the forms that people write."""
    assert parse_answer(answer, key) == key


@pytest.mark.parametrize("key", [(), (5,), (5, 4)], ids=str)
@pytest.mark.parametrize(
    "answer",
    [
        "",
        "(",
        ")",
        "[",
        "size",
        "torch.",
        "torch.Size",
        "five",
        "5, 4 rows",
        "5..4",
        "(5, 4",
        "5, 4)",
        "5,,4",
        "6,,",
        "(5, 4,,)",
        ",",
        "x",
        "5/4",
        "5.0, 4",
    ],
)
def test_no_shape(key, answer):
    """A text that is no shape stays a text, and does not become the empty shape."""
    assert parse_answer(answer, key) == answer


def test_answer_written_in_yaml():
    """Each form can be written in YAML."""
    for key, answers in SHAPES.items():
        for answer in answers:
            if isinstance(answer, str) and "`" not in answer:
                read = read_answers(Submission("mine.yaml", f"a: {answer}\n".encode()))["a"]
                assert parse_answer(read, key) == key


NUMBERS = [
    *(
        ("12", 12, 12),
        ("+12", 12, 12),
        ("-1", 12, -1),
        ("12.0", 12, 12),
        ("1,200", 12, 1200),
        ("1_200", 12, 1200),
        ("1e3", 12, 1000),
    ),
    *(
        ("12.5", 12, 12.5),
        ("0.25", 0.5, 0.25),
        ("3", 0.5, 3.0),
        ("1.", 0.5, 1.0),
        ("`7`", 7, 7),
        ("0", 1, 0),
    ),
]


@pytest.mark.parametrize(("answer", "key", "value"), NUMBERS)
def test_number(answer, key, value):
    """A number is read with or without a decimal point and thousands separators."""
    given = parse_answer(answer, key)
    assert (given, type(given)) == (value, type(value))


@pytest.mark.parametrize(
    "answer",
    [
        "twelve",
        "12 rows",
        "12.5,000",
        "1234,567",
        "1 2",
        "0x10",
        "nan",
        "inf",
        "(12)",
        "1/2",
        "--1",
        "1e",
        "True",
        "",
    ],
)
def test_no_number(answer):
    """A text that is no number stays a text."""
    assert parse_answer(answer, 12) == answer


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("yes", True),
        ("Yes", True),
        ("Y", True),
        ("true", True),
        ("no", False),
        ("NO", False),
        ("n", False),
        ("False", False),
        ("maybe", "maybe"),
        ("1", "1"),
    ],
)
def test_yes_or_no(answer, value):
    """The usual spellings of yes and no are read, and no other text."""
    assert parse_answer(answer, True) is value or parse_answer(answer, True) == value == answer


@pytest.mark.parametrize("key", [None, 12, 0.5, True, (5, 4)], ids=str)
def test_none(key):
    """None can be the answer to any question."""
    assert parse_answer("None", key) is None


EXCEPTIONS = {
    "IndexError": [
        *(
            "IndexError",
            "indexerror",
            "an IndexError",
            "Index Error",
            "`IndexError`",
            "IndexError()",
            "index_error",
        ),
        *(
            "raises an IndexError",
            "builtins.IndexError",
            "IndexError: index out of range in self",
            " IndexError ",
        ),
    ],
    "AssertionError": ["AssertionError", "an AssertionError", "assertion error"],
    "OSError": ["IOError", "OSError"],
    "nothing": ["nothing", "Nothing", "none", "None", "no error", "no exception", "raises nothing"],
}


@pytest.mark.parametrize("key", [Raised("IndexError"), NOTHING], ids=show_answer)
@pytest.mark.parametrize(
    ("name", "answer"),
    [(name, answer) for name, answers in EXCEPTIONS.items() for answer in answers],
)
def test_exception(name, answer, key):
    """The name of an exception, or that there is none, is read as people write it."""
    assert parse_answer(answer, key) == Raised(name)
    assert show_answer(parse_answer(answer, key)) == name


@pytest.mark.parametrize(
    "answer",
    ["", ":", "an", "error", "yes", "42", "(5, 4)", "IndxError", "print", "KeyboardInterrupt"],
)
def test_no_exception(answer):
    """A text that names no exception stays a text."""
    assert parse_answer(answer, NOTHING) == answer


def test_exception_where_none_is_asked_for():
    """The name of an exception is no answer to other questions."""
    for key in (None, 12, 0.5, True, (5, 4)):
        assert parse_answer("IndexError", key) == "IndexError"


@pytest.mark.parametrize("key", [None, 12, 0.5, True, (5, 4), NOTHING], ids=str)
@pytest.mark.parametrize(
    "answer",
    [
        "1" * 40 + "!",
        "9" * 5000,
        "1 " * 5000,
        "(" * 10_000,
        "1e999999",
        "-" * 9999,
        ["9" * 5000] * 50,
        {"a": "b"},
        [["1"]],
        "٣",
        "1,000" * 99,
    ],
)
def test_hostile_answer(key, answer):
    """Reading any answer is fast and raises no error."""
    started = time.monotonic()
    assert len(show_answer(parse_answer(answer, key))) < 1000
    assert time.monotonic() - started < 0.2


KEYS = {
    "nn.Linear(3, 2).weight.shape": (2, 3),
    "torch.tensor(3).shape": (),
    "({n}, 4)": (7, 4),
    "{n} * 2": 14,
    "{n} / 2": 3.5,
    "nn.Linear(3, 2).bias is None": False,
    "None": None,
    "F.relu(torch.tensor([-1.0])).item()": 0.0,
    "raised(lambda: torch.zeros({n})[9])": Raised("IndexError"),
    "raised(lambda: torch.zeros({n})[3])": NOTHING,
    "IndexError": Raised("IndexError"),
    "nothing": NOTHING,
    "len({{1, 2}})".replace("{{", "{").replace("}}", "}"): 2,
}


def here(problem, advice):
    """The error for an expression."""
    return CourseError(problem, place="here", advice=advice)


@pytest.mark.parametrize("expression", KEYS)
def test_evaluate(expression):
    """A key is the value of the expression with the drawn numbers."""
    value = evaluate(expression, {"n": 7}, here)
    assert (value, type(value)) == (KEYS[expression], type(KEYS[expression]))


def test_evaluate_is_repeatable():
    """A random expression has one key."""
    assert evaluate("torch.rand(1).item()", {}, here) == evaluate("torch.rand(1).item()", {}, here)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("torch.ones(", "raises SyntaxError"),
        ("torch.nothing", "raises AttributeError"),
        ("nn.Linear(-1, 2)", "raises RuntimeError"),
        ("torch.ones(2)", "gives a Tensor; make it give a shape"),
        ("'text'", "gives a str"),
        ("raised(lambda: torch.zeros(3)[oops])", "raises NameError"),
        ("KeyboardInterrupt", "gives a type"),
        ("(1, 'a')", "gives a tuple"),
        ("1j", "gives a complex"),
    ],
)
def test_broken_expression(expression, said):
    """An expression without a key is an error of the course, with its place."""
    with pytest.raises(CourseError, match=said) as caught:
        evaluate(expression, {}, here)
    assert str(caught.value).startswith(f"here: `{expression}` ")
    assert "\n" not in str(caught.value)


# A whole quiz


def answered(quiz, learner="ada", file_of=None, **answers):
    """Grade ``answers`` in a sheet that was created for ``file_of``."""
    content = {"learner": file_of or learner, **answers}
    return grade_quiz(
        quiz,
        Submission("mine.yaml", yaml.safe_dump(content, allow_unicode=True).encode()),
        learner,
        seed=5,
    )


def numbers(quiz, learner="ada"):
    drawn = draw_numbers("shapes", quiz.spec.questions[0], learner)
    return drawn["num"], drawn["dim"]


def test_right_answers(quiz):
    """Right answers get all points and no message."""
    num, dim = numbers(quiz)
    grade = answered(quiz, weight=f"{num} x {dim}", has_bias="no")
    assert (grade.passed, grade.points, grade.max_points, grade.seed, grade.submission) == (
        True,
        3,
        3,
        5,
        "mine.yaml",
    )
    assert [check.message for check in grade.checks] == ["", ""]
    assert grade.checks[0].title == f"What is the shape of nn.Embedding({num}, {dim}).weight?"


def test_known_wrong_answer(quiz):
    """A known wrong answer is explained. The message shows code to run, not the key."""
    num, dim = numbers(quiz)
    grade = answered(quiz, weight=[dim, num], has_bias="no")
    check = grade.checks[0]
    assert (check.outcome, check.points, grade.points) == (Outcome.FAILED, 0, 1)
    assert (grade.misconception, grade.explanation) == (
        "transposed",
        "That table lies on its side.",
    )
    assert (
        f"You answered ({dim}, {num})" in check.message
        and "That table lies on its side." in check.message
    )
    assert f"nn.Embedding({num}, {dim}).weight.shape" in check.message
    assert f"({num}, {dim})" not in check.message.replace(f"nn.Embedding({num}, {dim})", "")


def test_what_is_raised(course):
    """For a question about an exception, the message shows only the call inside `raised`."""

    def ask(spec):
        spec["questions"] = [
            {
                "name": "weight",
                "ask": "What does it raise?",
                "expression": "raised(lambda: torch.zeros({n})[{n}])",
            }
            | {"draw": {"n": [3, 5]}}
        ]

    course.add_quiz(change=ask)
    course.write(
        "solutions/shapes/wrong.yaml",
        "weight:\n- {misconception: wraps, expression: nothing, because: It does not wrap.}\n",
    )
    quiz = course.load("shapes")
    n = draw_numbers("shapes", quiz.spec.questions[0], "ada")["n"]
    assert answered(quiz, weight="an IndexError").passed
    grade = answered(quiz, weight="nothing")
    assert (grade.points, grade.misconception) == (0, "wraps")
    assert grade.checks[0].message == (
        "You answered nothing, which is not what PyTorch gives. It does not wrap."
        f"\nSee for yourself: `torch.zeros({n})[{n}]`"
    )
    assert answered(quiz, weight="KeyError").misconception is None
    assert (
        "write the name of an exception, such as KeyError, or nothing"
        in answered(quiz, weight="oops").checks[0].message
    )


def test_lines_to_try(course):
    """If a question has lines to try, they are shown instead of the expression."""

    def change(spec):
        spec["questions"][0]["try"] = "emb = nn.Embedding({num}, {dim})\nemb.weight.shape\n"

    quiz = course.add_quiz(change=change).load("shapes")
    num, dim = numbers(quiz)
    message = answered(quiz, weight="1 x 1").checks[0].message
    assert message.endswith(
        f"See for yourself:\n    emb = nn.Embedding({num}, {dim})\n    emb.weight.shape"
    )


@pytest.mark.parametrize("file", ["exercises/shapes/exercise.yaml", "solutions/shapes/wrong.yaml"])
def test_broken_expression_is_told_with_its_line(course, file):
    """An expression that raises is an error of the course, with file and line."""
    course.add_quiz()
    path = course.root / file
    path.write_text(path.read_text().replace("{dim}", "dim"))
    line = next(
        number
        for number, text in enumerate(path.read_text().splitlines(), 1)
        if "expression" in text
    )
    with pytest.raises(CourseError) as caught:
        answered(course.load("shapes"), weight="1 x 1")
    assert str(caught.value).startswith(f"{file}: line {line}: question `weight`: `")
    assert "name 'dim' is not defined" in str(caught.value)


def test_unknown_wrong_answer(quiz):
    """An unknown wrong answer has no misconception."""
    grade = answered(quiz, weight="1 x 1", has_bias="perhaps")
    assert [check.outcome for check in grade.checks] == [Outcome.FAILED, Outcome.FAILED]
    assert (grade.misconception, grade.points) == (None, 0)


def test_fresh_sheet(quiz, tmp_path):
    """An unchanged sheet is graded as not answered, without an error."""
    grade = grade_quiz(
        quiz, read_submission(quiz, workspace.start(quiz, tmp_path, "ada")), "ada", seed=0
    )
    assert [check.message for check in grade.checks] == ["Not answered yet."] * 2
    assert grade.status == "graded" and not grade.passed


def test_missing_answers(quiz):
    """Questions that are missing on the sheet are not answered."""
    assert [check.message for check in answered(quiz).checks] == ["Not answered yet."] * 2


def test_numbers_are_those_on_the_sheet(quiz):
    """A sheet is graded with the numbers of the learner it names; the grade says whose."""
    num, dim = numbers(quiz, "grace")
    assert numbers(quiz, "ada") != (num, dim)
    grade = answered(quiz, learner="ada", file_of="grace", weight=f"{num}, {dim}", has_bias="no")
    assert grade.passed
    assert grade.learner == "grace"


def test_sure_learner(quiz):
    """With ``ignore_sheet_name``, a copied sheet is graded with the submitter's numbers."""
    num, dim = numbers(quiz, "grace")
    content = f"learner: grace\nweight: ({num}, {dim})\nhas_bias: no\n".encode()
    grade = grade_quiz(
        quiz, Submission("mine.yaml", content), "ada", seed=0, ignore_sheet_name=True
    )
    assert (grade.learner, grade.asked, grade.points) == ("ada", "ada", 1)


def test_file_without_a_name(quiz):
    """A sheet without a name is graded with the submitter's numbers."""
    num, dim = numbers(quiz)
    source = f"weight: ({num}, {dim})\nhas_bias: no\n".encode()
    assert grade_quiz(quiz, Submission("mine.yaml", source), "ada", seed=0).passed


def test_unknown_question(quiz):
    """The error for an unknown question has its line and a similar name."""
    for name, said in (
        ("wieght", "did you mean `weight`?"),
        ("shoe_size", "choose from weight, has_bias"),
    ):
        with pytest.raises(SubmissionError) as caught:
            answered(quiz, has_bias="no", **{name: "5 x 4"})
        assert str(caught.value) == f"mine.yaml: line 3: shapes has no question `{name}`; {said}"


def test_hostile_learner_name(quiz):
    """A name on a sheet cannot control a terminal or break a document."""
    source = b'learner: "\\e[31m\\uFFFF\\u202E"\nweight: "\\e[31m"\n'
    grade = grade_quiz(quiz, Submission("mine.yaml", source), "ada", seed=0)
    assert (
        "\x1b" not in grade.learner
        and "\uffff" not in grade.learner
        and "\u202e" not in grade.learner
    )
    assert "\x1b" not in documents.as_junit(grade)


def test_known_wrong_answer_with_numbers(course):
    """The explanation of a wrong answer can contain the drawn numbers."""
    wrong = {
        "weight": [
            {
                "misconception": "rows",
                "expression": "({num},)",
                "because": "There are {num} rows, each of {dim} numbers.",
            }
        ]
    }
    course.add_quiz().write("solutions/shapes/wrong.yaml", yaml.safe_dump(wrong))
    quiz = course.load("shapes")
    num, dim = numbers(quiz)
    assert (
        answered(quiz, weight=str(num)).explanation
        == f"There are {num} rows, each of {dim} numbers."
    )


def test_float_key_is_read_in_a_few_digits(course):
    """If the key is a float, four correct digits are enough."""

    def change(spec):
        spec["questions"][1].update(expression="2 / 3", ask="Two thirds?")

    quiz = course.add_quiz(change=change).load("shapes")
    outcomes = {
        answer: answered(quiz, has_bias=answer).checks[1].outcome.value
        for answer in ("0.66667", "0.67", "2/3")
    }
    assert outcomes == {"0.66667": "passed", "0.67": "failed", "2/3": "failed"}
