"""YAML that holds plain data and nothing else, and in which every error has its line."""

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from grader.errors import CourseError
from grader.text import printable

MAX_BYTES: Final = 256 * 1024
"""Of a file of a course."""
MAX_DEPTH: Final = 20
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BaseLoader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Document(msgspec.Struct, frozen=True):
    """A YAML file that was read: what it holds, and where."""

    where: str
    """The file's name, for people."""
    text: bytes
    data: Any

    def line(self, *path: str | int) -> int:
        """The line of what stands at these keys and positions, or of the last of them that is there."""
        node = yaml.compose(self.text, Loader=_SafeLoader)
        line = 0
        for step in path:
            if isinstance(node, yaml.MappingNode):
                found = [(key.start_mark, value) for key, value in node.value if key.value == step]
            elif isinstance(node, yaml.SequenceNode):
                found = (
                    [(value.start_mark, value) for value in node.value[step:][:1]]
                    if isinstance(step, int)
                    else []
                )
            else:
                found = []
            if not found:
                break
            mark, node = found[0]
            line = mark.line
        return line + 1

    def place(self, *path: str | int) -> str:
        """The file and the line of what stands at ``path``: ``exercise.yaml line 3``."""
        return f"{self.where} line {self.line(*path)}"

    def error(self, problem: str, *path: str | int) -> CourseError:
        """``problem`` as an error that names the file and the line of what stands at ``path``."""
        return CourseError(f"{self.where}: line {self.line(*path)}: {problem}")


def read(path: Path, where: str) -> Document:
    """Read a file of a course, called ``where`` in what is said of it."""
    try:
        size, content = path.stat().st_size, b""
        if size <= MAX_BYTES:
            content = path.read_bytes()
    except OSError as error:
        raise CourseError(
            f"{where}: cannot be read ({error.strerror}); mend its permissions or the disk"
        ) from None
    if size > MAX_BYTES:
        raise CourseError(f"{where}: larger than {MAX_BYTES // 1024} KiB; shorten it")
    return Document(where, content, load(content, where))


def load(text: bytes, where: str, *, typed: bool = True) -> Any:
    """Parse YAML without aliases or repeated keys, each refused with its line.

    With ``typed=False`` every scalar stays the text that was written.
    """
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_SafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                raise CourseError(
                    f"{where}: line {line}: YAML aliases (*name) are not allowed; write the value out"
                )
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(
                event, yaml.CollectionEndEvent
            )
            if depth > MAX_DEPTH:
                raise CourseError(
                    f"{where}: line {line}: nested more than {MAX_DEPTH} deep; flatten it"
                )
        return yaml.load(text, Loader=_TypedLoader if typed else _TextLoader)  # noqa: S506 - both build plain data only
    except yaml.YAMLError as error:
        raise CourseError(f"{where}: {_problem(error, text)}") from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # PyYAML's constructors trip over tagged values such as `!!int ""` in ways of their own.
        raise CourseError(
            f"{where}: not readable as YAML ({one_line(error)}); mend the file"
        ) from None


def one_line(error: Exception) -> str:
    """What an error says, without line breaks and without a library's names for nameless input."""
    return re.sub(r"<unknown>, |,? in \"<.*?>\"", "", " ".join(str(error).split()))


def _problem(error: yaml.YAMLError, text: bytes) -> str:
    """What is wrong, and on which line; where something was begun on another line, on which as well."""
    if isinstance(error, yaml.reader.ReaderError):
        return _unreadable(error, text)
    mark, begun = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    # It can quote the file, in which an escape such as \e stands for any character there is.
    problem = printable(getattr(error, "problem", None) or one_line(error))
    if mark is None:
        return f"{problem}; mend the YAML"
    if (
        "expected ':'" in problem
        and getattr(error, "context", None) == "while scanning a simple key"
        and begun
    ):
        return f"line {begun.line + 1}: not `key: value`, which takes a colon and a space after it; mend the YAML there"
    problem += _cause(problem, text, mark)
    since = (
        f", in what begins on line {begun.line + 1}"
        if begun is not None and begun.line != mark.line
        else ""
    )
    return f"line {mark.line + 1}: {problem}{since}; mend the YAML there"


def _cause(problem: str, text: bytes, mark: Any) -> str:
    """What mostly brings such a problem about, in brackets; nothing where that is not known."""
    if problem == "mapping values are not allowed in this context":
        return " (text with a colon in it takes quotes around it)"
    if problem == "found character that cannot start any token":
        here = text.decode("utf-8", "replace").splitlines()[mark.line][mark.column :][:1]
        return (
            " (a tab; indent with spaces)"
            if here == "\t"
            else f" (text that begins with {here} takes quotes)"
        )
    return ""


def _unreadable(error: yaml.reader.ReaderError, text: bytes) -> str:
    """What is no text, or holds a character that YAML does not take."""
    try:
        before = text.decode().partition(chr(error.character))[0].encode()
        problem = f"the character U+{error.character:04X} is not allowed; remove it"
    except UnicodeDecodeError as undecodable:
        before, problem = text[: undecodable.start], "not UTF-8; save the file as UTF-8"
    line = before.count(b"\n") + 1
    return f"line {line}: {problem}"


class _UniqueKeys:
    """Mixin for a YAML loader: a key written twice is an error, not the last one's win."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key has to be plain text", problem_mark=key.start_mark
                )
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key `{key.value}` is written twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)  # type: ignore[misc]


class _TypedLoader(_UniqueKeys, _SafeLoader): ...  # type: ignore[misc]


class _TextLoader(_UniqueKeys, _BaseLoader): ...  # type: ignore[misc]
