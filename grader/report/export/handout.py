"""What learners get of some exercises: all that is public, and checks that they can run.

The checks of a handout repeat recorded calls, and compare the results with recorded ones. So a
handout has no line of the solutions side. A check that cannot be repeated fairly is left out.
"""

import json
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
import yaml

import grader
from grader.course.loading import RECORDED, load_exercise, starter
from grader.course.records import Check, CodeExercise, Exercise
from grader.errors import ExaminerError, UsageError
from grader.examiner.client import Examiner
from grader.examiner.protocol import Examine
from grader.grades.grade import Grade, Outcome
from grader.report.export.autograder import DISTRIBUTION, requirements, tree
from grader.report.text_templates import text_template
from grader.submission.files import Submission

_SEEDS: Final = [1, 2, 3]
"""Seeds with which the checks are recorded."""
_COURSE: Final = "course"
_GRADER: Final = "grade-tool"
"""The folder of the grader, whose name Python cannot import by accident."""
_ATTEMPTS: Final = 3
"""How often a right submission is graded if the grader fails."""
_PLAIN: Final = re.compile(r"[\w.][\w.-]*")
"""What needs no quotes in a shell, and is no option."""
_CHECKS_HEAD: Final = (
    '"""Checks that repeat recorded calls."""\n\nfrom grader.checks import replay\n'
)
_CHECK: Final = '\n\ndef test_{name}(learner):\n    replay(learner, __file__, "{name}")\n'


class _Place(NamedTuple):
    """A folder of a repository on GitHub; ``folder`` is empty for its root."""

    owner: str
    repository: str
    branch: str
    folder: str


class Handout(NamedTuple):
    """The files of a handout, and what it leaves out."""

    files: dict[str, bytes]
    left_out: dict[str, list[str]]
    """Exercise to the visible checks that only the instructor can run."""


def make_handout(
    exercises: Sequence[Exercise],
    examiner: Examiner,
    badges: str = "",
) -> Handout:
    """The handout of ``exercises``, which are of kind code.

    ``badges`` is the address of the folder on GitHub in which the handout will be. Raises
    ``UsageError`` if an exercise has no check that learners can run, ``ExaminerError`` if the
    grader fails several times.
    """
    files = _grader_files()
    left_out = {}
    for exercise in exercises:
        checks, recording = _fair_checks(exercise, examiner)
        left_out[exercise.id] = _titles_without(exercise, checks)
        files |= _exercise_files(exercise, checks, recording)
        files[f"{exercise.id}.py"] = starter(exercise).encode()
        files[f"{exercise.id}.md"] = _statement(exercise).encode()
        files[f"{exercise.id}.ipynb"] = _notebook(exercise, badges)
        for name in exercise.spec.files:
            files[name] = (exercise.public / name).read_bytes()

    page = text_template("handout.md").render(
        exercises=exercises, grader=_GRADER, course=_COURSE, left_out=left_out
    )
    files["README.md"] = page.encode()
    return Handout(dict(sorted(files.items())), left_out)


def _titles_without(exercise: Exercise, kept: Sequence[Check]) -> list[str]:
    """The titles of the visible checks that are not in ``kept``."""
    names = [check.name for check in kept]
    titles = []
    for check in exercise.spec.checks:
        if check.visible and check.name not in names:
            titles.append(check.title)

    return titles


def _fair_checks(exercise: Exercise, examiner: Examiner) -> tuple[list[Check], bytes]:
    """The visible checks that accept every right submission, and their recording."""
    recording: dict[str, Any] = msgspec.msgpack.decode(examiner.record(exercise, _SEEDS))
    right = [exercise.hidden / "solution.py"]
    right += sorted((exercise.hidden / "outsiders" / "right").glob("*.py"))
    while recording:
        unfair = _unfair(exercise, recording, right, examiner)
        if not unfair:
            return _kept(exercise, recording), msgspec.msgpack.encode(recording)

        for name in unfair:
            del recording[name]

    raise UsageError(
        f"{exercise.id} has no check that a handout can repeat",
        advice="leave it out, and hand out its statement",
    )


def _unfair(
    exercise: Exercise, recording: dict[str, Any], right: Sequence[Path], examiner: Examiner
) -> set[str]:
    """The recorded checks that refuse a submission that is right.

    Raises ``ExaminerError`` if the grader itself fails: that says nothing about a check.
    """
    unfair = set()
    with TemporaryDirectory() as folder:
        checks = _kept(exercise, recording)
        encoded = msgspec.msgpack.encode(recording)
        for name, content in _exercise_files(exercise, checks, encoded).items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

        handed_out = load_exercise(Path(folder, _COURSE), exercise.id)
        for path in right:
            submission = Submission(path.name, path.read_bytes())
            request = Examine(handed_out, submission, "handout", seed=1, own=True, diagnose=False)
            grade = _graded(examiner, request)
            for check in grade.checks:
                if not check.points:
                    unfair.add(check.name)

    return unfair


