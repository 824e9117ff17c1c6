"""Feedback pages in the forms in which systems take files back."""

import csv
import fnmatch
import io
import re
import zipfile

import pytest

from grader.errors import UsageError
from grader.grades.grade import Outcome
from grader.grades.learner import Learner
from grader.report.export import moodle, returned
from grader.report.export.exported_sheet import Options
from tests.grading import SMALL_COURSE
from tests.report.export import records
from tests.report.export.records import class_of, graded
from tests.report.export.test_moodle_sheets import LANGUAGES, column, fill, worksheet


def pages_of(files, exercises=("exercise1",)):
    """Pages of a class; ``files`` maps a learner to the path of the graded file."""
    results = class_of(
        *(graded(learner, 15) for learner in files),
        files={learner: {"exercise1": file} for learner, file in files.items()},
        exercises=exercises,
    )
    plan = returned.chosen_exercises(results, ["exercise1"])
    return results, returned.feedback_pages(results, plan)[0]


def read_as_moodle_does(path):
    """The participant and the file's name, as mod/assign/feedback/file/importziplib.php finds."""
    folder, _, name = path.partition("/")
    _, participant, kind, plugin, rest = folder.split("_", 4)
    assert (kind, plugin, rest) == ("assignsubmission", "file", "")
    return int(participant), name


