"""A roster: reading the list of a class, finding whose submission is whose, everybody's result."""

import unicodedata

import pytest

from grader.errors import UsageError
from grader.grades.learner import Learner
from grader.submission.roster import match
from grader.submission.roster_file import read_roster
from tests.classroom.conftest import GOOD

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,exercise1 (5001),Final Score
,,,,,Manual Posting,
    Points Possible,,,,,20.00,(read only)
"Brandt, Zoë",101,s101,zb,CS1,20,
"Doe, Jane",102,s102,jd@x.org,"CS1, CS2",,
"Student, Test",999,,abcdef,CS1,,
"""
GRADE_EXPORT = """\
First name,Last name,ID number,Institution,Department,Email address,Assignment: exercise1 (Real)
Zoë,Brandt,s101,,,zb@x.org,-
Jane,Doe,,,,jd@x.org,20.00
"""
WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade
Participant 17,Zoë Brandt,zb@x.org,No submission,
Participant 18,Jane Doe,jd@x.org,No submission,
"""
GERMAN_EXPORT = (
    GRADE_EXPORT.replace("First name,Last name", "Vorname,Nachname")
    .replace("ID number,Institution,Department", "ID-Nummer,Institution,Abteilung")
    .replace("Email address", "E-Mail-Adresse")
)
# In no language that the grader knows: the cells say what a column is.
OTHER_EXPORT = "Křestní,Příjmení,Číslo,Instituce,Oddělení,Adresa,Úkol\n" + "".join(
    GRADE_EXPORT.splitlines(keepends=True)[1:]
)
OTHER_SHEET = WORKSHEET.replace("Identifier,Full name,Email address", "Tunniste,Nimi,Osoite")
OTHER_SHEET = OTHER_SHEET.replace("Participant ", "Osallistuja").replace(",", ";")
GRADESCOPE = """\
First Name,Last Name,SID,Email,Role,Sections
Zoë,Brandt,101,zb@x.org,Student,A
Jane,Doe,102,jd@x.org,Student,A
Prof,X,,px@x.org,Instructor,
"""
OWN = "learner,name,email,section\nzb,Zoë Brandt,zb@x.org,A\njd,Jane Doe,,B\n"


def read(tmp_path, text, encoding="utf-8"):
    """The people of a roster with this content."""
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return read_roster(path)


