"""Thousands of malformed replies; ``--fuzz-replies 100000`` tries more.

The examiner's end of the wire (``SubmissionRun``, ``LearnerProcess``) reads them from a real
pipe; a real learner process sends some of them. In each case the check ends in time with an
outcome of the learner, and the examiner goes on.
"""

import contextlib
import os
import random
import socket
import time

import msgspec
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.course.loading import load_exercise
from grader.course.records import Exercise
from grader.errors import WireError
from grader.examiner import feedback, submission_run
from grader.examiner.compare import Mismatch, assert_equal
from grader.examiner.failures import LearnerFailure
from grader.examiner.forked import ForkServer
from grader.examiner.learner import Learner
from grader.examiner.protocol import Examine
from grader.examiner.submission_run import SubmissionRun
from grader.sandbox import values, wire
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE

EXERCISE = load_exercise(SMALL_COURSE, "target")


def within(seconds: float) -> Exercise:
    """The exercise with this limit on the time of the submission."""
    limits = EXERCISE.code.limits
    limits = msgspec.structs.replace(limits, seconds=seconds, total_seconds=seconds)
    spec = msgspec.structs.replace(EXERCISE.code, limits=limits)
    return msgspec.structs.replace(EXERCISE, spec=spec)


SUBMISSION = Submission("target.py", b"")
PREFACE = wire.pack(wire.Prepared({"files": "a layer"})) + wire.pack(wire.Loaded())
SECONDS = 0.01

# Replies as they should be, to be spoilt.
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=8),
)
nested = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=12,
)
tensors = st.builds(
    lambda dtype, shape, data, device, grad: ["tensor", dtype, shape, data, device, grad],
    st.sampled_from([*values.DTYPES, "nonsense"]),
    st.lists(st.integers(-2, 4) | st.sampled_from([2**31, 2**62, -(2**63)]), max_size=4) | nested,
    st.binary(max_size=64) | st.sampled_from([bytes(12), bytes(16)]),
    st.sampled_from(["cpu", "cuda:0", "meta", "", "cpu:99", "\0"]),
    st.booleans(),
)
things = st.recursive(
    plain | tensors | st.builds(lambda text: ["opaque", text], st.text(max_size=5)),
    lambda inner: st.builds(
        lambda tag, items: [tag, items],
        st.sampled_from(["tuple", "list", "dict", "dtype", "unknown"]),
        st.lists(inner, max_size=4) | st.lists(st.lists(inner, min_size=2, max_size=2), max_size=3),
    ),
    max_leaves=8,
)
frames = st.lists(
    st.tuples(st.text(max_size=5), st.integers(-5, 5), st.text(max_size=5)), max_size=3
)
messages = st.one_of(
    st.builds(lambda number, value: ["returned", number, value], st.integers(0, 3), things),
    st.builds(
        lambda number, kind, bases, text, where: ["raised", number, kind, bases, text, where],
        *(
            st.integers(0, 2),
            st.text(max_size=9),
            st.lists(st.text(max_size=9), max_size=3),
            st.text(max_size=40),
            frames,
        ),
    ),
    st.builds(
        lambda number, name, where: ["forbidden", number, name, where],
        st.integers(0, 2),
        st.text(max_size=9),
        frames,
    ),
    st.builds(
        lambda tag, rest: [tag, *rest],
        st.sampled_from(["loaded", "confined", "unready", "returned", "call", "x"]),
        st.lists(nested, max_size=4),
    ),
    nested,
)


