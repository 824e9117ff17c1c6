"""How a submission fails a check without returning a value, and what its learner reads then."""

import signal
from collections.abc import Sequence
from typing import Final

from grader.grades.grade import Outcome
from grader.sandbox import wire

# PyTorch and the C library raise other errors than MemoryError when memory runs out.
_OUT_OF_MEMORY: Final = (
    "can't allocate memory",
    "out of memory",
    "Cannot allocate memory",
    "bad_alloc",
)
_SANDBOX_RULES: Final = (
    "Your code can use its own folder, Python and PyTorch. "
    "It cannot use other files, other programs or the network."
)
_IMPORT_RULES: Final = (
    "You can import the standard library, PyTorch, and .py files in the same folder."
)
_SIGNAL_MEANINGS: Final = {
    "SIGSEGV": "it accessed invalid memory, often because of endless recursion",
    "SIGKILL": "it was killed, often because the machine ran out of memory",
    "SIGABRT": "a library aborted it",
    "SIGXFSZ": "it wrote a file that is too large",
}


class LearnerFailure(Exception):  # noqa: N818 - a finding about the learner's code, not an error
    """The learner's code did not return a value: the check ends with ``outcome``."""

    def __init__(self, outcome: Outcome, message: str, frames: Sequence[wire.Frame] = ()) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.frames = frames


def of_garbage(problem: str) -> LearnerFailure:
    """The failure of a process whose reply breaks the protocol."""
    message = f"The process of your code sent an invalid reply: {problem}."
    return LearnerFailure(Outcome.CRASHED, message)


def of_death(reaped: wire.Reaped) -> LearnerFailure:
    """The failure of a process that ended instead of replying.

    A timeout has no message yet, because only the caller knows which time ran out.
    """
    status = reaped.status
    if reaped.overflowed:
        message = "Your code wrote more files to its folder than allowed."
        return LearnerFailure(Outcome.CRASHED, message)
    if status >= 0:
        message = f"Your code ended its process with exit status {status}."
        return LearnerFailure(Outcome.CRASHED, message)
    if -status == signal.SIGXCPU:
        return LearnerFailure(Outcome.TIMEOUT, "")
    name = signal_name(-status)
    message = f"{name} ended the process of your code"
    if meaning := _SIGNAL_MEANINGS.get(name):
        message += f": {meaning}"
    return LearnerFailure(Outcome.CRASHED, f"{message}.")


def of_reply(reply: wire.Raised | wire.Forbidden, memory_mib: int) -> LearnerFailure:
    """The failure that a reply reports."""
    if isinstance(reply, wire.Forbidden):
        message = f"`{reply.name}` is not allowed in this exercise."
        return LearnerFailure(Outcome.FORBIDDEN, message, reply.frames)
    if reply.exception == "SystemExit":
        message = f"Your code called exit (SystemExit: {reply.message})."
        return LearnerFailure(Outcome.CRASHED, message, reply.frames)
    is_out_of_memory = any(sign in reply.message for sign in _OUT_OF_MEMORY)
    if reply.exception == "MemoryError" or is_out_of_memory:
        message = f"Your code needs more memory than the {memory_mib} MiB allowed."
        return LearnerFailure(Outcome.MEMORY, message, reply.frames)

    message = ": ".join(part for part in (reply.exception, reply.message) if part)
    kinds = {reply.exception, *reply.bases}
    if "PermissionError" in kinds or "FileNotFoundError" in kinds or "Read-only file" in message:
        message += f"\n{_SANDBOX_RULES}"
    elif "ModuleNotFoundError" in kinds:
        message += f"\n{_IMPORT_RULES}"
    return LearnerFailure(Outcome.RAISED, message, reply.frames)


def signal_name(number: int) -> str:
    """Return the name of a signal, such as ``SIGKILL``; real-time signals have only a number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
