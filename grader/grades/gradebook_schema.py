"""The tables of a gradebook: make them in an empty file, and refuse a file with any others."""

import contextlib
import functools
import sqlite3
from typing import Final

from grader.grades.database import Database
from grader.text import printable, single_spaced

FORMAT: Final = 1
_APPLICATION: Final = 0x67726164  # "grad", in the file's header (sqlite.org/fileformat2.html)
SCHEMA: Final = f"""
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
"""The script that makes the tables. It does nothing if another command has just made them."""
_SCHEMA_ROWS: Final = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name LIMIT 20"


def prepare(database: Database) -> None:
    """Check that ``database`` is a gradebook; turn an empty file into one.

    Raises ``GradebookError`` for any other file.
    """
    execute = database.connection.execute
    with database.explained():
        # The file may come from anybody, and so may the functions that its schema calls.
        execute("PRAGMA trusted_schema = OFF")
        execute("PRAGMA cell_size_check = ON")
        # In one transaction, another command cannot create the tables between two of these lines.
        execute("BEGIN")
        [version] = execute("PRAGMA user_version").fetchone()
        [application] = execute("PRAGMA application_id").fetchone()
        is_empty = execute("SELECT 1 FROM sqlite_master").fetchone() is None
        execute("COMMIT")
        # A batch that was killed at its start leaves an empty file.
        if not version and is_empty:
            database.connection.executescript(SCHEMA)
        else:
            _require_gradebook(database, version, application)

        # A rollback journal is one file and works on network drives. EXTRA survives a power cut.
        execute("PRAGMA journal_mode = DELETE")
        execute("PRAGMA synchronous = EXTRA")


def _require_gradebook(database: Database, version: int, application: int) -> None:
    if application != _APPLICATION:
        raise database.error("a database, but not a gradebook")
    if version > FORMAT:
        raise database.error(
            f"written by a newer grade (format {version}, this one knows {FORMAT})",
            "update grade",
        )

    _require_schema(database)
    # Without this check, damage would show up only after some grades were read.
    [damage] = database.connection.execute("PRAGMA quick_check(1)").fetchone()
    if damage != "ok":
        raise sqlite3.DatabaseError(damage)


def _require_schema(database: Database) -> None:
    """Refuse tables that are not exactly ours, before anything is read from them.

    Views, triggers, generated columns and constraints compute while the file is read, and
    their author can make that endless.
    """
    own = _own_schema()
    found = set()
    for kind, name, table, definition in database.connection.execute(_SCHEMA_ROWS):
        row = (kind, name, table, _without_layout(definition))
        if row not in own:
            shown = printable(str(name))[:80]
            # An article for each of SQLite's four kinds.
            article = "an" if kind == "index" else "a"
            problem = f"contains {article} {kind} which grade never creates (`{shown}`)"
            raise database.error(problem, f"ask who made it, and {database.otherwise}")

        found.add(row)

    if found != own:
        advice = f"keep a copy, and {database.otherwise}"
        raise database.error("has no complete set of tables", advice)


@functools.cache
def _own_schema() -> frozenset[tuple[str, str, str, str]]:
    """The tables and indexes of a new gradebook, as SQLite lists them.

    Every version so far made the same ones. A later version that adds some must still accept
    these.
    """
    # SQLite itself says how it writes the schema that this program creates.
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.executescript(SCHEMA)
        rows = database.execute(_SCHEMA_ROWS).fetchall()

    schema = set()
    for kind, name, table, definition in rows:
        schema.add((kind, name, table, _without_layout(definition)))

    return frozenset(schema)


def _without_layout(definition: object) -> str:
    """A definition with single spaces; empty for an index that SQLite made by itself."""
    return single_spaced(str(definition or ""))
