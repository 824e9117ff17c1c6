"""What the HTML pages share: templates that escape everything, and text of an exercise's author."""

from functools import cache, lru_cache
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from grader import text

# Paragraphs, `names` and indented code, nothing else: an explanation of a quiz has numbers of
# the learner in it, and a link or an image would load something from elsewhere.
_MARKDOWN: Final = MarkdownIt("zero").enable(["backticks", "code"])


def environment() -> Environment:
    """The environment of the templates in ``report/templates``."""
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


@cache
def asset(name: str) -> Markup:
    """A style sheet or a script of ``report/templates``, unchanged."""
    source = (resources.files("grader.report") / "templates" / name).read_text("utf-8")
    return Markup(source)  # noqa: S704 - a file of this package


@lru_cache(1000)
def prose(source: str) -> Markup:
    """An explanation as HTML: paragraphs, indented blocks of code, and `names`."""
    return Markup(_MARKDOWN.render(text.lines(source, most=60)))  # noqa: S704 - escapes HTML


@lru_cache(1000)
def sentences(message: str) -> Markup:
    """A message of one or more lines, with `names`."""
    return Markup(_MARKDOWN.renderInline(text.lines(message)))  # noqa: S704 - escapes HTML


def named(title: str) -> Markup:
    """A title on one line, with `names`."""
    return sentences(text.one_line(title))
