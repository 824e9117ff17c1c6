"""Exercises of kind code: grade their starter, solution, misconceptions and mutants."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import yaml

from grader.course.loading import equivalent_mutants, read_definition, text_of, wrong_solutions
from grader.course.records import Exercise
from grader.course.scaffold import MARK
from grader.examiner.client import Examiner
from grader.examiner.protocol import FIRST_FAILURE, Examine
from grader.grades.grade import OBSERVED, CheckResult, Grade, Outcome
from grader.submission.files import Submission
from grader.text import single_spaced
from grader.verify.files import compile_error
from grader.verify.findings import (
    LEARNER,
    broken_check,
    grade_command,
    missed,
    without_times,
)
from grader.verify.mutants import Mutant, mutants
from grader.verify.nothing import MOST_POINTS, empty_submissions
from grader.verify.records import Counts, Finding, Part, Rule

_SEED_ADVICE: Final = (
    "Does every `torch.rand…` in checks.py have `generator=rng`? Keep no state between checks "
    "either (seed {seed})."
)
_CAUGHT_BY: Final = re.compile(r"^# caught by: *(.*?) *$", re.MULTILINE)


def check_starter(examiner: Examiner, exercise: Exercise, seed: int) -> Part:
    """The starter defines every entry, and every check reports that it is not written yet."""
    starter = exercise.public / "starter.py"
    if compile_error(starter) is not None:
        return Part([])  # `check_files` reports it

    grade = grade_source(examiner, exercise, starter, seed, diagnose=False)
    if broken := broken_check(exercise, grade, "starter.py"):
        return Part([broken])

    return Part(list(_not_unwritten(exercise, grade)))


def _not_unwritten(exercise: Exercise, grade: Grade) -> Iterator[Finding]:
    report = partial(Finding, Rule.STARTER, f"exercises/{exercise.id}/starter.py")
    checks = f"solutions/{exercise.id}/checks.py"
    for check in grade.checks:
        # A check that expects another exception fails, and its message names the starter's.
        is_judged = check.outcome in (Outcome.RAISED, Outcome.FAILED)
        if check.outcome is Outcome.SKIPPED:
            yield Finding(
                Rule.CHECKS,
                checks,
                f"`test_{check.name}` judges nothing: it is skipped ({check.message}).",
                "Let it run here, or remove it.",
            )
        elif check.needed:
            yield Finding(
                Rule.CHECKS,
                checks,
                f"`test_{check.name}` holds for the starter, whose functions only raise; only its "
                "`needs` keep it from passing.",
                "Let it call an entry, and require something of the result.",
            )
        elif check.outcome is Outcome.PASSED:
            yield report(
                f"The unchanged starter passes the check `{check.name}`.",
                "Let the check require a correct value first.",
            )
        elif not is_judged or "NotImplementedError" not in check.message:
            yield report(
                f"It does not end with NotImplementedError: {check.message}",
                "Define every entry, and raise NotImplementedError in it.",
            )


def solution_passes(examiner: Examiner, exercise: Exercise, seed: int) -> bool:
    """Whether the solution passes with one seed. Without that, nothing else is worth trying."""
    path = exercise.hidden / "solution.py"
    grade = grade_source(examiner, exercise, path, seed, stop_after=FIRST_FAILURE)
    return not missed(grade)


def check_forbidden(examiner: Examiner, exercise: Exercise) -> Part:
    """A method does not get around a forbidden function."""
    document = read_definition(exercise)
    findings = []
    for name, operator in examiner.find_gaps(exercise).items():
        method = name.rpartition(".")[2]
        # The finding names the line of the name.
        position = exercise.spec.forbidden.index(name)
        finding = Finding(
            Rule.CHECKS,
            document.place("forbidden", position),
            f"`{name}` is forbidden, but `x.{method}(…)` does the same.",
            f'Add "{operator}".',
        )
        findings.append(finding)

    return Part(findings)


def check_solution(examiner: Examiner, exercise: Exercise, seeds: Sequence[int]) -> Part:
    """The solution passes with each seed in half of every limit, and gets the same grade twice."""
    findings = list(_check_repeatable(examiner, exercise, seeds[0]))
    # A learner's machine may be half as fast as the author's.
    halved = _with_half_limits(exercise)
    path = exercise.hidden / "solution.py"
    passed = 0
    reported = set()

    for seed in seeds:
        grade = grade_source(examiner, halved, path, seed, stop_after=FIRST_FAILURE)
        if broken := broken_check(exercise, grade, "solution.py"):
            findings.append(broken)
            break

        lost = missed(grade)
        if not lost:
            passed += 1

        for check in lost:
            # One seed explains what is wrong with a check; the counts cover the others.
            if check.name not in reported:
                reported.add(check.name)
                findings.append(_missed_by_solution(exercise, check, seed))

        # A time limit that is too short stays too short.
        if any(check.outcome is Outcome.TIMEOUT for check in lost):
            break  # every other seed would take as long

    counts = Counts(seeds=len(seeds), seeds_passed=passed)
    return Part(findings, counts)


def _missed_by_solution(exercise: Exercise, check: CheckResult, seed: int) -> Finding:
    place = f"solutions/{exercise.id}/solution.py"
    report = partial(Finding, Rule.SOLUTION, place)
    if check.outcome in (Outcome.TIMEOUT, Outcome.MEMORY):
        return report(
            f"It does not pass `{check.name}` within half of the limits: {check.message}",
            "Raise `limits` in exercise.yaml, or let the check do less.",
        )

    return report(
        f"It does not pass `{check.name}`: {check.message}",
        f"See `{grade_command(exercise, place, seed)}`.",
    )


def _check_repeatable(examiner: Examiner, exercise: Exercise, seed: int) -> Iterator[Finding]:
    path = exercise.hidden / "solution.py"
    report = partial(Finding, Rule.SOLUTION, f"solutions/{exercise.id}/solution.py")
    first = grade_source(examiner, exercise, path, seed)
    second = grade_source(examiner, exercise, path, seed)

    if without_times(first) != without_times(second):
        problem = "It gets two different grades with the same seed."
        for one, other in zip(first.checks, second.checks, strict=True):
            if one.outcome is not other.outcome:
                outcomes = f"{one.outcome.value}, then {other.outcome.value}"
                problem += f" `{one.name}` is {outcomes}."

        yield report(problem, _SEED_ADVICE.format(seed=seed))

    # The grader cuts longer output, and other machines may print a little more.
    kept_bytes = exercise.code.limits.output_kib * 1024
    if len(first.stdout.encode()) > kept_bytes / 2:
        yield report(
            "It prints more than half of the output that the grader keeps.",
            "Print less, or raise `output_kib`.",
        )


def _with_half_limits(exercise: Exercise) -> Exercise:
    limits = exercise.code.limits
    # The exercise format allows no less than 16 MiB.
    half = msgspec.structs.replace(
        limits,
        seconds=limits.seconds / 2,
        load_seconds=limits.load_seconds / 2,
        total_seconds=limits.total_seconds / 2,
        memory_mib=max(16, limits.memory_mib // 2),
    )
    spec = msgspec.structs.replace(exercise.spec, limits=half)
    return msgspec.structs.replace(exercise, spec=spec)


def check_misconceptions(examiner: Examiner, exercise: Exercise, seeds: Sequence[int]) -> Part:
    """Checks catch each misconception with every seed and recognize it with the first one.

    Every check fails at least one misconception.
    """
    known = wrong_solutions(exercise)
    grades = {}
    for path in known.values():
        # `check_files` reports the others.
        if compile_error(path) is None:
            grades[path] = grade_source(examiner, exercise, path, seeds[0])

    findings = []
    caught = 0
    for path, grade in grades.items():
        twins = [
            other.stem
            for other, theirs in grades.items()
            if other != path and _results(theirs) == _results(grade)
        ]
        found = list(_check_misconception(exercise, path, grade, twins))
        if not found:
            found = list(_check_other_seeds(examiner, exercise, path, grade, seeds[1:]))
        if not found:
            caught += 1

        findings += found

    # Without any misconception, every check would be idle; `check_files` reports that once.
    if grades:
        findings += _idle_checks(exercise, grades.values())

    return Part(findings, Counts(wrong=len(known), wrong_caught=caught))


def _results(grade: Grade) -> list[object]:
    """What a learner could tell apart: how each check ended, and with which value."""
    results: list[object] = []
    for check in grade.checks:
        returned = check.case.returned if check.case is not None else ""
        results.append((check.outcome, check.message, returned))

    return results


def _idle_checks(exercise: Exercise, grades: Iterable[Grade]) -> Iterator[Finding]:
    failing = set()
    for grade in grades:
        # A check that holds, and does not count because of its `needs`, has caught nothing.
        failing |= {check.name for check in missed(grade) if not check.needed}

    place = f"solutions/{exercise.id}/checks.py"
    for check in sorted(check.name for check in exercise.spec.checks):
        if check not in failing:
            yield Finding(
                Rule.CHECKS,
                place,
                f"`test_{check}` fails no misconception.",
                "Add the misconception that it should catch to wrong/, or remove the check.",
            )


def _check_other_seeds(
    examiner: Examiner, exercise: Exercise, path: Path, first: Grade, seeds: Sequence[int]
) -> Iterator[Finding]:
    # To recognize a misconception, the examiner runs all the others; one seed is enough for that.
    for seed in seeds:
        grade = grade_source(examiner, exercise, path, seed, diagnose=False)
        if finding := _not_caught(exercise, path, grade):
            yield finding
            return

        if finding := _depends_on_seed(exercise, path, first, grade):
            yield finding
            return


def _depends_on_seed(exercise: Exercise, path: Path, one: Grade, other: Grade) -> Finding | None:
    """The finding that a misconception gets other points with another seed."""
    differing = [
        mine.name
        for mine, theirs in zip(one.checks, other.checks, strict=True)
        if mine.outcome.missed != theirs.outcome.missed
    ]
    # Other numbers in a message are no other verdict.
    if not differing:
        return None

    depends = "depend" if len(differing) > 1 else "depends"
    return Finding(
        Rule.WRONG,
        f"solutions/{exercise.id}/wrong/{path.name}",
        f"It gets {one.points} points with seed {one.seed}, and {other.points} with seed "
        f"{other.seed}: {', '.join(differing)} {depends} on chance.",
        "Draw inputs with which the check gives the same verdict for every seed.",
    )


def _not_caught(exercise: Exercise, path: Path, grade: Grade) -> Finding | None:
    """The finding that the checks break on a misconception or accept it; None if they catch it."""
    if broken := broken_check(exercise, grade, f"wrong/{path.name}"):
        return broken
    if missed(grade):
        return None

    place = f"solutions/{exercise.id}/wrong/{path.name}"
    command = grade_command(exercise, place, grade.seed)
    return Finding(
        Rule.WRONG,
        place,
        f"With seed {grade.seed} it passes every check.",
        f"Add a check that fails it with every seed; see `{command}`.",
    )


def _check_misconception(
    exercise: Exercise, path: Path, grade: Grade, twins: Sequence[str]
) -> Iterator[Finding]:
    """Check how a misconception is caught; ``twins`` are those with the same results."""
    if finding := _not_caught(exercise, path, grade):
        yield finding
        return

    report = partial(Finding, Rule.WRONG, f"solutions/{exercise.id}/wrong/{path.name}")
    if problem := _load_problem(grade):
        yield report(
            f"No check could call it: {problem}",
            "Fix it: a misconception defines every entry, and can be loaded.",
        )
        return

    # The learner sees the misconception of the check that fails first.
    first = missed(grade)[0].name
    recognized = grade.misconception or ""
    if recognized.startswith(OBSERVED):
        recognized = ""

    if not recognized and twins:
        names = " and ".join(f"`{name}`" for name in twins)
        yield report(
            f"It is not recognized: it gives the same results as {names} in every check.",
            "Remove one of them, or add a check in which they differ.",
        )
    elif not recognized:
        yield report(
            f"It is not recognized: in `{first}`, which fails it first, it gives other values each "
            "time, or another misconception does the same.",
            f"Does every `torch.rand…` in this file and in `test_{first}` have a generator? If "
            "another misconception does the same, remove one of the two.",
        )
    elif recognized != path.stem:
        yield report(
            f"It is taken for `{recognized}`, which does the same in `{first}` "
            "and agrees in as many checks.",
            "Remove one of the two, or add a check in which they differ.",
        )

    known = [check.name for check in exercise.spec.checks]
    named = _caught_by(exercise, path)
    for name in named:
        if name not in known:
            yield report(
                f"Its line `# caught by:` names `{name}`, which is not a check.",
                f"Name one of {', '.join(known)}.",
            )

    # The line is optional: without it, any check may be the first.
    if named and first not in named:
        expected = " or ".join(f"`{name}`" for name in named)
        yield report(
            f"The first check that fails it is `{first}`, not {expected}.",
            "Let it make only one mistake, or correct its line `# caught by:`.",
        )


def _load_problem(grade: Grade) -> str:
    """Why a submission could not be loaded, and where; empty if a check called it."""
    for check in grade.checks:
        # A case without a call or a note about a probe shows that nothing was called.
        is_called = check.case is None or check.case.call or check.case.note
        if is_called or check.outcome is Outcome.FAILED:
            return ""

    first = grade.checks[0]
    if not first.frames:
        return first.message

    return f"{first.message} ({first.frames[-1].whole})"


def _caught_by(exercise: Exercise, path: Path) -> list[str]:
    """The checks that the lines ``# caught by: value, gradient`` of a misconception name."""
    names = []
    for line in _CAUGHT_BY.findall(text_of(exercise, path)):
        # One line can name several checks.
        names += [name.strip() for name in line.split(",")]

    return names


