"""Follow the guide for authors: write its files, run its commands, compare their output."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from grader.examiner.pool import ExaminerPool
from tests.grading import invoke_grade, lent_to_commands, run_grade

PAGE = Path(__file__).parents[2] / "docs" / "writing-exercises.md"
# Fences stand at the left edge; those inside a file that is shown are indented.
BLOCK = re.compile(
    r"^<!-- (file|add|run)(?:: (\S+))? -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
BLOCKS = BLOCK.findall(PAGE.read_text())


def commands(console: str) -> list[tuple[str, str]]:
    """Each command of a console block with the output shown below it."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)


SHOWN = [command for kind, _, text in BLOCKS if kind == "run" for command in commands(text)]


def run(command: str, folder: Path, pool: ExaminerPool) -> tuple[int, str]:
    """Exit code and output of a command of the page; authors' commands run in this process."""
    program, *words = shlex.split(command)
    if program == "grade" and words[0] == "new":
        invoked = invoke_grade(*words, folder=folder)
        return invoked.exit_code, invoked.output
    if program == "grade" and words[0] == "verify":
        # The page changes the checks, and a warm examiner imports a file only once.
        with TemporaryDirectory() as copy, lent_to_commands(pool):
            course = shutil.copytree(folder, Path(copy, "course"))
            invoked = invoke_grade(*words, folder=course, COLUMNS="80")
        return invoked.exit_code, invoked.output
    if program == "grade":
        result = run_grade(*words, folder=folder, COLUMNS="80")
    else:
        result = subprocess.run(
            [program, *words], cwd=folder, capture_output=True, text=True, check=True
        )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture(scope="module")
def followed(tmp_path_factory, pool) -> list[tuple[int, str]]:
    """Exit code and output of each command, run in the order of the page in an empty folder."""
    folder, given = tmp_path_factory.mktemp("course"), []
    for kind, name, text in BLOCKS:
        if kind == "run":
            given += [run(command, folder, pool) for command, _ in commands(text)]
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text() if kind == "add" else ""
        path.write_text(before + text)
    return given


def test_every_block_is_followed():
    """Every block of the page is marked as a file, an addition or commands."""
    assert len(re.findall(r"^```", PAGE.read_text(), re.MULTILINE)) == 2 * len(BLOCKS)


@pytest.mark.parametrize(
    "number", range(len(SHOWN)), ids=lambda number: f"{number}-{SHOWN[number][0]}"
)
def test_output_is_real(number, followed):
    """The page shows what its command prints; … stands for lines or a part of a line."""
    shown = re.escape(SHOWN[number][1])
    pattern = re.sub("^…\n", "(?:.*\n)*", shown.replace("\\\n", "\n"), flags=re.MULTILINE).replace(
        "…", ".*"
    )
    printed = followed[number][1]
    assert re.fullmatch(pattern, printed), printed


def test_finished_course_is_proven(followed):
    """Each verification finds something left to do, until the last one proves the course."""
    codes = [
        code
        for (command, _), (code, _) in zip(SHOWN, followed, strict=True)
        if "verify" in command.split()
    ]
    assert codes == [1] * (len(codes) - 1) + [0]
    assert SHOWN[-2][0] == "grade verify --course ."
