"""Grading through a real examiner, fork server and learner processes."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from grader.course.loading import load_exercise, wrong_solutions
from grader.errors import CourseError, ExaminerLostError
from grader.examiner.client import Examiner
from grader.examiner.protocol import FIRST_FAILURE, Examine
from grader.grades.grade import Grade, Outcome
from grader.submission.files import Submission, read_submission
from tests.grading import (
    SMALL_COURSE,
    descendants,
    grade_file,
    grade_source,
    is_dead,
    outcomes,
    until,
)

ALL = ("value", "gradient", "untouched", "refuses")
GOOD = "def double(x):\n    if isinstance(x, str): raise TypeError\n    return x * 2\n"


def grade_in_a_second(
    examiner: Examiner,
    source: str,
    folder: Path,
    total_seconds: float = 0.5,
    *,
    own: bool = False,
    load_seconds: float = 0.15,
) -> Grade:
    """Grade ``source`` for ``double`` with short time limits, to wait less for a timeout."""
    exercise = load_exercise(SMALL_COURSE, "double")
    limits = msgspec.structs.replace(
        exercise.code.limits, seconds=0.2, load_seconds=load_seconds, total_seconds=total_seconds
    )
    spec = msgspec.structs.replace(exercise.code, limits=limits)
    (folder / "right.py").write_text(source)
    submission = read_submission(exercise, folder / "right.py")
    limited = msgspec.structs.replace(exercise, spec=spec)
    return examiner.grade(Examine(limited, submission, "ada", 1, own=own))


def body(*lines: str, first: str = "") -> str:
    """A submission whose ``double`` has these lines."""
    return first + "\ndef double(x):\n" + "".join(f"    {line}\n" for line in lines)


# name: (source, outcome of the check `value`, part of its message)
SUBMISSIONS = {
    "right": (GOOD, "passed", ""),
    "wrong value": (
        body("return x * 3"),
        "failed",
        "Your result is 3 at [1]; expected 2 (2 of 3 elements differ).",
    ),
    "wrong dtype": (
        body("return (x * 2).double()"),
        "failed",
        "Your result has dtype float64; expected float32.",
    ),
    "wrong shape": (
        body("return (x * 2)[None]"),
        "failed",
        "Your result has shape (1, 3); expected (3,).",
    ),
    "broadcastable": (body("return x[:1] * 2"), "failed", "has shape (1,)"),
    "nan": (body("return x * float('nan')"), "failed", "is nan at"),
    "no return": (
        body("x * 2"),
        "failed",
        "Your result is None; expected a tensor. Is a `return` missing?",
    ),
    "a list": (body("return (x * 2).tolist()"), "failed", "Your result is a list"),
    "a generator": (body("return (v for v in x)"), "failed", "Your result is a generator"),
    "a recursive list": (
        body("a = []", "a.append(a)", "return a"),
        "failed",
        "Your result is a list",
    ),
    "a module": (body("return torch.nn.Identity()", first="import torch"), "failed", "Identity"),
    "a tensor subclass": (
        (
            "import torch\nclass T(torch.Tensor): ...\n"
            "def double(x):\n    return (x * 2).as_subclass(T)\n"
        ),
        "failed",
        "Your result is a double.T; expected a tensor.",
    ),
    "a lying class": (
        (
            "import torch\nclass Liar:\n    __class__ = torch.Tensor\n"
            "    def __eq__(self, other): return True\n"
            "def double(x):\n    return Liar()\n"
        ),
        "failed",
        "Your result is a double.Liar; expected a tensor.",
    ),
    "sparse": (body("return (x * 2).to_sparse()"), "failed", "sparse_coo"),
    "meta": (body("return (x * 2).to('meta')"), "failed", "a meta tensor"),
    "quantised": (
        body("return torch.quantize_per_tensor(x, 1.0, 0, torch.qint8)", first="import torch"),
        "failed",
        "qint8",
    ),
    "an absurd view": (
        body("return x[:1, None].expand(1 << 20, 1 << 20)"),
        "failed",
        "too large to send",
    ),
    "a view from behind": (body("return (x.flip(0) * 2).flip(0)"), "passed", ""),
    "raises": (body("return x + y"), "raised", "NameError: name 'y' is not defined"),
    "raises at import": ("1 / 0\n", "raised", "ZeroDivisionError: division by zero"),
    "keyboard interrupt": (body("raise KeyboardInterrupt"), "raised", "KeyboardInterrupt"),
    "an exception that cannot be shown": (
        "class E(Exception):\n    def __str__(self): raise ValueError\n" + body("raise E"),
        "raised",
        "E: (its message cannot be shown",
    ),
    "a module that is not there": (
        body("return nothing_like_it.twice(x)", first="import nothing_like_it"),
        "raised",
        (
            "The package `nothing_like_it` is not available here.\n"
            "You can import the standard library, PyTorch, NumPy, and .py"
        ),
    ),
    "a misspelled module": (
        body("return trch.add(x, x)", first="import trch"),
        "raised",
        "The package `trch` is not available here.\nDid you mean `torch`? You can import the",
    ),
    "a block of a module that is not there": (
        body("with nothing_like_it.run: return x * 2", first="import nothing_like_it"),
        "raised",
        "The package `nothing_like_it` is not available here.",
    ),
    "recursion": (body("return double(x)"), "raised", "RecursionError"),
    "syntax error": ("def double(x)\n    return x * 2\n", "raised", "SyntaxError: expected ':'"),
    "missing entry": (
        "def twice(x): return x * 2\n",
        "raised",
        "right.py does not define `double(x) -> Tensor`.",
    ),
    "misspelt entry": (
        "class Double: pass\ndef duble(x): return x * 2\n",
        "raised",
        "right.py does not define `double(x) -> Tensor`. It defines `duble`; did you mean that?",
    ),
    "entry is a class": (
        "class double:\n    def __init__(self): ...\n",
        "raised",
        "`double` must accept (x); yours is a class, where a function is asked for.",
    ),
    "entry is no function": ("double = 2\n", "raised", "`double` is not a function"),
    "wrong signature": (
        "def double(x, y): return x\n",
        "raised",
        "`double` must accept (x); yours is `double(x, y)`.",
    ),
    "endless loop": (
        body("while True: pass"),
        "timeout",
        "No answer within 0.2 s of CPU time. Is there a loop",
    ),
    "sleeps": (
        body("time.sleep(60)", first="import time"),
        "timeout",
        "No answer within 1 s. Does your code sleep, or wait for something?",
    ),
    "endless loop at import": (
        "while True: pass\n",
        "timeout",
        "Your file took longer than 0.15 s to load. Code at the top level runs on import; move it",
    ),
    "sleeps at import": (
        "import time\ntime.sleep(60)\n",
        "timeout",
        "Your file took longer than 0.75 s to load.",
    ),
    "stops itself": (
        body("os.kill(os.getpid(), signal.SIGSTOP)", first="import os, signal"),
        "timeout",
        "No answer",
    ),
    "ignores signals": (
        body(
            "while True: pass",
            first="import signal\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)",
        ),
        "timeout",
        "No answer",
    ),
    "too much memory": (
        body("return bytearray(1 << 30)"),
        "memory",
        "more memory than the 256 MiB allowed",
    ),
    "too much memory in torch": (
        body("return torch.ones(1 << 30)", first="import torch"),
        "memory",
        "more memory than the 256 MiB",
    ),
    "exits": (body("os._exit(0)", first="import os"), "crashed", "exit status 0"),
    "asks to exit": (
        body("sys.exit('done')", first="import sys"),
        "crashed",
        "called exit (SystemExit: done)",
    ),
    "segmentation fault": (
        body("ctypes.string_at(0)", first="import ctypes"),
        "crashed",
        "SIGSEGV",
    ),
    "kills itself": (body("os.kill(os.getpid(), 9)", first="import os"), "crashed", "SIGKILL"),
    "starts a process": (
        body(
            "if os.fork() == 0:",
            "    os.setsid(); time.sleep(60)",
            "os._exit(3)",
            first="import os, time",
        ),
        "raised",
        "Your code can use its own folder",
    ),
    "closes the pipe": (
        body("os.closerange(3, 10)", "time.sleep(60)", first="import os, time"),
        "crashed",
        "closed the connection",
    ),
    "writes garbage to the pipe": (
        body("os.write(4, b'\\0\\0\\0\\x05hello')", "return x", first="import os"),
        "crashed",
        "invalid reply",
    ),
    "announces an endless reply": (
        body("os.write(4, b'\\xff' * 8)", "return x", first="import os"),
        "crashed",
        "invalid reply",
    ),
    "replies by halves": (
        body("os.write(4, b'\\0')", "import time; time.sleep(60)", first="import os"),
        "timeout",
        "No answer",
    ),
    "forbidden by name": (
        body("return torch.nn.Linear(1, 1)(x)", first="import torch"),
        "forbidden",
        "`torch.nn.Linear`",
    ),
    "forbidden by alias": (
        body("return F.linear(x, x)", first="from torch.nn import functional as F"),
        "forbidden",
        "functional.linear`",
    ),
    "forbidden by getattr": (
        body("return getattr(torch.nn, 'Lin' + 'ear')(1, 1)(x)", first="import torch"),
        "forbidden",
        "`torch.nn.Linear` is not allowed",
    ),
    "forbidden by operator": (
        body("return torch.ops.aten.add.Tensor(x, x)", first="import torch"),
        "forbidden",
        "`aten::add.Tensor`",
    ),
    "forbidden and caught": (
        body(
            "try: torch.ops.aten.add(x, x)",
            "except BaseException: pass",
            "return x * 2",
            first="import torch",
        ),
        "forbidden",
        "`aten::add.Tensor`",
    ),
}


LONG = ("sleeps", "sleeps at import", "stops itself", "closes the pipe")
"""Several of these wait for a limit, each in another way; one of them is enough."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in SUBMISSIONS],
)
def test_outcome(name, examiner, tmp_path):
    """Each submission ends with the outcome and message that describe it."""
    source, outcome, message = SUBMISSIONS[name]
    if outcome == "timeout":
        grade = grade_in_a_second(examiner, source, tmp_path)
    else:
        grade = grade_source(examiner, source, tmp_path, name="right.py")
    assert grade.status == "graded"
    assert (grade.checks[0].outcome.value, message in grade.checks[0].message) == (outcome, True), (
        grade.checks[0]
    )
    assert outcome == "passed" or not grade.passed
    assert grade_source(examiner, GOOD, tmp_path).passed, (
        "the next submission is graded as if alone"
    )