@pytest.mark.parametrize(
    ("text", "zoe"),
    [
        (CANVAS, ["Brandt, Zoë", "", "101", ["zb", "s101"]]),
        (GRADE_EXPORT, ["Zoë Brandt", "zb@x.org", "", ["s101"]]),
        (GERMAN_EXPORT, ["Zoë Brandt", "zb@x.org", "", ["s101"]]),
        (OTHER_EXPORT, ["Zoë Brandt", "zb@x.org", "", ["s101"]]),
        (WORKSHEET, ["Zoë Brandt", "zb@x.org", "17", ["Participant 17"]]),
        (OTHER_SHEET, ["Zoë Brandt", "zb@x.org", "17", ["Osallistuja17"]]),
        (GRADESCOPE, ["Zoë Brandt", "zb@x.org", "", ["101"]]),
        (OWN, ["Zoë Brandt", "zb@x.org", "", []]),
        (
            "Name;Vorname;E-Mail\nBrandt;Zoë;zb@x.org\nDoe;Jane;jd@x.org\n",
            ["Zoë Brandt", "zb@x.org", "", []],
        ),
        (
            "sep=;\nE-mail;Nombre;Apellido(s)\nzb@x.org;Zoë;Brandt\njd@x.org;Jane;Doe\n",
            ["Zoë Brandt", "zb@x.org", "", []],
        ),
        (
            "Nachname, Vorname;Pošta\nBrandt, Zoë;zb@x.org\nDoe, Jane;jd@x.org\n",
            ["Brandt, Zoë", "zb@x.org", "", []],
        ),
        (
            "Azonosító,Név,Cím\n17. részt,Zoë Brandt,zb@x.org\n18. részt,Jane Doe,jd@x.org\n",
            ["Zoë Brandt", "zb@x.org", "17", ["17. részt"]],
        ),
        (
            "LastName,FirstName,ID,Section\nBrandt,Zoë,101,A\nDoe,Jane,102,A\n",
            ["Zoë Brandt", "", "101", []],
        ),
        ("Étudiants\nZoë Brandt\nJane Doe\n", ["Zoë Brandt", "", "", []]),
        ("Nome\tEmail\nZoë Brandt\tzb@x.org\nJane Doe\t\n", ["Zoë Brandt", "zb@x.org", "", []]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_every_system_in_every_language(tmp_path, text, zoe, encoding):
    """Titles or else cells say what a column is; staff, test students and summaries are no one."""
    roster = read(tmp_path, text, encoding)
    first, second = roster.people
    assert [first.name, first.email, first.number, first.ids] == zoe
    assert second.name in ("Jane Doe", "Doe, Jane")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "an empty file"),
        ("PK\x03\x04", "an Excel file or an archive, not CSV"),
        ("ada,ada@x.org\n", "line 1: no header"),
        ("Grade,Points\n20,3\n", "no names, e-mail addresses or ids below `Grade, Points`"),
        ('learner,name\nada,"Ada\n', "line 2: not CSV"),
        ("learner,name\n\nada,Lovelace, Ada\n", "line 3: 3 cells, and the header has 2"),
        ("learner,name\nada,Ada\nada,Bob\n", "line 3: `ada` is on line 2 too"),
        ("name,email\nJo,a@x.org\nJo,\n", "line 3: nothing tells `Jo` from another line"),
        ("learner,partners\nada,zed\n", "line 2: nobody, or more than one person, is called `zed`"),
        ("name,E-mail,mail\nJo,a@x.org,b@x.org\n", "`E-mail` and `mail` both look like the email"),
    ],
)
def test_errors_name_the_line(tmp_path, text, problem):
    """A file that can be read in two ways is refused, with the line and the next step."""
    with pytest.raises(UsageError) as error:
        read(tmp_path, text)
    assert problem in str(error.value)
    assert error.value.advice


@pytest.mark.parametrize(
    "text",
    [
        (
            "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
            "Last modified (submission),Last modified (grade),Feedback comments\n"
            "Participant 17,Zoë Brandt,zb@x.org,Submitted,,20.00,Yes,{time},-,\n"
            "Participant 18,Jane Doe,jd@x.org,No submission,,20.00,Yes,-,-,\n"
        ),
        (
            "First Name,Last Name,SID,Email,Total Score,Max Points,Status,Submission ID,"
            "Submission Time,Lateness (H:M:S)\n"
            "Zoë,Brandt,101,zb@x.org,,20,Ungraded,11,{time},0:0:0\nJane,Doe,102,jd@x.org,,20,Missing,,,\n"
        ),
        "learner,submitted\nzb,{time}\njd,\n",
    ],
)
def test_times_of_submissions(tmp_path, text):
    """The worksheet of Moodle, the grades of Gradescope and our own list say who came when."""
    time = '"Tuesday, 3 February 2026, 10:11 AM"'
    people = read(tmp_path, text.format(time=time)).people
    assert [person.submitted for person in people] == [time.strip('"'), ""]
    assert [person.name for person in people] in (["", ""], ["Zoë Brandt", "Jane Doe"])


@pytest.mark.parametrize(
    "above", ["", "List of the class 2026/27", "List 2026;;;", "Course;A\n\nBy;Jo"]
)
@pytest.mark.parametrize("below", ["", "Total: 3;", "Total;3;", ";;;Total: 3", "\nas of 3/2026;"])
def test_lines_around_the_list(tmp_path, above, below):
    """The header is the line with titles, and a line with a sum is nobody; both are named."""
    people = "Name;E-Mail;Group;ID\nAda Poe;ada@x.org;A;1\nBo 2;bo@x.org;A;2\nCy;;B;"
    roster = read(tmp_path, f"{above}\n{people}\n{below}")
    assert [person.name for person in roster.people] == ["Ada Poe", "Bo 2", "Cy"]
    assert ("line 1: above the header" in roster.notices) == bool(above)
    assert any("names nobody" in notice for notice in roster.notices) == bool(below)


