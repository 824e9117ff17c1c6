"""A submission with its own modules, packages and data runs as it does for its learner."""

import pytest

from tests.grading import grade_file

DOUBLE = "\n\ndef double(x):\n    return twice(x)\n"
TWICE = "import torch\n\ndef twice(x):\n    return torch.mul(x, 2)\n"
CLASS = "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: 'int' = 1\n"
FORMS = {
    "module": ("from helper import twice", {"helper.py": TWICE}),
    "relative": ("from . import helper\nfrom .helper import twice", {"helper.py": TWICE}),
    "package": (
        "import pack.core\ntwice = pack.core.twice",
        {"pack/__init__.py": "from . import more", "pack/core.py": TWICE, "pack/more.py": ""},
    ),
    "folder": (
        "from parts.core import twice",
        {"parts/core.py": "from .more import *", "parts/more.py": TWICE},
    ),
    "helper of a helper": (
        "import helper\ntwice = helper.twice",
        {"helper.py": "from .other import twice", "other.py": TWICE},
    ),
    "dataclass": (
        "from helper import twice",
        {"helper.py": f"{CLASS}{TWICE}"},
    ),
    "the name of a common file": ("from submission import twice", {"submission.py": TWICE}),
    "data": (
        f"import json\nassert json.load(open('data/c.json')) == [1]\n{TWICE}",
        {"data/c.json": "[1]"},
    ),
    "warnings as errors": (
        "import warnings\nwarnings.simplefilter('error')\nfrom .helper import twice",
        {"helper.py": TWICE},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_files_beside_a_submission(form, examiner, tmp_path):
    """Absolute and relative imports work, and so do relative paths of data files."""
    source, files = FORMS[form]
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    path = tmp_path / "double.py"
    path.write_text(source + DOUBLE)
    grade = grade_file(examiner, "double", path)
    assert grade.passed, grade.checks[0].message


def test_file_that_is_not_there(examiner, tmp_path):
    """The message names the module that was not handed in."""
    path = tmp_path / "double.py"
    path.write_text("from .helper import twice" + DOUBLE)
    grade = grade_file(examiner, "double", path)
    assert "The package `helper` is not available here" in grade.checks[0].message