def test_every_outcome_is_met():
    """The table above has every outcome except those on our side, which are tested below."""
    met = {outcome for _, outcome, _ in SUBMISSIONS.values()}
    assert met == {outcome.value for outcome in Outcome} - {"skipped", "ungraded"}


def test_total_time_is_bounded(examiner, tmp_path):
    """A submission that is slow in every check ends within its total time."""
    loop = "    end = process_time() + 0.02\n    while process_time() < end: pass\n    return"
    slow = "from time import process_time\n" + GOOD.replace("    return", loop)
    grade = grade_in_a_second(examiner, slow, tmp_path, total_seconds=0.15)
    used_up, *not_run = [check.message for check in grade.checks if check.message]
    assert used_up == "The 0.15 s for the whole submission are used up."
    assert set(not_run) == {"Not run: other checks used up the time for the whole submission."}
    assert grade_in_a_second(examiner, slow, tmp_path, total_seconds=2).passed


def test_two_overruns_end_the_checks(examiner, tmp_path):
    """After two checks that run out of time, the others are not run and say why."""
    grade = grade_in_a_second(examiner, body("while True: pass"), tmp_path, total_seconds=2)
    assert set(outcomes(grade).values()) == {"timeout"}
    loop = "No answer within 0.2 s of CPU time. Is there a loop that never ends?"
    not_run = "Not run: other checks took too long."
    assert [check.message for check in grade.checks] == [loop, loop, not_run, not_run]


