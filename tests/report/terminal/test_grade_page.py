"""The page in the terminal: its content, its order and its width."""

import io
import re

import msgspec
import pytest
from rich.cells import cell_len

from grader.examiner.feedback import clean
from grader.grades.grade import Case, CheckError, Outcome, grade_from_checks
from grader.report.failure_summary import SHOWN_FAILURES
from grader.report.terminal import grade_page
from tests.grading import check_result

LONG = "word " * 60
UNBROKEN = "x" * 300
WIDE = "学" * 150
CASE = Case(
    call="lookup(weight, idx)",
    given={
        "weight": "tensor([[1.0000, 2.0000],\n        [3.0000, 4.0000]])\nfloat32, shape (2, 2)",
        "idx": "tensor(1)",
    },
    returned="tensor([1.0000, 2.0000])",
    expected="tensor([3.0000, 4.0000])",
)
PASSED = check_result("value", "It doubles", Outcome.PASSED, 2, 2)
FAILED = check_result(
    "row",
    "Row i is the answer",
    Outcome.FAILED,
    0,
    1,
    "Your result is 1 at [0]; expected 3.",
    0.1,
    CASE,
)


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch):
    """A terminal of 80 columns, without a preference for colors."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def grade(*checks, **fields):
    return grade_from_checks(
        list(checks),
        **{"exercise": "double", "submission": "mine.py", "learner": "ada", "seed": 7} | fields,
    )


def page(*checks, title="Twice as much", stream=None, **fields):
    """The page about a grade of ``checks``, as text."""
    stream = io.StringIO() if stream is None else stream
    grade_page.write(grade(*checks, **fields), title, stream)
    return stream.getvalue()


def assert_in_order(text, *parts):
    places = [text.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)


def test_long_names_stay_in_one_line():
    """A long parameter name stays on the line of its sign; other labels wrap between words."""
    case = Case(call="f(n)", given={"num_embeddings": "6", "gradient of the result": "7"})
    text = page(check_result("row", "It holds", Outcome.FAILED, 0, 1, "No.", 0.1, case))
    assert "  num_embeddings = 6\n" in text
    assert "     gradient of 7\n    the result =" in text


def test_a_long_question_takes_two_lines():
    """The question of a quiz is cut in the rubric, and whole where it was missed."""
    question = " ".join(["What is the shape of the weight?"] * 6)
    passed = page(check_result("shape", question, Outcome.PASSED, 1, 1))
    assert passed.count("What is the shape") == 3 and " …" in passed
    missed = page(check_result("shape", question, Outcome.FAILED, 0, 1, "No."))
    assert question in " ".join(missed.split())


def test_everything_passed():
    """A pass is short: the rubric, the score, and how to repeat it."""
    text = page(PASSED)
    assert_in_order(
        text,
        "double  Twice as much",
        "mine.py",
        "✓  passed  It doubles",
        "2/2",
        "All checks passed: 2 of 2 points",
    )
    assert "repeat with --seed 7" in text


def test_a_failure_is_told_in_the_order_that_helps():
    """The order is rubric, message, explanation, case, printed text, score."""
    text = page(
        PASSED,
        FAILED,
        stdout="hello\n",
        misconception="stack_of_rows",
        explanation="You stacked rows.",
    )
    assert_in_order(
        text,
        *(
            "✗  failed  Row i is the answer",
            "0/1",
            "Your result is 1 at [0]; expected 3.",
            "Why: You stacked rows.",
        ),
        *(
            "called lookup(weight, idx)",
            "weight = tensor([[1.0000, 2.0000],",
            "float32, shape (2, 2)",
            "idx = tensor(1)",
        ),
        *("you returned tensor([1.0000, 2.0000])", "expected tensor([3.0000, 4.0000])"),
        *("Your code printed", "hello", "2 of 3 points"),
    )
    assert "stack_of_rows" not in text


def test_traceback_and_note():
    """The page shows the learner's own lines and the steps of the check."""
    case = Case(
        note="Two steps of SGD", traceback=["mine.py line 3, in f: x / 0", "mine.py line 9: f()"]
    )
    text = page(check_result("a", "A", Outcome.RAISED, 0, 1, "ZeroDivisionError: no", 0.1, case))
    assert_in_order(
        text,
        "ZeroDivisionError: no",
        "in your code mine.py line 3, in f: x / 0",
        "mine.py line 9: f()",
        "Two steps of SGD",
    )


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_line(outcome):
    """The rubric shows each outcome as a word."""
    assert f"{outcome.value}  The title" in page(
        check_result("a", "The title", outcome, 0, 1, "Because.")
    )


