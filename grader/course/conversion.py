"""Convert YAML data into records, and say in an author's words where that fails."""

import difflib
import re
from collections.abc import Collection
from typing import Any, Final

import msgspec

from grader.course.records import (
    FORMAT,
    Check,
    CodeExercise,
    CourseOrder,
    Equivalent,
    Limits,
    Question,
    QuizExercise,
    Section,
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
_RECORDS: Final = (
    CodeExercise,
    QuizExercise,
    Check,
    Question,
    Limits,
    WrongAnswer,
    Equivalent,
    CourseOrder,
    Section,
)
_PAGE: Final = "docs/exercise-format.md"
_STEP: Final = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
"""One step of msgspec's path ``$.rubric[0].points``: a position or a key."""


def convert(document: Document, kind: Any, *keys: str) -> Any:
    """Convert the data at ``keys`` of ``document``, or all of it, to the type ``kind``.

    Raises ``CourseError`` with the line where the data does not fit.
    """
    # `dict` access and no check: the caller has converted the parents before.
    data = document.data
    for key in keys:
        data = data[key]
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise explain(document, str(error), keys) from None


def explain(
    document: Document,
    sentence: str,
    keys: tuple[str, ...] = (),
    records: Collection[Any] = _RECORDS,
    page: str = _PAGE,
) -> CourseError:
    """The error for a ``sentence`` of msgspec about the data at ``keys``.

    ``records`` have the keys that an unknown one can mean, and ``page`` documents them.
    """
    # msgspec's error has no fields for what is wrong and where, only a sentence such as
    # "Expected `int`, got `str` - at `$.rubric[0].points`".
    what, _, place = sentence.partition(" - at ")
    place = place.strip("`").removeprefix("$")
    path: list[str | int] = [*keys]
    for position, key in _STEP.findall(place):
        path.append(int(position) if position else key)

    # The path of the whole document's data is empty, and the line says enough there.
    shown = (".".join(keys) + place).removeprefix(".")
    at = f" at `{shown}`" if shown else ""

    unknown = re.search(r"unknown field `(.+)`", what)
    if unknown:
        key = unknown[1]
        return document.error(
            f"unknown key `{key}`{at}", *path, key, advice=_meant(key, records, page)
        )
    missing = re.search(r"missing required field `(.+)`", what)
    if missing:
        return document.error(f"key `{missing[1]}` is missing{at}", *path, advice="add it")

    # Every other sentence names types, in the words of Python or JSON.
    problem = re.sub(r"`([a-z| ]+)`", _in_yaml_words, what)
    problem = problem[0].lower() + problem[1:]
    advice = _CHOICES.get(shown, f"{page} lists the allowed values")
    return document.error(problem + at, *path, advice=advice)


def _meant(unknown: str, records: Collection[Any], page: str) -> str:
    keys = {key for record in records for key in record.__struct_encode_fields__}
    # Sorted, so that of two equally close keys always the same one is named. The cutoff is low
    # because the list is short: a wrong guess is rare and costs little.
    near = difflib.get_close_matches(unknown, sorted(keys), n=1, cutoff=0.4)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"{page} lists the keys"


def _in_yaml_words(match: re.Match[str]) -> str:
    """``int | null``, as msgspec writes types, in words."""
    names = match[1].split(" | ")
    return " or ".join(_YAML_WORDS.get(name, f"`{name}`") for name in names)