def test_unloadable_submission_is_loaded_once(examiner, tmp_path):
    """If a file hangs while it is loaded, all checks say so, and no check loads it again."""
    grade = grade_in_a_second(examiner, "while True: pass\n", tmp_path, total_seconds=5)
    assert len({check.message for check in grade.checks}) == 1
    # Only the first check waits for it.
    _, *later = grade.checks
    assert sum(check.seconds for check in later) < 0.15


def test_loading_and_sleeping_are_not_the_time_of_a_check(examiner, tmp_path):
    """A file may take longer to load than a check may take, and its code may sleep even longer."""
    slow = GOOD.replace("    return", "    time.sleep(0.1)\n    return")
    assert grade_in_a_second(examiner, f"import time\ntime.sleep(0.25)\n{slow}", tmp_path).passed


# As on a busy machine, this uses a ninth of the time.
SLOWED = """
import time
while True:
    end = time.process_time() + 0.01
    while time.process_time() < end: pass
    time.sleep(0.08)
"""


@pytest.mark.parametrize("source", [SLOWED, "while True: pass"], ids=["slowed", "loop"])
def test_overrun_is_tried_again_alone(source, examiner, tmp_path):
    """A submission that runs out of time waits for the other examiners, and is graded again."""
    with ThreadPoolExecutor(1) as threads:
        with examiner.turns.together():
            later = threads.submit(grade_in_a_second, examiner, source, tmp_path)
            until(lambda: examiner.turns.is_awaited)
            assert not later.done()
        assert later.result().checks[0].outcome is Outcome.TIMEOUT


