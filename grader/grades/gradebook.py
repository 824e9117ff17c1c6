"""The gradebook: one SQLite file with every grade of a class, each stored as soon as it exists.

The gradebook only stores and finds grades. It never changes or removes one: the latest grade of
a learner for an exercise counts, earlier ones are history.
"""

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import msgspec

from grader.course.records import ID
from grader.errors import UsageError
from grader.grades import gradebook_schema
from grader.grades.database import Database
from grader.grades.document import from_json, to_json
from grader.grades.grade import Grade
from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from grader.system import SYSTEM
from grader.text import printable

NAME: Final = "gradebook.db"
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
        self._database = Database(path, create=create, otherwise=otherwise)
        try:
            gradebook_schema.prepare(self._database)
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

        self._database.write(_INSERT, rows)

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
        rows = self._database.rows(
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
        [[number]] = self._database.rows("SELECT count(*) FROM grades WHERE status <> 'withdrawn'")
        return int(number)

    def last_id(self) -> int:
        """The number of the last row; 0 if there is none."""
        [[number]] = self._database.rows("SELECT coalesce(max(id), 0) FROM grades")
        return int(number)

    def withdraw(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Let no grade count for each learner and exercise; their history stays."""
        self._database.write(_WITHDRAW, pairs)

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
        return self._database.rows(
            "SELECT learner, exercise FROM grades WHERE status <> 'withdrawn' "
            "GROUP BY learner, exercise HAVING count(*) > 1 ORDER BY max(id)"
        )

    def added_after(self, number: int) -> list[tuple[str, str]]:
        """Learner and exercise of everything that has no grade up to the row ``number``."""
        return self._database.rows(
            "SELECT learner, exercise FROM grades WHERE status <> 'withdrawn' "
            "GROUP BY learner, exercise HAVING min(id) > CAST(? AS INTEGER) "
            "ORDER BY learner, exercise",
            (str(number),),
        )

    def resubmitted(self) -> list[tuple[str, str]]:
        """Learner and exercise of everybody who handed in different submissions."""
        return self._database.rows(
            "SELECT learner, exercise FROM grades WHERE status = 'graded' "
            "GROUP BY learner, exercise HAVING count(DISTINCT submission) > 1"
        )

    def submissions(self, learner: str, exercise: str) -> list[str]:
        """Digests of the different graded submissions of a learner, oldest first."""
        rows = self._database.rows(
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
        rows = self._database.rows(
            "SELECT name, keys FROM learners ORDER BY name COLLATE NOCASE, name"
        )
        people = self._people()
        learners = []
        for name, text in rows:
            learner = people.get(name, Learner(name))
            with self._database.explained():
                stored = msgspec.json.decode(text, type=list[str])

            keys = list(dict.fromkeys([*stored, *learner.keys]))
            learners.append(msgspec.structs.replace(learner, keys=keys))

        return learners

    def add_learners(self, learners: Iterable[Learner]) -> None:
        """Store learners; a known learner gets the new keys."""
        learners = list(learners)
        rows = [(learner.name, json.dumps(learner.keys)) for learner in learners]
        self._database.write("INSERT OR REPLACE INTO learners VALUES (?, ?)", rows)
        # A batch without a roster keeps what the last roster said.
        listed = {learner.name: learner for learner in learners if learner.is_listed}
        if listed:
            encoded = msgspec.json.encode(self._people() | listed)
            self.note({"people": encoded.decode()})

    def remove_without_grade(self, names: Iterable[str]) -> None:
        """Remove those of the learners ``names`` for whom no grade counts."""
        graded = {learner for learner, _ in self.latest_keys()}
        without = set(names) - graded
        self._database.write("DELETE FROM learners WHERE name = ?", [(name,) for name in without])

    def _people(self) -> dict[str, Learner]:
        """What rosters have said about learners, by name."""
        with self._database.explained():
            return msgspec.json.decode(self.fact("people") or "{}", type=dict[str, Learner])

    def fact(self, name: str) -> str | None:
        """The value stored under ``name``; None if there is none."""
        # The cast is for a file that another program wrote, with a value that is not text.
        rows = self._database.rows("SELECT CAST(value AS TEXT) FROM facts WHERE name = ?", (name,))
        if not rows:
            return None

        return str(rows[0][0])

    def note(self, facts: Mapping[str, str]) -> None:
        """Store facts about the class; they replace facts with the same names."""
        self._database.write("INSERT OR REPLACE INTO facts VALUES (?, ?)", list(facts.items()))

    def notices(self) -> list[Notice]:
        """The notices of the last batch."""
        with self._database.explained():
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

    def _entries(self, condition: str, values: Sequence[str] = ()) -> Iterator[Entry]:
        # One by one: the grades of a large class do not fit into memory.
        for row in self._database.each(_SELECT + condition, values):
            *columns, file, graded_at, fingerprint, text = row
            key = Key(*columns)
            with self._database.explained():
                grade = from_json(text)

            exercise = key.exercise
            # Output files are named after the exercise, so its name must not contain a path.
            if grade.exercise != exercise or not re.fullmatch(ID, exercise):
                name = printable(exercise)[:80]
                problem = f"contains a grade for `{name}`, which is not an exercise id"
                raise self._database.error(problem)

            yield Entry(
                key=key,
                file=file,
                graded_at=graded_at,
                grade=grade,
                fingerprint=fingerprint,
            )


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
