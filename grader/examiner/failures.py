"""The ways to fail a check without returning a value, and the message for each."""

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
    "You can import the standard library, PyTorch, NumPy, and .py files in the same folder."
)
_SIGNAL_MEANINGS: Final = {
    "SIGSEGV": "it accessed invalid memory, often because of endless recursion",
    "SIGKILL": "it was killed, often because the machine ran out of memory",
    "SIGABRT": "a library aborted it",
    "SIGXFSZ": "it wrote a file that is too large",
}


CUT_OFF: Final = "CutOff"
"""The exception that the sandbox raises in a cell that takes too long."""


class LearnerFailure(Exception):  # noqa: N818 - a finding about the learner's code, not an error
    """The learner's code did not return a value: the check ends with ``outcome``."""

    def __init__(self, outcome: Outcome, message: str, frames: Sequence[wire.Frame] = ()) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.frames = frames


def crash(message: str) -> LearnerFailure:
    """The failure of a process that cannot be used any more."""
    return LearnerFailure(Outcome.CRASHED, message)


def of_garbage(problem: str) -> LearnerFailure:
    """The failure of a process whose reply breaks the protocol."""
    return crash(f"The process of your code sent an invalid reply: {problem}.")


def of_death(reaped: wire.Reaped) -> LearnerFailure:
    """The failure of a process that ended instead of replying.

    A timeout has no message yet, because only the caller knows which time ran out.
    """
    status = reaped.status
    if reaped.overflowed:
        return crash("Your code wrote more to its folder than allowed.")
    if status >= 0:
        return crash(f"Your code ended its process with exit status {status}.")
    if -status == signal.SIGXCPU:
        # The kernel counted more CPU seconds than the submission may use.
        return LearnerFailure(Outcome.TIMEOUT, "")

    name = signal_name(-status)
    message = f"{name} ended the process of your code"
    if meaning := _SIGNAL_MEANINGS.get(name):
        message += f": {meaning}"

    return crash(f"{message}.")


def of_slow_call(seconds: float, *, waits: bool) -> LearnerFailure:
    """The failure of a call that did not end within its time.

    ``seconds`` are CPU time, or time by the clock if the code mostly ``waits``.
    """
    message = f"No answer within {seconds:g} s of CPU time. Is there a loop that never ends?"
    if waits:
        message = f"No answer within {seconds:g} s. Does your code sleep, or wait for something?"
    return LearnerFailure(Outcome.TIMEOUT, message)


def of_slow_load(seconds: float) -> LearnerFailure:
    """The failure of a file that was not loaded within its time."""
    return LearnerFailure(
        Outcome.TIMEOUT,
        f"Your file took longer than {seconds:g} s to load. Code at the top level runs on import; "
        'move it under `if __name__ == "__main__":`.',
    )


def of_slow_submission(seconds: float) -> LearnerFailure:
    """The failure of the check in which the time for the whole submission ran out."""
    message = f"The {seconds:g} s for the whole submission are used up."
    return LearnerFailure(Outcome.TIMEOUT, message)


def not_run(reason: str) -> LearnerFailure:
    """The failure of a check that is not run, because earlier checks took too long."""
    return LearnerFailure(Outcome.TIMEOUT, f"Not run: {reason}.")


def of_reply(reply: wire.Raised | wire.Forbidden, memory_mib: int) -> LearnerFailure:
    """The failure that a reply reports."""
    if isinstance(reply, wire.Forbidden):
        outcome = Outcome.FORBIDDEN
        message = f"`{reply.name}` is not allowed in this exercise."
        return LearnerFailure(outcome, message, reply.frames)

    message = reply.message
    kinds = {reply.exception, *reply.bases}

    # sys.exit() raises an exception; the process itself goes on.
    if reply.exception == CUT_OFF:
        outcome = Outcome.TIMEOUT
        message = f"Your code was {message}. Does it need to run before the function is defined?"
    elif reply.exception == "SystemExit":
        outcome = Outcome.CRASHED
        message = f"Your code called exit (SystemExit: {message})."
    elif reply.exception == "MissingPackageError":
        outcome = Outcome.RAISED
        message = f"{message}.\n{_IMPORT_RULES}"
    elif reply.exception == "BdbQuit":
        outcome = Outcome.RAISED
        message = "Your code calls breakpoint(), which nobody can answer here. Remove the call."
    elif reply.exception == "MemoryError" or any(sign in message for sign in _OUT_OF_MEMORY):
        outcome = Outcome.MEMORY
        message = f"Your code needs more memory than the {memory_mib} MiB allowed."
    else:
        outcome = Outcome.RAISED
        if reply.exception:
            # Some exceptions have no message.
            message = f"{reply.exception}: {message}" if message else reply.exception
        if (
            "PermissionError" in kinds
            or "FileNotFoundError" in kinds
            or "Read-only file" in message
        ):
            message += f"\n{_SANDBOX_RULES}"
        elif "ModuleNotFoundError" in kinds:
            message += f"\n{_IMPORT_RULES}"

    return LearnerFailure(outcome, message, reply.frames)


def signal_name(number: int) -> str:
    """Return the name of a signal, such as ``SIGKILL``; real-time signals have only a number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
