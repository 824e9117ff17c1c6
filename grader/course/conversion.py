"""Convert YAML data into records, and say in an author's words where that fails."""

import contextlib
import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, NamedTuple, get_args, get_origin

import msgspec

from grader.course.records import FORMAT, ID
from grader.course.yaml_reader import Document
from grader.errors import CourseError
from grader.text import closest

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
    "format": f"this grade reads format {FORMAT}; update grade to read a newer one",
}
"""Advice for keys that allow only a few values."""
_PAGE: Final = "docs/exercise-format.md"
_STEP: Final = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
"""One step of msgspec's path ``$.rubric[0].points``: a position or a key."""
_WITHOUT_QUOTES: Final = {
    "int": re.compile(r"\d+"),
    "float": re.compile(r"\d+(\.\d+)?"),
    "bool": re.compile(r"true|false"),
}
"""msgspec's name of a type, and the texts that are of this type without their quotes."""

_Path = tuple[str | int, ...]


def convert(
    document: Document, kind: Any, *keys: str, page: str = _PAGE, strict: bool = True
) -> Any:
    """Convert the data at ``keys`` of ``document``, or all of it, to the type ``kind``.

    ``page`` documents the keys. Unless ``strict``, a number may be written as text.
    Raises ``CourseError`` for the first place where the data does not fit; its ``also`` has
    the other ones.
    """
    # `dict` access and no check: the caller has converted the parents before.
    data = document.data
    for key in keys:
        data = data[key]

    # The common case: one pass without looking for each problem.
    with contextlib.suppress(msgspec.ValidationError):
        return msgspec.convert(data, kind, strict=strict)

    reader = _Reader(document, page, strict)
    raise CourseError.of_all(reader.problems(kind, data, keys))


class _Reader(NamedTuple):
    """Finds everything that is wrong in a document; msgspec itself stops at the first problem."""

    document: Document
    page: str
    strict: bool

    def problems(self, kind: Any, data: Any, path: _Path) -> Iterator[CourseError]:
        """Everything in ``data`` that does not fit ``kind``."""
        record = _record(kind, data)
        if record is not None and isinstance(data, dict):
            yield from self._problems_of_record(record, data, path)
            return

        item = _item(kind)
        # An empty list has no item to blame; msgspec then says what is wrong with it.
        if item is not None and isinstance(data, list) and data:
            for position, each in enumerate(data):
                yield from self.problems(item, each, (*path, position))

            return

        try:
            msgspec.convert(data, kind, strict=self.strict)
        except msgspec.ValidationError as error:
            yield self._explain(str(error), kind, data, path)

    def _problems_of_record(
        self, record: type[msgspec.Struct], data: dict[Any, Any], path: _Path
    ) -> Iterator[CourseError]:
        at = _at(path)
        fields = {field.encode_name: field for field in msgspec.structs.fields(record)}
        known = set(fields)
        # The tag selects the record, and is no field of it.
        tag = record.__struct_config__.tag_field
        if tag is not None:
            known.add(tag)

        # A misspelled key is one mistake, and not two.
        found = set(data)
        for key, value in data.items():
            if key in fields:
                yield from self.problems(fields[key].type, value, (*path, key))
            elif key not in known:
                advice = f"{self.page} lists the keys"
                # The list is short: a wrong guess is rare and costs little.
                near = closest(str(key), known, cutoff=0.4)
                if near:
                    found.add(near)
                    advice = f"did you mean `{near}`?"

                problem = f"unknown key `{key}`{at}"
                yield self.document.error(problem, *path, key, advice=advice)

        for name, field in fields.items():
            if field.required and name not in found:
                problem = f"key `{name}` is missing{at}"
                yield self.document.error(problem, *path, advice="add it")

    def _explain(self, sentence: str, kind: Any, data: Any, parents: _Path) -> CourseError:
        # msgspec's error has no fields for what is wrong and where, only a sentence such as
        # "Expected `int`, got `str` - at `$.draw.rows[0]`".
        what, _, place = sentence.partition(" - at ")
        steps = _steps(place)
        path = (*parents, *steps)
        at = _at(path)

        missing = re.search(r"missing required field `(.+)`", what)
        if missing:
            problem = f"key `{missing[1]}` is missing{at}"
            return self.document.error(problem, *path, advice="add it")

        if "matching regex" in what:
            problem = f"`{_value_at(data, steps)}` is not a valid name{at}"
            # Other names are those of files.
            letters = "lowercase letters, digits and _, with a letter first"
            if ID not in what:
                letters = "letters, digits, and _ . - after the first one"

            return self.document.error(problem, *path, advice=f"use {letters}")

        # Every other sentence names types, in the words of Python or JSON.
        problem = re.sub(r"`([a-z| ]+)`", _in_yaml_words, what)
        problem = problem[0].lower() + problem[1:].replace(" enum ", " ")
        advice = ""
        if len(path) == 1:
            advice = _CHOICES.get(str(path[0]), "")
        if not advice:
            advice = _correction(what, _value_at(data, steps), self.document.written(*path))
        if not advice:
            advice = _one_of(kind, _value_at(data, steps))
        if not advice:
            advice = f"{self.page} lists the allowed values"

        return self.document.error(f"{problem}{at}", *path, advice=advice)


