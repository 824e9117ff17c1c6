"""Exercises of kind code, proven by grading their starter, solution, wrong solutions and mutants."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from grader.course.loading import equivalent_mutants, wrong_solutions
from grader.course.records import Equivalent, Exercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.grade import CheckResult, Grade, Outcome
from grader.submission.files import Submission
from grader.verify.files import compile_error
from grader.verify.mutants import Mutant, mutants
from grader.verify.part import Part, command, missed, ungraded, without_times
from grader.verify.records import Counts, Finding, Rule

LEARNER: Final = "verify"
_CAUGHT_BY: Final = re.compile(r"^# caught by: *(.*?) *$", re.MULTILINE)


def check_starter(examiner: Examiner, exercise: Exercise, seed: int) -> Part:
    """The starter defines every entry, and every check says that it is not written yet."""
    place = f"exercises/{exercise.id}/starter.py"
    grade = _grade(examiner, exercise, exercise.public / "starter.py", seed)
    if broken := _broken(grade):
        return Part([ungraded(exercise, broken, "starter.py")])
    findings = []
    for check in grade.checks:
        if check.outcome is Outcome.PASSED:
            problem = f"It passes the check `{check.name}` as it is."
            findings.append(
                Finding(Rule.STARTER, place, problem, "Let the check first ask for a right value.")
            )
        elif not _is_unwritten(check):
            problem = f"It does not end with NotImplementedError but is told: {check.message}"
            advice = (
                "Let it define every entry, and raise NotImplementedError where they are called."
            )
            findings.append(Finding(Rule.STARTER, place, problem, advice))
    return Part(findings)


def _is_unwritten(check: CheckResult) -> bool:
    # A check that demands an exception says which one it got: that of the starter.
    return (
        check.outcome in (Outcome.RAISED, Outcome.FAILED) and "NotImplementedError" in check.message
    )


def check_solution(examiner: Examiner, exercise: Exercise, seeds: Sequence[int]) -> Part:
    """The solution gets full points within half of every limit, seed by seed, and twice alike."""
    thrifty = _halved(exercise)
    findings, passed = list(_check_twice(examiner, exercise, seeds[0])), 0
    told = set()
    for seed in seeds:
        grade = _grade(
            examiner, thrifty, exercise.hidden / "solution.py", seed, stop_at_first_failure=True
        )
        if broken := _broken(grade):
            findings.append(ungraded(exercise, broken, "solution.py"))
            break
        passed += not missed(grade)
        # Of each check, one seed tells enough; the others are counted.
        findings += [
            _missed_by_solution(exercise, check, seed)
            for check in missed(grade)
            if check.name not in told
        ]
        told |= {check.name for check in missed(grade)}
        if any(check.outcome is Outcome.TIMEOUT for check in grade.checks):
            break  # the other seeds would cost as much time again
    return Part(findings, Counts(seeds=len(seeds), seeds_passed=passed))


def _missed_by_solution(exercise: Exercise, check: CheckResult, seed: int) -> Finding:
    place = f"solutions/{exercise.id}/solution.py"
    if check.outcome in (Outcome.TIMEOUT, Outcome.MEMORY):
        problem = f"Within half of the limits, it does not pass `{check.name}`: {check.message}"
        return Finding(
            Rule.SOLUTION, place, problem, "Raise `limits` in exercise.yaml, or lighten the check."
        )
    problem = f"It does not pass `{check.name}`: {check.message}"
    return Finding(Rule.SOLUTION, place, problem, f"See `{command(exercise, place, seed)}`.")


def _check_twice(examiner: Examiner, exercise: Exercise, seed: int) -> Iterator[Finding]:
    place = f"solutions/{exercise.id}/solution.py"
    one, other = (
        _grade(examiner, exercise, exercise.hidden / "solution.py", seed) for _ in range(2)
    )
    if without_times(one) != without_times(other):
        differs = [
            (a, b)
            for a, b in zip(one.checks, other.checks, strict=True)
            if a.outcome is not b.outcome
        ]
        how = "; ".join(
            f"`{a.name}` is {a.outcome.value}, then {b.outcome.value}" for a, b in differs
        )
        problem = (
            f"Graded twice with one seed, it gets two different grades{': ' if how else ''}{how}."
        )
        advice = f"Draw every input of checks.py from `rng`, and let nothing outlive a check (seed {seed})."
        yield Finding(Rule.SOLUTION, place, problem, advice)
    if len(one.stdout.encode()) > exercise.code.limits.output_kib * 512:
        advice = "Let it print less, or raise `output_kib`."
        yield Finding(Rule.SOLUTION, place, "It prints more than half of what is kept.", advice)


def _halved(exercise: Exercise) -> Exercise:
    """The exercise with half of its time and memory."""
    limits = exercise.code.limits
    half = msgspec.structs.replace(
        limits,
        seconds=limits.seconds / 2,
        total_seconds=limits.total_seconds / 2,
        memory_mib=max(16, limits.memory_mib // 2),
    )
    return msgspec.structs.replace(
        exercise, spec=msgspec.structs.replace(exercise.spec, limits=half)
    )


def check_wrong_solutions(examiner: Examiner, exercise: Exercise, seeds: Sequence[int]) -> Part:
    """Each wrong solution is caught with all seeds and named with the first; together they miss every check."""
    readable = {
        name: path
        for name, path in wrong_solutions(exercise).items()
        if compile_error(path) is None
    }
    found, idle = {}, {check.name for check in exercise.spec.checks}
    for name, path in readable.items():
        grade = _grade(examiner, exercise, path, seeds[0])
        idle -= {check.name for check in grade.checks if check.outcome is not Outcome.PASSED}
        found[name] = list(_check_wrong(exercise, name, path, grade)) or list(
            _check_other_seeds(examiner, exercise, path, seeds[1:])
        )
    findings = [finding for some in found.values() for finding in some]
    place = f"solutions/{exercise.id}/checks.py"
    for check in sorted(idle) if readable else []:
        advice = "Add the mistake that it is there for to wrong/, or remove the check."
        findings.append(
            Finding(
                Rule.CHECKS, place, f"`test_{check}` fails none of the wrong solutions.", advice
            )
        )
    count = len(wrong_solutions(exercise))
    return Part(
        findings, Counts(wrong=count, wrong_caught=sum(not some for some in found.values()))
    )


def _check_other_seeds(
    examiner: Examiner, exercise: Exercise, path: Path, seeds: Sequence[int]
) -> Iterator[Finding]:
    """Naming it costs a run of all the others, so with these seeds it has to be caught, no more."""
    for seed in seeds:
        grade = _grade(examiner, exercise, path, seed, stop_at_first_failure=True)
        if broken := _broken(grade):
            yield ungraded(exercise, broken, f"wrong/{path.name}")
            return
        if not missed(grade):
            yield _passes(exercise, path, seed)
            return


def _passes(exercise: Exercise, path: Path, seed: int) -> Finding:
    place = f"solutions/{exercise.id}/wrong/{path.name}"
    advice = f"Let a check fail it whatever is drawn; see `{command(exercise, place, seed)}`."
    return Finding(Rule.WRONG, place, f"With seed {seed} it passes every check.", advice)


def _check_wrong(exercise: Exercise, name: str, path: Path, grade: Grade) -> Iterator[Finding]:
    place = f"solutions/{exercise.id}/wrong/{name}.py"
    lost = missed(grade)
    if broken := _broken(grade):
        yield ungraded(exercise, broken, f"wrong/{name}.py")
        return
    if not lost:
        yield _passes(exercise, path, grade.seed)
        return
    if grade.misconception != name:
        yield _misnamed(place, grade, lost[0].name)
    yield from _check_caught_by(exercise, place, path, lost[0].name)


def _misnamed(place: str, grade: Grade, first: str) -> Finding:
    if grade.misconception is None:
        problem = f"It is not recognised in `{first}`, the check that it misses first: there it answers otherwise each time."
        advice = (
            "Let the check look at what is no matter of chance, and the mistake load and answer."
        )
        return Finding(Rule.WRONG, place, problem, advice)
    problem = f"It is told to be `{grade.misconception}`, which does the same in `{first}` and agrees in as many checks."
    return Finding(
        Rule.WRONG, place, problem, "Remove one of the two, or add a check in which they differ."
    )


def _check_caught_by(exercise: Exercise, place: str, path: Path, first: str) -> Iterator[Finding]:
    named = [
        name.strip()
        for line in _CAUGHT_BY.findall(path.read_text("utf-8"))
        for name in line.split(",")
    ]
    known = [check.name for check in exercise.spec.checks]
    for name in named:
        if name not in known:
            advice = f"Name one of {', '.join(known)}."
            yield Finding(
                Rule.WRONG,
                place,
                f"Its line `# caught by:` names `{name}`, which is no check.",
                advice,
            )
    if named and first not in named:
        problem = f"The check that it misses first is `{first}`, not {' or '.join(f'`{name}`' for name in named)}."
        yield Finding(
            Rule.WRONG,
            place,
            problem,
            "Let it make one mistake only, or mend its line `# caught by:`.",
        )


def make_mutants(exercise: Exercise) -> list[Mutant]:
    """All mutants of the exercise's solution; none where it is no Python."""
    try:
        return mutants((exercise.hidden / "solution.py").read_text("utf-8"))
    except SyntaxError:
        return []  # grading the solution tells it


