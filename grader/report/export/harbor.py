"""A task folder for Harbor (harborframework.com): an agent writes the submission of one exercise.

Harbor shows the agent ``instruction.md`` and the container. It uploads ``tests`` only when the
agent has ended, and ``solution`` only to try the task itself.
"""

import json
from typing import Final

from grader.course.records import Exercise
from grader.report.export.autograder import grader_and_course, requirements_file
from grader.report.text_templates import file_with
from grader.submission.files import submission_name

EXECUTABLE: Final = ("tests/test.sh", "solution/solve.sh")


def task_files(exercise: Exercise, instruction: str, starter: str) -> dict[str, bytes]:
    """The files of the task, path to content.

    ``instruction`` is the prompt, and ``starter`` the first content of the submission.
    """
    file = submission_name(exercise)
    # A quiz has no solution file: its key depends on the drawn numbers.
    solution = exercise.hidden / "solution.py"
    files = {
        "task.toml": _template("task.toml", exercise, file),
        "instruction.md": f"Complete the file `/app/{file}`.\n\n{instruction}".encode(),
        "environment/Dockerfile": _template("Dockerfile", exercise, file),
        "environment/requirements.txt": requirements_file(exercise),
        f"environment/{file}": starter.encode(),
        "tests/test.sh": _template("test.sh", exercise, file),
    }
    if solution.is_file():
        copied = f'#!/bin/sh\ncp "$(dirname "$0")/{file}" "${{HARBOR_APP:-/app}}/{file}"\n'
        files["solution/solve.sh"] = copied.encode()
        files[f"solution/{file}"] = solution.read_bytes()

    return files | grader_and_course("tests/", exercise)


def _template(name: str, exercise: Exercise, file: str) -> bytes:
    # A string of JSON is one of TOML too.
    title = json.dumps(exercise.spec.title)
    return file_with(f"harbor/{name}", EXERCISE=exercise.id, FILE=file, TITLE=title).encode()
