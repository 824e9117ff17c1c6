"""`grade watch` in a real terminal: saves, keys, crashes, another size, the end.

What the state machine decides is tested in test_watch_state.py, without a terminal.
"""

import contextlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.course.loading import load_course
from grader.course.location import default_root
from grader.examiner.client import Examiner
from grader.examiner.protocol import Survey
from grader.study import progress
from tests.grading import SMALL_COURSE, descendants, is_dead, until
from tests.study.screen import needs_tmux, screen

GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"
BAD = "def double(x):\n    return x * x\n"
pytestmark = needs_tmux


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


@pytest.fixture
def watching(terminal):
    """`grade watch`, started in an empty folder."""
    terminal.enter("grade watch; echo status $?")
    terminal.until("Write `double(x)`".replace("`", ""), "watching double.py", "q quit")
    return terminal


def keys(exercise) -> list[str]:
    """The correct answers of a quiz for the learner ada."""
    with Examiner() as examiner:
        asked = [
            Survey(exercise, question.name, "ada", answers_only=True)
            for question in exercise.spec.questions
        ]
        return [examiner.survey(survey).key for survey in asked]


def replace(path: Path, text: str) -> None:
    """Save as many editors do: write another file and rename it."""
    beside = path.with_name(f"{path.name}~new")
    beside.write_text(text)
    beside.rename(path)


def test_from_the_starter_to_the_next_exercise(watching):
    """The starter is created, a save graded, and a pass continues with the next exercise."""
    file = watching.folder / "double.py"
    assert "NotImplementedError" in file.read_text()
    file.write_text(BAD)
    page = watching.until("Why: ", "points", "watching double.py")
    assert max(map(len, page.splitlines())) <= 80
    file.write_text(GOOD)
    page = watching.until(
        "All checks passed: 5 of 5 points", "Next: sizes, Sizes. Its file is sizes.yaml"
    )
    assert "watching sizes.yaml" in page
    assert (watching.folder / "sizes.yaml").exists()
    standings = progress.standings(
        progress.find(watching.folder), load_course(SMALL_COURSE).values()
    )
    assert [
        (standing.exercise.id, standing.points, standing.attempts) for standing in standings[:2]
    ] == [
        ("double", 5, 2),
        ("sizes", None, 0),
    ]


def test_keys(watching):
    """Keys for a hint, the list, another run, the next exercise, and to quit, also after Ctrl-Z."""
    (watching.folder / "double.py").write_text(BAD)
    watching.until("of 5 points")
    watching.press("h")
    watching.until("Hint 1 of 1", "Multiply.")
    watching.press("l")
    watching.until("double   started", "target   new", without="Multiply.")
    watching.press("r")
    watching.until("of 5 points", without="target   new")
    watching.press("n")
    watching.until("Say the size.", "watching sizes.yaml", "a answer here")
    watching.press("C-z")
    watching.until("Stopped", "ready>")
    watching.enter("fg; echo status $?")
    watching.until("q quit", without="Stopped")
    watching.press("l")
    watching.until("double   started", "l back")
    watching.press("q")
    watching.until("status 0", "ready>")
    watching.enter("clear; stty -a | grep -o ' [-]*icanon\\| [-]*echo '; echo done")
    watching.until(" icanon\n echo\ndone")


@pytest.mark.slow
def test_crash_and_endless_loop(watching):
    """A crash is reported, and a save during an endless loop is graded at once."""
    file = watching.folder / "double.py"
    file.write_text("import os\ndef double(x):\n    os.abort()\n")
    watching.until("SIGABRT ended the process", "0 of 5 points")
    file.write_text("def double(x):\n    while True: pass\n")
    watching.until("Grading …")
    time.sleep(2)
    began = time.monotonic()
    file.write_text(BAD)
    watching.until("Why: ")
    # The limits of the loop are longer.
    assert time.monotonic() - began < 15
    file.write_text(GOOD)
    watching.until("5 of 5 points")


