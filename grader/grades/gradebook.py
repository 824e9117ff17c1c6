"""The gradebook: one SQLite file that keeps every grade of a class, each written as it comes.

It stores grades and finds them again; what to grade and what to say of it is
decided elsewhere. Nothing is ever changed or removed: the latest grade of a
learner for an exercise counts, those before it are history.
"""

import contextlib
import fcntl
import functools
import json
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from grader import __version__
from grader.course.records import ID
from grader.errors import GradebookError, UsageError
from grader.grades.class_results import Learner
from grader.grades.document import from_json, to_json
from grader.grades.grade import Grade
from grader.text import printable

FORMAT: Final = 1
NAME: Final = "gradebook.db"
_APPLICATION: Final = 0x67726164  # "grad", in the file's header (sqlite.org/fileformat2.html)
_LOCK_SECONDS: Final = 10
_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS learners (name TEXT PRIMARY KEY, keys TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS grades (
    id INTEGER PRIMARY KEY,
    learner TEXT NOT NULL,
    exercise TEXT NOT NULL,
    submission TEXT NOT NULL,
    definition TEXT NOT NULL,
    grader TEXT NOT NULL,
    status TEXT NOT NULL,
    file TEXT NOT NULL,
    graded_at TEXT NOT NULL,
    fingerprint TEXT,
    grade TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS grades_of ON grades (learner, exercise, submission);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {FORMAT};
COMMIT;
"""
# sqlite.org/fileformat2.html, "The Rollback Journal"; it also ends a journal that names a super-journal.
_JOURNAL: Final = bytes.fromhex("d9d505f920a163d7")
_COLUMNS: Final = (
    "learner, exercise, submission, definition, grader, file, graded_at, fingerprint, grade"
)


@functools.cache
def grader_version(device: str = "cpu") -> str:
    """What graded: this program and torch, by version, and the device where that is not the CPU."""
    from importlib import metadata  # noqa: PLC0415 - slow to import, and only who grades needs it

    version = f"grade {__version__}, torch {metadata.version('torch')}"
    return version if device == "cpu" else f"{version}, {device}"


class Key(msgspec.Struct, frozen=True):
    """What a grade depends on: where all of it is unchanged, so is the grade."""

    learner: str
    exercise: str
    submission: str
    """Digest of what was handed in, helpers included."""
    definition: str
    """Digest of the exercise, public and hidden side."""
    grader: str
    """Version of the grader and of torch, and the device where that is not the CPU."""


class Entry(msgspec.Struct, frozen=True):
    """One grade with what it depends on and where it came from."""

    key: Key
    file: str
    """The submission's path in the folder that was graded."""
    graded_at: str
    """ISO 8601, UTC."""
    grade: Grade
    fingerprint: str | None = None
    """Digest of the code without names, comments and layout."""


class Gradebook:
    """An open gradebook; a context manager. Every error of the file is a ``GradebookError`` that says what to do.

    ``create`` makes a file that is not there; ``otherwise`` is what to do where this one cannot be used.
    Who grades a class also takes ``hold``.
    """

    def __init__(
        self, path: Path, *, create: bool = False, otherwise: str = "name another folder with --out"
    ) -> None:
        self._otherwise = otherwise
        if (
            path.is_symlink()
        ):  # in somebody else's folder it could lead to any file, one to be made included
            raise GradebookError(
                f"{path}: a link, which is never followed; put the file itself there, or {otherwise}"
            )
        if not create and not path.is_file():
            raise UsageError(
                f"{path}: no gradebook there; `grade batch DIR --out {path.parent}` makes one"
            )
        self.path = path
        self._refuse_to_remove()
        with self._explained():
            self._database = sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None)
        try:
            with self._explained():
                self._check()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; all that was added is in it."""
        self._database.close()

    def add(self, entries: Iterable[Entry]) -> None:
        """Store grades, all or none; once this returns, a power cut loses none of them."""
        rows = [
            (
                *msgspec.structs.astuple(entry.key),
                *(
                    entry.file,
                    entry.graded_at,
                    entry.fingerprint,
                    to_json(entry.grade).decode(),
                ),
                entry.grade.status,
            )
            for entry in entries
        ]
        marks = ", ".join("?" * (_COLUMNS.count(",") + 2))
        with self._transaction():
            self._database.executemany(
                f"INSERT INTO grades ({_COLUMNS}, status) VALUES ({marks})", rows
            )  # noqa: S608 - our own names

    def find(self, key: Key) -> Entry | None:
        """The last grade with this key that is one: nothing has to be graded again."""
        return next(
            self._select(
                "WHERE learner = ? AND exercise = ? AND submission = ? AND definition = ? AND grader = ? "
                "AND status = 'graded' ORDER BY id DESC LIMIT 1",
                msgspec.structs.astuple(key),
            ),
            None,
        )

    def latest(self) -> Iterator[Entry]:
        """The grade that counts, of every learner for every exercise."""
        return self._select(
            "WHERE id IN (SELECT max(id) FROM grades GROUP BY learner, exercise) ORDER BY id", ()
        )

    def latest_keys(self) -> dict[tuple[str, str], tuple[Key, str]]:
        """Learner and exercise to the key and the status of the grade that counts."""
        with self._explained():
            rows = self._database.execute(
                "SELECT learner, exercise, submission, definition, grader, status FROM grades "
                "WHERE id IN (SELECT max(id) FROM grades GROUP BY learner, exercise)"
            ).fetchall()
        return {(row[0], row[1]): (Key(*row[:5]), row[5]) for row in rows}

    def size(self) -> int:
        """How many grades are stored, history included."""
        with self._explained():
            return int(self._database.execute("SELECT count(*) FROM grades").fetchone()[0])

    def history(self, learner: str, exercise: str) -> list[Entry]:
        """Every grade of a learner for an exercise, in the order in which they came."""
        return list(
            self._select("WHERE learner = ? AND exercise = ? ORDER BY id", (learner, exercise))
        )

    def regraded(self) -> list[tuple[str, str]]:
        """Learner and exercise of what was graded more than once, in the order of the last time."""
        with self._explained():
            return self._database.execute(
                "SELECT learner, exercise FROM grades GROUP BY learner, exercise HAVING count(*) > 1 ORDER BY max(id)"
            ).fetchall()

    def submissions(self, learner: str, exercise: str) -> list[str]:
        """Digests of the different submissions of a learner that were graded, in the order in which they came."""
        with self._explained():
            rows = self._database.execute(
                "SELECT submission FROM grades WHERE learner = ? AND exercise = ? AND status = 'graded' "
                "GROUP BY submission ORDER BY min(id)",
                (learner, exercise),
            ).fetchall()
        return [row[0] for row in rows]

    def learners(self) -> list[Learner]:
        """Everyone who was ever found, by name."""
        with self._explained():
            rows = self._database.execute(
                "SELECT name, keys FROM learners ORDER BY name COLLATE NOCASE, name"
            ).fetchall()
        return [Learner(name, json.loads(keys)) for name, keys in rows]

    def add_learners(self, learners: Iterable[Learner]) -> None:
        """Store who was found; someone known gets the new keys."""
        with self._transaction():
            self._database.executemany(
                "INSERT OR REPLACE INTO learners VALUES (?, ?)",
                [(learner.name, json.dumps(learner.keys)) for learner in learners],
            )

    def fact(self, name: str) -> str | None:
        """What was noted under ``name``."""
        with self._explained():
            query = "SELECT CAST(value AS TEXT) FROM facts WHERE name = ?"  # text it is, whoever wrote the file
            row = self._database.execute(query, (name,)).fetchone()
        return row[0] if row else None

    def note(self, facts: Mapping[str, str]) -> None:
        """Note facts about the class, in place of those of the same name."""
        with self._transaction():
            self._database.executemany(
                "INSERT OR REPLACE INTO facts VALUES (?, ?)", list(facts.items())
            )

    def _select(self, condition: str, values: tuple[str, ...]) -> Iterator[Entry]:
        with self._explained():
            for row in self._database.execute(f"SELECT {_COLUMNS} FROM grades {condition}", values):  # noqa: S608 - our own words
                *key, file, graded_at, fingerprint, grade = row
                entry = Entry(Key(*key), file, graded_at, from_json(grade), fingerprint)
                exercise = entry.key.exercise
                # Files are named after it, so that it must not lead anywhere.
                if entry.grade.exercise != exercise or not re.fullmatch(ID, exercise):
                    raise GradebookError(
                        f"{self.path}: holds a grade for `{printable(exercise)[:80]}`, which no exercise is called; "
                        f"{self._otherwise}"
                    )
                yield entry

    def _refuse_to_remove(self) -> None:
        """Hold off from a journal, left beside the file, that has SQLite remove a third file.

        A transaction over several databases leaves such a one when it is cut short; it names the
        file, which can be any. Ours is of one database, so somebody made that journal to do harm.
        """
        journal = self.path.with_name(f"{self.path.name}-journal")
        if journal.is_file():
            with journal.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - len(_JOURNAL)))
                if file.read() == _JOURNAL:
                    raise GradebookError(
                        f"{journal}: not written by grade: SQLite would remove a file that it names; "
                        "remove this journal, then type the same again"
                    )

    def _check(self) -> None:
        """Hold the file to this format; an empty one is made a gradebook."""
        execute = self._database.execute
        execute("BEGIN")  # all from one moment: another command may be making it
        version = execute("PRAGMA user_version").fetchone()[0]
        application = execute("PRAGMA application_id").fetchone()[0]
        empty = execute("SELECT 1 FROM sqlite_master").fetchone() is None
        execute("COMMIT")
        if not version and empty:
            self._database.executescript(_SCHEMA)
        elif application != _APPLICATION:
            raise GradebookError(f"{self.path}: a database, but no gradebook; {self._otherwise}")
        elif version > FORMAT:
            raise GradebookError(
                f"{self.path}: written by a newer grade (format {version}, this one knows {FORMAT}); update grade"
            )
        elif foreign := execute(
            "SELECT type FROM sqlite_master WHERE type IN ('view', 'trigger')"
        ).fetchone():
            # They compute while the file is read, without an end where somebody wants that.
            raise GradebookError(
                f"{self.path}: holds a {foreign[0]}, which grade never made; {self._otherwise}"
            )
        elif problem := next(
            (row[0] for row in execute("PRAGMA quick_check(1)") if row[0] != "ok"), None
        ):
            raise sqlite3.DatabaseError(problem)
        # A rollback journal leaves one file behind, and works on network drives; EXTRA holds through a power cut.
        execute("PRAGMA journal_mode = DELETE")
        execute("PRAGMA synchronous = EXTRA")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._explained():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise GradebookError(f"{self.path}: {_reason(error, self._otherwise)}") from None
        except msgspec.MsgspecError as error:
            raise GradebookError(
                f"{self.path}: holds a grade that cannot be read ({error}); keep a copy of it, and {self._otherwise}"
            ) from None


def _reason(error: sqlite3.Error, otherwise: str) -> str:
    """What is the matter with the file, and what to do."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full; make room and type the same again: what was stored is kept"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "locked by another program; close it, or wait, and type the same again"
    if code in (
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_AUTH,
    ):
        return f"cannot be opened for writing ({error}); check the permissions, or {otherwise}"
    if code == sqlite3.SQLITE_IOERR:
        return f"cannot be read or written ({error}); look at the disk and type the same again: what was stored is kept"
    return f"damaged, or no gradebook at all ({error}); keep a copy of it, and {otherwise}"


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Be the only one who grades into ``folder``; ``UsageError`` where someone is already."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                f"{folder}: another `grade batch` is at work there; wait for it, or name another folder with --out"
            ) from None
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(descriptor)
