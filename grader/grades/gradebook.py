"""The gradebook: one SQLite file with every grade of a class, each stored as soon as it exists.

The gradebook only stores and finds grades. It never changes or removes one: the latest grade of
a learner for an exercise counts, earlier ones are history.
"""

import contextlib
import functools
import importlib.util
import json
import os
import re
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from grader import __version__
from grader.course.records import ID
from grader.errors import GradebookError, UsageError
from grader.grades.document import from_json, to_json
from grader.grades.grade import Grade
from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from grader.system import SYSTEM
from grader.text import printable, single_spaced

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
_SCHEMA_ROWS: Final = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name LIMIT 20"
_LARGEST_VALUE: Final = 64 * 2**20
"""Bytes of the largest value that is read. A grade comes in a frame of 16 MiB."""
_MOST_TEXT: Final = 128 * 2**20
"""Characters of the values that are read at once, which are names, digests and facts."""
# SQLite opens these files beside a gradebook, and writes to the first ones.
_BESIDE: Final = ("-journal", "-wal", "-shm")
_INSERT: Final = """
INSERT INTO grades
(learner, exercise, submission, definition, grader, file, graded_at, fingerprint, grade, status)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SELECT: Final = """
SELECT learner, exercise, submission, definition, grader, file, graded_at, fingerprint, grade
FROM grades
"""
# A withdrawn row says that the grade before it counts no more; it is no grade of its own.
_WITHDRAW: Final = """
INSERT INTO grades
(learner, exercise, submission, definition, grader, file, graded_at, fingerprint, grade, status)
SELECT learner, exercise, submission, definition, grader, file, graded_at, fingerprint, grade,
'withdrawn'
FROM grades WHERE learner = ? AND exercise = ? ORDER BY id DESC LIMIT 1
"""
# sqlite.org/fileformat2.html, "The Rollback Journal": a journal ends with these bytes if it names
# a super-journal.
_JOURNAL: Final = bytes.fromhex("d9d505f920a163d7")
_CANNOT_OPEN: Final = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
)


@functools.cache
def grader_version(device: str = "cpu") -> str:
    """Grader and torch versions behind a grade, plus the device unless CPU."""
    version = f"grade {__version__}, torch {_torch_version()}"
    return version if device == "cpu" else f"{version}, {device}"


def _torch_version() -> str:
    """The version of the torch that is installed.

    The name of one folder has it. The import of ``importlib.metadata`` takes a tenth of the time
    of a grade that needs no examiner.
    """
    spec = importlib.util.find_spec("torch")
    if spec is not None and spec.origin:
        found = list(Path(spec.origin).parents[1].glob("torch-*.dist-info"))
        # Other ways to install it leave another folder, or none.
        if len(found) == 1:
            return found[0].stem.removeprefix("torch-")

    from importlib import metadata  # noqa: PLC0415

    return metadata.version("torch")


@functools.cache
def _own_schema() -> frozenset[tuple[str, str, str, str]]:
    """The tables and indexes of a new gradebook, as SQLite lists them.

    Every version so far made the same ones. A later version that adds some must still accept
    these.
    """
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.executescript(_SCHEMA)
        rows = database.execute(_SCHEMA_ROWS).fetchall()

    schema = set()
    for kind, name, table, definition in rows:
        schema.add((kind, name, table, _without_layout(definition)))

    return frozenset(schema)


def _without_layout(definition: object) -> str:
    """A definition with single spaces; empty for an index that SQLite made by itself."""
    return single_spaced(str(definition or ""))


class Key(msgspec.Struct, frozen=True):
    """Everything that a grade depends on: the same key gives the same grade."""

    learner: str
    exercise: str
    submission: str
    """Digest of the submission with its helpers."""
    definition: str
    """Digest of the exercise with its solutions side."""
    grader: str
    """The result of ``grader_version``."""


class Entry(msgspec.Struct, frozen=True):
    """One grade, its key and its origin."""

    key: Key
    file: str
    """The submission's path in the folder of submissions."""
    graded_at: str
    """ISO 8601, UTC."""
    grade: Grade
    fingerprint: str | None = None
    """Digest of the code without names, comments and layout."""


