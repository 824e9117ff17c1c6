"""``grader.Grader`` and ``grader.AsyncGrader`` as a program uses them."""

import asyncio
import contextlib
import inspect
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest

import grader
from grader.errors import UsageError
from tests.grading import SMALL_COURSE, is_dead, learner_process, until

GOOD = "import torch\n\ndef double(x):\n    return torch.mul(x, 2)\n"
WRONG = "def double(x):\n    return x * 3\n"
SLOW = "import time\ntime.sleep(0.3)\n" + GOOD
ENDLESS = "import time\ntime.sleep(60)\n"
PROGRAM = """
import sys, grader
grader = grader.Grader(workers=1, course=sys.argv[1])
assert grader.grade("double", sys.argv[2]).passed
print("ready", flush=True)
grader.grade("double", sys.argv[3])
"""


@pytest.fixture(scope="module")
def warm() -> Iterator[grader.Grader]:
    """Two warm examiners."""
    with grader.Grader(workers=2, course=SMALL_COURSE) as one:
        yield one


def children_of(pid: int) -> list[int]:
    """The processes that any thread of ``pid`` started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        # A thread of this process can end meanwhile.
        with contextlib.suppress(FileNotFoundError):
            found += map(int, (task / "children").read_text().split())
    return found


def test_one_grade(warm, tmp_path):
    """A text, bytes and a file get the same grade, which says what programs ask for."""
    file = tmp_path / "double.py"
    file.write_text(WRONG)
    for source in (WRONG, WRONG.encode(), file):
        grade = warm.grade("double", source)
        assert (grade.status, grade.passed, grade.reward) == ("graded", False, 1 / 5)
        assert grade.outcomes["value"] is grader.Outcome.FAILED
    assert warm.grade("double", GOOD).reward == 1
    assert warm.grade("sizes", "vector: (3,)\n").reward is not None


def test_what_cannot_run(warm, tmp_path):
    """A text that cannot be a submission is a zero with its reason."""
    grade = warm.grade("double", " \n")
    assert (grade.status, grade.reward) == ("graded", 0)
    assert "empty" in grade.checks[0].message
    assert warm.grade("double", "def \ud800(").reward == 0


def test_a_link_is_no_submission(warm, tmp_path):
    """A link could make any file that the program can read part of a grade, and costs no points."""
    link = tmp_path / "link.py"
    (tmp_path / "double.py").write_text(GOOD)
    link.symlink_to(tmp_path / "double.py")
    with pytest.raises(UsageError, match=r"is a link, .* pass `path.resolve\(\)`"):
        warm.grade("double", link)
    assert warm.grade("double", link.resolve()).reward == 1


@pytest.mark.parametrize(
    ("exercise", "source", "arguments", "said"),
    [
        ("nothing", GOOD, {}, "there is no exercise `nothing`"),
        ("double", "double.py", {}, "looks like the path of a file"),
        ("double", "~/my-work/double.py", {}, "looks like the path of a file"),
        ("double", GOOD, {"seed": True}, "seed=True: it must be a whole number"),
        ("double", GOOD, {"seeds": 0}, "seeds=0"),
        ("double", GOOD, {"seed": -1}, "seed=-1"),
        ("double", GOOD, {"seed": "1"}, "seed='1': it must be a whole number"),
        ("double", GOOD, {"seeds": 1.5}, "seeds=1.5: it must be a whole number"),
        (None, GOOD, {}, "exercise=None"),
        ("double", None, {}, "not of type NoneType"),
        ("double", Path("/missing/double.py"), {}, "/missing/double.py is no file"),
    ],
)
def test_wrong_usage(exercise, source, arguments, said, warm):
    """The error names what is wrong, for one submission and for many."""
    with pytest.raises(grader.GraderError, match=said):
        warm.grade(exercise, source, **arguments)
    with pytest.raises(grader.GraderError, match=said):
        list(warm.map(exercise, [source], **arguments))


def test_line_that_names_a_file(warm, tmp_path, monkeypatch):
    """A sentence or code that ends like a file name is graded, except if there is such a file."""
    monkeypatch.chdir(tmp_path)
    code = "double = lambda x: __import__('torch').mul(x, 2)  # double.py"
    sentence = "I would put it in double.py"
    assert [grade.reward for grade in warm.map("double", [code, sentence])] == [1, 0]
    (tmp_path / sentence).write_text(GOOD)
    with pytest.raises(grader.GraderError, match="looks like the path of a file"):
        warm.grade("double", sentence)


@pytest.mark.parametrize("sources", [GOOD, GOOD.encode()])
def test_one_submission_for_several(sources, warm):
    """One text is no iterable of submissions, although Python could iterate it."""
    for call in (warm.map, warm.as_completed):
        with pytest.raises(grader.GraderError, match="pass a list, or use `grade`"):
            next(call("double", sources))


@pytest.mark.parametrize(
    "arguments",
    [{"workers": 0}, {"workers": "2"}, {"timeout": 0}, {"timeout": "1"}, {"seed": 0.5}],
)
def test_wrong_arguments(arguments):
    """A grader cannot be made with these; the error names the argument and its value."""
    [(name, value)] = arguments.items()
    with pytest.raises(grader.GraderError, match=f"{name}={value!r}: it must be"):
        grader.Grader(**arguments)


def test_numbers_of_others(capfd):
    """Seeds can come from NumPy, and an infinite timeout is none."""
    with grader.Grader(workers=1, course=SMALL_COURSE, timeout=float("inf")) as warm:
        grade = warm.grade("double", GOOD, seed=np.int64(3), seeds=np.int32(1))
    assert (grade.seed, grade.passed) == (3, True)
    assert capfd.readouterr().err == ""


def test_names_of_the_package():
    """Tab completion offers every public name."""
    names = subprocess.run(
        [sys.executable, "-c", "import grader; print(*dir(grader))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(grader.__all__) <= set(names.stdout.split())


def test_arguments_of_the_async_grader():
    """Type checkers know its arguments, which are those of `Grader`; a wrong one is an error."""
    typed = get_type_hints(grader.AsyncGrader.__init__)["arguments"]
    [arguments] = get_args(typed)
    parameters = inspect.signature(grader.Grader).parameters.values()
    assert get_type_hints(arguments) == {each.name: each.annotation for each in parameters}
    with pytest.raises(TypeError, match="wrkers"):
        grader.AsyncGrader(wrkers=2)


def test_many(warm):
    """Grades come in the order of the sources, which may be endless, or as they are ready."""
    endless = itertools.cycle([SLOW, WRONG])
    rewards = [grade.reward for grade in itertools.islice(warm.map("double", endless), 6)]
    assert rewards == [1, 1 / 5] * 3
    found = dict(warm.as_completed("double", [SLOW, WRONG, WRONG]))
    assert [found[number].passed for number in range(3)] == [True, False, False]

    # Whoever stops reading ends what is still graded.
    first = warm.as_completed("double", [ENDLESS, GOOD])
    number, grade = next(first)
    assert (number, grade.passed) == (1, True)
    first.close()
    assert warm.grade("double", GOOD).passed


def test_threads(warm):
    """Several threads can use one grader, and each gets the grades of its own sources."""
    found: dict[str, list[float | None]] = {}

    def use(source: str) -> None:
        found[source] = [grade.reward for grade in warm.map("double", [source] * 8)]

    threads = [threading.Thread(target=use, args=(source,)) for source in (GOOD, WRONG)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {GOOD: [1] * 8, WRONG: [1 / 5] * 8}


def test_worst_of_several_seeds(warm):
    """With several seeds the worst grade counts; one seed gives one grade."""
    lucky = GOOD.replace("2)", "random.choice([2, 2, 2, 3]))").replace("torch", "random, torch", 1)
    single = [warm.grade("double", lucky, seed=seed).points for seed in range(10, 16)]
    assert min(single) < max(single)
    worst = warm.grade("double", lucky, seed=10, seeds=6)
    assert worst.points == min(single)
    assert worst.seed in range(10, 16)


def test_killed_examiner(warm):
    """The grade of a submission whose examiner is killed is not lost."""
    source = SLOW.replace("0.3", "0.8")
    grades: list[grader.Grade] = []
    thread = threading.Thread(target=lambda: grades.append(warm.grade("double", source)))
    thread.start()
    time.sleep(0.4)
    killed = examiners()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    thread.join()
    assert killed
    assert grades[0].passed


def test_examiner_killed_while_it_starts():
    """An examiner that is killed before it is ready is started again, and no grade is lost."""
    others = examiners()
    with grader.Grader(workers=1, course=SMALL_COURSE) as warm:
        future = warm.submit("double", GOOD)
        until(lambda: examiners() > others)
        # It needs more than a second to import PyTorch.
        [starting] = examiners() - others
        os.kill(starting, signal.SIGKILL)
        assert future.result().passed


def examiners() -> set[int]:
    """The examiners that this process has started."""
    children = children_of(os.getpid())
    return {pid for pid in children if not is_dead(pid) and "grader.examiner" in command_of(pid)}


def command_of(pid: int) -> str:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def test_forked_process(warm):
    """A fork of the program gets a clear error instead of an answer for somebody else."""
    assert warm.grade("double", GOOD).passed
    child = os.fork()
    if child == 0:
        status = 1
        try:
            warm.grade("double", GOOD)
        except grader.GraderError as error:
            status = 0 if "make a `Grader` in each process" in str(error) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert warm.grade("double", GOOD).passed


@pytest.mark.slow
def test_timeout_and_close():
    """A submission without a grade in time is not graded; after the end nothing is."""
    with grader.Grader(workers=1, course=SMALL_COURSE, timeout=0.4) as brief:
        grade = brief.grade("double", ENDLESS)
        assert (grade.status, grade.reward) == ("ungraded", None)
        assert grade.checks[0].message == "no grade within 0.4 s"
        assert brief.grade("double", GOOD).passed
        future = brief.submit("double", SLOW)
    with pytest.raises(grader.GraderError, match="this grader is closed"):
        future.result()
    with pytest.raises(grader.GraderError, match="this grader is closed"):
        brief.grade("double", GOOD)


def test_killed_program(tmp_path):
    """The examiners end at once with a program that is killed, and leave no file."""
    command = [sys.executable, "-c", PROGRAM, str(SMALL_COURSE), GOOD, ENDLESS]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        left = children_of(program.pid)
        # Until the submission that never ends is graded.
        [examiner] = left
        until(lambda: learner_process(examiner) is not None)
        program.kill()
    # Without the program, the time limit of the submission would end it after 5 seconds.
    until(lambda: all(map(is_dead, left)), 3)
    assert list(tmp_path.iterdir()) == []


FAILING = """
import sys, grader
grader = grader.Grader(workers=2, course=sys.argv[1])
futures = [grader.submit("double", sys.argv[2]) for _ in range(8)]
while not futures[0].running():
    pass
