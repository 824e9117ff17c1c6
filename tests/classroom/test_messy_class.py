"""A class of 60 as they really come: copies, archives, notebooks, faults and names."""

import io
import json
import os
import tarfile
import unicodedata
import zipfile

from tests.classroom.conftest import GOOD
from tests.grading import SMALL_COURSE

BAD = "def double(x):\n    return x * x\n"
STARTER = (SMALL_COURSE / "exercises" / "double" / "starter.py").read_text()
MAX = 5
WRONG = 2
"""The points of ``BAD``, which keeps its input unchanged and refuses text."""


def notebook(*cells: str, **more: object) -> str:
    """A notebook with these code cells."""
    written = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": cell}
        for cell in cells
    ]
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more)


def zipped(files: dict[str, str | bytes]) -> bytes:
    """A zip archive of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(files: dict[str, str]) -> bytes:
    """A compressed tar archive of these files."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return made.getvalue()


HELPED = "from helper import two\n\n" + GOOD.replace("* 2", "* two")
FILES: dict[str, tuple[dict[str, str | bytes], int]] = {
    # Names of the file.
    "exact": ({"double.py": GOOD}, MAX),
    "upper case": ({"DOUBLE.PY": GOOD}, MAX),
    "browser copy": ({"double (1).py": GOOD}, MAX),
    "later copy": ({"double (1).py": BAD, "double (2).py": GOOD}, MAX),
    "copy of": ({"Copy of double.py": GOOD}, MAX),
    "windows copy": ({"double - Copy.py": GOOD}, MAX),
    "mac copy": ({"double copy.py": GOOD}, MAX),
    "numbered": ({"double 2.py": GOOD}, MAX),
    "jupyter copy": ({"double-Copy1.py": GOOD}, MAX),
    "attempt": ({"double-1.py": BAD, "double-2.py": GOOD}, MAX),
    "only file": ({"my_work.py": GOOD}, MAX),
    "exact beside copies": ({"double.py": GOOD, "Copy of double.py": BAD}, MAX),
    "exact beside checkpoint": ({"double.py": GOOD, ".ipynb_checkpoints/double.py": BAD}, MAX),
    # Folders and archives.
    "folder": ({"double/double.py": GOOD}, MAX),
    "week": ({"week1/double.py": GOOD}, MAX),
    "has a backup": ({"double.py": GOOD, "backup/double.py": BAD}, MAX),
    "has a build": ({"double.py": GOOD, "build/lib/double.py": BAD}, MAX),
    "starter beside work": ({"double.py": STARTER, "week1/double.py": GOOD}, MAX),
    "zip": ({"work.zip": zipped({"double.py": GOOD})}, MAX),
    "zip with a folder": ({"work.zip": zipped({"work/double.py": GOOD})}, MAX),
    "zip of zips": ({"all.zip": zipped({"in.zip": zipped({"double.py": GOOD})})}, MAX),
    "tar": ({"work.tar.gz": tarred({"double.py": GOOD})}, MAX),
    "mac zip": (
        {"work.zip": zipped({"double.py": GOOD, "__MACOSX/._double.py": b"\0\5\26\7"})},
        MAX,
    ),
    "litter": ({"double.py": GOOD, ".DS_Store": b"\0", "._double.py": b"\0\5\26\7"}, MAX),
    # Modules and data.
    "helper": ({"double.py": HELPED, "helper.py": "two = 2\n"}, MAX),
    "relative": ({"double.py": HELPED.replace("helper", ".helper"), "helper.py": "two = 2\n"}, MAX),
    "package": (
        {"double.py": HELPED.replace("helper", "pack.core"), "pack/core.py": "two = 2\n"},
        MAX,
    ),
    "data": (
        {
            "double.py": "two = int(open('two.txt').read())\n" + HELPED.partition("\n")[2],
            "two.txt": "2",
        },
        MAX,
    ),
    "helper in zip": (
        {"work.zip": zipped({"hw/double.py": HELPED, "hw/helper.py": "two = 2\n"})},
        MAX,
    ),
    # Notebooks.
    "notebook": ({"double.ipynb": notebook(GOOD)}, MAX),
    "marked cell": ({"work.ipynb": notebook("x = 1", f"%%grade double\n{GOOD}")}, MAX),
    "failing cell": ({"double.ipynb": notebook(GOOD, "double('two')")}, MAX),
    "magics": ({"double.ipynb": notebook("%matplotlib inline\n!pip list\n", GOOD)}, MAX),
    "display": ({"double.ipynb": notebook(GOOD, "display(double(1))")}, MAX),
    "input": ({"double.ipynb": notebook(GOOD, "input('name? ')")}, MAX),
    "plot": (
        {"double.ipynb": notebook("import matplotlib.pyplot as plt", GOOD, "plt.plot()")},
        MAX,
    ),
    "future": (
        {"double.ipynb": notebook("x = 1", f"from __future__ import annotations\n{GOOD}")},
        MAX,
    ),
    "nan": ({"double.ipynb": notebook(GOOD).replace('"outputs": []', '"outputs": [NaN]')}, MAX),
    "bom notebook": ({"double.ipynb": "\ufeff" + notebook(GOOD)}, MAX),
    "broken notebook": ({"double.ipynb": '{"cells": ['}, 0),
    "colab export": (
        {"double.py": f"# -*- coding: utf-8 -*-\n!pip install torch\n# %% \n{GOOD}"},
        MAX,
    ),
    # What the file contains.
    "bom": ({"double.py": "\ufeff" + GOOD}, MAX),
    "windows lines": ({"double.py": GOOD.replace("\n", "\r\n")}, MAX),
    "training below": ({"double.py": GOOD + "\nraise RuntimeError('no data')\n"}, MAX),
    "exit below": ({"double.py": GOOD + "\nimport sys; sys.exit()\n"}, MAX),
    "missing package": ({"double.py": "import tqdm_of_nobody\n" + GOOD}, MAX),
    "wrong": ({"double.py": BAD}, WRONG),
    "untouched": ({"double.py": STARTER}, 0),
    "syntax error": ({"double.py": "def double(x)\n    return x\n"}, 0),
    "conflict": ({"double.py": f"<<<<<<< HEAD\n{GOOD}=======\n{BAD}>>>>>>> theirs\n"}, 0),
    "empty file": ({"double.py": ""}, 0),
    "binary": ({"double.py": b"\0\1\2"}, 0),
    "two candidates": ({"a/double.py": GOOD, "b/double.py": BAD}, 0),
    "bad zip": ({"work.zip": b"PK\3\4 nothing"}, 0),
    "a document": ({"double.pdf": b"%PDF-1.7"}, 0),
    # Names of the learner.
    "=HYPERLINK": ({"double.py": GOOD}, MAX),
    "O'Brien, Sean": ({"double.py": GOOD}, MAX),
    unicodedata.normalize("NFD", "Zoë"): ({"double.py": GOOD}, MAX),
    "new\nline": ({"double.py": GOOD}, MAX),
    "spy": (
        {
            "double.py": "import glob\nassert not glob.glob('/**/helper.py', recursive=False)\n"
            + HELPED
        },
        # It refuses text before it needs what it did not find.
        1,
    ),
}


