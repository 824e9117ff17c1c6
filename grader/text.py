"""Text of learners made safe to stand on a page: no control or bidirectional characters, and an end."""

from typing import Final

_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def printable(name: str) -> str:
    """A name of a file or a person as any page or document can hold it: odd characters become question marks."""
    return "".join(character if character.isprintable() else "?" for character in name)


def one_line(text: str, cap: int = 200) -> str:
    """A name on one line, at most ``cap`` characters."""
    return printable(text if len(text) <= cap else text[: cap - 1] + "…")


def lines(text: str, cap: int = 4000, most: int = 40) -> str:
    """Text of several lines, at most ``most`` of them and ``cap`` characters."""
    text = text if len(text) <= cap else text[:cap] + "…"
    kept = text.replace("\r\n", "\n").replace("\t", "    ").rstrip("\n").split("\n")
    if len(kept) > most:
        kept = [*kept[:most], f"… and {len(kept) - most} more lines"]
    return "\n".join(_shown(line) for line in kept)


def count(number: int, thing: str, things: str = "") -> str:
    """``1 learner``, ``2 learners``."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def duration(seconds: float) -> str:
    """``40 ms``, ``0.4 s``, ``42 s``, ``3 min 5 s``, ``2 h 4 min``."""
    if seconds < 0.095:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return (
        f"{whole // 60} min {whole % 60} s"
        if whole < 3600
        else f"{whole // 3600} h {whole % 3600 // 60} min"
    )


def percent(part: float, whole: float) -> int:
    """Whole percent; 0 of nothing is 0. Never 100 or 0 where it is not all or nothing."""
    if whole <= 0:
        return 0
    rounded = round(100 * part / whole)
    if 0 < part < whole:
        return min(max(rounded, 1), 99)
    return rounded


def _shown(line: str) -> str:
    return "".join(character if character.isprintable() else _REPLACEMENT for character in line)
