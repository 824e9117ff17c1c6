"""`grade exercise1` in real terminals of three sizes: what to fix is on the screen.

tests/report/terminal/test_one_screen.py draws sixty such pages without a terminal.
"""

import pytest

from tests.study.screen import needs_tmux, screen

pytestmark = needs_tmux
HEAD = "import torch\n\n\ndef lookup(weight, idx):\n"


@pytest.mark.parametrize(
    ("columns", "rows"), [(60, 20), pytest.param(80, 24, marks=pytest.mark.slow), (120, 40)]
)
def test_first_thing_to_fix(columns, rows, tmp_path):
    """The command as typed, the points, the line, and the next step are on one screen."""
    folder = tmp_path / "work"
    folder.mkdir()
    sources = {
        "    return weight[idx.view(-1)]": "loses the shape",
        "    return weight[idx.view(-1)": "never closed",
    }
    with screen(folder, tmp_path / "tmux", columns, rows, GRADE_LEARNER="ada") as terminal:
        terminal.enter("clear; grade start > /dev/null; PS1='> '; clear")
        for source, said in sources.items():
            (folder / "exercise1.py").write_text(f"{HEAD}{source}\n")
            terminal.enter("clear; grade exercise1.py; echo status $?")
            page = terminal.until("status 1\n>", "--all --seed", said)
            assert page.startswith("exercise1  An embedding is a table")
            assert "exercise1.py line 5" in page and source.strip() in page
            assert "Next   change line 5, then `grade exercise1`" in page
            assert "Stuck  `grade hint exercise1`" in page
        terminal.enter("clear; grade exercise1 --all --seed 3; echo status $?")
        terminal.until("Before any check could run", "repeat with --seed 3")
