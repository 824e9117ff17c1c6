"""Small files that would take a reader gigabytes of memory or minutes are refused at once."""

import contextlib
import gzip
import io
import lzma
import tarfile
import time
import tracemalloc
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

from grader.course.loading import load_exercise
from grader.errors import SubmissionError, UsageError
from grader.report.export.worksheet import Worksheet
from grader.submission import archives, exported, notebook
from grader.submission.files import Submission
from grader.submission.finder import chosen_file, find_submissions
from grader.submission.name_advice import name_advice
from grader.submission.notebook import MAX_CELLS, code_cells
from grader.submission.roster_file import read_roster
from grader.submission.roster_partners import MAX_PARTNERS
from grader.submission.roster_table import MAX_COLUMNS
from tests.grading import SMALL_COURSE

PATH = Path("work.ipynb")


@pytest.fixture(scope="module")
def exercises():
    return {"double": load_exercise(SMALL_COURSE, "double")}


def header(name, size, kind):
    """One header of a tar."""
    info = tarfile.TarInfo(name)
    info.size = size
    info.type = kind
    return info.tobuf(format=tarfile.USTAR_FORMAT)


def padded(content):
    """Content of a tar in whole blocks."""
    return content + bytes(-len(content) % 512)


def unpacked(tmp_path, content):
    """Unpack a tar in a gzip, and return the names of its files."""
    path = tmp_path / "work.tgz"
    path.write_bytes(gzip.compress(content + bytes(1024)))
    folder = tmp_path / "inside"
    archives.unpack(path, folder, lambda _: True)
    return sorted(file.name for file in folder.rglob("*"))


FILE = header("a.py", 3, tarfile.REGTYPE) + padded(b"x=1")


@pytest.mark.parametrize(
    "kind",
    [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK],
)
@pytest.mark.parametrize("size", [1 << 16, (1 << 16) + 1])
def test_tar_with_a_large_header(tmp_path, kind, size):
    """Tarfile reads a header into memory as text: 830 MiB for an archive of 491 KiB."""
    content = b"d" * size
    if kind in (tarfile.XHDTYPE, tarfile.XGLTYPE):
        content = b"%d comment=" % size
        content = content.ljust(size - 1, b"x") + b"\n"
    archive = header("h", size, kind) + padded(content) + FILE
    if size > 1 << 16:
        with pytest.raises(SubmissionError, match="a header that is too large"):
            unpacked(tmp_path, archive)
    elif kind == tarfile.GNUTYPE_LONGNAME:
        with pytest.raises(SubmissionError, match="a path that is too long"):
            unpacked(tmp_path, archive)
    else:
        assert unpacked(tmp_path, archive) == ["a.py"]


@pytest.mark.parametrize(("mebibytes", "is_refused"), [(64, False), (256, True)])
def test_xz_that_needs_much_memory(tmp_path, mebibytes, is_refused):
    """The header of an xz of a few bytes can ask for gigabytes of memory."""
    path = tmp_path / "work.tar.xz"
    method = {"id": lzma.FILTER_LZMA2, "dict_size": mebibytes << 20, "mf": lzma.MF_HC3}
    path.write_bytes(lzma.compress(FILE + bytes(1024), filters=[method]))
    folder = tmp_path / "inside"
    if is_refused:
        with pytest.raises(SubmissionError, match="cannot be unpacked"):
            archives.unpack(path, folder, lambda _: True)
    else:
        archives.unpack(path, folder, lambda _: True)
        assert (folder / "a.py").read_text() == "x=1"


@pytest.mark.parametrize("kind", ["bz2", "lzma"])
def test_a_tar_that_becomes_large(tmp_path, kind):
    """A few kilobytes in bz2 or xz can become gigabytes."""
    path = tmp_path / "work.tar"
    large = header("a.txt", 4 << 20, tarfile.REGTYPE) + bytes(4 << 20)
    budget = archives.Budget(archives.Limits(total_bytes=1 << 20))
    path.write_bytes(import_module(kind).compress(large))
    with pytest.raises(SubmissionError, match="too much in it"):
        archives.unpack(path, tmp_path / "inside", lambda _: False, budget)


