"""The order of a course: ``exercises/course.yaml``, its sections, and its errors."""

import pytest

from grader.course import location, order
from grader.errors import CourseError

IDS = ["one", "two", "ten"]


@pytest.fixture
def ordered(course):
    """Write ``exercises/course.yaml`` for a course with three exercises; return its root."""

    def write(text):
        for name in IDS:
            course.write(f"exercises/{name}/exercise.yaml", "")
        course.write("exercises/course.yaml", text)
        return course.root

    return write


def sections(*groups):
    lines = ["format: 1", "sections:"]
    for number, group in enumerate(groups, 1):
        lines.append(f"  - {{title: Part {number}, exercises: [{', '.join(group)}]}}")
    return "\n".join(lines) + "\n"


def test_order_and_sections(ordered):
    """Exercises come in the listed order, and those not listed at the end, in their own section."""
    root = ordered(sections(["two"], ["one"]))
    assert location.exercise_ids(root) == ["two", "one", "ten"]
    titles = order.section_titles(root, location.exercise_ids(root))
    assert titles == {"two": "Part 1", "one": "Part 2", "ten": "More exercises"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (sections(["two", "three"]), "line 3: this course has no exercise `three`"),
        (sections(["two"], ["two"]), "line 4: `two` is listed twice; remove one of them"),
        (sections([]), "expected a list of length >= 1"),
        ("format: 1\n", "key `sections` is missing"),
        ("format: 2\nsections: []\n", "line 1: "),
        ("format: 1\nsection: []\n", "unknown key `section`"),
        ("- one\n", "expected lines of `key: value`, got a list"),
        ("format: [\n", "line "),
    ],
)
def test_broken_order(text, said, ordered):
    """A broken course.yaml is an error with the file, the line and the problem."""
    root = ordered(text)
    with pytest.raises(CourseError) as caught:
        location.exercise_ids(root)
    assert str(caught.value).startswith("exercises/course.yaml: ")
    assert said in str(caught.value)


def test_definition_with_another_ending(ordered):
    """If the folder of a listed exercise has an exercise.yml, the error says how to rename it."""
    root = ordered(sections(["three"]))
    folder = root / "exercises" / "three"
    folder.mkdir()
    (folder / "exercise.yml").touch()
    with pytest.raises(CourseError, match="rename three/exercise.yml to exercise.yaml"):
        location.exercise_ids(root)
