"""What the HTML pages share: templates in which everything is escaped, and prose of an exercise's author."""

import re
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader import text

_INLINE: Final = re.compile(r"`([^`\n]+)`")


def environment() -> Environment:
    """Templates of ``report/templates``, with what brings text of learners and authors onto a page."""
    environment = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "line": text.one_line,
        "lines": text.lines,
        "prose": prose,
        "sentences": sentences,
        "named": named,
    }
    return environment


def asset(name: str) -> Markup:
    """A style sheet or a script of ``report/templates``, as it is."""
    source = (resources.files("grader.report") / "templates" / name).read_text("utf-8")
    return Markup(source)  # noqa: S704 - a file of ours


def prose(source: str) -> Markup:
    """An explanation as HTML: paragraphs, indented blocks of code, and names between backticks."""
    parts = []
    for block in re.split(r"\n\s*\n", text.lines(source, most=60).strip("\n")):
        if all(line.startswith("    ") or not line for line in block.split("\n")):
            parts.append(Markup("<pre>{}</pre>").format(block))
        else:
            parts.append(Markup("<p>{}</p>").format(_inline(" ".join(block.split()))))
    return Markup("").join(parts)


def sentences(message: str) -> Markup:
    """A message of several lines, as long as they are, with names between backticks."""
    return Markup("\n").join(_inline(line) for line in text.lines(message).split("\n"))


def named(title: str) -> Markup:
    """A title on one line, with names between backticks."""
    return _inline(text.one_line(title))


def _inline(line: str) -> Markup:
    pieces = _INLINE.split(line)
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )
