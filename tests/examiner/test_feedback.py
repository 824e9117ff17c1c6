"""Feedback: learner text made safe, values described, failures told."""

import time
import unicodedata
from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader import values, wire
from grader.examiner.compare import Mismatch
from grader.examiner.feedback import MAX_TEXT, case, clean, describe, message
from grader.examiner.process import LearnerFailure
from grader.examiner.proxy import Exchange
from grader.results import Case, Outcome
from grader.submission import Submission

R = "\N{REPLACEMENT CHARACTER}"
SUBMISSION = Submission("mine.py", b"import one\ndef double(x):\n    return x\n", {"one.py": b"y = 1\n"})

TEXTS = {
    "plain": ("a b\nc", "a b\nc"),
    "other scripts": ("été 学生 🙂", "été 学生 🙂"),
    "tabs": ("a\tb", "a    b"),
    "Windows line ends": ("a\r\nb", "a\nb"),
    "a carriage return": ("good\rbad", f"good{R}bad"),
    "an escape sequence": ("\x1b[31mred\x1b[0m", f"{R}[31mred{R}[0m"),
    "an eight-bit escape": ("\x9b31m", f"{R}31m"),
    "control characters": ("\0\a\b\v\f\x7f\x85", R * 7),
    "turned around": ("a\u202eb\u2066c\u200f", f"a{R}b{R}c{R}"),
    "invisible": ("a\u200bb\ufeffc\u00ad", f"a{R}b{R}c{R}"),
    "line separators": ("a\u2028b\u2029", f"a{R}b{R}"),
    "half a character": ("a\ud800b", f"a{R}b"),
    "private characters": ("\ue000", R),
    "characters that are none": ("\ufffe\uffff\U0001ffff", R * 3),
    "an address": ("<T object at 0x7f3a5c0d1e80>", "<T object at 0x…>"),
    "a short number": ("0xff", "0xff"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_clean(name):
    """Characters that command a terminal, hide or mislead are replaced; text in any script stays."""
    text, shown = TEXTS[name]
    assert clean(text) == shown


@given(st.text(st.characters(), max_size=40))
def test_clean_text_is_safe_everywhere(text):
    """Cleaned text can be written as UTF-8, stands in XML, and has no control character but the newline."""
    shown = clean(text)
    assert shown.encode().decode() == shown
    assert (ElementTree.XML(ElementTree.tostring(_element(shown), "unicode")).text or "") == shown
    assert not [c for c in shown if c != "\n" and unicodedata.category(c).startswith("C")]
    assert clean(shown) == shown


def _element(text):
    element = ElementTree.Element("text")
    element.text = text
    return element


@pytest.mark.parametrize(
    ("length", "shown"), [(MAX_TEXT, MAX_TEXT), (MAX_TEXT + 1, MAX_TEXT + 1), (10**6, MAX_TEXT + 1)]
)
def test_clean_text_is_capped(length, shown):
    """Text over the cap is cut, and ends in an ellipsis to say so."""
    text = clean("a" * length)
    assert len(text) == shown
    assert text.endswith("…") == (length > MAX_TEXT)


DESCRIBED = {
    "a tensor": (torch.tensor([1.0, 2.5]), "tensor([1.0000, 2.5000])  float32, shape (2,)"),
    "a tensor without dimensions": (torch.tensor(3), "tensor(3)  int64, shape ()"),
    "an empty tensor": (torch.empty(0, 3), "tensor([])  float32, shape (0, 3)"),
    "a tensor with a gradient": (torch.ones(1, requires_grad=True), "tensor([1.])  float32, shape (1,)"),
    "a matrix": (torch.eye(2, dtype=torch.float64), "tensor([[1., 0.],\n        [0., 1.]])\nfloat64, shape (2, 2)"),
    "a number": (3, "3"),
    "a text": ("a\x1b[31m", "'a\\x1b[31m'"),
    "nothing": (None, "None"),
    "a tuple with tensors": ((torch.tensor([1]), None), "[0] tensor([1])  int64, shape (1,)\n[1] None"),
    "something that did not cross": (wire.Opaque("a \x1b set"), f"(a {R} set)"),
}


@pytest.mark.parametrize("name", DESCRIBED)
def test_describe(name):
    """A value is told as PyTorch prints it, with the dtype and the shape beside a tensor."""
    value, text = DESCRIBED[name]
    assert describe(value) == text


@pytest.mark.parametrize(
    "value",
    [
        torch.rand(100, 100),
        torch.arange(10**6),
        torch.ones(3, 3, 3, 3, 3, 3),
        torch.ones((2,) * 14),
        torch.rand(1, 1, 1, 1, 1, 1, 1000),
        [torch.ones(1)] * 1000,
        [[torch.ones(1)] * 1000],
        {n: torch.ones(1) for n in range(1000)},
        "a" * 10**6,
        list(range(10**5)),
    ],
    ids=range(10),
)
def test_description_stays_short(value):
    """However large a value is, its description is a few lines, and made in no time."""
    started = time.monotonic()
    assert len(describe(value)) <= MAX_TEXT
    assert time.monotonic() - started < 0.2


def test_describing_leaves_torch_as_it_was():
    """How tensors print afterwards does not depend on what was described before."""
    tensor = torch.linspace(0, 1, 100)
    before = repr(tensor)
    describe(tensor)
    assert repr(tensor) == before


MESSAGES = {
    "a learner's failure": (LearnerFailure(Outcome.RAISED, "ValueError: \x1b[31mno"), f"ValueError: {R}[31mno"),
    "a mismatch": (Mismatch("It is 1; 2 was expected.", "the result", 1, 2), "It is 1; 2 was expected."),
    "a forgotten return": (
        Mismatch("It is None; a tensor was expected.", "the result", None, torch.ones(1)),
        "It is None; a tensor was expected. Is a `return` missing?",
    ),
    "a named mismatch": (
        Mismatch("It is 1; 2 was expected.", "the gradient of x", 1, 2),
        "The gradient of x: It is 1; 2 was expected.",
    ),
    "no gradient": (
        Mismatch("It is None; a tensor was expected.", "the gradient of x", None, torch.ones(1)),
        "The gradient of x: none arrived.",
    ),
    "a name of the learner's": (
        Mismatch("It is 1; 2 was expected.", "weight", 1, 2),
        "weight: It is 1; 2 was expected.",
    ),
    "a plain assertion": (AssertionError("not the same\nassert 1 == 2"), "not the same"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name):
    """A failure is told in a sentence, without a frame of the grader's."""
    error, text = MESSAGES[name]
    assert message(error) == text


def exchange(reply, **given):
    return Exchange("double(x)", "", {name: values.encode(value) for name, value in given.items()}, reply)


def test_case_of_a_mismatch():
    """A wrong value stands beside the right one, with what was given, of the last call."""
    exchanges = [exchange(None), exchange(wire.Returned(2, 5), x=torch.tensor([1]))]
    error = Mismatch("It is 5.", "the result", 5, 2)
    assert case(exchanges, error, SUBMISSION) == Case(
        call="double(x)", given={"x": "tensor([1])  int64, shape (1,)"}, returned="5", expected="2"
    )
    named = case(exchanges, Mismatch("It is 5.", "the gradient of x", 5, 2), SUBMISSION)
    assert named.compared == "the gradient of x"


def test_case_of_a_failure():
    """A failure has the learner's own lines, outermost first, and nothing returned or expected."""
    frames = [
        wire.Frame("mine.py", 3, "double"),
        wire.Frame("one.py", 1, "<module>"),
        wire.Frame("gone\x1b.py", 9, "f"),
    ]
    found = case([exchange(None, x=1)], LearnerFailure(Outcome.RAISED, "no", frames), SUBMISSION)
    assert found.traceback == [
        "mine.py line 3, in double: return x",
        "one.py line 1: y = 1",
        f"gone{R}.py line 9, in f",
    ]
    assert (found.returned, found.expected) == ("", "")


def test_case_without_a_call():
    """A submission that could not be loaded has no call to show."""
    assert case([], LearnerFailure(Outcome.RAISED, "no"), SUBMISSION) == Case()


def test_case_of_a_plain_assertion():
    """Where a check asserts by itself, what was returned is shown."""
    assert case([exchange(wire.Returned(1, "x"))], AssertionError(), SUBMISSION).returned == "'x'"