def test_a_sleeper_stops_nobody(examiner, tmp_path):
    """Code that uses hardly any CPU time is tried again while others are graded."""
    source = "import time; time.sleep(60)"
    with ThreadPoolExecutor(1) as threads, examiner.turns.together():
        # To load a file takes some CPU time, which is little beside this limit.
        later = threads.submit(grade_in_a_second, examiner, source, tmp_path, load_seconds=0.4)
        assert later.result(20).checks[0].outcome is Outcome.TIMEOUT


def test_people_wait_for_one_time_limit(examiner, tmp_path):
    """In their own code, the first check that runs out of time ends the run; two in others'."""
    source = body("while True: pass")
    for own, limits in ((True, 1), (False, 2)):
        grade = grade_in_a_second(examiner, source, tmp_path, 9, own=own)
        said = [check.message for check in grade.checks]
        assert len([each for each in said if each.startswith("No answer within")]) == limits
        assert said[-1] == "Not run: other checks took too long."


def test_fresh_process_after_a_death(examiner, tmp_path):
    """A crash in one check affects only that check."""
    source = "import os\n" + GOOD.replace(
        "    return", "    if x.requires_grad: os._exit(1)\n    return"
    )
    assert outcomes(grade_source(examiner, source, tmp_path)) == {
        "value": "passed",
        "gradient": "crashed",
        "untouched": "passed",
        "refuses": "passed",
    }


def test_points_follow_the_rubric(examiner, tmp_path):
    """The points are those of the passed checks."""
    grade = grade_source(examiner, "def double(x):\n    return x * 2\n", tmp_path)
    assert outcomes(grade) == {
        "value": "passed",
        "gradient": "passed",
        "untouched": "passed",
        "refuses": "failed",
    }
    assert (grade.points, grade.max_points, grade.passed, grade.exit_code) == (4, 5, False, 1)
    assert (
        grade.checks[3].message == "Your code returned a string; expected TypeError or ValueError."
    )


def test_gradient_that_does_not_arrive(examiner, tmp_path):
    """A detached result has the right value and no gradient."""
    grade = grade_source(examiner, GOOD.replace("x * 2", "x.detach() * 2"), tmp_path)
    assert outcomes(grade)["value"] == "passed"
    assert grade.checks[1].message == "The gradient of x: it is None; expected a tensor."


SEVERAL = """
import torch
from grader.checks import assert_close, reference_vjp

def test_value(learner, rng):
    x = torch.ones(3, requires_grad=True)
    cotangent = (torch.arange(3.0), torch.tensor(4.0))
    both, wanted = reference_vjp(lambda x: (2 * x, x.sum()), x, cotangent=cotangent)
    results, gradients = learner.vjp("double", x, cotangent=cotangent)
    assert_close(results, both)
    assert_close(gradients[0], wanted[0], "the gradient of x")
"""
SEVERAL_RESULTS = {
    "x + x, x.sum()": "",
    "x + x, x.sum().detach()": "The gradient of x: it is 0 at [0]; expected 4",
    "x + x": "Your result is a tensor; expected a tuple.",
    "(x + x,)": "Your result has length 1; expected 2.",
    "x + x, x": "The result's item 1: it has shape (3,); expected ().",
    "x + x, 3": "The result's item 1: it is an int; expected a tensor.",
}


