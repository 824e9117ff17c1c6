"""When a submission was handed in: by the system of a download, Git, or a written time."""

import os
import subprocess
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from grader.course.loading import load_course
from grader.submission import times
from grader.submission.finder import find_submissions
from tests.grading import SMALL_COURSE

NINE = datetime(2026, 2, 3, 9, 11, 12, tzinfo=UTC)
MINUTE = datetime.fromisoformat("2026-02-03 10:11")
"""Without a zone, which the assignment says."""
FIRST, SECOND = 1_800_000_000, 1_800_000_060
LISTED = """\
submission_11:
  :created_at: 2026-02-03 01:11:12.000000000 -08:00
  :submitters:
  - :email: ada@x.org
"""
DOWNLOADS = {
    "Gradescope": {"submission_11/double.py": "", "submission_metadata.yml": LISTED},
    "Submitty": {
        "submissions/hw1/ada/1/double.py": "",
        "submissions/hw1/ada/1/.submit.timestamp": "2026-02-03 04:11:12-0500\n",
        "submissions/hw1/ada/user_assignment_settings.json": '{"active_version": 1}',
    },
    "nbgrader": {
        "submitted/ada/hw1/double.py": "",
        "submitted/ada/hw1/timestamp.txt": "2026-02-03 09:11:12.0 UTC",
        "submitted/ben/hw1/double.py": "",
    },
    "Blackboard": {"HW1_ada_attempt_2026-02-03-09-11-12_double.py": ""},
    "Brightspace": {"7-1 - Ada - Feb 3, 2026 1011 AM/double.py": ""},
    "Canvas": {"adalove_LATE_17_301_double.py": "", "ben_18_302_double.py": ""},
    "Canvas, a link": {"adalove_LATE_17_link.html": "<a>", "late_18_302_double.py": ""},
    "Moodle": {"Ada_17_assignsubmission_file/double.py": ""},
}
EXPECTED = {
    "Gradescope": (NINE, None),
    "Submitty": (NINE, None),
    "nbgrader": (NINE, None),
    # The zone of the server is that of the assignment.
    "Blackboard": (NINE.replace(tzinfo=None), None),
    "Brightspace": (MINUTE, None),
    "Canvas": (None, True),
    "Canvas, a link": (None, True),
    "Moodle": (None, None),
}


def found_in(folder, files):
    """The submissions in a folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content or "def double(x):\n    return x * 2\n")
    return find_submissions(folder, load_course(SMALL_COURSE), folder).found


@pytest.mark.parametrize("system", DOWNLOADS)
def test_times_of_systems(tmp_path, system):
    """Each system's own time is read; one without times says so."""
    first, *others = sorted(found_in(tmp_path, DOWNLOADS[system]), key=lambda each: each.learner)
    assert (first.handed.at, first.handed.marked_late) == EXPECTED[system]
    system = system.partition(",")[0]
    if first.handed.at is None:
        assert first.handed.problem == f"downloads of {system} have no times"
    else:
        assert first.handed.source == system
    for other in others:
        assert other.handed.at is None
        assert not other.handed.marked_late
        assert other.handed.problem


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-02-03 09:11:12Z", NINE),
        ("2026-02-03T10:11:12+01:00", NINE),
        ("2026-02-03 01:11:12 -0800", NINE),
        ("2026-02-03 10:11:12 Europe/Berlin", NINE),
        ("2026-02-03 10:11", MINUTE),
        ("Tuesday, 3 February 2026, 10:11 AM", MINUTE),
        ("3.2.2026 10:11", MINUTE),
        ("03.02.2026, 10:11:12 Uhr", MINUTE.replace(second=12)),
        ("Dienstag, 3. Februar 2026, 10:11", MINUTE),
        ("30.2.2026 10:11", "the roster says `30.2.2026 10:11`, which is no known time"),
        ("3.2.2026", "the roster says `3.2.2026`, which is no known time"),
        (
            "3. Jebruar 2026, 1:11",
            "the roster says `3. Jebruar 2026, 1:11`, which is no known time",
        ),
        # Either the day or the month can be first.
        ("2/3/2026 10:11", "the roster says `2/3/2026 10:11`, which is no known time"),
        ("2026-02-03", "the roster says `2026-02-03`, which is no known time"),
        ("2026-02-03 10:11 PST", "the roster says `2026-02-03 10:11 PST`, which is no known time"),
        ("late", "the roster says `late`, which is no known time"),
        ("", "the roster gives no time"),
    ],
)
def test_written_times(text, at):
    """ISO 8601, zones, dates with dots, and Moodle's words are read; the rest is a problem."""
    handed = times.parsed(text, "the roster")
    if isinstance(at, str):
        assert (handed.at, handed.problem) == (None, at)
    else:
        assert (handed.at, handed.problem) == (at, "")


