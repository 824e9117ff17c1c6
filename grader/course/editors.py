"""What helps editors with the YAML files of a course: their JSON Schemas, and where these are."""

import os
from pathlib import Path
from typing import Any, Final

from grader.course import records
from grader.errors import UsageError, os_errors_as
from grader.files import write_file
from grader.text import indented_json

FOLDER: Final = "exercises/.schema"
"""Folder of a course that has the schemas. A name with a dot is no exercise."""


def schema_text(kind: Any) -> str:
    """The JSON Schema of the records ``kind``, as it is printed and written."""
    return indented_json(records.schema(kind))


def write_schemas(root: Path) -> list[Path]:
    """Write the schema of each YAML file into the course at ``root``; return the files.

    Raises ``UsageError`` if that fails.
    """
    paths = []
    for name, kind in records.FILES.items():
        path = root / FOLDER / f"{name}.json"
        write_course_file(path, schema_text(kind))
        paths.append(path)

    return paths


def write_course_file(path: Path, text: str) -> None:
    """Write a file of a course, and its folder if there is none.

    Raises ``UsageError`` if that fails.
    """
    with os_errors_as(UsageError, "cannot be written", path, "name your course with --course"):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, text.encode())


def first_line(file: str) -> str:
    """The line with which editors find the schema of a YAML file; ``file`` is its path.

    For ``solutions/shapes/wrong.yaml`` the schema is ``../../exercises/.schema/wrong.json``.
    """
    folder, name = os.path.split(file)
    schema = f"{FOLDER}/{Path(name).stem}.json"
    return f"# yaml-language-server: $schema={os.path.relpath(schema, folder)}\n"