def test_gradients_of_several_results(examiner, tmp_path, broken_course):
    """``learner.vjp`` sends a gradient back through each item of a tuple."""
    broken_course(SEVERAL, ["value"])
    for value, message in SEVERAL_RESULTS.items():
        (tmp_path / "double.py").write_text(body(f"return {value}"))
        check = grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path).checks[0]
        assert check.message.startswith(message), value
        assert (check.outcome == "passed") is (message == "")


@pytest.mark.parametrize("name", wrong_solutions(load_exercise(SMALL_COURSE, "double")))
def test_misconception_is_named(name, examiner):
    """A submission that behaves as a wrong solution gets its misconception and explanation."""
    path = SMALL_COURSE / "solutions" / "double" / "wrong" / f"{name}.py"
    grade = grade_file(examiner, "double", path)
    assert grade.misconception == name
    assert grade.explanation and grade.explanation in path.read_text()


def test_unlike_any_misconception(examiner, tmp_path):
    """An unknown mistake gets a fact about its result, or nothing if no fact is known."""
    grade = grade_source(examiner, "def double(x):\n    return x * 5\n", tmp_path)
    assert grade.misconception == "observed_scaled"
    assert grade.explanation == "Your result is 2.5 times the expected one."
    grade = grade_source(examiner, "def double(x):\n    return x * 2 + x.sin()\n", tmp_path)
    assert (grade.misconception, grade.explanation) == (None, None)


def test_second_run_is_in_the_same_process(examiner, tmp_path):
    """For the inputs of another seed, the process of a submission loads it again.

    If the process cannot do that, a new one does.
    """
    squared_at_first = "import sys\nsys.runs = getattr(sys, 'runs', 0) + 1\n" + body(
        "return x * x if sys.runs == 1 else x * 5"
    )
    broken = "import grader.sandbox.runner\ngrader.sandbox.runner.Runner.unload = None\n"
    # The wrong solutions run once; they would take the place of the process.
    for _ in range(2):
        grade = grade_source(examiner, body("return x * x"), tmp_path)
    assert grade.misconception == "squared"
    assert grade_source(examiner, squared_at_first, tmp_path).misconception != "squared"
    assert grade_source(examiner, broken + squared_at_first, tmp_path).misconception == "squared"


def test_case_in_full(examiner, tmp_path):
    """A case has the call, the arguments, the returned value and the expected one."""
    case = grade_source(examiner, body("return x * 3"), tmp_path).checks[0].case
    assert case is not None
    assert case.call == "double(x)"
    assert case.given == {"x": "tensor([0., 1., 2.])  float32, shape (3,)"}
    assert case.returned == "tensor([0., 3., 6.])  float32, shape (3,)"
    assert case.expected == "tensor([0., 2., 4.])  float32, shape (3,)"


def test_traceback_is_the_learners_own(examiner, tmp_path):
    """The traceback has only lines of the learner's files, with their text."""
    (tmp_path / "helper.py").write_text("def twice(x):\n    return x.twice()\n")
    grade = grade_source(
        examiner, "from helper import twice\n\ndef double(x):\n    return twice(x)\n", tmp_path
    )
    assert grade.checks[0].case is not None
    assert grade.checks[0].case.traceback == [
        "double.py line 4, in double: return twice(x)",
        "helper.py line 2, in twice: return x.twice()",
    ]


