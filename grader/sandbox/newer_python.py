"""Recognize code that needs a newer Python than the one that runs it.

Sources: "What's New in Python" 3.12, 3.13 and 3.14.
"""

import re
import sys

# A line with an error of syntax, and the version that accepts it.
_SYNTAX = (
    (re.compile(r"\s*type\s+\w+\s*(?:\[.*\])?\s*="), (3, 12)),
    (re.compile(r"\s*(?:async\s+)?(?:def|class)\s+\w+\s*\["), (3, 12)),
    # The quote of an f-string again, in its braces.
    (re.compile(r""".*\b[rR]?[fF][rR]?(['"])[^'"{]*\{[^'"}]*\1"""), (3, 12)),
    (re.compile(r"""(?:.*[\s(=,])?[tT](['"])"""), (3, 14)),
    (re.compile(r"\s*except\*?\s+\w[\w.]*\s*,[\w\s.,]+:"), (3, 14)),
)
_MESSAGES = (
    ("f-string expression part cannot include a backslash", (3, 12)),
    ("f-string expression part cannot include '#'", (3, 12)),
)
# Module to names that it lacks before a version.
_NAMES = {
    (3, 12): {
        "calendar": "Day Month",
        "collections.abc": "Buffer",
        "inspect": "BufferFlags markcoroutinefunction",
        "itertools": "batched",
        "math": "sumprod",
        "types": "get_original_bases",
        "typing": "override TypeAliasType get_protocol_members is_protocol",
    },
    (3, 13): {
        "copy": "replace",
        "math": "fma",
        "queue": "ShutDown",
        "typing": "NoDefault ReadOnly TypeIs",
        "warnings": "deprecated",
    },
    (3, 14): {
        "functools": "Placeholder",
        "heapq": "heappush_max heapify_max",
        "typing": "evaluate_forward_ref",
    },
}
_MISSING_NAME = re.compile(
    r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'"
    r"|module '(?P<owner>[\w.]+)' has no attribute '(?P<attribute>\w+)'"
)


def advice(error: BaseException, message: str) -> str:
    """Return which Python the code needs and which one runs it; empty if that is not the cause."""
    needed = _needed(error, message)
    # The message has another cause.
    if needed is None or needed <= sys.version_info[:2]:
        return ""
    newer = ".".join(map(str, needed))
    here = ".".join(map(str, sys.version_info[:2]))
    return f"This needs Python {newer} or newer; Python {here} grades it."


def _needed(error: BaseException, message: str) -> tuple[int, int] | None:
    # Not ``isinstance``, which believes a false ``__class__``.
    if issubclass(type(error), SyntaxError):
        for text, version in _MESSAGES:
            if text in message:
                return version
        for pattern, version in _SYNTAX:
            line = getattr(error, "text", None)
            if type(line) is str and pattern.match(line):
                return version
        return None

    match = _MISSING_NAME.match(message)
    if match is None:
        return None

    module = match["module"] or match["owner"]
    name = match["name"] or match["attribute"]
    for version, modules in _NAMES.items():
        if name in modules.get(module, "").split():
            return version
    return None
