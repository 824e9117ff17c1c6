"""What Python's messages about errors of syntax mean, and what to do."""

import re
from typing import Final

KINDS: Final = ("SyntaxError", "IndentationError", "TabError")
"""The exceptions that ``advice`` knows."""
# The first pattern that matches decides; a group is filled into the sentence.
_ADVICE: Final = (
    (
        r"invalid character '[“”„‟‘’‚‛«»]'",
        "This is a typographic quote. Type a plain \" or ' in its place.",
    ),
    (
        r"invalid character '([−–—‐‑])'",
        "`{0}` is a dash. Type a plain minus, -, in its place.",
    ),
    (
        r"invalid character '([^'])'",
        "Python has no meaning for `{0}` here. Type the plain character of your keyboard.",
    ),
    (
        r"invalid non-printable character (U\+00A0|U\+202F|U\+2007)",
        "This is a non-breaking space, often copied from a web page. Type a plain space.",
    ),
    (
        r"invalid non-printable character (U\+\w+)",
        "This character cannot be seen. Delete it, or type the line again.",
    ),
    (
        r"'(.)' was never closed",
        "The bracket `{0}` has no partner. Close it, or save the file if its end is missing.",
    ),
    (
        r"unmatched '(.)'|closing parenthesis '(.)' does not match",
        "Count the brackets: a closing one has no partner of its kind.",
    ),
    (
        r"unterminated (?:triple-quoted )?(?:f-)?string literal",
        "The text in quotes does not end. Add the closing quote.",
    ),
    (
        r"expected an indented block after (.+?) on line (\d+)",
        "The {0} in line {1} has no body. Write indented lines below it, and save the file.",
    ),
    (
        r"unexpected indent",
        "This line is too far to the right. Align it with the line above it, or the left edge.",
    ),
    (
        r"unindent does not match",
        "This line starts at a column where no line above it starts. Align it with one.",
    ),
    (
        r"inconsistent use of tabs",
        "Indent with spaces only; most editors can convert tabs.",
    ),
    (r"expected ':'", "A colon is missing: `def`, `if`, `for` and `while` need one at the end."),
    (r"'return' outside function", "Indent this line, so that it belongs to the function."),
    (r"not UTF-8", "Save the file as UTF-8."),
    # An escape in a string has such a message too, which begins with "(unicode error)".
    (
        r"^(?:unknown encoding|encoding problem|'[\w-]+' codec can't decode)",
        "Delete the line at the top that names an encoding, and save the file as UTF-8.",
    ),
    (r"cannot assign to .+ Maybe you meant '=='", "To compare, write == with two signs."),
)
_MAX_MESSAGE: Final = 500


def advice(exception: str, message: str) -> str:
    """What to do about an error of syntax; empty if its message says enough."""
    # The second line already says what helps.
    if exception not in KINDS or "\n" in message:
        return ""
    message = message[:_MAX_MESSAGE]
    for pattern, sentence in _ADVICE:
        match = re.search(pattern, message)
        if match is not None:
            return sentence.format(*(group or "" for group in match.groups()))
    return ""
