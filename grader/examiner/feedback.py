"""The smallest honest explanation of a failed check, as text."""

import functools
import re
import reprlib
import unicodedata
from typing import Any, Final

import torch

from grader.examiner.compare import Mismatch
from grader.examiner.process import LearnerFailure
from grader.examiner.proxy import Exchange
from grader.grades.grade import Case
from grader.sandbox import values, wire
from grader.submission.files import Submission

MAX_TEXT: Final = 4000
# Unicode categories: control, format (bidirectional ones too), surrogate, private, none, line and paragraph end.
_UNSAFE: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_WORDS: Final = ("the ", "what ", "which ", "whether ", "after ")
"""What is compared begins with one of these, and is told with a capital; or it is a name, which stays as it is."""
_ADDRESS: Final = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
# Columns of a tensor's text; the terminal page indents it and may be 80 wide.
_LINE_WIDTH: Final = 60
_SHOWN_ITEMS: Final = 8
_SHOWN_DIMENSIONS: Final = 4
# Bytes of a tensor whose text is kept for the next submission that it is shown for.
_SMALL: Final = 1024
# Values, in lists in lists and dictionaries, that one description tells of at most.
_MAX_VALUES: Final = 64


def clean(text: str, cap: int = MAX_TEXT) -> str:
    """Learner text made safe to show: no control or bidirectional characters, no addresses, capped.

    Addresses would make two gradings of one submission differ.
    """
    if len(text) > cap:
        text = text[:cap] + "…"
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    if text.isascii() and text.replace("\n", "").isprintable():
        return _ADDRESS.sub("0x…", text)  # most is, and to look at each character takes long
    kept = "".join(
        c if c == "\n" or unicodedata.category(c) not in _UNSAFE else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )
    return _ADDRESS.sub("0x…", kept)


def describe(value: Any) -> str:
    """A value as the learner would see it printed, with dtype and shape for a tensor."""
    return clean(_Description().of(value))


class _Description(reprlib.Repr):
    """One description, with what is left of its budget: what a value is nested in does not make it longer."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxdict = _SHOWN_ITEMS
        self.maxstring = self.maxother = 200
        self.values = _MAX_VALUES
        self.characters = MAX_TEXT

    def of(self, value: Any) -> str:
        """``value`` in lines, where there is a tensor among its items one for each of them."""
        if not self._take():
            return "…"
        if isinstance(value, wire.Opaque):
            text = clean(f"({value.description})", 200)
        elif isinstance(value, torch.Tensor):
            text = _describe_tensor(value)
        elif isinstance(value, (tuple, list)) and any(
            isinstance(item, torch.Tensor) for item in value
        ):
            lines = [
                f"[{index}] {self.of(item)}" for index, item in enumerate(value[:_SHOWN_ITEMS])
            ]
            return "\n".join(
                [*lines, f"… {len(value)} items in all"] if len(value) > _SHOWN_ITEMS else lines
            )
        else:
            return clean(self.repr(value), 400)
        self.characters -= len(text)
        return text

    def repr1(self, x: Any, level: int) -> str:
        """A value inside another: reprlib's way, within the budget."""
        if not self._take():
            return "…"
        if isinstance(x, torch.Tensor):
            text = _tensor_text(x) if x.dim() <= _SHOWN_DIMENSIONS else f"tensor({_tensor_kind(x)})"
            text = clean(" ".join(text.split()), self.maxother)
        elif isinstance(x, wire.Opaque):
            text = clean(f"({x.description})", self.maxother)
        else:
            return super().repr1(x, level)
        self.characters -= len(text)
        return text

    def _take(self) -> bool:
        self.values -= 1
        return self.values >= 0 and self.characters > 0


def case(exchanges: list[Exchange], error: BaseException, submission: Submission) -> Case:
    """What the last call was given and gave, beside what was expected."""
    last = exchanges[-1] if exchanges else Exchange("", "", {}, None)
    compared, returned, expected, traceback = "", "", "", []
    if isinstance(error, Mismatch):
        compared = "" if error.what == "the result" else error.what
        returned = (
            describe(error.actual) if error.actual is not None or error.expected is not None else ""
        )
        expected = describe(error.expected) if error.expected is not None else ""
    elif isinstance(last.reply, wire.Returned) and not isinstance(error, LearnerFailure):
        returned = describe(last.value)
    if isinstance(error, LearnerFailure):
        traceback = [
            _traceback_line(frame, submission) for frame in error.frames[-wire.MAX_FRAMES :]
        ]
    given = {name: describe(values.decode(value)) for name, value in last.given.items()}
    return Case(
        call=last.call,
        note=last.note,
        given=given,
        compared=clean(compared, 200),
        returned=returned,
        expected=expected,
        traceback=traceback,
    )


def message(error: BaseException) -> str:
    """The sentence about a failed check, without any of the grader's own frames."""
    if isinstance(error, LearnerFailure):
        return clean(error.message)
    if isinstance(error, Mismatch):
        if not error.what:
            return clean(str(error))
        if error.what == "the result":
            return clean(f"{error} Is a `return` missing?" if error.actual is None else str(error))
        what = (
            error.what[0].upper() + error.what[1:] if error.what.startswith(_WORDS) else error.what
        )
        if error.actual is None and isinstance(error.expected, torch.Tensor) and "gradient" in what:
            return clean(f"{what}: none arrived.")
        return clean(f"{what}: {error}")
    return clean(str(error).partition("\n")[0])


def _traceback_line(frame: wire.Frame, submission: Submission) -> str:
    place = clean(submission.place(frame.file, frame.line), 200)
    function = (
        f", in {clean(frame.function, 100)}" if frame.function not in ("", "<module>") else ""
    )
    text = clean(submission.line(frame.file, frame.line), 200)
    return f"{place}{function}: {text}" if text else f"{place}{function}"


def _describe_tensor(tensor: torch.Tensor) -> str:
    kind = _tensor_kind(tensor)
    if tensor.dim() > _SHOWN_DIMENSIONS:
        return kind
    text = _tensor_text(tensor)
    one_line = "\n" not in text and len(text) + len(kind) < _LINE_WIDTH
    return f"{text}  {kind}" if one_line else f"{text}\n{kind}"


def _tensor_kind(tensor: torch.Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')}, shape {tuple(tensor.shape)}"


def _tensor_text(tensor: torch.Tensor) -> str:
    """A tensor of few dimensions as PyTorch prints it, which leaves elements out but of dimensions shorter than 5."""
    sent = values.encode_tensor(tensor)
    if isinstance(sent, wire.Tensor) and len(sent.data) <= _SMALL:
        return _small_tensor_text(sent.dtype, tuple(sent.shape), sent.data)
    return _printed(tensor)


@functools.lru_cache(maxsize=1024)
def _small_tensor_text(dtype: str, shape: tuple[int, ...], data: bytes) -> str:
    """Kept, for it takes PyTorch half a millisecond, and a class is given the same inputs: they are shown to many."""
    return _printed(values.decode_tensor(wire.Tensor(dtype, list(shape), data)))


def _printed(tensor: torch.Tensor) -> str:
    torch.set_printoptions(precision=4, threshold=48, edgeitems=2, linewidth=_LINE_WIDTH)  # type: ignore[no-untyped-call]
    try:
        return re.sub(
            r",\s+(dtype|requires_grad|grad_fn|device|size)=.*\)$",
            ")",
            repr(tensor.detach()),
            flags=re.DOTALL,
        )
    finally:
        torch.set_printoptions(profile="default")  # type: ignore[no-untyped-call]
