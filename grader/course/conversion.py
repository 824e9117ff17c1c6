"""Convert YAML data into records, and say in an author's words where that fails."""

import difflib
import re
from typing import Any, Final

import msgspec

from grader.course.records import (
    FORMAT,
    Check,
    CodeExercise,
    Equivalent,
    Limits,
    Question,
    QuizExercise,
    WrongAnswer,
)
from grader.course.yaml_reader import Document
from grader.errors import CourseError

_YAML_WORDS: Final = {
    "array": "a list",
    "object": "lines of `key: value`",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
}
"""msgspec's name of a type, and the word for it in messages."""
_CHOICES: Final = {
    "kind": "write code or quiz",
    "format": f"write {FORMAT}, the version that this grader reads",
}
"""Advice for keys that allow only a few values."""
_RECORDS: Final = (CodeExercise, QuizExercise, Check, Question, Limits, WrongAnswer, Equivalent)
_STEP: Final = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
"""One step of msgspec's path ``$.rubric[0].points``: a position or a key."""


def convert(document: Document, kind: Any, *keys: str) -> Any:
    """Convert the data at ``keys`` of ``document``, or all of it, to the type ``kind``.

    Raises ``CourseError`` with the line where the data does not fit.
    """
    data = document.data
    for key in keys:
        data = data[key]
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise _explain(document, str(error), keys) from None


def _explain(document: Document, sentence: str, keys: tuple[str, ...]) -> CourseError:
    # msgspec has no fields for what is wrong and where, only the sentence.
    what, _, place = sentence.partition(" - at ")
    place = place.strip("`").removeprefix("$")
    path: list[str | int] = [*keys]
    for position, key in _STEP.findall(place):
        path.append(int(position) if position else key)
    shown = (".".join(keys) + place).removeprefix(".")
    at = f" at `{shown}`" if shown else ""

    if unknown := re.search(r"unknown field `(.+)`", what):
        key = unknown[1]
        return document.error(f"unknown key `{key}`{at}", *path, key, advice=_meant(key))
    if missing := re.search(r"missing required field `(.+)`", what):
        return document.error(f"key `{missing[1]}` is missing{at}", *path, advice="add it")
    problem = what[0].lower() + what[1:]
    problem = re.sub(r"`([a-z| ]+)`", _in_yaml_words, problem)
    advice = _CHOICES.get(shown, "docs/exercise-format.md lists the allowed values")
    return document.error(f"{problem}{at}", *path, advice=advice)


def _meant(unknown: str) -> str:
    keys = {key for record in _RECORDS for key in record.__struct_encode_fields__}
    near = difflib.get_close_matches(unknown, sorted(keys), n=1, cutoff=0.4)
    if near:
        return f"did you mean `{near[0]}`?"
    return "docs/exercise-format.md lists the keys"


def _in_yaml_words(match: re.Match[str]) -> str:
    """``int | null``, as msgspec writes types, in words."""
    names = match[1].split(" | ")
    return " or ".join(_YAML_WORDS.get(name, f"`{name}`") for name in names)