def check_nothing(examiner: Examiner, exercise: Exercise, seed: int) -> Part:
    """Code that computes nothing gets at most a tenth of the points."""
    grades = {}
    for name, source in empty_submissions(exercise).items():
        grades[name] = grade_source(examiner, exercise, source, seed, diagnose=False)

    # The others usually pass the same checks, so one finding is enough.
    worst = max(grades, key=lambda name: grades[name].points)
    grade = grades[worst]
    counts = Counts(nothing_points=grade.points)

    total = exercise.spec.max_points
    allowed = total * MOST_POINTS
    if grade.points <= allowed:
        return Part([], counts)

    passed = [f"`{check.name}`" for check in grade.checks if check.points]
    others = [name for name in grades if name != worst and grades[name].points > allowed]
    finding = Finding(
        Rule.NOTHING,
        f"solutions/{exercise.id}/checks.py",
        f"Code that always returns {worst} gets {grade.points} of {total} points, more than a "
        f"tenth. It passes {', '.join(passed)}. Other code of this kind with too many points: "
        f"{len(others)}.",
        "Let these checks compare values for inputs where this is wrong, or name a check that "
        "does at `needs`.",
    )
    return Part([finding], counts)


def check_outsiders(
    examiner: Examiner, exercise: Exercise, some: Sequence[tuple[Path, Sequence[str]]], seed: int
) -> Part:
    """Each wrong one of ``some`` fails the checks beside it; a right one, with none, passes all."""
    findings = []
    for path, checks in some:
        # The result of a later check would change nothing for a wrong one.
        stop = tuple(checks) or None
        grade = grade_source(examiner, exercise, path, seed, diagnose=False, stop_after=stop)
        finding = _misjudged(exercise, path, checks, grade)
        if finding is not None:
            findings.append(finding)

    judged = len(some) - len(findings)
    return Part(findings, Counts(outsiders=len(some), outsiders_judged=judged))


