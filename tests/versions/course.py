"""Prove the course without what takes long, the mutants: each submission gets the right verdict.

``python -m tests.versions.course`` grades every solution, wrong solution, outsiders' submission
and quiz with one seed, and runs the examples of the statements. It prints what ``grade verify``
would print about them, and how many submissions got the right verdict. Words select exercises.
"""

import sys
from collections.abc import Sequence

from grader.course.location import default_root, exercise_ids
from grader.examiner.client import Settings
from grader.examiner.pool import ExaminerPool, cores
from grader.verify import code, quiz
from grader.verify.verifier import carry_out, plan

LONG = (code.check_mutants, code.check_nothing, quiz.check_guessing)


def main(words: Sequence[str]) -> int:
    """Return 1 if something was found."""
    root = default_root()
    ids = list(words) or exercise_ids(root)
    planned = plan(root, ids, seed=1, whole=False, solution_seeds=1, misconception_seeds=1)
    for steps in planned.steps.values():
        steps[:] = [step for step in steps if step.func not in LONG]

    with ExaminerPool(Settings(root), cores()) as pool:
        proven = carry_out(planned, pool)

    right = count = found = 0
    for proof in proven.exercises:
        counts = proof.counts
        right += counts.seeds_passed + counts.wrong_caught + counts.outsiders_judged
        count += counts.seeds + counts.wrong + counts.outsiders
        for finding in proof.findings:
            found += 1
            print(f"{finding.place}: {finding.problem}")

    print(f"{right} of {count}" + (f", {found} findings" if found else ""))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