def _steps(place: str) -> list[str | int]:
    """The steps of a path as msgspec writes it: ``$.rubric[0].points``, in backquotes."""
    inside = place.strip("`").removeprefix("$")
    steps: list[str | int] = []
    for position, key in _STEP.findall(inside):
        if position:
            steps.append(int(position))
        else:
            steps.append(key)

    return steps


def _record(kind: Any, data: Any) -> type[msgspec.Struct] | None:
    """The record that ``kind`` is, or the one of several that the tag in ``data`` selects."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    # The arguments of these are what they contain.
    if not isinstance(data, dict) or get_origin(kind) in (list, tuple, dict):
        return None

    for each in get_args(kind):
        # Other types of a union, such as None, are no records.
        config = getattr(each, "__struct_config__", None)
        if config is not None and data.get(config.tag_field) == config.tag:
            record: type[msgspec.Struct] = each
            return record

    return None


def _item(kind: Any) -> Any:
    """The type of the items of a list, if they are records; None for any other type."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (list, tuple):
        return None

    item = get_args(kind)[0]
    if isinstance(item, type) and issubclass(item, msgspec.Struct):
        return item

    return None


def _value_at(data: Any, path: list[str | int]) -> Any:
    for step in path:
        # msgspec writes [...] for a value of a dictionary, whose key it does not know.
        with contextlib.suppress(LookupError, TypeError):
            data = data[step]

    return data


def _one_of(kind: Any, written: Any) -> str:
    """The choice nearest to ``written``, or all of them, if ``kind`` allows only a few texts."""
    choices = _choices(kind)
    near = closest(str(written), choices)
    if near:
        return f"did you mean `{near}`?"
    if choices:
        return f"write one of {', '.join(sorted(choices))}"

    return ""


def _choices(kind: Any) -> set[str]:
    """The texts of a ``Literal``, also inside a list of them."""
    if get_origin(kind) is Literal:
        return {str(choice) for choice in get_args(kind)}

    found = set()
    for part in get_args(kind):
        found |= _choices(part)

    return found


def _correction(what: str, value: Any, written: str) -> str:
    """What to write in place of ``value``, where that is certain; the file has it as ``written``.

    YAML reads text without quotes as something else if it looks like a number or a list.
    """
    expected = what.partition("`")[2].partition("`")[0]
    if isinstance(value, str):
        pattern = _WITHOUT_QUOTES.get(expected)
        if pattern is not None and pattern.fullmatch(value):
            return f"write {value}, without quotes"

    # Authors forget the dash of a list with one item.
    if expected == "array" and isinstance(value, str | dict):
        return "write a list: [FIRST, SECOND], or one item in each line after a dash"
    if expected != "str" or not written:
        return ""
    if written[0] in "{[":
        return f"put quotes around text that begins with {written[0]}"
    if isinstance(value, dict):
        return "put quotes around text that contains a colon"
    if isinstance(value, list):
        return "write one text, and no list"

    return f'write "{written}", in quotes'


def _at(path: _Path) -> str:
    """`` at `rubric`, item 1, `points```: the place in the file, as its author counts."""
    parts: list[str] = []
    keys: list[str] = []
    for step in path:
        if isinstance(step, str):
            keys.append(step)
            continue

        if keys:
            parts.append(_joined(keys))
            keys = []

        # People count from 1. The lines of the file have numbers of their own.
        parts.append(f"item {step + 1}")

    if keys:
        parts.append(_joined(keys))
    if not parts:
        return ""

    return f" at {', '.join(parts)}"


def _joined(keys: list[str]) -> str:
    return f"`{'.'.join(keys)}`"


def _in_yaml_words(match: re.Match[str]) -> str:
    """``int | null``, as msgspec writes types, in words."""
    words = []
    for name in match[1].split(" | "):
        word = _YAML_WORDS.get(name, f"`{name}`")
        words.append(word)

    return " or ".join(words)