def test_a_list_of_logins(tmp_path):
    """Where most people have nothing but a name, a name with a digit is one, too."""
    roster = read(tmp_path, "name\nada\nben2\ncy\n")
    assert [person.name for person in roster.people] == ["ada", "ben2", "cy"]


def test_a_column_that_names_one_folder(tmp_path):
    """A cell of the column `learner` can be empty: the other columns then say who it is."""
    lines = OTHER_EXPORT.splitlines()
    text = "\n".join([f"learner,{lines[0]}", f",{lines[1]}", f"zed,{lines[2]}", ",,,,,,,"])
    zoe, jane = read(tmp_path, text).people
    assert (zoe.id, zoe.learner, zoe.ids, zoe.email) == ("Zoë Brandt", "", ["s101"], "zb@x.org")
    assert (jane.id, jane.learner, jane.name) == ("zed", "zed", "Jane Doe")


def test_another_encoding_is_refused(tmp_path):
    """Nobody guesses the letters of a name."""
    with pytest.raises(UsageError, match="line 2: not UTF-8; save it as CSV in UTF-8"):
        read(tmp_path, OWN, "latin-1")


@pytest.mark.parametrize("partners", ['"ben, cy"', "ben;cy", "ben,cy", "Ben | c@x.org", "ben cy"])
def test_partners(tmp_path, partners):
    """Partners are named by anything that identifies them, and are partners of each other."""
    people = f"learner,name,email,partners\nada,,,{partners}\nben,Ben,,\ncy,,c@x.org,\ndee,,,\n"
    ada, ben, cy, dee = read(tmp_path, people).people
    assert (ada.partners, ben.partners, cy.partners) == (
        ["ben", "cy"],
        ["ada", "cy"],
        ["ada", "ben"],
    )
    assert dee.partners == []


@pytest.mark.parametrize(
    ("text", "learner"),
    [
        (CANVAS, Learner("brandtzoë_101", ["101", "brandtzoë"])),
        (CANVAS, Learner("zb")),
        (WORKSHEET, Learner("Zoë Brandt_17", ["17", "Zoë Brandt"])),
        # The number of another assignment is nobody's here.
        (WORKSHEET, Learner("Zoë Brandt_4711", ["4711", "Zoë Brandt"])),
        (GRADE_EXPORT, Learner(unicodedata.normalize("NFD", "Zoë Brandt"))),
        (GRADE_EXPORT, Learner("ZB@X.org")),
        (GRADE_EXPORT, Learner("brandt, zoë")),
        (GRADE_EXPORT, Learner("brandtzoë_101", ["101", "brandtzoë"])),
        (GRADE_EXPORT, Learner("zoë.brandt")),
        (GRADE_EXPORT, Learner("zb")),
        (GRADESCOPE, Learner("other@x.org", ["other@x.org", "Z. B.", "101"])),
        (OWN, Learner("ZB")),
        ("Student Number,Name,E-mail\n7,Zoë Brandt,zb@x.org\n", Learner("7")),
        # Only in Canvas does the id stand before the section.
        ("Name,E-mail,Section,ID\nZoë Brandt,zb@x.org,A,7\n", Learner("7")),
        # ILIAS, and a folder that an instructor named.
        (CANVAS, Learner("Zoë_Brandt_x_s101")),
        (GRADE_EXPORT, Learner("Brandt_Zoë_777")),
        # Sakai.
        (GRADE_EXPORT, Learner("Brandt, Z.(zb)", ["Brandt, Z.", "zb"])),
    ],
)
def test_matching(tmp_path, text, learner):
    """A learner is found by id, then by e-mail address, then by name, in any Unicode form."""
    people = read(tmp_path, text).people
    matches = match(people, [learner])
    assert matches.people == {learner.name: people[0]}
    assert matches.missing == people[1:]
    assert (matches.unclear, matches.unknown) == ([], [])