def test_files_come_and_go(watching):
    """A renamed file, a deleted one, one saved in two halves, and one that is no text."""
    file = watching.folder / "double.py"
    replace(file, BAD)
    watching.until("Why: ")
    file.unlink()
    watching.until("double.py is gone: save it again, or press r")
    with file.open("w") as half:
        half.write("def double(x):\n    retu")
        half.flush()
        time.sleep(0.3)
        half.write("rn x * 3\n")
    watching.until("Your result", "of 5 points", without="SyntaxError")
    file.write_bytes(b"\0\1")
    watching.until("binary")
    file.unlink()
    watching.until("is gone")
    watching.press("r")
    watching.until("NotImplementedError")
    replace(file, GOOD)
    watching.until("5 of 5 points")


@pytest.mark.slow
def test_two_saves_at_once(watching):
    """The page shows the grade of the last of many fast saves, also of an imported module."""
    file = watching.folder / "double.py"
    for number in range(20):
        file.write_text(f"def double(x):\n    return x * {number + 3}\n")
        (watching.folder / "other.py").write_text(f"factor = {number}\n")
    file.write_text("from helping import factor\ndef double(x):\n    return x * factor\n")
    (watching.folder / "helping.py").write_text("factor = 7\n")
    watching.until("of 5 points", without="ModuleNotFoundError")
    (watching.folder / "helping.py").write_text("def factor(): pass\n")
    watching.until("TypeError", "of 5 points")


@pytest.mark.slow
def test_short_terminal(watching):
    """The first screen has the verdict and the first failure; space shows everything in parts.

    However short the terminal is, the command works, and draws a tall one in full again.
    """
    watching.resize(80, 12)
    page = watching.until("double  Twice as much", "part 1 of", "q quit")
    (watching.folder / "double.py").write_text(BAD)
    page = watching.until(
        "The result is twice the input", "double.py line 2", "return x * x", "part 1 of"
    )
    assert "Next  change `double` and save" in page and "h hint   s show   n next" in page
    parts = int(re.search(r"part 1 of (\d)", page)[1])
    seen = page
    for number in range(2, parts + 1):
        watching.press("Space")
        seen += watching.until(f"part {number} of {parts}", "q quit")
    for told in (
        "2 of 5 points",
        "Why: You multiply",
        "x = tensor([",
        "expected tensor([",
        "✗  failed  The gradient is two everywhere",
        "✓  passed  Text is",
    ):
        assert told in seen
    watching.press("Space")
    watching.until("part 1 of", "return x * x")
    watching.press("h")
    page = watching.until("Hint 1 of 1")
    assert page.startswith("Hint 1 of 1") and "return x * x" in page
    (watching.folder / "double.py").write_text("def double(x):\n    return x * 3\n")
    page = watching.until("return x * 3")
    assert page.startswith("Hint 1 of 1")
    (watching.folder / "double.py").write_text(GOOD)
    page = watching.until(
        "All checks passed: 5 of 5 points", "Next: sizes, Sizes", "watching sizes.yaml"
    )
    for rows in (1, 2, 3, 5):
        watching.resize(20, rows)
        watching.press("Space", "l", "Space")
    watching.resize(80, 60)
    watching.until("All checks passed", "q quit", without="space for more")
    watching.press("l")
    watching.until("double   passed", "q quit", without="space for more")


@pytest.mark.slow
def test_another_width(watching):
    """The page is drawn again, as wide as the terminal is now."""
    (watching.folder / "double.py").write_text(BAD)
    head = "double  Twice as much"
    watching.until(f"{head}{'double.py':>{80 - len(head)}}\n", "of 5 points")
    watching.resize(50, 60)
    watching.until(f"{head}{'double.py':>{50 - len(head)}}\n", "of 5 points")


