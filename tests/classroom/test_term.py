"""A term of a class of 40: three assignments from four systems, and everything that comes up."""

import csv
import itertools
import json
import math
import os
import re
import shutil
from datetime import datetime, timedelta

import pytest
import yaml

from grader.classroom import term as term_module
from grader.course.assignment import read_assignment
from grader.course.draws import draw_numbers
from grader.course.loading import load_course, load_exercise
from grader.errors import GradebookError
from grader.grades.gradebook import Gradebook
from tests.classroom.conftest import GOOD
from tests.grading import SMALL_COURSE

DUE = datetime.fromisoformat("2026-10-24 23:59+02:00")
"""The end of a Saturday in Berlin; in the next night, clocks go back."""
NAMES = itertools.product(
    ("Ada", "Zoë", "Jo Ann", "Li", "Max", "Noor", "Pia", "Raj"), ("Ode", "Abt", "Xu", "Gil", "Ito")
)
PEOPLE = {f"u{number:02}": " ".join(name) for number, name in enumerate(NAMES)}
LATE = {"percent_per_day": 10, "grace_minutes": 30, "free_days": 1}
POINTS = {"double": 10, "sizes": 20}
WEEKS = {
    "Week 1": {
        "exercises": POINTS,
        "late": LATE,
        "closes": "2026-10-27 23:59",
        "extensions": [
            {"learner": "u01", "due": "2026-10-27 12:00", "reason": "illness"},
            {"learner": "Zoë Abt", "due": "2026-10-30 12:00", "reason": "a move"},
        ],
        "excuses": [{"learner": "u02", "exercise": "sizes", "reason": "joined late"}],
        "overrides": [
            {
                "learner": "u03",
                "exercise": "double",
                "points": 7.5,
                "comment": "Explained at the board.",
                "reason": "an oral answer",
                "author": "G. Hopper",
            }
        ],
    },
    "Week 2": {"exercises": {"sizes2": 1}, "points": 25, "late": LATE},
    "Week 3": {
        "exercises": {"sizes3": 3, "sizes4": 1},
        "points": 100,
        "late": LATE,
        "drop_lowest": 1,
    },
}
MINUTES = {0: -600, 1: 20, 2: 1500, 3: 2900, 4: 90}
"""The number of a learner modulo 5 to the minutes after the due time."""


def submitted(learner):
    """When a learner hands in."""
    number = int(learner[1:])
    if number == 1:
        return DUE + timedelta(days=2)
    if PEOPLE[learner] == "Zoë Abt":
        return DUE + timedelta(days=5)
    return DUE + timedelta(minutes=MINUTES[number % 5])