class Gradebook:
    """An open gradebook and a context manager.

    ``create`` makes a missing file. ``otherwise`` is the advice if this file cannot be used.
    Every method raises ``GradebookError`` if the file cannot be read or written. To grade a
    class, also use ``hold``.
    """

    def __init__(
        self, path: Path, *, create: bool = False, otherwise: str = "name another folder with --out"
    ) -> None:
        self.path = path
        self._otherwise = otherwise
        # In a stranger's folder a link can lead to any file, or create one anywhere.
        if path.is_symlink():
            raise self._error(
                "a link, which is never followed", f"put the file itself there, or {otherwise}"
            )

        if path.parent.is_symlink():
            raise GradebookError(
                "a link, which is never followed",
                place=str(path.parent),
                advice=f"name the folder that it leads to, or {otherwise}",
            )

        if not create and not path.is_file():
            raise UsageError(
                "no gradebook there",
                place=str(path),
                advice=f"`grade batch DIR --out {path.parent}` makes one",
            )

        self._refuse_links_beside()
        self._refuse_foreign_journal()
        with self._explained():
            # Without an isolation level, transactions begin and end only where they are written.
            self._database = sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None)
            self._database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)

        try:
            with self._explained():
                self._prepare()
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; everything that was added is in it."""
        self._database.close()

    def add(self, entries: Iterable[Entry]) -> None:
        """Store all grades or none; they survive a power cut as soon as this returns."""
        rows = []
        for entry in entries:
            row = [*msgspec.structs.astuple(entry.key)]
            row += [entry.file, entry.graded_at, entry.fingerprint]
            grade = to_json(entry.grade)
            row.append(grade.decode())
            # A column of its own lets a query select by status without reading JSON.
            row.append(entry.grade.status)
            rows.append(row)

        self._write(_INSERT, rows)

    def find(self, key: Key) -> Entry | None:
        """The last grade with this key, except ungraded ones; None if there is none."""
        entries = self._entries(
            "WHERE learner = ? AND exercise = ? AND submission = ? AND definition = ? "
            "AND grader = ? AND status = 'graded' ORDER BY id DESC LIMIT 1",
            msgspec.structs.astuple(key),
        )
        return next(entries, None)

    def latest(self) -> Iterator[Entry]:
        """The grade that counts, for every learner and exercise."""
        return self._entries(
            "WHERE id IN (SELECT max(id) FROM grades GROUP BY learner, exercise) "
            "AND status <> 'withdrawn' ORDER BY id"
        )

    def latest_keys(self) -> dict[tuple[str, str], tuple[Key, str]]:
        """Learner and exercise to the key and the status of the grade that counts."""
        rows = self._rows(
            "SELECT learner, exercise, submission, definition, grader, status FROM grades "
            "WHERE id IN (SELECT max(id) FROM grades GROUP BY learner, exercise) "
            "AND status <> 'withdrawn'"
        )
        keys = {}
        for *columns, status in rows:
            key = Key(*columns)
            keys[key.learner, key.exercise] = (key, status)

        return keys

    def size(self) -> int:
        """The number of stored grades, including history."""
        [[number]] = self._rows("SELECT count(*) FROM grades WHERE status <> 'withdrawn'")
        return int(number)

    def last_id(self) -> int:
        """The number of the last row; 0 if there is none."""
        [[number]] = self._rows("SELECT coalesce(max(id), 0) FROM grades")
        return int(number)

    def withdraw(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Let no grade count for each learner and exercise; their history stays."""
        self._write(_WITHDRAW, pairs)

    def history(self, learner: str, exercise: str) -> list[Entry]:
        """Every grade of a learner for an exercise, oldest first."""
        return list(
            self._entries(
                "WHERE learner = ? AND exercise = ? AND status <> 'withdrawn' ORDER BY id",
                (learner, exercise),
            )
        )

    def regraded(self) -> list[tuple[str, str]]:
        """Learner and exercise of everything that was graded more than once, by the last time."""
        return self._rows(
            "SELECT learner, exercise FROM grades WHERE status <> 'withdrawn' "
            "GROUP BY learner, exercise HAVING count(*) > 1 ORDER BY max(id)"
        )

    def added_after(self, number: int) -> list[tuple[str, str]]:
        """Learner and exercise of everything that has no grade up to the row ``number``."""
        return self._rows(
            "SELECT learner, exercise FROM grades WHERE status <> 'withdrawn' "
            "GROUP BY learner, exercise HAVING min(id) > CAST(? AS INTEGER) "
            "ORDER BY learner, exercise",
            (str(number),),
        )

    def resubmitted(self) -> list[tuple[str, str]]:
        """Learner and exercise of everybody who handed in different submissions."""
        return self._rows(
            "SELECT learner, exercise FROM grades WHERE status = 'graded' "
            "GROUP BY learner, exercise HAVING count(DISTINCT submission) > 1"
        )

    def submissions(self, learner: str, exercise: str) -> list[str]:
        """Digests of the different graded submissions of a learner, oldest first."""
        rows = self._rows(
            "SELECT submission FROM grades WHERE learner = ? AND exercise = ? "
            "AND status = 'graded' GROUP BY submission ORDER BY min(id)",
            (learner, exercise),
        )
        return [digest for [digest] in rows]

    def grades_before(self, learner: str, exercise: str, submission: str) -> list[Grade]:
        """The grades of a learner's other submissions, up to the first of ``submission``."""
        earlier = []
        for entry in self.history(learner, exercise):
            if entry.key.submission == submission:
                break
            earlier.append(entry.grade)

        return earlier

    def learners(self) -> list[Learner]:
        """Everyone who was ever found, by name."""
        # The second column of the order decides between names that differ in case alone.
        rows = self._rows("SELECT name, keys FROM learners ORDER BY name COLLATE NOCASE, name")
        people = self._people()
        learners = []
        for name, text in rows:
            learner = people.get(name, Learner(name))
            with self._explained():
                stored = msgspec.json.decode(text, type=list[str])

            keys = list(dict.fromkeys([*stored, *learner.keys]))
            learners.append(msgspec.structs.replace(learner, keys=keys))

        return learners

    def add_learners(self, learners: Iterable[Learner]) -> None:
        """Store learners; a known learner gets the new keys."""
        learners = list(learners)
        rows = [(learner.name, json.dumps(learner.keys)) for learner in learners]
        self._write("INSERT OR REPLACE INTO learners VALUES (?, ?)", rows)
        # A batch without a roster keeps what the last roster said.
        listed = {learner.name: learner for learner in learners if learner.is_listed}
        if listed:
            encoded = msgspec.json.encode(self._people() | listed)
            self.note({"people": encoded.decode()})

    def remove_without_grade(self, names: Iterable[str]) -> None:
        """Remove those of the learners ``names`` for whom no grade counts."""
        graded = {learner for learner, _ in self.latest_keys()}
        without = set(names) - graded
        self._write("DELETE FROM learners WHERE name = ?", [(name,) for name in without])

    def _people(self) -> dict[str, Learner]:
        """What rosters have said about learners, by name."""
        with self._explained():
            return msgspec.json.decode(self.fact("people") or "{}", type=dict[str, Learner])

    def fact(self, name: str) -> str | None:
        """The value stored under ``name``; None if there is none."""
        # The cast is for a file that another program wrote, with a value that is not text.
        rows = self._rows("SELECT CAST(value AS TEXT) FROM facts WHERE name = ?", (name,))
        if not rows:
            return None

        return str(rows[0][0])

    def note(self, facts: Mapping[str, str]) -> None:
        """Store facts about the class; they replace facts with the same names."""
        self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", list(facts.items()))

    def notices(self) -> list[Notice]:
        """The notices of the last batch."""
        with self._explained():
            stored = msgspec.json.decode(self.fact("notices") or "[]", type=list[Notice | str])

        notices = []
        for each in stored:
            if isinstance(each, Notice):
                notices.append(each)
            else:
                # Older versions stored sentences. Nothing reads the kind from a sentence.
                notices.append(Notice("", NoticeKind.NOT_A_SUBMISSION, each))

        return notices

    def set_notices(self, notices: list[Notice]) -> None:
        """Store the notices of a batch; they replace those of the batch before."""
        stored = []
        for notice in notices:
            # JSON cannot contain every file name: a name can be bytes that are not UTF-8.
            name = printable(notice.file)
            stored.append(msgspec.structs.replace(notice, file=name))

        encoded = msgspec.json.encode(stored)
        self.note({"notices": encoded.decode()})

    def _rows(self, query: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        rows = []
        free = _MOST_TEXT
        with self._explained():
            for row in self._database.execute(query, values):
                self._require_text(row)
                free -= sum(len(value) for value in row if isinstance(value, str))
                if free < 0:
                    raise self._error(f"contains more than {_MOST_TEXT >> 20} MiB of names")

                rows.append(row)

        return rows

    def _entries(self, condition: str, values: tuple[str, ...] = ()) -> Iterator[Entry]:
        # One by one: the grades of a large class do not fit into memory.
        with self._explained():
            for row in self._database.execute(_SELECT + condition, values):
                self._require_text(row)
                *columns, file, graded_at, fingerprint, text = row
                key = Key(*columns)
                grade = from_json(text)
                exercise = key.exercise
                # Output files are named after the exercise, so its name must not contain a path.
                if grade.exercise != exercise or not re.fullmatch(ID, exercise):
                    name = printable(exercise)[:80]
                    raise self._error(f"contains a grade for `{name}`, which is not an exercise id")

                yield Entry(
                    key=key,
                    file=file,
                    graded_at=graded_at,
                    grade=grade,
                    fingerprint=fingerprint,
                )

    def _require_text(self, row: Sequence[object]) -> None:
        """Refuse bytes and fractions: SQLite stores them in a column for text too."""
        if any(isinstance(value, bytes | float) for value in row):
            advice = f"keep a copy of it, and {self._otherwise}"
            raise self._error("contains a value that is not text", advice)

    def _write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute ``statement`` for all rows in one transaction."""
        with self._explained():
            # IMMEDIATE takes the lock now; a later upgrade of the lock can fail without waiting.
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.executemany(statement, rows)
                self._database.execute("COMMIT")
            except BaseException:
                # SQLite rolls back by itself after some errors, and then refuses to do it again.
                with contextlib.suppress(sqlite3.Error):
                    self._database.execute("ROLLBACK")

                raise

    def _refuse_links_beside(self) -> None:
        """Refuse a link where SQLite keeps a file of its own: it would write where the link leads.

        A hard link counts too, because SQLite overwrites the file that it finds.
        """
        for ending in _BESIDE:
            beside = self.path.with_name(f"{self.path.name}{ending}")
            try:
                found = beside.lstat()
            except FileNotFoundError:
                continue

            if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
                raise GradebookError(
                    "a link or a special file, which SQLite would overwrite",
                    place=str(beside),
                    advice="remove it, then run the same command again",
                )

    def _refuse_foreign_journal(self) -> None:
        """Refuse a journal beside the file that makes SQLite delete another file.

        SQLite leaves such a journal when a transaction over several databases is interrupted;
        the journal names the file to delete, which can be any file. A gradebook is one
        database, so somebody made this journal to do harm.
        """
        journal = self.path.with_name(f"{self.path.name}-journal")
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
                advice="remove this journal, then run the same command again",
            )

    def _prepare(self) -> None:
        """Check that the file is a gradebook; turn an empty file into one."""
        execute = self._database.execute
        # The file may come from anybody, and so may the functions that its schema calls.
        execute("PRAGMA trusted_schema = OFF")
        execute("PRAGMA cell_size_check = ON")
        # One transaction reads everything at one moment: another command can create the file now.
        execute("BEGIN")
        [version] = execute("PRAGMA user_version").fetchone()
        [application] = execute("PRAGMA application_id").fetchone()
        is_empty = execute("SELECT 1 FROM sqlite_master").fetchone() is None
        execute("COMMIT")
        # A batch that was killed at its start leaves an empty file.
        if not version and is_empty:
            self._database.executescript(_SCHEMA)
        else:
            self._require_gradebook(version, application)

        # A rollback journal is one file and works on network drives. EXTRA survives a power cut.
        execute("PRAGMA journal_mode = DELETE")
        execute("PRAGMA synchronous = EXTRA")

    def _require_gradebook(self, version: int, application: int) -> None:
        execute = self._database.execute
        if application != _APPLICATION:
            raise self._error("a database, but not a gradebook")
        if version > FORMAT:
            raise self._error(
                f"written by a newer grade (format {version}, this one knows {FORMAT})",
                "update grade",
            )

        self._require_schema()
        # Without this check, damage would show up only after some grades were read.
        [damage] = execute("PRAGMA quick_check(1)").fetchone()
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)

    def _require_schema(self) -> None:
        """Refuse tables that are not exactly ours, before anything is read from them.

        Views, triggers, generated columns and constraints compute while the file is read, and
        their author can make that endless.
        """
        # SQLite itself says how it writes the schema that this program creates.
        own = _own_schema()
        found = set()
        for kind, name, table, definition in self._database.execute(_SCHEMA_ROWS):
            row = (kind, name, table, _without_layout(definition))
            if row not in own:
                shown = printable(str(name))[:80]
                # An article for each of SQLite's four kinds.
                article = "an" if kind == "index" else "a"
                problem = f"contains {article} {kind} which grade never creates (`{shown}`)"
                raise self._error(problem, f"ask who made it, and {self._otherwise}")

            found.add(row)

        if found != own:
            advice = f"keep a copy, and {self._otherwise}"
            raise self._error("has no complete set of tables", advice)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn errors of SQLite and of stored JSON into ``GradebookError``."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._explanation(error) from None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise self._error(
                f"contains a value that cannot be read ({error})",
                f"keep a copy of it, and {self._otherwise}",
            ) from None

    def _explanation(self, error: sqlite3.Error) -> GradebookError:
        again = "run the same command again"
        # The lowest byte is the primary code (sqlite.org/rescode.html).
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            return self._error("the disk is full", f"make room and {again}: stored grades are kept")
        if code == sqlite3.SQLITE_IOERR:
            return self._error(
                f"cannot be read or written ({error})",
                f"check the disk and {again}: stored grades are kept",
            )

        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return self._error("locked by another program", f"close it, or wait, and {again}")
        if code in _CANNOT_OPEN:
            return self._error(
                f"cannot be opened for writing ({error})",
                f"check the permissions, or {self._otherwise}",
            )

        return self._error(
            f"damaged, or not a gradebook ({error})", f"keep a copy of it, and {self._otherwise}"
        )

    def _error(self, problem: str, advice: str = "") -> GradebookError:
        advice = advice or self._otherwise
        return GradebookError(problem, place=str(self.path), advice=advice)


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Lock ``folder`` for one batch; raises ``UsageError`` if another batch has the lock."""
    with contextlib.ExitStack() as stack:
        try:
            # Two batches would write the same files at the same time.
            stack.enter_context(SYSTEM.hold(str(folder)))
        except BlockingIOError:
            raise UsageError(
                "another `grade batch` is at work there",
                place=str(folder),
                advice="wait for it, or name another folder with --out",
            ) from None

        yield
