"""The text about a failed check: its sentence, and its values as the learner would print them."""

import contextlib
import re
import reprlib
import sys
import unicodedata
from collections.abc import Sequence
from importlib import metadata
from typing import Any, Final

import msgspec
import torch

from grader.examiner.compare import RESULT, Mismatch, dtype_name
from grader.examiner.failures import CUT_OFF, LearnerFailure
from grader.examiner.submission_run import Exchange
from grader.grades.grade import Case, Frame, Numbers, View
from grader.sandbox import values, wire
from grader.submission.files import Submission
from grader.text import single_spaced

MAX_TEXT: Final = 4000
MAX_NOTE: Final = 300
_TOO_LONG: Final = 'Put code that is not to be graded under `if __name__ == "__main__":`.'
# Unicode categories: control, format (with bidirectional marks), surrogate, private use,
# unassigned, line and paragraph separators.
_UNSAFE: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_ADDRESS: Final = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_TENSOR_SUFFIX: Final = re.compile(
    r",\s+(dtype|requires_grad|grad_fn|device|size)=.*\)$", re.DOTALL
)
# Columns of a tensor's text. The terminal page indents it and may have 80 columns.
_LINE_WIDTH: Final = 60
_SHOWN_ITEMS: Final = 8
_SHOWN_DIMENSIONS: Final = 4
_SHOWN_NUMBERS: Final = 48
_DRAWN_NUMBERS: Final = 128
# Values in one description, with those inside lists and dictionaries.
_MAX_VALUES: Final = 64
# PyTorch needs 0.5 ms to print a tensor, and all submissions of a class get the same inputs. So
# the texts of small tensors are kept; their number and size bound the memory.
_SMALL_BYTES: Final = 1024
_MAX_TEXTS: Final = 1024
_texts: dict[tuple[str, tuple[int, ...], bytes], str] = {}


def clean(text: str, cap: int = MAX_TEXT) -> str:
    """Return learner text that is safe to show, with at most ``cap`` characters.

    Control and bidirectional characters are replaced. Memory addresses are removed,
    because they would differ between two runs of one submission.
    """
    if len(text) > cap:
        text = text[:cap] + "…"

    text = text.replace("\r\n", "\n").replace("\t", "    ")
    # Looking up each character is slow, and most texts don't need it.
    if not (text.isascii() and text.replace("\n", "").isprintable()):
        for character in set(text) - {"\n"}:
            if unicodedata.category(character) in _UNSAFE:
                text = text.replace(character, "\N{REPLACEMENT CHARACTER}")

    return _ADDRESS.sub("0x…", text)


def load_notes(
    loaded: wire.Loaded, crash: str, submission: Submission, packages: Sequence[str]
) -> list[str]:
    """Return what the learner should know about loading: packages, and cells that failed.

    ``crash`` is why only the definitions were loaded; empty if everything was. ``packages``
    are those that the exercise adds to what is available.
    """
    notes = []
    for missing in loaded.missing:
        place = submission.place(missing.frame.file, missing.frame.line)
        notes.append(
            f"{place}: `{missing.package}` is not available here; what uses it does not work."
        )
    if notes:
        notes.append(f"Available are {available(packages)}.")

    what = "This cell"
    if submission.cells is None:
        what = "This part" if submission.starts else "This file"
    for reply in loaded.failed:
        note = f"{what} did not run to its end: {_why(reply)}"
        if reply.frames:
            # The outermost frame is in the cell itself.
            outermost = reply.frames[0]
            place = submission.place(outermost.file, outermost.line)
            note = f"{place}: {note}"
        notes.append(note)

    if crash:
        notes.append(f"Only the definitions of this file were run. {crash}")
    return [clean(note, MAX_NOTE) for note in notes]