class Term:
    """A class with its course, its assignments and its roster."""

    def __init__(self, klass):
        self.klass = klass
        self.course = klass.copy_course()
        for number in (2, 3, 4):
            for side in ("exercises", "solutions"):
                shutil.copytree(self.course / side / "sizes", self.course / side / f"sizes{number}")
            copied = self.course / "exercises" / f"sizes{number}" / "exercise.yaml"
            copied.write_text(copied.read_text().replace("title: Sizes", f"title: Size {number}"))
        self.write_roster("roster.csv", {})
        for title, settings in WEEKS.items():
            content = {"format": 1, "title": title, "time_zone": "Europe/Berlin"}
            content |= {"due": "2026-10-24 23:59", **settings}
            path = klass.root / f"{title}.yaml"
            path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))

    def write_roster(self, name, times):
        rows = [["learner", "name", "email", "submitted"]]
        for learner, person in PEOPLE.items():
            rows.append([learner, person, f"{learner}@x.org", times.get(learner, "")])
        with (self.klass.root / name).open("w", newline="") as file:
            csv.writer(file).writerows(rows)

    def sheet(self, exercise_id, learner):
        """The answers of a learner: all right, or for every third learner only one."""
        exercise = load_exercise(self.course, exercise_id)
        if int(learner[1:]) % 3 == 0:
            return "floats: yes\n"
        vector, numbers, _ = exercise.spec.questions
        size = draw_numbers(exercise_id, vector, learner)["n"]
        drawn = draw_numbers(exercise_id, numbers, learner)
        return f"vector: [{size}]\nnumbers: {drawn['n'] * drawn['m']}\nfloats: yes\n"

    def batch(self, folder, title, roster="roster.csv"):
        self.klass.folder = self.klass.root / folder
        words = ("--assignment", f"{title}.yaml", "--roster", roster)
        result = self.klass.batch(*words)
        assert result.returncode == 0, result.stderr + result.stdout
        return result.stdout

    def grade(self, *words):
        result = self.klass._run(*words, folder=self.klass.root)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def rows(self, name):
        with (self.klass.out / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def counted(self, learner, exercise):
        """The row of assignments.csv."""
        for row in self.rows("assignments.csv"):
            if (row["learner"], row["exercise"]) == (learner, exercise):
                return row
        raise AssertionError(learner)


def from_canvas(term, learners):
    """Canvas says only whether a file is late."""
    for learner in learners:
        name = "".join(reversed(PEOPLE[learner].rsplit(" ", 1))).replace(" ", "").lower()
        late = "LATE_" if submitted(learner) > DUE else ""
        start = f"canvas/{name}_{late}{500 + int(learner[1:])}_9{learner[1:]}"
        term.klass.write(f"../{start}_double.py", GOOD)
        term.klass.write(f"../{start}_sizes.yaml", term.sheet("sizes", learner))


def from_moodle(term, learners):
    """Moodle's download has no times; its worksheet has, and so has a roster."""
    for number, learner in enumerate(learners):
        folder = f"moodle/{PEOPLE[learner]}_{700 + number}_assignsubmission_file"
        if learner >= "u30":
            term.klass.write(f"../{folder}/double.py", GOOD.replace("* 2", "* 3"))
        term.klass.write(f"../{folder}/sizes.yaml", term.sheet("sizes", learner))


def from_gradescope(term, learners):
    """Gradescope's list has the times, in UTC."""
    listed = {}
    for number, learner in enumerate(learners):
        content = term.sheet("sizes2", learner)
        term.klass.write(f"../gradescope/submission_{number}/sizes2.yaml", content)
        person = {":name": PEOPLE[learner], ":email": f"{learner}@x.org"}
        at = submitted(learner).astimezone(tz=None).strftime("%Y-%m-%d %H:%M:%S.000000000 %z")
        listed[f"submission_{number}"] = {":created_at": at, ":submitters": [person]}
    term.klass.write("../gradescope/submission_metadata.yml", yaml.safe_dump(listed))


def from_nbgrader(term, learners):
    """Nbgrader keeps the time beside each submission."""
    for learner in learners:
        folder = f"../nbgrader/submitted/{learner}/week3"
        for name in ("sizes3", "sizes4"):
            term.klass.write(f"{folder}/{name}.yaml", term.sheet(name, learner))
        local = submitted(learner).strftime("%Y-%m-%d %H:%M:%S.000000")
        term.klass.write(f"{folder}/timestamp.txt", f"{local} Europe/Berlin")


def recomputed(rows):
    """Learner and assignment to the total, from the rows of assignments.csv alone."""
    worth = {"Week 1": 30, "Week 2": 25, "Week 3": 100}
    totals = {}
    for row in rows:
        earned, possible = totals.setdefault((row["learner"], row["assignment"]), [0, 0])
        if row["counts"] == "yes":
            earned += float(row["points"])
            possible += float(row["possible"])
        totals[row["learner"], row["assignment"]] = [earned, possible]
    return {key: worth[key[1]] * earned / possible for key, (earned, possible) in totals.items()}


def test_a_term(klass):
    """Late work, extensions, decisions, a corrected question and comments reach every sheet."""
    term = Term(klass)
    canvas = list(PEOPLE)[:20]
    moodle = list(PEOPLE)[20:]
    from_canvas(term, canvas)
    # Work for another exercise, which is no other spelling of this one.
    klass.write("../canvas/abtada_501_901_sizes2.yaml", "floats: no\n")
    from_moodle(term, moodle)
    from_gradescope(term, list(PEOPLE)[:-1])
    from_nbgrader(term, PEOPLE)

    # Somebody wrote a wrong key.
    quiz = term.course / "exercises/sizes/exercise.yaml"
    right = quiz.read_text()
    quiz.write_text(right.replace("torch.zeros({n}, {m}).numel()", "'{n} * {m} + 1'"))

    shown = term.batch("canvas", "Week 1")
    assert "Handed in nothing, so 0 points: u20, u21" in shown
    assert "Skipped" not in shown
    assert "(downloads of Canvas have no times): u01 double" in shown
    before = term.counted("u04", "sizes")
    note = ("--note", "u05", "double", "Come to my *office*.")
    assert "reaches u05." in term.grade("report", str(klass.out), *note)

    quiz.write_text(right)
    # The times of Canvas are known to its gradebook, and to a roster with a column for them.
    times = {learner: submitted(learner).isoformat(" ") for learner in PEOPLE}
    term.write_roster("times.csv", times)
    assert "reliable" not in term.batch("canvas", "Week 1", "times.csv")
    after = term.counted("u04", "sizes")
    assert (before["raw"], after["raw"]) == ("2", "4")

    term.batch("moodle", "Week 1", "times.csv")
    term.batch("gradescope", "Week 2")
    shown = term.batch("nbgrader", "Week 3")
    assert "Week 3: mean" in shown
    assert "Kept" not in shown
    behavior = ("--note", "u30", "double", "Three is not two.", "--for", "behavior")
    assert "reaches u30, u31, " in term.grade("report", str(klass.out), *behavior)

    check_rules(term)
    totals = recomputed(term.rows("assignments.csv"))
    for row in klass.sheet()[1:]:
        for title in WEEKS:
            counted = float(row[f"counted/{title}"])
            assert counted == pytest.approx(totals[row["learner"], title], abs=0.006)
    check_canvas(term, totals)
    check_moodle(term, totals)
    check_feedback(term)


def check_rules(term):
    """Each row of assignments.csv follows from the rules."""
    on_time = term.counted("u05", "double")
    assert (on_time["points"], on_time["reason"]) == ("10", "on time")
    assert on_time["comments"] == "Come to my *office*."
    assert term.counted("u01", "double")["points"] == "10"
    reason = term.counted("u01", "sizes")["reason"]
    assert reason == "on time, with an extension to 2026-10-27 12:00 (illness)"
    excused = term.counted("u02", "sizes")
    assert (excused["points"], excused["counts"]) == ("", "no")
    overridden = term.counted("u03", "double")
    assert (overridden["points"], overridden["comments"]) == ("7.5", "Explained at the board.")
    # Two started days, of which the first is free: in week 1, and then never again.
    late = [term.counted("u07", name) for name in ("double", "sizes2", "sizes4")]
    assert [(row["days_late"], row["free_days"], row["percent_off"]) for row in late] == [
        ("2", "1", "10"),
        ("2", "0", "20"),
        ("2", "0", "20"),
    ]
    rows = term.rows("assignments.csv")
    assert {row["lateness"] for row in rows} == {"on time", "late", "nothing handed in"}
    for row in rows:
        if row["lateness"] == "late":
            seconds = (datetime.fromisoformat(row["submitted"]) - DUE).total_seconds()
            assert int(row["days_late"]) == math.ceil(seconds / 86400)
            whole = float(row["possible"])
            share = float(row["raw"]) / float(row["max_points"])
            if "set by" not in row["reason"] and row["counts"] == "yes":
                expected = whole * share - whole * float(row["percent_off"]) / 100
                assert float(row["points"]) == pytest.approx(max(expected, 0))
    assert sum(row["reason"].endswith("dropped as one of the lowest") for row in rows) == 40


def check_canvas(term, totals):
    """The gradebook of Canvas has the totals, and says who is excused."""
    header = "Student,ID,SIS User ID,SIS Login ID,Section,Week 1 (11),sizes (12)\n"
    lines = [header, "    Points Possible,,,,,60.00,20.00\n"]
    for number, (learner, name) in enumerate(PEOPLE.items()):
        lines.append(f"{name},{500 + number},,{learner},A,,\n")
    path = term.klass.root / "canvas.csv"
    path.write_text("".join(lines))
    course = ("--course", str(term.course))
    term.grade("export", "canvas", str(path), "--out", str(term.klass.out), *course)
    with (term.klass.out / "canvas.csv").open(newline="") as file:
        filled = {row["SIS Login ID"]: row for row in csv.DictReader(file) if row["ID"]}
    assert filled["u02"]["sizes (12)"] == "EX"
    for learner in PEOPLE:
        points = float(filled[learner]["Week 1 (11)"])
        assert points == pytest.approx(2 * totals[learner, "Week 1"], abs=0.011)


def check_moodle(term, totals):
    """The grading worksheet of Moodle has the totals, and the comments in its feedback."""
    lines = ["Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments\n"]
    for number, (learner, name) in enumerate(PEOPLE.items()):
        lines.append(f"Participant {number},{name},{learner}@x.org,Submitted,,30.00,\n")
    path = term.klass.root / "moodle.csv"
    path.write_text("".join(lines))
    course = ("--course", str(term.course))
    words = ("--out", str(term.klass.out), "--column", "Week 1=Grade", "--comments", *course)
    term.grade("export", "moodle", str(path), *words)
    with (term.klass.out / "moodle.csv").open(newline="") as file:
        rows = {row["Email address"]: row for row in csv.DictReader(file)}
    for learner in PEOPLE:
        row = rows[f"{learner}@x.org"]
        assert float(row["Grade"]) == pytest.approx(totals[learner, "Week 1"], abs=0.006)
    assert "Come to my <em>office</em>." in rows["u05@x.org"]["Feedback comments"]


def check_feedback(term):
    """Pages and JSON say what counts, why, and what the instructor said."""
    assert "> Three is not two." in term.klass.feedback("u39")
    page = term.klass.feedback("u07")
    assert "**9 of 10 points count** in Week 1: 2 days late, 1 free, 10 % deducted." in page
    report = (term.klass.out / "report.html").read_text()
    assert report.count("Three is not two.") == 10
    out = ("--out", str(term.klass.out), "--course", str(term.course))
    assert "40 pages" in term.grade(
        "export", "feedback", "--format", "zip", "--exercise", "double", *out
    )
    term.grade("export", "jsonl", *out)
    lines = (term.klass.out / "grades.jsonl").read_text().splitlines()
    [found] = [each for each in map(json.loads, lines) if "Come to my" in str(each)]
    assert (found["learner"], found["counted"]["points"]) == ("u05", 10)


WEEK = {"format": 1, "title": "Week 1", "time_zone": "UTC", "due": "2026-10-24 23:59"}


def write_week(klass, **changes):
    content = WEEK | {"exercises": {"sizes": 4}} | changes
    (klass.root / "week.yaml").write_text(yaml.safe_dump(content))


def test_names_and_titles_are_not_guessed(klass):
    """A name that fits nobody, and an exercise of two assignments, are errors before grading."""
    klass.write("ada/sizes.yaml", "floats: yes\n")
    write_week(klass, excuses=[{"learner": "adda", "reason": "illness"}])
    result = klass.batch("--assignment", "week.yaml")
    assert result.returncode == 2
    assert result.stderr == (
        "grade: week.yaml: line 3: nobody in the class is called `adda`; did you mean `ada`?\n"
    )
    assert klass.rows() == []
    write_week(klass)
    assert klass.batch("--assignment", "week.yaml").returncode == 0
    write_week(klass, title="Week 2", exercises={"sizes": 4, "double": 5})
    result = klass.batch("--assignment", "week.yaml")
    assert "Week 2: sizes belongs to `Week 1` in this gradebook already" in result.stderr
    # A title can be corrected.
    write_week(klass, title="The first week")
    assert klass.batch("--assignment", "week.yaml").returncode == 0
    assert "counted/The first week" in klass.sheet()[0]
    result = klass.report("--note", "ada", "size", "Hm.")
    assert "the class has no exercise `size`; choose from sizes" in result.stderr
    result = klass.report("--note", "swap", "sizes", "Hm.", "--for", "misconception")
    assert "nobody shows the misconception `swap` in sizes" in result.stderr
    klass.write("ben/double.py", "def double(x):\n    return x\n")
    assert klass.batch("--exercise", "double").returncode == 0
    result = klass.report("--note", "ada", "double", "Hm.", "--for", "behavior")
    assert "ada handed in nothing for double" in result.stderr


def test_who_is_meant(klass):
    """The next step names everybody who may be meant, and each of them once."""
    klass.write("ada/sizes.yaml", "floats: yes\n")
    (klass.root / "class.csv").write_text("learner,name\nada,\nn1,Nora Nobody\nn2,Nora Nobody\n")
    write_week(klass)
    words = ("--assignment", "week.yaml", "--roster", "class.csv")
    assert klass.batch(*words).returncode == 0
    write_week(klass, excuses=[{"learner": "nobody here", "reason": "illness"}])
    shown = klass.batch(*words).stderr
    assert shown.endswith("did you mean `n1` (Nora Nobody) or `n2` (Nora Nobody)?\n")


def test_a_generous_override(klass):
    """More points than the exercise has count, and the batch says whose they are."""
    klass.write("ada/sizes.yaml", "floats: yes\n")
    why = {"reason": "a bonus", "author": "G. Hopper", "exercise": "sizes"}
    write_week(klass, overrides=[{"learner": "ada", "points": 70, **why}])
    shown = klass.batch("--assignment", "week.yaml").stdout
    assert "Overridden with more points than the exercise has: ada sizes (70 of 4)" in shown
    write_week(klass, overrides=[{"learner": "ada", "points": 4, **why}])
    assert "more points than" not in klass.batch("--assignment", "week.yaml").stdout


def test_comments_reach_a_misconception_and_can_be_removed(klass):
    """A comment about a misconception is for everybody who shows it, now and later."""
    answers = {"ada": "floats: no\n", "ben": "floats: no\n", "cy": "floats: yes\n"}
    for learner, answer in answers.items():
        klass.write(f"{learner}/sizes.yaml", answer)
    klass.batch()
    note = ("--note", "whole_numbers", "sizes", "Print the dtype.", "--for", "misconception")
    assert "The comment on sizes reaches ada, ben." in klass.report(*note).stdout
    klass.write("cy/sizes.yaml", "floats: no\n")
    klass.batch()
    assert "> Print the dtype." in klass.feedback("cy", "sizes")
    klass.report("--note", "whole_numbers", "sizes", "", "--for", "misconception")
    assert "Print the dtype." not in klass.feedback("ada", "sizes")
    # A group of equally wrong answers has an id in the report.
    klass.write("ben/sizes.yaml", "vector: [99]\n")
    klass.write("cy/sizes.yaml", "vector: [99]\n")
    klass.batch()
    shown = klass.report().stdout
    group = re.search(r"(sizes~\w+), vector: .*ben.*cy", shown)[1]
    klass.report("--note", group, "sizes", "Count again.", "--for", "behavior")
    assert "> Count again." in klass.feedback("ben", "sizes")
    assert "Count again." not in klass.feedback("ada", "sizes")
    klass.report("--note", group, "sizes", "", "--for", "behavior")
    assert "Count again." not in klass.feedback("ben", "sizes")


def test_times_of_files_count_only_if_they_are_trusted(klass):
    """Without another source, a file's time makes nobody late unless the assignment says so."""
    path = klass.write("ada/sizes.yaml", "floats: yes\n")
    late = datetime.fromisoformat("2026-10-26 12:00+00:00").timestamp()
    os.utime(path, (late, late))
    write_week(klass, late={"percent_per_day": 10})
    shown = klass.batch("--assignment", "week.yaml").stdout
    assert "No reliable time, so not late (nothing but the file has a time): ada sizes" in shown
    assert "**1 of 4 points count** in Week 1: no reliable time" in klass.feedback("ada", "sizes")
    write_week(klass, late={"percent_per_day": 10}, trust_file_times=True)
    klass.batch("--assignment", "week.yaml")
    assert "**0.2 of 4 points count** in Week 1: 2 days late" in klass.feedback("ada", "sizes")


def test_new_assignment(run_here, tmp_path):
    """The example has every exercise with its points; it can be used, and is not overwritten."""
    words = ("new", "assignment", "week1", "--course", str(SMALL_COURSE))
    assert run_here(*words, folder=tmp_path).returncode == 0
    text = (tmp_path / "week1.yaml").read_text()
    # Everything that is commented out can be used too.
    used = re.sub(r"(?m)^# (?=\w+:|  )", "", text)
    for content in (text, used):
        (tmp_path / "week1.yaml").write_text(content)
        written, _ = read_assignment(tmp_path / "week1.yaml", load_course(SMALL_COURSE))
        assert written.exercises == {"double": 5, "sizes": 4, "target": 5, "workers": 1}
    assert written.late.percent_per_day == 10
    assert "exists already" in run_here(*words, folder=tmp_path).stderr
    chosen = (*words[:2], "week3", "sizes", "double", *words[3:])
    assert run_here(*chosen, folder=tmp_path).returncode == 0
    written, _ = read_assignment(tmp_path / "week3.yaml", load_course(SMALL_COURSE))
    assert written.exercises == {"sizes": 4, "double": 5}
    wrong = (*words[:2], "week4", "dubble", *words[3:])
    assert "there is no exercise `dubble`" in run_here(*wrong, folder=tmp_path).stderr
    assert not (tmp_path / "week4.yaml").exists()
    for side in ("exercises", "solutions"):
        (tmp_path / "empty" / side).mkdir(parents=True)
    words = ("new", "assignment", "week2", "--course", str(tmp_path / "empty"))
    assert "this course has no exercises" in run_here(*words, folder=tmp_path).stderr
    schema = json.loads(run_here("schema", "assignment", folder=tmp_path).stdout)
    keys = schema["$defs"]["Assignment"]["properties"]
    assert all("description" in key and "examples" in key for key in keys.values())


@pytest.mark.parametrize("due", ["", "soon", "2026-10-24T23:59:00"])
def test_a_gradebook_of_a_stranger_is_an_error(tmp_path, due):
    """A stored assignment whose time cannot be read is an error that names the gradebook."""
    with Gradebook(tmp_path / "gradebook.db", create=True) as gradebook:
        stored = [WEEK | {"exercises": {"sizes": 4}, "due": due}]
        gradebook.note({term_module.ASSIGNMENTS: json.dumps(stored)})
        with pytest.raises(GradebookError, match="its assignments cannot be read"):
            term_module.assignments_of(gradebook)
