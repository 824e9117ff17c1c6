"""Files as users of other graders reported them, with the results that instructors expect."""

import re
import sys

import pytest

from grader.course.location import default_root
from tests.grading import grade_file, grade_source

DOUBLE = (
    "def double(x):\n    if isinstance(x, str):\n        raise TypeError(x)\n    return x * 2\n"
)
# What stands above the function, and what stands below it. Neither costs a point.
AROUND = {
    "anomaly detection": ("import torch\ntorch.autograd.set_detect_anomaly(True)", ""),
    "seeds": ("import torch\ntorch.manual_seed(0)\ntorch.cuda.manual_seed_all(0)", ""),
    "threads of torch": (
        "import torch\ntorch.set_num_threads(4)",
        "torch.set_num_interop_threads(2)",
    ),
    "a guarded device": (
        "import torch\nplace = 'cuda' if torch.cuda.is_available() else 'cpu'",
        "torch.zeros(2, device=place)",
    ),
    "scripted code": (
        "import torch\n@torch.jit.script\ndef half(x: torch.Tensor):\n    return x / 2",
        "half(torch.ones(2))",
    ),
    "a data class": (
        "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\n    y: 'int' = 0",
        "Point(1)",
    ),
    "everything of torch": ("from torch import *\nfrom torch.nn.functional import *", ""),
    "the search path": (
        "import sys, os\nsys.path.append(os.path.abspath('..'))",
        "sys.path.insert(0, os.path.dirname(__file__))",
    ),
    "the home folder": (
        "import os\nfrom pathlib import Path\nprint(os.environ['HOME'])",
        "Path.home()",
    ),
    "a log file": ("import logging\nlogging.basicConfig(filename='run.log')", "logging.error('x')"),
    "an alarm": ("import signal\nsignal.signal(signal.SIGALRM, print)\nsignal.alarm(1)", ""),
    "warnings as errors": ("import warnings\nwarnings.simplefilter('error')", ""),
    "a start method": (
        "import multiprocessing as mp\nmp.set_start_method('spawn')",
        "mp.cpu_count()",
    ),
    "an event loop": ("import asyncio", "asyncio.run(asyncio.sleep(0))"),
    "a main function": ("", "def main():\n    print(double(3))\nmain()"),
    "help": ("import torch", "help(torch.nn.Embedding)"),
    "much output": ("", "for _ in range(3000):\n    print('x' * 200)"),
    "a saved file": (
        "import torch",
        "torch.save(torch.zeros(3), 'w.pt')\nopen('log', 'w').write('x')",
    ),
    "a thread that sleeps": (
        "import threading, time",
        "threading.Thread(target=lambda: time.sleep(3600)).start()",
    ),
    "a thread that spins": (
        "import threading, time\ndef spin():\n    while True:\n        time.sleep(0.01)",
        "threading.Thread(target=spin, daemon=True).start()",
    ),
    "loaded batches": (
        "from torch.utils.data import DataLoader, TensorDataset\nimport torch",
        "for _ in DataLoader(TensorDataset(torch.zeros(8, 2)), batch_size=2): pass",
    ),
    "a missing weight file": ("import torch", "torch.load('weights.pt')"),
    "a missing data file": ("", "open('data/train.csv').read()"),
    "a test of one's own": ("", "assert double(1) == 3, 'my own test'"),
    "a question": ("", "n = int(input('how many? '))"),
    "cells of VS Code": ("# %%\n%matplotlib inline\nimport torch\n# %%", ""),
    "text cells": ("# %% [markdown]\n# # Title\n# %%\nimport torch\n# %%", ""),
}


@pytest.mark.parametrize("case", AROUND)
def test_around_the_function(case, examiner, tmp_path):
    """What learners leave above and below the function costs no point."""
    above, below = AROUND[case]
    grade = grade_source(examiner, f"{above}\n{DOUBLE}{below}\n", tmp_path)
    assert grade.passed, [(check.outcome, check.message) for check in grade.checks]


