"""What the adapters share: the prompt of an exercise, and the code in a model's answer."""

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from grader.course import loading, location
from grader.report.exercise_page import as_prompt, exercise_page
from grader.study.workspace import beginning

_FENCE: Final = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*(.*)")
_LANGUAGES: Final = ("", "python", "python3", "py", "py3", "ipython", "yaml", "yml")
"""The first words of fences that can hold a submission."""
_MAX_INDENT: Final = 3
"""A fence that is indented further than the one before it belongs to the text."""
_REASONING: Final = re.compile(r"^[ \t]*<think>", re.MULTILINE)
_END_OF_REASONING: Final = "</think>"


def source_in(answer: str, names: Sequence[str] = ()) -> str:
    """Return the code in an answer: the last fenced block that defines most of ``names``.

    If no block defines any, the last one with a function or class counts, or else with any text.
    A block whose language is another than Python or YAML counts only if there is no other, so
    usage, output and shell commands after the code do not replace it. Without any block, the
    whole answer is the code. What a model wrote as its reasoning, up to ``</think>``, does not
    count.
    """
    final = answer.rpartition(_END_OF_REASONING)[2]
    if unfinished := _REASONING.search(final):
        final = final[: unfinished.start()]

    blocks = _blocks(final)
    fitting = [text for language, text in blocks if language in _LANGUAGES]
    fitting = fitting or [text for _, text in blocks]
    if not fitting:
        return final

    # The last one of several that define equally many.
    return max(reversed(fitting), key=lambda text: _rank(text, names))


def _blocks(text: str) -> list[tuple[str, str]]:
    """The language and the content of each fenced block; the last one may be cut off."""
    found: list[tuple[str, str]] = []
    opening: re.Match[str] | None = None
    language = ""
    inside: list[str] = []
    for line in text.splitlines(keepends=True):
        fence = _FENCE.match(line)
        if opening is None:
            # A line such as ```x``` is code within a sentence.
            if fence is not None and "`" not in fence[3]:
                opening = fence
                word = re.search(r"\w+", fence[3])
                language = word[0].lower() if word else ""
                inside = []
        elif fence is not None and _closes(fence, opening):
            found.append((language, _unindented(inside, opening)))
            opening = None
        else:
            inside.append(line)

    if opening is not None:
        found.append((language, _unindented(inside, opening)))

    return found


def _closes(fence: re.Match[str], opening: re.Match[str]) -> bool:
    if not fence[2].startswith(opening[2]):
        return False
    if len(fence[1]) > len(opening[1]) + _MAX_INDENT:
        return False
    # A language begins another block. A model may write a sentence after a fence.
    is_language = fence.end(2) == fence.start(3) and fence[3][:1].isalnum()
    return not is_language


def _unindented(lines: Sequence[str], opening: re.Match[str]) -> str:
    """The lines of a block without the indent of its fence, as in a list, and without their own."""
    indent = opening[1]
    text = "".join(line.removeprefix(indent) for line in lines)
    if text.lstrip("\r\n")[:1].isspace():
        text = textwrap.dedent(text)

    return text


def _rank(text: str, names: Sequence[str]) -> tuple[int, bool, bool]:
    """The larger, the more likely a block is the submission."""
    has_any = re.search(r"^[ \t]*(async|def|class)[ \t]", text, re.MULTILINE) is not None
    return _number_defined(text, names), has_any, bool(text.strip())


def _number_defined(text: str, names: Sequence[str]) -> int:
    """How many of ``names`` a block seems to define. Hostile code is not parsed here."""
    found = 0
    for name in names:
        word = re.escape(name)
        definition = rf"^[ \t]*(async[ \t]+)?(def|class)[ \t]+{word}\b|^{word}[ \t]*[:=]"
        found += re.search(definition, text, re.MULTILINE) is not None

    return found


def prompts(course: Path | str | None = None) -> dict[str, str]:
    """Return the prompt of each exercise of a course, in the order of the course."""
    root = location.default_root() if course is None else Path(course)
    found = {}
    for exercise in loading.listed(root):
        page = exercise_page(exercise, "", "")
        found[exercise.id] = as_prompt(page, beginning(exercise, ""))

    return found
