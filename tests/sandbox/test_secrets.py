"""A learner process can't find the checks, the solutions or the environment of the grader."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from grader.course.loading import load_exercise
from grader.course.records import Exercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, descendants, is_dead, learner_process, until

# Searches its own memory for texts. Each character of a text is shifted by one, and so is
# each block of memory before the search. So the search finds neither its own texts nor blocks.
SCAN = """
UP = bytes((n + 1) % 256 for n in range(256))

def found(*moved):
    hits = dict.fromkeys(moved, 0)
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in open("/proc/self/maps"):
            if " r" not in line or "[v" in line:
                continue
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            try:
                memory.seek(start)
                position, tail = start, b""
                while position < end:
                    block = memory.read(min(1 << 22, end - position))
                    if not block:
                        break
                    window = (tail + block).translate(UP)
                    for text in moved:
                        hits[text] += window.count(text.encode())
                    tail, position = block[-64:], position + len(block)
                    del window
            except (OSError, OverflowError):
                continue
    return list(hits.values())
"""


def moved(text: str) -> str:
    """Return ``text`` with each character shifted by one."""
    return "".join(chr(ord(character) + 1) for character in text)


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    """Yield an examiner that has read checks and solutions before it forks later processes."""
    with Examiner() as running:
        running.grade(
            Examine(_patient(), Submission("double.py", b"def double(x): return x * 3"), "ada", 1)
        )
        yield running


@pytest.fixture
def run(examiner):
    """Return a function that grades a submission and returns what it printed."""

    def printed(source: str) -> str:
        submission = Submission("double.py", (source + "\ndef double(x): return x * 2\n").encode())
        grade = examiner.grade(Examine(_patient(), submission, "ada", 1))
        assert grade.checks[0].outcome.value == "passed", grade.checks[0]
        return grade.stdout

    return printed


def _patient() -> Exercise:
    """Return the exercise ``double`` with enough time to search the whole memory."""
    exercise = load_exercise(SMALL_COURSE, "double")
    limits = msgspec.structs.replace(
        exercise.spec.limits, seconds=60.0, load_seconds=60.0, total_seconds=60.0
    )
    return msgspec.structs.replace(
        exercise, spec=msgspec.structs.replace(exercise.spec, limits=limits)
    )


def test_memory_contains_no_check_and_no_solution(run):
    """The memory of a learner process contains nothing of checks.py, solution.py or wrong/*.py."""
    markers = ("MARKER-IN-CHECKS", "MARKER-IN-SOLUTION", "MARKER-IN-WRONG", "test_untouched")
    source = SCAN + f"print(found(*{[moved(marker) for marker in markers]}))\n"
    assert run(source).strip() == "[0, 0, 0, 0]"


def test_memory_search_finds_what_is_there(run):
    """The search of the test above finds a text that is in the process."""
    source = (
        SCAN
        + f"here = 'MARKER-IN-SUBMISSION'\nprint(found({moved('MARKER-IN-SUBMISSION')!r})[0] > 0)\n"
    )
    assert run(source).strip() == "True"


def test_environment_is_emptied(monkeypatch):
    """A learner process has no variable of the caller, not even in its original environment."""
    monkeypatch.setenv("SECRET_OF_THE_TEACHER", "hunter2")
    source = (
        "import os\nprint(sorted(os.environ))\n"
        "print('SECRET_OF' in open('/proc/self/environ', errors='replace').read())\n"
    )
    with Examiner() as examiner:
        grade = examiner.grade(
            Examine(_patient(), Submission("double.py", source.encode()), "ada", 1)
        )
    names = "['HOME', 'LANG', 'MPLBACKEND', 'PATH', 'TMPDIR']"
    assert grade.stdout.splitlines() == [names, "False"]


def test_open_descriptors(run):
    """A learner process has only its standard streams and two pipes open."""
    source = (
        "import os\nprint([fd for fd in range(1000) if os.path.exists(f'/proc/self/fd/{fd}')])\n"
    )
    assert run(source).strip() == "[0, 1, 2, 3, 4]"


def test_modules_of_the_examiner_are_not_imported(run):
    """A learner process has imported neither pytest nor the examiner."""
    source = (
        "import sys\n"
        "starts = ('_pytest', 'pytest', 'grader.')\n"
        "print([name for name in sys.modules if name.startswith(starts)])\n"
    )
    assert "pytest" not in (names := run(source))
    assert "grader.examiner.grading" not in names
    assert "grader.course.records" not in names


def test_folder_is_empty_and_is_removed(run):
    """Its folder contains only its own file, and is removed with all content, however deep."""
    source = (
        "import os\n"
        "print(os.listdir('.'), os.getcwd())\n"
        "for _ in range(1500):\n"
        "    os.mkdir('d'); os.chdir('d')\n"
    )
    listing, folder = run(source).split("] ")
    assert listing == "['double.py'"
    assert not Path(folder.strip()).exists()


def test_no_process_is_left(examiner):
    """After grading, no process is left, even if one left its session and its parent."""
    source = (
        "import os, time\n"
        "def double(x):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(60)\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
        "    return x * 2\n"
    )
    before = descendants(examiner.pid)
    grade = examiner.grade(
        Examine(
            load_exercise(SMALL_COURSE, "workers"), Submission("w.py", source.encode()), "ada", 1
        )
    )
    assert grade.passed, grade.checks
    assert descendants(examiner.pid) == before


def test_everything_ends_with_the_examiner():
    """If the examiner is killed, its fork server and the learner process end too."""
    examiner = Examiner()
    source = b"import time\ntime.sleep(60)\n"
    examiner.request(
        Examine(load_exercise(SMALL_COURSE, "double"), Submission("double.py", source), "ada", 1)
    )
    until(lambda: learner_process(examiner.pid))
    started = descendants(examiner.pid)
    examiner.close()
    until(lambda: all(map(is_dead, started)))