def test_messy_class(klass):
    """Each of the 60 has the intended points, a row and a page; a second run grades nothing."""
    assert len(FILES) == 60
    for number, (name, (files, _)) in enumerate(FILES.items()):
        for file, content in files.items():
            marked = content
            if isinstance(content, str) and file.endswith(".py"):
                marked = f"{content}\nLEARNER = {number}\n" if content.strip() else content
            klass.write(f"{name}/{file}", marked)
    # Beside the learners: it belongs to nobody.
    klass.write("double.py", GOOD)

    first = klass.batch()
    assert first.returncode == 0, first.stderr
    rows = klass.sheet()[1:]
    points = [int(row["double"]) for row in rows]
    assert sum(points) == sum(expected for _, expected in FILES.values()), _differences(klass)
    assert _differences(klass) == {}
    assert len(rows) == len(FILES)
    pages = klass.out / "feedback"
    assert len(os.listdir(pages)) == len(FILES)
    assert all((folder / "double.md").is_file() for folder in pages.iterdir())

    second = klass.batch()
    assert "0 to grade" in second.stdout
    assert klass.sheet()[1:] == rows


def _differences(klass) -> dict[str, tuple[int, int]]:
    """Learner to the points and the intended ones, where they differ."""
    found = {learner.partition("~")[0]: each for (learner, _), each in klass.points().items()}
    wanted = {unicodedata.normalize("NFC", name): each for name, (_, each) in FILES.items()}
    # A page shows no control characters.
    wanted["new?line"] = wanted.pop("new\nline")
    return {
        name: (found.get(name, -1), points)
        for name, points in wanted.items()
        if found.get(name, -1) != points
    }
