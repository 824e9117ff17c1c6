"""Starts the examiner of ``grade EXERCISE`` before the command line is parsed.

It must be right only about commands that grade: after a wrong guess, the examiner is ended or
another one is started. It imports little, because the examiner starts after that.
"""

import os
import sys
from collections.abc import Sequence

from grader.errors import GraderError


def begin(words: Sequence[str]) -> None:
    """Find or start an examiner if ``grade WORDS`` is going to grade."""
    if not words or words[0].startswith("-") or {"-h", "--help"} & set(words):
        return

    from pathlib import Path

    from grader.course import trust

    if "--no-resident" in words:
        os.environ["GRADE_RESIDENT"] = "0"

    course = option_value(words, "--course")
    try:
        root = trust.root(Path.cwd(), Path(course) if course else None)
        if not _means_exercise(str(root), words[0]):
            return
    except (GraderError, OSError, ValueError):
        # The command reports it.
        return

    # Other commands need neither of these.
    from grader.examiner import resident
    from grader.grades.isolation import VARIABLE

    device = option_value(words, "--device")
    if device in ("", "auto", "all"):
        device = "cpu"

    isolation = option_value(words, "--isolation") or os.environ.get(VARIABLE) or "auto"
    resident.begin(resident.place_of(str(root), isolation, device))


def finish() -> None:
    """End an examiner that the command did not need; leave it after a submission that is refused.

    The learner is about to correct that submission.
    """
    resident = sys.modules.get("grader.examiner.resident")
    place = resident.begun() if resident is not None else None
    if place is None:
        return

    from grader.examiner.client import KeptExaminer
    from grader.examiner.settings import Settings

    settings = Settings(device=place.device, isolation=place.isolation)
    examiner = KeptExaminer(settings, place.course)
    error = sys.exception()
    if isinstance(error, SystemExit) and error.code == 1:
        examiner.leave()
    else:
        examiner.close()


def _means_exercise(root: str, word: str) -> bool:
    """Whether `grade WORD` looks as if it grades, found out without reading YAML."""
    if word.isdecimal() or word.endswith((".py", ".ipynb", ".yaml", ".yml")):
        return True

    return os.path.isfile(os.path.join(root, "exercises", word, "exercise.yaml"))


def option_value(words: Sequence[str], option: str) -> str:
    """The last value of an option among ``words``, as ``--device cpu`` or ``--device=cpu``.

    It is empty if the option is not there.
    """
    found = ""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, sign, value = word.partition("=")
        if name == option:
            found = value if sign else following

    return found