@pytest.mark.parametrize(
    ("text", "learners"),
    [
        ("name,email\nJane Doe,a@x.org\nJane Doe,b@x.org\n", [Learner("Jane Doe")]),
        (
            "learner,name\njd,Jane Doe\n",
            [Learner("Jane Doe_1", ["1", "Jane Doe"]), Learner("Jane Doe_2", ["2", "Jane Doe"])],
        ),
        # The number says Zoë, and the name says Jane.
        (WORKSHEET, [Learner("Jane Doe_17", ["17", "Jane Doe"])]),
    ],
)
def test_nobody_is_chosen_among_several(tmp_path, text, learners):
    """If several people or learners fit, all of them are reported and none is chosen."""
    people = read(tmp_path, text).people
    matches = match(people, learners)
    assert (matches.people, matches.missing, matches.unknown) == ({}, [], [])
    [group] = matches.unclear
    assert sorted(group.learners) == sorted(learner.name for learner in learners)
    assert sorted(person.id for person in group.people) == sorted(person.id for person in people)


def test_exact_names_come_first(tmp_path):
    """Two people whose ids differ in case alone are two people."""
    people = read(tmp_path, "learner\nann\nANN\nJane\n").people
    matches = match(people, [Learner("ANN"), Learner("ann"), Learner("jane"), Learner("Ann.")])
    assert {name: person.id for name, person in matches.people.items()} == {
        "ann": "ann",
        "ANN": "ANN",
        "jane": "Jane",
    }
    assert matches.unknown == ["Ann."]


# Batches

PEOPLE = """\
learner,name,email,section,partners
ada,Ada L,ada@x.org,A,ben
ben,,,A,
zoe,Zoë Brandt,zoe@x.org,B,
jane1,Jane Doe,,B,
jane2,Jane Doe,,B,
pat,Pat,,B,
gil,Gil,,B,
"""


@pytest.fixture
def enrolled(klass):
    """A class in which every kind of result occurs, with its roster."""
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "learner: zed\nfloats: yes\n")
    # macOS writes the two dots as a character of their own.
    klass.write(unicodedata.normalize("NFD", "Zoë Brandt/double (2).py"), f"{GOOD}ZOE = 1\n")
    klass.write("Jane Doe/double.py", f"{GOOD}JANE = 'x'\n")
    klass.write("pat/double.pdf", b"%PDF-1.4")
    klass.write("visitor/double.py", "def double(x):\n    return x + x  # another way\n")
    klass.write("double.py")
    (klass.root / "roster.csv").write_text(PEOPLE)
    return klass


def test_everybody_gets_a_result(enrolled):
    """Everybody in the roster has a row, a page and a feedback file; nobody is graded twice."""
    result = enrolled.batch("--roster", "roster.csv", "--strict")
    # What nobody can assign is not a zero, so the batch is not complete.
    assert result.returncode == 3
    rows = {row["learner"]: row for row in enrolled.sheet()}
    points = {name: row["double"] for name, row in rows.items()}
    assert points == {
        "points possible": "5",
        "ada": "5",
        "ben": "5",
        "gil": "0",
        "Jane Doe": "5",
        "jane1": "",
        "jane2": "",
        "pat": "0",
        "visitor": points["visitor"],
        "zoe": "5",
    }
    about = [rows["zoe"][title] for title in ("name", "email", "section")]
    assert about == ["Zoë Brandt", "zoe@x.org", "B"]
    assert "nothing was handed in; hand in double.py" in enrolled.feedback("gil")
    assert "not a .py, .ipynb or .yaml file; hand in double.py" in enrolled.feedback("pat")
    assert "nobody knows which submission is yours" in enrolled.feedback("jane1")
    shown = result.stdout
    assert "no zero, so the exit code is 3. Remove the reason" in " ".join(shown.split())
    assert "could not be read or graded (jane1/double" in shown
    assert "Handed in nothing, so 0 points: gil\n" in shown
    assert "Not in the roster, graded all the same: visitor\n" in shown
    assert "- Jane Doe: Jane Doe (line 5 of the roster) or Jane Doe (line 6 of the" in shown
    assert "Same code" not in shown
    assert "which changes nothing: ada (sizes names zed)" in shown
    page = (enrolled.out / "report.html").read_text()
    assert "Graded `double (2).py`." in page
    assert page.count("nobody in the roster; graded all the same") == 1

    again = enrolled.batch("--roster", "roster.csv").stdout
    assert "Handed in nothing, so 0 points: gil\n" in again
    assert "0 to grade" in again
    assert "Same code" not in enrolled.report().stdout


