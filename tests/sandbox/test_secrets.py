"""A learner process can't find the checks, the solutions or the environment of the grader."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from grader.course.loading import load_exercise
from grader.course.records import Exercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE, descendants, is_dead, learner_process, until

# Waits in its own code, with a text that the search must find.
WAITS = b"HERE = 'MARKER-IN-SUBMISSION'\nimport time\ntime.sleep(50)\n"


def found(process: int, *texts: str) -> list[int]:
    """Count each of ``texts`` in the whole memory of a process, from outside."""
    hits = dict.fromkeys(texts, 0)
    with open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            if " r" not in line or "[v" in line:
                continue
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            with contextlib.suppress(OSError, OverflowError):
                memory.seek(start)
                position, tail = start, b""
                while position < end and (block := memory.read(min(1 << 22, end - position))):
                    window = tail + block
                    for text in texts:
                        hits[text] += window.count(text.encode())
                    tail, position = block[-64:], position + len(block)
    return list(hits.values())


@contextlib.contextmanager
def waiting(examiner: Examiner) -> Iterator[int]:
    """Grade a submission that waits; yield its process once the submission runs, then end it.

    The search finds a text of the submission, so it would find another one too.
    """
    request = Examine(_patient(), Submission("double.py", WAITS), "ada", 1)
    with ThreadPoolExecutor(1) as thread:
        grading = thread.submit(examiner.grade, request)
        until(lambda: learner_process(examiner.pid))
        process = learner_process(examiner.pid)
        assert process is not None
        try:
            until(lambda: found(process, "MARKER-IN-SUBMISSION")[0] > 0)
            yield process
        finally:
            # It is loaded once more, for its definitions.
            while not grading.done():
                if process := learner_process(examiner.pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                time.sleep(0.02)


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    """Yield an examiner that has read checks and solutions before it forks later processes.

    Its caller has a secret in the environment.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_OF_THE_TEACHER", "hunter2")
        running = Examiner()
    with running:
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


def test_memory_contains_no_secret(examiner):
    """The memory of a learner process contains nothing of checks.py, solution.py or wrong/*.py.

    Nor does it contain a variable of the caller, not even in its original environment.
    """
    course = ("MARKER-IN-CHECKS", "MARKER-IN-SOLUTION", "MARKER-IN-WRONG", "test_untouched")
    caller = ("SECRET_OF_THE_TEACHER", "hunter2")
    with waiting(examiner) as process:
        assert found(process, *course, *caller) == [0] * 6
        assert b"SECRET_OF" not in Path(f"/proc/{process}/environ").read_bytes()


def test_environment_is_emptied(run):
    """A learner process has only variables that the grader sets."""
    names = "['HOME', 'LANG', 'MPLBACKEND', 'PATH', 'TMPDIR', 'USER']"
    assert run("import os\nprint(sorted(os.environ))").splitlines() == [names]


def test_proc_tells_nothing_of_the_host(run):
    """A learner process reads no mount table, and only its own folder of a process can exist."""
    source = """
import os
for path in ("self/mountinfo", "self/mounts", "mounts", "self/maps", "1/cmdline", "self/environ"):
    try:
        print(len(open(f"/proc/{path}").read()))
    except OSError:
        continue
print("cpu" in open("/proc/cpuinfo").read(), "MemTotal" in open("/proc/meminfo").read())
"""
    assert run(source).strip() == "True True"


def test_open_descriptors(run):
    """A learner process has only its standard streams and two pipes open."""
    source = """
import os
found = []
for number in range(1000):
    try:
        os.fstat(number)
        found.append(number)
    except OSError:
        continue
print(found)
"""
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


def test_everything_ends_with_the_examiner(examiner):
    """If the examiner is killed, its fork server and the learner process end too."""
    # The last test here, because the examiner is gone then.
    source = b"import time\ntime.sleep(60)\n"
    examiner.request(
        Examine(load_exercise(SMALL_COURSE, "double"), Submission("double.py", source), "ada", 1)
    )
    until(lambda: learner_process(examiner.pid))
    started = descendants(examiner.pid)
    examiner.close()
    until(lambda: all(map(is_dead, started)))
