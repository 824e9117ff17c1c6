"""Read YAML that contains plain data only, and report every error with its line."""

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from grader.errors import CourseError
from grader.text import printable, single_spaced

MAX_BYTES: Final = 256 * 1024
"""Largest file of a course that is read."""
MAX_DEPTH: Final = 20
"""Deepest nesting of lists and mappings: far above the 4 of the format, far below a stack."""
_QUOTES_MISSING: Final = re.compile(r"[:-] +(\{[^{}]*\}|\[[^\[\]]*\]) *[^\s#,}\]]")
"""A value such as ``{rows} - 1``: YAML takes its beginning for the whole value."""
# The loaders in C are much faster, but not every wheel of PyYAML has them.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BaseLoader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Document(msgspec.Struct, frozen=True):
    """The content of a YAML file, and where it comes from."""

    where: str
    """The file's name, for people."""
    text: bytes
    data: Any

    def line(self, *path: str | int) -> int:
        """The line of the value at these keys and positions, or of its nearest parent."""
        # Composed only for an error: the nodes have lines, but take longer than the data.
        node = yaml.compose(self.text, Loader=_SafeLoader)
        line = 0
        for step in path:
            children = _children(node)
            if step not in children:
                break

            line, node = children[step]

        return line + 1

    def written(self, *path: str | int) -> str:
        """What the file has at ``path``: the text of a value, or how a list or mapping begins."""
        node = yaml.compose(self.text, Loader=_SafeLoader)
        for step in path:
            _, node = _children(node).get(step, (0, None))

        if node is None:
            return ""
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)

        start = node.start_mark
        return self.text.decode("utf-8", "replace").splitlines()[start.line][start.column :]

    def key_lines(self) -> dict[str | int, int]:
        """The line of each key of the outermost mapping."""
        node = yaml.compose(self.text, Loader=_SafeLoader)
        return {key: line + 1 for key, (line, _) in _children(node).items()}

    def place(self, *path: str | int) -> str:
        """The file and the line of the value at ``path``: ``exercise.yaml line 3``."""
        return f"{self.where} line {self.line(*path)}"

    def error(self, problem: str, *path: str | int, advice: str = "") -> CourseError:
        """An error about the value at ``path``."""
        return CourseError(problem, place=self.where, line=self.line(*path), advice=advice)


def _children(node: Any) -> dict[str | int, tuple[int, Any]]:
    """Key or position to line, from 0, and node. A value starts where its key starts."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: (key.start_mark.line, value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return {number: (item.start_mark.line, item) for number, item in enumerate(node.value)}

    return {}


def to_rename(path: Path) -> str:
    """What to do if the file ``path`` has the ending ``.yml`` instead; else empty."""
    other = path.with_suffix(".yml")
    if other.is_file():
        return f"rename {path.parent.name}/{other.name} to {path.name}"

    return ""


def read(path: Path, where: str) -> Document:
    """Read a file of a course; ``where`` is its name in messages. Raises ``CourseError``."""
    try:
        with path.open("rb") as file:
            # One byte more than allowed shows that there is more.
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CourseError.unreadable(where, error) from None

    if len(content) > MAX_BYTES:
        raise CourseError(f"larger than {MAX_BYTES // 1024} KiB", place=where, advice="shorten it")

    return Document(where, content, load(content, where))


def load(text: bytes, where: str, *, typed: bool = True) -> Any:
    """Parse YAML, refusing aliases, repeated keys and deep nesting.

    With ``typed=False`` every scalar stays the text in the file. Raises ``CourseError``.
    """
    loader = _TypedLoader if typed else _TextLoader
    try:
        _check_events(text, where)
        return yaml.load(text, Loader=loader)  # noqa: S506 - both loaders build plain data only
    except yaml.YAMLError as error:
        raise _explain(error, text, where) from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # PyYAML's constructors raise these for tagged values such as `!!int ""`.
        raise CourseError(
            f"not readable as YAML ({_on_one_line(error)})", place=where, advice="fix the file"
        ) from None


def _on_one_line(error: Exception) -> str:
    """The text of an error on one line, without a library's name for input without a name."""
    text = single_spaced(str(error))
    return re.sub(r"<unknown>, |,? in \"<.*?>\"", "", text)


