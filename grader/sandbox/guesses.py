"""Guess what was meant by a word that has no meaning where it stands."""

import difflib
import keyword
import re
import sys
from collections.abc import Collection, Sequence

_FIRST_WORDS = (
    "class",
    "def",
    "elif",
    "else",
    "for",
    "import",
    "lambda",
    "return",
    "while",
    "with",
)
"""Keywords with which a line of a submission often begins."""
_OTHER_LANGUAGES = {"elseif": "elif", "function": "def", "func": "def"}
# Lines of what surrounds code in other places, and what to do about each.
_NOT_PYTHON = (
    (
        re.compile(r"\s*(?:```|~~~)"),
        "Lines that begin with ``` are Markdown and not Python. Delete them.",
    ),
    (
        re.compile(r".*?(&(?:[lg]t|amp|quot|nbsp|#[0-9]{1,5});)"),
        "`{0}` is how a web page writes a character. Copy the code as plain text.",
    ),
    (
        re.compile(r"\s*([0-9]{1,4})[.:|)]?\s*(?:(?:import|from|def|class|return)\b|@|\"{3}|'{3})"),
        "The `{0}` is the number of a line, as a page shows it. Delete such numbers.",
    ),
    (
        re.compile(r"\s*(>>>|In \[[0-9 ]*\]:)"),
        "`{0}` is the prompt of a console. Copy the code without prompts and results.",
    ),
)
_PROSE = re.compile(r"([A-Z][a-z]*)[,!]?(?: [\w'’`,!-]+){3,}[:.!?]?\s*")
_WORD = re.compile(r"\s*([^\W\d]\w{1,20})\b")
_DEFINITION = re.compile(
    r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w{1,100})[ \t]*(?:\(([^()]{0,200})\))?", re.MULTILINE
)
_MAX_LINE = 500
_MAX_NAME = 100
_MAX_NAMES = 500
_MAX_NAMED = 4


def of_syntax(message: str, line: str) -> str:
    """What helps against an error of syntax that Python does not explain; empty if unknown."""
    line = line[:_MAX_LINE]
    for pattern, sentence in _NOT_PYTHON:
        match = pattern.match(line)
        if match is not None:
            return sentence.format(*match.groups())

    match = _PROSE.fullmatch(line)
    if match is not None and not keyword.iskeyword(match[1].lower()):
        return "This line is a sentence and not Python. Delete it, or begin it with #."
    if message != "invalid syntax":
        return ""

    match = _WORD.match(line)
    if match is None or keyword.iskeyword(match[1]):
        return ""

    word = match[1]
    meant = _keyword(word, line)
    return f"`{word}` is not a word of Python. Did you mean `{meant}`?" if meant else ""


def _keyword(word: str, line: str) -> str:
    """The keyword that ``word``, the first one of a ``line``, may stand for; else empty."""
    if keyword.iskeyword(word.lower()):
        return word.lower()
    if word in _OTHER_LANGUAGES:
        return _OTHER_LANGUAGES[word]

    words: tuple[str, ...] = _FIRST_WORDS
    if " import " in line:
        words = ("from",)

    near = difflib.get_close_matches(word, words, n=1, cutoff=0.66)
    return near[0] if near else ""


def of_name(name: str, parameters: Sequence[str], defined: Collection[str], text: str) -> str:
    """Where the function or class ``name`` may be, if the top of a submission does not define it.

    ``defined`` are the names at the top, one of which may be meant: a similar one, or a function
    with the same ``parameters``. Otherwise it may stand in an inner block of ``text``.
    """
    inner = rf"^[ \t]+(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(name)}\b"
    if re.search(inner, text, re.MULTILINE):
        return (
            f" Its `{name}` is inside a class, a function or another block. Move it to the left "
            "edge."
        )

    # Comparing long names takes long.
    candidates = [each for each in sorted(defined) if len(each) <= _MAX_NAME]
    for similar in difflib.get_close_matches(name, candidates[:_MAX_NAMES], n=1):
        return f" It defines `{similar}`; did you mean that?"

    other = with_parameters(parameters, text)
    if other in defined:
        return f" It defines `{other}({', '.join(parameters)})`; rename it to `{name}`."

    found = [f"`{match[1]}`" for match in _DEFINITION.finditer(text) if match[1] in defined]
    # A dictionary keeps the order and drops repetitions.
    names = list(dict.fromkeys(found))[:_MAX_NAMED]
    return f" It defines {', '.join(names)}." if names else ""


def of_package(name: str) -> str:
    """A question if ``name`` may be a misspelled package."""
    known = ("torch", "numpy", *sorted(sys.stdlib_module_names))
    near = difflib.get_close_matches(name[:_MAX_NAME], known, n=1, cutoff=0.75)
    return f"Did you mean `{near[0]}`? " if near else ""


def asked_for(signature: str) -> str:
    """What a submission must define, as Python writes it: a class gets arguments in ``__init__``.

    ``class Tied(num, dim)`` becomes "`class Tied` with `__init__(self, num, dim)`".
    """
    if not signature.startswith("class "):
        return f"`{signature}`"

    name, _, rest = signature.partition("(")
    inside = rest.rpartition(")")[0]
    parameters = ", ".join(filter(None, ("self", inside)))
    return f"`{name}` with `__init__({parameters})`"


def with_parameters(parameters: Sequence[str], text: str) -> str:
    """The first function at the top of ``text`` with these parameters; empty if there is none."""
    for match in _DEFINITION.finditer(text):
        if match[2] is not None and parameter_names(match[2]) == list(parameters):
            return match[1]

    return ""


def parameter_names(written: str) -> list[str]:
    """The names in the text between the parentheses of a ``def``."""
    names = []
    for parameter in written.split(","):
        # Without the stars, the annotation and the default value.
        name = re.split("[:=]", parameter.strip(" *\n"), maxsplit=1)[0]
        names.append(name.strip())

    return names
