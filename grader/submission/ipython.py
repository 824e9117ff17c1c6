"""Translate what only IPython understands into Python, line for line.

IPython's own translator is not used, even where it is installed: a grade must not depend on the
packages beside the grader, and this process must not parse hostile source with a tokenizer.
``tests/submission/test_ipython.py`` compares the two.
"""

import re
from typing import Final

# Cells with these magics contain Python; those with other cell magics contain other languages.
PYTHON_MAGICS: Final = (
    "%%time",
    "%%timeit",
    "%%capture",
    "%%prun",
    "%%debug",
    "%%memit",
    "%%mprun",
    "%%lprun",
    "%%snakeviz",
    "%%pyinstrument",
    "%%wandb",
)
# The quantifiers are possessive (*+), so that the time grows with the length and no faster.
_TOKEN: Final = re.compile(r"'''|\"\"\"|'|\"|#|\\.?|[()\[\]{}]", re.DOTALL)
_ASSIGNMENT: Final = re.compile(
    r"([A-Za-z_][\w., \t]*+(?:\[[^\]=]*+\][ \t]*+)?+)=[ \t]*+([!%])(.*)", re.DOTALL
)
# A program or magic that IPython recognizes without its mark. Two words in a row are not Python,
# unless the second is an operator.
_UNMARKED: Final = re.compile(
    r"(?:pip3?|conda|mamba|uv|cd|ls|cat|mkdir|rm|cp|mv|load_ext|matplotlib)[ \t]++"
    r"(?!(?:in|is|and|or|if|not|for|else)\b)[\w./~]"
)
# A module that a later cell imports.
_WRITE_FILE: Final = re.compile(
    r"%%(?:write)?file[ \t]++(?P<append>(?:-a|--append)[ \t]++)?+"
    r"(?P<path>[\w./~-]++|'[\w ./~-]++'|\"[\w ./~-]++\")"
)
# A program beside the notebook, whose names the later cells use.
_RUN_FILE: Final = re.compile(
    r"%run[ \t]++(?:-[in][ \t]++)*+(?P<quote>['\"]?)(?:\./|/(?:[\w .-]++/)*+)?+"
    r"(?P<module>[A-Za-z_]\w*+)(?:\.py)?(?P=quote)"
)
# What nbconvert makes of a cell with such a magic: a call with the code as a text.
_CALLED: Final = "|".join(magic.removeprefix("%%") for magic in PYTHON_MAGICS)
_RUN_CELL: Final = re.compile(
    rf"get_ipython\(\)\.run_cell_magic\('(?:{_CALLED})', ('[^'\\]*+'|\"[^\"\\]*+\"), "
    r"(?P<code>'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")\)"
)
_PROMPT: Final = re.compile(r"In \[\d+\]: ?|>>>(?: |$)")
_CONTINUED_PROMPT: Final = re.compile(r"[ \t]*+\.{3,}:(?: |$)|\.\.\.(?: |$)")


def to_python(cell: str, *, runs_written: bool = False) -> str:
    """``cell`` as Python, with the same number of lines.

    Each magic, shell command and help request becomes ``pass``; ``names = !ls`` assigns an empty
    list, and ``%run name.py`` imports everything. ``%%writefile`` writes the file, and its code
    runs too with ``runs_written``. A cell in another language becomes blank lines.
    """
    lines = cell.split("\n")
    lines = _dedented(_without_prompts(lines))
    for number, line in enumerate(lines):
        code = line.strip()
        if not code:
            continue
        # A cell can have several cell magics, one below the other.
        if not code.startswith("%%"):
            break

        match = _WRITE_FILE.fullmatch(code)
        if match is not None:
            above = [""] * number
            below = lines[number + 1 :]
            write = _writing(match, below)
            kept = [""] * len(below)
            if runs_written:
                kept = _translated(below)

            return "\n".join([*above, write, *kept])

        if code.split()[0] not in PYTHON_MAGICS:
            return "\n" * (len(lines) - 1)

        lines[number] = "pass"

    return "\n".join(_translated(lines))


def writes(cell: str) -> bool:
    """Whether the magic at the start of ``cell`` writes the rest of it to a file."""
    first = cell.lstrip().partition("\n")[0]
    return _WRITE_FILE.fullmatch(first.strip()) is not None


def is_ipython(text: str) -> bool:
    """Whether a Python file contains a magic or a shell command, which Python refuses."""
    scanner = Scanner()
    for line in text.split("\n"):
        code = line.strip()
        if scanner.starts_statement and re.match(r"!|%{1,2}[A-Za-z]", code):
            return True

        scanner.read(line)

    return False


