"""Grade every solution and every wrong solution of the course once.

``python -m tests.versions.course`` prints each grade that is not the right one, and how many are.
A proof by ``grade verify`` tries more, and takes ten times as long.
"""

import sys
from collections.abc import Iterator

from grader.course.loading import load_course, wrong_solutions
from grader.course.location import default_root
from grader.course.records import Exercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine, Survey
from grader.submission.files import Submission, submission_name

LEARNER = "ada"


def main() -> int:
    """Return 1 if some grade is not the right one."""
    right = wrong = 0
    with Examiner() as examiner:
        for exercise in load_course(default_root()).values():
            for name, source, exit_code in submissions(examiner, exercise):
                submission = Submission(submission_name(exercise), source)
                grade = examiner.grade(
                    Examine(exercise, submission, LEARNER, seed=1, stop_at_first_failure=True)
                )
                if grade.exit_code == exit_code:
                    right += 1
                    continue
                wrong += 1
                messages = [check.message for check in grade.checks if check.message]
                print(f"{exercise.id} {name}: {grade.points} points; {' | '.join(messages)}")
    print(f"{right} of {right + wrong}")
    return 1 if wrong else 0


def submissions(examiner: Examiner, exercise: Exercise) -> Iterator[tuple[str, bytes, int]]:
    """Yield the name, the source and the exit code of each submission for an exercise.

    PyTorch computes the right answers of a quiz.
    """
    if exercise.spec.runs_code:
        yield "solution", (exercise.hidden / "solution.py").read_bytes(), 0
        for name, path in wrong_solutions(exercise).items():
            yield name, path.read_bytes(), 1
        return
    sheet = [f"learner: {LEARNER}"]
    for question in exercise.spec.questions:
        surveyed = examiner.survey(Survey(exercise, question.name, LEARNER, answers_only=True))
        sheet.append(f"{question.name}: {surveyed.key}")
    yield "key", "\n".join(sheet).encode(), 0


if __name__ == "__main__":
    sys.exit(main())
