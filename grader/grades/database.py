"""An SQLite file that anybody may have written: open it, read it, and write in transactions.

Here is what does not depend on the tables. ``gradebook_schema`` checks those.
"""

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from grader.errors import GradebookError, UsageError

_LOCK_SECONDS: Final = 10
_LARGEST_VALUE: Final = 64 * 2**20
"""Bytes of the largest value that is read. A grade comes in a frame of 16 MiB."""
_MOST_TEXT: Final = 128 * 2**20
"""Characters of the values that are read at once, which are names, digests and facts."""
# SQLite opens these files beside a database, and writes to the first ones.
_BESIDE: Final = ("-journal", "-wal", "-shm")
# sqlite.org/fileformat2.html, "The Rollback Journal": a journal ends with these bytes if it names
# a super-journal.
_JOURNAL: Final = bytes.fromhex("d9d505f920a163d7")
_CANNOT_OPEN: Final = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
)
_NO_LINK: Final = "a link, which is never followed"
_AGAIN: Final = "run the same command again"


class Database:
    """An open SQLite file.

    ``create`` makes a missing file. ``otherwise`` is the advice if this file cannot be used.
    Every method raises ``GradebookError`` if the file cannot be read or written.
    """

    def __init__(self, path: Path, *, create: bool, otherwise: str) -> None:
        self.path = path
        self.otherwise = otherwise
        _refuse_links(path, otherwise)
        if not create and not path.is_file():
            raise UsageError(
                "no gradebook there",
                place=str(path),
                advice=f"`grade batch DIR --out {path.parent}` makes one",
            )

        _refuse_links_beside(path)
        _refuse_foreign_journal(path)
        with self.explained():
            # Without an isolation level, transactions begin and end only where they are written.
            self.connection = sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None)
            self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)

    def close(self) -> None:
        """Close the file; everything that was written is in it."""
        self.connection.close()

    def each(self, query: str, values: Sequence[str] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows that ``query`` selects, one by one."""
        with self.explained():
            for row in self.connection.execute(query, values):
                # SQLite stores bytes and fractions in a column for text, too.
                if any(isinstance(value, bytes | float) for value in row):
                    advice = f"keep a copy of it, and {self.otherwise}"
                    raise self.error("contains a value that is not text", advice)

                yield row

    def rows(self, query: str, values: Sequence[str] = ()) -> list[tuple[Any, ...]]:
        """All rows that ``query`` selects."""
        rows = []
        free = _MOST_TEXT
        for row in self.each(query, values):
            free -= sum(len(value) for value in row if isinstance(value, str))
            if free < 0:
                raise self.error(f"contains more than {_MOST_TEXT >> 20} MiB of names")

            rows.append(row)

        return rows

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute ``statement`` for all rows in one transaction."""
        with self.explained():
            # IMMEDIATE takes the lock now; a later upgrade of the lock can fail without waiting.
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                self.connection.executemany(statement, rows)
                self.connection.execute("COMMIT")
            except BaseException:
                # SQLite rolls back by itself after some errors, and then refuses to do it again.
                with contextlib.suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")

                raise

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn errors of SQLite and of stored JSON into ``GradebookError``."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._explanation(error) from None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self.error(
                f"contains a value that cannot be read ({error})",
                f"keep a copy of it, and {self.otherwise}",
            ) from None

    def error(self, problem: str, advice: str = "") -> GradebookError:
        """The error for a file that cannot be used."""
        advice = advice or self.otherwise
        return GradebookError(problem, place=str(self.path), advice=advice)

    def _explanation(self, error: sqlite3.Error) -> GradebookError:
        # The lowest byte is the primary code (sqlite.org/rescode.html).
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            advice = f"make room and {_AGAIN}: stored grades are kept"
            return self.error("the disk is full", advice)
        if code == sqlite3.SQLITE_IOERR:
            advice = f"check the disk and {_AGAIN}: stored grades are kept"
            return self.error(f"cannot be read or written ({error})", advice)
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return self.error("locked by another program", f"close it, or wait, and {_AGAIN}")
        if code in _CANNOT_OPEN:
            advice = f"check the permissions, or {self.otherwise}"
            return self.error(f"cannot be opened for writing ({error})", advice)

        advice = f"keep a copy of it, and {self.otherwise}"
        return self.error(f"damaged, or not a gradebook ({error})", advice)


def _refuse_links(path: Path, otherwise: str) -> None:
    """Refuse a link: in a stranger's folder, it can lead to any file, or create one anywhere."""
    if path.is_symlink():
        advice = f"put the file itself there, or {otherwise}"
        raise GradebookError(_NO_LINK, place=str(path), advice=advice)

    if path.parent.is_symlink():
        advice = f"name the folder that it leads to, or {otherwise}"
        raise GradebookError(_NO_LINK, place=str(path.parent), advice=advice)


def _refuse_links_beside(path: Path) -> None:
    """Refuse a link where SQLite keeps a file of its own: it would write where the link leads.

    A hard link counts too, because SQLite overwrites the file that it finds.
    """
    for ending in _BESIDE:
        beside = path.with_name(f"{path.name}{ending}")
        try:
            found = beside.lstat()
        except FileNotFoundError:
            continue

        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            raise GradebookError(
                "a link or a special file, which SQLite would overwrite",
                place=str(beside),
                advice=f"remove it, then {_AGAIN}",
            )


def _refuse_foreign_journal(path: Path) -> None:
    """Refuse a journal beside the file that makes SQLite delete another file.

    SQLite leaves such a journal when a transaction over several databases is interrupted;
    the journal names the file to delete, which can be any file. A gradebook is one
    database, so somebody made this journal to do harm.
    """
    journal = path.with_name(f"{path.name}-journal")
    if not journal.is_file():
        return

    try:
        with journal.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - len(_JOURNAL)))
            ending = file.read()
    except FileNotFoundError:
        # Another command has just finished its transaction and removed its journal.
        return

    if ending == _JOURNAL:
        raise GradebookError(
            "not written by grade: SQLite would delete a file that it names",
            place=str(journal),
            advice=f"remove this journal, then {_AGAIN}",
        )
