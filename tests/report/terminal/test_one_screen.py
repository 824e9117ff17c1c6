"""The page of one screen: twenty wrong submissions on three sizes of a terminal."""

import io

import msgspec
import pytest
from rich.console import Console

from grader.course.loading import load_exercise
from grader.course.location import default_root
from grader.examiner.early import early_grade
from grader.examiner.protocol import Examine
from grader.grades.grade import AnswerMessage, Case, Frame, Outcome, for_learner, grade_from_checks
from grader.report.terminal import first_failure, one_screen, values
from grader.report.terminal.one_screen import Size
from grader.submission.files import Submission
from grader.submission.name_advice import name_advice
from tests.grading import check_result

HEAD = "import torch\n\n\ndef lookup(weight, idx):\n"
# A wrong submission for exercise1: its source, the line to change, and a part of what happened.
LOOKUPS = {
    "off by one": (HEAD + "    return weight[idx - 1]\n", 5, "counts ids from 1"),
    "flattened": (HEAD + "    return weight[idx.view(-1)]\n", 5, "loses the shape of the ids"),
    "transposed": (HEAD + "    return weight[idx].mT\n", 5, "exchanged"),
    "in place": (
        HEAD + "    weight += 1\n    return weight[idx]\n",
        6,
        "changes the values of `weight`",
    ),
    "a product": (HEAD + "    return idx.float() @ weight\n", 5, "cannot be multiplied"),
    "a list": (HEAD + "    return [weight[i] for i in idx]\n", 5, "is a list"),
    "no gradient": (HEAD + "    return weight.detach()[idx]\n", 5, "it is None"),
    "a dtype": (HEAD + "    return weight[idx].double()\n", 5, "float64"),
    "prints": (HEAD + "    print(weight[idx])\n", 4, "Is a `return`"),
    "prints much": (HEAD + "    print('row\\n' * 99)\n    weight[idx]\n", 4, "Is a `return`"),
    "a wrong name": (HEAD + "    return wieght[idx]\n", 5, "Did you mean `weight`?"),
    "no import": ("def lookup(weight, idx):\n    return torch.cat(0)\n", 2, "Write `import torch`"),
    "defined later": ("lookup(1, 2)\n" + HEAD + "    return 1\n", 1, "defined later, on line 5"),
    "a call": (HEAD + "    return weight(idx)\n", 5, "is not callable"),
    "renamed": (HEAD.replace("lookup", "embed") + "    return 1\n", 4, "rename it to `lookup`"),
    "a helper": (HEAD + "    return h(idx)\n\n\ndef h(x):\n    return x[9, 9]\n", 9, "IndexError"),
    "a bracket": (HEAD + "    return weight[idx\n", 5, "never closed"),
    "a quote": (HEAD + "    print(“rows”)\n    return 1\n", 5, "typographic quote"),
    "a space": (HEAD + "\xa0   return weight[idx]\n", 5, "non-breaking space"),
    "half saved": (HEAD, 4, "expected an indented block"),
    "misspelled": (HEAD.replace("lookup", "lokup") + "    return 1\n", 4, "defines `lokup`"),
    "parameters": ("def lookup(idx):\n    return idx\n", 1, "must accept (weight, idx)"),
    "waits": ("n = int(input())\n" + HEAD + "    return 1\n", 1, "waits for input"),
}
# Nobody knows which line of these is to blame.
WRONG_RESULTS = {
    "off by one",
    "flattened",
    "transposed",
    "in place",
    "a list",
    "no gradient",
    "a dtype",
    "prints",
    "prints much",
}
SIZES = [(60, 20), (80, 24), (120, 40)]
STEPS = [("Next", "change {line}, then `grade exercise1`"), ("Stuck", "`grade hint exercise1`")]


def change_to(name):
    """The next step for the submission of this name."""
    if name == "no import":
        return "add the import"
    if name in WRONG_RESULTS:
        return "change `lookup`"
    return f"change line {LOOKUPS[name][1]}"


@pytest.fixture(scope="module")
def exercise():
    return load_exercise(default_root(), "exercise1")


@pytest.fixture(scope="module")
def graded(exercise, pool):
    """The submission and the grade of each."""
    found = {}
    with pool.borrow() as examiner:
        for name, (source, _, _) in LOOKUPS.items():
            submission = Submission("exercise1.py", source.encode())
            examine = Examine(exercise, submission, "ada", seed=7)
            grade = early_grade(examine) or examiner.grade(examine)
            found[name] = submission, for_learner(grade)
    return found


def drawn(grade, exercise, submission, columns, lines, steps=STEPS):
    """The page as text."""
    stream = io.StringIO()
    size = Size(columns, lines)
    entries = exercise.code.entries
    page = one_screen.page(grade, exercise.spec.title, submission, entries, size, steps)
    Console(file=stream, width=columns).print(page)
    return stream.getvalue()


