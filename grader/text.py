"""Make text from learners safe to show, and put numbers into words."""

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
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    kept = text.rstrip("\n").split("\n")
    if len(kept) > most:
        kept = [*kept[:most], f"… and {len(kept) - most} more lines"]
    return "\n".join(_replace_unprintable(line, _REPLACEMENT) for line in kept)


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
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


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


def _replace_unprintable(text: str, replacement: str) -> str:
    return "".join(each if each.isprintable() else replacement for each in text)