def test_answers_in_the_watch(terminal):
    """Key a asks the questions of a quiz and grades it; a learner who leaves can continue."""
    # A dumb terminal scrolls, so that everything stays on the screen.
    terminal.enter("TERM=dumb grade watch sizes")
    terminal.until("a answer here")
    terminal.press("a")
    asked = terminal.until("Question 1 of 3", "Your answer").partition("Question 1 of 3")[2]
    (size,) = re.search(r"zeros\((\d+)\)", asked).groups()
    terminal.enter(size)
    terminal.until("Correct.", "Question 2 of 3")
    terminal.enter("q")
    terminal.until(
        "1 correct, 2 open. Your answers are saved in sizes.yaml. Press a to continue.",
        "1 of 4 points",
        "watching sizes.yaml",
    )
    assert f"vector: {size}" in (terminal.folder / "sizes.yaml").read_text()


@pytest.mark.parametrize("key", ["C-c", pytest.param("C-d", marks=pytest.mark.slow)])
def test_end(key, watching):
    """Ctrl-C and Ctrl-D end the command and its processes, and restore the terminal."""
    pane = int(watching.tmux("display-message", "-p", "#{pane_pid}"))
    # The command, its examiner, the fork server, its first process.
    until(lambda: len(descendants(pane)) >= 4)
    started = descendants(pane)
    watching.press(key)
    watching.until(f"status {130 if key == 'C-c' else 0}", "ready>")
    watching.enter("clear; stty -a | grep -o ' [-]*icanon\\| [-]*echo '; echo done")
    watching.until(" icanon\n echo\ndone")
    until(lambda: all(map(is_dead, started)))


@pytest.mark.slow
def test_without_a_terminal(tmp_path):
    """Without a terminal, pages follow one another without colors until a signal ends it."""
    from tests.study.screen import GRADE

    process = subprocess.Popen(
        [GRADE, "watch", "double"],
        cwd=tmp_path,
        env={**os.environ, "GRADE_COURSE": str(SMALL_COURSE)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = ""
    while "watching double.py" not in said:
        said += process.stdout.readline()
    (tmp_path / "double.py").write_text(BAD)
    while "of 5 points" not in said:
        said += process.stdout.readline()
    process.terminate()
    rest, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (128 + 15, "")
    assert "\x1b" not in said + rest
    assert "Why: You multiply" in said


@pytest.mark.slow
def test_from_an_empty_folder_to_the_last_exercise(tmp_path):
    """The whole course in one `grade watch`: files are saved and quizzes answered."""
    folder = tmp_path / "work"
    folder.mkdir()
    exercises = load_course(default_root())
    with screen(folder, tmp_path / "tmux", rows=120, GRADE_LEARNER="ada") as terminal:
        terminal.enter("grade watch; echo status $?")
        terminal.until("watching exercise1.py")
        for exercise in exercises.values():
            if not exercise.spec.runs_code:
                terminal.press("a")
                for number, answer in enumerate(keys(exercise), 1):
                    terminal.until(f"Question {number} of {len(exercise.spec.questions)}\n")
                    terminal.enter(answer)
            else:
                (folder / f"{exercise.id}.py").write_text(
                    (exercise.hidden / "solution.py").read_text()
                )
            terminal.until(f"{exercise.id}  {exercise.spec.title}", "All checks passed")
            # Only then the next file exists and can be overwritten.
            terminal.when(lambda page: "Next: " in page or "That was the last" in page, "the next")
        terminal.until("That was the last exercise: you passed all of them.")
        terminal.press("q")
        terminal.until("status 0")
        terminal.enter("clear; grade")
        count = len(exercises)
        terminal.until(f"{count} of {count} passed, {count} attempts")


def test_terminal_of_no_size(tmp_path):
    """A terminal without a size gets the whole page."""
    terminal, inside = os.openpty()
    command = [Path(sys.executable).parent / "grade", "watch", "--course", SMALL_COURSE, "double"]
    environment = {**os.environ, "TERM": "xterm-256color"}
    ends = {"stdin": inside, "stdout": inside, "stderr": inside}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, start_new_session=True, **ends
    ) as process:
        os.close(inside)
        came = b""
        while b"q quit" not in came:
            came += os.read(terminal, 65536)  # fails where the command has ended
        os.write(terminal, b"q")
        with contextlib.suppress(OSError):
            while os.read(terminal, 65536):
                pass
    os.close(terminal)
    assert process.returncode == 0
    assert b"Write" in came
