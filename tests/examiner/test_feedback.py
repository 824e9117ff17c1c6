"""Feedback: safe learner text, descriptions of values, and messages."""

import time
import unicodedata
from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.examiner import feedback
from grader.examiner.compare import Mismatch
from grader.examiner.failures import LearnerFailure
from grader.examiner.feedback import MAX_TEXT, clean, describe, message
from grader.examiner.submission_run import Exchange
from grader.grades.grade import Case, Outcome
from grader.sandbox import values, wire
from grader.submission.files import Submission

R = "\N{REPLACEMENT CHARACTER}"
SUBMISSION = Submission(
    "mine.py", b"import one\ndef double(x):\n    return x\n", {"one.py": b"y = 1\n"}
)

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


def case(exchanges, error, submission):
    """The case of a check that failed with this error."""
    return feedback.case(exchanges, error, feedback.frames_of(error, submission))


@pytest.mark.parametrize("name", TEXTS)
def test_clean(name):
    """Control and misleading characters are replaced; text in any script stays."""
    text, shown = TEXTS[name]
    assert clean(text) == shown


@given(st.text(st.characters(), max_size=40))
def test_clean_text_is_safe_everywhere(text):
    """Cleaned text fits UTF-8 and XML, and has no control character except newlines."""
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
    """Text over the limit is cut and ends with an ellipsis."""
    text = clean("a" * length)
    assert len(text) == shown
    assert text.endswith("…") == (length > MAX_TEXT)


DICTIONARY = "{'a': tensor([[1., 0.], [0., 1.]]), 'b': tensor([1.])}"
DESCRIBED = {
    "a tensor": (torch.tensor([1.0, 2.5]), "tensor([1.0000, 2.5000])  float32, shape (2,)"),
    "a tensor without dimensions": (torch.tensor(3), "tensor(3)  int64, shape ()"),
    "an empty tensor": (torch.empty(0, 3), "tensor([])  float32, shape (0, 3)"),
    "a tensor with a gradient": (
        torch.ones(1, requires_grad=True),
        "tensor([1.])  float32, shape (1,)",
    ),
    "a matrix": (
        torch.eye(2, dtype=torch.float64),
        "tensor([[1., 0.],\n        [0., 1.]])\nfloat64, shape (2, 2)",
    ),
    "a number": (3, "3"),
    "a text": ("a\x1b[31m", "'a\\x1b[31m'"),
    "nothing": (None, "None"),
    "a tuple with tensors": (
        (torch.tensor([1]), None),
        "[0] tensor([1])  int64, shape (1,)\n[1] None",
    ),
    "a dictionary with tensors": ({"a": torch.eye(2), "b": torch.ones(1)}, DICTIONARY),
    "a tensor of many dimensions inside": (
        {1: torch.ones(1, 1, 1, 1, 1)},
        "{1: tensor(float32, shape (1, 1, 1, 1, 1))}",
    ),
    "lists in lists": ([[torch.tensor(1), wire.Opaque("a set")]], "[[tensor(1), (a set)]]"),
    "something that did not cross": (wire.Opaque("a \x1b set"), f"(a {R} set)"),
}


@pytest.mark.parametrize("name", DESCRIBED)
def test_describe(name):
    """A value looks as PyTorch prints it, with dtype and shape for a tensor."""
    value, text = DESCRIBED[name]
    assert describe(value) == text


def levels(depth, item):
    """``item`` at each level of nested lists."""
    return [item] + ([levels(depth - 1, item) for _ in range(7)] if depth else [])


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
        levels(5, torch.rand(4, 4, 4, 4)),
        [[{"a": levels(5, torch.rand(3, 3, 3, 3))}]],
        {"a": torch.ones((2,) * 20)},
        [[torch.ones((2,) * 20)]],
        {n: {m: torch.rand(4, 4, 4, 4) for m in range(9)} for n in range(9)},
        levels(5, "a" * 10**4),
        levels(4, wire.Opaque("a" * 4096)),
    ],
    ids=range(17),
)
def test_description_stays_short(value):
    """The description of a large value is short and fast."""
    started = time.monotonic()
    assert len(describe(value)) <= MAX_TEXT + 1
    assert time.monotonic() - started < 0.5


def test_describing_leaves_torch_as_it_was():
    """Describing a value does not change how tensors print later."""
    tensor = torch.linspace(0, 1, 100)
    before = repr(tensor)
    describe(tensor)
    assert repr(tensor) == before


