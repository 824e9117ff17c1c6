"""Matching learners with the rows of another system."""

import pytest

from grader.grades.learner import Learner
from grader.report.export import matching


def rows(*names):
    """Rows with a number and a name."""
    return {
        number: [matching.forms(key), *matching.name_keys(name)]
        for number, (key, name) in enumerate(names, 1)
    }


@pytest.mark.parametrize(
    "learner",
    [
        Learner("101"),
        Learner("x", ["101"]),
        Learner("Jane Doe"),
        Learner("Doe, Jane"),
        Learner("doejane"),
        Learner("JANE  doe"),
        Learner("\uff2aane Doe"),
    ],
    ids=str,
)
def test_one_person_in_many_spellings(learner):
    """A number, a key, or a name in any order and case finds the row."""
    found = matching.match(rows(("101", "Doe, Jane"), ("102", "Roe, Richard")), [learner])
    assert found.found == {1: learner}


def test_the_stronger_key_wins():
    """A number counts more than a name, as in Canvas."""
    jane, number = Learner("Jane Doe"), Learner("x", ["101"])
    found = matching.match(rows(("101", "Jane Doe")), [jane, number])
    assert found.found == {1: number}
    assert found.missing == ["Jane Doe"]


def test_namesakes_are_told_not_guessed():
    """If two rows or two learners have the same name, nobody is matched."""
    found = matching.match(rows(("1", "Li Wei"), ("2", "Li Wei")), [Learner("Li Wei")])
    assert (found.found, found.ambiguous, found.missing) == ({}, ["Li Wei"], [])
    found = matching.match(rows(("1", "Li Wei")), [Learner("li wei"), Learner("Li  Wei")])
    assert (found.found, found.ambiguous) == ({}, ["li wei", "Li  Wei"])


def test_family_and_given_name_in_any_order():
    """As in a roster, ``Li Wei`` is also ``Wei Li``, unless somebody else has that name."""
    found = matching.match(rows(("1", "Wei Li"), ("2", "Maria de la Cruz")), [Learner("Li Wei")])
    assert found.found == {1: Learner("Li Wei")}
    maria = Learner("de la Cruz Maria")
    assert matching.match(rows(("2", "Maria de la Cruz")), [maria]).found == {1: maria}
    both = [Learner("Li Wei"), Learner("Wei Li")]
    found = matching.match(rows(("1", "Wei Li"), ("2", "Li Wei")), both)
    assert found.found == {1: both[1], 2: both[0]}


def test_nothing_matches_nothing():
    """An empty cell matches nobody, and a learner without a row is missing."""
    found = matching.match(rows(("", "")), [Learner("ada", [""])])
    assert (found.found, found.missing) == ({}, ["ada"])


@pytest.mark.parametrize(
    ("points", "maximum", "sign", "written"),
    [
        (13, 20, ".", "13"),
        (13, 0, ".", "13"),
        (13, 10, ".", "6.5"),
        (13, 10, ",", "6,5"),
        (13, 100, ".", "65"),
        (1, 7, ".", "0.35"),
        (20, 7.5, ".", "7.5"),
    ],
)
def test_points_in_proportion(points, maximum, sign, written):
    """Points are scaled to the maximum, with two decimals at most and with the decimal sign."""
    assert matching.scaled(points, 20, maximum, sign) == written


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("100", 100),
        ("7,5", 7.5),
        ("1.000,00", 1000),
        ("1,000.50", 1000.5),
        ("1 000,00", 1000),
        ("1\u202f000,5", 1000.5),
        ("1'000.00", 1000),
        ("1,000,000", 1_000_000),
        ("\u0661\u0660\u066b\u0665", 10.5),
        ("0.125", 0.125),
        # These can be a thousand or one.
        ("1,000", None),
        ("1.000", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("80 %", None),
    ],
)
def test_numbers_of_many_languages(written, number):
    """A number may have a comma or a period, and signs between thousands; others are none."""
    assert matching.number(written) == number


def test_a_number_of_somebody_else_matches_nobody():
    """A number whose row has another name, while a second row has the name, is not believed."""
    learner = Learner("Jane Doe_101", ["101", "Jane Doe"])
    found = matching.match(rows(("101", "Roe, Richard"), ("7", "Doe, Jane")), [learner])
    assert (found.found, found.ambiguous) == ({}, ["Jane Doe_101"])
