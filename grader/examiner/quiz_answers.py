"""Reads answers to quiz questions in the forms that people write, and shows and compares them."""

import builtins
import math
import re
from typing import Any, Final

import msgspec


class Raised(msgspec.Struct, frozen=True):
    """The exception that an expression raises."""

    name: str
    """The name of a built-in exception, or ``nothing``."""


Key = tuple[int, ...] | int | float | bool | Raised | None
"""The right answer: a shape, a number, yes or no, an exception, or None."""
NOTHING: Final = Raised("nothing")
MAX_ANSWER: Final = 200
"""Characters of an answer that are read."""
_NUMBER: Final = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[,_]\d{3})+)(?:\.\d*)?(?:[eE][+-]?\d+)?")
_SIZE_PREFIX: Final = re.compile(r"^(torch\.)?size\b", re.IGNORECASE)
_SIZE: Final = re.compile(r"-?\d{1,18}")
_SEPARATOR: Final = re.compile(r"\s*[,x×*]\s*|\s+")
_BRACKETS: Final = {"(": ")", "[": "]"}
_EXCEPTION_PREFIX: Final = re.compile(r"^((raises|an?)\s+)*(builtins\.)?", re.IGNORECASE)
_EXCEPTION_NOISE: Final = re.compile(r"[\s_]|\(\)$")
_EXCEPTIONS: Final = {
    name.lower(): Raised(kind.__name__)
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
} | dict.fromkeys(("nothing", "none", "noexception", "noerror"), NOTHING)
_YES: Final = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


def parse_answer(answer: Any, key: Key) -> Key | str:
    """Read ``answer`` as a value of the type of ``key``; return its text if that is impossible.

    A shape can be written ``[5, 4]``, ``(5, 4)``, ``5, 4``, ``5 x 4`` or ``torch.Size([5, 4])``,
    and an exception ``KeyError``, ``a KeyError``, ``key error`` or as a traceback's last line.
    """
    if isinstance(answer, list):
        answer = f"[{', '.join(map(str, answer))}]"

    text = str(answer)[:MAX_ANSWER].strip().strip("`").strip()
    if isinstance(key, Raised):
        return _parse_exception(text) or text
    # None can be the answer to any other question.
    if text.lower() == "none":
        return None
    if isinstance(key, bool):
        return _YES.get(text.lower(), text)
    if isinstance(key, tuple) or key is None:
        shape = _parse_shape(text)
        return text if shape is None else shape

    # float() alone would also read `nan`, `inf` and digits of other scripts.
    if not _NUMBER.fullmatch(text):
        return text

    value = float(re.sub("[,_]", "", text))
    return int(value) if isinstance(key, int) and value.is_integer() else value


def is_same(answer: Key | str, key: Key) -> bool:
    """Whether a parsed answer equals ``key``."""
    if isinstance(key, float) and isinstance(answer, float):
        # People write four or five digits.
        return math.isclose(answer, key, rel_tol=1e-4)
    # True equals 1 in Python.
    return type(answer) is type(key) and answer == key


def show_answer(value: Key | str) -> str:
    """Return an answer as text: ``(5, 4)``, ``12``, ``yes``, ``KeyError``."""
    if isinstance(value, Raised):
        return value.name
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def answer_format(key: Key) -> str:
    """Say how to write an answer to a question with this key."""
    if isinstance(key, bool):
        return "yes or no"
    if isinstance(key, Raised):
        return "the name of an exception, such as KeyError, or nothing"
    if isinstance(key, tuple) or key is None:
        return "a shape such as (5, 4)"

    return "a number"


def _parse_shape(text: str) -> tuple[int, ...] | None:
    text = _SIZE_PREFIX.sub("", text).strip()
    is_bracketed = False
    while text and text[-1] == _BRACKETS.get(text[0]):
        text = text[1:-1].strip()
        is_bracketed = True

    if not text:
        # Without brackets, an empty answer is not the shape of a scalar.
        return () if is_bracketed else None

    # One comma may end a shape, as in `(5,)`. Two commas are a mistake.
    sizes = _SEPARATOR.split(text.removesuffix(",").rstrip())
    if not all(_SIZE.fullmatch(size) for size in sizes):
        return None

    return tuple(map(int, sizes))


def _parse_exception(text: str) -> Raised | None:
    # A traceback's last line has the message after a colon.
    name = text.partition(":")[0].strip()
    name = _EXCEPTION_PREFIX.sub("", name)
    name = _EXCEPTION_NOISE.sub("", name)
    return _EXCEPTIONS.get(name.lower())
