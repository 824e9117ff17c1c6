"""A roster: reading the list of a class, finding whose submission is whose, everybody's result."""

import unicodedata

import pytest

from grader.errors import UsageError
from grader.grades.class_results import Learner
from grader.submission.roster import match
from grader.submission.roster_file import read_roster

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
        ("learner,name\nada,Ada\n,Bob\n", "line 3: no learner"),
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