def test_a_decision_ends_the_wait(klass):
    """Once the roster says whose a folder is, nothing waits, and nobody is there twice."""
    klass.write("Jane Doe/double.py")
    klass.write("ada/double.py", f"{GOOD}ADA = 1\n")
    roster = klass.root / "roster.csv"
    roster.write_text("name,email\nJane Doe,j1@x.org\nJane Doe,j2@x.org\nada,\n")
    first = klass.batch("--roster", "roster.csv")
    assert first.returncode == 3
    assert "j2@x.org" in {row["learner"] for row in klass.sheet()}
    roster.write_text("name,email,learner\nJane Doe,j1@x.org,\nJane Doe,j2@x.org,Jane Doe\nada,,\n")
    second = klass.batch("--roster", "roster.csv")
    assert (second.returncode, "Kept" in second.stdout) == (0, False)
    assert {row["learner"]: row["double"] for row in klass.sheet()} == {
        "points possible": "5",
        "ada": "5",
        "j1@x.org": "0",
        "Jane Doe": "5",
    }
    # No check says anything about a file that is not there.
    assert klass.report("--changes").stdout == (
        "j1@x.org  double  not graded → nothing handed in  (another submission)\n"
    )


def test_partners_share_the_numbers_of_a_quiz(enrolled):
    """A sheet that partners share has the numbers of one of them, whoever handed it in."""

    def asked():
        enrolled.batch("--roster", "roster.csv", "--only", "exercise=sizes")
        grades = {learner: grade for learner, _, grade in enrolled.rows() if grade["submission"]}
        own = grades["ada"], grades["ben"]
        return [grade["asked"] for grade in own], [grade["points"] for grade in own]

    assert asked() == (["ada", "ada"], [1, 1])
    # Both hand in a copy of Ben's sheet.
    enrolled.write("ada/sizes.yaml", "learner: ben\nfloats: yes\nvector: (3,)\n")
    enrolled.write("ben/sizes.yaml", "learner: ben\nfloats: yes\nvector: (3,)\n")
    names, points = asked()
    assert (names, points[0]) == (["ben", "ben"], points[1])
    # With different sheets, each has numbers of their own.
    enrolled.write("ben/sizes.yaml", "learner: ada\nfloats: yes\nvector: (4,)\n")
    assert asked()[0] == ["ada", "ben"]


def test_late_submissions_take_nothing_away(klass):
    """A folder with the late submissions alone keeps the grades of everybody else."""
    klass.write("ada/double.py")
    klass.write("ben.7z", b"7z")
    klass.write("dee.zip", b"PK")
    klass.write("handout.zip", b"PK")
    (klass.root / "roster.csv").write_text("learner\nada\nben\ncy\ndee\n")
    first = klass.batch("--roster", "roster.csv").stdout
    assert first.count("ben.7z") == 1
    for name in ("ben", "dee"):
        assert "an archive that cannot be unpacked" in klass.feedback(name)
    (klass.folder / "ada/double.py").unlink()
    klass.write("cy/double.py")
    result = klass.batch("--roster", "roster.csv", "--strict")
    assert "Kept 1 earlier grade without a file in this folder: ada double" in result.stdout
    assert "No gradable submission" not in result.stdout
    assert {row["learner"]: row["double"] for row in klass.sheet()} == {
        "points possible": "5",
        "ada": "5",
        "ben": "0",
        "cy": "5",
        "dee": "0",
    }
    assert result.returncode == 0