def test_a_zone_that_changes_its_clocks():
    """The time of a name like Europe/Berlin depends on the date."""
    handed = times.parsed("2026-07-03 10:11 Europe/Berlin", "nbgrader")
    assert handed.at == datetime(2026, 7, 3, 8, 11, tzinfo=UTC)
    assert handed.at.tzinfo == ZoneInfo("Europe/Berlin")


def git(folder, *words, at=0):
    """Run Git in a learner's repository, at a time in seconds."""
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_COMMITTER_DATE": f"{at} +0000",
        "GIT_AUTHOR_DATE": "1700000000 +0000",
    }
    names = ("-c", "user.name=ada", "-c", "user.email=ada@x.org")
    subprocess.run(["git", *names, *words], cwd=folder, env=environment, check=True)


def test_times_of_commits(tmp_path):
    """The last commit that changed the file counts, and nothing in the repository runs."""
    own = tmp_path / "class" / "ada"
    own.mkdir(parents=True)
    file = own / "double.py"
    git(own, "init", "-q")
    for at, content in ((FIRST, "a = 1\n"), (SECOND, "a = 2\n")):
        file.write_text(content)
        git(own, "add", ".")
        git(own, "commit", "-qm", "work", at=at)
    (own / "other.py").write_text("b = 1\n")
    git(own, "add", ".")
    git(own, "commit", "-qm", "later", at=SECOND + 1)
    trap = tmp_path / "trap"
    (own / ".git" / "config").write_text(
        f'[core]\nrepositoryformatversion = 0\nfsmonitor = "touch {trap}"\npager = "touch {trap}"\n'
        f'[gpg]\nprogram = "touch {trap}"\n[log]\nshowSignature = true\n'
    )
    handed = times.of_commit(file, tmp_path / "class")
    assert (handed.at, handed.source) == (datetime.fromtimestamp(SECOND, UTC), "Git")
    # The repository of the instructor says nothing about learners.
    assert times.of_commit(file, own) is None
    git(own, "-c", "core.fsmonitor=false", "gc", "-q")
    assert times.of_commit(file, tmp_path / "class") == handed
    assert not trap.exists()
    file.write_text("a = 3\n")
    assert times.of_commit(file, tmp_path / "class") is None


def test_commit_that_takes_much_memory(tmp_path, monkeypatch):
    """Git reads a whole commit into memory, so a large one gives no time."""
    own = tmp_path / "class" / "ada"
    own.mkdir(parents=True)
    file = own / "double.py"
    file.write_text("a = 1\n")
    (tmp_path / "message").write_bytes(b"x" * (2 << 20))
    git(own, "init", "-q")
    git(own, "add", ".")
    git(own, "commit", "-qF", str(tmp_path / "message"), at=FIRST)
    assert times.of_commit(file, tmp_path / "class").at == datetime.fromtimestamp(FIRST, UTC)
    monkeypatch.setattr(times, "_GIT_MEMORY", "1m")
    assert times.of_commit(file, tmp_path / "class") is None


def test_git_gets_what_programs_need(tmp_path, monkeypatch):
    """Git gets the variables that every program needs on this system, and no others."""
    commit = "a" * 40
    own = tmp_path / "class" / "ada"
    (own / ".git").mkdir(parents=True)
    (own / ".git" / "HEAD").write_text(f"{commit}\n")
    (own / "double.py").write_text("a = 1\n")
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\nenv >{tmp_path}/given\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("SYSTEMROOT", "here")
    monkeypatch.setenv("SECRET", "mine")
    monkeypatch.setattr(times.SYSTEM, "environment", ("SYSTEMROOT", "WINDIR"), raising=False)
    assert times.of_commit(own / "double.py", tmp_path / "class") is None
    given = (tmp_path / "given").read_text()
    assert "SYSTEMROOT=here\n" in given
    assert "SECRET" not in given and "WINDIR" not in given