def _graded(examiner: Examiner, request: Examine) -> Grade:
    for _ in range(_ATTEMPTS):
        grade = examiner.grade(request)
        if grade.status == "graded":
            return grade

    failed = [check for check in grade.checks if check.outcome is Outcome.UNGRADED]
    reasons = "; ".join(f"{check.name}: {check.message}" for check in failed)
    raise ExaminerError(
        f"{request.exercise.id}: {request.submission.name} could not be graded with the checks "
        f"of the handout, so nothing was written ({reasons})",
        advice="run the command again, and report it if it stays",
    )


def _kept(exercise: Exercise, recording: Mapping[str, object]) -> list[Check]:
    """The checks that are recorded; each needs only those."""
    kept = []
    for check in exercise.spec.checks:
        if check.name in recording:
            needs = tuple(name for name in check.needs if name in recording)
            kept.append(msgspec.structs.replace(check, needs=needs))

    return kept


def _exercise_files(
    exercise: Exercise, checks: Sequence[Check], recording: bytes
) -> dict[str, bytes]:
    """Both sides of the exercise in the course of a handout."""
    spec = exercise.code
    public = msgspec.to_builtins(msgspec.structs.replace(spec, rubric=tuple(checks)))
    defaults = msgspec.to_builtins(
        CodeExercise(format=1, title="-", statement="-", entry=("f()",), rubric=tuple(checks))
    )
    required = ("kind", "format", "title", "statement", "entry", "rubric")
    kept = {}
    for key, value in public.items():
        if key in required or value != defaults[key]:
            kept[key] = value

    definition = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)

    functions = "".join(_CHECK.format(name=check.name) for check in checks)
    exercises = f"{_COURSE}/exercises/{exercise.id}"
    solutions = f"{_COURSE}/solutions/{exercise.id}"
    files = {
        f"{exercises}/exercise.yaml": definition.encode(),
        f"{exercises}/starter.py": starter(exercise).encode(),
        f"{solutions}/checks.py": (_CHECKS_HEAD + functions).encode(),
        f"{solutions}/{RECORDED}": recording,
    }
    for name in spec.files:
        files[f"{exercises}/{name}"] = (exercise.public / name).read_bytes()

    return files


def _statement(exercise: Exercise) -> str:
    return f"# {exercise.spec.title}\n\n{exercise.spec.statement}"


def _notebook(exercise: Exercise, badges: str) -> bytes:
    """A notebook whose marked cell is the submission."""
    head = _statement(exercise)
    install = f"%pip install -q ./{_GRADER}"
    if badges:
        place = _place_on_github(badges)
        links = _badge_links(place, f"{exercise.id}.ipynb")
        head = f"{links}\n\n{head}"
        install = f"{_fetch(place)}\n{install}"

    prepare = f"%env GRADE_COURSE={_COURSE}\n%load_ext grader"
    marked = f"%%grade {exercise.id}\n{starter(exercise)}"
    cells = [
        _cell("markdown", head, 1),
        _cell("code", install, 2),
        _cell("code", prepare, 3),
        _cell("code", marked, 4),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {
        "cells": cells,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return f"{text}\n".encode()


def _cell(kind: str, text: str, number: int) -> dict[str, object]:
    cell: dict[str, object] = {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": text.rstrip("\n"),
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}

    return cell


def _place_on_github(address: str) -> _Place:
    """The folder that ``--badges`` names. Raises ``UsageError`` for another address."""
    parsed = urlsplit(address.rstrip("/"))
    parts = parsed.path.strip("/").split("/")
    is_plain = all(map(_PLAIN.fullmatch, parts))
    is_folder = len(parts) >= 4 and parts[2] in ("tree", "blob")
    if parsed.hostname != "github.com" or not is_folder or not is_plain:
        raise UsageError(
            f"--badges {address}: not the address of a folder on GitHub",
            advice="write it like https://github.com/OWNER/REPOSITORY/tree/BRANCH/FOLDER",
        )

    owner, repository, _, branch, *folders = parts
    return _Place(owner, repository, branch, "/".join(folders))


def _badge_links(place: _Place, file: str) -> str:
    """Links that open ``file`` in Colab and Binder."""
    where = f"{place.owner}/{place.repository}"
    path = f"{place.folder}/{file}".lstrip("/")
    colab = f"https://colab.research.google.com/github/{where}/blob/{place.branch}/{path}"
    binder = f"https://mybinder.org/v2/gh/{where}/{place.branch}?labpath={path}"
    return (
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) "
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    )


def _fetch(place: _Place) -> str:
    """Lines that fetch the handout where only the notebook is there, as on Colab."""
    address = f"https://github.com/{place.owner}/{place.repository}"
    folder = f"handout/{place.folder}".rstrip("/")
    return (
        "import os\n\n"
        f'if not os.path.exists("{_GRADER}"):\n'
        f"    !git clone -q --depth 1 --branch {place.branch} {address} handout\n"
        f"    %cd -q {folder}"
    )


def _grader_files() -> dict[str, bytes]:
    """A project for pip: the grader as it is installed here, without the course in it."""
    installed = metadata.distribution(DISTRIBUTION)
    project = text_template("handout.toml").render(
        name=DISTRIBUTION,
        version=installed.version,
        python=installed.metadata["Requires-Python"],
        dependencies=[str(each) for each in requirements()],
    )
    files = {f"{_GRADER}/pyproject.toml": project.encode()}
    return files | tree(f"{_GRADER}/grader", Path(grader.__file__).parent)