def _check_events(text: bytes, where: str) -> None:
    # Before the data is built: aliases can grow it without bound, and nesting overflows the stack.
    depth = 0
    for event in yaml.parse(text, Loader=_SafeLoader):
        start: Any = event.start_mark
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise CourseError(
                "YAML aliases (*name) are not allowed",
                place=where,
                line=start.line + 1,
                advice="write the value out",
            )

        if depth > MAX_DEPTH:
            raise CourseError(
                f"nested more than {MAX_DEPTH} deep",
                place=where,
                line=start.line + 1,
                advice="flatten it",
            )


def _explain(error: yaml.YAMLError, text: bytes, where: str) -> CourseError:
    if isinstance(error, yaml.reader.ReaderError):
        return _not_text(error, text, where)

    # Only errors with a mark have these attributes.
    advice = "fix the YAML there"
    mark = getattr(error, "problem_mark", None)
    begun = getattr(error, "context_mark", None)
    # The problem can quote the file, where an escape such as \e stands for any character.
    problem = printable(getattr(error, "problem", None) or _on_one_line(error))
    if mark is None:
        return CourseError(problem, place=where, advice="fix the YAML")

    # `title:x` is an error at the next key, so the place that helps is where the scan began.
    scanned = getattr(error, "context", None) == "while scanning a simple key"
    if scanned and begun is not None and "expected ':'" in problem:
        return CourseError(
            "not `key: value`, with a colon and a space",
            place=where,
            line=begun.line + 1,
            advice=advice,
        )

    # These two say little to an author, and each has one common cause.
    if problem == "mapping values are not allowed in this context":
        problem += " (put quotes around text that contains a colon)"
    elif problem == "found character that cannot start any token":
        problem += _bad_start(text, mark)

    elif _QUOTES_MISSING.search(_line(text, mark)):
        problem += " (put quotes around text that begins with { or [)"

    if begun is not None and begun.line != mark.line:
        problem += f", in the value that begins on line {begun.line + 1}"

    return CourseError(problem, place=where, line=mark.line + 1, advice=advice)


def _bad_start(text: bytes, mark: Any) -> str:
    character = _line(text, mark)[mark.column : mark.column + 1]
    if character == "\t":
        return " (a tab; indent with spaces)"

    return f" (put quotes around text that begins with {character})"


def _line(text: bytes, mark: Any) -> str:
    """The line of a mark; empty at the end of the file."""
    # A replaced byte keeps the columns right, which count characters.
    lines = text.decode("utf-8", "replace").splitlines()
    return lines[mark.line] if mark.line < len(lines) else ""


def _not_text(error: yaml.reader.ReaderError, text: bytes, where: str) -> CourseError:
    # PyYAML's position counts bytes or characters, depending on the loader, so search again.
    try:
        readable = text.decode()
    except UnicodeDecodeError as undecodable:
        line = text[: undecodable.start].count(b"\n") + 1
        advice = "save the file as UTF-8"
        return CourseError("not UTF-8", place=where, line=line, advice=advice)

    before, _, _ = readable.partition(chr(error.character))
    return CourseError(
        f"the character U+{error.character:04X} is not allowed",
        place=where,
        line=before.count("\n") + 1,
        advice="remove it",
    )


class _UniqueKeys:
    """Mixin for a YAML loader that refuses repeated keys; PyYAML keeps the last one."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen = set()
        for key, _ in node.value:
            problem = ""
            # A list or mapping as a key would need a hash.
            if not isinstance(key, yaml.ScalarNode):
                problem = "a key has to be plain text"
            elif key.value in seen:
                problem = f"key `{key.value}` is written twice"

            if problem:
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)

            seen.add(key.value)

        return super().construct_mapping(node, deep)  # type: ignore[misc]


class _TypedLoader(_UniqueKeys, _SafeLoader): ...  # type: ignore[misc]


class _TextLoader(_UniqueKeys, _BaseLoader): ...  # type: ignore[misc]