def check_equivalents(exercise: Exercise, made: list[Mutant]) -> Iterator[Finding]:
    """Every line of equivalent.yaml stands for a mutant that is made."""
    keys = {(mutant.was, mutant.becomes) for mutant in made}
    for listed in equivalent_mutants(exercise):
        if _key(listed) not in keys:
            place = f"solutions/{exercise.id}/equivalent.yaml"
            problem = f"No mutant of solution.py reads so any more: {listed.was} → {listed.becomes}"
            yield Finding(
                Rule.MUTANTS,
                place,
                problem,
                "Remove the entry, or write it as the solution now reads.",
            )


def check_mutants(
    examiner: Examiner, exercise: Exercise, made: Sequence[Mutant], seed: int
) -> Part:
    """Each mutant misses a check, or is said to do what the solution does."""
    original = (exercise.hidden / "solution.py").read_text("utf-8")
    equivalent = {_key(listed) for listed in equivalent_mutants(exercise)}
    findings, counts = [], Counts()
    for mutant in made:
        submission = Submission("solution.py", mutant.source.encode())
        grade = examiner.grade(
            Examine(
                exercise,
                submission,
                LEARNER,
                seed,
                stop_at_first_failure=True,
                device=examiner.settings.device,
            )
        )
        expected = (mutant.was, mutant.becomes) in equivalent
        broken = _broken(grade)
        caught = bool(missed(grade)) and not broken
        counts += Counts(
            mutants=1, mutants_caught=caught, mutants_equivalent=expected and not caught
        )
        if broken:
            finding = ungraded(exercise, broken, f"this mutant of line {mutant.line}")
            findings.append(
                msgspec.structs.replace(finding, difference=mutant.difference(original))
            )
        elif caught == expected:
            findings.append(
                _caught(exercise, mutant) if caught else _survivor(exercise, mutant, original)
            )
    return Part(findings, counts)


