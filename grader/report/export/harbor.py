"""A task folder for Harbor (harborframework.com): an agent writes the submission of one exercise.

Harbor shows the agent ``instruction.md`` and the container. It uploads ``tests`` only when the
agent has ended, and ``solution`` only to try the task itself.
"""

import json
from importlib import resources
from pathlib import Path
from typing import Final

import grader
from grader.course.records import Exercise
from grader.report.export.autograder import requirements, tree
from grader.submission.files import submission_name

EXECUTABLE: Final = ("tests/test.sh", "solution/solve.sh")


def task_files(exercise: Exercise, instruction: str, starter: str) -> dict[str, bytes]:
    """The files of the task, path to content.

    ``instruction`` is the prompt, and ``starter`` the first content of the submission.
    """
    file = submission_name(exercise)
    lines = [f"{requirement}\n" for requirement in requirements(exercise)]
    # A quiz has no solution file: its key depends on the drawn numbers.
    solution = exercise.hidden / "solution.py"
    files = {
        "task.toml": _template("task.toml", exercise, file),
        "instruction.md": f"Complete the file `/app/{file}`.\n\n{instruction}".encode(),
        "environment/Dockerfile": _template("Dockerfile", exercise, file),
        "environment/requirements.txt": "".join(lines).encode(),
        f"environment/{file}": starter.encode(),
        "tests/test.sh": _template("test.sh", exercise, file),
    }
    if solution.is_file():
        copied = f'#!/bin/sh\ncp "$(dirname "$0")/{file}" "${{HARBOR_APP:-/app}}/{file}"\n'
        files["solution/solve.sh"] = copied.encode()
        files[f"solution/{file}"] = solution.read_bytes()

    files |= tree("tests/grader", Path(grader.__file__).parent)
    for folder in (exercise.public, exercise.hidden):
        inside = folder.relative_to(exercise.root).as_posix()
        files |= tree(f"tests/course/{inside}", folder)

    return files


def _template(name: str, exercise: Exercise, file: str) -> bytes:
    template = resources.files("grader.report") / "templates" / "harbor" / name
    text = template.read_text("utf-8")
    text = text.replace("@EXERCISE@", exercise.id)
    text = text.replace("@FILE@", file)
    # A string of JSON is one of TOML too.
    title = json.dumps(exercise.spec.title)
    return text.replace("@TITLE@", title).encode()