def test_ungraded_is_not_the_learner_s_fault():
    """If the grader failed, the page says that it is not the learner's fault, and has no score."""
    text = page(PASSED, check_result("a", "A", Outcome.UNGRADED, 0, 1, "The grader failed here."))
    assert "Not graded: the grader failed, which is not your fault." in text
    assert "of 3 points" not in text


def test_a_broken_check_is_no_reason_to_try_again():
    """If a check is broken, the page sends the learner to its author."""
    error = CheckError("NameError", "name 'x' is not defined", 3)
    broken = check_result("a", "A", Outcome.UNGRADED, 0, 1, "This check is broken.")
    text = page(msgspec.structs.replace(broken, error=error))
    assert "Not graded: a check is broken, which is not your fault. Tell its author." in text
    assert "Try again" not in text


def test_same_message_is_told_once():
    """A submission that cannot be loaded fails every check; the page gives the reason once."""
    broken = [check_result(name, name, Outcome.RAISED, 0, 1, "SyntaxError: no") for name in "abc"]
    assert page(*broken).count("SyntaxError: no") == 1


def test_few_failures_in_full():
    """The first failures are shown in full; the rest are lines of the rubric."""
    checks = [
        check_result(f"c{n}", f"Title {n}", Outcome.FAILED, 0, 1, f"Message {n}.", 0.1, CASE)
        for n in range(5)
    ]
    text = page(*checks)
    assert [f"Message {n}." in text for n in range(5)] == [True] * SHOWN_FAILURES + [False] * (
        5 - SHOWN_FAILURES
    )
    assert all(f"Title {n}" in text for n in range(5))


def test_printed_text_is_cut():
    """The page shows the first lines of a long output, and the number of the others."""
    text = page(PASSED, stdout="".join(f"line {n}\n" for n in range(100)))
    assert f"line {grade_page.SHOWN_OUTPUT_LINES - 1}\n" in text
    assert f"line {grade_page.SHOWN_OUTPUT_LINES}\n" not in text
    assert f"… and {100 - grade_page.SHOWN_OUTPUT_LINES} more lines" in text


MARKUP = [
    "[red]no[/red]",
    "[/]",
    "[bold",
    "\\[x]",
    ":smile:",
    "[link=https://example.org]x[/link]",
    "tensor([1, 2])",
    "{0} %s",
]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_text(text):
    """Text that looks like rich's markup appears unchanged, in every place."""
    case = Case(
        call=text, note=text, given={text: text}, returned=text, expected=text, traceback=[text]
    )
    shown = page(
        check_result(text, text, Outcome.FAILED, 0, 1, text, 0.1, case),
        title=text,
        stdout=text,
        submission=text,
        misconception=text,
        explanation=text,
        exercise=text,
    )
    assert "".join(shown.split()).count("".join(text.split())) >= 12


