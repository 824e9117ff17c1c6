"""Fingerprints ignore names, comments and layout; a limited process computes them."""

import ast
import os
import runpy
import signal
import time

import pytest

from grader.sandbox.main_block import is_main_block
from grader.submission.fingerprint import MAX_BYTES, Fingerprints, parts_of

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
    "magics of a notebook": f"pass\n{BASE}pass\n",
    "a main block": BASE + "\nif __name__ == '__main__':\n    print(lookup(1, 2))\n",
    "a main block the other way round": BASE + "\nif '__main__' == __name__:\n    lookup(1, 2)\n",
}
RUNNING = "    lookup = torch.nn.functional.embedding\n"
"""Code that replaces the function."""
DIFFERENT = {
    "the other order": BASE.replace("out @ weight", "weight @ out"),
    "another function": BASE.replace("one_hot", "embedding"),
    "another number": BASE.replace("one_hot(idx)", "one_hot(idx, 3)"),
    "another keyword": BASE.replace("one_hot(idx)", "one_hot(input=idx)"),
    "names exchanged": BASE.replace("one_hot(idx)", "one_hot(weight)").replace(
        "out @ weight", "out @ idx"
    ),
    "a block that runs on import": f"{BASE}if __name__ != '__main__':\n{RUNNING}",
    "a block for another name": f"{BASE}if __name__ == 'double':\n{RUNNING}",
    "a block for a part of the name": f"{BASE}if __name__ in '__main__ double':\n{RUNNING}",
    "the other branch of a main block": f"{BASE}if __name__ == '__main__':\n    pass\nelse:\n{RUNNING}",  # noqa: E501
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


def test_running_code_differs(fingerprints):
    """Code under a test of the module's name counts: two submissions differ if only it differs."""
    for case, source in DIFFERENT.items():
        if "__name__" in source:
            other = source.replace("embedding", "linear")
            assert fingerprints.of(source.encode()) != fingerprints.of(other.encode()), case


def test_main_block_is_what_the_sandbox_skips(tmp_path):
    """The definition agrees with Python: an imported file skips the body of these blocks only."""
    tests = {
        "__name__ == '__main__'": True,
        "'__main__' == __name__": True,
        "__name__ != '__main__'": False,
        "not __name__ == '__main__'": False,
        "__name__ == '__main__' or True": False,
        "__name__": False,
    }
    for test, is_main in tests.items():
        source = f"ran = False\nif {test}:\n    ran = True\n"
        assert is_main_block(ast.parse(source).body[1]) is is_main
        path = tmp_path / "imported.py"
        path.write_text(source)
        assert runpy.run_path(str(path), run_name="imported")["ran"] is not is_main


def test_class_and_its_methods(fingerprints):
    """Names of classes, self and parameters don't matter; names of methods and fields do."""
    one = b"class A(nn.Module):\n def forward(self, x): return self.w[x]\n"
    assert fingerprints.of(one) == fingerprints.of(
        b"class B(nn.Module):\n def forward(me, idx):\n  return me.w[idx]\n"
    )
    assert fingerprints.of(one) != fingerprints.of(
        b"class A(nn.Module):\n def forward(self, x): return self.v[x]\n"
    )


STARTER = b"""
import torch

SIZE = 3

class A(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.w = torch.zeros(SIZE)

    def forward(self, x):
        x = x * 2
        raise NotImplementedError
"""
FORWARD = b"x = x * 2\n        return self.w[x]"


def test_only_what_differs_from_the_starter(fingerprints):
    """Given constants, methods and first statements are no part of a fingerprint."""
    assert fingerprints.of(STARTER, STARTER) == ""
    commented = STARTER.replace(b"SIZE = 3", b"SIZE = 3  # given")
    assert fingerprints.of(commented, STARTER) == ""
    raised = b"x = x * 2\n        raise NotImplementedError"
    work = STARTER.replace(raised, FORWARD)
    own = parts_of(fingerprints.of(work, STARTER))
    assert len(own) == 1
    # The given statement does not count, so its size is that of the other one.
    longer = parts_of(fingerprints.of(work.replace(FORWARD, b"return self.w[x + 1]"), STARTER))
    assert sum(own.values()) < sum(longer.values())


def test_parts(fingerprints):
    """Each function, method and statement is a part, in any order and with its size."""
    two = BASE + "\ndef other(x):\n    return lookup(x, x) + 1\n"
    shared = parts_of(fingerprints.of(BASE.encode()))
    both = parts_of(fingerprints.of(two.encode()))
    assert shared.items() < both.items() and len(both) == 2
    first, second = two.split("\ndef other")
    turned = f"import torch\ndef other{second}{first}".replace("lookup", "mine")
    assert parts_of(fingerprints.of(turned.encode())) == both
    assert parts_of("0f") == {"0f": 1}


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


def test_endless_size():
    """A gradebook of a stranger can have a number of any length."""
    assert parts_of("a:" + "9" * 5000) == {"a": 999_999_999}
