"""The page about teaching a term: each command in it runs, in the order of the page."""

import re
import shlex
from pathlib import Path

from grader.course.assignment import read_assignment
from grader.course.loading import load_course

ROOT = Path(__file__).parents[2]
BLOCKS = re.compile(r"^<!-- (\w+): (.*?) -->\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)
RIGHT = (ROOT / "solutions" / "exercise1" / "solution.py").read_text()
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Week 1 (11)
    Points Possible,,,,,15
Ada Lovelace,101,,ada,A,
Ben Okri,102,,ben,A,
Cy Twombly,103,,cy,A,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Feedback comments
Participant 1,Ada Lovelace,ada@example.org,Submitted,,15.00,
Participant 2,Ben Okri,ben@example.org,Submitted,,15.00,
Participant 3,Cy Twombly,cy@example.org,No submission,,15.00,
"""


def blocks(page):
    """Kind, name and content of each marked block."""
    return BLOCKS.findall((ROOT / "docs" / page).read_text())


def test_every_command_of_the_page_runs(run_here, warm_batches, tmp_path):
    """An instructor who types the commands of the page in their order gets what it promises."""
    shown = []
    (tmp_path / "canvas.csv").write_text(CANVAS)
    (tmp_path / "moodle.csv").write_text(MOODLE)
    for learner, at in (("ada", "2026-10-17"), ("ben", "2026-10-20")):
        folder = tmp_path / "week1" / "submitted" / learner / "week1"
        folder.mkdir(parents=True)
        (folder / "exercise1.py").write_text(f"{RIGHT}\n# {learner}\n")
        (folder / "timestamp.txt").write_text(f"{at} 20:00:00.0 UTC")

    for kind, name, content in blocks("teaching.md"):
        assert kind == "teach"
        if name != "run":
            path = tmp_path / name.removeprefix("more of ")
            earlier = path.read_text() if name != path.name else ""
            path.write_text(earlier + content)
            continue
        for line in content.splitlines():
            program, *words = shlex.split(line)
            assert program == "grade"
            if words[0] == "batch":
                words += ["--jobs", "1"]
            result = run_here(*words, folder=tmp_path)
            assert result.returncode == 0, (line, result.stderr)
            shown.append(result.stdout)

    written, first, figures, second, comment, canvas, moodle, feedback, changes = shown
    assert "Wrote week1.yaml" in written
    assert "Week 1: mean 6.3 of 15 points count, 1 late" in first
    assert "Skipped" not in first
    assert "exercise1" in figures
    assert "0 to grade" in second
    assert "mean 8.7 of 15 points count, 1 overridden" in second
    assert "reaches ada" in comment
    assert "3 cells filled in" in canvas
    assert "3 cells filled in" in moodle
    assert "6 pages" in feedback
    assert "No changes" in changes
    rows = (tmp_path / "term" / "assignments.csv").read_text().splitlines()
    assert sum('"nothing handed in","' in row for row in rows) == 3
    page = (tmp_path / "term" / "feedback" / "ada" / "exercise1.md").read_text()
    assert "> Your loop works, too. Can you do it without one?" in page
    sheet = (tmp_path / "term" / "canvas.csv").read_text().splitlines()
    assert [line.rsplit(",")[-1] for line in sheet[2:]] == ["10", "10", "6"]


def test_the_example_of_the_format_can_be_read(tmp_path):
    """The complete file has every key of an assignment."""
    [(kind, name, content)] = blocks("assignments.md")
    path = tmp_path / name
    path.write_text(content)
    written, document = read_assignment(path, load_course(ROOT))
    assert kind == "assignment"
    missing = set(written.__struct_encode_fields__) - document.data.keys()
    # Nobody trusts the times of files without a reason.
    assert missing == {"trust_file_times"}
    assert [written.worth(name) for name in written.exercises] == [25, 25, 50]
