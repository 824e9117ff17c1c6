"""Make text from learners safe to show, wrap it, and put numbers into words, records into JSON."""

import textwrap
from collections.abc import Iterable
from typing import Final

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def printable(name: str) -> str:
    """A file's or person's name, with a question mark for each unprintable character.

    Unprintable are control, bidirectional and unpaired surrogate characters.
    """
    return _replace_unprintable(name, "?")


def one_line(text: str, cap: int = 200) -> str:
    """``text`` as one printable line of at most ``cap`` characters."""
    if len(text) > cap:
        text = text[: cap - 1] + "…"
    return printable(text)


def lines(text: str, cap: int = 4000, most: int = 40) -> str:
    """``text`` as printable lines: the first ``cap`` characters and ``most`` lines of it."""
    if len(text) > cap:
        text = text[:cap] + "…"
    # A tab or a carriage return would be replaced as unprintable.
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    kept = text.rstrip("\n").split("\n")
    left = len(kept) - most
    if left > 0:
        kept = kept[:most]
        kept.append(f"… and {left} more lines")

    shown = [_replace_unprintable(line, _REPLACEMENT) for line in kept]
    return "\n".join(shown)


def unwrapped(text: str) -> str:
    """``text`` with each paragraph as one line, because a page wraps it at its own width."""
    paragraphs = text.split("\n\n")
    return "\n\n".join(map(single_spaced, paragraphs))


def single_spaced(text: str) -> str:
    """``text`` on one line, with one space between words."""
    return " ".join(text.split())


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The one of ``known`` that is most like ``word``; empty if none is as like as ``cutoff``."""
    # `grade --help` imports this module, too, and needs no comparison.
    import difflib  # noqa: PLC0415

    near = difflib.get_close_matches(word, known, n=1, cutoff=cutoff)
    return near[0] if near else ""


def wrapped(text: str, width: int = 80, indent: int = 2) -> list[str]:
    """``text`` as lines of whole words for a terminal; all but the first are indented."""
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def count(number: int, thing: str, things: str = "") -> str:
    """``1 learner``, ``2 learners``; ``things`` is an irregular plural."""
    if number == 1:
        return f"1 {thing}"
    plural = things or f"{thing}s"
    return f"{number:,} {plural}"


def duration(seconds: float) -> str:
    """``40 ms``, ``0.4 s``, ``42 s``, ``3 min 5 s``, ``2 h 4 min``."""
    # Each limit is where rounding would reach the next unit: 95 ms is 0.1 s, 9.95 s is 10 s.
    if seconds < 0.095:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"

    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"

    hours, rest_of_minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min {rest} s"
    return f"{hours} h {rest_of_minutes} min"


def percent(part: float, whole: float) -> int:
    """``part`` of ``whole`` in whole percent; 0 if ``whole`` is 0.

    The result is 0 only for nothing and 100 only for everything.
    """
    if whole <= 0:
        return 0
    rounded = round(100 * part / whole)
    if 0 < part < whole:
        return min(max(rounded, 1), 99)
    return rounded


def indented_json(value: object) -> str:
    """A record, or another value that JSON can hold, as JSON for people."""
    # `grade --help` imports this module, too, and needs no JSON.
    import msgspec  # noqa: PLC0415

    encoded = msgspec.json.encode(value)
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _replace_unprintable(text: str, replacement: str) -> str:
    return "".join(each if each.isprintable() else replacement for each in text)
