"""Classes for the tests: one made up in any size, and one with real grades."""

import json
import random
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from grader.course.draws import draw_numbers
from grader.course.loading import load_exercise, wrong_answers, wrong_solutions
from grader.course.location import exercise_ids
from grader.course.records import Check, CodeExercise
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.examiner.quiz import evaluate
from grader.grades.class_results import ClassResults, GradedExercise, Identical
from grader.grades.grade import Case, Grade, Outcome, grade_from_checks
from grader.grades.learner import Learner
from grader.grades.notice import Notice, NoticeKind
from grader.submission.files import Submission, read_submission
from tests.grading import check_result

ROOT = Path(__file__).parents[2]
NAMES = """Ada Lovelace;Alan Turing;Annie Easley;Barbara Liskov;Claude Shannon;Donald Knuth;Dorothy Vaughan
Edsger Dijkstra;Evelyn Boyd Granville;Frances Allen;Fei-Fei Li;Geoffrey Hinton;Grace Hopper;Hedy Lamarr
Jean Bartik;Joan Clarke;John von Neumann;Katherine Johnson;Kathleen Booth;Margaret Hamilton;Mary Jackson
Niklaus Wirth;Radia Perlman;Rózsa Péter;Sophie Wilson;Timnit Gebru;Tony Hoare;Yann LeCun;Yoshua Bengio;Zhao Xia"""  # noqa: E501
LEARNERS = re.split(r"[;\n]", NAMES)
CASE = Case(
    call="linear_to_embedding(weight)",
    given={
        "weight": "tensor([[ 0.5185, -0.2188,  0.5405, -1.4741],\n        [-0.0254,  0.1652,  0.4425, -0.7364]])\n"  # noqa: E501
        "float32, shape (2, 4)"
    },
    returned="tensor([[ 0.5185, -0.2188,  0.5405, -1.4741],\n        [-0.0254,  0.1652,  0.4425, -0.7364]])\n"  # noqa: E501
    "float32, shape (2, 4)",
    expected="tensor([[ 0.5185, -0.0254],\n        [-0.2188,  0.1652],\n        [ 0.5405,  0.4425],\n"  # noqa: E501
    "        [-1.4741, -0.7364]])\nfloat32, shape (4, 2)",
)
EXPLANATION = """Your table is still laid out as a linear layer is: `(dim, num)`, output size first.

Both layers are written `(num, dim)` when they are built, which makes it look as if both
stored that. Only the embedding does. Print the two shapes:

    print(nn.Linear(10, 3).weight.shape)
"""


def planned(root: Path, exercise_id: str) -> GradedExercise:
    """An exercise of a course as a class is graded on it."""
    spec = load_exercise(root, exercise_id).spec
    if isinstance(spec, CodeExercise):
        checks = list(spec.rubric)
    else:
        checks = [
            Check(question.name, question.name.replace("_", " "), 1) for question in spec.questions
        ]
    return GradedExercise(exercise_id, spec.title, checks)


def make_class(
    learners: int = 12, exercises: int = 3, checks: int = 8, seed: int = 0
) -> ClassResults:
    """A made-up class with every outcome, missing submissions and ungraded ones."""
    draw = random.Random(seed)
    plan = [
        GradedExercise(
            f"exercise{e}",
            f"Exercise number {e}",
            [
                Check(f"check_{c}", f"Idea {c} of exercise {e} holds", 1 + c % 3)
                for c in range(1, checks + 1)
            ],
        )
        for e in range(1, exercises + 1)
    ]
    people = [
        Learner(f"learner{n:03}", [str(1000 + n), f"learner{n:03}@example.org"])
        for n in range(1, learners + 1)
    ]
    grades: dict[str, dict[str, Grade]] = {}
    for learner in people:
        strength = draw.betavariate(3, 1.4)
        grades[learner.name] = {
            exercise.id: _made_up(draw, exercise, learner.name, strength)
            for exercise in plan
            if draw.random() > 0.04
        }
    return ClassResults(
        title="Autumn course",
        exercises=plan,
        learners=people,
        grades=grades,
        graded_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        seconds=63.0,
    )