MESSAGES = {
    "a learner's failure": (
        LearnerFailure(Outcome.RAISED, "ValueError: \x1b[31mno"),
        f"ValueError: {R}[31mno",
    ),
    "a mismatch": (
        Mismatch("is 1; expected 2", "the result", 1, 2),
        "Your result is 1; expected 2.",
    ),
    "a forgotten return": (
        Mismatch("is None; expected a tensor", "the result", None, torch.ones(1)),
        "Your result is None; expected a tensor. Is a `return` missing?",
    ),
    "a named mismatch": (
        Mismatch("is 1; expected 2", "the gradient of x", 1, 2),
        "The gradient of x: it is 1; expected 2.",
    ),
    "no gradient": (
        Mismatch("is None; expected a tensor", "the gradient of x", None, torch.ones(1)),
        "The gradient of x: it is None; expected a tensor.",
    ),
    "a question": (
        Mismatch("is True; expected False", "whether a row moved", True, False),
        "Whether a row moved: it is True; expected False.",
    ),
    "a name of the learner's": (
        Mismatch("is 1; expected 2", "weight", 1, 2),
        "weight: it is 1; expected 2.",
    ),
    "code that does not raise": (
        Mismatch("returned a string; expected TypeError", "", "text", None),
        "Your code returned a string; expected TypeError.",
    ),
    "a plain assertion": (AssertionError("not the same\nassert 1 == 2"), "not the same"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_message(name):
    """A message is a sentence without frames of the grader."""
    error, text = MESSAGES[name]
    assert message(error) == text


def exchange(reply, **given):
    value = reply.value if isinstance(reply, wire.Returned) else None
    return Exchange(
        "double(x)", "", {name: values.encode(value) for name, value in given.items()}, reply, value
    )


def test_case_of_a_mismatch():
    """The case of a wrong value has the arguments of the last call and both values."""
    exchanges = [exchange(None), exchange(wire.Returned(2, 5), x=torch.tensor([1]))]
    error = Mismatch("is 5", "the result", 5, 2)
    assert case(exchanges, error, SUBMISSION) == Case(
        call="double(x)", given={"x": "tensor([1])  int64, shape (1,)"}, returned="5", expected="2"
    )
    named = case(exchanges, Mismatch("is 5", "the gradient of x", 5, 2), SUBMISSION)
    assert named.compared == "the gradient of x"


def test_case_of_an_unusual_layout():
    """The case says which argument is not contiguous or expanded: `view` fails on it."""
    layouts = {
        "usual": torch.ones(2, 3),
        "turned": torch.ones(2, 3).T,
        "repeated": torch.ones(1, 3).expand(2, 3),
    }
    found = case([exchange(None, **layouts)], Mismatch("is 5", "the result", 5, 2), SUBMISSION)
    ends = {name: text.splitlines()[-1] for name, text in found.given.items()}
    assert ends == {
        "usual": "float32, shape (2, 3)",
        "turned": "float32, shape (3, 2), not contiguous",
        "repeated": "float32, shape (2, 3), expanded",
    }


def test_case_of_a_failure():
    """The case of an exception has the learner's lines, outermost first, and no values."""
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


def test_case_of_a_long_traceback_in_a_long_file():
    """Many frames in a long file take little time; the innermost are shown."""
    frames = [wire.Frame("mine.py", number + 1, "f") for number in range(200)]
    long = Submission("mine.py", b"x\n" * 500_000)
    started = time.process_time()
    found = case([exchange(None)], LearnerFailure(Outcome.RAISED, "no", frames), long)
    assert time.process_time() - started < 0.5
    assert found.traceback == [f"mine.py line {number}, in f: x" for number in range(181, 201)]


def test_every_text_of_a_case_has_an_end():
    """Each text of a case has a limited length."""
    large = ["x" * 10**6] * 100
    found = case(
        [exchange(wire.Returned(1, large), x=large)],
        Mismatch("", "y" * 10**6, large, large),
        SUBMISSION,
    )
    texts = [found.returned, found.expected, found.compared, *found.given.values()]
    assert all(0 < len(text) <= MAX_TEXT + 1 for text in texts)


def test_case_without_a_call():
    """A submission that cannot be loaded has an empty case."""
    assert case([], LearnerFailure(Outcome.RAISED, "no"), SUBMISSION) == Case()


def test_case_of_a_plain_assertion():
    """For a plain assertion, the case shows the returned value."""
    assert case([exchange(wire.Returned(1, "x"))], AssertionError(), SUBMISSION).returned == "'x'"
