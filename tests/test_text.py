"""Text for pages: safe, capped, and numbers in words."""

import pytest

from grader import text


@pytest.mark.parametrize(
    "odd",
    ["\0", "\x1b", "\x9b", "\u202e", "\u2066", "\ud800", "\u2028", "\x7f", "\ufeff"],
    ids=ascii,
)
def test_no_odd_character_is_left(odd):
    """Control, bidirectional and unpaired characters are replaced, on a line and on several."""
    assert text.one_line(f"a{odd}b") == "a?b"
    assert text.lines(f"a{odd}b\nc") == "a\N{REPLACEMENT CHARACTER}b\nc"


def test_text_has_an_end():
    """Long lines and long texts are cut where they are said to be."""
    assert text.one_line("x" * 300, 10) == "x" * 9 + "…"
    assert text.lines("x" * 300, 10) == "x" * 10 + "…"
    assert text.lines("a\n" * 50, most=2) == "a\na\n… and 48 more lines"
    assert text.lines("a\r\n\tb\n") == "a\n    b"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *[
            (0, "0 ms"),
            (0.04, "40 ms"),
            (0.0949, "95 ms"),
            (0.4, "0.4 s"),
            (9.96, "10 s"),
            (59.4, "59 s"),
        ],
        *[(59.6, "1 min 0 s"), (3599, "59 min 59 s"), (7440, "2 h 4 min")],
    ],
)
def test_duration(seconds, said):
    """Times are said as people say them."""
    assert text.duration(seconds) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, 0), (0, 5, 0), (1, 1000, 1), (999, 1000, 99), (5, 5, 100), (1, 3, 33)],
)
def test_percent(part, whole, said):
    """0 is nothing and 100 is all, never nearly."""
    assert text.percent(part, whole) == said


def test_count():
    """One of a thing, several of them."""
    assert [
        text.count(1, "learner"),
        text.count(0, "learner"),
        text.count(2000, "class", "classes"),
    ] == [
        "1 learner",
        "0 learners",
        "2,000 classes",
    ]


def test_unwrapped():
    """A paragraph is one line; an empty line stays between two of them."""
    assert text.unwrapped("One\ntwo.\n\nThree\n  four.") == "One two.\n\nThree four."


def test_closest():
    """The name that is most like a word, in any order of the names, or none."""
    for names in (["ids", "idy", "weight"], ["weight", "idy", "ids"]):
        assert text.closest("idx", names) == "idy"
        assert text.closest("wieght", names) == "weight"
        assert text.closest("gradient", names) == ""