@pytest.mark.parametrize(
    "source",
    [
        GOOD.replace("\n", "\r\n"),
        b"\xef\xbb\xbf" + GOOD.encode(),
        b"# -*- coding: latin-1 -*-\n# na\xefve\n" + GOOD.encode(),
        GOOD.replace("    ", "\t"),
        GOOD + "if __name__ == '__main__':\n    import torch\n"
        "    print(torch.nn.Linear(1, 1))\n    raise SystemExit\n",
        "print('hello')\n" + GOOD,
        "class Helper:\n    pass\n" + GOOD,
        "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int = 0\n" + GOOD,
        "from __future__ import annotations\n" + GOOD,
        "import pickle\nclass C: pass\nassert pickle.loads(pickle.dumps(C())) is not None\n" + GOOD,
        "double = lambda x: x * 2 if not isinstance(x, str) else int('no')\n",
        (
            "class Double:\n    def __call__(self, x):\n"
            "        return x * (int('no') if isinstance(x, str) else 2)\n"
            "double = Double()\n"
        ),
    ],
    ids=[
        "crlf",
        "bom",
        "latin1",
        "tabs",
        "main",
        "prints",
        "class",
        "dataclass",
        "future",
        "pickle",
        "lambda",
        "callable",
    ],
)
def test_awkward_but_right(source, examiner, tmp_path):
    """Unusual but right files get full points."""
    grade = grade_source(examiner, source, tmp_path)
    assert grade.passed, grade.checks


def test_printed_text_is_shown_safely(examiner, tmp_path):
    """Output is kept up to the limit, without control and bidirectional characters."""
    loud = (
        "import os\nprint('hi \\x1b[31m \\u202e')\nos.write(2, b'\\xff')\nprint('x' * 100_000)\n"
        + GOOD
    )
    grade = grade_source(examiner, loud, tmp_path)
    assert grade.passed
    assert grade.stdout.startswith("hi \ufffd[31m \ufffd\n\ufffd")
    assert len(grade.stdout) <= 2048 + 1


def test_same_seed_same_grade(examiner, tmp_path):
    """One seed gives one grade, even for a random submission; another seed another one."""
    source = (
        "import random, torch\ndef double(x):\n"
        "    return x * random.random() * torch.rand(1) * hash('x')\n"
    )
    first, again, other = (
        grade_source(examiner, source, tmp_path, seed=seed).checks[0].message for seed in (7, 7, 8)
    )
    assert first == again != other


def test_quiz(examiner, tmp_path):
    """Answers are compared with the keys for the numbers of their learner."""
    sheet = tmp_path / "sizes.yaml"
    sheet.write_text("learner: ada\nvector: 0 x 0\nnumbers: 5 + 4\nfloats: yes\n")
    grade = grade_file(examiner, "sizes", sheet)
    assert outcomes(grade) == {"vector": "failed", "numbers": "failed", "floats": "passed"}
    assert (grade.points, grade.max_points, grade.learner) == (1, 4, "ada")


def test_check_that_breaks_is_our_failure(examiner, tmp_path, broken_course):
    """An exception in a hidden check gives ``ungraded`` and exit code 3, not a zero."""
    broken_course("def test_value(learner):\n    learner.double('x').nonsense\n", ["value"])
    grade = grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path)
    assert (grade.status, grade.exit_code, outcomes(grade)) == (
        "ungraded",
        3,
        {"value": "ungraded"},
    )
    error = grade.checks[0].error
    assert (error.kind, error.line) == ("AttributeError", 2)
    assert "nonsense" in error.message


def test_dead_fork_server_is_our_failure(examiner, tmp_path):
    """If the fork server was killed, the submission is ungraded, and the next one is graded."""
    assert grade_source(examiner, GOOD, tmp_path).passed
    servers = descendants(examiner.pid)
    os.kill(servers[0], signal.SIGKILL)
    # The kernel ends the inner server after the outer one; until then it still serves.
    until(lambda: all(is_dead(server) for server in servers))
    grade = grade_source(examiner, GOOD, tmp_path)
    assert grade_source(examiner, GOOD, tmp_path).passed, "the next submission gets a new examiner"
    assert (grade.status, grade.exit_code, set(outcomes(grade).values())) == (
        "ungraded",
        3,
        {"ungraded"},
    )
    assert "the fork server ended" in grade.checks[0].message