raise ValueError("the end of the program")
"""


def test_program_that_fails():
    """A program that fails while submissions are graded ends, and waits for none of them."""
    command = [sys.executable, "-c", FAILING, str(SMALL_COURSE), ENDLESS]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    # Their time limits would end them after 40 seconds.
    assert time.monotonic() - began < 20
    assert done.stderr.splitlines()[-1] == "ValueError: the end of the program"


def test_asyncio():
    """One grader serves several event loops, each with grades in the order of the sources.

    A canceled task frees its examiner at once.
    """
    with_loops = grader.AsyncGrader(workers=1, course=SMALL_COURSE)
    # More than may wait at once.
    sources = [GOOD, WRONG] * 6
    for _ in range(2):
        grades = asyncio.run(with_loops.gather("double", sources))
        assert [grade.passed for grade in grades] == [True, False] * 6

    async def use() -> None:
        async with with_loops as warm:
            with pytest.raises(grader.GraderError, match="there is no exercise"):
                await warm.gather("nothing", [GOOD] * 3)
            tasks = [asyncio.create_task(warm.grade("double", ENDLESS)) for _ in range(2)]
            await asyncio.sleep(0.3)
            for task in tasks:
                task.cancel()
            began = time.monotonic()
            found = [pair async for pair in warm.as_completed("double", [GOOD, WRONG])]
            assert {number: grade.passed for number, grade in found} == {0: True, 1: False}
            # The submissions that were given up would sleep for longer.
            assert time.monotonic() - began < 10
            assert all(task.cancelled() for task in tasks)

            endless = itertools.count()
            pairs = warm.as_completed("double", (GOOD for _ in endless))
            assert (await anext(pairs))[1].passed
            await pairs.aclose()
            # It has read only a little ahead.
            assert next(endless) < 20

    asyncio.run(use())