@pytest.mark.parametrize("name", LOOKUPS)
def test_sixty_screens(name, graded, exercise):
    """On each size, the failure, its line, the line's text and the next step are there."""
    source, line, said = LOOKUPS[name]
    submission, grade = graded[name]
    assert one_screen.fits(grade)
    text = source.splitlines()[line - 1].strip()
    for columns, rows in SIZES:
        page = drawn(grade, exercise, submission, columns, rows - 2)
        lines = page.splitlines()
        assert len(lines) <= rows - 2, page
        assert max(map(len, lines)) <= columns
        flat = " ".join(page.split())
        assert f"exercise1.py line {line}" in page, page
        assert text in page, page
        assert said in flat, page
        assert f"Next   {change_to(name)}, then `grade exercise1`" in page
        assert f"{grade.points} of 20 points" in lines[1]


def test_caret_stands_below_its_place(graded, exercise):
    """The caret of an error of syntax, and that of a wrong name, point at the cause."""
    for name, marked in (("a bracket", "["), ("a wrong name", "wieght")):
        submission, grade = graded[name]
        lines = drawn(grade, exercise, submission, 80, 22).splitlines()
        (caret,) = [number for number, line in enumerate(lines) if set(line.strip()) == {"^"}]
        start = lines[caret].index("^")
        end = len(lines[caret].rstrip())
        assert lines[caret - 1][start:end] == marked


def test_names_of_files_and_functions_may_be_anything():
    """The line is a number of a record, so no name and no text can be taken for it."""
    submission = Submission("day line 2: a.py", b"def f():\n    return x")
    frame = Frame(submission.name, 1, function="g: line 9", text="return x")
    message = "NameError: name 'x' is not defined"
    case = Case(traceback=["any sentence"])
    check = check_result("a", "A", Outcome.RAISED, 0, 1, message, case=case, frames=[frame])
    place = first_failure.place_of(check, submission, ["f"])
    assert place.short == "line 1"
    assert place.where == "day line 2: a.py line 1, in g: line 9"
    assert (place.text, place.column) == ("return x", 7)


def test_parameters_after_the_name_of_a_class():
    """A class that is written like a function is told where its parameters belong."""
    source = b"class Tied(num, dim=2):\n    ...\n"
    advice = name_advice("name 'num' is not defined", Submission("mine.py", source))
    assert advice == (
        "Only base classes stand after `class Tied`. Write the parameters in its `__init__`: "
        "`def __init__(self, num, dim=2):`."
    )


def test_missing_function_is_in_no_other_function():
    """If one of two functions is missing, the other one is not shown."""
    submission = Submission("exercise1.py", b"def f():\n    return 1\n")
    check = check_result("a", "A", Outcome.RAISED, 0, 1, "exercise1.py does not define `g(x)`.")
    place = first_failure.place_of(check, submission, ["f", "g"])
    assert (place.where, place.short, place.text) == ("exercise1.py", "exercise1.py", "")


@pytest.mark.parametrize(("line", "said"), [(2, "`x` is unclear."), (9, "a.yaml line 9: `x` is")])
def test_place_of_an_answer_is_said_once(line, said):
    """The message about an answer loses its place only if the page shows the same one above it."""
    parts = AnswerMessage("`x` is unclear.", f"a.yaml line {line}")
    check = check_result("vector", "V", Outcome.FAILED, 0, 1, parts.whole)
    check = msgspec.structs.replace(check, parts=parts)
    grade = grade_from_checks([check], exercise="a", submission="a.yaml", learner="ada", seed=1)
    submission = Submission("a.yaml", b"learner: ada\nvector: x\n")
    problem = first_failure.problem_of(grade, check, submission, [])
    assert problem.place.where == "a.yaml line 2"
    assert problem.message.startswith(said)


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("a.py:3: UserWarning: no\n  f(x)\n", "Your code caused a warning."),
        ("1\n<probe>:2: UserWarning: no\n", "Your code printed 2 lines, with a warning."),
        ("Warning: none\n", "Your code printed 1 line."),
    ],
)
def test_output_and_warnings(printed, said, graded, exercise):
    """The page tells a warning from what the code prints, and shows both if there is room."""
    submission, grade = graded["a list"]
    grade = msgspec.structs.replace(grade, stdout=printed)
    tall = drawn(grade, exercise, submission, 80, 60)
    shown = "\n".join(f"    {line}" for line in printed.splitlines())
    assert f"  {said}\n{shown}\n\nNext" in tall
    many = drawn(msgspec.structs.replace(grade, stdout="row\n" * 99), exercise, submission, 80, 60)
    assert "  Your code printed 99 lines.\n    row\n" in many
    assert "… and 87 more lines\n\nNext" in many
    for lines in range(12, 30):
        assert len(drawn(grade, exercise, submission, 80, lines).splitlines()) <= lines


@pytest.fixture(scope="module")
def swapped(exercise, pool):
    """The submission and the grade of a lookup with its parameters in another order."""
    source = HEAD.replace("weight, idx", "idx, weight") + "    return weight[idx]\n"
    submission = Submission("exercise1.py", source.encode())
    with pool.borrow() as examiner:
        grade = examiner.grade(Examine(exercise, submission, "ada", seed=7, small_example=True))
    return submission, for_learner(grade)


