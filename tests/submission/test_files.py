"""Reading submissions: files, notebooks, and what is said of a file that is none."""

import codecs
import contextlib
import json
import os
import time
import tracemalloc

import pytest

from grader.errors import SubmissionError
from grader.sandbox import wire
from grader.submission.beside import MAX_FILES
from grader.submission.files import (
    MAX_BYTES,
    MAX_NOTEBOOK_BYTES,
    Submission,
    find_submission,
    read_answers,
    read_submission,
    submission_name,
)
from grader.submission.ipython import to_python
from grader.submission.notebook import read_cell

GOOD = b"def double(x):\n    return x + x\n"


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def notebook(*cells, kind="code"):
    """A notebook of these cells, as Jupyter writes it."""
    cells = [
        cell if isinstance(cell, dict) else {"cell_type": kind, "metadata": {}, "source": cell}
        for cell in cells
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def read_notebook(exercise, folder, *cells):
    return read_submission(exercise, write(folder, "mine.ipynb", notebook(*cells)))


def refusal(exercise, path):
    with pytest.raises(SubmissionError) as caught:
        read_submission(exercise, path)
    assert caught.value.exit_code == 2
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message and "Traceback" not in message
    return message.removeprefix(f"{path}: ")


# Files


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("double.py", "double (2).py", "Double.py"), "double.py"),
        (("double (2).py", "double.ipynb"), "double.ipynb"),
        (("Double.py", "double_tools.py", ".double.py"), "Double.py"),
        (("Double.py", "double copy.py"), None),
        (("double.txt", "sizes.yaml"), None),
    ],
    ids=str,
)
def test_submission_in_ones_own_folder(code, tmp_path, names, expected):
    """In one's own folder the exact name counts, or else the only other spelling of it."""
    for name in names:
        write(tmp_path, name, GOOD)
    found = find_submission(code, tmp_path)
    assert (found and found.name) == expected