def test_deterministic_algorithms(examiner, tmp_path):
    """They may be switched on. In a build for CUDA, that loads a compiler and takes memory."""
    solution = default_root() / "solutions" / "exercise1" / "solution.py"
    path = tmp_path / "exercise1.py"
    above = "import torch\ntorch.use_deterministic_algorithms(True)\n"
    path.write_text(above + solution.read_text())
    grade = grade_file(examiner, "exercise1", path, course=default_root())
    assert grade.passed, [(check.outcome, check.message) for check in grade.checks]


# What Python 3.12 brought is explained on 3.11.
NEWER = r"Python 3\."
# The source, and a pattern of the sentence that says what to do.
TOLD = {
    "a folder of Colab": (
        "import os\nos.chdir('/content/drive/MyDrive')\n" + DOUBLE,
        "Your code can use its own folder",
    ),
    "a folder outside": (
        "import os\nos.makedirs('../out', exist_ok=True)\n" + DOUBLE,
        "Your code can use its own folder",
    ),
    # A build for CUDA names the driver that is missing.
    "no GPU": ("import torch\nx = torch.zeros(3).to('cuda')\n" + DOUBLE, "CUDA|NVIDIA driver"),
    "a space of a web page": (
        DOUBLE.replace("return x", "return\N{NO-BREAK SPACE}x"),
        "plain space",
    ),
    "typographic quotes": (
        DOUBLE + "print(\N{LEFT DOUBLE QUOTATION MARK}a\N{RIGHT DOUBLE QUOTATION MARK})\n",
        "typographic quote",
    ),
    "tabs and spaces": (
        "def double(x):\n\tx = x * 2\n        return x\n",
        "Indent with spaces only",
    ),
    "another encoding": (
        DOUBLE.encode() + "# Gr\xf6\xdfe\n".encode("cp1252"),
        "Save the file as UTF-8",
    ),
    "another encoding at the top": (
        "# Gr\xf6\xdfe\n".encode("cp1252") + DOUBLE.encode(),
        "Save the file as UTF-8",
    ),
    "another encoding in a docstring": (
        '"""Gr\xf6\xdfe"""\n'.encode("cp1252") + DOUBLE.encode(),
        "Save the file as UTF-8",
    ),
    "the wrong name of an encoding": (
        "# coding: ascii\n# Gr\xf6\xdfe\n" + DOUBLE,
        "Delete the line at the top",
    ),
    "no name of an encoding": ("\n# coding: utf8mb4\n" + DOUBLE, "Delete the line at the top"),
    "a newer syntax": (DOUBLE + "d = {'a': 1}\nprint(f'{d['a']}')\n", NEWER),
    "a newer import": ("from typing import override\n" + DOUBLE, NEWER),
    "newer types": ("type Vec = int\n" + DOUBLE, NEWER),
    "a breakpoint": (
        DOUBLE.replace("    return", "    breakpoint()\n    return"),
        r"breakpoint\(\)",
    ),
    "printed, not returned": (
        DOUBLE.replace("return x * 2", "print(x * 2)"),
        r"Is a `return` missing\?",
    ),
}


@pytest.mark.parametrize("case", TOLD)
def test_told(case, examiner, tmp_path):
    """What cannot work loses points, and the page says what to do."""
    source, said = TOLD[case]
    if said == NEWER and sys.version_info >= (3, 12):
        pytest.skip("this Python has it")
    grade = grade_source(examiner, source, tmp_path)
    missed = [check for check in grade.checks if check.points < check.check.points]
    assert missed
    assert re.search(said, " ".join(check.message for check in grade.checks))


@pytest.mark.slow
def test_compiled_function(examiner, tmp_path):
    """The page says that torch.compile cannot run here, and does not speak of a loop."""
    path = tmp_path / "exercise1.py"
    path.write_text(
        "import torch\n\n@torch.compile\ndef lookup(weight, idx):\n    return weight[idx]\n"
    )
    grade = grade_file(examiner, "exercise1", path, course=default_root())
    first, *_ = [check for check in grade.checks if check.points < check.check.points]
    assert first.message == "Your code uses torch.compile, which cannot run here. Remove it."