def _misjudged(
    exercise: Exercise, path: Path, checks: Sequence[str], grade: Grade
) -> Finding | None:
    """The finding that a submission fails other checks than ``checks``; None if it is judged."""
    place = exercise.place(path)
    if broken := broken_check(exercise, grade, place):
        return broken

    lost = [check.name for check in missed(grade)]
    kept = [name for name in checks if name not in lost]
    if kept:
        problem = f"It is wrong, but it passes {', '.join(kept)}."
    elif lost and not checks:
        problem = f"It is right, but it does not pass {', '.join(lost)}."
    else:
        return None

    command = grade_command(exercise, place, grade.seed)
    return Finding(Rule.OUTSIDERS, place, problem, f"Correct the check. See `{command}`.")


def make_mutants(exercise: Exercise) -> list[Mutant]:
    """All mutants of the exercise's solution; none if it is not Python."""
    try:
        return mutants(text_of(exercise, exercise.hidden / "solution.py"))
    except SyntaxError:
        return []  # `check_solution` reports it


def check_equivalents(exercise: Exercise, made: list[Mutant]) -> Iterator[Finding]:
    """Every entry of equivalent.yaml names an existing mutant."""
    existing = {(mutant.was, mutant.becomes) for mutant in made}
    place = f"solutions/{exercise.id}/equivalent.yaml"
    for was, becomes in listed_equivalents(exercise):
        if (was, becomes) not in existing:
            yield Finding(
                Rule.MUTANTS,
                place,
                f"solution.py no longer has this mutant: {was} → {becomes}",
                "Remove the entry, or update it to the solution's current text.",
            )