def available(packages: Sequence[str]) -> str:
    """What a submission can import, with versions."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = [f"Python {python}", f"PyTorch {torch.__version__}"]
    for name in ("numpy", *packages):
        with contextlib.suppress(metadata.PackageNotFoundError):
            version = metadata.version(name)
            found.append(f"{name} {version}")
    return ", ".join(found)


def _why(reply: wire.Raised | wire.Forbidden) -> str:
    if isinstance(reply, wire.Forbidden):
        return f"`{reply.name}` is not allowed in this exercise."
    if reply.exception == CUT_OFF:
        return f"it was {reply.message}. {_TOO_LONG}"

    # In one line, because the note is a sentence.
    first, *others = reply.message.strip().split("\n")
    if others:
        first = first.rstrip(" .:") + "."
    message = single_spaced(" ".join([first, *others]))
    if not message:
        return f"{reply.exception}."
    return f"{reply.exception}: {message}"


def describe(value: Any) -> str:
    """Return a value as the learner would see it printed; tensors with dtype and shape."""
    return clean(_Description().describe(value))


class _Description(reprlib.Repr):
    """One description with a budget, so that a deeply nested value cannot make it long."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxdict = _SHOWN_ITEMS
        self.maxstring = self.maxother = 200
        self.values = _MAX_VALUES
        self.characters = MAX_TEXT

    def describe(self, value: Any) -> str:
        """Describe ``value``; a list or tuple with tensors takes one line per item."""
        if not self._take():
            return "…"
        if isinstance(value, torch.Tensor):
            return self._spend(_describe_tensor(value))

        # A tensor takes several lines, which would be unreadable inside a list.
        items = value if isinstance(value, tuple | list) else ()
        if not any(isinstance(item, torch.Tensor) for item in items):
            return clean(self.repr(value), 400)

        lines = []
        for place, item in enumerate(items[:_SHOWN_ITEMS]):
            lines.append(f"[{place}] {self.describe(item)}")

        if len(items) > _SHOWN_ITEMS:
            lines.append(f"… {len(items)} items in all")

        return "\n".join(lines)

    def repr1(self, x: Any, level: int) -> str:
        """Describe a value inside another on one line; called by ``reprlib``."""
        if not self._take():
            return "…"
        if isinstance(x, wire.Opaque):
            return self._spend(clean(f"({x.description})", self.maxother))
        if not isinstance(x, torch.Tensor):
            return super().repr1(x, level)

        # PyTorch prints a tensor of many dimensions on too many lines.
        text = f"tensor({_describe_type(x)})"
        if x.dim() <= _SHOWN_DIMENSIONS:
            text = single_spaced(_print_tensor(x))

        return self._spend(clean(text, self.maxother))

    def _take(self) -> bool:
        """Take one value off the budget; return False if the budget is spent."""
        self.values -= 1
        return self.values >= 0 and self.characters > 0

    def _spend(self, text: str) -> str:
        self.characters -= len(text)
        return text


def frames_of(error: BaseException, submission: Submission) -> list[Frame]:
    """The lines of the submission that the exception of a failed check passed."""
    if not isinstance(error, LearnerFailure):
        return []

    innermost = error.frames[-wire.MAX_FRAMES :]
    return [_frame(frame, submission) for frame in innermost]


def case(
    exchanges: list[Exchange],
    error: BaseException,
    frames: Sequence[Frame],
    *,
    is_smaller: bool = False,
) -> Case:
    """Describe the last call of a failed check: what it got, returned and should return."""
    # There is no exchange if the submission could not be loaded.
    last = Exchange("", "", {}, None)
    if exchanges:
        last = exchanges[-1]

    compared = ""
    returned = ""
    expected = ""
    if isinstance(error, Mismatch):
        if error.what != RESULT:
            compared = clean(error.what, 200)
        if error.expected is not None:
            expected = describe(error.expected)
        # If both are missing, the message is enough, for example for a wrong exception.
        if error.actual is not None or error.expected is not None:
            returned = describe(error.actual)
    elif isinstance(last.reply, wire.Returned) and not isinstance(error, LearnerFailure):
        returned = describe(last.value)

    given = {}
    for name, value in last.given.items():
        argument = values.decode_argument(value)
        given[name] = describe(argument) + _layout(argument)

    return Case(
        call=last.call,
        note=last.note,
        given=given,
        compared=compared,
        returned=returned,
        expected=expected,
        traceback=[frame.whole for frame in frames],
        is_smaller=is_smaller,
    )


