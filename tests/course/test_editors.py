"""The JSON Schemas of a course, as an editor uses them."""

import json

import jsonschema
import msgspec
import pytest
import yaml
from packaging.version import Version

from grader.course import editors, records
from grader.course.location import default_root
from tests.conftest import CODE, WRONG
from tests.grading import invoke_grade

SCHEMAS = {name: json.loads(editors.schema_text(kind)) for name, kind in records.FILES.items()}
VALIDATORS = {name: jsonschema.Draft202012Validator(each) for name, each in SCHEMAS.items()}
KEYS = [
    pytest.param(file, record, key, id=f"{record}.{key}")
    for file, schema in SCHEMAS.items()
    for record, definition in schema["$defs"].items()
    for key in definition["properties"]
]


@pytest.mark.parametrize(("file", "record", "key"), KEYS)
def test_every_key_is_described(file, record, key):
    """Each key has a description, and an example that its own schema accepts."""
    schema = SCHEMAS[file]
    described = schema["$defs"][record]["properties"][key]
    assert described["description"].endswith(".")
    assert described["examples"]
    validator = jsonschema.Draft202012Validator({"$defs": schema["$defs"], **described})
    for example in described["examples"]:
        validator.validate(example)


@pytest.mark.parametrize(
    ("file", "data", "path"),
    [
        ("exercise", CODE, None),
        ("exercise", {**CODE, "titel": "x"}, []),
        ("exercise", {**CODE, "rubric": [{"check": "value", "titel": "x"}]}, ["rubric", 0]),
        ("exercise", {**CODE, "limits": {"seconds": "4"}}, ["limits", "seconds"]),
        ("wrong", WRONG, None),
        ("wrong", {"weight": [{"misconception": "Not A Name"}]}, ["weight", 0]),
        ("equivalent", [{"was": "a", "becomes": "b"}], [0]),
        ("course", {"format": 1, "sections": [{"title": "A", "exercises": ["a"]}]}, None),
    ],
)
def test_an_error_is_at_its_key(file, data, path):
    """The schema accepts a right file, and has an error at the key that is wrong."""
    paths = [list(error.absolute_path) for error in VALIDATORS[file].iter_errors(data)]
    assert paths == [] if path is None else path in paths


@pytest.mark.parametrize(
    "root", [default_root(), default_root() / "examples" / "attention"], ids=lambda root: root.name
)
def test_files_of_a_course_lead_to_their_schema(root):
    """Each YAML file of a course begins with the path of its schema, which accepts the file."""
    for name, text in ((name, editors.schema_text(kind)) for name, kind in records.FILES.items()):
        lines = text.splitlines()
        written = (root / editors.FOLDER / f"{name}.json").read_text().splitlines()
        if Version(msgspec.__version__) < Version("0.22"):
            # It writes the alternatives of a type in another order.
            lines.sort()
            written.sort()
        assert written == lines, "grade schema --write"
    for side in ("exercises", "solutions"):
        for path in (root / side).rglob("*.yaml"):
            text = path.read_text()
            line = editors.first_line(path.relative_to(root).as_posix())
            assert text.startswith(line), path
            schema = path.parent / line.strip().partition("$schema=")[2]
            assert schema.resolve() == root / editors.FOLDER / f"{path.stem}.json"
            VALIDATORS[path.stem].validate(yaml.safe_load(text))


def test_new_files_lead_to_their_schema(tmp_path):
    """Each YAML file that `grade new` writes begins with the path of a schema that accepts it."""
    for kind in ("code", "quiz"):
        words = ("new", kind, f"my_{kind}", "--course", ".")
        assert invoke_grade(*words, folder=tmp_path).exit_code == 0
    files = list(tmp_path.glob("*/*/*.yaml"))
    assert len(files) == 3
    for file in files:
        first, _, _ = file.read_text().partition("\n")
        schema = file.parent / first.removeprefix("# yaml-language-server: $schema=")
        validator = jsonschema.Draft202012Validator(json.loads(schema.read_text()))
        validator.validate(yaml.safe_load(file.read_text()))
