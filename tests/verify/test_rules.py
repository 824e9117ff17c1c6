"""Every rule of `grade verify`: exercises that break one rule in one way, verified once."""

import contextlib
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from grader.course.loading import load_exercise
from grader.course.location import exercise_ids
from grader.examiner.settings import Settings
from grader.verify import verifier
from grader.verify.code import (
    check_mutants,
    check_nothing,
    check_outsiders,
    check_starter,
    make_mutants,
)
from grader.verify.records import Proof, Rule, Verification
from grader.verify.statement import run_blocks
from grader.verify.verifier import Plan
from tests.verify import broken_course
from tests.verify.broken_course import BROKEN, CODE, QUIZ, Exercise

VARYING = ["solution_fails_with_some_seeds", "wrong_with_some_seeds", "plain"]
"""Exercises that are verified with many seeds; two are enough for all the others."""
SEEDS = 8
MUTATED = ["hanging", "plain", *(name for name in BROKEN if BROKEN[name].rule == "mutants")]
"""Exercises whose mutants are tried; the others have the same solution as ``plain``."""
EMPTIED = ["plain", *(name for name in BROKEN if BROKEN[name].rule == "nothing")]
"""Exercises for which code that computes nothing is tried."""
ONLY = {
    "files": run_blocks,
    "secrecy": run_blocks,
    "statement": run_blocks,
    "unfinished": run_blocks,
    "starter": check_starter,
    "nothing": check_nothing,
    "outsiders": check_outsiders,
}
"""Rules for which only one step is taken; in all other steps, the exercise is like ``plain``."""


@pytest.fixture(scope="module")
def verification(pool, tmp_path_factory) -> Verification:
    """A course with an exercise for each way to break one, and three that are proven."""
    root = tmp_path_factory.mktemp("course")
    for name, one in BROKEN.items():
        one.change(Exercise(root, name, one.original))
    broken_course.hanging(Exercise(root, "hanging", CODE))
    broken_course.sampled(Exercise(root, "sampled", QUIZ))
    broken_course.plain(Exercise(root, "plain", CODE))
    (root / "exercises" / "readme.txt").touch()
    (root / "exercises" / "course.yml").touch()
    (root / "exercises" / "empty").mkdir()
    (root / "solutions" / "alone").mkdir()
    others = [name for name in exercise_ids(root) if name not in VARYING]
    with contextlib.chdir(root):
        plan = verifier.plan(root, others, 1, whole=True, solution_seeds=2, misconception_seeds=1)
        more = verifier.plan(
            root, VARYING, 1, whole=False, solution_seeds=SEEDS, misconception_seeds=3
        )
        steps = plan.steps | more.steps
        for func, tried in ((check_mutants, MUTATED), (check_nothing, EMPTIED)):
            for name in steps.keys() - tried:
                steps[name] = [step for step in steps[name] if step.func is not func]
        for name in steps.keys() & BROKEN.keys():
            only = ONLY.get(BROKEN[name].rule)
            if BROKEN[name].original == CODE and only is not None:
                steps[name] = [step for step in steps[name] if step.func is only]
        return verifier.carry_out(Plan(plan.findings, plan.read | more.read, steps, {}), pool)


@pytest.fixture(scope="module")
def proofs(verification) -> dict[str, Proof]:
    """Exercise to its proof."""
    return {proof.exercise: proof for proof in verification.exercises}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rule_is_found(name, proofs):
    """The exercise has one finding: the rule, the place, the problem, and the next step."""
    broken, proof = BROKEN[name], proofs[name]
    findings = proof.findings
    if name == "wrong_twins":
        # Each of the two is like the other.
        findings = [each for each in findings if "squared_too" in each.place]
    [finding] = findings
    assert (finding.rule.value, finding.place) == (broken.rule, broken.place.format(id=name))
    assert finding.advice
    text = f"{finding.problem} {finding.advice}"
    for said in broken.said:
        assert said.replace("{id}", name) in text
    assert proof.status == ("broken" if broken.rule == "schema" else "unproven")


def test_every_rule_is_broken_once():
    """Some exercise breaks each rule, except the one for failures of the grader itself."""
    assert {one.rule for one in BROKEN.values()} | {"grader"} == {rule.value for rule in Rule}


def test_worst_exercise_decides(verification):
    """A course with an exercise that cannot be read is broken: exit code 2."""
    assert (verification.status, verification.exit_code) == ("broken", 2)


def test_files_of_no_exercise(verification):
    """Loose files, folders without a definition and one-sided folders belong to the course."""
    assert [(finding.rule.value, finding.place) for finding in verification.findings] == [
        ("files", "exercises/course.yml"),
        ("files", "exercises/empty"),
        ("files", "exercises/readme.txt"),
        ("files", "solutions/alone"),
    ]


def test_survivor_shows_its_difference(proofs):
    """A mutant that passes is shown as a difference; listed mutants are counted separately."""
    [finding] = proofs["survivor"].findings
    assert finding.difference == ["-     large = 1000", "+     large = 999"]
    assert finding.snippet[:2] == ["- was: large = 1000", "  becomes: large = 999"]
    counts = proofs["survivor"].counts
    assert counts.mutants_equivalent == 5
    assert counts.mutants_caught == counts.mutants - 6


def test_hanging_mutants_cost_one_limit_each(proofs):
    """The time limit of one check catches mutants that never end, and the exercise is proven."""
    counts = proofs["hanging"].counts
    assert proofs["hanging"].status == "proven"
    assert counts.mutants_caught == counts.mutants - 1


def test_equivalent_mutant_on_a_gpu(pool, tmp_path):
    """On a GPU, a check may catch a mutant that is listed: the change may show only there."""
    author = Exercise(tmp_path, "double", CODE)
    broken_course.caught_equivalent(author)
    exercise = load_exercise(tmp_path, "double")
    made = make_mutants(exercise)
    with pool.borrow("double") as examiner:

        def grade(request):
            return examiner.grade(replace(request, device="cpu"))

        on_gpu = SimpleNamespace(settings=Settings(device="cuda"), grade=grade)
        part = check_mutants(on_gpu, exercise, made, seed=1)
    assert part.findings == []
    assert part.counts.mutants_caught == len(made)


def test_seeds_are_counted(proofs):
    """The counts say with how many seeds a solution passes."""
    counts = proofs["solution_fails_with_some_seeds"].counts
    assert 0 < counts.seeds_passed < counts.seeds == SEEDS
    counts = proofs["plain"].counts
    assert counts.seeds_passed == counts.seeds == SEEDS


def test_valid_statement(proofs):
    """Blocks run as one program with the entries defined; links are valid; hints may be plain."""
    assert proofs["plain"].findings == []


def test_large_draws_are_sampled(proofs):
    """A question with too many draws is tried with 10,000 of them; the counts say of how many."""
    counts = proofs["sampled"].counts
    assert proofs["sampled"].status == "proven"
    assert counts.draws == 7 + 10_000 + 7
    assert counts.draws_possible == 7 + 198 * 197 + 7
