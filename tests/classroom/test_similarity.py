"""Shared code is reported if it is more than the task, and its owners did not work together."""

import pytest

from grader.classroom.similarity import circles, similar
from grader.grades.learner import Learner


def listed(submissions, learners=()):
    """The groups of one exercise; ``submissions`` maps a learner to the parts."""
    names = [Learner(name) for name in submissions]
    together = circles(learners or names)
    written = {name: (f"{name}.py", parts) for name, parts in submissions.items()}
    groups = similar({"double": written}, ["double"], together)
    return [(" ".join(group.learners), group.percent) for group in groups]


def test_shared_parts():
    """A copy with code of its own around it is found, and a small equal statement is none."""
    submissions = {
        "ada": "aa:40 bb:10",
        "bob": "aa:40 cc:90",
        "cy": "bb:10 dd:40",
        "dee": "ee:5",
        "eve": "",
        "fay": "",
    }
    assert listed(submissions) == [("ada bob", 80)]


def test_ranked_by_how_much_is_shared():
    """Those who share most come first, and code shared in several exercises before that."""
    submissions = {"ada": "aa:10", "bob": "aa:10", "cy": "bb:60", "dee": "bb:60 cc:50"}
    assert listed(submissions) == [("cy dee", 100), ("ada bob", 100)]
    written = {name: (name, parts) for name, parts in submissions.items()}
    twice = {"one": written, "two": {name: written[name] for name in ("ada", "bob")}}
    groups = similar(twice, ["two", "one"], {})
    found = [(group.exercise, group.learners[0], group.together) for group in groups]
    assert found == [("two", "ada", 2), ("one", "ada", 2), ("one", "cy", 1)]


def test_what_a_fifth_of_the_class_has():
    """It is the task, also as a part of longer code; what two of them have beside it is not."""
    submissions = {f"a{number}": f"aa:20 {number}b:5" for number in range(6)}
    assert listed(submissions) == []
    submissions |= {"x": "aa:20 cc:30", "y": "aa:20 cc:30 dd:9"}
    submissions |= {"z": "aa:20 ee:3", "w": "aa:20 ee:3"}
    assert listed(submissions) == [("x y", 100)]


@pytest.mark.parametrize(("size", "is_listed"), [(12, False), (80, True)])
def test_short_code_of_a_few(size, is_listed):
    """Three equal one-liners in a class of ten are the task; three equal long answers are not."""
    submissions = {f"a{number}": f"{number}b:12" for number in range(7)}
    submissions |= {f"c{number}": f"aa:{size}" for number in range(3)}
    assert bool(listed(submissions)) is is_listed


@pytest.mark.parametrize(
    ("first", "second", "is_listed"),
    [
        (Learner("ada", partners=["bob"]), Learner("bob", partners=["ada"]), False),
        (Learner("Jo Li_7", ["7", "Jo Li"]), Learner("Jo Li_9", ["9", "Jo Li"]), False),
        (Learner("ada"), Learner("ada (1)"), False),
        (Learner("ada", email="a@x.org"), Learner("poe", email="A@x.org"), False),
        (Learner("student_1"), Learner("student_2"), True),
        (Learner("Jo Li_7", ["7", "Jo Li"]), Learner("Bo Li_7", ["7", "Bo Li"]), True),
    ],
)
def test_one_person_or_partners(first, second, is_listed):
    """Equal work of partners, and of two downloads of one person, is not reported."""
    submissions = {first.name: "aa:9", second.name: "aa:9"}
    assert bool(listed(submissions, [first, second])) is is_listed


def test_people_without_names():
    """A name that many learners have, as in a download without names, is nobody's."""
    learners = [Learner(f"anon_{n}", [str(n), "anon"]) for n in range(9)]
    submissions = {learner.name: f"{number}a:9" for number, learner in enumerate(learners)}
    submissions["anon_1"] = submissions["anon_0"]
    assert listed(submissions, learners) == [("anon_0 anon_1", 100)]