def test_work_for_one_exercise_is_no_zero_for_another(klass):
    """A file that is for one exercise is never the reason why another one has no points."""
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "floats: yes\n")
    klass.write("ben/double.py", f"import tools\n{GOOD}")
    klass.write("ben/tools.py", "SCALE = 2\n")
    klass.write("cy/double.pdf", b"%PDF-1.4")
    klass.write("dee/double.py")
    klass.write("dee/rest.zip", b"PK")
    klass.write("eli/notes.txt", "see you")
    (klass.root / "roster.csv").write_text("learner\nada\nben\ncy\ndee\neli\n")
    (klass.root / "week.yaml").write_text(
        "format: 1\ntitle: W\ntime_zone: UTC\ndue: 2030-01-01 10:00\n"
        "exercises: {double: 1, sizes: 1}\n"
    )
    shown = klass.batch("--roster", "roster.csv", "--assignment", "week.yaml").stdout
    assert "Found: 8 submissions of 5 learners (3 sizes, 5 double)" in shown
    for learner in ("ben", "cy"):
        assert "nothing was handed in; hand in sizes.yaml" in klass.feedback(learner, "sizes")
    assert "an archive that cannot be unpacked" in klass.feedback("dee", "sizes")
    assert "there is notes.txt; name your file" in klass.feedback("eli", "sizes")
    absent = {(name, exercise) for name, exercise, grade in klass.rows() if not grade["submission"]}
    assert absent == {("ben", "sizes"), ("cy", "sizes")}


def test_an_exercise_that_nobody_handed_in(klass):
    """Work for the week before is no reason for a zero in this week, also for a single exercise."""
    klass.write("ada/double.py")
    klass.write("ben/double.py", f"{GOOD}# ben\n")
    (klass.root / "roster.csv").write_text("learner\nada\nben\n")
    klass.batch("--roster", "roster.csv", "--exercise", "sizes")
    assert [grade["submission"] for _, _, grade in klass.rows()] == ["", ""]


def test_what_the_whole_folder_did_is_assigned(klass):
    """Without an assignment, people who are not in the roster show what was assigned, too."""
    klass.write("ada/double.py")
    klass.write("ada/sizes.yaml", "floats: yes\n")
    for visitor in ("vic", "vera", "vito"):
        klass.write(f"{visitor}/double.py", f"{GOOD}# {visitor}\n")
    (klass.root / "roster.csv").write_text("learner\nada\nben\n")
    klass.batch("--roster", "roster.csv")
    assert [exercise for name, exercise, _ in klass.rows() if name == "ben"] == ["double"]


def test_a_learner_keeps_the_name_and_not_the_number(klass):
    """Moodle numbers people anew in each assignment; with a roster they stay who they are."""
    (klass.root / "roster.csv").write_text(GRADE_EXPORT.replace("s101", "18"))
    for week, zoe, jane in (("first", 17, 18), ("second", 417, 17)):
        folder = klass.root / week
        for name, number in (("Zoë Brandt", zoe), ("Jane Doe", jane)):
            klass.folder = folder
            klass.write(f"{name}_{number}_assignsubmission_file/double.py", f"{GOOD}# {week}\n")
        assert klass.batch("--roster", "roster.csv").returncode == 0
    assert [row["learner"] for row in klass.sheet()] == [
        "points possible",
        "Jane Doe_18",
        "Zoë Brandt_17",
    ]


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        ("learner\nzed\n", "nobody in it handed in anything: the submissions are those of ada"),
        ("learner\nada\nada,Ada\n", "roster.csv: line 3: 2 cells, and the header has 1"),
    ],
)
def test_a_wrong_roster_grades_nothing(klass, people, problem):
    """A roster of another class is an error, and gives nobody a zero."""
    klass.write("ada/double.py")
    (klass.root / "roster.csv").write_text(people)
    result = klass.batch("--roster", "roster.csv")
    assert result.returncode == 2
    assert problem in result.stderr
    assert klass.rows() == []
