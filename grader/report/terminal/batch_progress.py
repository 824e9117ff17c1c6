"""What a batch says while it works: what it found, how far it is, and how the class did."""

import textwrap
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.grades.class_results import ClassResults, Notice
from grader.grades.grade import Grade, Outcome
from grader.submission.finder import Roster
from grader.text import count, duration, printable

SHOWN_FILES: Final = 8
SHOWN_GROUPS: Final = 8
SHOWN_NAMES: Final = 6
_COLUMNS: Final = 80
_PLAIN_SECONDS: Final = 10.0


class Totals:
    """How many submissions ended how, so far."""

    def __init__(self) -> None:
        self.passed = self.missed = self.ungraded = 0

    def add(self, grade: Grade) -> None:
        """Count one more."""
        if grade.status == "ungraded":
            self.ungraded += 1
        elif grade.passed:
            self.passed += 1
        else:
            self.missed += 1

    @property
    def number(self) -> int:
        """All of them."""
        return self.passed + self.missed + self.ungraded

    def __str__(self) -> str:
        parts = [f"{self.passed} passed", f"{self.missed} missed something"]
        return ", ".join([*parts, f"{self.ungraded} ungraded"] if self.ungraded else parts)


class ShownProgress:
    """Progress on a stream: a bar in a terminal, a line every ten seconds elsewhere."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self.totals = Totals()
        self._total = total
        self._stream = stream
        self._started = self._said = time.monotonic()
        self._bar = _bar(stream) if stream.isatty() and total else None
        self._task = (
            self._bar.add_task("grading", total=total, rate="", totals="") if self._bar else None
        )

        if self._bar is not None:
            self._bar.start()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()

    def add(self, grade: Grade) -> None:
        """One more is graded."""
        self.totals.add(grade)
        now = time.monotonic()
        rate = self.totals.number / max(now - self._started, 1e-3)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, advance=1, rate=f"{rate:.1f}/s", totals=str(self.totals))
        elif now - self._said >= _PLAIN_SECONDS and self.totals.number < self._total:
            self._said = now
            left = (self._total - self.totals.number) / rate
            self._stream.write(
                f"{self.totals.number} of {self._total} graded, {rate:.1f}/s, {duration(left)} left: {self.totals}\n"
            )
            self._stream.flush()


def roster_lines(roster: Roster) -> Iterator[str]:
    """What was found, and what was passed over and why."""
    yield f"Layout: {roster.layout}"
    handed_in = Counter(found.exercise for found in roster.found)
    per_exercise = ", ".join(
        f"{handed_in[name]} {name}"
        for name in sorted(handed_in, key=lambda name: (len(name), name))
    )
    found = f"Found: {count(len(roster.found), 'submission')} of {count(len(roster.learners), 'learner')}"
    yield from _wrapped(f"{found} ({per_exercise})" if handed_in else found, indent=2)
    busy = {found.learner for found in roster.found}
    if idle := [learner.name for learner in roster.learners if learner.name not in busy]:
        yield from _wrapped(f"Handed in nothing that counts: {_listed(_shortened(idle))}", indent=2)
    if roster.skipped:
        yield f"Passed over: {count(len(roster.skipped), 'file or folder', 'files and folders')}"
        yield from _by_reason(roster.skipped)


def unreadable_lines(unreadable: list[Notice]) -> Iterator[str]:
    """Submissions that are none: each is graded with no points, and its feedback says why."""
    if unreadable:
        yield f"No points for what cannot be read; the feedback says why: {count(len(unreadable), 'submission')}"
        yield from _by_reason(unreadable)


def _by_reason(skipped: list[Notice]) -> Iterator[str]:
    reasons: dict[str, list[Notice]] = {}
    for each in skipped:
        reasons.setdefault(each.summary(), []).append(each)
    for reason, several in sorted(reasons.items(), key=lambda item: -len(item[1])):
        shown = several if len(several) <= SHOWN_FILES + 1 else several[:SHOWN_FILES]
        names = ", ".join(printable(each.file) for each in shown)
        more = f", and {len(several) - len(shown)} more" if len(several) > len(shown) else ""
        said = several[0].reason() if len(several) == 1 else reason
        yield from _wrapped(f"- {said}: {names}{more}", indent=4)


def plan_line(todo: int, unchanged: int, restored: int, left: int) -> str:
    """What will be graded now, and what need not be."""
    parts = [f"{todo} to grade"]
    parts += [f"{unchanged} graded before and unchanged"] if unchanged else []
    parts += [f"{restored} handed in again as graded before"] if restored else []
    parts += [f"{left} left as they are, since --only names others"] if left else []
    return ", ".join(parts)


def kept_lines(kept: list[str]) -> Iterator[str]:
    """What the gradebook has from earlier batches, of other folders or of files that are gone."""
    if kept:
        yield from _wrapped(
            f"Kept from before, though no file here holds it now: {count(len(kept), 'grade')} "
            f"({_listed(_shortened(kept))})",
            indent=2,
        )


def wall_lines(isolation: dict[str, str | None]) -> list[str]:
    """A loud warning where submissions are not held; nothing where they are."""
    missing = [layer for layer, holds in isolation.items() if not holds]
    if not missing:
        return []
    bad = {"files", "processes"} & set(missing)
    what = (
        "can read and change files of yours"
        if "files" in bad
        else "can see and signal other processes"
    )
    text = (
        f"WARNING: nothing holds {_listed(missing)} here: the submissions run anyway"
        + (f", and {what}" if bad else "")
        + ". Grade strangers' code only in a container or a virtual machine that may be lost. "
        "`grade doctor` says what to do; --isolation strict refuses to run here."
    )
    return _wrapped(text, indent=9)


def summary_lines(results: ClassResults, totals: Totals, seconds: float) -> Iterator[str]:
    """How the class did."""
    if totals.number:
        yield f"Graded {count(totals.number, 'submission')} in {duration(seconds)}: {totals}"
    for exercise in results.exercises:
        grades = [
            grade
            for name in results.grades
            if (grade := results.grade(name, exercise.id)) is not None
        ]
        graded = [grade for grade in grades if grade.status == "graded"]
        mean = sum(grade.points for grade in graded) / len(graded) if graded else 0.0
        yield (
            f"  {exercise.id:<12} {len(graded):>4} graded, mean {mean:.1f} of {exercise.max_points}"
            + (f", {len(grades) - len(graded)} ungraded" if len(graded) < len(grades) else "")
        )
    yield from _ungraded_lines(results)
    if results.identical:
        yield "The same but for names, comments and layout, which for short code can be chance:"
        for group in results.identical[:SHOWN_GROUPS]:
            yield from _wrapped(
                f"- {group.exercise}: {_listed(_shortened(group.learners))}", indent=4
            )
        if len(results.identical) > SHOWN_GROUPS:
            yield f"  and {len(results.identical) - SHOWN_GROUPS} more groups"
    if results.shared_sheets:
        yield "Asked with the numbers of one name, so that an answer of one fits the others':"
        for group in results.shared_sheets[:SHOWN_GROUPS]:
            yield from _wrapped(
                f"* {group.exercise}: {_listed(_shortened(group.learners))}", indent=4
            )
        if len(results.shared_sheets) > SHOWN_GROUPS:
            yield f"  and {len(results.shared_sheets) - SHOWN_GROUPS} more groups"


def _ungraded_lines(results: ClassResults) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for learner, grades in results.grades.items():
        for exercise_id, grade in grades.items():
            for check in grade.checks:
                if grade.status == "ungraded" and check.outcome in (
                    Outcome.UNGRADED,
                    Outcome.SKIPPED,
                ):
                    reasons.setdefault(check.message, []).append(f"{learner}/{exercise_id}")
                    break
    for reason, who in list(reasons.items())[:SHOWN_GROUPS]:
        yield from _wrapped(
            f"Ungraded, which is no zero: {_listed(_shortened(who))}: {reason}", indent=2
        )


def _bar(stream: TextIO) -> Progress:
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[totals]}"),
    )
    return Progress(
        *columns, console=Console(file=stream, highlight=False, emoji=False), transient=True
    )


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _shortened(names: list[str]) -> list[str]:
    return (
        names
        if len(names) <= SHOWN_NAMES
        else [*names[:SHOWN_NAMES], f"{len(names) - SHOWN_NAMES} more"]
    )


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text,
        _COLUMNS,
        subsequent_indent=" " * indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