def listed_equivalents(exercise: Exercise) -> list[tuple[str, str]]:
    """What each equivalent mutant changes, before and after, with single spaces like ``Mutant``."""
    found = []
    for listed in equivalent_mutants(exercise):
        was = single_spaced(listed.was)
        becomes = single_spaced(listed.becomes)
        found.append((was, becomes))

    return found


def check_mutants(
    examiner: Examiner, exercise: Exercise, made: Sequence[Mutant], seed: int
) -> Part:
    """Some check fails each mutant, unless equivalent.yaml lists it."""
    # Findings show each mutant as a difference from this text.
    original = text_of(exercise, exercise.hidden / "solution.py")
    # Nobody can write a check that catches these.
    equivalents = listed_equivalents(exercise)
    findings = []
    caught = equivalent = 0

    for mutant in made:
        grade = grade_source(examiner, exercise, mutant.source, seed, stop_after=FIRST_FAILURE)
        is_listed = (mutant.was, mutant.becomes) in equivalents

        if broken := broken_check(exercise, grade, f"this mutant of line {mutant.line}"):
            difference = mutant.difference(original)
            findings.append(msgspec.structs.replace(broken, difference=difference))
        elif missed(grade):
            caught += 1
            # On a GPU, a change can matter that no input shows on the CPU, such as a device.
            if is_listed and examiner.settings.device == "cpu":
                findings.append(_is_not_equivalent(exercise, mutant))

            continue
        elif not is_listed:
            findings.append(_survives(exercise, mutant, original))

        if is_listed:
            equivalent += 1

    counts = Counts(mutants=len(made), mutants_caught=caught, mutants_equivalent=equivalent)
    return Part(findings, counts)