@pytest.mark.parametrize(("columns", "rows"), SIZES, ids=str)
def test_swapped_parameters(columns, rows, swapped, exercise):
    """The page points at the parameters, and says their order before what follows from it."""
    submission, grade = swapped
    page = drawn(grade, exercise, submission, columns, rows - 2)
    lines = page.splitlines()
    (caret,) = [number for number, line in enumerate(lines) if set(line.strip()) == {"^"}]
    start = lines[caret].index("^")
    end = len(lines[caret].rstrip())
    assert lines[caret - 1].strip() == "def lookup(idx, weight):"
    assert lines[caret - 1][start:end] == "idx, weight"
    order = page.index("`lookup` is called with (weight, idx), in this order")
    assert order < page.index("IndexError") and page.count("in this order") == 1
    assert "Next   change line 4, then" in page
    # It is the explanation, so there is no other one.
    assert "Why:" not in page


def test_lines_on_a_narrow_screen(swapped, exercise):
    """A line that is cut says so, a shape or code is on one line, and no count is cut."""
    submission, grade = swapped
    line = b"def lookup(idx, weight):"
    longer = submission.source.replace(line, line + b"  # the other way round, as in the book")
    page = drawn(grade, exercise, Submission("exercise1.py", longer), 60, 18)
    assert "def lookup(idx, weight):  # the other way round, as i…" in page
    for columns in range(40, 60):
        page = drawn(grade, exercise, submission, columns, 18)
        assert "(weight, idx), in" in " ".join(page.split())
        assert "(weight," not in [shown.strip()[-8:] for shown in page.splitlines()]
    score = drawn(grade, exercise, submission, 50, 18).splitlines()[1]
    assert score.endswith("  0 of 20 points")


def test_passed_page_lists_the_checks(pool, exercise):
    """After a pass the page has the checks if there is room, and what failed besides."""
    source = HEAD + "    return weight[idx]\n\n\nprint(lookup(torch.ones(1, 1), 5))\n"
    right = Submission("exercise1.py", source.encode())
    with pool.borrow() as examiner:
        grade = for_learner(examiner.grade(Examine(exercise, right, "ada", seed=7)))
    step = [("Next", "`grade show exercise4`")]
    page = drawn(grade, exercise, right, 60, 18, steps=step)
    assert len(page.splitlines()) <= 18
    assert page.count("✓") == 10 and "All checks passed: 20 of 20 points" in page
    assert "unch…" in page and "This file did not run to its end" in page
    # With more room, no title is cut.
    tall = drawn(grade, exercise, right, 60, 22, steps=step)
    assert len(tall.splitlines()) <= 22 and "…" not in tall


def both(mine, theirs, columns, most):
    """The lines of two values."""
    left = values.Value("you returned", mine)
    right = values.Value("expected", theirs)
    return [line.plain for line in values.pair(left, right, columns, most)]


def test_second_line_of_a_title_is_indented(exercise):
    """The sign of a failure stands alone at the left edge."""
    title = "The rows of a table with many columns come back in the order of their ids"
    check = check_result("a", title, Outcome.FAILED, 0, 1, "It differs.")
    grade = grade_from_checks([check], exercise="a", submission="a.py", learner="ada", seed=1)
    page = drawn(grade, exercise, Submission("a.py", b""), 60, 18)
    assert "\n✗ The rows of a table" in page and "\n  order of their ids\n" in page


def test_long_call_is_cut_only_if_there_is_no_room(exercise):
    """What was done is shown whole if the page has lines left."""
    case = Case(
        note="Built it, and then called it. " * 12 + "Done.", given={"x": "int64, shape (2,)"}
    )
    check = check_result("a", "A", Outcome.FAILED, 0, 1, "It differs.", case=case)
    grade = grade_from_checks([check], exercise="a", submission="a.py", learner="ada", seed=1)
    submission = Submission("a.py", b"def lookup(weight, idx): ...\n")
    tall = drawn(grade, exercise, submission, 60, 40)
    assert "Done. With x int64, shape (2,) Next" in " ".join(tall.split())
    for lines in range(12, 30):
        assert len(drawn(grade, exercise, submission, 60, lines).splitlines()) <= lines


def test_values_next_to_each_other_mark_what_differs():
    """Rows with a difference have a mark, and only if the shapes are equal."""
    mine = "tensor([[1., 2.],\n        [3., 4.]])\nfloat32, shape (2, 2)"
    theirs = "tensor([[1., 2.],\n        [3., 5.]])\nfloat32, shape (2, 2)"
    lines = both(mine, theirs, 80, 9)
    assert [line.startswith("≠") for line in lines] == [False, False, True, False]
    other = theirs.replace("(2, 2)", "(4,)")
    lines = both(mine, other, 80, 9)
    assert not any(line.startswith("≠") for line in lines)
    narrow = both(mine, theirs, 30, 6)
    assert len(narrow) == 6 and max(map(len, narrow)) <= 30
