"""Fingerprints: what is the same but for names, comments and layout, from a process that may burn."""

import os
import signal
import time

import pytest

from grader.submission.fingerprint import MAX_BYTES, Fingerprints

BASE = """
import torch

def lookup(weight, idx):
    out = torch.nn.functional.one_hot(idx)
    return out @ weight
"""
SAME = {
    "names": BASE.replace("weight", "w").replace("idx", "i").replace("out", "r"),
    "comments": BASE.replace("    out =", "    # so\n    out ="),
    "layout": BASE.replace("    ", "  ")
    .replace("torch.nn.", "(torch\n .nn).")
    .replace("out @ weight", "(out@weight);"),
    "imports": BASE.replace("import torch", "from torch.nn import functional as F").replace(
        "torch.nn.functional", "F"
    ),
    "docstrings": '"""Mine."""' + BASE.replace("idx):\n", 'idx):\n    """Rows."""\n'),
    "annotations": BASE.replace("weight, idx)", "weight: object, idx: int) -> int").replace(
        "out =", "out: int ="
    ),
    "a main block": BASE + "\nif __name__ == '__main__':\n    print(lookup(1, 2))\n",
}
DIFFERENT = {
    "the other order": BASE.replace("out @ weight", "weight @ out"),
    "another function": BASE.replace("one_hot", "embedding"),
    "another number": BASE.replace("one_hot(idx)", "one_hot(idx, 3)"),
    "another keyword": BASE.replace("one_hot(idx)", "one_hot(input=idx)"),
    "names exchanged": BASE.replace("one_hot(idx)", "one_hot(weight)").replace(
        "out @ weight", "out @ idx"
    ),
}


@pytest.fixture(scope="module")
def fingerprints():
    with Fingerprints() as running:
        yield running


@pytest.mark.parametrize("case", SAME)
def test_same(case, fingerprints):
    """What a learner changes to make a copy look like their own changes nothing."""
    assert fingerprints.of(SAME[case].encode()) == fingerprints.of(BASE.encode()) is not None


@pytest.mark.parametrize("case", DIFFERENT)
def test_different(case, fingerprints):
    """What makes the code another one makes the fingerprint another."""
    assert fingerprints.of(DIFFERENT[case].encode()) not in (fingerprints.of(BASE.encode()), None)


def test_class_and_its_methods(fingerprints):
    """The names of a class, of self and of parameters are free; those of methods and fields are its contract."""
    one = b"class A(nn.Module):\n def forward(self, x): return self.w[x]\n"
    assert fingerprints.of(one) == fingerprints.of(
        b"class B(nn.Module):\n def forward(me, idx):\n  return me.w[idx]\n"
    )
    assert fingerprints.of(one) != fingerprints.of(
        b"class A(nn.Module):\n def forward(self, x): return self.v[x]\n"
    )


HOSTILE = {
    "brackets": b"(" * 60_000,
    "minus": b"-" * 60_000 + b"1",
    "not": b"x=" + b"not " * 15_000 + b"1",
    "dots": b"a" + b".a" * 30_000,
    "lambdas": b"lambda:" * 8_000 + b"0",
    "calls": b"f(" * 20_000,
    "strings": b"f'{" * 10_000,
    "powers": b"x = " + b"9**" * 10_000 + b"9",
    "a cookie": b"# coding: utf-7\n+AGEAYgBj-",
    "no UTF-8": b"x = '\xff'",
    "null": b"x = 1\0",
    "long": b"x" * (MAX_BYTES + 1),
    "an error": b"def f(:",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_source(name, fingerprints):
    """Whatever a source does to a parser, an answer comes soon and the next source gets its own."""
    started = time.monotonic()
    fingerprints.of(HOSTILE[name])
    assert time.monotonic() - started < 10
    assert fingerprints.of(BASE.encode()) is not None


def test_process_that_died(fingerprints):
    """The process may die: that source has no fingerprint, and another process serves the next."""
    fingerprints.of(b"x = 1")
    os.kill(fingerprints._process.pid, signal.SIGKILL)
    fingerprints._process.wait()
    assert fingerprints.of(BASE.encode()) is None
    assert fingerprints.of(BASE.encode()) is not None