def _survives(exercise: Exercise, mutant: Mutant, original: str) -> Finding:
    place = f"solutions/{exercise.id}/solution.py line {mutant.line}"
    return Finding(
        Rule.MUTANTS,
        place,
        f"With this change it still passes every check ({mutant.change}):",
        "Add a check that fails it. If no input can, list it with the reason in equivalent.yaml.",
        mutant.difference(original),
        _equivalent_entry(mutant),
    )


def _equivalent_entry(mutant: Mutant) -> list[str]:
    """The lines for ``equivalent.yaml`` that list this mutant."""
    entry = {
        "was": mutant.was,
        "becomes": mutant.becomes,
        "because": f"{MARK}: why no input",
    }
    # Wide, because a value that is broken into lines is hard to compare with the solution.
    written = yaml.safe_dump([entry], sort_keys=False, width=10**6, allow_unicode=True)
    return written.splitlines()


def _is_not_equivalent(exercise: Exercise, mutant: Mutant) -> Finding:
    place = f"solutions/{exercise.id}/equivalent.yaml"
    return Finding(
        Rule.MUTANTS,
        place,
        f"A check fails this mutant, so it is not equivalent: {mutant.was} → {mutant.becomes}",
        "Remove the entry.",
    )


def grade_source(
    examiner: Examiner,
    exercise: Exercise,
    source: Path | str,
    seed: int,
    *,
    stop_after: tuple[str, ...] | None = None,
    diagnose: bool = True,
) -> Grade:
    """Grade a file of the course, or the text of a mutant."""
    if isinstance(source, Path):
        submission = Submission(source.name, source.read_bytes())
    else:
        # Under the solution's own name, which messages and tracebacks show.
        submission = Submission("solution.py", source.encode())

    device = examiner.settings.device
    request = Examine(
        exercise=exercise,
        submission=submission,
        learner=LEARNER,
        seed=seed,
        stop_after=stop_after,
        device=device,
        diagnose=diagnose,
        own=True,
        is_course=True,
    )
    return examiner.grade(request)
