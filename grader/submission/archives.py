"""Unpack the archives that people hand in, within limits.

A stranger makes the archive. Only regular files with plain relative paths come out. The limits
apply to the bytes that come out, because the sizes that the archive states can be false.
"""

import gzip
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from grader.errors import SubmissionError, UnreadableError
from grader.files import open_regular

SUFFIXES: Final = (
    *(".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz"),
)
"""The endings of archives that can be unpacked."""
OTHER_SUFFIXES: Final = (".rar", ".7z", ".gz", ".bz2", ".xz", ".zst")
MAX_PARTS: Final = 12
"""Folders in a path, and the file's name."""
_MAX_NAME_BYTES: Final = 240
# Each entry of a zip's directory begins with this; zipfile would read all of them into memory.
_ENTRY: Final = b"PK\x01\x02"
_CHUNK: Final = 1 << 20
# Bytes of a header that belongs to the next member, such as a long name or a time. tarfile reads
# each of them into memory, and takes several times its size.
_MAX_HEADER: Final = 1 << 16
_HEADERS: Final = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
# How a file in xz begins (tukaani.org/xz/xz-file-format.txt).
_XZ: Final = b"\xfd7zXZ\0"
# The highest level of the program xz takes 65 MiB; a header can ask for 4 GiB.
_XZ_MEMORY: Final = 128 << 20
# The flag of a zip's member whose name is in UTF-8.
_IS_UTF8: Final = 0x800


class Limits(NamedTuple):
    """What may come out of the archives of one learner, or out of that of a class."""

    files: int = 2_000
    total_bytes: int = 64 << 20
    """The unpacked files together, and for a zip also the archive itself."""
    file_bytes: int = 32 << 20


LEARNER: Final = Limits()
"""For the archives that one learner handed in, with the archives in them."""
CLASS: Final = Limits(files=200_000, total_bytes=4 << 30, file_bytes=64 << 20)
"""For a whole class in one archive, which the instructor downloaded."""