def _broken(grade: Grade) -> CheckResult | None:
    """The first check that raised instead of judging."""
    return next((check for check in grade.checks if check.outcome is Outcome.UNGRADED), None)


def _survivor(exercise: Exercise, mutant: Mutant, original: str) -> Finding:
    return Finding(
        Rule.MUTANTS,
        f"solutions/{exercise.id}/solution.py line {mutant.line}",
        f"With this change it still passes every check ({mutant.change}):",
        "Let a check fail it; if nothing could, list it with the reason in equivalent.yaml.",
        mutant.difference(original),
    )


def _caught(exercise: Exercise, mutant: Mutant) -> Finding:
    place = f"solutions/{exercise.id}/equivalent.yaml"
    problem = (
        f"A check does fail what is listed here as equivalent: {mutant.was} → {mutant.becomes}"
    )
    return Finding(Rule.MUTANTS, place, problem, "Remove the entry.")


def _key(listed: Equivalent) -> tuple[str, str]:
    return " ".join(listed.was.split()), " ".join(listed.becomes.split())


def _grade(
    examiner: Examiner,
    exercise: Exercise,
    path: Path,
    seed: int,
    *,
    stop_at_first_failure: bool = False,
) -> Grade:
    submission = Submission(path.name, path.read_bytes())
    return examiner.grade(
        Examine(
            exercise,
            submission,
            LEARNER,
            seed,
            stop_at_first_failure=stop_at_first_failure,
            device=examiner.settings.device,
        )
    )
