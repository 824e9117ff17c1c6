"""Tell work from a starter, and find out what a file defines, without parsing Python.

Parsing hostile source can use up a machine, so these are patterns that read each character once.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from grader.course import loading
from grader.course.records import Exercise

# Text without its end runs to the end of the file, so that no pattern starts over.
_TOKEN: Final = re.compile(
    r"#[^\n]*+"
    r'|"""(?:[^\\"]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^\\"\n]|\\.)*+"?'
    r"|'(?:[^\\'\n]|\\.)*+'?",
    re.DOTALL,
)
_NOTHING: Final = re.compile(
    r"pass|\.\.\.|return(?: None)?|raise NotImplementedError.*|super\(\).*"
    r"|[rRuU]?(?:''|\"\"|)|(?:async )?def .*|[\w.]+: [\w.]+"
)
_DEFINED: Final = re.compile(
    r"^(?:(?:(?:async[ \t]+)?def|class)[ \t]++(\w++)|(\w++)[ \t]*+(?::[^=\n]*+)?=(?!=))",
    re.MULTILINE,
)
_IMPORTED: Final = re.compile(
    r"^(?:from[ \t]++[\w.]++[ \t]++)?import[ \t]++([^\n;]++)", re.MULTILINE
)
_ANSWER: Final = re.compile(
    rb"^(?!learner\b)[ \t]*+[\w-]++[ \t]*+:[ \t]*+(?=[^#\s'\"]|'[^']|\"[^\"])", re.MULTILINE
)


def has_work(exercise: Exercise, source: bytes) -> bool:
    """Whether ``source`` is more than the starter, empty functions, or a sheet without answers."""
    if not exercise.spec.runs_code:
        return _ANSWER.search(source) is not None

    text = _without_remarks(source.decode("utf-8", "replace"))
    if not text or text == _starter(exercise):
        return False

    names = [entry.name for entry in exercise.code.entries]
    bodies = _bodies(text, names)
    if not bodies:
        return True

    return not all(_is_empty(body) for body in bodies)


def has_code(source: bytes) -> bool:
    """Whether a Python file has more than comments."""
    return bool(_without_remarks(source.decode("utf-8", "replace")).strip())


def defined_names(source: bytes) -> set[str]:
    """The functions, classes and variables that the top of a Python file seems to define."""
    text = _without_remarks(source.decode("utf-8", "replace"))
    return {match[1] or match[2] for match in _DEFINED.finditer(text)}


def imported_names(source: bytes) -> set[str]:
    """The names that the imports at the top of a Python file seem to define."""
    text = _without_remarks(source.decode("utf-8", "replace"))
    found = set()
    for match in _IMPORTED.finditer(text):
        for part in match[1].split(","):
            # The name behind `as`, or the first part of the path.
            *_, last = part.strip(" ()").split(" ")
            found.add(last.partition(".")[0])

    return found


def defined_functions(source: bytes) -> set[str]:
    """The functions and classes that the top of a Python file seems to define."""
    text = _without_remarks(source.decode("utf-8", "replace"))
    return {match[1] for match in _DEFINED.finditer(text) if match[1]}


def defines(exercise: Exercise, source: bytes) -> bool:
    """Whether ``source`` seems to define everything that ``exercise`` asks for."""
    names = {entry.name for entry in exercise.spec.entries}
    if not names:
        return False

    return names <= defined_names(source)


@lru_cache(maxsize=64)
def _starter(exercise: Exercise) -> str:
    return _without_remarks(loading.starter(exercise))


def _without_remarks(text: str) -> str:
    """``text`` without comments and blank lines; every string becomes an empty one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _TOKEN.sub(_replacement, text)
    lines = [line.rstrip() for line in text.split("\n")]
    filled = filter(None, lines)
    return "\n".join(filled)


def _replacement(token: "re.Match[str]") -> str:
    if token[0].startswith("#"):
        return ""
    return '""'


def _bodies(text: str, names: Iterable[str]) -> list[list[str]]:
    """The lines in each top function or class with one of ``names``."""
    any_name = "|".join(map(re.escape, names))
    start = re.compile(rf"(?:async )?(?:def|class) (?:{any_name})\b.*")
    bodies: list[list[str]] = []
    body: list[str] | None = None
    open_brackets = 0
    in_header = False
    for line in text.split("\n"):
        if start.fullmatch(line):
            body = []
            bodies.append(body)
            in_header = True
            open_brackets = 0
        elif not in_header and not line.startswith((" ", "\t")):
            body = None

        if body is None:
            continue
        if not in_header:
            body.append(line)
            continue

        # A header can end on a later line, as in ``) -> Tensor:``.
        open_brackets += line.count("(") - line.count(")")
        if open_brackets <= 0:
            in_header = False
            rest = line.rpartition(":")[2]
            body.append(rest)

    return bodies


def _is_empty(body: list[str]) -> bool:
    return all(_NOTHING.fullmatch(line.strip()) for line in body)
