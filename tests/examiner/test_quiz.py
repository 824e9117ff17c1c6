"""Quizzes: forms of answers, keys, and the grade of a whole sheet."""

import itertools
import time

import pytest
import yaml

from grader.course.draws import draw_numbers
from grader.errors import CourseError, SubmissionError
from grader.examiner.quiz import evaluate, grade_quiz
from grader.examiner.quiz_answers import NOTHING, Raised, how_to_write, parse_answer, show_answer
from grader.grades.document import to_document
from grader.grades.grade import Outcome, next_attempts
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
            "5X4",
            "5 by 4",
            "5-by-4",
            "(5.0, 4.0)",
            "shape (5, 4)",
            "the shape is [5, 4]",
            "(5, 4).",
            "[[5, 4]]",
            "5;4",
            "5 rows and 4 columns",
            "{5, 4}",
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
        "5.5, 4",
        "5, 4 or 4, 5",
        "not (5, 4)",
        "4 columns, 5 rows",
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
    *((text, 12, 12) for text in ("12 rows", "(12)", "[12]", "twelve", "12.", "= 12", "x = 12")),
    *((text, 12, 1200) for text in ("1 200", "1'200", "one thousand two hundred")),
    *(("2.048e+03", 12, 2048), ("k = 12", 12, 12)),
    *(("twenty-one", 12, 21), ("minus one", 12, -1), ("\u22121", 12, -1)),
    *(("0,25", 0.5, 0.25), ("0.250", 0.5, 0.25), ("1.200,5", 0.5, 1200.5)),
]


@pytest.mark.parametrize(("answer", "key", "value"), NUMBERS)
def test_number(answer, key, value):
    """A number is read with or without a decimal point and thousands separators."""
    given = parse_answer(answer, key)
    assert (given, type(given)) == (value, type(value))


@pytest.mark.parametrize(
    "answer",
    [
        "1.000",
        "not 12",
        "more than 12",
        "12 or 13",
        "12 of 13 rows",
        "twice 12",
        "12 squared",
        "below 12",
        "ca. 12",
        "12 each",
        "12 million",
        "12 KiB",
        "12 bits",
        "12 megabytes",
        "12 k",
        "two three",
        "3 * 4",
        "12.5,000",
        "1234,567",
        "1 2",
        "0x10",
        "nan",
        "inf",
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


def test_two_meanings():
    """Both readings of a number are offered, but not for a number with a unit."""
    assert how_to_write("1.024", 1024) == "it can mean 1.024 or 1024; write one of them"
    assert how_to_write("1.024 kB", 1024) == "write a whole number such as 12"


def test_similar_exception():
    """A misspelled name is corrected, and `an error` is no misspelled name."""
    assert how_to_write("IndexErorr", NOTHING) == "did you mean IndexError?"
    assert how_to_write("an error", NOTHING).startswith("write the name of an exception")


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
        ("no.", False),
        ("No!", False),
        ("(no)", False),
        ("no, they differ", False),
        ("it is true", True),
        ("yes and no", "yes and no"),
        ("yes, it does not", "yes, it does not"),
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
        *("IndexError.", "index-error", "it raises IndexError", "IndexError is raised"),
        *("IndexError exception", "Exception: IndexError", "<class 'IndexError'>"),
    ],
    "AssertionError": ["AssertionError", "an AssertionError", "assertion error"],
    "OSError": ["IOError", "OSError"],
    "nothing": [
        *("nothing", "Nothing", "none", "None", "no error", "no exception", "raises nothing"),
        *("no errors", "nothing is raised", "it does not raise", "No error at all."),
    ],
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
    [
        *("", ":", "an", "error", "yes", "42", "(5, 4)", "IndxError", "print"),
        *("KeyboardInterrupt", "not an IndexError", "IndexError or KeyError"),
        *("it does not work", "no IndexError", "an exception", "IndexError or nothing"),
        *("anything but IndexError", "either nothing or IndexError"),
    ],
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
        "\nThe next attempt asks: What does it raise? Write the answer after `weight 2:`."
    )
    parts = grade.checks[0].parts
    assert parts.whole == parts.without_place == grade.checks[0].message
    assert parts.reason == grade.checks[0].message.rpartition("\n")[0]
    assert answered(quiz, weight="KeyError").misconception is None
    assert (
        "write the name of an exception, such as KeyError, or nothing"
        in answered(quiz, weight="oops").checks[0].message
        and "did you mean IndexError?" in answered(quiz, weight="IndxError").checks[0].message
    )


