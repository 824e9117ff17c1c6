"""What a file contains, regardless of its name: its encoding, and kinds that are no source."""

import codecs
from typing import Final, NamedTuple

_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_AS_TEXT: Final = "save the code as plain text"
_HEAD_BYTES: Final = 64


class Kind(NamedTuple):
    """A kind of file that is no source, and what to do about it."""

    name: str
    advice: str


# How a file of each kind begins, in lower case.
_KINDS: Final = {
    b"%pdf-": Kind("a PDF file", "hand in the source itself"),
    b"pk\3\4": Kind("a zip archive or an Office document", _AS_TEXT),
    b"{\\rtf": Kind("a document with formatting (RTF)", _AS_TEXT),
    b"version https://git-lfs": Kind(
        "a pointer of Git LFS in place of the file",
        "run `git lfs pull` in the repository, and hand in the file itself",
    ),
    b"<!doctype html": Kind("a web page (HTML)", "download the file, not the page that shows it"),
    b"<html": Kind("a web page (HTML)", "download the file, not the page that shows it"),
}
NOTEBOOK: Final = Kind("a notebook", "give it the ending .ipynb")


def as_utf8(data: bytes) -> bytes:
    """``data`` in UTF-8, if a byte order mark says that it is UTF-16, as from Windows."""
    if not data.startswith(_MARKS):
        return data

    try:
        return data.decode("utf-16").encode()
    except UnicodeDecodeError:
        # It is no text then. Replacing each wrong character could take minutes.
        return data


def is_blank(data: bytes) -> bool:
    """Whether a file has nothing but white space and perhaps a byte order mark."""
    return not data.removeprefix(codecs.BOM_UTF8).strip()


def kind_of(data: bytes) -> Kind | None:
    """The kind of a file that is no source; None if it may be one."""
    head = data[:_HEAD_BYTES].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for start, kind in _KINDS.items():
        if head.startswith(start):
            return kind

    if head.startswith(b"{") and b'"cells"' in data and b'"nbformat"' in data:
        return NOTEBOOK

    return None
