"""A quiz at a real terminal: forms of answers, explanations, saved answers, leaving, continuing."""

import re

import pytest
import yaml

from tests.grading import SMALL_COURSE, until
from tests.study.screen import needs_tmux, screen

pytestmark = needs_tmux
NOW = "Now with other numbers:"


@pytest.fixture
def terminal(tmp_path):
    """A shell in an empty folder, with the small course."""
    folder = tmp_path / "work"
    folder.mkdir()
    with screen(
        folder, tmp_path / "tmux", GRADE_COURSE=str(SMALL_COURSE), GRADE_LEARNER="ada"
    ) as opened:
        opened.folder = folder
        yield opened


def sheet(terminal):
    """The answers on the sheet, read as YAML."""
    return yaml.load((terminal.folder / "sizes.yaml").read_text(), Loader=yaml.BaseLoader)  # noqa: S506 - plain text only


def drawn(screen_text, pattern):
    """The numbers of a question on the screen."""
    return [int(number) for number in re.search(pattern, screen_text).groups()]


def asked(terminal, pattern):
    """The numbers of a question, which can appear a moment after its head."""
    return drawn(terminal.when(re.compile(pattern).search, pattern), pattern)


def test_questions_one_by_one(terminal):
    """Each answer is saved and judged; a wrong one is explained and asked with other numbers."""
    terminal.enter("grade sizes; echo status $?")
    terminal.until("Question 1 of 3")
    (size,) = asked(terminal, r"zeros\((\d+)\)")
    terminal.enter(f"{size + 1} x")
    terminal.until(
        "cannot be understood: write a shape such as (5, 4).",
        "Another answer, or Enter to continue:",
        without="answer.yaml",
    )
    terminal.enter(f"torch.Size([{size}])")
    terminal.until("Correct.", "Question 2 of 3")
    rows, columns = asked(terminal, r"zeros\((\d), (\d)\)")
    terminal.enter(str(rows * columns + 1))
    terminal.until(
        f"You answered {rows * columns + 1}, which is not what PyTorch gives.", "See for yourself:"
    )
    # The next question can appear a moment later.
    until(lambda: re.search(r"zeros\(", terminal.until(NOW).partition(NOW)[2]))
    before, _, after = terminal.until(NOW).partition(NOW)
    assert not re.search(rf"\b{rows * columns}\b", before)
    assert "next attempt" not in " ".join(before.split())
    others = drawn(after, r"zeros\((\d), (\d)\)")
    assert others[0] != rows and others[1] != columns
    terminal.enter("h")
    terminal.until("Hint 1 of 1", "Run it.")
    terminal.enter("s")
    terminal.until("Say the size.")
    terminal.enter("?")
    terminal.until("  Type an answer, then press Enter. Enter alone skips a question, s shows")
    terminal.enter("")
    terminal.until("Question 3 of 3")
    terminal.enter("clear")
    terminal.enter("b")
    terminal.until("Question 2 of 3", f"Your last answer, {rows * columns + 1}, is wrong.")
    page = " ".join(terminal.until("It was for other numbers").split())
    assert f"numbers: How many numbers does `torch.zeros({rows}, {columns})` hold?" in page
    terminal.enter("r")
    terminal.until("1  correct", "2  wrong", "3  unclear", "or Enter to go on:")
    terminal.enter("4")
    terminal.until("There are questions 1 to 3.")
    terminal.enter("3")
    terminal.until("Your last answer, clear, is unclear.", "Your answer (yes or no):")
    terminal.enter("Yes")
    terminal.until("3  correct", "or Enter to finish:")
    terminal.enter("")
    page = terminal.until("2 of 4 points", "status 1")
    assert "`grade sizes --ask` repeats" in page
    assert sheet(terminal) == {
        "learner": "ada",
        "vector": f"torch.Size([{size}])",
        "numbers": str(rows * columns + 1),
        "floats": "Yes",
        "numbers 2": "",
    }
    terminal.enter("clear; grade sizes --ask; echo status $?")
    terminal.until("1 question.", "Question 1 of 1")
    terminal.enter(f"{others[0] * others[1]}")
    terminal.until("Correct.", "All checks passed: 4 of 4 points", "status 0")


@pytest.mark.parametrize(
    "leave",
    [pytest.param("q", marks=pytest.mark.slow), pytest.param("C-d", marks=pytest.mark.slow), "C-c"],
)
def test_leaving_and_going_on(leave, terminal):
    """A learner who leaves keeps all answers and notes, and continues with the other questions."""
    terminal.enter("grade start sizes")
    terminal.until("Wrote sizes.yaml")
    path = terminal.folder / "sizes.yaml"
    answered = path.read_text().replace("\nfloats:", "\nfloats: maybe")
    path.write_text(answered + "# a note of my own\n")
    terminal.enter("clear; grade sizes; echo status $?")
    terminal.until("Question 1 of 3", "Your answer")
    terminal.enter("no")
    terminal.until("cannot be understood")
    terminal.enter("")
    terminal.until("Question 2 of 3")
    terminal.enter("1000")
    terminal.until(NOW)
    terminal.enter("")
    # An answer on the sheet that nobody understands is none, so its question is asked, too.
    terminal.until("Question 3 of 3", "Your last answer, maybe, is unclear.")
    terminal.press(*(("q", "Enter") if leave == "q" else (leave,)))
    terminal.until(
        "0 correct, 1 wrong, 2 unclear. Your answers are saved in sizes.yaml. Type",
        "ready>",
        "status",
    )
    assert "\n# a note of my own\n" in path.read_text()
    assert (sheet(terminal)["vector"], sheet(terminal)["floats"]) == ("", "maybe")
    terminal.enter("clear; grade sizes")
    terminal.until("3 questions.", "Question 1 of 3", "What is the shape")


@pytest.mark.slow
def test_not_at_a_terminal(terminal):
    """With its output in a file, `grade` asks nothing; --ask says that it needs a terminal."""
    terminal.enter("grade sizes > page; echo status $?")
    terminal.until("status 1")
    assert "Not answered yet." in (terminal.folder / "page").read_text()
    terminal.enter("clear; grade sizes --ask > page; echo status $?")
    terminal.until("--ask asks the questions of a quiz at a terminal", "status 2")


def test_statement_is_markdown(terminal):
    """At a terminal `grade show` renders Markdown; with NO_COLOR it prints plain text."""
    terminal.enter("grade show double")
    assert (
        "`"
        not in terminal.until("Write double(x): it returns", "Checks")
        .partition("Checks")[0]
        .partition("$")[2]
    )
    terminal.enter("clear; NO_COLOR=1 grade show double")
    terminal.until("Write double(x): it returns", without="ready> grade show")
    assert "\x1b" not in terminal.tmux("capture-pane", "-e", "-p")
