"""The gradebook: it stores, it finds, it keeps history, and says what is wrong with a file."""

import os
import sqlite3
import struct
import sys
import time
from contextlib import closing
from importlib import metadata

import msgspec
import pytest

from grader import __version__
from grader.errors import GradebookError, UsageError
from grader.grades import database, document
from grader.grades.grade import Outcome, grade_from_checks
from grader.grades.gradebook import Entry, Gradebook, Key, hold
from grader.grades.gradebook_schema import FORMAT, SCHEMA
from grader.grades.grader_version import grader_version
from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from tests.grading import check_result

KEY = Key("ada", "double", "s1", "d1", "g1")


def entry(key=KEY, outcome=Outcome.PASSED, **fields):
    graded = grade_from_checks(
        [check_result("value", "It holds", outcome, int(outcome is Outcome.PASSED), 1)],
        exercise=key.exercise,
        submission="double.py",
        learner=key.learner,
        seed=1,
    )
    return Entry(key, "ada/double.py", "2026-01-01T00:00:00+00:00", graded, **fields)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gradebook.db"


@pytest.fixture
def gradebook(path):
    with Gradebook(path, create=True) as opened:
        yield opened


def test_what_was_added_is_found(gradebook, path):
    """A grade comes back as it was, also for whoever opens the file later."""
    stored = entry(fingerprint="f")
    gradebook.add([stored])
    with Gradebook(path) as again:
        assert again.find(KEY) == stored
        assert list(again.latest()) == [stored]
        assert again.latest_keys() == {("ada", "double"): (KEY, "graded")}


@pytest.mark.parametrize("field", Key.__struct_fields__)
def test_every_part_of_the_key_counts(gradebook, field):
    """Where learner, exercise, submission, definition or grader differ, the grade is not found."""
    gradebook.add([entry()])
    assert gradebook.find(msgspec.structs.replace(KEY, **{field: "other"})) is None


def test_ungraded_is_no_grade(gradebook):
    """What the grader failed at is kept and shown, and never taken for a grade."""
    gradebook.add([entry(outcome=Outcome.UNGRADED)])
    assert gradebook.find(KEY) is None
    assert gradebook.latest_keys() == {("ada", "double"): (KEY, "ungraded")}
    assert gradebook.submissions("ada", "double") == []


def test_history_is_kept(gradebook):
    """The latest counts, those before it stay, in the order in which they came."""
    entries = [entry(msgspec.structs.replace(KEY, submission=name)) for name in ("s1", "s2", "s1")]
    gradebook.add(entries)
    assert gradebook.history("ada", "double") == entries
    assert [each.key.submission for each in gradebook.latest()] == ["s1"]
    assert gradebook.submissions("ada", "double") == ["s1", "s2"]
    assert gradebook.regraded() == [("ada", "double")]


def test_all_or_none(gradebook):
    """Where one of several cannot be stored, none is."""

    def entries():
        yield entry()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gradebook.add(entries())
    assert gradebook.history("ada", "double") == []
    gradebook.add([entry()])
    assert len(gradebook.history("ada", "double")) == 1


def test_learners_and_facts(gradebook):
    """Learners come by name with their latest keys; a fact is the last that was noted."""
    gradebook.add_learners([Learner("bob"), Learner("Ada", ["1"])])
    gradebook.add_learners([Learner("bob", ["2"])])
    gradebook.note({"title": "spring"})
    gradebook.note({"title": "autumn"})
    assert gradebook.learners() == [Learner("Ada", ["1"]), Learner("bob", ["2"])]
    assert (gradebook.fact("title"), gradebook.fact("none")) == ("autumn", None)


NOTICES = [
    Notice("ada/notes.txt", NoticeKind.NOT_A_SUBMISSION, "not a .py, .ipynb or .yaml file"),
    Notice("eve/double.py", NoticeKind.UNREADABLE, "cannot be read", "check its permissions"),
    Notice("bob/Double.py", NoticeKind.SUPERSEDED, "double of bob is taken from bob/double.py"),
]


def test_notices(gradebook):
    """Notices come back as records; each batch replaces the notices of the batch before."""
    assert gradebook.notices() == []
    gradebook.set_notices(NOTICES)
    assert gradebook.notices() == NOTICES
    gradebook.set_notices(NOTICES[:1])
    assert gradebook.notices() == NOTICES[:1]


def test_notice_about_a_name_that_is_not_text(gradebook):
    """A file name that JSON cannot contain is stored in its printable form."""
    gradebook.set_notices([msgspec.structs.replace(NOTICES[0], file="eve/\udcff\x1b.py")])
    assert [notice.file for notice in gradebook.notices()] == ["eve/??.py"]


def test_notices_of_an_older_version(gradebook):
    """Older gradebooks have sentences; they keep their text, and no kind is read from it."""
    sentence = "ada/double.py: cannot be read; check its permissions"
    gradebook.note({"notices": msgspec.json.encode([sentence]).decode()})
    (notice,) = gradebook.notices()
    assert (notice.sentence(), notice.kind) == (sentence, NoticeKind.NOT_A_SUBMISSION)