TEXTS = {
    "short": "short",
    "long": LONG,
    "unbroken": UNBROKEN,
    "wide": WIDE,
    "lines": "a  \n\n  b\n" * 5,
    "marks": "e\u0301" * 200,
}
FILLED = [
    lambda text: (PASSED, {"stdout": text}),
    lambda text: (PASSED, {"submission": text}),
    lambda text: (PASSED, {"title": text}),
    lambda text: (PASSED, {"exercise": text}),
    lambda text: (check_result(text, text, Outcome.FAILED, 0, 1000, text), {}),
    lambda text: (FAILED, {"misconception": text, "explanation": text}),
    lambda text: (
        check_result(
            "a",
            "A",
            Outcome.FAILED,
            0,
            1,
            "",
            0.1,
            Case(call=text, note=text, traceback=[text] * 3),
        ),
        {},
    ),
    lambda text: (
        check_result(
            "a",
            "A",
            Outcome.FAILED,
            0,
            1,
            "",
            0.1,
            Case(given={text: text}, returned=text, expected=text),
        ),
        {},
    ),
]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("where", range(len(FILLED)))
def test_page_fits_eighty_columns(where, name):
    """No text makes a line wider than 80 columns, and no line ends in spaces."""
    check, fields = FILLED[where](TEXTS[name])
    lines = page(check, **fields).split("\n")
    assert max(map(cell_len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("where", [0, *range(4, len(FILLED))])
def test_nothing_is_cut_short(where):
    """Long text wraps and is not cut off, except in the line of titles at the top."""
    check, fields = FILLED[where](UNBROKEN)
    assert page(check, **fields).count("x") >= len(UNBROKEN)


def test_plain_page_has_no_escape_codes():
    """In a file or a pipe, the page is plain text."""
    assert "\x1b" not in page(PASSED, FAILED, stdout="x", misconception="a", explanation="b")


def test_forced_colors_stay_out_of_a_file(monkeypatch):
    """FORCE_COLOR does not put color codes into a file."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in page(PASSED, FAILED)


def test_colors_in_a_terminal():
    """In a terminal, the page has the same text with colors."""
    coloured = page(PASSED, FAILED, stream=Screen())
    assert "\x1b[32m" in coloured
    assert "Your result is 1 at [0]; expected 3." in coloured


def test_no_color_is_honoured(monkeypatch):
    """With NO_COLOR, a terminal gets no color codes (https://no-color.org)."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert page(PASSED, FAILED, stream=Screen()) == page(PASSED, FAILED)


def test_narrow_terminal(monkeypatch):
    """The page fits a narrow terminal too."""
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(cell_len, page(PASSED, FAILED, stdout=LONG).split("\n"))) <= 50


@pytest.mark.parametrize(("columns", "beside"), [("80", True), ("60", False)])
def test_rows_of_a_tensor_stay_whole(columns, beside, monkeypatch):
    """A tensor stands next to its label, or below it if its rows would break there."""
    monkeypatch.setenv("COLUMNS", columns)
    row = "[ 0.7003,  0.2573,  0.9830, -1.1657, -0.6114]"
    case = Case(call="f(x)", given={"x": f"tensor([{row},\n        {row}])\nfloat32"})
    shown = page(check_result("a", "A", Outcome.FAILED, 0, 1, "m", 0.1, case))
    assert shown.count(row) == 2
    assert ("x = tensor" in shown) == beside


def test_prose_of_a_probe_wraps_beside_its_label(monkeypatch):
    """What a probe did is prose, so its lines may wrap next to the label."""
    monkeypatch.setenv("COLUMNS", "60")
    note = "Built a layer, copied a table into it and looked up ids twice.\n\nThen read its weight."
    case = Case(note=note, call="", given={})
    shown = page(check_result("a", "A", Outcome.FAILED, 0, 1, "m", 0.1, case))
    assert "what was done Built a layer" in shown
    assert "                 Then read its weight." in shown


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "\x1b]0;title\a", "a\rb", "\x9b2J", "\u202eabc", "\b\b\b"], ids=ascii
)
def test_no_learner_text_commands_the_terminal(text):
    """Text of learners, once cleaned, leaves no control character on the page."""
    shown = clean(text)
    case = Case(call=shown, given={shown: shown}, returned=shown, traceback=[shown])
    written = page(check_result("a", "A", Outcome.RAISED, 0, 1, shown, 0.1, case), stdout=shown)
    assert all(character == "\n" or character.isprintable() for character in written)


def test_file_name_cannot_command_the_terminal():
    """A file name does not pass through the cleaning, and still has no control characters."""
    assert "\x1b" not in page(PASSED, submission="\x1b[31mmine.py")