@pytest.mark.parametrize(
    ("file", "participant"),
    [
        ("Jane Doe_101_assignsubmission_file_/exercise1.py", 101),
        ("Jane Doe_101_assignsubmission_file/exercise1.py", 101),
        ("Jane_Doe_7_101_assignsubmission_file_exercise1.py", 101),
        ("Participant_12_assignsubmission_file_/hw.zip/exercise1.py", 12),
        ("class.zip/Jürgen O'Neil_3_assignsubmission_file_/week1/exercise1.py", 3),
        ("李雷_44_assignsubmission_file_/exercise1.ipynb", 44),
    ],
)
def test_moodle_finds_the_participant(file, participant):
    """The folder in the zip has the number of the participant where Moodle reads it."""
    results, pages = pages_of({"jane": file})
    made = returned.for_moodle(pages, None, results)
    [path] = made.files
    assert read_as_moodle_does(path) == (participant, "exercise1.md")
    assert (made.notices, made.missing) == ([], 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_worksheet_names_the_participants(language):
    """With a worksheet, a class that was handed in elsewhere can be returned too."""
    results, pages = pages_of({"Jane Doe": "jane/exercise1.py", "Zoe": "zoe/exercise1.py"})
    sheet = moodle.open_sheet(worksheet(language).encode(), "w.csv")
    made = returned.for_moodle(pages, sheet, results)
    assert list(made.files) == ["Jane Doe_101_assignsubmission_file_/exercise1.md"]
    assert made.missing == 1
    assert "`Zoe`" in made.notices[0]


def read_as_canvas_does(name):
    """The user and the attachment, as infer_comment_context_from_filename finds them."""
    return [part for part in name.split("_") if re.fullmatch(r"\d+", part)][:2]


@pytest.mark.parametrize(
    ("file", "name", "numbers"),
    [
        ("doejane_101_9001_exercise1.py", "doejane_101_9001_", ["101", "9001"]),
        ("doejane_LATE_101_9001_exercise1-2.py", "doejane_LATE_101_9001_", ["101", "9001"]),
        ("doejane_101_9001_my_exercise_1_2.py", "doejane_101_9001_", ["101", "9001"]),
        ("c.zip/doejane_101_9001_hw.zip/exercise1.py", "doejane_101_9001_", ["101", "9001"]),
        ("anon_3mPZ4_9001_exercise1.py", "anon_3mPZ4_9001_", ["9001"]),
        ("LATE_anon_a81Xk_9002_exercise1.py", "LATE_anon_a81Xk_9002_", ["9002"]),
    ],
)
def test_canvas_finds_the_submission(file, name, numbers):
    """The names in the zip keep what Canvas wrote before the learner's own name."""
    results, pages = pages_of({"jane": file})
    [path] = returned.for_canvas(pages, results).files
    assert path == f"{name}exercise1.md"
    assert read_as_canvas_does(path)[:2] == numbers


BEN = "x_222_assignsubmission_file_"
AS_BEN: dict[str, tuple[list[str], list[str], list[str]]] = {
    "Moodle": (
        [f"Ada Doe_111_assignsubmission_file_{BEN}exercise1.py"],
        ["Ada Doe_111_assignsubmission_file_/exercise1.md"],
        [],
    ),
    "Moodle with folders": (
        [f"Ada Doe_111_assignsubmission_file_/{BEN}/exercise1.py"],
        ["Ada Doe_111_assignsubmission_file_/exercise1.md"],
        [],
    ),
    "Moodle, as Canvas": (["Ada_1_assignsubmission_file_b_222_333_x.py"], ["Ada_1_*"], []),
    "a folder per learner": ([f"ada/{BEN}/exercise1.py", "cy/exercise1.py"], [], []),
    "a folder per learner, as Canvas": (["ada/ben_222_9_exercise1.py"], [], []),
    "folders around it": ([f"hw/ada/{BEN}exercise1.py", "hw/cy/exercise1.py"], [], []),
    "one who handed in": ([f"ada/{BEN}exercise1.py"], [], []),
    "Teams": ([f"Submitted files/{each}/HW/{BEN}exercise1.py" for each in "ab"], [], []),
    "Canvas": (
        [f"ada_111_9_{BEN}exercise1.py"],
        [],
        ["ada_111_9_exercise1.md"],
    ),
    "Blackboard": ([f"HW_ada_attempt_2026-01-02-10-11-12_{BEN}exercise1.py"], [], []),
    "Gradescope": ([f"submission_7/{BEN}/exercise1.py"], [], []),
}


@pytest.mark.parametrize("name", AS_BEN)
def test_no_page_for_somebody_whom_a_learner_names(name):
    """A learner cannot choose names of files by which the page goes to another person."""
    files, in_moodle, in_canvas = AS_BEN[name]
    results, pages = pages_of(dict(zip(("ada", "cy"), files, strict=False)))
    results.learners.append(Learner("ben"))
    for made, expected in (
        (returned.for_moodle(pages, None, results), in_moodle),
        (returned.for_canvas(pages, results), in_canvas),
    ):
        assert len(made.files) == len(expected)
        for path, pattern in zip(made.files, expected, strict=True):
            assert fnmatch.fnmatchcase(path, pattern)


def test_folders_around_two_downloads():
    """Folders around a download are passed over, and one learner may have come by mail."""
    results, pages = pages_of(
        {
            "ada": "week/Ada_1_assignsubmission_file_/exercise1.py",
            "bob": "week/Bob_2_assignsubmission_file_/exercise1.py",
            "cy": "Cy_3_assignsubmission_file_/exercise1.py",
            "dee": "dee/exercise1.py",
        }
    )
    made = returned.for_moodle(pages, None, results)
    assert sorted(made.files) == [
        f"{name}_assignsubmission_file_/exercise1.md" for name in ("Ada_1", "Bob_2", "Cy_3")
    ]
    assert made.missing == 1


def test_who_gets_no_page_is_told():
    """Everybody without a page is named, with the reason."""
    results = class_of(
        graded("ada", 5),
        graded("bob", 0, outcome=Outcome.UNGRADED),
        learners=[Learner("cy")],
        files={"ada": {"exercise1": "ada/exercise1.py"}},
    )
    pages, notices = returned.feedback_pages(results, results.exercises)
    assert [page.learner.name for page in pages] == ["ada"]
    assert notices == [
        "no page, because nothing was submitted: `cy, exercise1`",
        "no page, because the grader failed: `bob, exercise1`",
    ]
    made = returned.for_canvas(pages, results)
    assert made.files == {} and "not from a Canvas download: `ada`" in made.notices[0]


def test_partners_share_one_page():
    """If partners handed in one file, its page is there once, and the command says so."""
    file = "Jane Doe_101_assignsubmission_file_/exercise1.py"
    results, pages = pages_of({"jane": file, "bob": file})
    made = returned.for_moodle(pages, None, results)
    assert len(made.files) == 1
    assert made.notices == ["one page, because they share a submission: `bob with jane`"]


def test_a_zip_belongs_to_one_assignment():
    """With several exercises, the instructor says which belong to the assignment."""
    results = class_of(exercises=["exercise1", "exercise2"])
    with pytest.raises(UsageError, match=r"--exercise: exercise1, exercise2"):
        returned.one_assignment(results, [], "Moodle")
    returned.one_assignment(results, ["exercise2"], "Moodle")


@pytest.fixture
def export(folder, run_here):
    """Run `grade export` for the three learners."""
    return lambda *words: run_here("export", *words, "--out", "graded", folder=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A gradebook of three learners; one has no e-mail address, and one submitted nothing."""
    folder = tmp_path_factory.mktemp("returned")
    results = class_of(
        graded("=Jane", 15, exercise="double"),
        graded("../Bob/x", 5, exercise="double"),
        learners=[
            Learner("=Jane", email="jane@x.org"),
            Learner("../Bob/x", ["bob"]),
            Learner("cy", ["cy@x.org"]),
        ],
        files={"=Jane": {"double": "Jane Doe_101_assignsubmission_file_/double.py"}},
        exercises=["double"],
    )
    records.write_gradebook(folder / "graded", results, SMALL_COURSE)
    return folder


def test_mail_merge(folder, export):
    """Each learner has one row with address and page; no cell is a formula, no path leads out."""
    (folder / "class.csv").write_text("learner,name,email\n../Bob/x,Bob,bob@x.org\n=Jane,J,j@x.y\n")
    done = export("feedback", "--format", "mail")
    assert done.returncode == 0, done.stderr
    assert "no e-mail address (--roster CLASS.csv helps): `../Bob/x`" in done.stdout
    done = export("feedback", "--format", "mail", "--roster", "class.csv")
    assert "no e-mail address" not in done.stdout
    merged = folder / "graded" / "mail"
    rows = list(csv.DictReader(io.StringIO((merged / "mail.csv").read_text())))
    assert [(row["learner"], row["email"]) for row in rows] == [
        ("../Bob/x", "bob@x.org"),
        ("'=Jane", "j@x.y"),
    ]
    for row in rows:
        page = (merged / row["page"]).resolve()
        assert page.is_relative_to(merged / "pages") and "points" in page.read_text()


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_folder_or_zip_of_pages(folder, form, export):
    """Each learner has a folder of their own; --strict tells that somebody is missing."""
    done = export("feedback", "--format", form, "--strict")
    assert done.returncode == 1
    assert "nothing was submitted: `cy, double`" in done.stdout
    if form == "zip":
        names = zipfile.ZipFile(folder / "graded" / "feedback.zip").namelist()
    else:
        made = folder / "graded" / "returned"
        names = [path.relative_to(made).as_posix() for path in made.rglob("*.md")]
    assert len(names) == 2
    assert all(name.endswith("/double.md") and ".." not in name.split("/") for name in names)


def test_moodle_zip(folder, export):
    """The zip has the folders of Moodle's download; the others are named."""
    done = export("feedback", "--format", "moodle", "--output", "up/back.zip")
    assert done.returncode == 0, done.stderr
    assert "not from a Moodle download" in done.stdout and "`../Bob/x`" in done.stdout
    names = zipfile.ZipFile(folder / "up" / "back.zip").namelist()
    assert names == ["Jane Doe_101_assignsubmission_file_/double.md"]
    assert [path.name for path in (folder / "up").iterdir()] == ["back.zip"]
    done = export("feedback", "--format", "canvas")
    assert done.returncode == 2 and "no page to return" in done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_comments_in_a_worksheet(language):
    """The comments take the pages as HTML, in which a learner's text is no markup."""
    content = worksheet(language)
    filled = fill(content, comment=returned.as_html)
    comments = column(filled.content, 9)
    assert all(comment.startswith("<h1>") and "<script" not in comment for comment in comments)
    assert "15 of 20 points" in comments[1] and "&lt;b&gt;1" in comments[1]
    # What an instructor wrote stays.
    again = filled.content.decode().replace(comments[0].replace('"', '""'), "Well done!")
    kept = fill(again, comment=returned.as_html)
    assert column(kept.content, 9)[0] == "Well done!"
    assert any("comments are unchanged" in notice for notice in kept.notices)


def test_comments_need_their_column():
    """A file without comments is refused if comments should be written."""
    sheet = moodle.open_sheet(b"First name,Surname,exercise1 (Real)\nJane,Doe,-\n", "e.csv")
    options = Options(scales={"": 20}, comment=returned.as_html)
    with pytest.raises(UsageError, match="no column is certain to take comments"):
        sheet.fill(class_of(graded("Jane Doe", 1)), {}, options)
