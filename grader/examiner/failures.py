"""The ways to fail a check without returning a value, and the message for each."""

import signal
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from grader.examiner import syntax_help
from grader.grades.grade import Outcome
from grader.sandbox import guesses, wire

# PyTorch, NumPy and the C library raise other errors than MemoryError when memory runs out.
_OUT_OF_MEMORY: Final = (
    "Unable to allocate",
    "can't allocate memory",
    "not enough memory",
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

# The word for what changed, and the sentence. {} is the name of the argument or function.
_SIDE_EFFECTS: Final = {
    ("mutates_input", "values"): "changes the values of {}",
    ("mutates_input", "version"): "writes into {} in place, although its values stay the same",
    ("mutates_input", "shape"): "changes the shape of {}",
    ("mutates_input", "strides"): "changes the strides of {}",
    ("mutates_input", "dtype"): "changes the dtype of {}",
    ("mutates_input", "requires_grad"): "changes `requires_grad` of {}",
    ("mutates_input", "hooks"): "leaves a hook on {}",
    ("mutates_input", "grad"): "changes the gradient stored in {}",
    ("mutates_input", "items"): "changes the items of {}",
    ("mutates_input", "modules"): "changes the modules, parameters or mode of {}",
    ("changes_state", "dtype"): "changes torch's default dtype",
    ("changes_state", "device"): "changes torch's default device",
    ("changes_state", "grad_mode"): "switches autograd on or off",
    ("changes_state", "inference_mode"): "leaves inference mode switched on or off",
    ("changes_state", "deterministic"): "changes torch's setting for deterministic algorithms",
    ("changes_state", "threads"): "changes the number of torch's threads",
    ("changes_state", "setting"): "changes torch's setting {}",
    ("changes_state", "warnings"): "changes Python's warning filters",
    ("changes_state", "functions"): "replaces {}",
    ("changes_state", "graph"): "records operations for gradients under `torch.no_grad()`",
    ("draws_random", "random"): "draws random numbers or sets a seed",
    ("changes_result", "values"): "changes the result of an earlier call",
    ("changes_result", "remembered"): (
        "returns another result under `torch.no_grad()` after the numbers of its arguments have "
        "changed and changed back"
    ),
    ("changes_result", "backward"): (
        "computes the gradient of a call from what a later call has stored"
    ),
    ("changes_result", "incoming"): (
        "writes into the gradient that its backward pass gets, which PyTorch may also send to "
        "other parts of the program"
    ),
    ("changes_result", "backward_twice"): (
        "returns other gradients in a second backward pass through the same result "
        "(`retain_graph=True`)"
    ),
}
_SIDE_EFFECT_ADVICE: Final = {
    "mutates_input": "The arguments belong to the caller. Compute with new tensors instead.",
    "changes_state": "The rest of the program then behaves differently. Leave it as it is.",
    "draws_random": "This task needs no random numbers.",
    "changes_result": "Each call must have a result of its own.",
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


def of_side_effects(effects: Sequence[wire.SideEffect]) -> LearnerFailure:
    """The failure of a call that changed more than it should."""
    # Kind to sentences, each followed by the advice for its kind.
    said: dict[str, list[str]] = defaultdict(list)
    for effect in effects:
        # Learner code can send any word.
        sentence = _SIDE_EFFECTS.get((effect.kind, effect.what), "changes {}")
        name = "something"
        if effect.name:
            name = f"`{effect.name}`"
        said[effect.kind].append(f"Your code {sentence.format(name)}.")

    lines = []
    for kind, sentences in said.items():
        line = " ".join([*sentences, _SIDE_EFFECT_ADVICE[kind]])
        lines.append(line)
    return LearnerFailure(Outcome.FAILED, "\n".join(lines))


def of_hidden_side_effects() -> LearnerFailure:
    """The same failure, seen in a hidden check: what learner code says could tell its inputs."""
    sentence = "Your code changes something besides what it returns, in a hidden check."
    return LearnerFailure(Outcome.FAILED, sentence)


def of_death(reaped: wire.Reaped) -> LearnerFailure:
    """The failure of a process that ended instead of replying.

    A timeout has no message yet, because only the caller knows which time ran out.
    """
    status = reaped.status
    if reaped.overflowed:
        return crash("Your code wrote more to its folder than allowed.")
    # Learner code can call os._exit, which no exception handler sees.
    if status >= 0:
        return crash(f"Your code ended its process with exit status {status}.")
    if signal_name(-status) == "SIGXCPU":
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


def of_memory(mebibytes: int, frames: Sequence[wire.Frame] = ()) -> LearnerFailure:
    """The failure of code that needs more memory than it may use."""
    message = f"Your code needs more memory than the {mebibytes} MiB allowed."
    return LearnerFailure(Outcome.MEMORY, message, frames)


def is_out_of_memory(exception: str, message: str) -> bool:
    """Whether an exception of this type, with this message, says that memory ran out."""
    return exception == "MemoryError" or any(sign in message for sign in _OUT_OF_MEMORY)


def of_reply(reply: wire.Raised | wire.Forbidden, memory_mib: int) -> LearnerFailure:
    """The failure that a reply reports."""
    if isinstance(reply, wire.Forbidden):
        message = f"`{reply.name}` is not allowed in this exercise."
        return LearnerFailure(Outcome.FORBIDDEN, message, reply.frames)

    outcome = Outcome.RAISED
    message = reply.message
    if reply.exception == CUT_OFF:
        outcome = Outcome.TIMEOUT
        message = f"Your code was {message}. Does it need to run before the function is defined?"
    elif reply.exception == "SystemExit":
        # sys.exit() raises an exception; the process itself goes on.
        outcome = Outcome.CRASHED
        message = f"Your code called exit (SystemExit: {message})."
    elif reply.exception == "MissingPackageError":
        # Its message names the package between backticks.
        package = message.split("`")[1:2]
        message = f"{message}.\n{guesses.of_package(''.join(package))}{_IMPORT_RULES}"
    elif "TORCHDYNAMO_VERBOSE" in message:
        message = "Your code uses torch.compile, which cannot run here. Remove it."
    elif reply.exception == "BdbQuit":
        message = "Your code calls breakpoint(), which nobody can answer here. Remove the call."
    elif is_out_of_memory(reply.exception, reply.message):
        return of_memory(memory_mib, reply.frames)
    else:
        message = _message_of(reply)

    return LearnerFailure(outcome, message, reply.frames)


def _message_of(reply: wire.Raised) -> str:
    """The exception and its message, with what helps against it."""
    message = reply.message
    if reply.exception:
        # Some exceptions have no message.
        message = f"{reply.exception}: {message}" if message else reply.exception

    kinds = {reply.exception, *reply.bases}
    is_refused = not kinds.isdisjoint(("PermissionError", "FileNotFoundError"))
    # Other errors of the system have a kind that says less than the message.
    if is_refused or "Read-only file" in message:
        return f"{message}\n{_SANDBOX_RULES}"
    if "ModuleNotFoundError" in kinds:
        return f"{message}\n{_IMPORT_RULES}"

    help_text = syntax_help.advice(reply.exception, reply.message)
    if help_text:
        return f"{message}\n{help_text}"
    return message


def signal_name(number: int) -> str:
    """Return the name of a signal, such as ``SIGKILL``; real-time signals have only a number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
