"""Answers the requests of a command in the examiner process, one after the other."""

import logging
import os
import traceback
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from grader.errors import GraderError, WireError
from grader.examiner import devices
from grader.examiner.check_runner import CheckRunner
from grader.examiner.failures import LearnerFailure, is_out_of_memory
from grader.examiner.grading import Grader, SandboxAccess
from grader.examiner.protocol import (
    Detect,
    Detected,
    Examine,
    FindGaps,
    Gaps,
    Graded,
    Inspect,
    Inspected,
    Overran,
    Record,
    Recorded,
    Refusal,
    Reply,
    Request,
    Survey,
)
from grader.examiner.survey import survey
from grader.grades.grade import Grade
from grader.sandbox import wire
from grader.sandbox.forbidden import open_methods
from grader.system import SYSTEM

MAX_REASON: Final = 10_000
"""Characters of the reason in a ``Refusal``."""
MAX_GROWTH: Final = 350 * 2**20
"""Bytes that an examiner may allocate after its start, whatever a submission sends."""
RENEW_AFTER: Final = 250 * 2**20
"""An examiner that has grown by so many bytes is replaced before the next submission."""

ROOM: Final = 20 * 2**20
"""An examiner that has grown by less has as much memory for a submission as a new one."""
NO_MEMORY: Final = "to grade this submission takes more memory than an examiner may use"


def serve(
    access: SandboxAccess, requests: Iterator[Request], respond: Callable[[Reply], None]
) -> None:
    """Answer all ``requests``, each by one call of ``respond``, inside one pytest run."""

    def answer_all(checks: CheckRunner) -> None:
        grader = Grader(access, checks)
        at_start = SYSTEM.data_bytes()
        grown = 0
        for request in requests:
            reply = answer(request, grader, access)
            if was_crowded(reply, grown):
                problem = "earlier submissions left too little memory for this one"
                send_reply(respond, Refusal("ExaminerLostError", problem))
                return

            send_reply(respond, reply)
            # Python rarely gives memory back to the system.
            grown = SYSTEM.data_bytes() - at_start
            if access.processes.lost or (grown > RENEW_AFTER and not access.gpu):
                # The client starts another examiner. The next submission must not fail for want
                # of memory that this one used up.
                return

    CheckRunner(answer_all).start()


def answer(request: Request, grader: Grader, access: SandboxAccess) -> Reply:
    """Carry out one request; an error becomes a ``Refusal``."""
    try:
        match request:
            case Examine():
                grade = grader.grade(request)
                return grade if isinstance(grade, Overran) else Graded(grade)
            case Inspect():
                return Inspected(inspect(access))
            case Detect():
                return Detected(devices.present())
            case Survey():
                return survey(request)
            case Record():
                return Recorded(grader.record(request))
            case FindGaps():
                return Gaps(open_methods(request.exercise.spec.forbidden))
    except GraderError as error:
        kind = type(error).__name__
        # The reason can quote learner code of any length.
        problem = error.problem[:MAX_REASON]
        return Refusal(
            error=kind,
            problem=problem,
            place=error.place,
            line=error.line,
            advice=error.advice,
        )
    except MemoryError:
        return Refusal("ExaminerError", NO_MEMORY, advice="nothing was graded")
    except Exception as error:
        # A bug of the grader. This submission gets no grade, but the next one can. The message
        # has only the place; the log has the traceback, which may quote a check.
        logging.getLogger(__name__).exception("%s failed", type(request).__name__)
        frame = traceback.extract_tb(error.__traceback__)[-1]
        file = os.path.basename(frame.filename)
        problem = f"{type(error).__name__}: {error}"[:MAX_REASON]
        message = f"the grader has a bug ({problem}, {file} line {frame.lineno})"
        return Refusal("ExaminerError", message, advice="please report it")


def was_crowded(reply: Reply, grown: int) -> bool:
    """Whether a submission lacked memory, in an examiner that had ``grown`` by so many bytes.

    Then another examiner grades it, so that no submission takes memory from the next one.
    """
    if grown < ROOM:
        return False
    if isinstance(reply, Refusal):
        return reply.problem == NO_MEMORY
    if not isinstance(reply, Graded):
        return False

    errors = [check.error for check in reply.grade.checks if check.error]
    return any(is_out_of_memory(error.kind, error.message) for error in errors)


def send_reply(respond: Callable[[Reply], None], reply: Reply) -> None:
    """Send ``reply``; if it is too large for a frame, send a shorter one."""
    try:
        respond(reply)
    except WireError as error:
        # Points and messages of a grade always fit.
        if isinstance(reply, Graded):
            respond(Graded(_shorten(reply.grade)))
        else:
            respond(Refusal("ExaminerError", f"no answer could be sent ({error})"))


def is_fully_sandboxed(access: SandboxAccess) -> bool:
    """Whether no layer is missing, even for a submission that may start programs."""
    try:
        return all(inspect(access, subprocesses=True).values())
    except (GraderError, LearnerFailure):
        return False


def inspect(access: SandboxAccess, *, subprocesses: bool = False) -> dict[str, str | None]:
    """Return the sandbox layers of a learner process, each with what provides it, or None."""
    request = wire.Spawn([], subprocesses=subprocesses, gpu=access.gpu)
    return access.processes.isolation(request)


def _shorten(grade: Grade) -> Grade:
    """``grade`` without cases and output, the two parts that can be long."""
    checks = [msgspec.structs.replace(check, case=None, frames=[]) for check in grade.checks]
    return msgspec.structs.replace(grade, checks=checks, stdout="")