def zipped(path, files):
    """A zip at ``path`` with these files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def small(monkeypatch):
    """Limits of a learner that a test reaches at once: 9 files and 1 MiB."""
    monkeypatch.setattr(archives, "LEARNER", SMALL)


SMALL = archives.Limits(files=9, total_bytes=1 << 20)
BIG = b"0" * (300 << 10)


def inner(tmp_path, number, files, kind="zip"):
    """An archive to put into another one."""
    path = tmp_path / "made" / f"{number}.{kind}"
    if kind == "zip":
        return zipped(path, files).read_bytes()
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path.read_bytes()


def size_of(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("kind", ["zip", "tgz"])
@pytest.mark.parametrize("what", ["bytes", "files"])
@pytest.mark.parametrize("place", ["class/ada/work.zip", "class/ada.zip", "class/Ada_1_2_work.zip"])
def test_archives_in_an_archive_share_its_limits(tmp_path, exercises, small, place, what, kind):
    """Each of them was unpacked up to the limits: 8 KB became a gigabyte."""
    (tmp_path / "made").mkdir()
    files = {"a.py": BIG} if what == "bytes" else {f"{number}.py": b"x" for number in range(4)}
    names = {f"{number}.{kind}": inner(tmp_path, number, files, kind) for number in range(6)}
    zipped(tmp_path / place, names)
    bob = tmp_path / place.replace("ada", "bob").replace("Ada_1_2", "Bob_3_4")
    zipped(bob, {"double.py": "def double(x): return 2 * x"})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = find_submissions(tmp_path / "class", exercises, scratch).found
    assert size_of(scratch) < 2 * SMALL.total_bytes
    assert len(list(scratch.rglob("*.py"))) <= 2 * SMALL.files
    by_learner = {each.learner.casefold()[:3]: each for each in found}
    assert by_learner["bob"].problem is None
    with chosen_or_refused(exercises["double"], tmp_path / place) as error:
        assert "together with the learner's other archives" in error.problem
        assert error.advice == "pack only your own source files"


@contextlib.contextmanager
def chosen_or_refused(exercise, archive):
    with pytest.raises(SubmissionError) as caught, chosen_file(exercise, archive):
        pass
    yield caught.value


@pytest.mark.parametrize("place", ["class/{0}/{1}.zip", "class/{0}_{2}_{1}_work.zip"])
def test_archives_of_one_learner_share_limits(tmp_path, exercises, small, place):
    """Several archives of a learner count together, and those of another learner do not."""
    for name, number in (("ada", 1), ("bob", 2)):
        for count in range(6 if name == "ada" else 1):
            zipped(tmp_path / place.format(name, count, number), {f"x{count}.py": BIG})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    owned = find_submissions(tmp_path / "class", exercises, scratch).owned
    errors = {
        name[:3]: [file.error.problem for file in files if file.error is not None]
        for name, files in owned.items()
    }
    problem = "an archive with more than 1 MiB of files together with the learner's other archives"
    assert errors == {"ada": [problem] * 3, "bob": []}


def test_each_attempt_has_its_own_limits(tmp_path, exercises, small):
    """A system keeps all attempts, and the last one does not pay for those before it."""
    for number in range(1, 7):
        zipped(tmp_path / f"class/submissions/hw/ada/{number}/a.zip", {"double.py": BIG})
    (tmp_path / "scratch").mkdir()
    [found] = find_submissions(tmp_path / "class", exercises, tmp_path / "scratch").found
    assert (found.file, found.problem) == ("submissions/hw/ada/6/a.zip/double.py", None)


def test_archive_of_a_class_in_a_folder(tmp_path, exercises, small, monkeypatch):
    """The archives in that of a class are those of several learners."""
    (tmp_path / "made").mkdir()
    work = {f"{number}.py": b"x" for number in range(5)} | {"double.py": BIG}
    names = {
        f"L{number}_{number}_assignsubmission_file_work.zip": inner(tmp_path, number, work)
        for number in range(6)
    }
    zipped(tmp_path / "class" / "download.zip", names)
    for total, expected in ((SMALL.total_bytes << 6, 6), (5 * len(BIG) // 2, 2)):
        monkeypatch.setattr(archives, "CLASS", archives.Limits(total_bytes=total))
        scratch = tmp_path / f"scratch{expected}"
        scratch.mkdir()
        found = find_submissions(tmp_path / "class", exercises, scratch).found
        assert len([each for each in found if each.problem is None]) == expected


def test_tar_with_a_sparse_file(tmp_path):
    """The map of a sparse file is a list of as many numbers as its author likes."""
    old = header("a.py", 0, tarfile.GNUTYPE_SPARSE)
    with pytest.raises(SubmissionError, match="cannot be unpacked"):
        unpacked(tmp_path, old)
    (tmp_path / "inside").rmdir()
    records = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
    new = header("pax", len(records), tarfile.XHDTYPE) + padded(records)
    new += header("a.py", 512, tarfile.REGTYPE) + padded(b"1\n0\n3\n")
    with pytest.raises(SubmissionError, match="cannot be unpacked"):
        unpacked(tmp_path, new)


@pytest.mark.parametrize("key", ['"cell_type"', r'"cell\u005ftype"', r'"\u0063ell_typ\u0065"'])
@pytest.mark.parametrize("shape", ['{"cells":[%s]}', '{"worksheets":[{"cells":[%s]}]}'])
def test_notebook_with_too_many_cells(key, shape):
    """Cells count before they become objects, also if their keys are written with escapes."""
    cells = ",".join([f'{{{key}:"code"}}'] * (MAX_CELLS + 1))
    with pytest.raises(SubmissionError, match="more than 20,000 cells"):
        code_cells(PATH, (shape % cells).encode())
    few = ",".join([f'{{{key}:"code","source":"x"}}'] * 3)
    assert len(code_cells(PATH, (shape % few).encode())) == 3


def test_notebook_with_too_many_worksheets():
    """Each sheet becomes an object too."""
    sheets = ",".join([r'{"cell\u0073":[]}'] * (MAX_CELLS + 1))
    with pytest.raises(SubmissionError, match="not a notebook of format 3 or 4"):
        code_cells(PATH, f'{{"worksheets":[{sheets}]}}'.encode())


def test_source_that_is_no_text(monkeypatch):
    """Such a cell has no code, however long the numbers and lists in it are."""
    monkeypatch.setattr(notebook, "_MAX_ODD_SOURCE_BYTES", 6000)
    number = "9" * 5000
    long_list = "[" + "{}," * 3000 + '"x"]'
    sources = (number, f"[{number}]", long_list, '["x",null,"y"]', '"z"')
    cells = ",".join(f'{{"cell_type":"code","source":{source}}}' for source in sources)
    found = code_cells(PATH, f'{{"cells":[{cells}]}}'.encode())
    assert [(cell.number, cell.text) for cell in found] == [(4, "xy"), (5, "z")]


def test_notebook_with_endless_repairs(monkeypatch):
    """A file with more words that JSON lacks than any program writes is no notebook."""
    monkeypatch.setattr(notebook, "_MAX_REPAIRS", 100)
    good = b'{"cells":[],"x":[' + b'NaN,"a",' * 99 + b"1]}"
    assert code_cells(PATH, good) == []
    with pytest.raises(SubmissionError, match="not a notebook"):
        code_cells(PATH, good.replace(b"1]}", b'NaN,"a",' * 300 + b"1]}"))


def test_utf_16_with_half_characters():
    """Replacing each half takes minutes, so it is no notebook; a whole one is read."""
    whole = '{"cells":[{"cell_type":"code","source":"é = 1"}]}'
    assert code_cells(PATH, whole.encode("utf-16"))[0].text == "é = 1"
    halves = b"\xff\xfe" + b"\0\xd8" * 1000
    with pytest.raises(SubmissionError, match="not a notebook"):
        code_cells(PATH, halves)


def test_list_of_the_class_with_many_columns(tmp_path):
    """Finding out what each column means takes longer the more there are."""
    path = tmp_path / "roster.csv"
    path.write_text("learner" + "," * MAX_COLUMNS + "\nada\n")
    with pytest.raises(UsageError, match="more than 2,000 columns"):
        read_roster(path)
    path.write_text("learner" + ",x" * (MAX_COLUMNS - 1) + "\nada\n")
    assert len(read_roster(path).people) == 1


@pytest.mark.parametrize("line", [b"# %%\n", b"# %%\n\n", b"#\n\n"])
def test_file_of_separators(line):
    """The time for a file of comments grows with its length and not with its square."""
    head = b"# %%\nx = 1\n\n# %%\n"
    times = []
    for number in (2_000, 20_000):
        source = head + line * number
        before = time.process_time()
        exported.read(source)
        times.append(time.process_time() - before)
    assert times[1] < 40 * times[0] + 0.5


@pytest.mark.parametrize("number", [MAX_PARTNERS, MAX_PARTNERS + 1])
def test_chain_of_partners(tmp_path, number):
    """Each line names the next one: everybody would be a partner of everybody."""
    path = tmp_path / "roster.csv"
    lines = [f"l{each},l{min(each + 1, number - 1)}\n" for each in range(number)]
    path.write_text("learner,partners\n" + "".join(lines))
    if number > MAX_PARTNERS:
        with pytest.raises(UsageError, match=r"line 101: more than 100 people would be partners"):
            read_roster(path)
    else:
        assert len(read_roster(path).people[0].partners) == number - 1


def test_name_that_resembles_many():
    """Only some words of a file are compared with a name that is not defined."""
    words = " ".join(f"{'w' * 68}{number:06d}wwww" for number in range(11_000))
    submission = Submission("work.py", f"'''{words}'''".encode())
    before = time.process_time()
    assert name_advice(f"name '{'w' * 72}' is not defined", submission)
    assert time.process_time() - before < 1.5


@pytest.mark.parametrize("end", ["", '"'])
def test_long_cell_of_an_exported_sheet(end):
    """Reading a cell takes a small multiple of its size, also if its quote is never closed."""
    content = f'name,points\n"{"a" * 500_000}{end}'.encode()
    tracemalloc.start()
    try:
        with contextlib.nullcontext() if end else pytest.raises(UsageError, match="never closed"):
            assert len(Worksheet.read(content, "sheet.csv").rows[1][0]) == 500_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(content)