def real_class(learners: int = 28) -> ClassResults:
    """A class of the project's own course: graded solutions, misconceptions and broken files."""
    draw = random.Random(7)
    plan = [planned(ROOT, exercise_id) for exercise_id in exercise_ids(ROOT)]
    grades: dict[str, dict[str, Grade]] = {name: {} for name in LEARNERS[:learners]}
    with Examiner() as examiner, tempfile.TemporaryDirectory() as folder:
        for exercise in plan:
            variants = _variants(exercise.id, examiner, Path(folder))
            weights = [1 / (1 + place) for place in range(len(variants) - 1)]
            for name, by_exercise in grades.items():
                if draw.random() < 0.05:
                    continue
                solved = draw.random() < 0.45
                grade = variants[0] if solved else draw.choices(variants[1:], weights)[0]
                by_exercise[exercise.id] = msgspec.structs.replace(grade, learner=name)
    return ClassResults(
        title="Embeddings, autumn 2026",
        exercises=plan,
        learners=[Learner(name) for name in grades],
        grades=grades,
        graded_at=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
        seconds=9.4,
        identical=[Identical("exercise3", ["Joan Clarke", "Alan Turing"])],
        notices=[
            Notice(
                "Hedy Lamarr/exercise1.py",
                NoticeKind.NOT_GRADABLE,
                "a binary file, not text",
                "save it as plain text",
            )
        ],
    )


def _variants(exercise_id: str, examiner: Examiner, folder: Path) -> list[Grade]:
    """Grades of the solution, then of wrong submissions, the more likely ones first."""
    exercise = load_exercise(ROOT, exercise_id)
    if not isinstance(exercise.spec, CodeExercise):
        return _quiz_variants(exercise_id, examiner)
    names = list(wrong_solutions(exercise).values())
    random.Random(3).shuffle(names)
    broken = folder / f"{exercise_id}.py"
    broken.write_text("def lookup(weight, idx):\n    return weight[idx\n")
    files = [exercise.hidden / "solution.py", *names[:7], broken, exercise.public / "starter.py"]
    return [
        msgspec.structs.replace(
            examiner.grade(Examine(exercise, read_submission(exercise, path), "ada", 1)),
            submission=f"{exercise_id}.py",
        )
        for path in files
    ]


def _quiz_variants(exercise_id: str, examiner: Examiner) -> list[Grade]:
    exercise = load_exercise(ROOT, exercise_id)
    answers = {
        question.name: [
            evaluate(expression, draw_numbers(exercise_id, question, "ada"), exercise_id)
            for expression in (
                question.expression,
                *(wrong.expression for wrong in wrong_answers(exercise).get(question.name, [])),
            )
        ]
        for question in exercise.spec.questions
    }
    draw = random.Random(5)
    picks = [
        {
            name: draw.choice(known) if draw.random() < share else known[0]
            for name, known in answers.items()
        }
        for share in (0, 0.2, 0.2, 0.3, 0.5, 0.8)
    ]
    sheets = [
        "".join(f"{name}: {json.dumps(answer)}\n" for name, answer in pick.items())
        for pick in picks
    ]
    return [
        examiner.grade(
            Examine(exercise, Submission(f"{exercise_id}.yaml", sheet.encode()), "ada", 1)
        )
        for sheet in sheets
    ]


def _made_up(draw: random.Random, exercise: GradedExercise, learner: str, strength: float) -> Grade:
    outcomes = draw.choices(
        [Outcome.PASSED, Outcome.FAILED, Outcome.RAISED, *list(Outcome)[3:]],
        [12 * strength, 3 * (1 - strength), 1 - strength, 0.03, 0.02, 0.03, 0.05, 0.02, 0.01],
        k=len(exercise.checks),
    )
    checks = [
        check_result(
            check.name,
            check.title,
            outcome,
            check.points if outcome is Outcome.PASSED else 0,
            check.points,
            ""
            if outcome is Outcome.PASSED
            else f"Your result is 0.5185 at [{place}, 0]; expected -0.0254.",
            0.02,
            CASE if outcome is Outcome.FAILED else None,
        )
        for place, (check, outcome) in enumerate(zip(exercise.checks, outcomes, strict=True))
    ]
    missed = [check for check in checks if check.outcome is Outcome.FAILED]
    held = (
        f"mistake_{min(int(draw.expovariate(0.5)), 9)}" if missed and draw.random() < 0.7 else None
    )
    return grade_from_checks(
        checks,
        exercise=exercise.id,
        submission=f"{exercise.id}.py",
        learner=learner,
        seed=1,
        seconds=draw.uniform(0.05, 0.5),
        misconception=held,
        explanation=EXPLANATION if held else None,
        isolation={"files": "Landlock", "network": "seccomp"},
    )