SOURCES = {
    "plain": GOOD,
    "Windows line ends": GOOD.replace(b"\n", b"\r\n"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "Latin-1 with its cookie": b"# -*- coding: latin-1 -*-\ns = '\xe9'\n" + GOOD,
    "not UTF-8 and without a cookie": b"s = '\xe9'\n" + GOOD,
    "form feed": b"\x0c" + GOOD,
    "no newline at the end": GOOD.rstrip(),
    "as large as allowed": b"#" * MAX_BYTES,
}


@pytest.mark.parametrize("name", SOURCES)
def test_source_is_kept_to_the_byte(code, tmp_path, name):
    """What a learner wrote is handed on as it is; decoding is for the process that runs it."""
    submission = read_submission(code, write(tmp_path, "mine.py", SOURCES[name]))
    assert submission == Submission("mine.py", SOURCES[name])


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16(code, quiz, tmp_path, encoding):
    """A text in UTF-16 with its mark, as programs on Windows write it, is read as the same text."""
    text = "import one  # \u00fc\n"
    write(tmp_path, "one.py", f"\N{ZERO WIDTH NO-BREAK SPACE}{text}".encode(encoding))
    for exercise, name in ((code, "mine.py"), (quiz, "mine.yaml")):
        content = f"\N{ZERO WIDTH NO-BREAK SPACE}{text}".encode(encoding)
        submission = read_submission(exercise, write(tmp_path, name, content))
        assert submission.source.decode() == text
        if exercise is code:
            assert submission.helpers == {"one.py": text.encode()}


@pytest.mark.parametrize(
    "name", ["MINE.PY", "my code.py", "été.py", "-x.py", "%(a)s.py", "double.py.py"]
)
def test_file_names(code, tmp_path, name):
    """A submission may have any name with a fitting end."""
    assert read_submission(code, write(tmp_path, name, GOOD)).name == name


@pytest.mark.parametrize("suffix", ["py", "ipynb"])
def test_file_name_that_is_not_utf8(code, tmp_path, suffix):
    """A name that is no UTF-8 becomes one that can be sent and shown."""
    path = tmp_path / os.fsdecode(b"m\xe9." + suffix.encode())
    path.write_text(notebook(GOOD.decode()) if suffix == "ipynb" else GOOD.decode())
    name = read_submission(code, path).name
    assert name == f"m?.{suffix}"
    assert wire.unpack(wire.pack(wire.Dtype(name))[wire.HEADER :], wire.Dtype).name == name


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["def double(x):\n    return x", "x = 1", GOOD.decode()], "cells 1 and 3; a later"),
        ([GOOD.decode(), "double = double(1)"], ""),
        (["def double(x):\n    raise NotImplementedError", GOOD.decode()], ""),
        ([GOOD.decode(), GOOD.decode()], ""),
        (["def double(x):\n    return x", f"%%grade double\n{GOOD.decode()}"], ""),
    ],
)
def test_a_function_in_two_cells(code, tmp_path, cells, note):
    """If several graded cells define a function, the submission has a note that says so."""
    submission = read_submission(code, write(tmp_path, "mine.ipynb", notebook(*cells).encode()))
    assert note in submission.file_note
    assert bool(note) == bool(submission.file_note)
    named = submission.with_note("Graded `mine.ipynb`.")
    assert named.file_note == f"Graded `mine.ipynb`. {submission.file_note}".strip()


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 1234\n"
REFUSED = {
    "empty": ("mine.py", b"", "empty; `grade show double` says what belongs in it"),
    "blank": ("mine.py", b" \n\t\n", "empty"),
    "binary": ("mine.py", b"\x7fELF\0\0", "a binary file, not text"),
    "UTF-16 without a mark": ("mine.py", GOOD.decode().encode("utf-16-le"), "a binary file"),
    "only a byte order mark": ("mine.py", codecs.BOM_UTF8, "empty"),
    "PDF": ("mine.py", b"%PDF-1.4\n", "a PDF file, not code; hand in the source itself"),
    "Word": ("mine.py", b"PK\3\4", "a zip archive or an Office document, not code; save"),
    "RTF": (
        "mine.py",
        b"{\\rtf1\\ansi import torch}",
        "a document with formatting (RTF), not code",
    ),
    "web page": ("mine.py", b"\n<!DOCTYPE html>\n<html>", "a web page (HTML), not code; download"),
    "a pointer of Git LFS": ("mine.py", LFS, "a pointer of Git LFS in place of the file, not code"),
    "a notebook in Git LFS": (
        "mine.ipynb",
        LFS,
        "not a notebook, but a pointer of Git LFS in place of the file; run `git lfs pull`",
    ),
    "Python that is a notebook": (
        "mine.py",
        b'{"cells": [], "nbformat": 4}',
        "a notebook, not code; give it the ending .ipynb",
    ),
    "notebook that is a web page": (
        "mine.ipynb",
        b"<html>",
        "not a notebook, but a web page (HTML); download the file",
    ),
    "too large": ("mine.py", b"#" * (MAX_BYTES + 1), "larger than 1024 KiB"),
    "another archive": ("mine.7z", b"7z", "an archive that cannot be unpacked; pack it again as a"),
    "another kind of file": (
        "mine.txt",
        GOOD,
        "double takes a file ending in .py or .ipynb; rename it to double.py, then type",
    ),
    "answers for code": (
        "mine.yaml",
        b"a: 1\n",
        "double takes a file ending in .py or .ipynb; name another file",
    ),
    "no suffix": ("mine", GOOD, "double takes a file ending in .py or .ipynb"),
    "only a suffix": (".py", GOOD, "double takes a file ending in .py or .ipynb"),
    "notebook that is Python": (
        "mine.ipynb",
        GOOD,
        "not a notebook, because it is not JSON; if it is Python, give it the ending .py",
    ),
    "empty notebook file": ("mine.ipynb", b"", "empty; save it again"),
    "notebook that is not UTF-8": ("mine.ipynb", b"\xe4\xf6\xfc", "not a notebook"),
    "notebook with a conflict": (
        "mine.ipynb",
        b'{"cells": [\n<<<<<<< HEAD\n  {},\n=======\n  [],\n>>>>>>> theirs\n]}',
        "contains the conflict markers of Git",
    ),
    "file with a conflict": (
        "mine.py",
        b"<<<<<<< HEAD\r\nx = 1\r\n=======\r\nx = 2\r\n>>>>>>> theirs\r\n",
        "contains the conflict markers of Git",
    ),
    "notebook with a huge cell": (
        "mine.ipynb",
        notebook("#" * 13 * 2**20).encode(),
        "has a cell with more than 12 MiB of code",
    ),
    "notebook cut off": ("mine.ipynb", notebook("x = 1").encode()[:-9], "not a notebook"),
    "notebook nested deep": (
        "mine.ipynb",
        b'{"cells":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        "not a notebook",
    ),
    "notebook of format 2": (
        "mine.ipynb",
        b'{"nbformat": 2, "worksheets": []}',
        "not a notebook of format 3 or 4",
    ),
    "notebook that is a list": ("mine.ipynb", b"[]", "not a notebook of format 3 or 4"),
    "cells that are none": (
        "mine.ipynb",
        b'{"cells": {"a": 1}}',
        "not a notebook of format 3 or 4",
    ),
    "notebook without cells": (
        "mine.ipynb",
        notebook().encode(),
        "no code cell with code; put your code into a code cell, not a Markdown cell",
    ),
    "notebook without code": (
        "mine.ipynb",
        notebook("x = 1", kind="markdown").encode(),
        "no code cell with code",
    ),
    "notebook of comments": ("mine.ipynb", notebook("# above", "#").encode(), "no code cell with"),
    "notebook of blank cells": ("mine.ipynb", notebook("", " \n").encode(), "no code cell"),
    "notebook with code for others": (
        "mine.ipynb",
        notebook("%%grade triple\nx = 1").encode(),
        "no code for double; start its cell with %%grade double",
    ),
    "notebook with a misspelled marker": (
        "mine.ipynb",
        notebook("import torch", "%%grade duoble\ndef double(x):\n    return 2 * x").encode(),
        "cell 2 has the code and starts with %%grade duoble; start it with %%grade double if it",
    ),
    "empty marked cell": (
        "mine.ipynb",
        notebook("x = 1", "%%grade double\n\n").encode(),
        "no code for double",
    ),
    "notebook with too much code": (
        "mine.ipynb",
        notebook("#" * MAX_BYTES).encode(),
        "more than 1024 KiB of code",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_file_that_is_no_submission(code, tmp_path, case):
    """A file that cannot be graded is refused in one line that names it and says what to do."""
    name, content, said = REFUSED[case]
    assert refusal(code, write(tmp_path, name, content)).startswith(said)


def test_notebook_over_the_cap(code, tmp_path):
    """A notebook may be far larger than a source, for its pictures, but not endless."""
    path = write(tmp_path, "mine.ipynb", "")
    os.truncate(path, MAX_NOTEBOOK_BYTES + 1)
    assert refusal(code, path).startswith("larger than 65536 KiB; clear the outputs")


def test_missing_file(code, tmp_path):
    """A file that is not there is answered with the command that writes it."""
    assert (
        refusal(code, tmp_path / "mine.py") == "no such file; `grade start double` writes double.py"
    )


@pytest.mark.parametrize("name", ["x" * 300 + ".py", "a/" * 3000 + "x.py"])
def test_name_beyond_the_system(code, tmp_path, name):
    """A name longer than the system allows is a file that is not there."""
    refusal(code, tmp_path / name)


def test_dangling_symlink(code, tmp_path):
    """A symlink to nothing is told as what it is."""
    (tmp_path / "mine.py").symlink_to(tmp_path / "gone.py")
    assert refusal(code, tmp_path / "mine.py").startswith(
        "a link that leads to no file; put the file itself there"
    )


def test_folder(code, tmp_path):
    """A folder is told apart from a file, even one named like a file."""
    (tmp_path / "mine.py").mkdir()
    assert refusal(code, tmp_path / "mine.py") == "a folder; name the file in it that holds double"


def test_pipe_is_not_waited_for(code, tmp_path):
    """A named pipe is refused, not read: reading it would never end."""
    os.mkfifo(tmp_path / "mine.py")
    assert refusal(code, tmp_path / "mine.py").startswith("not a regular file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(code, tmp_path):
    """A file without permission to read it is refused with the reason."""
    path = write(tmp_path, "mine.py", GOOD)
    path.chmod(0)
    assert refusal(code, path).startswith("cannot be read (Permission denied)")


# Finding


@pytest.mark.parametrize(
    ("exercise", "names"),
    [
        ("code", ["double.py", "double.ipynb"]),
        ("quiz", ["shapes.yaml", "shapes.yml", "shapes.ipynb"]),
    ],
)
def test_find_submission(exercise, names, tmp_path, request):
    """A file named after the exercise is found, the plainest kind first; other files are not."""
    exercise = request.getfixturevalue(exercise)
    assert submission_name(exercise) == names[0]
    write(tmp_path, "other.py", GOOD)
    assert find_submission(exercise, tmp_path) is None
    for name in reversed(names):
        path = write(tmp_path, name, GOOD)
        assert find_submission(exercise, tmp_path) == path


# Helpers


def helpers(exercise, folder, source, **files):
    for name, content in files.items():
        write(folder, f"{name}.py", content)
    return set(read_submission(exercise, write(folder, "mine.py", source)).helpers)


IMPORTS = {
    "import": "import one",
    "import as": "import one as two",
    "import of several": "import torch, one",
    "import of several with as": "import torch as t, one as o",
    "import of a part": "import one.part",
    "from": "from one import f",
    "from, of a part": "from one.part import f",
    "from, all": "from one import *",
    "from, in brackets": "from one import (\n    f,\n)",
    "in a function": "def double(x):\n    import one\n",
    "in a function, by a tab": "def double(x):\n\timport\tone\n",
    "after Windows line ends": "import torch\r\nimport one\r\n",
    "with a comment": "import one  # mine",
    "after another statement's line": "x = 1\nimport one\n",
    "relative": "from .one import f",
    "relative, by its name": "from . import (\n    g,\n    one as two,\n)",
}


@pytest.mark.parametrize("form", IMPORTS)
def test_imported_module_comes_along(code, tmp_path, form):
    """A module beside the submission is sent with it where an import names it, and only then."""
    assert helpers(code, tmp_path, IMPORTS[form], one="", other="", two="", part="", f="") == {
        "one.py"
    }


def test_imports_are_followed(code, tmp_path):
    """The imports of a helper count too, even in circles; the submission is not its own helper."""
    assert helpers(code, tmp_path, "import a", a="import b", b="import a, c, mine", c="", d="") == {
        "a.py",
        "b.py",
        "c.py",
    }


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "# import one",
        "s = 'import one'",
        "important = 1",
        "from ..one import f",
        "import one_more",
    ],
)
def test_module_that_no_import_names_is_never_read(code, tmp_path, source):
    """A file that cannot be read as a helper does no harm while no import names it."""
    assert helpers(code, tmp_path, source, one=b"#" * (MAX_BYTES + 1)) == set()


TREE = {
    "one.py": "",
    "pack/__init__.py": "from .core import f",
    "pack/core.py": "from . import deep\nfrom .. import one",
    "pack/deep/__init__.py": "",
    "pack/unused.py": "",
    "parts/first.py": "from .second import f",
    "parts/second.py": "",
    "table.csv": "1,2",
    "data/table.json": "[]",
    "notes.md": "",
}
USES = {
    "a package": (
        "import pack",
        ["one.py", "pack/__init__.py", "pack/core.py", "pack/deep/__init__.py"],
    ),
    "a folder without an init": (
        "from parts.first import f",
        ["parts/first.py", "parts/second.py"],
    ),
    "by the name of the folder around": ("from mine.one import f", ["mine/one.py"]),
    "data": ("open('table.csv')", ["table.csv"]),
    "data in a folder": ('open("./data/table.json")', ["data/table.json"]),
    "nothing above": ("open('../secret.txt')\nfrom .. import secret", []),
    "no other files": ("open('notes.md'); open('/table.csv')", []),
}


@pytest.mark.parametrize("name", USES)
def test_files_that_come_along(code, tmp_path, name):
    """Packages, relative imports and data files beside a submission come along."""
    (tmp_path / "secret.txt").write_text("s3cret")
    (tmp_path / "secret.py").write_text("")
    source, used = USES[name]
    for path, content in TREE.items():
        file = tmp_path / "mine" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    submission = read_submission(code, write(tmp_path / "mine", "double.py", source))
    assert sorted(submission.helpers) == used


def test_symlink_is_no_helper(code, tmp_path):
    """A symlink is not followed: it could lead to any file of the machine."""
    secret = write(tmp_path, "secret.txt", "s3cret")
    (tmp_path / "one.py").symlink_to(secret)
    assert helpers(code, tmp_path, "import one") == set()


def test_folder_is_no_helper(code, tmp_path):
    """A folder named like a module is passed over."""
    (tmp_path / "one.py").mkdir()
    assert helpers(code, tmp_path, "import one") == set()


def test_helper_over_the_cap(code, tmp_path):
    """A helper is held to the size of a submission."""
    with pytest.raises(SubmissionError, match=r"one\.py: larger than 1024 KiB"):
        helpers(code, tmp_path, "import one", one=b"#" * (MAX_BYTES + 1))


def test_too_many_helpers(code, tmp_path):
    """As many helpers as allowed come along; one more is refused."""
    many = {f"m{n}": "" for n in range(MAX_FILES)}
    source = "".join(f"import {name}\n" for name in many)
    assert len(helpers(code, tmp_path, source, **many)) == MAX_FILES
    with pytest.raises(SubmissionError, match="uses more than 20 files beside it"):
        helpers(code, tmp_path, source + "import last\n", last="")


def test_helpers_together_over_the_cap(code, tmp_path):
    """All helpers together have to fit one message to the learner process."""
    many = {f"m{n}": b"#" * MAX_BYTES for n in range(9)}
    with pytest.raises(SubmissionError, match="are over 8 MiB; keep data out"):
        helpers(code, tmp_path, "".join(f"import {name}\n" for name in many), **many)


def test_notebook_has_helpers(code, tmp_path):
    """A notebook's code may import modules beside it too."""
    write(tmp_path, "one.py", "x = 1\n")
    assert read_notebook(code, tmp_path, "import one").helpers == {"one.py": b"x = 1\n"}


def test_answers_have_no_helpers(quiz, tmp_path):
    """A quiz's answers import nothing."""
    write(tmp_path, "one.py", "")
    assert read_submission(quiz, write(tmp_path, "mine.yaml", "import one\n")).helpers == {}


# Notebooks


NOTEBOOKS = {
    "all code cells, in order": (["a = 1", "b = 2\n"], "a = 1\nb = 2\n\n"),
    "no markdown": ([markdown("# Title"), "a = 1"], "a = 1\n"),
    "the marked cell alone": (["a = 1", "%%grade double\nb = 2", "c = 3"], "b = 2\n"),
    "the last marked cell": (["%%grade double\nb = 2", "%%grade double\nb = 3"], "b = 3\n"),
    "a marked cell that tries out the function": (
        [
            "%%grade double\ndef double(x):\n    return x",
            "%%grade double\nassert double(1) == 2",
        ],
        "def double(x):\n    return x\n",
    ),
    "the last marked cell with the function": (
        [
            "%%grade double\ndef double(x):\n    return x",
            "%%grade double\ndouble = lambda x: 2 * x",
        ],
        "double = lambda x: 2 * x\n",
    ),
    "blank lines before the marker": (["\n \n%%grade double\nb = 2", "a = 1"], "b = 2\n"),
    "an indented cell": (["  %%grade double\n  if b:\n    c = 2", "a = 1"], "if b:\n  c = 2\n"),
    "a seed beside the marker": (["%%grade double --seed 12\nb = 2", "a = 1"], "b = 2\n"),
    "an empty cell after it": (
        ["%%grade double\nb = 2", "%%grade double", "%%grade double\n\n"],
        "b = 2\n",
    ),
    "a marker as people write it": (
        ["%% grade Double\nb = 2", "%%time\n%%grade double.py\nb = 3", "a = 1"],
        "b = 3\n",
    ),
    "a marker without a name": (["%%grade\nb = 2", "a = 1"], "b = 2\na = 1\n"),
    "a copy of the starter after it": (
        ["%%grade double\nb = 2", "%%grade double\ndef double(x):\n    raise NotImplementedError"],
        "b = 2\n",
    ),
    "copies of the starter among unmarked cells": (
        ["a = 1", "def double(x):\n    return x", "def double(x):\n    raise NotImplementedError"],
        "a = 1\ndef double(x):\n    return x\n",
    ),
    "a marked cell that was split": (
        ["%%grade double\nb = 2", "def double(x):\n    return x", "%%grade triple\nt = 3"],
        "b = 2\ndef double(x):\n    return x\n",
    ),
    "a file that a cell writes": (
        ["%%writefile double.py\ndef double(x):\n    return x"],
        (
            "open('double.py', 'w', encoding='utf-8').write('def double(x):\\n    return x')\n"
            "def double(x):\n    return x\n"
        ),
    ),
    "a file that cells write at other paths": (
        ["%%writefile '/content/my file.py'\na = 1", "%%file -a double.py\nb = 2", "c = 3"],
        (
            "open('my file.py', 'w', encoding='utf-8').write('a = 1')\na = 1\n"
            "open('double.py', 'a', encoding='utf-8').write('b = 2')\nb = 2\n"
            "c = 3\n"
        ),
    ),
    "marked with spaces": (["%%grade   double  \nb = 2", "a = 1"], "b = 2\n"),
    "nobody else's marked cell": (
        ["%%grade triple\nt = 3", "a = 1", "%%grade doubles\nd = 3"],
        "a = 1\n",
    ),
    "no cell in another language": (["%%bash\nrm -r /\nls", "a = 1"], "\n\n\na = 1\n"),
    "a timed cell": (["%%time\na = 1"], "pass\na = 1\n"),
    "magics": (
        ["%matplotlib inline\n!pip install torch\nfoo?\na = 1"],
        "pass\npass\npass\na = 1\n",
    ),
    "magics in a marked cell": (["%%grade double\n%time\na = 1"], "pass\na = 1\n"),
    "source as lines": ([["a = 1\n", "b = 2"]], "a = 1\nb = 2\n"),
    "Windows line ends": (["%%grade double\r\na = 1\r\nb = 2"], "a = 1\nb = 2\n"),
    "old line ends": (["a = 1\rb = 2"], "a = 1\nb = 2\n"),
    "odd cells": (
        ["a = 1", {"cell_type": "code"}, {"cell_type": "code", "source": 7}, {}, "b = 2"],
        "a = 1\n\nb = 2\n",
    ),
}


@pytest.mark.parametrize("case", NOTEBOOKS)
def test_notebook(code, tmp_path, case):
    """The submission in a notebook is its marked cell, or else all code without a marker."""
    cells, source = NOTEBOOKS[case]
    assert read_notebook(code, tmp_path, *cells).source.decode() == source


def test_cells_that_are_no_objects(code, tmp_path):
    """Whatever else stands among the cells is passed over."""
    path = write(
        tmp_path,
        "mine.ipynb",
        json.dumps(
            {"cells": [1, "x", None, ["y"], {"cell_type": "code", "source": ["a = 1", 2, None]}]}
        ),
    )
    assert read_submission(code, path).source == b"a = 1\n"


def stored(source="a = 1", outputs="[]"):
    """A notebook as JSON text, with any text as the outputs."""
    return f'{{"cells": [{{"outputs": {outputs}, "source": "{source}", "cell_type": "code"}}]}}'


AS_WRITTEN = {
    "NaN and Infinity in outputs": stored(outputs='{"NaN": [NaN, -Infinity, Infinity, -1, "N"]}'),
    "half a character in outputs": stored(outputs='"\\ud83d \\ud83d\\ude00 \\\\ud83d"'),
    "both": stored(outputs='["\\udc00", NaN]'),
    "bytes that are not UTF-8": stored(outputs='"\xe4"').encode("latin-1"),
    "a byte order mark": stored().encode("utf-8-sig"),
    "UTF-16": stored().encode("utf-16"),
    "UTF-16 without a mark": stored().encode("utf-16-le"),
    "CR LF": stored().replace(", ", ",\r\n"),
    "format 3": '{"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1"]}]}]}',
    "odd metadata": '{"metadata": [{"a": {}}], "nbformat": "4", "cells": '
    '[{"cell_type": "code", "metadata": null, "id": 7, "source": "a = 1"}]}',
}


@pytest.mark.parametrize("case", AS_WRITTEN)
def test_notebook_as_tools_write_it(code, tmp_path, case):
    """A notebook is read in every spelling that programs write, whatever its outputs contain."""
    assert read_submission(code, write(tmp_path, "mine.ipynb", AS_WRITTEN[case])).source == (
        b"a = 1\n"
    )


def test_half_a_character_in_a_cell(code, tmp_path):
    """Half a character, which JSON can spell and UTF-8 cannot, becomes a replacement character."""
    path = write(tmp_path, "mine.ipynb", stored("s = '\\ud800'"))
    assert read_submission(code, path).source.decode() == "s = '\N{REPLACEMENT CHARACTER}'\n"


COSTLY = {
    "lists": ('{"cells":[', "[],", "0]}"),
    "objects": ('{"cells":[', "{},", "0]}"),
    "cells": ('{"cells":[', '{"cell_type":"code"},', "0]}"),
    "sheets": ('{"worksheets":[', '{"cells":[]},', "0]}"),
    "lines": ('{"cells":[{"cell_type":"code","source":[', '"ab",', '"x"]}]}'),
    "outputs": (stored()[:-2] + ',{"outputs":[', '{"a":[1,"b"]},', "0]}]}"),
    "NaN": (stored()[:-2] + ',{"outputs":[', "NaN,", "0]}]}"),
    "half characters": (stored()[:-2] + ',{"outputs":"', "\\ud800", '"}]}'),
    "wrong words": (stored()[:-2] + ',{"outputs":[NaN,', "N,", "0]}]}"),
}


@pytest.mark.parametrize("case", COSTLY)
def test_costly_notebook(code, tmp_path, case):
    """Outputs never become objects, and no file makes reading it take long or much memory."""
    head, unit, tail = COSTLY[case]
    path = write(tmp_path, "mine.ipynb", head + unit * (2**19 // len(unit)) + tail)
    tracemalloc.start()
    started = time.process_time()
    with contextlib.suppress(SubmissionError):
        read_submission(code, path)
    seconds = time.process_time() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 2
    assert peak < 16 * 2**20


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (1, "cell 2, line 1"),
        (2, "cell 2, line 2"),
        (3, "cell 4, line 1"),
        (4, "cell 4, line 2"),
        (5, "cell 4, line 3"),
    ],
)
def test_place_in_a_notebook(code, tmp_path, line, place):
    """A line of the joined source is shown as cell and line, as the learner counts cells."""
    submission = read_notebook(
        code, tmp_path, markdown("# T"), "a = 1\nb = 2", markdown("text"), "c = 3\nd = 4\ne = 5"
    )
    assert submission.place("mine.ipynb", line) == place


def test_place_in_a_marked_cell(code, tmp_path):
    """The marker is a line of the cell: the first line of the code is the cell's second."""
    submission = read_notebook(code, tmp_path, "a = 1", "%%grade double\nb = 2\nc = 3")
    assert submission.place("mine.ipynb", 1) == "cell 2, line 2"
    assert submission.line("mine.ipynb", 2) == "c = 3"


def test_place_and_line_in_files(code, tmp_path):
    """In plain files a place is file and line; a line that is not there is empty."""
    write(tmp_path, "one.py", "x = 1\n  y = 2  \n")
    submission = read_submission(code, write(tmp_path, "mine.py", b"import one\r\ns = '\xe9'\r\n"))
    assert submission.place("mine.py", 2) == "mine.py line 2"
    assert submission.place("one.py", 2) == "one.py line 2"
    assert submission.line("one.py", 2) == "y = 2"
    assert submission.line("mine.py", 2) == "s = '\N{REPLACEMENT CHARACTER}'"
    assert [submission.line("mine.py", n) for n in (-1, 0, 3, 10**9)] == ["", "", "", ""]
    assert submission.line("gone.py", 1) == ""


def test_line_after_a_form_feed(code, tmp_path):
    """Lines are counted as Python counts them: a form feed in a string does not end a line."""
    submission = read_submission(
        code, write(tmp_path, "mine.py", "\x0cs = '\u2028\x0b\x85'\nx = 1\n")
    )
    assert submission.line("mine.py", 2) == "x = 1"


def test_answers_in_a_notebook(quiz, tmp_path):
    """The answers to a quiz are the last cell that is marked for it, as either kind of magic."""
    submission = read_notebook(
        quiz, tmp_path, "%%grade shapes\nweight: 1", "x = 1", "%%grade shapes\nweight: (5, 4)\n"
    )
    assert read_answers(submission) == {"weight": "(5, 4)"}


def test_notebook_without_answers(quiz, tmp_path):
    """A notebook without a marked cell holds no answers."""
    path = write(tmp_path, "mine.ipynb", notebook("weight: 1"))
    assert refusal(quiz, path) == "no cell starts with %%grade shapes; put your answers in one"


def test_answers_in_a_notebook_over_the_cap(quiz, tmp_path):
    """Answers in a notebook are held to the size of a submission, as answers in a file are."""
    path = write(tmp_path, "mine.ipynb", notebook("%%grade shapes\nweight: " + "1" * MAX_BYTES))
    assert "64 KiB" in refusal(quiz, path)


# Magics


MAGICS = {
    "%matplotlib inline": "pass",
    "  %time": "pass",
    "!ls": "pass",
    "!echo (": "pass",
    "%cd 'it": "pass",
    "?print": "pass",
    "print?": "pass",
    "torch.nn.Embedding??": "pass",
    "files = !ls": "files = []",
    "a, b = %sx ls": "a = b = None",
    "if x:\n    !ls\ny": "if x:\n    pass\ny",
    "!ls # (\n%pwd": "pass\npass",
    "x = 7 % 3": "x = 7 % 3",
    "x = 7\\\n%y": "x = 7\\\n%y",
    "x = (7\n%y)": "x = (7\n%y)",
    "x = [\n!y\n]\n!ls": "x = [\n!y\n]\npass",
    "s = '''\n!ls\n%x\ny?\n'''\n!ls": "s = '''\n!ls\n%x\ny?\n'''\npass",
    's = """\n!ls\n\'\'\'\n%x"""\n!ls': 's = """\n!ls\n\'\'\'\n%x"""\npass',
    "s = '(' # {\n!ls": "s = '(' # {\npass",
    "s = '\\''\n!ls": "s = '\\''\npass",
    "s = 'a\\\n!b'\n!ls": "s = 'a\\\n!b'\npass",
    "# it's\n!ls": "# it's\npass",
    "# C:\\\n!ls": "# C:\\\npass",
    "x = ''\n!ls": "x = ''\npass",
    "x = ('a''')\n!ls": "x = ('a''')\npass",
    "x != y": "x != y",
    "s = 'what?'": "s = 'what?'",
    "# why?": "# why?",
    "x == 1": "x == 1",
    "%%time\nx = 1": "pass\nx = 1",
    "%%capture out\nx = 1": "pass\nx = 1",
    "%%bash\nls\n": "\n\n",
    "\n%%html\n<b>": "\n\n",
    "": "",
}


@pytest.mark.parametrize("cell", MAGICS)
def test_magics(cell):
    """What only IPython understands becomes `pass`, line for line; strings and expressions stay."""
    assert to_python(cell) == MAGICS[cell]
    assert to_python(cell).count("\n") == cell.count("\n")


SLOW = {
    "spaces": " " * 20_000,
    "words": "a, " * 7_000,
    "brackets": "(" * 20_000,
    "quotes": "'" * 20_001,
    "backslashes": "\\" * 20_001,
    "lines": "\n" * 20_000,
    "dots": "a." * 10_000 + "?!",
}


@pytest.mark.parametrize("name", SLOW)
def test_magics_of_a_hostile_cell(name):
    """The time for a cell grows with its length and no faster, whatever is in it."""
    started = time.monotonic()
    to_python(SLOW[name])
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "source",
    [
        "import " + " " * 20_000 + "!",
        "from " + "a" * 20_000,
        " " * 20_000,
        "import a,\n" * 20_000,
        "import " + ",".join(["ab"] * 150_000),
        "import " + ",".join(map("a{}".format, range(MAX_BYTES // 8))),
    ],
    ids=["spaces", "letters", "blank", "lines", "one name", "many names"],
)
def test_imports_of_a_hostile_source(code, tmp_path, source):
    """The time to find a source's imports grows with its length and no faster."""
    started = time.process_time()
    assert helpers(code, tmp_path, source + "\nx = 1") == set()
    # If it grew with the square of the length, it would take minutes.
    assert time.process_time() - started < 5


def test_cell_of_blank_lines():
    """Looking for the marker takes no memory to speak of, however many lines come before it."""
    tracemalloc.start()
    try:
        assert read_cell(1, "\n" * 2**19 + "%%grade double\nx = 1").exercise == "double"
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()


def test_code_over_the_cap_is_not_scanned(code, tmp_path):
    """A cell that is too large is refused for its size, before its brackets are counted."""
    path = write(tmp_path, "mine.ipynb", notebook("(" * 2**23))
    started = time.process_time()
    assert refusal(code, path).startswith("more than 1024 KiB of code")
    assert time.process_time() - started < 1


# Answers


def answers(text):
    return read_answers(Submission("mine.yaml", text.encode() if isinstance(text, str) else text))


def test_answers_are_text():
    """Answers stay as they were written; lists are lists of texts."""
    assert answers("a: 010\nb: [5, 4]\nc:\nd: yes\n5: six\n") == {
        "a": "010",
        "b": ["5", "4"],
        "c": "",
        "d": "yes",
        "5": "six",
    }


NO_ANSWERS = {
    "a list": "- a\n- b\n",
    "text": "just text\n",
    "only comments": "# a: 1\n",
    "no YAML": "a: [1\nb: 2\n",
    "a key twice": "a: 1\na: 2\n",
    "an escape twice": '"\\e[31m\\n": 1\n"\\e[31m\\n": 2\n',
    "an alias": "a: &x 1\nb: *x\n",
    "a list for a key": "[5, 4]: weight\n",
    "braces left in": "{weight}: 5\n",
    "not UTF-8": b"a: \xff\n",
    "a control character": "a: \x1b\n",
    "deep": "a: " + "[" * 5000 + "]" * 5000,
}


@pytest.mark.parametrize("case", NO_ANSWERS)
def test_answers_that_are_none(case):
    """A file that is not a list of answers is an error of the submission, in one line."""
    with pytest.raises(SubmissionError) as caught:
        answers(NO_ANSWERS[case])
    assert str(caught.value).startswith("mine.yaml: ")
    assert str(caught.value).isprintable()