def test_notices_that_cannot_be_read(gradebook):
    """Notices that are neither sentences nor records are damage to the file."""
    gradebook.note({"notices": "[7]"})
    with pytest.raises(GradebookError, match="contains a value that cannot be read"):
        gradebook.notices()


def test_sentence_of_a_notice():
    """A notice reads as one printable line; several superseded files share one summary."""
    assert [notice.sentence() for notice in NOTICES] == [
        "ada/notes.txt: not a .py, .ipynb or .yaml file",
        "eve/double.py: cannot be read; check its permissions",
        "bob/Double.py: double of bob is taken from bob/double.py",
    ]
    assert NOTICES[1].summary() == NOTICES[1].reason()
    assert NOTICES[2].summary() == "another file counts for that exercise"


def test_fact_that_is_no_text(gradebook, path):
    """What somebody else wrote there is read as text."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO facts VALUES ('title', x'6162')")
    assert gradebook.fact("title") == "ab"


def refusal(path):
    with pytest.raises(GradebookError) as caught, Gradebook(path) as gradebook:
        list(gradebook.latest())
    return str(caught.value)


def test_newer_format(gradebook, path):
    """A gradebook of a newer version is left alone."""
    gradebook.close()
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {FORMAT + 1}")
    database.close()
    assert (
        f"written by a newer grade (format {FORMAT + 1}, this one knows {FORMAT}); update grade"
        in refusal(path)
    )


def test_another_database(path):
    """A database of another program is left alone."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
    database.close()
    assert "a database, but not a gradebook" in refusal(path)