def test_lines_to_try(course):
    """If a question has lines to try, they are shown instead of the expression."""

    def change(spec):
        spec["questions"][0]["try"] = "emb = nn.Embedding({num}, {dim})\nemb.weight.shape\n"

    quiz = course.add_quiz(change=change).load("shapes")
    num, dim = numbers(quiz)
    message = answered(quiz, weight="1 x 1").checks[0].message
    assert (
        f"See for yourself:\n    emb = nn.Embedding({num}, {dim})\n    emb.weight.shape\n"
        in message
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


def test_name_on_the_sheet_selects_no_numbers(quiz):
    """Another learner's sheet is graded with the own numbers, and the grade says so.

    Before, the name on the sheet decided, so another learner's sheet earned all points.
    """
    num, dim = numbers(quiz, "grace")
    assert numbers(quiz, "ada") != (num, dim)
    grade = answered(quiz, learner="ada", file_of="grace", weight=f"{num}, {dim}", has_bias="no")
    assert (grade.learner, grade.asked, grade.sheet_learner) == ("ada", "ada", "grace")
    assert grade.points == 1
    assert "written for grace, but it is graded with the numbers of ada" in grade.notes[0]
    assert answered(quiz, has_bias="no").notes == []


def test_file_without_a_name(quiz):
    """A sheet without a name is graded with the submitter's numbers."""
    num, dim = numbers(quiz)
    source = f"weight: ({num}, {dim})\nhas_bias: no\n".encode()
    assert grade_quiz(quiz, Submission("mine.yaml", source), "ada", seed=0).passed


def test_sheet_of_another_quiz(quiz):
    """A sheet without any question of the quiz is refused, with its line and a similar name."""
    for name, said in (
        ("wieght", "did you mean `weight`?"),
        ("shoe_size", "choose from weight, has_bias"),
    ):
        with pytest.raises(SubmissionError) as caught:
            answered(quiz, **{name: "5 x 4"})
        assert str(caught.value) == f"mine.yaml: line 2: shapes has no question `{name}`; {said}"


# A broken line costs its own answer, and nothing else


def sheet_of(quiz, text, **options):
    return grade_quiz(quiz, Submission("mine.yaml", text.encode()), "ada", seed=0, **options)


BROKEN_LINES = [
    *("weight:73", "weight: `oops`", "weight: [5, 4", 'weight: "oops', "weight: %8", "weight: @8"),
    *(
        "weight: *8",
        "weight: -",
        "weight: ?",
        "\tweight: oops",
        "weight: oops: what",
        "wieght: 5 x 4",
    ),
    *("x = 8", "just a note", "{", "weight: 1 x 1\nweight: 2 x 2", "weight: 1.000", "weight: &a"),
]


@pytest.mark.parametrize("line", BROKEN_LINES)
@pytest.mark.parametrize("before", [True, False])
def test_broken_line(line, before, quiz):
    """Whatever stands on a line, the other answers count, and nothing is silently wrong."""
    lines = [line, "has_bias: no"] if before else ["has_bias: no", line]
    grade = sheet_of(quiz, "\n".join(lines) + "\n")
    weight, has_bias = grade.checks
    assert has_bias.outcome is Outcome.PASSED
    number = f"mine.yaml line {2 - before}"
    if weight.answer != "open":
        # `weight:73` is understood, as the shape (73,).
        assert weight.is_wrong_answer == (line == "weight:73")
        assert line == "weight:73" or number in weight.message
    elif line != "{":
        assert number in grade.notes[0]


@pytest.mark.parametrize(
    "line",
    [
        *("weight:{shape}", "weight = {shape}", " weight: {shape}", "\tweight: {shape}"),
        *("`weight`: `{shape}`", 'weight: "{shape}', "Weight: {shape}", "- weight: {shape}"),
        *("1. weight: {shape}", '1) weight: "{shape}', "1.weight={shape}"),
        *("weight\N{FULLWIDTH COLON} {shape}", "```yaml\nweight: {shape}\n```"),
        *("weight: {shape}\nweight: {shape}", "weight: {shape}\n? what", "weight: shape: {shape}"),
    ],
)
def test_understood_line(line, quiz):
    """A line that YAML refuses counts if its meaning is plain."""
    num, dim = numbers(quiz)
    grade = sheet_of(quiz, f"has_bias: no\n{line.replace('{shape}', f'({num}, {dim})')}\n")
    assert grade.passed
    assert "```" not in "".join(grade.notes)


def test_hostile_sheet(quiz):
    """A long sheet without sense is read fast, and reported in a few sentences."""
    started = time.monotonic()
    grade = sheet_of(quiz, "has_bias: no\n" + "nonsense: [\n" * 4000 + "x" * 20_000)
    assert time.monotonic() - started < 1
    assert grade.points == 1 and len(grade.notes) == 6


# Attempts


def test_attempts_draw_new_numbers(quiz):
    """Each number changes from one attempt to the next; the first attempt has the old numbers."""
    question = quiz.spec.questions[0]
    drawn = [draw_numbers("shapes", question, "ada", attempt) for attempt in range(1, 40)]
    assert drawn[0] == draw_numbers("shapes", question, "ada")
    for one, other in itertools.pairwise(drawn):
        assert all(one[name] != other[name] for name in one)
    assert draw_numbers("shapes", question, "ada", 10**9) == draw_numbers(
        "shapes", question, "ada", 1000
    )


def test_second_attempt(quiz):
    """A wrong answer is asked again with other numbers; the message has the question."""
    grade = answered(quiz, weight="1 x 1", has_bias="yes")
    second = draw_numbers("shapes", quiz.spec.questions[0], "ada", 2)
    num, dim = second["num"], second["dim"]
    asked = f"nn.Embedding({num}, {dim}).weight? Write the answer after `weight 2:`."
    assert asked in grade.checks[0].message
    # Without numbers there is no other question to ask.
    assert "Write the answer after" not in grade.checks[1].message
    attempts = next_attempts([grade])
    again = sheet_of(
        quiz, f"weight: 1 x 1\nweight 2: {num} x {dim}\nhas_bias: no\n", attempts=attempts
    )
    assert again.passed and again.checks[0].attempt == 2


def test_attempt_that_is_over(quiz):
    """The key of an attempt that is over earns nothing: the question is open."""
    num, dim = numbers(quiz)
    grade = sheet_of(quiz, f"weight: {num} x {dim}\nhas_bias: no\n", attempts={"weight": 2})
    weight = grade.checks[0]
    assert (weight.answer, weight.points, grade.points) == ("open", 0, 1)
    line = "Add the line `weight 2:` and write the answer there."
    assert weight.message == f"Attempt 1 is over. {line}"
    assert next_attempts([grade]) == {}


def test_open_and_unclear_are_not_wrong(quiz):
    """A question without an answer, or with an unclear one, has a word of its own."""
    grade = answered(quiz, has_bias="perhaps")
    assert [(check.word, check.answer) for check in grade.checks] == [
        ("open", "open"),
        ("unclear", "unclear"),
    ]
    assert grade.checks[1].message == (
        "mine.yaml line 1: `perhaps` cannot be understood: write yes or no."
    )
    parts = grade.checks[1].parts
    assert parts.place == "mine.yaml line 1"
    assert parts.without_place == "`perhaps` cannot be understood: write yes or no."
    assert all("parts" not in check for check in to_document(grade)["checks"])
    assert [each.get("answer") for each in to_document(grade)["checks"]] == ["open", "unclear"]


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


def test_wrong_answer_that_is_a_quotient(course):
    """A misconception whose expression gives 5.0 is recognized in the whole number 5."""

    def change(spec):
        spec["questions"][1].update(expression="2 + 2", ask="Two and two?")

    halved = {"misconception": "halved", "expression": "10 / 2", "because": "Not half of ten."}
    course.add_quiz(change=change)
    course.write("solutions/shapes/wrong.yaml", yaml.safe_dump({"has_bias": [halved]}))
    quiz = course.load("shapes")
    recognized = {
        answer: answered(quiz, has_bias=answer).checks[1].misconception for answer in ("5", "6")
    }
    assert recognized == {"5": "halved", "6": ""}