def test_dead_examiner_is_our_failure(examiner, tmp_path):
    """If the examiner was killed, the error says so, and the next submission is graded."""
    os.kill(examiner.pid, signal.SIGKILL)
    with pytest.raises(ExaminerLostError, match="the examiner was ended by SIGKILL"):
        examiner.inspect()
    assert grade_source(examiner, GOOD, tmp_path).passed, "the next submission gets a new examiner"


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "uint16", "uint64", "complex64", "bool"])
def test_odd_dtypes_are_described(dtype, examiner, tmp_path):
    """A result with a dtype that PyTorch can hardly print has a wrong dtype, and no more."""
    grade = grade_source(
        examiner, body(f"return x.to(torch.{dtype})", first="import torch"), tmp_path
    )
    assert grade.checks[0].message == f"Your result has dtype {dtype}; expected float32."


def test_forged_replies_earn_nothing(examiner, tmp_path):
    """Replies that learner code writes to the pipe earn no points."""
    source = (
        "import os, msgspec\n"
        "def double(x):\n"
        "    for number in range(50):\n"
        "        for reply in (['returned', number, True], "
        "['loaded'], ['returned', number, ['tuple', [1]]]):\n"
        "            data = msgspec.msgpack.encode(reply)\n"
        "            os.write(4, len(data).to_bytes(4, 'big') + data)\n"
        "    return x\n"
    )
    grade = grade_source(examiner, source, tmp_path)
    assert (grade.status, grade.points) == ("graded", 0)


def test_skipped_check(examiner, tmp_path, broken_course):
    """A check that calls ``pytest.skip`` is ``skipped``, with its reason."""
    broken_course(
        "import pytest\ndef test_value(learner):\n    pytest.skip('no GPU here')\n", ["value"]
    )
    grade = grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path)
    assert (outcomes(grade), grade.checks[0].message) == ({"value": "skipped"}, "no GPU here")


def test_grading_can_end_at_the_first_missed_check(examiner, tmp_path, broken_course):
    """With ``FIRST_FAILURE``, a grade ends with that check and has no misconception."""
    exercise = load_exercise(SMALL_COURSE, "double")
    squared = Submission("double.py", b"def double(x):\n    return x * x\n")
    stopped = examiner.grade(Examine(exercise, squared, "ada", 1, stop_after=FIRST_FAILURE))
    assert (outcomes(stopped), stopped.misconception, stopped.passed) == (
        {"value": "failed"},
        None,
        False,
    )
    broken_course("def test_value(learner):\n    assert learner.double(2) == 4\n", ["value"])
    assert grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path).passed
    right = examiner.grade(
        Examine(
            exercise, Submission("double.py", GOOD.encode()), "ada", 1, stop_after=FIRST_FAILURE
        )
    )
    assert (tuple(outcomes(right)), right.passed) == (ALL, True)


def test_grading_can_end_when_named_checks_have_failed(examiner):
    """With ``stop_after``, a grade ends once all of these checks have failed, in any order."""
    exercise = load_exercise(SMALL_COURSE, "double")
    squared = Submission("double.py", b"def double(x):\n    return x * x\n")
    request = Examine(exercise, squared, "ada", 1)
    whole = outcomes(examiner.grade(request))
    missed = [name for name in whole if whole[name] != "passed"]
    kept = [name for name in whole if whole[name] == "passed"]
    assert len(missed) > 1 and missed[-1] != ALL[-1] and kept
    for named in (missed, missed[::-1]):
        stopped = examiner.grade(msgspec.structs.replace(request, stop_after=tuple(named)))
        until_last = ALL[: ALL.index(missed[-1]) + 1]
        assert outcomes(stopped) == {name: whole[name] for name in until_last}
        assert stopped.misconception is None
    # One that passes decides only at the end.
    ended = examiner.grade(msgspec.structs.replace(request, stop_after=(missed[0], kept[0])))
    assert outcomes(ended) == whole


def test_broken_checks_are_told_alike_each_time(examiner, tmp_path, broken_course):
    """The reason why checks cannot be collected stays the same."""
    broken_course("def test_value(learner): ...\n\n\n1 / 0\n", ["value"])
    for _ in range(2):
        with pytest.raises(
            CourseError, match=r"checks.py: line 4: ZeroDivisionError: division by zero; fix it"
        ) as caught:
            grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path)
        # The parts of the error cross the pipe as fields.
        assert (caught.value.place, caught.value.line) == ("solutions/double/checks.py", 4)


def test_time_of_the_check_is_not_the_learners(examiner, tmp_path, broken_course):
    """The time that a check itself takes does not count as time of the submission."""
    slow = (
        "import time\n\n\ndef test_value(learner):\n"
        "    for _ in range(3):\n        time.sleep(0.7)\n"
    )
    broken_course(slow + "        assert learner.double(2) == 4\n", ["value"])
    definition = tmp_path / "exercises" / "double" / "exercise.yaml"
    definition.write_text(definition.read_text() + "limits: {seconds: 1.0, total_seconds: 1.5}\n")
    assert grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path).passed


def test_plain_assert_is_rewritten(examiner, tmp_path, broken_course):
    """A plain ``assert`` in checks.py fails the check, and shows learners no text of the check."""
    broken_course(
        "def test_value(learner):\n    assert learner.double('ab') == 'abba'\n", ["value"]
    )
    check = grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path).checks[0]
    message = "Your result is not what this check expects."
    assert (check.outcome, check.message) == (Outcome.FAILED, message)


NO_MEMORY = "import torch\n\n\ndef double(x):\n    return torch.zeros(2**45)\n"
PROBED = """
def called_twice(learner, text):
    \"\"\"Called double(double(text)).\"\"\"
    return learner.double(learner.double(text))

def test_value(learner):
    learner.must_raise({wanted}, called_twice, "ab")
"""


@pytest.mark.parametrize(
    ("source", "wanted", "outcome", "message"),
    [
        (GOOD, "TypeError", "passed", ""),
        (
            GOOD,
            "(IndexError, KeyError)",
            "failed",
            "Your code raised TypeError; expected IndexError or KeyError.",
        ),
        (
            "def double(x):\n    return x * 2\n",
            "TypeError",
            "failed",
            "Your code returned a string; expected TypeError.",
        ),
        (NO_MEMORY, "RuntimeError", "passed", ""),
        (
            NO_MEMORY,
            "ValueError",
            "memory",
            "Your code needs more memory than the 1024 MiB allowed.",
        ),
    ],
    ids=["right", "another", "none", "no memory", "no memory, another"],
)
def test_probe_that_must_raise(source, wanted, outcome, message, examiner, tmp_path, broken_course):
    """``must_raise`` accepts a probe, whose docstring is shown to the learner."""
    broken_course(PROBED.format(wanted=wanted), ["value"])
    (tmp_path / "double.py").write_text(source)
    check = grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path).checks[0]
    assert (check.outcome, check.message) == (outcome, message)
    assert check.case is None or check.case.note == "Called double(double(text))."


def test_device(examiner, tmp_path, broken_course):
    """The fixture ``device`` is the device of the grade."""
    broken_course(
        "def test_value(device):\n"
        "    assert (type(device).__name__, device.type) == ('device', 'cpu')\n",
        ["value"],
    )
    assert grade_file(examiner, "double", tmp_path / "double.py", course=tmp_path).passed


@pytest.fixture
def broken_course(tmp_path):
    """Write a course to ``tmp_path`` whose ``double`` has these checks, and a submission."""

    def write(checks: str, names: list[str]) -> None:
        public, hidden = tmp_path / "exercises" / "double", tmp_path / "solutions" / "double"
        public.mkdir(parents=True)
        hidden.mkdir(parents=True)
        rubric = "".join(f"  - {{check: {name}, title: It holds}}\n" for name in names)
        (public / "exercise.yaml").write_text(
            f"format: 1\nkind: code\ntitle: Double\nstatement: Double it.\n"
            f"entry: ['double(x)']\nrubric:\n{rubric}"
        )
        (public / "starter.py").write_text("def double(x):\n    raise NotImplementedError\n")
        (hidden / "solution.py").write_text("def double(x):\n    return x * 2\n")
        (hidden / "checks.py").write_text(checks)
        (tmp_path / "double.py").write_text("def double(x):\n    return x * 2\n")

    return write
