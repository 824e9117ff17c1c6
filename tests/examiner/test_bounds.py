"""The examiner limits its own time, memory and reply size, no matter what a submission sends."""

import contextlib
import time
import types

import msgspec
import pytest
import torch

from grader.course.loading import load_exercise
from grader.errors import WireError
from grader.examiner import process, server, submission_run
from grader.examiner.diagnosis import behave_alike
from grader.examiner.failures import LearnerFailure
from grader.examiner.learner import Learner
from grader.examiner.protocol import Graded, Refusal
from grader.examiner.submission_run import Exchange, SubmissionRun
from grader.examiner.verdict import Verdict
from grader.grades.grade import Case, CheckError, Outcome, grade_from_checks
from grader.sandbox import values, wire
from grader.submission.files import Submission
from tests.examiner.test_fuzz import Pipes
from tests.grading import SMALL_COURSE, check_result

SPEC = load_exercise(SMALL_COURSE, "target").spec


def start_run(*replies):
    """Start a run whose process has already sent these replies."""
    said = b"".join(reply if isinstance(reply, bytes) else wire.pack(reply) for reply in replies)
    made = SubmissionRun(Pipes(said), "target", SPEC, Submission("target.py", b""), 1)
    made.begin_check(SPEC.checks[0])
    made.begin_case()
    return made


@pytest.fixture
def respond():
    """A ``respond`` that refuses more than a thousand bytes, and keeps what was sent."""
    sent = []

    def send(reply):
        if len(msgspec.msgpack.encode(reply)) > 1000:
            raise WireError("too large")
        sent.append(reply)

    send.sent = sent
    return send


def test_grade_that_no_frame_holds(respond):
    """A grade that is too large to send arrives without cases and output, but with its points."""
    case = Case(returned="x" * 2000)
    checks = [
        check_result("a", "A", Outcome.FAILED, 0, 1, "no", 0.0, case),
        check_result("b", "B", Outcome.PASSED, 2, 2),
    ]
    grade = grade_from_checks(
        checks, exercise="e", submission="e.py", learner="ada", seed=1, stdout="y" * 2000
    )
    server.send_reply(respond, Graded(grade))
    [answer] = respond.sent
    assert (answer.grade.points, answer.grade.stdout) == (2, "")
    assert [(check.message, check.case) for check in answer.grade.checks] == [
        ("no", None),
        ("", None),
    ]


@pytest.mark.parametrize(
    ("error", "grown", "expected"),
    [
        (CheckError("MemoryError", "", 3), server.ROOM, True),
        (CheckError("RuntimeError", "DefaultCPUAllocator: can't allocate memory", 3), 2**27, True),
        (CheckError("MemoryError", "", 3), server.ROOM - 1, False),
        (CheckError("ValueError", "", 3), 2**27, False),
        (None, 2**27, False),
    ],
)
def test_memory_that_earlier_submissions_took(error, grown, expected):
    """A submission that lacks memory is graded again by another examiner if this one has grown."""
    check = check_result("a", "A", Outcome.UNGRADED, 0, 1)
    check = msgspec.structs.replace(check, error=error)
    grade = grade_from_checks([check], exercise="e", submission="e.py", learner="ada", seed=1)
    assert server.was_crowded(Graded(grade), grown) == expected
    refusal = Refusal("ExaminerError", server.NO_MEMORY if error else "something else")
    is_lacking = error is not None and grown >= server.ROOM
    assert server.was_crowded(refusal, grown) == is_lacking


def test_refusal_that_no_frame_holds(respond):
    """A refusal that is too large to send becomes one that says so."""
    server.send_reply(respond, Refusal("CourseError", "x" * 2000))
    assert respond.sent == [Refusal("ExaminerError", "no answer could be sent (too large)")]


GARBAGE = {
    "a value that contradicts itself": wire.Returned(1, wire.Tensor("float32", [2], b"")),
    "an answer to another request": wire.Returned(9, "x" * 1000),
    "another kind": wire.NotPrepared("x" * 1000),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_not_kept(name):
    """An invalid reply is recorded as no reply."""
    asked = start_run(GARBAGE[name])
    with pytest.raises(LearnerFailure, match="invalid reply"):
        Learner(asked).double(1)
    assert [(exchange.reply, exchange.value) for exchange in asked.exchanges] == [(None, None)]


def test_values_are_decoded_once(monkeypatch):
    """A value is decoded once, for the check; the record and the diagnosis use the same object."""
    asked = start_run(wire.Returned(1, values.encode(torch.ones(2))))
    value = Learner(asked).double(1)
    [exchange] = asked.exchanges
    assert exchange.value is value
    assert exchange.reply == wire.Returned(1, None)
    verdict = Verdict(Outcome.FAILED, None, [exchange])
    monkeypatch.setattr(values, "decode", None)
    assert behave_alike(verdict, verdict)


def test_what_is_kept_has_a_bound(monkeypatch):
    """Values over the limit are not recorded. The record of a passed case is dropped."""
    monkeypatch.setattr(submission_run, "MAX_KEPT", 1500)
    asked = start_run(*(wire.Returned(number, "x" * 1000) for number in (1, 2, 3)))
    read = lambda: asked.ask(lambda n: wire.Call(n, "double", [], {}), "", "", {})  # noqa: E731
    assert (read(), read()) == ("x" * 1000,) * 2
    assert [exchange.value for exchange in asked.exchanges] == ["x" * 1000, None]
    assert [exchange.reply for exchange in asked.exchanges] == [wire.Returned(1, None), None]
    asked.begin_case()
    read()
    assert [exchange.value for exchange in asked.exchanges] == ["x" * 1000]


def work(seconds):
    """Use this much CPU time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_decoding_is_the_submissions_time(monkeypatch):
    """Decoding a reply counts as time of the submission."""
    slow = types.SimpleNamespace(**vars(wire))
    slow.unpack = lambda *words: (work(0.3), wire.unpack(*words))[1]
    asked = start_run(wire.Returned(1, None))
    asked._loaded_process()
    monkeypatch.setattr(process, "wire", slow)
    asked._check_limit.cpu_left = 0.2
    with pytest.raises(LearnerFailure) as caught:
        asked.ask(lambda n: wire.Call(n, "double", [], {}), "", "", {})
    assert caught.value.outcome is Outcome.TIMEOUT


class Odd:
    """A value that cannot be compared."""

    def __eq__(self, other):
        raise ValueError

    __hash__ = None


@pytest.mark.parametrize("value", [Odd(), [Odd()], {"a": Odd()}])
def test_diagnosis_never_raises(value):
    """Values that cannot be compared count as different."""
    verdict = Verdict(Outcome.FAILED, None, [Exchange("", "", {}, wire.Returned(1, None), value)])
    assert not behave_alike(verdict, verdict)


@pytest.mark.parametrize("visible", [True, False])
def test_side_effect_says_nothing_of_a_hidden_check(visible):
    """The words of a process about a side effect stay hidden if its check is."""
    said = wire.SideEffect("draws_random", "draws", "SECRET")
    asked = start_run(wire.Returned(1, None, [said]))
    asked.begin_check(msgspec.structs.replace(SPEC.checks[0], visible=visible))
    asked._allowed = []
    with contextlib.suppress(LearnerFailure):
        Learner(asked).double(1)
    failure, exchanges = asked.side_effects
    assert ("SECRET" in str(failure), len(exchanges)) == (visible, int(visible))