class Budget:
    """What may still come out of archives that share their ``limits``; ``unpack`` takes from it.

    With limits of its own for each archive, one of a few kilobytes could hold thousands of others.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        limits = limits or LEARNER
        self.limits = limits
        self.files = limits.files
        self.bytes = limits.total_bytes
        # Headers are read too, and a header can claim any length.
        self.tar_bytes = 2 * limits.total_bytes
        self.archives = 0
        """How many were unpacked, or tried."""

    def too_many_files(self) -> SubmissionError:
        """The error for archives with more files than are left."""
        return self._too_much(f"more than {self.limits.files} files")

    def too_many_bytes(self) -> SubmissionError:
        """The error for archives with more bytes than are left."""
        return self._too_much(f"more than {self.limits.total_bytes >> 20} MiB of files")

    def _too_much(self, what: str) -> SubmissionError:
        if self.archives > 1:
            what += " together with the learner's other archives"

        return _too_much(what)


class _Member(NamedTuple):
    path: str
    read: Callable[[int], bytes]
    """Returns at most so many bytes of the content."""


def is_archive(name: str) -> bool:
    """Whether a file of this name can be unpacked."""
    return name.lower().endswith(SUFFIXES)


def stem(name: str) -> str:
    """The name of an archive without its ending."""
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]

    return name


def unpack(
    archive: Path, folder: Path, wanted: Callable[[str], bool], budget: Budget | None = None
) -> None:
    """Unpack ``archive`` into the new folder ``folder``, and take what comes out from ``budget``.

    Without one, it has the limits of a learner. ``wanted`` decides by the path which files get
    their content; the others come out empty, so that messages can name them. Raises
    ``SubmissionError`` for an archive that is broken, too large, protected by a password, or that
    leads out of its folder.
    """
    folder.mkdir()
    if budget is None:
        budget = Budget()

    budget.archives += 1
    try:
        with open_regular(archive) as file:
            members = _zipped if archive.name.lower().endswith(".zip") else _tarred
            _write(members(file, budget), folder, wanted, budget)
    except OSError as error:
        # Python's modules raise it without a number if the content is broken.
        if error.errno is None:
            raise not_unpackable() from None

        raise UnreadableError(
            f"cannot be unpacked ({error.strerror})", advice="check its permissions"
        ) from None
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        OverflowError,
        # The modules of Python trust the lengths in a header.
        LookupError,
        struct.error,
        MemoryError,
    ):
        raise not_unpackable() from None


def not_unpackable() -> SubmissionError:
    """The error for an archive of a kind that is not read, or with an error in it."""
    return SubmissionError(
        "an archive that cannot be unpacked", advice="pack it again as a zip, without a password"
    )


def _too_much(what: str) -> SubmissionError:
    return SubmissionError(f"an archive with {what}", advice="pack only your own source files")


def _write(
    members: Iterator[_Member], folder: Path, wanted: Callable[[str], bool], budget: Budget
) -> None:
    for member in members:
        path = _inside(member.path)
        if not budget.files:
            raise budget.too_many_files()

        budget.files -= 1
        content = b""
        if wanted(path):
            allowed = min(budget.limits.file_bytes, budget.bytes)
            content = member.read(allowed + 1)
            if len(content) > allowed:
                raise budget.too_many_bytes()

            budget.bytes -= len(content)

        target = folder / path
        # One member can be the other's folder. Of two with one path, the last one counts.
        if target.is_dir() or any(parent.is_file() for parent in target.parents):
            continue

        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _inside(path: str) -> str:
    """``path``, if it is relative and stays in its folder; raises ``SubmissionError`` otherwise."""
    # Programs on Windows write backslashes.
    path = path.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    is_absolute = path.startswith("/") or path[1:2] == ":"
    if is_absolute or ".." in parts or "\0" in path or not parts:
        raise SubmissionError(
            "an archive with a path that leads out of it", advice="pack only your own source files"
        )

    sizes = [len(part.encode("utf-8", "surrogatepass")) for part in parts]
    if len(parts) > MAX_PARTS or max(sizes) > _MAX_NAME_BYTES:
        raise _too_much("a path that is too long or too deep")

    return "/".join(parts)


def _linked() -> SubmissionError:
    return SubmissionError("an archive with a link", advice="pack the files themselves")


def _zipped(file: IO[bytes], budget: Budget) -> Iterator[_Member]:
    if _count(file, budget.limits) > budget.files:
        raise budget.too_many_files()

    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            if stat.S_ISLNK(mode):
                raise _linked()
            # Other methods of compression can ask for gigabytes of memory.
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise not_unpackable()
            if not info.is_dir():
                yield _Member(_member_name(info), partial(_of_zip, archive, info))


def _member_name(info: zipfile.ZipInfo) -> str:
    """The path of a member; macOS writes UTF-8 and does not say so."""
    if info.flag_bits & _IS_UTF8:
        return info.filename

    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int) -> bytes:
    with archive.open(info) as member:
        return member.read(size)


def _count(file: IO[bytes], limits: Limits) -> int:
    """An upper bound for the number of files in a zip, without reading its directory."""
    count = 0
    size = 0
    kept = b""
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > limits.total_bytes:
            raise _too_much(f"more than {limits.total_bytes >> 20} MiB")

        # The mark can lie across the border of two chunks.
        text = kept + chunk
        count += text.count(_ENTRY)
        kept = text[-len(_ENTRY) + 1 :]

    file.seek(0)
    return count


def _tarred(file: IO[bytes], budget: Budget) -> Iterator[_Member]:
    stream = _Limited(_decompressed(file), budget)
    with tarfile.open(  # type: ignore[call-overload]
        fileobj=stream, mode="r|", tarinfo=_BoundedInfo
    ) as archive:
        for number, info in enumerate(archive):
            # The archive keeps every header that it has read.
            if number > 2 * budget.limits.files:
                raise budget.too_many_files()
            if info.issym() or info.islnk():
                raise _linked()
            if info.isfile():
                yield _Member(info.name, partial(_of_tar, archive, info))


def _decompressed(file: IO[bytes]) -> "IO[bytes] | _Xz":
    start = file.read(len(_XZ))
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]
    if start.startswith(b"BZh"):
        bz2 = _optional("bz2")
        return bz2.BZ2File(file)  # type: ignore[no-any-return]
    if start == _XZ:
        return _Xz(file)

    return file


def _optional(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        # Some builds of Python lack it.
        raise not_unpackable() from None


class _Xz:
    """The content of a file in xz; its header says how much memory the content takes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._lzma = _optional("lzma")
        self._decompressor = self._lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes."""
        content = b""
        while len(content) < size and not self._decompressor.eof:
            chunk = b""
            if self._decompressor.needs_input:
                chunk = self._file.read(_CHUNK)
                if not chunk:
                    raise EOFError

            try:
                content += self._decompressor.decompress(chunk, size - len(content))
            except self._lzma.LZMAError:
                raise not_unpackable() from None

        return content


def _of_tar(archive: tarfile.TarFile, info: tarfile.TarInfo, size: int) -> bytes:
    member = archive.extractfile(info)
    if member is None:
        return b""

    with member:
        return member.read(size)


class _BoundedInfo(tarfile.TarInfo):
    """A member of a tar whose headers are small. tarfile names the methods to override."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _HEADERS and self.size > _MAX_HEADER:
            raise _too_much("a header that is too large")
        # The map of a sparse file can have millions of entries, and no source file is sparse.
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise not_unpackable()

        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]

    def _proc_gnusparse_10(self, *_: object) -> None:
        raise not_unpackable()


class _Limited:
    """A stream that ends with an error after the bytes that a budget allows."""

    def __init__(self, stream: "IO[bytes] | _Xz", budget: Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes."""
        if size > self._budget.tar_bytes:
            raise _too_much("too much in it")

        content = self._stream.read(size)
        self._budget.tar_bytes -= len(content)
        return content
