"""Templates of pages that are plain text or Markdown."""

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from grader.text import single_spaced

if TYPE_CHECKING:
    from jinja2 import Template

# ASCII punctuation can be escaped (spec.commonmark.org, "Backslash escapes"). An underscore
# inside a word needs no escape.
_PUNCTUATION: Final = re.compile(r"([\\`*\[\]|~>$!:@#]|(?<!\w)_|_(?!\w))")


def escaped(text: str) -> str:
    """``text`` as one line that Markdown shows unchanged."""
    one_line = single_spaced(text)
    text = _PUNCTUATION.sub(r"\\\1", one_line)
    # Markdown passes HTML through.
    return text.replace("&", "&amp;").replace("<", "&lt;")


def fenced(text: str) -> str:
    """``text`` as a block that nothing in the text can end."""
    runs = re.findall(r"`+", text)
    longest = max(map(len, runs), default=0)
    # Only a run of at least as many backticks ends a fence.
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text.rstrip()}\n{fence}"


def file_with(name: str, **values: str) -> str:
    """The file ``name`` of ``report/templates``, with each value in place of its ``@NAME@``.

    For files in languages that have braces of their own, such as shell.
    """
    from importlib import resources  # noqa: PLC0415 - for few pages, as below

    source = (resources.files("grader.report") / "templates" / name).read_text("utf-8")
    for key, value in values.items():
        source = source.replace(f"@{key}@", value)

    return source


@cache
def text_template(name: str) -> "Template":
    """The template ``name`` of ``report/templates``; it escapes only where it says so."""
    # A terminal shows the same facts without a template.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(  # noqa: S701 - the pages are not HTML
        loader=PackageLoader("grader.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"escaped": escaped, "fenced": fenced}
    return environment.get_template(name)
