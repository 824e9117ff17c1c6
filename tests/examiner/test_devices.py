"""Starting a device for a submission, with a fake process that sends prepared replies."""

import os
import socket
import threading

import msgspec
import pytest
import torch

from grader.course.loading import load_exercise
from grader.errors import ExaminerError
from grader.examiner.failures import LearnerFailure
from grader.examiner.forked import ForkServer
from grader.examiner.learner import Learner
from grader.examiner.submission_run import SubmissionRun
from grader.sandbox import values, wire
from grader.submission.files import Submission
from tests.grading import SMALL_COURSE

EXERCISE = load_exercise(SMALL_COURSE, "target")
SUBMISSION = Submission("target.py", b"")
READY = (wire.Prepared({}), wire.Loaded())
LOST = wire.Raised(
    1, "AcceleratorError", ["RuntimeError"], "CUDA error: device-side assert triggered", []
)
SECONDS = 0.4


class Puppet(ForkServer):
    """A fake fork server. Each process sends its messages after a while, or dies if it has none."""

    def __init__(self, *said, after: float = 0.0) -> None:
        self.said = list(said)
        self.after = after
        self.spawned: list[bool] = []
        super().__init__(socket.socket(), [])
        self.close()
        self.replies: list[int] = []

    def spawn(self, order, descriptors):
        self.spawned.append(order.gpu)
        replies = os.dup(descriptors[1])
        self.replies.append(replies)
        messages = self.said.pop(0)
        if messages:
            data = b"".join(map(wire.pack, messages))
            self.speaking = threading.Timer(self.after, os.write, (replies, data))
            self.speaking.start()
            return os.pidfd_open(os.getpid())  # of a process that lives
        os.close(self.replies.pop())
        reading, writing = os.pipe()
        os.close(writing)
        return reading  # as of one that is dead

    def reap(self):
        if not self.replies:
            return wire.Reaped(-11)
        self.speaking.cancel()
        self.speaking.join()
        os.close(self.replies.pop())
        return wire.Reaped(-9)


def sit(server: Puppet, device: str) -> Learner:
    """Start a submission with a short time limit."""
    limits = msgspec.structs.replace(EXERCISE.spec.limits, seconds=SECONDS, total_seconds=SECONDS)
    spec = msgspec.structs.replace(EXERCISE.spec, limits=limits)
    run = SubmissionRun(server, "target", spec, SUBMISSION, 1, device=device)
    run.begin_check(spec.checks[0])
    return Learner(run)


def returned(number: int) -> wire.Returned:
    """The right reply to a request with ones."""
    return wire.Returned(number, values.encode(torch.full((3,), 2.0)))


def test_starting_a_device_is_no_time_of_the_submissions():
    """A device may take longer to start than a check may take."""
    learner = sit(Puppet((*READY, returned(1)), after=3 * SECONDS), "cuda")
    assert torch.equal(learner.double(torch.ones(3)), torch.full((3,), 2.0))
    learner._submission_run.close()


def test_process_that_dies_of_its_device_is_ours():
    """If a process dies while its device starts, no learner code ran: the error is ours."""
    server = Puppet(())
    with pytest.raises(
        ExaminerError, match=r"no process for the submission could be started on cuda \("
    ):
        sit(server, "cuda").double(torch.ones(3))
    assert server.lost


@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_lost_device_is_the_check_that_lost_it(device):
    """After a CUDA error the next call gets a new process; on the CPU the text has no meaning."""
    processes = (
        [(*READY, LOST), (*READY, returned(2))]
        if device == "cuda"
        else [(*READY, LOST, returned(2))]
    )
    server = Puppet(*processes)
    learner = sit(server, device)
    with pytest.raises(LearnerFailure, match="device-side assert"):
        learner.double(torch.ones(3))
    assert torch.equal(learner.double(torch.ones(3)), torch.full((3,), 2.0))
    assert server.spawned == [device == "cuda"] * len(processes)
    learner._submission_run.close()


def test_asking_for_devices_comes_after_the_fork(examiner):
    """An examiner reports its devices, the CPU first."""
    assert examiner.devices()[0] == "cpu"
