"""Recompute the totals of a graded class with pandas, and compare them with ``grades.csv``.

``python tests/recompute_totals.py graded`` reads only the CSV files of the folder. It shares no
code with the grader. ``--due TITLE=TIME``, repeated, also recomputes the days late of an
assignment without extensions. pandas is no dependency: install it to run this script.
"""

import argparse
import sys
from pathlib import Path

import numpy
import pandas


def main() -> int:
    """Print a line per assignment; return 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--due", action="append", default=[], metavar="TITLE=TIME")
    arguments = parser.parse_args()
    rows = pandas.read_csv(arguments.folder / "assignments.csv")
    sheet = pandas.read_csv(arguments.folder / "grades.csv")
    possible = sheet.iloc[0]
    written = sheet.iloc[1:].set_index("learner")
    differences = 0
    for title, own in rows.groupby("assignment"):
        column = f"counted/{title}"
        computed = totals(own, float(possible[column]))
        found = written[column].astype(float).reindex(computed.index)
        same = numpy.isclose(computed, found, atol=0.0051, equal_nan=True)
        differences += int((~same).sum())
        print(f"{title}: {len(computed)} totals, {int((~same).sum())} differ")
        print(computed[~same].to_string() if not same.all() else f"  mean {computed.mean():.4f}")
    for each in arguments.due:
        title, _, due = each.partition("=")
        differences += compare_days(rows[rows["assignment"] == title], pandas.Timestamp(due))
    return int(differences > 0)


def totals(rows: pandas.DataFrame, worth: float) -> pandas.Series:
    """The total of each learner: the share of what counts, of what the assignment is worth."""
    counting = rows[rows["counts"] == "yes"]
    sums = counting.groupby("learner")[["points", "possible"]].sum()
    share = sums["points"] / sums["possible"]
    return (share * worth).reindex(rows["learner"].unique())


def compare_days(rows: pandas.DataFrame, due: pandas.Timestamp) -> int:
    """How many late rows have other days or other points than the rules give."""
    late = rows[(rows["lateness"] == "late") & ~rows["reason"].str.contains("extension|set by")]
    seconds = (pandas.to_datetime(late["submitted"], utc=True) - due).dt.total_seconds()
    days = numpy.ceil(seconds / 86400)
    wrong_days = (days != late["days_late"]).sum()
    counted = late[late["points"].notna()]
    share = counted["raw"] / counted["max_points"]
    points = counted["possible"] * (share - counted["percent_off"] / 100)
    wrong_points = (~numpy.isclose(points.clip(lower=0), counted["points"], atol=1e-5)).sum()
    print(f"  {len(late)} late rows: {wrong_days} other days, {wrong_points} other points")
    return int(wrong_days + wrong_points)


if __name__ == "__main__":
    sys.exit(main())