def view(exchanges: list[Exchange], error: BaseException) -> View:
    """The small tensors of the last call of a failed check."""
    given = {}
    arguments = exchanges[-1].given if exchanges else {}
    for name, value in arguments.items():
        numbers = _numbers(values.decode(value), _DRAWN_NUMBERS)
        if numbers is not None:
            given[name] = numbers
    if isinstance(error, Mismatch):
        actual = _numbers(error.actual, _SHOWN_NUMBERS)
        expected = _numbers(error.expected, _SHOWN_NUMBERS)
        return View(given, actual, expected)
    return View(given, None, None)


def _numbers(value: Any, most: int) -> Numbers | None:
    """The numbers of a tensor with at most so many; None for anything else."""
    if not isinstance(value, torch.Tensor) or value.is_complex():
        return None
    if value.numel() > most or value.dim() > _SHOWN_DIMENSIONS:
        return None
    flat = value.detach().flatten().tolist()
    return Numbers(dtype_name(value), list(value.shape), [float(each) for each in flat])


def message(error: BaseException) -> str:
    """Return the text about a failed check, without stack frames of the grader."""
    text = str(error)
    if not isinstance(error, LearnerFailure | Mismatch):
        # pytest explains an assert statement in more lines, which can quote the hidden check.
        text = text.partition("\n")[0]
        # Without a message of its author, it quotes the check and says nothing to a learner.
        if isinstance(error, AssertionError) and text.startswith(("assert ", "(assert ")):
            text = "Your result is not what this check expects."
    return clean(text)


def _frame(frame: wire.Frame, submission: Submission) -> Frame:
    function = ""
    if frame.function != "<module>":
        function = clean(frame.function, 100)

    # The file may have fewer lines than the learner process claims.
    text = clean(submission.line(frame.file, frame.line), 200)
    found = submission.frame(frame.file, frame.line)
    file = clean(found.file, 200)
    return msgspec.structs.replace(found, file=file, function=function, text=text)


def _describe_tensor(tensor: torch.Tensor) -> str:
    kind = _describe_type(tensor)
    if tensor.dim() > _SHOWN_DIMENSIONS:
        return kind
    text = _print_tensor(tensor)
    if "\n" in text or len(text) + len(kind) >= _LINE_WIDTH:
        return f"{text}\n{kind}"
    return f"{text}  {kind}"


def _describe_type(tensor: torch.Tensor) -> str:
    return f"{dtype_name(tensor)}, shape {tuple(tensor.shape)}"


def _layout(argument: Any) -> str:
    """How the numbers of an argument lie in memory, unless it is as usual."""
    if not isinstance(argument, torch.Tensor) or argument.is_contiguous():
        return ""
    return ", expanded" if 0 in argument.stride() else ", not contiguous"


def _print_tensor(tensor: torch.Tensor) -> str:
    """Return a tensor as PyTorch prints it; long dimensions are shortened."""
    encoded = values.encode_tensor(tensor)
    if not isinstance(encoded, wire.Tensor) or len(encoded.data) > _SMALL_BYTES:
        return _print_without_cache(tensor)

    key = (encoded.dtype, tuple(encoded.shape), encoded.data)
    if key not in _texts:
        if len(_texts) == _MAX_TEXTS:
            # A class needs the same texts again soon, so a finer rule is not worth it.
            _texts.clear()
        _texts[key] = _print_without_cache(tensor)

    return _texts[key]


def _print_without_cache(tensor: torch.Tensor) -> str:
    # The print options are global, and checks may print tensors too.
    options = {
        "precision": 4,
        "threshold": _SHOWN_NUMBERS,
        "edgeitems": 2,
        "linewidth": _LINE_WIDTH,
    }
    torch.set_printoptions(**options)  # type: ignore[no-untyped-call]
    try:
        return _TENSOR_SUFFIX.sub(")", repr(tensor.detach()))
    finally:
        torch.set_printoptions(profile="default")  # type: ignore[no-untyped-call]