class Scanner:
    """Reads lines, and knows where a statement can start: not in a bracket or a string."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._is_continued = False

    @property
    def starts_statement(self) -> bool:
        """Whether a statement can start on the next line."""
        return not self._depth and not self._quote and not self._is_continued

    def read(self, line: str) -> None:
        """Read one more line, without its line break."""
        self._is_continued = False
        for match in _TOKEN.finditer(line):
            token = match[0]
            if self._quote:
                is_short = len(self._quote) == 1
                # Three quotes in a short string close it and add an empty string.
                if token == self._quote or (is_short and token[0] == self._quote):
                    self._quote = ""
            elif token == "#":
                return
            elif token[0] in "'\"":
                self._quote = token
            elif token in "([{":
                self._depth += 1
            elif token in ")]}":
                self._depth = max(self._depth - 1, 0)

            # A backslash before another character has two characters.
            self._is_continued = token == "\\"

        # A short string without its closing quote ends with the line.
        if len(self._quote) == 1 and not self._is_continued:
            self._quote = ""


def _writing(magic: "re.Match[str]", lines: list[str]) -> str:
    """The Python that writes ``lines`` to the file that ``magic`` names, on one line."""
    path = magic["path"].strip("'\"")
    # /content/helper.py: the folder in which a notebook runs has another name here.
    if path.startswith(("/", "~")):
        path = path.rpartition("/")[2]

    mode = "w"
    if magic["append"]:
        mode = "a"

    content = "\n".join(lines)
    return f"open({path!r}, {mode!r}, encoding='utf-8').write({content!r})"


def _translated(lines: list[str]) -> list[str]:
    scanner = Scanner()
    translated = []
    in_command = False
    for line in lines:
        code = line.strip()
        python = None
        if in_command:
            python = ""
        elif scanner.starts_statement:
            python = _python(code)

        if python is None:
            scanner.read(line)
            translated.append(line)
            continue

        # An indented magic can be the only statement of its block.
        indentation = line[: len(line) - len(line.lstrip())]
        run = _RUN_FILE.fullmatch(code)
        # Python allows this import at the top only.
        if run is not None and not indentation:
            python = f"from {run['module']} import *"
        if python:
            python = f"{indentation}{python}"

        translated.append(python)
        # A command goes on below a line that ends in a backslash.
        in_command = code.endswith("\\")

    return translated


def _python(code: str) -> str | None:
    """The Python for a line that only IPython understands; None for other lines."""
    if code.startswith("%time "):
        timed = code.removeprefix("%time ").strip()
        return _python(timed) or timed

    # No statement of Python starts with these. IPython calls functions with the last three.
    if code.startswith(("!", "%", "?", ",", ";", "/")):
        return "pass"
    if _asks_for_help(code) or _UNMARKED.match(code):
        return "pass"

    match = _RUN_CELL.fullmatch(code)
    if match is not None:
        return f"exec({match['code']})"

    match = _ASSIGNMENT.fullmatch(code)
    if match is None:
        return None

    targets, mark, command = match.groups()
    written = [name.strip() for name in targets.split(",")]
    names = " = ".join(filter(None, written))
    if command.startswith("time "):
        return f"{names} = {command.removeprefix('time ')}"

    empty = "[]" if mark == "!" else "None"
    return f"{names} = {empty}"


def _asks_for_help(code: str) -> bool:
    if not code.endswith("?") or "#" in code:
        return False
    # Otherwise the question mark is in a string that goes on.
    return code.count("'") % 2 == 0 and code.count('"') % 2 == 0


def _dedented(lines: list[str]) -> list[str]:
    """The lines without the indentation of the first, as IPython reads a cell."""
    first = next((line for line in lines if line.strip()), "")
    indentation = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indentation) for line in lines]


def _without_prompts(lines: list[str]) -> list[str]:
    """The lines without the prompts of a console, if the first line has one."""
    first = next((line for line in lines if line.strip()), "")
    if not _PROMPT.match(first.lstrip()):
        return lines

    kept = []
    for line in lines:
        match = _PROMPT.match(line.lstrip()) or _CONTINUED_PROMPT.match(line)
        if match is None:
            kept.append(line)
        elif match.re is _PROMPT:
            kept.append(line.lstrip()[match.end() :])
        else:
            kept.append(line[match.end() :])

    return kept
