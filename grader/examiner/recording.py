"""What checks did with the solution, recorded: a handout repeats it without the checks themselves.

A recording has the calls of a check and the results of the solution. It has neither the code of the
check nor that of the solution.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from grader.course.loading import RECORDED
from grader.errors import CourseError, WireError
from grader.examiner.compare import RESULT, Mismatch, difference
from grader.examiner.learner import Learner, Probe
from grader.sandbox import values, wire

MAX_BYTES: Final = 2**20
"""Size of the recording of one check. A larger one is left out of a handout."""


class RecordedCall(msgspec.Struct, frozen=True):
    """One request to the solution, and its reply."""

    request: wire.Call | wire.Run
    reply: wire.Returned | wire.Raised
    call: str
    note: str
    given: dict[str, wire.Value]


Recording = dict[str, list[list[RecordedCall]]]
"""Name of each check to its cases: one for each seed."""
_DECODER: Final = msgspec.msgpack.Decoder(Recording)


def size(cases: list[list[RecordedCall]]) -> int:
    """Bytes of a recording."""
    return len(msgspec.msgpack.encode(cases))


def replay(learner: Learner, checks: str, name: str) -> None:
    """Repeat the recorded calls of the check ``name`` with a submission, and compare the results.

    ``checks`` is the path of the file with the checks. Raises ``Mismatch`` for another result, and
    ``CourseError`` if the recording cannot be read.
    """
    path = Path(checks).with_name(RECORDED)
    try:
        recording = _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, WireError) as error:
        raise CourseError(f"cannot be read ({error})", place=str(path)) from None
    for case in recording[name]:
        for recorded in case:
            _repeat(learner, recorded)


def _repeat(learner: Learner, recorded: RecordedCall) -> None:
    reply = recorded.reply
    if isinstance(reply, wire.Raised):
        # Only the check knows which exceptions are right.
        learner.must_raise_in(Exception, lambda: _ask(learner, recorded))
        return

    actual = _ask(learner, recorded)
    expected = values.decode(reply.value)
    found = difference(actual, expected, exact=False, equal_nan=True)
    if found:
        raise Mismatch(found, RESULT, actual, expected)


def _ask(learner: Learner, recorded: RecordedCall) -> Any:
    request = recorded.request
    if isinstance(request, wire.Call):
        function = getattr(learner, request.function)
        arguments = [values.decode(argument) for argument in request.arguments]
        keywords = {name: values.decode(value) for name, value in request.keywords.items()}
        return function(*arguments, **keywords)

    probe = Probe(
        name=request.function,
        source=request.source,
        parameters=[],
        # The recording has the returned value, which says more than a type.
        returns=Any,
        note=recorded.note,
    )
    return learner.ask_probe(probe, request.arguments, recorded.call, recorded.note, recorded.given)