@pytest.mark.parametrize("damage", ["text", "cut", "scribbled"])
def test_damaged_file(gradebook, path, damage):
    """A damaged file is told, with what to do, and is not written to."""
    gradebook.add([entry(msgspec.structs.replace(KEY, learner=f"learner{n}")) for n in range(200)])
    gradebook.close()
    whole = path.read_bytes()
    broken = {"text": b"not a database" * 100, "cut": whole[: len(whole) // 2], "scribbled": None}[
        damage
    ]
    path.write_bytes(
        broken if broken is not None else whole[:4096] + b"\xff" * 8192 + whole[12288:]
    )
    before = path.read_bytes()
    assert "keep a copy of it" in refusal(path)
    assert path.read_bytes() == before


JOURNAL = bytes.fromhex("d9d505f920a163d7")


def test_journal_that_names_another_file(gradebook, path, tmp_path):
    """A crafted journal beside a gradebook removes no file (sqlite.org/fileformat2.html)."""
    gradebook.close()
    victim = tmp_path / "thesis.txt"
    victim.write_text("years of work")
    name, page = bytes(victim), 4096
    head = JOURNAL + struct.pack(">5I", 0, 1, path.stat().st_size // page, 512, page)
    end = (
        struct.pack(">I", 2**30 // page + 1)
        + name
        + struct.pack(">2I", len(name), sum(name))
        + JOURNAL
    )
    journal = tmp_path / "gradebook.db-journal"
    journal.write_bytes(head.ljust(512, b"\0") + end)
    assert "SQLite would delete a file that it names" in refusal(path)
    assert victim.exists()
    with closing(sqlite3.connect(path)) as database:
        database.execute("SELECT * FROM facts")
    assert not victim.exists()  # so it would have been


def test_link(gradebook, path, tmp_path):
    """A link in place of a gradebook is not followed."""
    for target in (path, tmp_path / "not-there-yet"):
        link = tmp_path / f"to-{target.name}"
        link.symlink_to(target)
        with pytest.raises(GradebookError, match="a link, which is never followed"):
            Gradebook(link, create=True)
    assert not (tmp_path / "not-there-yet").exists()


@pytest.mark.parametrize(
    ("key", "inside"), [("../../x", "../../x"), ("double", "../../x"), ("../../x", "double")]
)
def test_exercise_that_leads_elsewhere(gradebook, path, key, inside):
    """A grade whose exercise is not a valid name is refused before a page is written."""
    stored = entry()
    grade = msgspec.structs.replace(stored.grade, exercise=inside)
    gradebook.add(
        [
            msgspec.structs.replace(
                stored, key=msgspec.structs.replace(KEY, exercise=key), grade=grade
            )
        ]
    )
    assert "which is not an exercise id" in refusal(path)


def test_view(gradebook, path):
    """What computes while it is read, and may never end, is no gradebook."""
    numbers = "WITH RECURSIVE c(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM c) SELECT id AS name, id AS keys FROM c"  # noqa: E501
    gradebook._database.connection.executescript(
        f"DROP TABLE learners; CREATE VIEW learners AS {numbers}"
    )
    assert "contains a view which grade never creates" in refusal(path)


def test_grade_that_cannot_be_read(gradebook, path):
    """A grade that is no grade is the file's damage, told in a sentence."""
    gradebook.add([entry()])
    gradebook._database.connection.execute("UPDATE grades SET grade = '{}'")
    assert "contains a value that cannot be read" in refusal(path)


@pytest.mark.parametrize("value", ['{"a": ' + "[" * 100_000, '{"a": "' + "b" * 100 + '"}'])
def test_grade_that_takes_too_much(gradebook, path, value, monkeypatch):
    """A text that becomes endless objects is not parsed, and deep nesting is damage like other."""
    monkeypatch.setattr(document, "MAX_TEXT", 200_000 if "[" in value else 50)
    gradebook.add([entry()])
    gradebook._database.connection.execute("UPDATE grades SET grade = ?", (value,))
    assert "contains a value that cannot be read" in refusal(path)


def test_names_that_take_too_much(gradebook, path, monkeypatch):
    """Together, the names that are read at once have a limit."""
    gradebook.add_learners([Learner(f"ada{number}", ["a" * 50]) for number in range(10)])
    assert len(gradebook.learners()) == 10
    monkeypatch.setattr(database, "_MOST_TEXT", 300)
    with pytest.raises(GradebookError, match="MiB of names"):
        gradebook.learners()


def test_full_disk(gradebook):
    """Where no more fits, that is told, and what was stored before is still there."""
    gradebook.add([entry()])
    pages = gradebook._database.connection.execute("PRAGMA page_count").fetchone()[0]
    gradebook._database.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(
        GradebookError, match="the disk is full; make room and run the same command again"
    ):
        gradebook.add(
            [entry(msgspec.structs.replace(KEY, learner=f"learner{n}")) for n in range(1000)]
        )
    assert list(gradebook.latest()) == [entry()]


def test_locked_file(gradebook, monkeypatch):
    """A file that another program holds is told after a wait, not waited for without end."""
    gradebook._database.connection.execute("PRAGMA busy_timeout = 50")
    with sqlite3.connect(gradebook.path, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GradebookError, match="locked by another program"):
            gradebook.add([entry()])
    other.close()


def test_no_gradebook(path):
    """Reading one that is not there names the command that makes one, and makes none."""
    with pytest.raises(UsageError, match="grade batch DIR --out"):
        Gradebook(path)
    assert not path.exists()


def test_empty_file_is_a_new_gradebook(path):
    """A batch killed before its first word leaves an empty file: the next one begins with it."""
    path.touch()
    with Gradebook(path, create=True) as gradebook:
        gradebook.add([entry()])


def test_one_writer(tmp_path):
    """Two batches never write into one folder at once."""
    with (
        hold(tmp_path),
        pytest.raises(UsageError, match="another `grade batch` is at work there"),
        hold(tmp_path),
    ):
        pass
    with hold(tmp_path):
        pass


COMPUTING = {
    "a generated column": "ALTER TABLE facts ADD COLUMN big TEXT AS (hex(zeroblob(4e8))) VIRTUAL",
    "a constraint": "DROP TABLE facts; CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT "
    "NOT NULL, CHECK (length(hex(zeroblob(4e8))) > 0))",
    "an index on an expression": "CREATE INDEX more ON facts (length(hex(value)))",
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON grades BEGIN DELETE FROM grades; END",
    "another table": "CREATE TABLE more (x)",
    "a table less": "DROP TABLE learners",
}


@pytest.mark.parametrize("kind", COMPUTING)
def test_schema_that_is_not_ours(gradebook, path, kind):
    """A file is a gradebook only if its schema is exactly ours; nothing of it is computed."""
    gradebook._database.connection.executescript(COMPUTING[kind])
    gradebook.close()
    started = time.process_time()
    message = refusal(path)
    assert "which grade never creates" in message or "no complete set of tables" in message
    assert time.process_time() - started < 0.5


def test_schema_of_the_first_version(path):
    """A gradebook whose tables were written with other spaces opens; that version had no IF."""
    script = SCHEMA.replace(" IF NOT EXISTS", "").replace("    ", "\t")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(script)
    with Gradebook(path) as opened:
        opened.add([entry()])
        assert list(opened.latest()) == [entry()]


@pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_link_where_sqlite_writes(gradebook, path, tmp_path, ending, link):
    """A link in place of SQLite's own files is refused, and what it leads to is not changed."""
    gradebook.close()
    victim = tmp_path / "thesis.txt"
    victim.write_text("years of work")
    link(victim, f"{path}{ending}")
    assert "which SQLite would overwrite" in refusal(path)
    assert victim.read_text() == "years of work"


@pytest.mark.parametrize("folders", [0, 1, 2])
def test_version_of_torch(folders, tmp_path, monkeypatch):
    """It is that of the package's metadata, whether or not the name of one folder has it."""
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").touch()
    for number in range(folders):
        info = tmp_path / f"torch-2.{number}.0+cpu.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: torch\nVersion: 2.{number}.0+cpu\n")

    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    grader_version.cache_clear()
    found = grader_version()
    grader_version.cache_clear()
    assert found == f"grade {__version__}, torch {metadata.version('torch')}"