@st.composite
def replies(draw) -> bytes:
    """Bytes of a hostile process: valid, cut, doubled, changed, with wrong lengths, or random."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    payload = msgspec.msgpack.encode(draw(messages))
    spoil = draw(st.sampled_from(["nothing", "cut", "flip", "insert", "length", "double"]))
    place = draw(st.integers(0, max(0, len(payload) - 1)))
    if spoil == "cut":
        payload = payload[:place]
    elif spoil == "flip":
        payload = payload[:place] + bytes([draw(st.integers(0, 255))]) + payload[place + 1 :]
    elif spoil == "insert":
        payload = payload[:place] + draw(st.binary(max_size=6)) + payload[place:]
    length = draw(st.integers(0, 2**32 - 1)) if spoil == "length" else len(payload)
    frame = length.to_bytes(4, "big") + payload
    return frame * 2 if spoil == "double" else frame


class Pipes(ForkServer):
    """A fake fork server whose only process has already sent all its replies."""

    def __init__(self, said: bytes) -> None:
        super().__init__(socket.socket(), [])
        self.close()
        self.said = said
        self.replies = -1

    def spawn(self, _order, descriptors):
        self.replies = os.dup(descriptors[1])
        os.write(self.replies, PREFACE + self.said)
        return os.pidfd_open(os.getpid())  # of a process that lives

    def reap(self):
        os.close(self.replies)
        return wire.Reaped(-9)


@pytest.fixture(scope="module")
def count(request) -> int:
    """How many replies to try."""
    return request.config.getoption("--fuzz-replies")


def test_malformed_replies_end_as_the_learners(count, monkeypatch):
    """Any reply makes the check pass, fail or end with a learner outcome, in time."""
    # Many replies end with a wait.
    monkeypatch.setattr(submission_run, "PATIENCE", 1)
    spec = within(SECONDS).code
    ends: dict[str, int] = {}

    @settings(
        max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(replies())
    def try_one(reply):
        run = SubmissionRun(Pipes(reply), "target", spec, SUBMISSION, 1)
        started, worked = time.monotonic(), time.process_time()
        run.begin_check(spec.checks[0])
        error: BaseException | None = None
        try:
            assert_equal(Learner(run).double(torch.ones(3)), torch.full((3,), 2.0))
        except (LearnerFailure, Mismatch) as ending:
            error = ending
        finally:
            run.close()
        # Work is bounded closely; waiting is the machine's too, where it is busy.
        assert time.process_time() - worked < 1
        assert time.monotonic() - started < SECONDS + 10
        if error is not None:
            feedback.message(error)
            frames = feedback.frames_of(error, SUBMISSION)
            feedback.case(run.exchanges, error, frames)
        end = error.outcome.value if isinstance(error, LearnerFailure) else type(error).__name__
        ends[end] = ends.get(end, 0) + 1

    try_one()
    assert len(os.listdir("/proc/self/fd")) < 100, "no descriptor is left open"
    # The replies are of all kinds: a fuzz that only ever met one end would have tested one line.
    assert {"crashed", "timeout", "raised", "forbidden", "Mismatch"} <= set(ends), ends


def test_malformed_replies_of_a_real_process(count, examiner):
    """A reply from a real process affects only its own submission; the next one passes."""
    good = Submission("target.py", b"def double(x): return x * 2")
    chance = random.Random(1)
    for number in range(max(20, count // 1000)):
        noise = bytes(chance.randrange(256) for _ in range(chance.randrange(60)))
        honest = bytearray(wire.pack(wire.Returned(1, values.encode(torch.ones(3)))))
        honest[chance.randrange(len(honest))] = chance.randrange(256)
        said = (
            noise,
            bytes(honest),
            bytes(honest[: chance.randrange(len(honest))]),
            bytes(honest) * 3,
        )[number % 4]
        source = f"import os\ndef double(x):\n    os.write(4, {said!r})\n    return x\n".encode()
        submission = Submission("target.py", source)
        grade = examiner.grade(Examine(within(0.1), submission, "ada", 1))
        assert (grade.status, grade.points) == ("graded", 0)
        assert grade.seconds < 0.1 * submission_run.PATIENCE + 1
    assert examiner.grade(Examine(EXERCISE, good, "ada", 1)).passed


@given(st.binary(max_size=300))
def test_decoder_knows_two_ends(payload):
    """The decoder returns a reply or raises ``WireError``, and nothing else."""
    with contextlib.suppress(WireError):
        reply = wire.unpack(payload, wire.Reply)
        if isinstance(reply, wire.Returned):
            values.decode(reply.value)