SKIPPED = check_result("gradient", "Gradients flow", Outcome.SKIPPED, 0, 4, "There is no GPU.")


def test_skipped_checks_are_not_held_against_anybody():
    """Skipped checks don't count in the possible points, and their reason appears once."""
    text = page(PASSED, FAILED, SKIPPED, SKIPPED)
    assert "2 of 3 points, 2 skipped" in text
    assert text.count("Skipped: There is no GPU.") == 1
    assert "0/4" not in text


def test_nothing_could_run():
    """If all checks were skipped, the page says that nothing is graded, and has no points."""
    text = page(SKIPPED, SKIPPED, device="cuda")
    assert "Not graded: no check could run here." in text
    assert "mine.py on cuda" in text
    assert "points" not in text


def test_devices_side_by_side():
    """With several devices, the page is that of the first failure, and each device has a column."""
    passed, failed, skipped = (
        msgspec.structs.replace(PASSED, outcome=outcome, points=points)
        for outcome, points in ((Outcome.PASSED, 2), (Outcome.FAILED, 0), (Outcome.SKIPPED, 0))
    )
    stream = io.StringIO()
    grades = [grade(passed), grade(failed, device="cuda"), grade(skipped, device="mps")]
    grade_page.write_all(grades, "Twice", stream)
    text = stream.getvalue()
    assert "mine.py on cuda" in text
    assert "Computed on cuda without TF32" in text
    rows = [[cell.strip() for cell in re.split(r"\s{2,}", line)] for line in text.splitlines()[-3:]]
    assert rows == [
        ["Side by side", "cpu", "cuda", "mps"],
        [PASSED.title, "✓ passed", "✗ failed", "– skipped"],
        ["points", "2/2", "0/2", "not graded"],
    ]


def test_the_cpu_says_nothing_of_devices():
    """A page about the CPU names no device."""
    text = page(PASSED)
    assert "on cpu" not in text
    assert "TF32" not in text


TYPO = Case(traceback=["mine.py line 1: def double(x"])


def unloaded(*outcomes, message="SyntaxError: '(' was never closed", case=TYPO):
    """A check for each outcome, all with the same message."""
    return [
        check_result(f"c{n}", f"Title {n}", outcome, 0, 1, message, 0.1, case)
        for n, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    "outcome", [Outcome.RAISED, Outcome.FORBIDDEN, Outcome.TIMEOUT, Outcome.CRASHED]
)
def test_a_file_that_cannot_be_used_is_no_single_check_s_failure(outcome):
    """A problem of the whole file appears once, and not under the title of the first check."""
    shown = page(*unloaded(outcome, outcome, outcome))
    assert_in_order(
        shown,
        "Title 2",
        "Before any check could run",
        "SyntaxError",
        "def double(x",
        "0 of 3 points",
    )
    assert shown.count("Title 0") == 1  # in the rubric


@pytest.mark.parametrize(
    "checks",
    [
        unloaded(Outcome.RAISED, Outcome.RAISED, case=CASE),
        unloaded(Outcome.FAILED, Outcome.FAILED, message="Not answered yet.", case=None),
        [PASSED, *unloaded(Outcome.RAISED)],
        unloaded(Outcome.UNGRADED, Outcome.UNGRADED),
        unloaded(Outcome.RAISED),
    ],
)
def test_what_a_check_found_is_told_under_its_title(checks):
    """A failure stays under its check if there was a call, a missing answer or a passed check."""
    shown = page(*checks)
    assert "Before any check" not in shown
    assert shown.count("Title 0") == 2


@pytest.mark.parametrize(("columns", "lines"), [("80", 1), ("40", 2)])
def test_verdict_and_seed_stay_whole_in_a_narrow_terminal(columns, lines, monkeypatch):
    """Verdict and seed share a line if there is room, and neither is wrapped."""
    monkeypatch.setenv("COLUMNS", columns)
    last = page(PASSED, seed=4027086358361734).splitlines()[-lines:]
    assert_in_order(
        "\n".join(last), "All checks passed: 2 of 2 points", "repeat with --seed 4027086358361734"
    )
