"""Links and special files of other people are not followed, neither for reading nor for writing."""

import contextlib
import os
import socket
import stat

import pytest

from grader.cli.common import write_bytes
from grader.errors import GradebookError, UnreadableError, UsageError
from grader.files import read_regular, refuse_links, replace_file, write_file
from grader.grades.gradebook import Gradebook
from grader.submission import archives
from grader.submission.tree import Tree


def bind(path):
    """Leave a socket at ``path``."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


SPECIAL = {
    "a link": lambda path, secret: path.symlink_to(secret),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a folder": lambda path, _: path.mkdir(),
    "a link to a device": lambda path, _: path.symlink_to("/dev/zero"),
    "a socket": lambda path, _: bind(path),
}


@pytest.fixture
def secret(tmp_path):
    """A file of somebody else, outside the folder of submissions."""
    path = tmp_path / "secret.py"
    path.write_text("def double(x): return x * 2\n")
    return path


@pytest.mark.parametrize("kind", SPECIAL)
def test_special_file_is_not_read(tmp_path, secret, kind, monkeypatch):
    """Only a regular file is read, and nothing waits for a pipe."""
    # The name of a socket must be short.
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "double.py"
    SPECIAL[kind](path if kind != "a socket" else path.relative_to(tmp_path), secret)
    with pytest.raises(OSError, match=r"regular|[Ss]ymbolic|No such device|directory"):
        read_regular(path, 1000)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, for the link of another user")
def test_folder_that_became_a_link(tmp_path, secret):
    """The folder of a learner can become a link after it was listed; links of one's own count."""
    folder = tmp_path / "ada"
    folder.symlink_to(secret.parent)
    assert read_regular(folder / secret.name, 1000) == secret.read_bytes()
    os.chown(folder, 1000, 1000, follow_symlinks=False)
    for path in (folder / secret.name, folder / "deep" / secret.name):
        with pytest.raises(OSError, match="link of somebody else"):
            read_regular(path, 1000)
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "eve" / secret.name, 1000)


@pytest.mark.parametrize("kind", ["a link", "a pipe"])
def test_special_archive_is_not_unpacked(tmp_path, secret, kind):
    """An archive that became something else after the folder was listed is not opened."""
    path = tmp_path / "work.zip"
    SPECIAL[kind](path, secret)
    with pytest.raises(UnreadableError, match="cannot be unpacked"):
        archives.unpack(path, tmp_path / "inside", lambda _: True)


def test_hard_link_to_a_file_outside(tmp_path, secret):
    """A second name of a file outside is no submission; names inside of one another are."""
    for name in ("ada", "bob", "eve"):
        (tmp_path / "class" / name).mkdir(parents=True)
    (tmp_path / "class/ada/double.py").write_text("x = 1\n")
    os.link(tmp_path / "class/ada/double.py", tmp_path / "class/bob/double.py")
    os.link(secret, tmp_path / "class/eve/double.py")
    tree = Tree(tmp_path / "class", tmp_path)
    assert sorted(tree.files) == ["ada/double.py", "bob/double.py"]
    [notice] = tree.skipped
    assert (notice.file, "hard link" in notice.problem) == ("eve/double.py", True)


@pytest.mark.parametrize("kind", ["no file", "a file", "a link", "a hard link"])
def test_write_file(tmp_path, secret, kind):
    """What is written takes the place of a link, and what the link leads to stays."""
    path = tmp_path / "out.csv"
    if kind == "a file":
        path.write_text("old")
        path.chmod(0o640)
    elif kind == "a link":
        path.symlink_to(secret)
    elif kind == "a hard link":
        os.link(secret, path)
    before = secret.read_bytes()
    write_file(path, b"new")
    assert (path.read_bytes(), path.is_symlink(), secret.read_bytes()) == (b"new", False, before)
    if kind == "a file":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out.csv", "secret.py"]


def test_linked_folder(tmp_path, secret):
    """A link in an output folder is refused, and a linked folder has no gradebook."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/feedback").symlink_to(tmp_path / "elsewhere")
    refuse_links(tmp_path / "out", tmp_path / "out")
    with pytest.raises(OSError, match="never followed"):
        refuse_links(tmp_path / "out", tmp_path / "out/feedback/ada")
    (tmp_path / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GradebookError, match="never followed; name the folder"):
        Gradebook(tmp_path / "linked/gradebook.db", create=True)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_replacing_through_a_planted_draft(tmp_path, secret):
    """Nobody can guess the name of the draft, and put a link there."""
    path = tmp_path / "exercise1.py"
    path.write_text("mine")
    for draft in (f".{path.name}-{os.getpid()}", f".{path.name}.new"):
        (tmp_path / draft).symlink_to(secret)
    before = secret.read_text()
    replace_file(path, b"new")
    write_bytes(path, b"newer")
    assert path.read_bytes() == b"newer"
    assert secret.read_text() == before


@pytest.mark.parametrize("planted", ["junit.xml", "classroom50", "classroom50/ada"])
def test_export_into_a_folder_with_links(tmp_path, secret, planted):
    """In the output folder of a class, an export follows no link; elsewhere it does."""
    out = tmp_path / "out"
    target = out / planted
    target.parent.mkdir(parents=True)
    outside = secret
    path = target
    if planted != "junit.xml":
        outside = tmp_path / "elsewhere"
        outside.mkdir()
        path = target / "result.json"
    target.symlink_to(outside)
    before = secret.read_text()
    with contextlib.suppress(UsageError):
        write_bytes(path, b"new", out=out)
    assert secret.read_text() == before
    assert not list(tmp_path.glob("elsewhere/*"))
    if planted == "junit.xml":
        assert path.read_bytes() == b"new"
    # This is what a person who names a link asks for.
    write_bytes(path, b"newer", out=None)
    assert path.read_bytes() == b"newer"
