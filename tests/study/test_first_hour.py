"""docs/first-hour.md, typed in an empty folder at a real terminal: the output is as it says."""

import re
from functools import partial
from pathlib import Path

from grader.grades.isolation import NO_SANDBOX
from tests.study.screen import Screen, needs_tmux, screen

PAGE = Path(__file__).parents[2] / "docs" / "first-hour.md"
STEP = re.compile(r"<!-- save: (\S+) -->\n```python\n(.*?)```|```console\n(.*?)```", re.DOTALL)
PROMPT = re.compile(
    r"^(Your answer.*?:|Another answer, or Enter to continue:) ?(.*)$", re.MULTILINE
)
pytestmark = needs_tmux


def normal(text: str) -> str:
    """A screen without seeds, times and trailing blanks, which differ from run to run.

    The page shows what Linux prints, without the notice of systems that have no sandbox.
    """
    text = text.replace(f"{NO_SANDBOX}\n", "")
    text = re.sub(r" +repeat with --seed \d+", "  repeat with --seed N", text)
    text = re.sub(r"--seed \d+`", "--seed N`", text)
    text = re.sub(r"^\d\d:\d\d:\d\d", "12:00:00", text, flags=re.MULTILINE)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def pattern(shown: str) -> str:
    """The pattern of a screen that matches ``shown``; a line of … matches any lines."""
    lines = normal(shown).splitlines()
    return "".join(
        r"(?:.*\n)*" if line.strip() == "…" else f"{re.escape(line)}\n" for line in lines
    )


def asks(number: int, text: str) -> bool:
    """Whether the screen asks for the answer of this number."""
    asked = PROMPT.findall(text)
    return len(asked) == number and text.rstrip().endswith(asked[-1][0])


def is_over(command: str, text: str) -> bool:
    """Whether a command has ended and the shell waits for another."""
    return f"ready> {command}" in text and text.rstrip().endswith("\nready>")


def is_graded(_: str, text: str) -> bool:
    """Whether `grade watch` shows a grade."""
    return "points" in text and text.rstrip().endswith("q quit") and "Write your code" not in text


def carry_out(terminal: Screen, block: str) -> None:
    """Type the command and the answers of a block, and compare the screen."""
    command, _, shown = block.removeprefix("$ ").partition("\n")
    terminal.enter("clear")
    terminal.when(lambda text: text.strip() == "ready>", "an empty screen")
    terminal.enter(command)
    for number, (_, typed) in enumerate(PROMPT.findall(shown), 1):
        terminal.when(partial(asks, number), "the next question")
        terminal.enter(typed)
    watches = command.startswith("grade watch")
    seen = normal(terminal.when(partial(is_graded if watches else is_over, command), "the end"))
    seen = seen.removeprefix(f"ready> {command}").removesuffix("ready>").strip()
    assert re.fullmatch(pattern(shown), f"{seen}\n"), (
        f"`{command}` shows\n{seen}\n\nand not\n\n{shown}"
    )
    if watches:
        terminal.press("q")
        terminal.until("ready>")


def test_first_hour(tmp_path):
    """Each command of the page, in this order, prints what the page says."""
    folder = tmp_path / "work"
    folder.mkdir()
    text = PAGE.read_text()
    assert len(STEP.findall(text)) > 10
    with screen(folder, tmp_path / "tmux", rows=120, GRADE_LEARNER="ada") as terminal:
        for file, source, block in STEP.findall(text):
            if block:
                carry_out(terminal, block)
            else:
                (folder / file).write_text(source)
