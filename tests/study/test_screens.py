"""`grade exercise1` in real terminals of three sizes: what to fix is on the screen.

tests/report/terminal/test_one_screen.py has the twenty wrong submissions, and draws their sixty
pages without a terminal. Here all sixty are shown in terminals, with `--slow`.
"""

import pytest

from tests.grading import SMALL_COURSE
from tests.report.terminal.test_one_screen import LOOKUPS, SIZES, change_to
from tests.study.screen import needs_tmux, screen

pytestmark = [needs_tmux, pytest.mark.slow]


def lacking(page, name):
    """What a learner needs and does not find on the screen."""
    source, number, said = LOOKUPS[name]
    line = source.splitlines()[number - 1].strip()
    wanted = {
        "head": "exercise1  An embedding is a table",
        "points": "of 20 points",
        "place": f"exercise1.py line {number}",
        "line": line,
        "what happened": said,
        "next step": f"Next   {change_to(name)}, then `grade exercise1`",
        "hint": "Stuck  `grade hint exercise1`",
    }
    # A long sentence takes two lines.
    flat = " ".join(page.split())
    found = [what for what, text in wanted.items() if text not in page and text not in flat]
    if not page.startswith(wanted["head"]):
        found.append("first line")
    return found


@pytest.mark.parametrize(("columns", "rows"), SIZES, ids=str)
def test_first_thing_to_fix(columns, rows, tmp_path):
    """The command as typed, the points, the line, and the next step are on one screen."""
    folder = tmp_path / "work"
    folder.mkdir()
    with screen(folder, tmp_path / "tmux", columns, rows, GRADE_LEARNER="ada") as terminal:
        terminal.enter("clear; PS1='> '; clear; grade start; echo status $?")
        # The first sentence is still there, above the list.
        terminal.until("This folder is now your workspace", "grade watch", "status 0\n>")
        for number, name in enumerate(LOOKUPS):
            (folder / "exercise1.py").write_text(LOOKUPS[name][0])
            terminal.enter(f"clear; grade exercise1.py; echo status {number} $?")
            # With its number, the page before is not taken for this one.
            page = terminal.until(f"status {number} 1\n>")
            assert lacking(page, name) == [], page
        terminal.enter("clear; grade exercise1 --all --seed 3; echo status $?")
        terminal.until("status 1", "repeat with --seed 3")


def test_what_takes_long(tmp_path):
    """A slow submission is not mistaken for the import of PyTorch if an examiner is ready."""
    (tmp_path / "double.py").write_text("def double(x):\n    return x * 2\n")
    with screen(tmp_path, tmp_path / "tmux", GRADE_COURSE=str(SMALL_COURSE)) as terminal:
        terminal.enter("clear; grade double; echo status $?")
        terminal.until("status 1")
        slow = "import time\n\ntime.sleep(4)\n\n\ndef double(x): ...\n"
        (tmp_path / "double.py").write_text(slow)
        terminal.enter("clear; grade double")
        terminal.until("Grading … 1 s", without="PyTorch")
        terminal.until("Grading. Does a loop never end? Ctrl-C stops it … 3 s")
